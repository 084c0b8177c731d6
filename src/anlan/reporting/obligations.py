"""What the limits of an incident depend on, and the follow-ups that are owed until the final report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from anlan.incidents.models import Incident
from anlan.journal.models import Entry

#: The warning comes when this share of the time is left, at least five minutes before. Engineering choice.
WARN_SHARE, WARN_LEAST = 0.25, timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Facts:
    """Over an incident and all that were merged into it."""

    event_class: int
    event_type: str
    grade: int | None
    is_sensitive: bool
    kind: str
    known_at: datetime
    occurred_at: datetime | None
    unit_head_knew_at: datetime | None
    is_near_serious: bool = False
    #: When each grade was first judged; a limit that binds from a grade on cannot begin before.
    reached: dict[int, datetime] = field(default_factory=dict)

    def reached_at(self, mildest: int) -> datetime:
        """From when on it was known to be of this grade or worse."""
        found = [moment for grade, moment in self.reached.items() if grade <= mildest]
        return max(self.known_at, min(found)) if found else self.known_at


def facts_of(family: Sequence[Incident], *, at: datetime) -> Facts:
    """The earliest knowing of all merged ones counts; the first of the family is the main one."""
    main = family[0]
    heads = [one.unit_head_knew_at for one in family if one.unit_head_knew_at]
    starts = [one.occurred_at for one in family if one.occurred_at]
    return Facts(
        event_class=main.event_class,
        event_type=main.event_type,
        grade=main.grade,
        is_sensitive=any(one.is_sensitive for one in family),
        kind=main.kind,
        known_at=min(one.known_at for one in family),
        occurred_at=min(starts) if starts else None,
        unit_head_knew_at=min(heads) if heads else None,
        is_near_serious=_is_near_serious(main, at=at),
        reached=_reached(family),
    )


def _is_near_serious(main: Incident, *, at: datetime) -> bool:
    from anlan.incidents.grading import is_near_serious
    from anlan.incidents.queries import rolling_of

    return bool(is_near_serious(main, rolling_of(main), at=at))


def _reached(family: Sequence[Incident]) -> dict[int, datetime]:
    """Read from the journal, which keeps every grade with its time; what was erased there says nothing."""
    found: dict[int, datetime] = {}
    rows = Entry.objects.filter(
        subject_type="incident",
        subject_id__in=[str(one.pk) for one in family],
        kind__in=["incident.opened", "incident.graded", "incident.graded_by_hand"],
    )
    for payload, at in rows.values_list("payload", "at"):
        grade = json.loads(payload or "{}").get("set", {}).get("grade")
        if isinstance(grade, int):
            found[grade] = min(at, found.get(grade, at))
    return found


def warn_at(starts_at: datetime, due_at: datetime) -> datetime:
    """When the desk is told that the limit comes near; not before half of the time is over."""
    whole = due_at - starts_at
    return due_at - min(max(whole * WARN_SHARE, WARN_LEAST), whole / 2)
