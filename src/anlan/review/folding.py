"""The past of an incident, rebuilt from the journal: every row as it stood at any moment.

1. Entries of the incident's rows are read once and kept by row; the rows of a kind are folded when the kind is first asked for: each
   entry gives the whole row as it stood after it.
2. A question for a moment looks up, row by row, the last state that is not later. Nothing is computed twice.
3. When the journal has moved on, only what came since is read (`keeping`).

Entries of one row count in the order of their version, as `journal.verify` folds them; a row never goes back in time, so an
entry that was written with an earlier time than the one before it counts from that one on. Moments are those of the run's clock.
"""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

import orjson

from anlan.command.trail import Subjects, subjects_of
from anlan.incidents.models import Incident
from anlan.journal import clocks
from anlan.review.reading import Read, read, undisturbed

Fields = dict[str, Any]
#: What `at` gives: by type as the journal names it, by id as text, the journaled fields in the form of the journal.
State = dict[str, dict[str, Fields]]
#: Ids of one statement of the models.
CHUNK = 500
#: Rows of one kind from which on the search for rings costs more than it is worth. Engineering choice.
MANY = 200


class Step(NamedTuple):
    """One entry that set fields of a row."""

    type: str
    id: str
    at: datetime
    fields: Fields


class Line(NamedTuple):
    """One entry, for a timeline: when, its id as the database gives it, the row, and the path of the place that may read it."""

    at: datetime
    id: Any
    type: str
    subject: str
    path: str


@dataclass(slots=True)
class _Row:
    """The states of one row and since when each holds, oldest first."""

    since: list[datetime]
    states: list[Fields]


#: The entries of one row: when, and what they set, still as text or already read.
_Said = list[tuple[datetime, Any]]


class Fold:
    """The past of many rows. Made once, then asked for as many moments as one likes; what it answers never changes."""

    def __init__(self, steps: Iterable[Step] = (), *, read_at: datetime | None = None) -> None:
        self.read_at = read_at
        self._read: list[Read] = []
        self._said: dict[str, dict[str, _Said]] = defaultdict(lambda: defaultdict(list))
        self._rows: dict[str, dict[str, _Row]] = {}
        for step in steps:
            self._said[step.type][step.id].append((step.at, step.fields))

    @classmethod
    def of(cls, entries: Iterable[Read], *, read_at: datetime | None = None) -> Fold:
        """The same from entries as they were read."""
        fold = cls(read_at=read_at)
        said = fold._said
        fold._read = list(entries)
        for _key, kind, subject, at, payload, _path in fold._read:
            said[kind][subject].append((at, payload))
        return fold

    def extended(self, entries: Iterable[Read], *, read_at: datetime) -> Fold:
        """A fold that knows of more entries. Rows that none of them is about are shared with this one."""
        later = Fold(read_at=read_at)
        later._said.update({kind: defaultdict(list, rows) for kind, rows in self._said.items()})
        later._rows = {kind: dict(rows) for kind, rows in self._rows.items()}
        later._read = list(self._read)
        for one in entries:
            said = [*later._said[one.type][one.subject], (one.at, one.payload)]
            later._said[one.type][one.subject] = said
            if one.type in later._rows:
                later._rows[one.type][one.subject] = _folded(said)
            later._read.append(one)
        return later

    @functools.cached_property
    def lines(self) -> list[Line]:
        """Every entry, the oldest first; of one moment in the order in which they were written."""
        ordered = sorted(self._read, key=attrgetter("at", "id"))
        return [Line(one.at, one.id, one.type, one.subject, one.path) for one in ordered]

    @functools.cached_property
    def entry_ids(self) -> frozenset[Any]:
        """Of every entry, as the database gives them."""
        return frozenset(one.id for one in self._read)

    @property
    def entries(self) -> int:
        return sum(len(said) for rows in self._said.values() for said in rows.values())

    def holds(self, kind: str, key: str) -> bool:
        return key in self._said.get(kind, ())

    def keys(self) -> dict[str, list[str]]:
        """The ids of all rows by kind."""
        return {kind: list(rows) for kind, rows in self._said.items()}

    def at(self, moment: datetime, kinds: Iterable[str] | None = None) -> State:
        """Every row that existed then, of these kinds or of all. What is returned is shared: read it, never write to it."""
        state: State = {}
        for kind in self._said if kinds is None else kinds:
            found = {
                key: row.states[number - 1]
                for key, row in self._of(kind).items()
                if (number := bisect_right(row.since, moment))
            }
            if found:
                state[kind] = found
        return state

    def moments(self, without: Container[str] = ()) -> list[datetime]:
        """When something changed in rows of any kind but these, ascending, each once: the marks of a slider."""
        kinds = [kind for kind in self._said if kind not in without]
        return sorted({moment for kind in kinds for row in self._of(kind).values() for moment in row.since})

    def history(self, kind: str, key: str) -> Sequence[tuple[datetime, Fields]]:
        """One row through its life: since when, and how it stood."""
        row = self._of(kind).get(key)
        return [] if row is None else list(zip(row.since, row.states, strict=True))

    def lives(
        self, kind: str, moment: datetime
    ) -> Iterator[tuple[str, Sequence[datetime], Sequence[Fields]]]:
        """Every row of a kind that existed then: its id, since when its states held and these states, until the moment."""
        for key, row in self._of(kind).items():
            number = bisect_right(row.since, moment)
            if number:
                yield key, row.since[:number], row.states[:number]

    def _of(self, kind: str) -> dict[str, _Row]:
        rows = self._rows.get(kind)
        if rows is None:
            if kind not in self._said:
                return {}
            said = self._said[kind]
            with undisturbed() if len(said) > MANY else nullcontext():
                folded = ((key, _folded(one)) for key, one in said.items())
                rows = self._rows[kind] = {key: row for key, row in folded if row.since}
        return rows


def _folded(said: _Said) -> _Row:
    """Entries that were erased or set nothing say nothing of the row."""
    steps = [(int(fields.get("version", 0)), at, fields) for at, fields in _fields(said) if fields]
    if len(steps) > 1:
        steps.sort(key=itemgetter(0))
    row = _Row([], [])
    fields: Fields = {}
    last: datetime | None = None
    for _version, at, more in steps:
        fields = {**fields, **more} if fields else more
        last = at if last is None or at > last else last
        row.since.append(last)
        row.states.append(fields)
    return row


def _fields(said: _Said) -> Iterator[tuple[datetime, Fields | None]]:
    for at, given in said:
        if isinstance(given, dict):
            yield at, given
        else:
            yield at, orjson.loads(given).get("set") if given else None


def fold_of(incident: Incident, *, subjects: Subjects | None = None) -> Fold:
    """Read everything that belongs to an incident; cold, whatever is kept."""
    read_at = clocks.now(incident.exercise_id)
    found = subjects if subjects is not None else subjects_of(incident)
    with undisturbed():
        return Fold.of(read(found), read_at=read_at)
