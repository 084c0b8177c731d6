"""`anlan bench command`: from the decision to the first message, and the incident room with a long night behind it and ten people in it.

Real processes on a folder of their own; the gateway counts what it is handed. The same work is timed inside one process beside
it, and the platform's smallest page in the same run, so that a busy machine can be told from a slow page.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from anlan.project.benching import pages
from anlan.project.benching.callhouse import Gateway, House, wait_until
from anlan.project.benching.province import DESK_PASSWORD, read_logs

TASKS, DEPARTMENTS, ENTRIES = 200, 30, 2_000
_VILLAGES = 139
#: Decisions that are timed over the server; one more is timed in process, and one warms up.
_DECISIONS = 4
_FILL = [sys.executable, "-m", "anlan.project.benching.fillcommand"]


def run(*, tasks: int = TASKS, departments: int = DEPARTMENTS, entries: int = ENTRIES) -> dict[str, Any]:
    """Build, fill, measure, and leave nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="anlan-bench-command-"))
    house = None
    try:
        house = House(folder, villages=_VILLAGES, gateways=[Gateway("way-0", folder)])
        made = _fill(
            house, "plan", "--tasks", str(tasks), "--departments", str(departments),
            "--incidents", str(_DECISIONS + 3),
        )  # fmt: skip
        plan, incidents = made["plan"], made["incidents"]
        room, inside, *others = incidents
        filled = _fill(house, "room", "--incident", room, "--plan", plan, "--entries", str(entries))
        decided = _fill(house, "activate", "--incident", inside, "--plan", plan)
        rendered = _fill(house, "pages", "--incident", room)
        house.start()
        found = {"departments": departments, **filled, "decided_in_process": decided, "in_process": rendered}
        return {**found, **_over_the_server(house, room, plan, others, decided["messages"])}
    finally:
        if house is not None:
            house.close()
        shutil.rmtree(folder, ignore_errors=True)


def _fill(house: House, *words: str) -> dict[str, Any]:
    done = subprocess.run([*_FILL, *words], env=house.environment, capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode()[-2_000:])
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _over_the_server(house: House, room: str, plan: str, others: list[str], messages: int) -> dict[str, Any]:
    base = f"http://127.0.0.1:{house.web}"
    client = pages.signed_in(base, "desk", password=DESK_PASSWORD)
    wait_until(lambda: house.handed() >= 2 * messages, 60)  # those of the filling go out first
    decide(house, client, plan, others[0], messages)
    decisions = [decide(house, client, plan, one, messages) for one in others[1:]]
    path = f"/incidents/{room}/room/"
    found: dict[str, Any] = {
        "decisions": decisions,
        "first_message_s": sorted(one["first_s"] for one in decisions)[len(decisions) // 2],
        "pages": {
            name: _ms(pages.one_after_the_other(client, address))
            for name, address in (("room", path), ("timeline", f"{path}timeline/"), ("smallest", "/find/"))
        },
    }
    for name, address in (("room", path), ("smallest", "/find/")):
        found[f"ten at once, {name}"] = _ms(_ten(base, address))
    found["ten people, each a page a second, room"] = _ms(_ten(base, path, pause_s=1.0))
    found["ten at once, room, somebody writing"] = _ms(_while_writing(client, base, path))
    client.close()
    return found


def decide(house: House, client: httpx.Client, plan: str, incident: str, messages: int) -> dict[str, float]:
    """Somebody opens level Ⅱ on the page: until the page answers, until the first message is out, until all are."""
    path = f"/incidents/{incident}/response/?plan={plan}"
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get(path).text)
    if token is None:
        raise RuntimeError("the page of the decision has no form")
    before = house.handed()
    typed = {
        "csrfmiddlewaretoken": token[1], "plan": plan, "verb": "open", "level": "2", "why": "雨还在下",
        "has_read_faults": "1",
    }  # fmt: skip
    began, clock = time.time(), time.perf_counter()
    answer = client.post(path, data=typed, headers={"Referer": str(client.base_url)}, follow_redirects=False)
    answered = time.perf_counter() - clock
    if answer.status_code != 302:
        raise RuntimeError(f"the level was not opened: {answer.status_code}")
    wait_until(lambda: house.handed() >= before + messages, 60)
    rows = read_logs([str(one.log) for one in house.gateways])[before:]
    walls = sorted(row["wall"] for row in rows)
    if len(walls) < messages:
        raise RuntimeError(f"of {messages} messages {len(walls)} left")
    return {
        "answered_s": round(answered, 3),
        "first_s": round(walls[0] - began, 3),
        "last_s": round(walls[-1] - began, 3),
    }


def _ten(base: str, path: str, pause_s: float = 0) -> pages.Times:
    return pages.ten_at_once(base, path, username="desk", password=DESK_PASSWORD, pause_s=pause_s)


def _while_writing(client: httpx.Client, base: str, path: str) -> pages.Times:
    """Ten in the room while an eleventh notes a decision about twice a second, so that every part of the page is made anew."""
    is_over = threading.Event()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get(f"{path}?tab=decisions").text)
    assert token is not None  # whoever commands has forms

    def write_on() -> None:
        while not is_over.wait(0.5):
            typed = {
                "csrfmiddlewaretoken": token[1], "verb": "make_decision", "words": f"测量 {uuid.uuid4()}", "why": "测量",
                "tab": "decisions",
            }  # fmt: skip
            answer = client.post(f"{path}act/", data=typed, headers={"Referer": base}, follow_redirects=False)
            if answer.status_code != 302:
                raise RuntimeError(f"the decision was not noted: {answer.status_code}")

    return _beside(write_on, is_over, lambda: _ten(base, path))


def _beside(
    work: Callable[[], None], is_over: threading.Event, measure: Callable[[], pages.Times]
) -> pages.Times:
    """What `measure` finds while `work` goes on; an error of the work fails the measurement."""
    failed: list[Exception] = []

    def go_on() -> None:
        try:
            work()
        except Exception as error:
            failed.append(error)

    writer = threading.Thread(target=go_on)
    writer.start()
    try:
        found = measure()
    finally:
        is_over.set()
        writer.join()
    if failed:
        raise failed[0]
    return found


def _ms(times: pages.Times) -> dict[str, float]:
    return {"p50_ms": round(times.p50, 1), "p95_ms": round(times.p95, 1), "worst_ms": round(times.worst, 1)}
