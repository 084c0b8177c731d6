"""What came of a night at the desk, from the store and from what the outside world says it sent.

Run as `python -m anlan.project.drill.nightjudge` in the drill's folder.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anlan.project.drill import judge

if TYPE_CHECKING:
    from anlan.intake.models import Intake
    from anlan.reporting.models import ReportClock


def main() -> int:
    parser = argparse.ArgumentParser(prog="nightjudge")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--settle", type=float, metavar="SECONDS")
    options = parser.parse_args()
    os.environ["ANLAN_DATA"] = str(options.data)
    from anlan.project.cli import use_django

    use_django()
    found = judged(options.data) if options.settle is None else judge.settled(options.settle)
    print(json.dumps(found, ensure_ascii=False))
    return 0


def judged(data: Path) -> dict[str, Any]:
    from anlan.journal.sealer import seal_everything
    from anlan.journal.verify import verify

    sent = json.loads((data / "night.json").read_text())
    seal_everything()
    checked = verify()
    return {
        "calls": calls(sent),
        "incidents": incidents(),
        "merges": merges(),
        "clocks": clocks_of(),
        "marks": marks(),
        "handovers": handovers(),
        "journal": {"entries": checked.entries, "ok": checked.ok, "problems": checked.problems[:20]},
        "failures": judge.failures(),
    }


def calls(sent: dict[str, Any]) -> dict[str, Any]:
    """Each call of the script against the messages that are kept. One is known by its sender's name for it, its ring or its key."""
    from anlan.intake.models import OPEN, Intake, RingEvent

    rows = list(Intake.objects.select_related("incident", "duplicate_of"))
    rings = dict(RingEvent.objects.exclude(intake=None).values_list("call_id", "intake_id"))
    by_name: dict[str, list[Intake]] = {}
    for row in rows:
        by_name.setdefault((row.reference or "").rpartition(":")[2].removeprefix("night-"), []).append(row)
    by_key = {row.pk: row for row in rows}
    taken: dict[str, list[Intake]] = {}
    for call in sent["calls"]:
        name = call["id"]
        found = by_name.get(name, [])
        if call["source"] == "phone":
            found = [by_key[rings[name]]] if name in rings else []
        taken[name] = found
    first: dict[str, Intake] = {}
    linked = wrongly = repeats = 0
    for call in sent["calls"]:
        if not taken[call["id"]]:
            continue
        row = taken[call["id"]][0]
        main = first.setdefault(call["event"], row)
        if main is not row:
            repeats += 1
            linked += _same(row, main)
        elif row.duplicate_of_id is not None:
            wrongly += 1
    return {
        "sent": sent["sent"],
        "kept": len(rows),
        "lost": sum(not found for found in taken.values()),
        "twice": sum(len(found) > 1 for found in taken.values()),
        "repeats": repeats,
        "linked": linked,
        "linked_wrongly": wrongly,
        "open": sum(row.state in OPEN and row.duplicate_of_id is None for row in rows),
        "by_source": dict(Counter(row.source for row in rows)),
        "by_state": dict(Counter(row.state for row in rows)),
    }


def _same(row: Intake, main: Intake) -> bool:
    """Linked as a repeat, or belonging to the same incident (also by a merge of two)."""
    if row.duplicate_of_id is not None:
        return row.duplicate_of_id in (main.pk, main.duplicate_of_id) or (
            row.incident_id is not None and row.incident_id == main.incident_id
        )
    if row.incident is None or main.incident is None:
        return False
    return _top(row) == _top(main)


def _top(row: Intake) -> object:
    incident = row.incident
    assert incident is not None
    return incident.merged_into_id or incident.pk


def incidents() -> list[dict[str, Any]]:
    """Each incident that stands on its own, with every grade that it had, in order."""
    from anlan.incidents.models import Incident
    from anlan.incidents.queries import rolling_of

    found = []
    for row in Incident.objects.exclude(state="merged").order_by("number"):
        found.append(
            {
                "number": row.number,
                "title": row.title,
                "class": row.event_class,
                "state": row.state,
                "grade": row.grade,
                "grades": grades(str(row.pk)),
                "figures": {code: f"{one.value:f}" for code, one in rolling_of(row).items()},
            }
        )
    return found


def grades(incident: str) -> list[int]:
    """The grades in the order in which they were given, from the journal."""
    from anlan.journal.models import Entry

    given: list[int] = []
    rows = Entry.objects.filter(subject_type="incident", subject_id=incident).order_by("id")
    for payload in rows.values_list("payload", flat=True):
        grade = json.loads(payload).get("set", {}).get("grade")
        if grade is not None and (not given or given[-1] != grade):
            given.append(grade)
    return given


def merges() -> list[dict[str, Any]]:
    from anlan.incidents.models import MergeLink

    return [
        {
            "merged": link.incident.number,
            "into": link.main.number,
            "reason": link.reason,
            "undone": link.undone_at is not None,
        }
        for link in MergeLink.objects.select_related("incident", "main").order_by("made_at")
    ]


def clocks_of() -> list[dict[str, Any]]:
    from anlan.reporting.models import ReportClock

    rows = ReportClock.objects.filter(is_ours=True).exclude(state="closed").select_related("incident")
    return [
        {
            "incident": row.incident.number if row.incident is not None else "",
            "code": row.code,
            "label": row.label_zh,
            "state": row.state,
            "starts": row.starts_at.isoformat(),
            "due": row.due_at.isoformat(),
            "met": row.met_at.isoformat() if row.met_at is not None else None,
            "late": row.is_late,
        }
        for row in rows.order_by("incident__number", "due_at", "pk")
    ]


def marks() -> dict[str, Any]:
    """迟报 as it stands, and every clock whose mark does not follow from its times."""
    from anlan.journal import clocks
    from anlan.reporting.models import ReportClock

    rows = list(ReportClock.objects.exclude(state="closed"))
    now = clocks.now(clocks.default_exercise_id())
    wrong = [f"{row.code} {row.pk}" for row in rows if row.is_late != _is_late(row, now)]
    late = [row for row in rows if row.is_late and row.is_ours]
    return {"late": len(late), "which": [row.label_zh for row in late], "wrong": wrong, "clocks": len(rows)}


def _is_late(row: ReportClock, now: Any) -> bool:
    """From the times alone. An open one that passed its limit after the platform stopped is not its fault."""
    if row.met_at is not None:
        return row.met_at > row.due_at
    return row.is_late if row.due_at <= now else False


def handovers() -> list[dict[str, Any]]:
    """Sheets that two people signed, with the number of open items on them and of those that were forgotten."""
    from anlan.duty.models import Handover
    from anlan.incidents.models import Incident

    found = []
    for sheet in Handover.objects.filter(state="taken").order_by("serial"):
        keys = {item.get("key", "") for item in sheet.items}
        before = Incident.objects.filter(known_at__lt=sheet.given_at).exclude(
            state__in=["merged", "not_true"]
        )
        open_then = [row for row in before if row.closed_at is None or row.closed_at > sheet.given_at]
        found.append(
            {
                "items": len(sheet.items),
                "missing": sum(f"incident:{row.pk}" not in keys for row in open_then),
                "two_people": sheet.given_by_id != sheet.taken_by_id,
            }
        )
    return found


if __name__ == "__main__":
    raise SystemExit(main())
