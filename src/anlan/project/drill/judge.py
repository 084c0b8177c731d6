"""What came of a drill, from the stores themselves. Run as `python -m anlan.project.drill.judge` in the drill's folder.

The platform is compared with the oracle, which knows only the script; with the simulator's own count of what it sent; and
with the phone gateway's own count of what it was handed.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

from anlan.kernel.clock import parse_instant
from anlan.project.drill import faults

#: Pause between two looks while a drill settles, seconds.
LOOK_S = 0.7


def main() -> int:
    parser = argparse.ArgumentParser(prog="judge")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument(
        "--settle", type=float, metavar="SECONDS", help="wait until nothing is under way, at most so long"
    )
    options = parser.parse_args()
    os.environ["ANLAN_DATA"] = str(options.data)
    from anlan.project.cli import use_django

    use_django()
    found = judged(options.data) if options.settle is None else settled(options.settle)
    print(json.dumps(found, ensure_ascii=False))
    return 0


def settled(limit_s: float) -> dict[str, int]:
    """Look again and again until nothing is under way twice in a row, or the time is over. Returns what still is."""
    limit = time.monotonic() + limit_s
    was_quiet = False
    while True:
        waits = under_way()
        is_quiet = not any(waits.values())
        if (is_quiet and was_quiet) or time.monotonic() > limit:
            return waits
        was_quiet = is_quiet
        time.sleep(LOOK_S)


def under_way() -> dict[str, int]:
    """Drafts nobody signed yet, seats that still wait on their ladder, deliveries not handed over, reactions not run."""
    from anlan.dissemination.models import CalloutSeat, Delivery
    from anlan.journal.models import Announcement
    from anlan.warning.models import HazardWarning

    return {
        "drafts": HazardWarning.objects.filter(state="draft").count(),
        "seats": CalloutSeat.objects.filter(callout__state="open", state="waiting").count(),
        "deliveries": Delivery.objects.filter(state__in=["queued", "handing"]).count(),
        "reactions": Announcement.objects.filter(done_at=None).count(),
    }


def judged(data: Path) -> dict[str, Any]:
    """The parts of the drill's report that the stores can tell."""
    from anlan.journal.sealer import seal_everything
    from anlan.journal.verify import verify

    world = json.loads((data / "sim.json").read_text())
    oracle = json.loads((data / "oracle.json").read_text())
    seal_everything()
    checked = verify()
    return {
        "readings": readings(data, world, oracle),
        "callouts": callouts(),
        "messages": messages(world),
        "latency": latency(),
        "oracle": compare(oracle),
        "faults": faults.judged(data, oracle),
        "escalations": escalations(data),
        "journal": {"entries": checked.entries, "ok": checked.ok, "problems": checked.problems[:20]},
        "failures": failures(),
    }


def readings(data: Path, world: dict[str, Any], oracle: dict[str, Any]) -> dict[str, int]:
    """`lost`: distinct readings that were sent and are not stored; `duplicated`: rows beyond the distinct ones sent."""
    from anlan.sensing.hot.reading import open_reader

    stored = open_reader(data).counts()["readings"]
    sent = world["readings"]["sent_distinct"]
    return {
        "sent": sent,
        "stored": stored,
        "duplicated": max(0, stored - sent),
        "lost": max(0, sent - stored),
        "sent_with_repeats": world["readings"]["sent_total"],
        "scripted": oracle["readings"]["distinct"],
    }


def callouts() -> dict[str, int]:
    """Every seat by how it ended; `unanswered` are those that nobody has: no answer, no reason, no named person."""
    from anlan.dissemination.models import Callout, CalloutSeat

    states: Counter[str] = Counter()
    escalated = silent = 0
    for state, named in CalloutSeat.objects.values_list("state", "escalated_to_name"):
        states[state] += 1
        if state in {"unanswered", "lost_contact"}:
            escalated += bool(named)
            silent += not named
        elif state == "waiting":
            silent += 1
    return {
        "callouts": Callout.objects.count(),
        "seats": sum(states.values()),
        "answered": states["answered"] + states["acting"] + states["done"],
        "resolved": states["resolved"] + states["released"],
        "escalated": escalated,
        "unanswered": silent,
    }


def messages(world: dict[str, Any]) -> dict[str, int]:
    """The platform's deliveries against what the phone gateway was handed.

    `missing`: we say handed and the gateway never saw it. `repeated`: seen more than once. `unmarked`: seen more than once
    and not shown as possibly twice. `uncertain`: an attempt was cut off and the provider could not tell.
    """
    from anlan.dissemination.models import Delivery

    seen: dict[str, int] = world["phones"]["by_client_ref"]
    handed = Delivery.objects.exclude(handed_at=None).filter(channel__in=["sms", "voice"])
    missing = unmarked = uncertain = 0
    rows = handed.values_list("send_key", "bundled_in__send_key", "may_be_repeated", "is_uncertain")
    for own, together, marked, is_uncertain in rows:
        count = seen.get(together or own, 0)  # what was said in another message left under that one's key
        missing += count == 0
        uncertain += is_uncertain or marked
        unmarked += count > 1 and not marked
    return {
        "handed": sum(seen.values()),
        "distinct": len(seen),
        "repeated": sum(count > 1 for count in seen.values()),
        "unmarked": unmarked,
        "uncertain": uncertain,
        "missing": missing,
        "events_undelivered": world["phones"]["events_undelivered"],
    }


def latency() -> dict[str, float | int | None]:
    """Wall time from the arrival of the frame to the first message that a provider took, pre-authorised call-outs only."""
    from anlan.dissemination.models import Delivery
    from anlan.warning.models import HazardWarning

    waits = []
    issued = (
        HazardWarning.objects.exclude(pre_authorisation=None)
        .exclude(callout_id=None)
        .select_related("crossing")
    )
    for warning in issued:
        if warning.crossing is None or warning.callout_id is None or not warning.crossing.received_wall:
            continue
        walls = Delivery.objects.filter(callout_id=warning.callout_id).exclude(handed_wall=None)
        first = walls.order_by("handed_wall").values_list("handed_wall", flat=True).first()
        if first is not None:
            waits.append((first - warning.crossing.received_wall) * 1000)
    waits.sort()
    return {
        "reading_to_handed_p50_ms": _quantile(waits, 0.50),
        "reading_to_handed_p99_ms": _quantile(waits, 0.99),
        "measured": len(waits),
    }


def _quantile(values: list[float], share: float) -> float | None:
    return round(values[min(len(values) - 1, int(share * len(values)))], 1) if values else None


def escalations(data: Path) -> dict[str, float | int]:
    """How late steps of ladders were, wall seconds, counted from the deadline or from the worker's restart after a kill.

    The journal tells both: which deadline a seat had, and when it moved on.
    """
    from anlan.journal.clocks import default_exercise_id
    from anlan.journal.models import Entry, ExerciseRun
    from anlan.project.runtime import starts

    run = ExerciseRun.objects.get(pk=str(default_exercise_id()))
    ready = starts(data)
    due: dict[str, str | None] = {}
    waits: list[float] = []
    entries = Entry.objects.filter(subject_type="callout_seat").order_by("seq")
    for key, kind, actor, at, payload in entries.values_list("subject_id", "kind", "actor", "at", "payload"):
        fields = json.loads(payload)["set"]
        former = due.get(key)
        if (
            former is not None
            and actor.startswith("system")
            and ("rung" in fields or kind.endswith(".unanswered"))
        ):
            deadline = parse_instant(former)
            if at >= deadline:
                wall = run.wall_start.timestamp() + (at - run.clock_start).total_seconds() / run.speed
                wanted = run.wall_start.timestamp() + (deadline - run.clock_start).total_seconds() / run.speed
                restarts = [moment for moment in ready if wanted <= moment <= wall]
                waits.append(wall - max([wanted, *restarts]))
        if "escalate_at" in fields:
            due[key] = fields["escalate_at"]
    return {"steps": len(waits), "late_max_s": round(max(waits, default=0.0), 3), "worker_starts": len(ready)}


def compare(oracle: dict[str, Any]) -> dict[str, Any]:
    """Upward crossings against the oracle's. An expected one may be met once; what is left over is false."""
    missed, false = faults.missed_and_false(oracle)
    total = len(oracle["crossings"])
    return {
        "expected": total,
        "met": total - len(missed),
        "missed": len(missed),
        "false": len(false),
        "missed_which": [
            f"{one['binding']} level {one['level']} from {one['not_before']}" for one in missed[:20]
        ],
        "false_which": [
            f"{one.binding} level {one.level} at {one.phenomenon_time.isoformat()}" for one in false[:20]
        ],
    }


def failures() -> list[str]:
    from anlan.journal.models import WorkFailure

    return [f"{row.name}: {row.error} ({row.count}×)" for row in WorkFailure.objects.all()[:20]]


if __name__ == "__main__":
    raise SystemExit(main())
