"""Times of pages over HTTP: one reader after the other, then ten people on the busiest board at once."""

from __future__ import annotations

import random
import re
import threading
import time
from dataclasses import dataclass

import httpx

from anlan.project.drill.stage import DEMO_PASSWORD


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds."""

    p50: float
    p95: float
    worst: float


def times_of(values: list[float]) -> Times:
    ordered = sorted(values)
    last = len(ordered) - 1
    return Times(ordered[last // 2], ordered[int(last * 0.95)], ordered[-1])


def signed_in(base: str, username: str, *, password: str = DEMO_PASSWORD) -> httpx.Client:
    """A client with a session of the demo account."""
    client = httpx.Client(base_url=base, timeout=30, follow_redirects=True)
    page = client.get("/accounts/sign-in/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    form = {
        "username": username,
        "password": password,
        "csrfmiddlewaretoken": token.group(1) if token else "",
    }
    answer = client.post("/accounts/sign-in/", data=form, headers={"Referer": base})
    if 'name="password"' in answer.text:
        raise RuntimeError("the bench could not sign in")
    return client


def one_after_the_other(client: httpx.Client, path: str, *, count: int = 60) -> Times:
    """Times of `count` requests after three that warm up. Anything but 200 raises."""
    values = []
    for number in range(count + 3):
        began = time.perf_counter()
        answer = client.get(path)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} answered {answer.status_code}")
        if number >= 3:
            values.append((time.perf_counter() - began) * 1000)
    return times_of(values)


def ten_at_once(
    base: str,
    path: str,
    *,
    rounds: int = 20,
    username: str = "wang",
    password: str = DEMO_PASSWORD,
    pause_s: float = 0,
) -> Times:
    """Ten signed-in people read the same board again and again at the same time.

    Without a pause each asks as soon as it has its answer, which no person does; with one it looks about that long in between.
    """
    dice = random.Random(7)
    clients = [signed_in(base, username, password=password) for _ in range(10)]
    barrier = threading.Barrier(len(clients))
    values: list[float] = []
    lock = threading.Lock()
    never = threading.Event()

    def read(client: httpx.Client) -> None:
        barrier.wait()
        own = []
        for _ in range(rounds):
            if pause_s:
                never.wait(dice.uniform(0, 2 * pause_s))
            began = time.perf_counter()
            client.get(path).raise_for_status()
            own.append((time.perf_counter() - began) * 1000)
        with lock:
            values.extend(own)

    threads = [threading.Thread(target=read, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for client in clients:
        client.close()
    return times_of(values)
