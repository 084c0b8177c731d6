"""What a case file is made of: everything that the sealed journal tells of an incident up to one point of the chain.

Rows are folded from entries and not read from their tables, so that the same point of the journal gives the same file, whatever
is written meanwhile, and so that no lock is held while a large file is written.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from django.conf import settings

from anlan.command.trail import Subjects, subjects_of
from anlan.incidents.models import Incident
from anlan.journal.models import ChainHead, Entry
from anlan.journal.sealer import seal_everything
from anlan.review.casefile.names import Names
from anlan.review.folding import CHUNK, Fields, State


class Head(NamedTuple):
    """How far the chain of one origin is told."""

    origin: str
    seq: int
    hash: str


class Line(NamedTuple):
    """One entry without its content."""

    origin: str
    seq: int
    id: uuid.UUID
    type: str
    key: str
    kind: str
    at: datetime
    actor: str


@dataclass(slots=True)
class CaseState:
    """`lines` are by origin and number; `rows` is each row as it stood at the heads; `until` is the time of the last entry."""

    incident: Incident
    heads: tuple[Head, ...]
    lines: list[Line]
    rows: State
    until: datetime
    names: Names
    #: What could not be put in, in words, for the index.
    missing: list[str] = field(default_factory=list)

    @property
    def head(self) -> Head:
        """Of this node."""
        own = [one for one in self.heads if one.origin == settings.ANLAN_NODE]
        return own[0] if own else Head(settings.ANLAN_NODE, 0, "")

    def of(self, kind: str) -> list[tuple[str, Fields]]:
        """Rows of one kind by id, which is by when they were made."""
        return sorted(self.rows.get(kind, {}).items())

    def entries(self) -> Iterator[Entry]:
        """Every entry with its content, in the order of the chain; some hundreds in memory at a time."""
        for start in range(0, len(self.lines), CHUNK):
            part = self.lines[start : start + CHUNK]
            found = Entry.objects.in_bulk([one.id for one in part])
            yield from (found[one.id] for one in part)


def read_state(incident: Incident) -> CaseState:
    """Seal what is written and read up to there."""
    seal_everything()
    heads = tuple(
        Head(origin, seq, link)
        for origin, seq, link in ChainHead.objects.order_by("origin").values_list("origin", "seq", "hash")
    )
    lines, rows = _fold(subjects_of(incident), {one.origin: one.seq for one in heads})
    own = {line.origin for line in lines} | {settings.ANLAN_NODE}
    until = max((line.at for line in lines), default=incident.known_at)
    kept = tuple(one for one in heads if one.origin in own)
    return CaseState(incident, kept, lines, rows, until, Names(rows, {line.actor for line in lines}))


def _fold(subjects: Subjects, heads: Mapping[str, int]) -> tuple[list[Line], State]:
    lines: list[Line] = []
    rows: State = defaultdict(dict)
    for kind in sorted(subjects):
        sets: dict[str, list[Fields]] = defaultdict(list)
        for line, payload in _read(kind, subjects[kind]):
            if line.seq > heads.get(line.origin, 0):
                continue
            lines.append(line)
            fields: Any = orjson.loads(payload).get("set") if payload else None
            if fields:
                sets[line.key].append(fields)
        for key, found in sets.items():
            row: Fields = {}
            for fields in sorted(found, key=lambda one: int(one.get("version", 0))):
                row.update(fields)
            rows[kind][key] = row
    lines.sort(key=lambda line: (line.origin, line.seq))
    return lines, dict(rows)


def _read(kind: str, keys: Iterable[str]) -> Iterator[tuple[Line, str]]:
    listed = sorted(keys)
    for start in range(0, len(listed), CHUNK):
        rows = Entry.objects.filter(
            subject_type=kind, subject_id__in=listed[start : start + CHUNK], seq__isnull=False
        ).order_by()
        found = rows.values_list(
            "origin", "seq", "id", "subject_type", "subject_id", "kind", "at", "actor", "payload"
        )
        for *line, payload in found.iterator(2_000):
            yield Line._make(line), payload
