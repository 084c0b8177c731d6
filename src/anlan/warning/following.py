"""Whether rows of some kinds changed since somebody last looked: a few index look-ups in the journal instead of reading the rows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Generic, TypeVar

from anlan.journal.models import ChainHead, Entry

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Mark:
    """How far each chain goes, and which entries of the followed kinds wait for the sealer."""

    heads: tuple[tuple[str, int], ...]
    waiting: tuple[int, str, str]


class Followed(Generic[T]):
    """A value made from rows of some journal types, made anew once one of them was written. One for the whole process.

    Entries are followed by sealed number, never by id: an id may be committed later than a greater one.
    """

    def __init__(self, types: Collection[str], make: Callable[[], T]) -> None:
        self._types = tuple(types)
        self._make = make
        self._lock = threading.Lock()
        self._mark: Mark | None = None
        self._value: T | None = None

    def get(self) -> T:
        """The value as of now. The mark is read before the rows, so that what is written meanwhile makes it stale again."""
        with self._lock:
            mark = self._read_mark()
            if self._value is None or self._mark is None or self._has_moved(self._mark, mark):
                self._value = self._make()
            self._mark = mark
            return self._value

    def forget(self) -> None:
        """Make it anew at the next call, whatever the journal says (rows written past the journal, by a bench)."""
        with self._lock:
            self._mark = None

    def _read_mark(self) -> Mark:
        heads = tuple(ChainHead.objects.order_by("origin").values_list("origin", "seq"))
        rows = Entry.objects.filter(seq__isnull=True, subject_type__in=self._types)
        # By order, for PostgreSQL before 18 has no least and greatest UUID.
        keys = rows.order_by("id").values_list("id", flat=True)
        return Mark(heads, (keys.count(), str(keys.first()), str(keys.last())))

    def _has_moved(self, old: Mark, new: Mark) -> bool:
        if old.waiting != new.waiting:
            return True
        known = dict(old.heads)
        if any(seq < known.get(origin, 0) for origin, seq in new.heads) or len(new.heads) < len(known):
            return True  # another database, or one that was restored
        return any(
            Entry.objects.filter(
                origin=origin, seq__gt=known.get(origin, 0), subject_type__in=self._types
            ).exists()
            for origin, seq in new.heads
            if seq > known.get(origin, 0)
        )
