"""Start: read back from the day files what is needed to know again what was known before."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from anlan.sensing.engine.shard import LONG_AGO, Shard
from anlan.sensing.hot.opening import AnyDay, AnyStore
from anlan.sensing.hot.rows import Bools, Ints, Rows
from anlan.sensing.hot.types import DAY_S, NO_VALUE
from anlan.vocab.quality import IMPLAUSIBLE, UNUSABLE, QualityFlag

#: A stream silent for longer starts from nothing.
LOOK_BACK_DAYS = 40
#: Above this many streams a plain scan is cheaper than jumping from time to time.
_FEW_STREAMS = 64


class Times:
    """The newest times of each stream: stored at all, counted now, and ever plausible by itself."""

    def __init__(self, size: int) -> None:
        self.known: Ints = np.full(size, LONG_AGO, np.int64)
        self.head: Ints = np.full(size, LONG_AGO, np.int64)
        self.peak: Ints = np.full(size, LONG_AGO, np.int64)

    def resize(self, size: int) -> None:
        extra = size - len(self.known)
        if extra > 0:
            more = np.full(extra, LONG_AGO, np.int64)
            self.known, self.head, self.peak = (
                np.concatenate([column, more]) for column in (self.known, self.head, self.peak)
            )


def read_times(store: AnyStore, streams: Ints, bound: Ints, size: int) -> Times:
    """Look at day files from the newest back, until every bound stream was met or a limit of days is reached."""
    times = Times(size)
    oldest: int | None = None
    for day in list(reversed(store.days()))[:LOOK_BACK_DAYS]:
        _note_peaks(store.file(day), times)
        for t, s, flag in store.file(day).newest_first():
            _note_newest(t, s, flag, times)
            oldest = int(t[-1])
            if (times.head[bound] > LONG_AGO).all():
                break
        if (times.head[bound] > LONG_AGO).all():
            break
    if oldest is not None:
        unmet = streams[times.known[streams] == LONG_AGO]
        times.known[unmet] = oldest
    times.peak = np.maximum(times.peak, times.head)
    return times


def replay(store: AnyStore, shard: Shard, heads: Ints) -> None:
    """Bring the shard to the state it has after the counted readings up to each stream's head."""
    known = heads[heads > LONG_AGO]
    judged_s, known_s = shard.reach_s
    for start, end in _merged(np.unique(known), judged_s + known_s):
        shard.replay(store.counted(start, end), judge_from=start + known_s)


def replay_streams(store: AnyStore, shard: Shard, streams: Ints, newest: int) -> None:
    """Bring some streams to the state that the store says; their state before is forgotten. Nothing counts after `newest`."""
    shard.forget(streams)
    heads = _heads(store, streams, newest)
    order = streams[np.argsort(heads, kind="stable")]
    heads = np.sort(heads)
    judged_s, known_s = shard.reach_s
    start = int(np.searchsorted(heads, LONG_AGO, side="right"))
    while start < len(heads):
        end = int(np.searchsorted(heads, heads[start] + DAY_S, side="right"))
        oldest, last = int(heads[start]) - judged_s - known_s, int(heads[end - 1])
        shard.replay(store.counted_of(order[start:end], oldest, last + 1), judge_from=oldest + known_s)
        start = end


def rows_of(store: AnyStore, streams: Ints, start: int, end: int) -> Iterator[tuple[Rows, Bools]]:
    """Every reading of some streams by time, flagged ones too, for judging them again.

    Where a correction came too late to count, the value it hides stands in its place; the second column marks those.
    """
    wanted = np.unique(streams)
    for day in store.days():
        low, high = max(start, day * DAY_S), min(end, (day + 1) * DAY_S)
        if low >= high:
            continue
        file = store.file(day)
        overruled = file.overruled(low, high)
        if len(wanted) > _FEW_STREAMS:
            parts = (rows.pick(np.isin(rows.s, wanted)) for rows in file.scan(low, high))
        else:
            parts = iter([file.scan_streams(wanted.tolist(), low, high)])  # type: ignore[assignment]
        yield from ((part, _uncover(part, overruled)) for part in parts)


def _uncover(rows: Rows, overruled: dict[tuple[int, int], tuple[int | None, int]]) -> Bools:
    """Put the value that counts into the place of one that came too late; returns where that was."""
    hidden = np.zeros(len(rows.t), np.bool_)
    stale = np.flatnonzero(rows.flag & int(QualityFlag.STALE))
    for i in stale.tolist() if overruled else ():
        old = overruled.get((int(rows.t[i]), int(rows.s[i])))
        if old is not None:
            rows.v[i] = NO_VALUE if old[0] is None else old[0]
            rows.flag[i] = old[1]
            hidden[i] = True
    return hidden


def _heads(store: AnyStore, streams: Ints, newest: int) -> Ints:
    """The newest counted time of each stream, walking back day by day; LONG_AGO where the look-back finds none."""
    heads = np.full(len(streams), LONG_AGO, np.int64)
    last = newest // DAY_S
    for day in [day for day in reversed(store.days()) if day <= last][:LOOK_BACK_DAYS]:
        open_ = np.flatnonzero(heads == LONG_AGO)
        if not len(open_):
            break
        for rows in store.counted_of(streams[open_], day * DAY_S, (day + 1) * DAY_S):
            where = {int(s): int(t) for s, t in zip(rows.s, rows.t, strict=True)}
            for i in open_.tolist():
                heads[i] = max(heads[i], where.get(int(streams[i]), LONG_AGO))
    return heads


def _note_newest(t: Ints, s: Ints, flag: Ints, times: Times) -> None:
    """Take columns that run from the newest time back: the first row of a stream is its newest."""
    for column, chosen in (
        (times.known, s >= 0),
        (times.head, (flag & int(UNUSABLE | QualityFlag.STALE)) == 0),
        (times.peak, (flag & int(IMPLAUSIBLE | QualityFlag.STALE)) == 0),
    ):
        numbers, first = np.unique(s[chosen], return_index=True)
        inside = numbers < len(column)
        numbers, newest = numbers[inside], t[chosen][first[inside]]
        column[numbers] = np.maximum(column[numbers], newest)


def _note_peaks(file: AnyDay, times: Times) -> None:
    """A value that was plausible and was corrected since still marks how far the stream had come."""
    for s, counted in file.superseded_peaks():
        if s < len(times.peak):
            times.peak[s] = max(times.peak[s], counted)


def _merged(heads: Ints, reach_s: int) -> Iterator[tuple[int, int]]:
    """The spans of time that hold the reach of every head, without overlap, oldest first."""
    start = end = None
    for head in heads.tolist():
        if end is None or head - reach_s > end:
            if start is not None and end is not None:
                yield start, end
            start = head - reach_s
        end = head + 1
    if start is not None and end is not None:
        yield start, end
