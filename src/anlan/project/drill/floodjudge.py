"""What came of a flood day, from the stores alone. Run as `python -m anlan.project.drill.floodjudge` in the drill's folder."""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from anlan.drills import scoring
from anlan.drills.script import Expect
from anlan.project.drill import floodscript, judge
from anlan.project.drill.floodcounts import (
    activation,
    notices,
    orders,
    response,
    room,
    supplies,
    teams,
    warnings,
)
from anlan.project.drill.floodscript import Day

if TYPE_CHECKING:
    from anlan.response.models import Activation


def main() -> int:
    parser = argparse.ArgumentParser(prog="floodjudge")
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    os.environ["ANLAN_DATA"] = str(options.data)
    from anlan.project.cli import use_django

    use_django()
    print(json.dumps(judged(options.data), ensure_ascii=False))
    return 0


def judged(data: Path) -> dict[str, Any]:
    """`result` says what happened, without ids and wall times; `wrong` what should not be so; the rest is for people."""
    from anlan.journal.sealer import seal_everything
    from anlan.journal.verify import verify

    script = floodscript.day()
    seal_everything()
    checked = verify()
    row = activation(script)
    card = scorecard(script)
    result = {
        "warnings": warnings(),
        "callouts": callouts(),
        "response": response(row, script),
        "orders": orders(row, script),
        "notices": notices(row),
        "room": room(row),
        "teams": teams(row),
        "supplies": supplies(row),
        "scorecard": marks(card),
        "boards": boards(data),
        "leaders_page": leaders_page(row, data),
        "review": review(row),
    }
    return {
        "result": result,
        "digest": digest(result),
        "scorecard": msgspec.to_builtins(dataclasses.asdict(card)),
        "journal": {"entries": checked.entries, "ok": checked.ok, "problems": checked.problems[:20]},
        "failures": judge.failures(),
        "wrong": wrong(result, script, ok=checked.ok, failures=judge.failures()),
    }


def callouts() -> dict[str, int]:
    """Seats by how they ended. An answer and the update that makes it needless may come in one step of the clock: either may
    be first, so both count as settled.
    """
    found = judge.callouts()
    settled = found.pop("answered") + found.pop("resolved")
    return {**found, "settled": settled}


def digest(result: dict[str, Any]) -> str:
    """The same for the same result, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(result, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def scorecard(script: Day) -> scoring.Scorecard:
    """Every expected step against the journal. A step is asked for from the entry that gives it."""
    from anlan.drills.services.scoring import _set_by
    from anlan.journal import clocks
    from anlan.journal.models import Entry

    awaited = floodscript.awaited()
    kinds = {expect.entry for one in awaited for expect in one.expects} | {one.when.entry for one in awaited}
    rows = Entry.objects.filter(kind__in=kinds).order_by("at", "id")
    entries = [
        scoring.Happened(kind, at, _set_by(payload), f"{subject}:{key}")
        for kind, at, payload, subject, key in rows.values_list("kind", "at", "payload", "subject_type", "subject_id")
    ]  # fmt: skip
    return scoring.judge(
        given_by(awaited, entries), entries, ended_at=clocks.now(clocks.default_exercise_id())
    )


def given_by(awaited: list[floodscript.Awaited], entries: list[scoring.Happened]) -> list[scoring.Given]:
    """When each step was given: the first entry that fits it. One that nothing gave was given at the start and is missed."""
    first = entries[0].at if entries else None
    found = []
    for one in awaited:
        asked = Expect(one.key, one.title, one.when.entry, one.when.fields)
        entry = next((entry for entry in entries if scoring.fits(asked, entry)), None)
        found.append(
            scoring.Given(one.key, one.title, first if entry is None else entry.at, tuple(one.expects))
        )
    return found


def marks(card: scoring.Scorecard) -> dict[str, Any]:
    return {
        "score": card.score,
        "counts": {str(mark): count for mark, count in sorted(card.counts.items())},
        "steps": {f"{step.inject}.{step.key}": str(step.mark) for step in card.steps},
    }


def boards(data: Path) -> dict[str, Any]:
    """The boards saved live at random minutes against those rebuilt from the journal, field by field."""
    from anlan.incidents.models import Incident
    from anlan.kernel.clock import parse_instant
    from anlan.review.boards import boards_at

    path = data / "boards.jsonl"
    saved = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    differing = []
    for row in saved:
        at = parse_instant(row["at"])
        incident = Incident.objects.get(pk=row["incident"])
        rebuilt = json.loads(
            json.dumps(msgspec.to_builtins(boards_at(incident, at), enc_hook=str), default=str)
        )
        fields = [name for name in rebuilt if rebuilt[name] != row["boards"].get(name)]
        if fields:
            differing.append({"number": row["number"], "minute": row["at"][11:16], "fields": fields})
    return {"saved": len(saved), "differing": differing}


def leaders_page(row: Activation | None, data: Path) -> dict[str, Any]:
    """What the leader's page showed at some minutes against the boards that the journal gives for them."""
    from anlan.kernel.clock import parse_instant
    from anlan.review.boards import boards_at

    path = data / "player.json"
    told = json.loads(path.read_text())["read"] if path.exists() else []
    read = [one for one in told if one["what"] == "leader"]
    differing = []
    for one in read:
        assert row is not None
        found = boards_at(row.incident, parse_instant(one["at"]))
        states = Counter(team.state for team in found.teams)
        counted = {code: f"{figure.value:f}" for code, figure in found.figures.items()}
        counted |= {f"teams_{state}": str(count) for state, count in states.items()}
        counted["late"] = str(
            sum(order.is_late for order in found.orders)
            + sum(team.is_late for team in found.teams)
            + sum(request.is_late for request in found.requests)
        )
        for name, value in counted.items():
            shown = one["figures"].get(name, "0")
            if float(shown) != float(value):
                differing.append(f"minute {one['minute']}: {name} shown {shown}, stored {value}")
    return {"read": [[one["minute"], one["figures"]] for one in read], "differing": differing}


def review(row: Activation | None) -> dict[str, Any]:
    """The review of the day: what was found, what was learnt."""
    from anlan.review.models import Review

    made = None if row is None else Review.objects.filter(incident=row.incident).order_by("made_at").first()
    if made is None:
        return {}
    return {
        "state": made.state,
        "findings": sorted([one.kind, one.code] for one in made.findings.filter(dropped_at=None)),
        "lessons": [one.words for one in made.lessons.order_by("due_on", "words")],
        "has_summary": bool(made.summary),
    }


def wrong(result: dict[str, Any], script: Day, *, ok: bool, failures: list[str]) -> list[str]:
    """What should not be so; empty when the day went as it should."""
    found, two = result["orders"], script.level_two
    levels = [one["to"] for one in result["response"]["changes"]]
    steps = result["scorecard"]["steps"]
    missed = [name for name, mark in steps.items() if mark in ("missed", "wrong")]
    complaints = {
        "no warning came out of the rules": not result["warnings"]["issued_by_level"],
        "warnings are still in force": result["warnings"]["still_in_force"],
        "nobody was called": not result["callouts"]["seats"],
        "the levels did not go Ⅳ, Ⅲ, Ⅱ, Ⅲ, Ⅳ, end": levels != [4, 3, 2, 3, 4, None] and levels,
        "the response was not proposed by the rules": result["response"].get("proposed_by") != "system:response",
        "a proposal waits for a decision": [one for one in result["response"].get("others", []) if one[1] == "proposed"],
        "orders of level Ⅱ": found["total"] != two.orders and found["total"],
        "departments": found["departments"] != two.departments and found["departments"],
        "townships": found["townships"] != two.townships and found["townships"],
        "orders went elsewhere": found["elsewhere"],
        "orders that nobody acknowledged": found["unacknowledged"],
        "units that never answered": found["silent"],
        "orders are still open": sum(found["by_state"].get(one, 0) for one in ("waiting", "issued", "acknowledged", "started")),
        "nothing was late": not found["chased"],
        "notices were not sent": len(result["notices"]["notices"]) != 6 or any(one["state"] != "sent" for one in result["notices"]["notices"]),
        "two scenes": len(result["room"].get("scenes", [])) != 2,
        "teams sent": result["teams"]["sent"] != len(script.teams) and result["teams"]["sent"],
        "teams that did not come back": result["teams"]["sent"] - result["teams"]["back"],
        "no team was chased for its check-in": not result["teams"]["missed_check_ins"],
        "supplies did not arrive": [one["number"] for one in result["supplies"] if one["state"] != "received"],
        "expected steps were missed": missed,
        "boards were not saved": not result["boards"]["saved"],
        "the rebuilt boards differ from those saved": result["boards"]["differing"],
        "the leader's page differs from the stores": result["leaders_page"]["differing"],
        "no review with findings and a lesson": not (result["review"].get("findings") and result["review"].get("lessons")) or result["review"]["state"] != "final",
        "the journal does not hold": not ok,
        "work failed": failures,
    }  # fmt: skip
    return [
        f"{name} ({json.dumps(value, ensure_ascii=False)})" for name, value in complaints.items() if value
    ]


if __name__ == "__main__":
    raise SystemExit(main())
