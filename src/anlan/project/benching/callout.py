"""`anlan bench callout`: call-outs of a county and of a province, through real processes to gateways that count.

Parts: `county` (139 villages queued), `province` (50,000 queued while messages leave), `answers` (10,000 a minute with the board
live), `survival` (SIGKILL of every process in turn, the clock stepped by five minutes both ways; also how late steps are) and
`targeting` (300,000 contacts in a polygon).
"""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from anlan.project.benching import pages
from anlan.project.benching.callhouse import Gateway, House, People, wait_until
from anlan.project.benching.province import DESK_PASSWORD, read_logs

PARTS = ("county", "province", "answers", "survival", "targeting")
#: Steps of the clock in the survival part, seconds.
STEP_S = 300.0
SEATS = "dissemination_calloutseat"


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="anlan-callout-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _house(villages: int, *, gateways: int = 1, database: str = "", **ways: float) -> Iterator[House]:
    with _folder() as folder:
        made = [Gateway(f"way-{n}", folder, **ways) for n in range(gateways)]  # type: ignore[arg-type]  # delay, loss
        house = House(folder, villages=villages, gateways=made, database=database)
        try:
            yield house
        finally:
            house.close()


def county(database: str = "") -> dict[str, Any]:
    """139 villages on three numbers each: the opening transaction, the way out of all messages, and how late steps of ladders
    are when nobody answers and nothing is killed."""
    with _house(139, database=database) as house:
        times = sorted(float(house.run("call", "--villages", "139")["open_s"]) for _ in range(3))
        house.start()
        began = time.time()
        wait_until(lambda: house.handed() >= 139 * 3, 60)
        drained_s = time.time() - began
        house.run("call", "--villages", "139", "--wait-s", "3")
        wait_until(lambda: _counts(house, database, "state = 'unanswered'", SEATS) >= 139, 60)
        late = house.run("lateness")
        return {"queue_s": times[1], "handed": house.handed(), "drained_s": drained_s, "lateness": late}


def province(villages: int, database: str = "") -> dict[str, Any]:
    """All seats and messages stored, the first message out, and a red call-out that comes while the queue is full."""
    with _house(villages, database=database) as house:
        house.start()
        time.sleep(2)
        opened = house.run("call", "--villages", str(villages), "--level", "4")
        wanted = villages * 3
        red: dict[str, Any] = {}

        def call_red() -> None:
            wait_until(lambda: house.handed() > 100, 30)
            time.sleep(1.0)
            red.update(house.run("call", "--villages", "1", "--first", str(villages - 1), "--level", "1"))

        caller = threading.Thread(target=call_red)
        caller.start()
        wait_until(lambda: _queued(house, database) >= wanted, 180)
        queued_s = time.time() - opened["wall"]
        caller.join()
        rows = read_logs([str(one.log) for one in house.gateways])
        wait_until(lambda: _red_wall(house, red) is not None, 10)
        red_wall = _red_wall(house, red)
        before = house.handed()
        time.sleep(5)
        return {
            "villages": villages,
            "open_s": opened["open_s"],
            "queued": _queued(house, database),
            "queued_s": queued_s,
            "first_s": min((row["wall"] for row in rows), default=float("inf")) - opened["wall"],
            "red_s": None if red_wall is None else red_wall - red["wall"],
            "handed_while_queueing": before,
            "handed_per_s_afterwards": (house.handed() - before) / 5,
        }


def _queued(house: House, database: str) -> int:
    sql = "SELECT count(*) FROM dissemination_delivery"
    if database:
        import psycopg

        with psycopg.connect(database) as link:
            return int((link.execute(sql).fetchone() or (0,))[0])
    with contextlib.closing(sqlite3.connect(house.data / "anlan.db", timeout=20)) as link:
        return int(link.execute(sql).fetchone()[0])


def _red_wall(house: House, red: dict[str, Any]) -> float | None:
    """When the first message to the red village left after the red call-out was opened."""
    if not red:
        return None
    number = "100%d%07d"
    rows = read_logs([str(one.log) for one in house.gateways])
    last = max((int(row["to"][4:]) for row in rows if int(row["to"][4:]) < 6_000_000), default=0)
    mine = {number % (line, last) for line in (0, 1)}
    walls = [row["wall"] for row in rows if row["to"] in mine and row["wall"] >= red["wall"]]
    return min(walls, default=None)


def answers(per_minute: int, seconds: int, database: str = "") -> dict[str, Any]:
    """Answers at a steady rate while somebody reads the board again and again; each event's way in is timed by its request."""
    villages = min(2_000, max(100, per_minute * seconds // 60 // 2))
    with _house(villages, database=database) as house:
        house.start()
        opened = house.run("call", "--villages", str(villages), "--level", "2")
        wait_until(lambda: house.handed() >= villages * 3, 120)
        refs = read_logs([str(one.log) for one in house.gateways])
        stopping, boards = threading.Event(), []
        base = f"http://127.0.0.1:{house.web}"
        reader = pages.signed_in(base, "desk", password=DESK_PASSWORD)

        def read() -> None:
            while not stopping.is_set():
                began = time.perf_counter()
                reader.get(f"/callouts/{opened['callout']}/board/").raise_for_status()
                boards.append((time.perf_counter() - began) * 1000)

        thread = threading.Thread(target=read)
        thread.start()
        took, sent, began = _post(house, refs, per_minute, seconds)
        elapsed = time.perf_counter() - began
        stopping.set()
        thread.join()
        board, posts = pages.times_of(boards), pages.times_of(took)
        return {
            "answers": sent,
            "per_minute": sent / elapsed * 60,
            "post_p95_ms": posts.p95,
            "board_p95_ms": board.p95,
            "boards": len(boards),
        }


def _post(
    house: House, refs: list[dict[str, Any]], per_minute: int, seconds: int
) -> tuple[list[float], int, float]:
    """Ten answers a request, at the asked rate or as fast as they are taken."""
    url = f"http://127.0.0.1:{house.web}/api/phone/v1/events"
    headers = {"Authorization": f"Bearer {house.callback_token}"}
    took: list[float] = []
    sent, began = 0, time.perf_counter()
    with httpx.Client(headers=headers, timeout=30, trust_env=False) as client:
        while time.perf_counter() - began < seconds:
            batch = [_event(refs[(sent + n) % len(refs)], sent + n) for n in range(10)]
            start = time.perf_counter()
            client.post(url, json={"events": batch}).raise_for_status()
            took.append((time.perf_counter() - start) * 1000)
            sent += len(batch)
            ahead = sent / (per_minute / 60) - (time.perf_counter() - began)
            if ahead > 0:
                time.sleep(ahead)
    return took, sent, began


def _event(message: dict[str, Any], number: int) -> dict[str, Any]:
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return {
        "event_id": f"bench-{number}", "type": "keypress", "client_ref": message["ref"],
        "key": "123"[number % 3], "from": message["to"], "at": at,
    }  # fmt: skip


def survival(
    villages: int, *, wait_s: int = 6, database: str = "", say: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Every process killed in turn under a running call-out, one gateway dead half-way, the clock stepped both ways.

    20 % never answer on the first channel, 5 % on none. At the end the call-out is lifted.
    """
    with _house(villages, gateways=2, database=database, delay_ms=20.0, lose_every=97) as house:
        one, other = house.gateways
        people = People(house)
        house.start()
        people.start()
        opened = house.run("call", "--villages", str(villages), "--wait-s", str(wait_s))
        acts: list[tuple[str, Callable[[], None]]] = [
            ("worker", lambda: house.kill("worker")),
            ("first gateway", one.kill),
            ("clock +5 min", lambda: house.step_clock(STEP_S)),
            ("web", lambda: house.kill("web")),
            ("worker again", lambda: house.kill("worker")),
            ("first gateway is back", one.start),
            ("clock back", lambda: house.step_clock(0.0)),
            ("second gateway", other.kill),
            ("station gateway", lambda: house.kill("gateway")),
            ("second gateway is back", other.start),
            ("clock -5 min", lambda: house.step_clock(-STEP_S - 10)),
            ("parent", lambda: house.kill("serve")),
            ("clock true again", lambda: house.step_clock(0.0)),
        ]
        for what, act in acts:
            time.sleep(0.7)
            say(what)
            act()
        settled = wait_until(lambda: _is_settled(house, database), wait_s * 6 + 60)
        say("settled" if settled else "not settled")
        house.run("lift", "--callout", opened["callout"])
        wait_until(lambda: not _counts(house, database, "state IN ('queued','handing')"), 90)
        people.finish()
        logs = [str(gateway.log) for gateway in house.gateways]
        found = house.run("judge", "--logs", *logs)
        return {**found, "settled": settled, "lateness": house.run("lateness")}


def _is_settled(house: House, database: str) -> bool:
    """Nothing is under way and no seat waits on its ladder."""
    if _counts(house, database, "state IN ('queued','handing')"):
        return False
    return not _counts(house, database, "state = 'waiting'", SEATS)


def _counts(house: House, database: str, where: str, table: str = "dissemination_delivery") -> int:
    sql = f"SELECT count(*) FROM {table} WHERE {where}"  # noqa: S608 - words of this module
    if database:
        import psycopg

        with psycopg.connect(database) as link:
            return int((link.execute(sql).fetchone() or (0,))[0])
    with contextlib.closing(sqlite3.connect(house.data / "anlan.db", timeout=20)) as link:
        return int(link.execute(sql).fetchone()[0])


def is_correct(found: dict[str, Any]) -> bool:
    """What the issue asks of survival: nothing missing, nothing repeated unmarked, no silence without an owner."""
    lists = (
        "missing",
        "repeated_unmarked",
        "rung_though_cancelled",
        "all_clear_missing",
        "all_clear_to_others",
    )
    zeros = ("strangers", "silent_without_an_owner", "closed_silently")
    return (
        bool(found["settled"])
        and not any(found[name] for name in lists)
        and not any(found[name] for name in zeros)
        and not found["journal_problems"]
    )


def targeting() -> dict[str, Any]:
    """300,000 contacts and a polygon of 400 corners, a fresh outline each time; `ms` is the median of the warm ones."""
    from anlan.project.cli import use_django

    use_django()
    from anlan.warning.targeting import bench_targeting

    found = bench_targeting()
    return {**found, "ms": found["warm_ms"]}


def run(only: str, *, is_quick: bool, database: str) -> dict[str, Any]:
    """The asked parts, by name."""
    found: dict[str, Any] = {}
    size = 2_000 if is_quick else 50_000
    parts: dict[str, Callable[[], Any]] = {
        "county": lambda: county(database),
        "province": lambda: province(size, database),
        "answers": lambda: answers(10_000, 6 if is_quick else 60, database),
        "survival": lambda: survival(40 if is_quick else 139, database=database),
        "targeting": targeting,
    }
    for name, part in parts.items():
        if only in ("", name):
            found[name] = part()
    return found


def main_json(found: dict[str, Any]) -> str:
    return json.dumps(found, ensure_ascii=False)
