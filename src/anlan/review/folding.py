"""The past of an incident, rebuilt from the journal: every row as it stood at any moment.

1. Entries of the incident's rows are read once and folded forward: each entry gives the whole row as it stood after it.
2. A question for a moment looks up, row by row, the last state that is not later. Nothing is computed twice.

Entries of one row count in the order of their version, as `journal.verify` folds them; a row never goes back in time, so an
entry that was written with an earlier time than the one before it counts from that one on. Moments are those of the run's clock.
"""

from __future__ import annotations

import threading
import uuid
from bisect import bisect_right
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson

from anlan.command.trail import Subjects, subjects_of
from anlan.incidents.models import Incident
from anlan.journal import clocks
from anlan.journal.models import Entry

Fields = dict[str, Any]
#: What `at` gives: by type as the journal names it, by id as text, the journaled fields in the form of the journal.
State = dict[str, dict[str, Fields]]

#: Ids of one statement; SQLite takes more, PostgreSQL any number.
CHUNK = 500
#: Incidents whose past is kept in this process. One with 20,000 entries takes some tens of megabytes.
MOST_KEPT = 4
#: What lies this far behind the reading no longer changes, so it is not read again when the journal moves on.
SETTLED = timedelta(minutes=2)


class Step(NamedTuple):
    """One entry that set fields of a row."""

    type: str
    id: str
    at: datetime
    fields: Fields


@dataclass(slots=True)
class _Row:
    """The states of one row and since when each holds, oldest first."""

    since: list[datetime]
    states: list[Fields]


class Fold:
    """The past of many rows. Made once, then asked for as many moments as one likes; it never changes."""

    def __init__(self, steps: Iterable[Step], *, read_at: datetime | None = None) -> None:
        self.read_at = read_at
        self.entries = 0
        self._rows: dict[str, dict[str, _Row]] = defaultdict(dict)
        by_row: dict[tuple[str, str], list[Step]] = defaultdict(list)
        for step in steps:
            self.entries += 1
            by_row[step.type, step.id].append(step)
        for (kind, key), found in by_row.items():
            self._rows[kind][key] = _folded(found)

    def at(self, moment: datetime) -> State:
        """Every row that existed then. What is returned is shared: read it, never write to it."""
        state: State = {}
        for kind, rows in self._rows.items():
            found = {
                key: row.states[number - 1]
                for key, row in rows.items()
                if (number := bisect_right(row.since, moment))
            }
            if found:
                state[kind] = found
        return state

    def moments(self) -> list[datetime]:
        """When something changed, ascending, each once: the marks of a slider."""
        return sorted(
            {moment for rows in self._rows.values() for row in rows.values() for moment in row.since}
        )

    def history(self, kind: str, key: str) -> Sequence[tuple[datetime, Fields]]:
        """One row through its life: since when, and how it stood."""
        row = self._rows.get(kind, {}).get(key)
        return [] if row is None else list(zip(row.since, row.states, strict=True))


def _folded(steps: list[Step]) -> _Row:
    steps.sort(key=lambda step: int(step.fields.get("version", 0)))
    row = _Row([], [])
    fields: Fields = {}
    last: datetime | None = None
    for step in steps:
        fields = {**fields, **step.fields}
        last = step.at if last is None or step.at > last else last
        row.since.append(last)
        row.states.append(fields)
    return row


def read_steps(subjects: Mapping[str, Iterable[str]]) -> Iterator[Step]:
    """Entries that set fields of these rows, in no order. Erased ones say nothing."""
    for kind, keys in subjects.items():
        listed = sorted(keys)
        for start in range(0, len(listed), CHUNK):
            rows = Entry.objects.filter(subject_type=kind, subject_id__in=listed[start : start + CHUNK])
            for key, at, payload in rows.values_list("subject_id", "at", "payload").iterator(5_000):
                fields = orjson.loads(payload).get("set") if payload else None
                if fields:
                    yield Step(kind, key, at, fields)


def fold_of(incident: Incident, *, subjects: Subjects | None = None) -> Fold:
    """Read and fold everything that belongs to an incident; cold, whatever is kept."""
    read_at = clocks.now(incident.exercise_id)
    found = subjects if subjects is not None else subjects_of(incident)
    return Fold(read_steps(found), read_at=read_at)


_kept: OrderedDict[uuid.UUID, tuple[str, Fold]] = OrderedDict()
_lock = threading.Lock()


def past_of(incident: Incident, moment: datetime) -> Fold:
    """The fold of an incident that is good for `moment`: kept in this process until the journal moves on.

    For a moment well before the last reading it is kept even then, since the past does not change.
    """
    mark = _mark()
    with _lock:
        known = _kept.get(incident.pk)
        if known is not None:
            _kept.move_to_end(incident.pk)
    if known is not None and (known[0] == mark or _is_settled(known[1], moment)):
        return known[1]
    fold = fold_of(incident)
    with _lock:
        _kept[incident.pk] = (mark, fold)
        _kept.move_to_end(incident.pk)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return fold


def state_at(incident: Incident, moment: datetime) -> State:
    """Every row of the incident as it stood at a moment of its run."""
    return past_of(incident, moment).at(moment)


def forget() -> None:
    """Drop what is kept, for tests that use the same ids again."""
    with _lock:
        _kept.clear()


def _is_settled(fold: Fold, moment: datetime) -> bool:
    return fold.read_at is not None and moment <= fold.read_at - SETTLED


def _mark() -> str:
    """Differs once anything was written. Ids of entries begin with their time, so the newest is found by the index of the key."""
    newest = Entry.objects.order_by("-id").values_list("id", flat=True).first()
    return f"{newest}:{Entry.objects.filter(seq__isnull=True).count()}"
