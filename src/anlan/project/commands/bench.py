"""`anlan bench`: the budgets of the design, measured on this machine with the limit and a peer beside each."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx

from anlan.project.benching import callout, command, desk, intake, pages, replay
from anlan.project.cli import use_django
from anlan.project.commands.drill import CLOCK_START
from anlan.project.drill import cast

HISTORY_READINGS = 200_000
PARTS = ("ingest", "scale", "pages", "history", "callout", "desk", "command", "replay")
#: The clock of the bench almost stands still: pages are measured while nothing escalates.
BENCH_SPEED = 0.001


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `measured` and `limit` share `unit`; `ok` is None where no limit was set."""

    what: str
    measured: float
    unit: str
    limit: float | None
    beside: str
    higher_is_better: bool = False

    @property
    def ok(self) -> bool | None:
        if self.limit is None:
            return None
        return self.measured >= self.limit if self.higher_is_better else self.measured <= self.limit


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="anlan bench", description="Measure the budgets beside their limits."
    )
    parser.add_argument("part", nargs="?", choices=PARTS, help="one part of it alone")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--only", choices=(*PARTS, *callout.PARTS), help="the same; or one part of callout")
    parser.add_argument("--quick", action="store_true", help="callout: a small county and a few seconds")
    parser.add_argument(
        "--preload", type=int, default=5_000_000, help="readings present before ingest is measured"
    )
    parser.add_argument("--callouts", type=int, default=2_000)
    parser.add_argument("--incidents", type=int, default=20_000, help="desk: incidents of the past")
    parser.add_argument("--entries", type=int, default=200_000, help="desk: entries of the journal")
    parser.add_argument("--stations", type=int, default=5_000, help="stations of the history")
    parser.add_argument("--days", type=int, default=70, help="days of the history")
    options = parser.parse_args(arguments)
    if options.part == "callout" or options.only in callout.PARTS:
        only = options.only if options.only in callout.PARTS else ""
        return _callout_only(only, is_quick=options.quick, as_json=options.json)
    options.only = options.part or options.only
    if options.only == "desk":
        return _desk_only(options.incidents, options.entries, as_json=options.json)
    if options.only == "callout":
        return _callout_only("", is_quick=options.quick, as_json=options.json)
    if options.only in ("command", "replay"):
        return _command_only(options.only, as_json=options.json)
    if options.only == "ingest" and options.json:
        print(json.dumps(intake.ingest(options.preload, 2_000_000, _database()), ensure_ascii=False))
        return 0
    if options.only == "scale":
        return _scale_only(as_json=options.json)
    if options.only == "history":
        return _history_only(options.stations, options.days, as_json=options.json)
    rows: list[Row] = []
    if options.only != "ingest":
        rows += list(measure_pages(options.callouts))
    if options.only != "pages":
        rows += list(measure_ingest(options.preload))
    if options.json:
        print(json.dumps([{**asdict(row), "ok": row.ok} for row in rows], ensure_ascii=False))
    else:
        print(table(rows))
    return 0


def _callout_only(only: str, *, is_quick: bool, as_json: bool) -> int:
    """Call-outs to gateways that count; asked for by name, since it runs the platform for some minutes."""
    found = callout.run(only, is_quick=is_quick, database=_database())
    rows = list(callout_rows(found))
    if as_json:
        document = {**found, "rows": [{**asdict(row), "ok": row.ok} for row in rows]}
        print(json.dumps(document, ensure_ascii=False))
    else:
        print(table(rows))
    return 0


def callout_rows(found: dict[str, Any]) -> Iterable[Row]:
    """The budgets of design §9 and of the issue, as far as the parts were measured."""
    nobody = "nobody publishes one"
    if one := found.get("county"):
        yield Row("queue 139 villages × 3 contacts", round(one["queue_s"], 3), "s", 1.0, nobody)
        steps = f"{one['lateness']['steps']} steps; {nobody}"
        yield Row("escalation lateness, p99", one["lateness"]["p99_s"] or 0.0, "s", 1.0, steps)
    if one := found.get("province"):
        what = f"{one['villages']:,} villages × 3"
        yield Row(f"{what} queued", round(one["queued_s"], 2), "s", 60.0, nobody)
        yield Row(f"{what}, first message out", round(one["first_s"], 3), "s", 1.0, nobody)
        yield Row("a red one behind that queue", round(one["red_s"] or 1e9, 3), "s", 1.0, nobody)
        rate = round(one["handed_per_s_afterwards"], 1)
        yield Row("handed a second", rate, "msgs/s", None, "one worker", higher_is_better=True)
    if one := found.get("answers"):
        rate = round(one["per_minute"])
        yield Row("answers taken, board live", rate, "per min", 9_900, nobody, higher_is_better=True)
        yield Row("board meanwhile, p95", round(one["board_p95_ms"], 1), "ms", None, "TicketsCAD 128 ms")
    if one := found.get("survival"):
        wrong = 0 if callout.is_correct(one) else 1
        beside = (
            f"{one['handed']} handed, {one['repeated']} twice, {one['shown_as_uncertain']} shown as uncertain"
        )
        yield Row("wrong after SIGKILL in turn and clock steps", wrong, "", 0.0, beside)
        yield Row(
            "escalation lateness through kills and steps, p99",
            one["lateness"]["p99_s"] or 0.0,
            "s",
            None,
            "kills included",
        )
    if one := found.get("targeting"):
        yield Row("300,000 contacts in a polygon, warm", one["ms"], "ms", 30.0, "PostGIS 50 ms")


def _desk_only(incidents: int, entries: int, *, as_json: bool) -> int:
    """Pages of the duty desk with years behind them; asked for by name, since filling takes a minute."""
    found = desk.run(incidents=incidents, entries=entries)
    rows = list(desk_rows(found))
    if as_json:
        document = {**found, "rows": [{**asdict(row), "ok": row.ok} for row in rows]}
        print(json.dumps(document, ensure_ascii=False))
    else:
        print(table(rows))
    return 0


def desk_rows(found: dict[str, Any]) -> Iterable[Row]:
    """The budgets of design §9, with the peers' figures beside."""
    behind = f"{found['incidents']:,} incidents, {found['entries']:,} entries"
    for name, times in found["pages"].items():
        yield Row(
            f"page {name}, p95",
            times["p95_ms"],
            "ms",
            15.0,
            f"TicketsCAD 14 · Eden 259 ms · p50 {times['p50_ms']:g}",
        )
    times = found["create"]
    beside = f"TicketsCAD 70 · Eden 221 ms · p50 {times['p50_ms']:g} · {behind}"
    yield Row("create an incident, p95", times["p95_ms"], "ms", 40.0, beside)
    for name in [name for name in found if name.startswith("ten at once")]:
        times = found[name]
        yield Row(
            f"{name}, p95",
            times["p95_ms"],
            "ms",
            80.0,
            f"TicketsCAD 128 · Eden 2,378 ms · p50 {times['p50_ms']:g}",
        )


def _command_only(only: str, *, as_json: bool) -> int:
    """Opening a response, the incident room and its replay; asked for by name, since it builds a county and two long nights."""
    found = command.run() if only == "command" else {}
    found["replay"] = replay.measure_replay()
    rows = list(command_rows(found))
    if as_json:
        document = {**found, "rows": [{**asdict(row), "ok": row.ok} for row in rows]}
        print(json.dumps(document, ensure_ascii=False))
    else:
        print(table(rows))
    return 0


def command_rows(found: dict[str, Any]) -> Iterable[Row]:
    """The budgets of the issue; what the same costs inside one process, and against the smallest page, stands beside."""
    if "decisions" in found:
        yield from _decision_rows(found)
        yield from _room_rows(found)
    if one := found.get("replay"):
        beside = f"{one['folded']:,} entries folded, p50 {one['cold']['p50_ms']:g} ms"
        yield Row("any minute of an incident rebuilt, p95", one["cold"]["p95_ms"], "ms", 300.0, beside)
        beside = f"its past in memory, p50 {one['warm']['p50_ms']:g} ms"
        yield Row("the next minute, p95", one["warm"]["p95_ms"], "ms", None, beside)


def _decision_rows(found: dict[str, Any]) -> Iterable[Row]:
    inside, decisions = found["decided_in_process"], found["decisions"]
    what = f"{inside['orders']} orders to {found['departments']} departments"
    beside = f"page answers after {decisions[0]['answered_s']:g} s · nobody publishes one"
    yield Row(f"{what}, first message out", found["first_message_s"], "s", 1.0, beside)
    yield Row(f"{what}, all messages out", max(one["last_s"] for one in decisions), "s", None, "worst")
    beside = f"processor {inside['cpu_s']:g} s, {inside['statements']} statements"
    yield Row("the same decision inside one process", inside["wall_s"], "s", None, beside)


def _room_rows(found: dict[str, Any]) -> Iterable[Row]:
    lines, least = f"{found['entries']:,} lines", found["in_process"]["smallest"]["shared"]["cpu_ms"]
    names = (
        "ten people, each a page a second, room",
        "ten at once, room",
        "ten at once, room, somebody writing",
    )
    for name in names:
        times = found[name]
        smallest = found["pages"]["smallest"] if "a second" in name else found["ten at once, smallest"]
        ratio = times["p95_ms"] / smallest["p95_ms"]
        beside = f"{lines}, p50 {times['p50_ms']:g}, {ratio:.1f} × the smallest page"
        yield Row(f"{name}, p95", times["p95_ms"], "ms", 80.0, beside)
    for name, times in found["pages"].items():
        yield Row(f"one reader, {name}, p95", times["p95_ms"], "ms", None, f"p50 {times['p50_ms']:g}")
    for name, page in found["in_process"].items():
        for way in ("fresh", "shared"):
            one = page[way]
            beside = f"{one['statements']} statements, {one['cpu_ms'] / least:.1f} × the smallest page"
            yield Row(f"{name}, {way}, processor time in process", one["cpu_ms"], "ms", None, beside)


def _history_only(stations: int, days: int, *, as_json: bool) -> int:
    """Asked for by name only: it builds 100 million readings and takes some minutes."""
    use_django()
    from anlan.sensing.history import bench

    found = bench.run(stations, days)
    rows = list(history_rows(found))
    if as_json:
        print(
            json.dumps({**found, "rows": [{**asdict(row), "ok": row.ok} for row in rows]}, ensure_ascii=False)
        )
    else:
        print(table(rows))
    return 0


def history_rows(found: dict[str, Any]) -> Iterable[Row]:
    """The budgets of the issue, warm, p50 and p95, without and with intake beside."""
    budgets = {
        "station_day": ("one station-day", 20.0),
        "fortnight_hourly": ("14 days hourly", 30.0),
        "maxima_14_days": (f"daily maxima of {found['stations']:,} stations, 14 days", 1000.0),
        "maxima_all_days": (f"daily maxima of {found['stations']:,} stations, all days", 1000.0),
    }
    for state, words in (("quiet", ""), ("with_intake", ", intake running")):
        for name, (what, limit) in budgets.items():
            beside = f"{found['readings']:,} readings, {found['size_mb']} MB · first {found[state][name]['first_ms']:g} ms"
            yield Row(f"{what}{words}, p50", found[state][name]["p50_ms"], "ms", limit, beside)
            yield Row(f"{what}{words}, p95", found[state][name]["p95_ms"], "ms", limit, "")
        yield Row(f"memory of the reader{words}, highest", found[state]["reader_mb"] or 0, "MB", 250.0, "")


def measure_pages(callouts: int) -> Iterable[Row]:
    """Pages, queueing, start and memory on a staged county in a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="anlan-bench-"))
    stage = cast.Set(data=folder, seed=7, speed=BENCH_SPEED, clock_start=CLOCK_START, wall_start=time.time())
    platform = None
    try:
        made = cast.build_stage(stage, scenario="bench", pre_authorise=False)
        filled = _fill(stage, callouts)
        yield Row("queue 139 villages × 3 contacts", filled["queue_s"], "s", 1.0, "nobody publishes one")
        began = time.perf_counter()
        platform = cast.start_platform(stage)
        base = f"http://127.0.0.1:{stage.web}"
        httpx.get(f"{base}/accounts/sign-in/", timeout=20).raise_for_status()
        yield Row("first page after start", time.perf_counter() - began, "s", 2.0, "Eden 5 s")
        _history(stage, made["ingest_token"])
        yield from _pages(base, filled["board"])
        time.sleep(3)
        yield Row("memory of all processes, idle (PSS)", _pss_mb(platform.pid), "MB", 200.0, "Eden 233 MB")
    finally:
        cast.stop(platform)
        shutil.rmtree(folder, ignore_errors=True)


def _fill(stage: cast.Set, callouts: int) -> dict[str, Any]:
    command = [
        sys.executable,
        "-m",
        "anlan.project.benching.fill",
        "--data",
        str(stage.data),
        "--callouts",
        str(callouts),
    ]
    done = subprocess.run(command, env=stage.environment(), check=True, stdout=subprocess.PIPE)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _history(stage: cast.Set, token: str) -> None:
    """200,000 observations of the day before, through the HTTP ingest."""
    stations = json.loads((stage.data / "catalogue.json").read_text())["stations"]
    codes = [station["code"] for station in stations]
    start = CLOCK_START.timestamp() - 24 * 3600
    per_station = HISTORY_READINGS // len(codes)
    step = max(1, int(24 * 3600 / per_station))
    from datetime import UTC, datetime

    with httpx.Client(base_url=f"http://127.0.0.1:{stage.http}", timeout=60) as client:
        for number, code in enumerate(codes):
            times = (
                datetime.fromtimestamp(start + step * slot, UTC).isoformat() for slot in range(per_station)
            )
            rows = [{"station": code, "quantity": "battery_v", "time": at, "value": 12.1} for at in times]
            body = {"batch_id": f"bench-{number}", "readings": rows}
            client.post(
                "/v1/readings", json=body, headers={"Authorization": f"Bearer {token}"}
            ).raise_for_status()


def _pages(base: str, board: str) -> Iterable[Row]:
    client = pages.signed_in(base, "wang")
    paths = {
        "today": "/",
        "call-outs (2,000)": "/callouts/",
        "stations": "/stations/",
        "warnings": "/warnings/",
        "journal": "/journal/",
        "form: draft": "/warnings/new/",
        "station": f"/stations/at/{_first_station(client)}/",
    }
    for name, path in paths.items():
        times = pages.one_after_the_other(client, path)
        yield Row(f"page {name}, p50", round(times.p50, 1), "ms", None, "")
        yield Row(f"page {name}, p95", round(times.p95, 1), "ms", 15.0, "TicketsCAD 14 ms · Eden 259 ms")
    times = pages.ten_at_once(base, f"/callouts/{board}/board/")
    yield Row("board of 139 seats, ten people at once, p50", round(times.p50, 1), "ms", None, "")
    yield Row(
        "board of 139 seats, ten people at once, p95",
        round(times.p95, 1),
        "ms",
        80.0,
        "TicketsCAD 128 · Eden 2,378 ms",
    )


def _first_station(client: httpx.Client) -> str:
    import re

    found = re.search(r'href="/stations/at/([^"/]+)/"', client.get("/stations/").text)
    if found is None:
        raise RuntimeError("the stations page lists no station")
    return found.group(1)


def _pss_mb(parent: int) -> float:
    """Proportional set size of a process and everything below it, MB."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    total, waiting = 0, [parent]
    while waiting:
        pid = waiting.pop()
        waiting += children.get(pid, [])
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return round(total / 1024, 1)


def _database() -> str:
    """The server that measurements may use for schemas of their own, "" for none."""
    return os.environ.get("ANLAN_BENCH_POSTGRES", "")


def _scale_only(*, as_json: bool) -> int:
    database = _database()
    if not database:
        print("Name a PostgreSQL server in ANLAN_BENCH_POSTGRES.", file=sys.stderr)
        return 2
    found = intake.scale(2_000_000, database)
    rows = [
        Row(
            f"{row['gateways']} gateways on PostgreSQL",
            row["readings_per_s"],
            "readings/s",
            None,
            f"fsync p50 {row['fsync_p50_ms']:.2f} ms, commit p50 {row['commit_p50_ms']:.0f} ms",
        )
        for row in found
    ]
    print(json.dumps(found) if as_json else table(rows))
    return 0


def measure_ingest(preload: int) -> Iterable[Row]:
    """Readings a second, durable, deduplicated, flagged and evaluated, and frames over TCP; the bare store beside them."""
    found = intake.ingest(preload, 2_000_000, _database())
    for store in ("sqlite", "postgresql"):
        one = found[store]
        if "readings_per_s" not in one:
            continue
        yield Row(
            f"ingest on {store}, {one['streams']:,} streams, {one['rows_before']:,} rows present",
            one["readings_per_s"],
            "readings/s",
            200_000,
            f"bare store {one['ceiling_per_s']:,}/s · fsync p50 {one['fsync_p50_ms']:.2f} ms"
            " · ThingsBoard's docs 5–10 thousand",
            higher_is_better=True,
        )
        yield Row(f"gateway's restart with all of that ({store})", one["restart_s"], "s", None, "")
    for run in found["tcp"]["runs"]:
        yield Row(
            f"SL 651 over {run['connections']} connections, {run['gateways']} gateway(s), {run['store']}",
            run["frames_per_s"],
            "frames/s",
            15_000,
            "sender on the same cores",
            higher_is_better=True,
        )


def table(rows: Iterable[Row]) -> str:
    words = {True: "ok", False: "MISSED", None: ""}
    lines = [f"{'what':<52} {'measured':>12} {'limit':>10}  {'':<7} beside it"]
    for row in rows:
        limit = "" if row.limit is None else f"{row.limit:g}"
        lines.append(
            f"{row.what:<52} {row.measured:>9g} {row.unit:<9} {limit:>6}  {words[row.ok]:<7} {row.beside}"
        )
    lines.append(f"machine: {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    return "\n".join(lines)
