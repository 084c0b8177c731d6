"""Folds that are kept in the process, and how one that is kept learns of what was written since.

A kept fold is read anew after a while, so that what was erased from the journal does not live on here.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from anlan.command.trail import subjects_of
from anlan.incidents.models import Incident
from anlan.journal import clocks
from anlan.review.folding import Fold, State, fold_of
from anlan.review.reading import Mark, Read, mark, read, since

#: Incidents whose past is kept in this process. One with 20,000 entries takes some tens of megabytes.
MOST_KEPT = 4
#: What lies this far behind the reading no longer changes, so it is not read again when the journal moves on.
SETTLED = timedelta(minutes=2)
#: After this time everything is read again; wall time, seconds. Engineering choice.
KEPT_S = 600.0
#: When more than so many entries came in between, reading all again is simpler and no slower.
MOST_SINCE = 3_000


#: Kinds whose entries may move rows into the incident or out of it, though they are about rows that are known.
_MOVING = frozenset({"incident", "merge_link", "intake", "warning"})


@dataclass(frozen=True, slots=True)
class _Kept:
    mark: Mark
    fold: Fold
    kept_at: float


_kept: OrderedDict[uuid.UUID, _Kept] = OrderedDict()
_lock = threading.Lock()


def past_of(incident: Incident, moment: datetime) -> Fold:
    """The fold of an incident that is good for `moment`: kept in this process, and extended when the journal has moved on.

    For a moment well before the last reading it is taken as it is, since the past does not change.
    """
    with _lock:
        known = _kept.get(incident.pk)
        if known is not None:
            _kept.move_to_end(incident.pk)
    if known is not None and time.monotonic() - known.kept_at < KEPT_S:
        if _is_settled(known.fold, moment):
            return known.fold
        stands = mark()
        if stands == known.mark:
            return known.fold
        made = _extended(incident, known, stands) or _read(incident, stands)
    else:
        made = _read(incident, mark())
    with _lock:
        _kept[incident.pk] = made
        _kept.move_to_end(incident.pk)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return made.fold


def forget() -> None:
    """Drop what is kept, for tests that use the same ids again."""
    with _lock:
        _kept.clear()


def _is_settled(fold: Fold, moment: datetime) -> bool:
    return fold.read_at is not None and moment <= fold.read_at - SETTLED


def _read(incident: Incident, stands: Mark) -> _Kept:
    return _Kept(stands, fold_of(incident), time.monotonic())


def _extended(incident: Incident, known: _Kept, stands: Mark) -> _Kept | None:
    """The kept fold with what came since, None where all has to be read again. Rows that are new to the incident are read whole."""
    came = since(known.mark, stands, MOST_SINCE)
    if came is None:
        return None
    read_at = clocks.now(incident.exercise_id)
    fold = known.fold
    came = [one for one in came if one.id not in fold.entry_ids]
    found: list[Read] = [one for one in came if fold.holds(one.type, one.subject)]
    if any(one.type in _MOVING or not fold.holds(one.type, one.subject) for one in came):
        subjects = subjects_of(incident)
        held = fold.keys()
        if any(set(keys) - subjects.get(kind, set()) for kind, keys in held.items()):
            return None  # a split took rows away, or a warning no longer belongs to it
        new = {kind: keys - set(held.get(kind, ())) for kind, keys in subjects.items()}
        found += read({kind: keys for kind, keys in new.items() if keys})
    return _Kept(stands, fold.extended(found, read_at=read_at), known.kept_at)


def state_at(incident: Incident, moment: datetime, kinds: Iterable[str] | None = None) -> State:
    """Every row of the incident as it stood at a moment of its run."""
    return past_of(incident, moment).at(moment, kinds)
