"""`anlan drill flood-day`: a storm over real sockets, warnings out of rules, the county's plan from Ⅳ to Ⅱ and back, and a review.

The clock of the day is held: it moves only when the player steps it, and a step ends when nothing is under way any more in the
outside world and in the platform. Who was late is therefore decided by the script and the seed alone, never by the machine;
the part `result` of the report has a digest that is the same in every run with the same seed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

from anlan.project.drill import cast
from anlan.project.drill.floodclock import HeldClock, Ledger
from anlan.project.drill.floodroom import County
from anlan.project.drill.floodscript import Day, chance, day
from anlan.project.drill.floodunits import Account, Phone, Teams, Units, links_in
from anlan.project.drill.phases import Phases

#: What a drill that must fail leaves out; the judge names what is missed then.
SABOTAGE = ("township", "lowering", "teams", "notices")


def play(data: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Stage, play the day step by step, judge."""
    phases, script = Phases(), day()
    stage = cast.Set(
        data=data,
        seed=options.seed,
        speed=1.0,
        clock_start=script.clock_start,
        wall_start=time.time() + 24 * 3600,
    )
    made = cast.build_stage(stage, scenario="flood-day", pre_authorise=True, plans=True)
    phases.end("build")
    platform = cast.start_platform(stage)
    world = None
    try:
        with HeldClock(stage, script.clock_start) as clock:
            phases.end("start")
            world = _start_world(stage, made, script, clock)
            clock.wait_for_world()
            clock.step(0)
            phases.end("history")
            with County(clock, script) as county:
                player = Player(stage, script, clock, county, options, made["doors"])
                player.play()
                phases.lengths |= player.lengths
                phases.end("end")
                if not options.headless:
                    _stay(stage)
    finally:
        cast.stop(world)
        cast.stop(platform)
    judged = player.judged()
    phases.end("judge")
    return {
        "exercise": made["exercise"],
        "seed": options.seed,
        "without": options.without,
        **judged,
        "player": player.said(),
        "looked": player.looked,
        "phases_s": phases.lengths,
    }


class Player:
    """The day as the script tells it: one step of the clock after the other, and after each what everybody does then."""

    def __init__(
        self,
        stage: cast.Set,
        script: Day,
        clock: HeldClock,
        county: County,
        options: argparse.Namespace,
        doors: dict[str, str],
    ) -> None:
        self.stage, self.script, self.clock, self.county = stage, script, clock, county
        self.seed, self.without = options.seed, set(options.without)
        county.sends_notices = "notices" not in self.without
        self.end_min = min(self.script.end_min, options.until_min or self.script.end_min)
        self.ledger = Ledger(stage.data / "phones.jsonl")
        townships = _townships(stage.data)
        silent = chance(self.seed, "silent").sample(townships, script.units.silent_townships)
        others = [name for name in townships if name not in silent]
        mute = chance(self.seed, "mute").choice(others) if "township" in self.without else ""
        self.phone = Phone(county.base)
        accounts = {place: Account(county.enter(name)) for place, name in doors.items()}
        self.units = Units(
            clock, self.phone, script, seed=self.seed, silent=silent, mute=mute, accounts=accounts
        )
        self.teams = Teams(clock, self.phone, script, seed=self.seed)
        self.lengths: dict[str, float] = {}
        self.steps = 0
        self.look_min: int | None = options.look_min
        #: What the judge says in the minute `look_min`: the same as of a day that ends there.
        self.looked: dict[str, Any] = {}

    def play(self) -> None:
        started = time.monotonic()
        for minute in self._minutes_of_boards():
            self.clock.at(minute, self.clock.save_boards)
        while self.clock.minute < self.end_min:
            self.clock.step(self.clock.next_minute(self._stride()))
            self.steps += 1
            self._hear()
            if self.clock.minute <= self.script.settled_from_min:
                self._watch()
            for work in self.clock.due():
                work()
            self.clock.settle()
            self._hear()
            if self.look_min is not None and self.clock.minute >= self.look_min and not self.looked:
                found = self.judged()
                self.looked = {
                    "minute": self.clock.minute,
                    **{name: found[name] for name in ("result", "digest")},
                }
            if self.clock.minute >= self.script.storm_min and "storm" not in self.lengths:
                self.lengths["storm"] = round(time.monotonic() - started, 1)
        self.lengths["day"] = round(time.monotonic() - started, 1)
        self.phone.close()

    def judged(self) -> dict[str, Any]:
        """What the judge says now, from the stores and what the player read."""
        (self.stage.data / "player.json").write_text(json.dumps(self.said(), ensure_ascii=False))
        return _ask(self.stage)

    def _stride(self) -> int:
        short, long = self.script.stride_min
        return short if self.clock.minute < self.script.settled_from_min else long

    def _minutes_of_boards(self) -> list[int]:
        draw = chance(self.seed, "boards")
        even = range(16, self.script.end_min - 4, 2)
        return sorted(draw.sample(even, self.script.boards_saved))

    def _hear(self) -> None:
        """Everybody reads what came on the phone; a link says who it is for."""
        for row in self.ledger.fresh():
            for kind, token in links_in(row["text"]):
                (self.units if kind == "o" else self.teams).hear(token, row["text"])

    def _watch(self) -> None:
        """While the storm goes on: drafts are signed, proposals are decided."""
        self.county.attempt("to read the warnings", self.county.sign_warnings)
        before = self.county.level_two_at
        self.county.attempt("to read the responses", self.county.look_for_proposals)
        if before is None and self.county.level_two_at is not None:
            self._plan_day()

    def _plan_day(self) -> None:
        """What follows once the second level is open; minutes of the script count from there."""
        clock, county, script = self.clock, self.county, self.script
        clock.after(script.room_after_min, county.open_room)
        clock.after(
            script.room_after_min + 2, lambda: county.attempt("the other plans", county.decline_others)
        )
        clock.after(script.room_after_min + 2, county.report_upward)
        if "teams" not in self.without:
            clock.after(script.teams_after_min, county.send_teams)
            clock.after(script.teams_after_min + 2, county.send_gone_team)
        clock.after(script.teams_after_min + 4, county.ask_supplies)
        for minutes in script.leader_reads_min:
            clock.at(minutes, lambda: county.attempt("the leader's page", county.read_leaders_page))
        clock.at(script.situation_min, lambda: county.attempt("the situation report", county.make_situation))
        clock.at(script.lift_min, lambda: county.attempt("to lift the warnings", county.lift_warnings))
        if "lowering" not in self.without:
            clock.at(script.scenes_closed_min, county.close_scenes)
            for one in script.lowering:
                clock.at(
                    one.at_min, partial(county.attempt, "to lower the level", partial(county.lower, one))
                )
            clock.at(script.close_min, lambda: county.attempt("to close the incident", county.close_incident))
        clock.at(script.review_min, lambda: county.attempt("the review", county.review))

    def said(self) -> dict[str, Any]:
        """What the player itself can tell; nothing of it counts for the judge but what was refused and read."""
        return {
            "minutes": self.clock.minute,
            "steps": self.steps,
            "presses": self.phone.presses,
            "refused": self.county.tally.refused,
            "read": self.county.tally.read,
            "stuck": [*self.county.tally.stuck, *self.units.stuck, *self.teams.stuck],
            "unsettled": self.clock.unsettled,
        }


def _townships(data: Path) -> list[str]:
    """Names of the county's townships, from the file that the county was built of."""
    lines = (data / "world" / "divisions.csv").read_text(encoding="utf-8").splitlines()
    rows = [re.split(r"[,\t]", line) for line in lines]
    return [row[1] for row in rows if len(row) > 3 and row[3] == "township"]


def _start_world(
    stage: cast.Set, made: dict[str, Any], script: Day, clock: HeldClock
) -> subprocess.Popen[bytes]:
    extra = ["--follow", str(clock.follow), "--ledger", str(stage.data / "phones.jsonl")]
    return cast.start_storm(
        stage, ingest_token=made["ingest_token"], duration_min=script.storm_min, stay=True, extra=extra
    )


def _stay(stage: cast.Set) -> None:
    """Everything can be read as it stood at the end; the clock stands."""
    print(f"The day is over; its pages stay up on http://127.0.0.1:{stage.web}; Ctrl+C ends it.")
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            time.sleep(1)


def _ask(stage: cast.Set, *more: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "anlan.project.drill.floodjudge", "--data", str(stage.data), *more]
    done = subprocess.run(
        command, env={**os.environ, **stage.environment()}, check=True, stdout=subprocess.PIPE
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def reasons(report: dict[str, Any]) -> list[str]:
    """Why the drill failed; empty when it passed."""
    player = report["player"]
    wrong = {
        "somebody was not refused": [
            one["what"] for one in player["refused"] if one["status"] not in (403, 409)
        ],
        "nobody was refused": not player["refused"],
        "somebody got stuck": len(player["stuck"]),
        "a step of the clock never came to rest": len(player["unsettled"]),
    }
    return [*report["wrong"], *(f"{name} ({value})" for name, value in wrong.items() if value)]


def summary(report: dict[str, Any]) -> str:
    parts = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in report["result"].items()]
    parts.append(f"phases: {json.dumps(report['phases_s'])} s")
    verdict = "FAILED: " + "; ".join(report["failed"]) if report["failed"] else "passed"
    return "\n".join([*parts, f"{verdict} in {report['wall_s']} s"])
