"""Quality control of a shard: what each reading is flagged with when it arrives, and again when what is known has changed.

* `base_flags` judges a reading by itself: no value, range, maintenance, a clock dated ahead.
* `judge_fresh` judges the continuity of readings that arrive in the order of their time.
* `requalify` reads streams again where readings came late, were corrected or amended, or where the parameters changed;
  what it finds equals what the whole life of the stream in order of time would give.
* `recall` learns at start from the stored flags what the continuity of each stream needs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from anlan.ruleset.quality import CONTINUITY, INTRINSIC, QualityRule
from anlan.sensing.engine.loader import rows_of
from anlan.sensing.engine.quality import LARGEST, Doubt, Findings, Lot, QualityLines, limits_of, names_of
from anlan.sensing.engine.shard import Readings, in_rounds
from anlan.sensing.engine.types import EngineSettings, MaintenanceSpan
from anlan.sensing.hot.opening import AnyStore
from anlan.sensing.hot.rows import Bools, Ints, Rows
from anlan.sensing.hot.streams import StreamKey
from anlan.sensing.hot.types import DAY_S, NO_VALUE
from anlan.vocab.quality import QualityFlag
from anlan.vocab.quantities import quantity_of

_RANGE, _MISSING = int(QualityFlag.RANGE), int(QualityFlag.MISSING)
_FUTURE, _MAINTENANCE = int(QualityFlag.FUTURE), int(QualityFlag.MAINTENANCE)
_ACCEPTED, _NEIGHBOUR = int(QualityFlag.ACCEPTED), int(QualityFlag.NEIGHBOUR)
#: What `requalify` decides anew; the rest of the flags are facts.
_JUDGED_AGAIN = int(CONTINUITY | QualityFlag.RANGE | QualityFlag.MAINTENANCE)
#: How far back flags are judged again when parameters change.
RELOAD_S = 2 * DAY_S


class Reflagged(NamedTuple):
    """One stored reading whose flags changed. `is_hidden`: a correction that came too late stands in its place."""

    t: int
    s: int
    v: int
    before: int
    after: int
    received: int
    is_hidden: bool


class Qualifier:
    """Parameters by stream number, and the continuity of each stream."""

    def __init__(self, settings: EngineSettings, store: AnyStore) -> None:
        self._settings = settings
        self._store = store
        self.lines = QualityLines()
        self._low: Ints = np.empty(0, np.int64)
        self._high: Ints = np.empty(0, np.int64)
        self._rules: dict[int, QualityRule] = {}
        self._of_station: dict[str, dict[int, str]] = {}
        #: Streams with neighbours to compare with; numbers of those by stream.
        self.has_neighbours: Bools = np.empty(0, np.bool_)
        self._spans: list[tuple[MaintenanceSpan, Bools]] = []

    def with_settings(self, settings: EngineSettings) -> Qualifier:
        """Another one over the same store."""
        return Qualifier(settings, self._store)

    def resize(self, size: int) -> None:
        extra = size - len(self._low)
        if extra > 0:
            self.lines.resize(size)
            self._low = np.concatenate([self._low, np.full(extra, -LARGEST, np.int64)])
            self._high = np.concatenate([self._high, np.full(extra, LARGEST, np.int64)])
            self.has_neighbours = np.concatenate([self.has_neighbours, np.zeros(extra, np.bool_)])
            self._spans = [
                (span, np.concatenate([mine, np.zeros(extra, np.bool_)])) for span, mine in self._spans
            ]

    def learn(self, keys: Mapping[int, StreamKey]) -> None:
        """Take the parameters of these streams from the settings."""
        for number, key in keys.items():
            self._of_station.setdefault(key.station, {})[number] = key.quantity
            self._low[number], self._high[number] = self._limits(key)
            rule = self._settings.quality.rule_of(*key)
            if rule is not None:
                self._rules[number] = rule
                self.has_neighbours[number] = bool(rule.neighbours) and rule.neighbour_ratio is not None
                if rule.judges_continuity:
                    self.lines.add(number, limits_of(rule, key.quantity))
        self._spans = [(span, self._under(span)) for span in self._settings.maintenance]

    def _limits(self, key: StreamKey) -> tuple[int, int]:
        """The station's own range, else that of its quality rule, else that of the quantity; in stored integers."""
        quantity = quantity_of(key.quantity)
        rule = self._settings.quality.rule_of(*key)
        low = None if quantity.minimum is None else float(quantity.minimum)
        high = None if quantity.maximum is None else float(quantity.maximum)
        if rule is not None:
            low, high = (low if rule.min is None else rule.min), (high if rule.max is None else rule.max)
        own = self._settings.ranges.get((key.station, key.quantity)) or self._settings.ranges.get(
            (key.station, quantity.code), (low, high)
        )
        scale = 10**quantity.decimals
        return (
            -LARGEST if own[0] is None else round(float(own[0]) * scale),
            LARGEST if own[1] is None else round(float(own[1]) * scale),
        )

    def _under(self, span: MaintenanceSpan) -> Bools:
        mine = np.zeros(len(self._low), np.bool_)
        for number, quantity in self._of_station.get(span.station, {}).items():
            mine[number] = not span.quantities or quantity.partition("@")[0] in span.quantities
        return mine

    # -- a reading by itself

    def base_flags(self, t: Ints, s: Ints, v: Ints) -> Ints:
        """MISSING, RANGE and MAINTENANCE."""
        missing = v == NO_VALUE
        flag = np.where(missing, _MISSING, 0)
        flag[~missing & ((v < self._low[s]) | (v > self._high[s]))] = _RANGE
        for span, mine in self._spans:
            inside = (t >= span.start) & (t < span.end)
            if inside.any():
                flag[inside & mine[s] & ~missing] |= _MAINTENANCE
        return flag

    def base_doubt(self, row: int, t: int, s: int, v: int, flag: int) -> list[Doubt]:
        """The numbers behind RANGE and MAINTENANCE."""
        found = []
        if flag & _RANGE:
            numbers = {"v": v, "low": int(self._low[s]), "high": int(self._high[s])}
            found.append(Doubt(row, QualityFlag.RANGE, numbers))
        if flag & _MAINTENANCE:
            spans = [span for span, mine in self._spans if mine[s] and span.start <= t < span.end]
            found += [
                Doubt(row, QualityFlag.MAINTENANCE, {"id": span.id, "start": span.start, "end": span.end})
                for span in spans[:1]
            ]
        return found

    def rule_of(self, stream: int) -> QualityRule | None:
        return self._rules.get(stream)

    def signature(self, stream: int) -> tuple[object, ...]:
        """Equal for two sets of parameters that judge this stream alike."""
        spans = tuple(span for span, mine in self._spans if mine[stream])
        limits = self.lines.limits_at(stream) if self.lines.is_judged[stream] else None
        no_neighbours = self._asks_no_neighbours(stream)
        return int(self._low[stream]), int(self._high[stream]), limits, no_neighbours, spans

    # -- in order of time

    def judge_fresh(self, rows: Rows, chosen: Ints) -> Findings:
        """Readings newer than anything stored of their stream; their flags are changed in `rows`."""
        findings = Findings([], [])
        mine = chosen[self.lines.is_judged[rows.s[chosen]]]
        if not len(mine):
            return findings
        streams = rows.s[mine]
        if len(np.unique(streams)) == len(streams):
            parts: Iterable[Ints] = (mine,)
        else:
            readings = Readings(rows.t[mine], streams, rows.v[mine], mine)
            parts = (part.cause for part in in_rounds(readings))
        for part in parts:
            lot = Lot(rows.t[part], rows.s[part], rows.v[part], rows.flag[part], part)
            rows.flag[part] = self.lines.judge(lot, findings)
            _lift_inside(rows.flag, findings)
        return findings

    # -- again

    def recall(self, heads: Ints) -> None:
        """Learn from the stored flags; `heads` is the newest stored time by stream number."""
        streams = np.flatnonzero(self.lines.is_judged & (heads > 0))
        groups: dict[int, list[int]] = {}
        for stream in streams.tolist():
            groups.setdefault(self._context_s(stream), []).append(stream)
        for context_s, members in groups.items():
            mine = np.array(members, np.int64)
            for start, end in _merged(heads[mine], context_s):
                self._walk(mine, start, end, judged_from={})

    def requalify(self, since: Mapping[int, int], end: int, *, base_again: bool = False) -> list[Reflagged]:
        """Judge the readings of some streams again from `since` (by stream) to `end`; flags that differ are stored.

        `base_again` judges range, maintenance and neighbours anew as well, for when parameters changed.
        """
        found: list[Reflagged] = []
        groups: dict[int, list[int]] = {}
        for stream, moment in since.items():
            groups.setdefault(moment // DAY_S, []).append(stream)
        for members in groups.values():
            streams = np.array(sorted(members), np.int64)
            self.lines.forget(streams)
            context_s = max(self._context_s(stream) for stream in members)
            asked = {stream: since[stream] for stream in members}
            starts = self._starts(streams, asked, min(asked.values()) - context_s)
            low = min(starts.values()) - context_s
            found += self._walk(streams, low, end, judged_from=starts, base_again=base_again)
        return found

    def _context_s(self, stream: int) -> int:
        return self.lines.limits_at(stream).context_s if self.lines.is_judged[stream] else 0

    def _starts(self, streams: Ints, since: Mapping[int, int], low: int) -> dict[int, int]:
        """The newest reading before `since` that takes part: whether it is confirmed depends on what came after it.

        If that one confirmed its own predecessor, it must be judged with the predecessor still held back.
        """
        last: dict[int, tuple[int, bool]] = {}
        starts = dict(since)
        for rows, _ in rows_of(self._store, streams, low, max(since.values())):
            mine = rows.pick((rows.flag & int(INTRINSIC)) == 0)
            marks = ((mine.flag & int(QualityFlag.CONFIRMED)) != 0).tolist()
            for t, s, mark in zip(mine.t.tolist(), mine.s.tolist(), marks, strict=True):
                if t < since[s]:
                    before, was_confirmed = last.get(s, (t, False))
                    starts[s] = before if was_confirmed else t
                    last[s] = (t, mark)
        return starts

    def _walk(
        self, streams: Ints, start: int, end: int, *, judged_from: Mapping[int, int], base_again: bool = False
    ) -> list[Reflagged]:
        """Take stored readings in order of time: trusted before the moment from which they are judged."""
        parts = list(rows_of(self._store, streams, start, end))
        rows = Rows.joined([part for part, _ in parts])
        if not len(rows.t):
            return []
        hidden = np.concatenate([mark for _, mark in parts])
        first = np.full(int(streams.max()) + 1, 1 << 62, np.int64)
        for stream, moment in judged_from.items():
            if stream < len(first):
                first[stream] = moment
        trusted = rows.t < first[rows.s]
        before = rows.flag.copy()
        if judged_from:
            again = np.flatnonzero(~trusted)
            rows.flag[again] = self._afresh(rows.pick(again), base_again=base_again)
        findings = Findings([], [])
        order = np.arange(len(rows.t))
        for part in in_rounds(Readings(rows.t, rows.s, rows.v, order)):
            i = part.cause
            lot = Lot(rows.t[i], rows.s[i], rows.v[i], rows.flag[i], i, trusted[i])
            if judged_from:
                rows.flag[i] = self.lines.judge(lot, findings)
                _lift_inside(rows.flag, findings)
            else:
                self.lines.judge(lot, findings)
                findings.doubts.clear()
        self.lines.end_batch(streams)
        return self._store_flags(rows, before, hidden, findings) if judged_from else []

    def _afresh(self, rows: Rows, *, base_again: bool) -> Ints:
        """The flags before continuity is judged."""
        flag = rows.flag & ~int(CONTINUITY | QualityFlag.CONFIRMED)
        if not base_again:
            return flag
        base = self.base_flags(rows.t, rows.s, rows.v)
        base[(flag & _ACCEPTED) != 0] &= ~(_RANGE | _MAINTENANCE)
        without = np.array([self._asks_no_neighbours(s) for s in rows.s.tolist()], np.bool_)
        flag = np.where(without, flag & ~_NEIGHBOUR, flag)
        return (flag & ~_JUDGED_AGAIN) | base

    def _asks_no_neighbours(self, stream: int) -> bool:
        rule = self._rules.get(stream)
        return rule is None or rule.neighbour_ratio is None

    def _store_flags(self, rows: Rows, before: Ints, hidden: Bools, findings: Findings) -> list[Reflagged]:
        changed = np.flatnonzero(rows.flag != before)
        numbers = names_of(findings.doubts)
        found = []
        for i in changed.tolist():
            t, s, raw, flag, received = (int(column[i]) for column in rows)
            v = None if raw == NO_VALUE else raw
            file = self._store.file_in_transaction(t // DAY_S)
            if hidden[i]:
                file.reflag_overruled(t, s, v, flag, received)
            else:
                file.reflag(t, s, flag)
            doubts = numbers.get(i, {}) | names_of(self.base_doubt(i, t, s, raw, flag)).get(i, {})
            if doubts and flag & int(CONTINUITY | QualityFlag.RANGE | QualityFlag.MAINTENANCE):
                file.add_reasons([(t, s, as_reason(doubts, flag))])
            found.append(Reflagged(t, s, raw, int(before[i]), flag, received, bool(hidden[i])))
        return found


def as_reason(numbers: Mapping[str, Any], flag: int) -> str:
    """JSON of the numbers behind the flags that a reading really carries."""
    kept = {name: part for name, part in numbers.items() if flag & int(QualityFlag[name])}
    return json.dumps(kept, separators=(",", ":"))


def confirmed(flag: int) -> int:
    """The flags of a reading that was held back until the next one confirmed it."""
    return (flag & ~int(CONTINUITY)) | int(QualityFlag.CONFIRMED)


def _lift_inside(flags: Ints, findings: Findings) -> None:
    """Readings of this very batch that were released are flagged no more."""
    for released in findings.released:
        if released.row >= 0:
            flags[released.row] = confirmed(int(flags[released.row]))


def _merged(heads: Ints, reach_s: int) -> list[tuple[int, int]]:
    """Spans of time that hold the reach of every head, without overlap, oldest first."""
    spans: list[tuple[int, int]] = []
    for head in np.unique(heads).tolist():
        if spans and head - reach_s <= spans[-1][1]:
            spans[-1] = (spans[-1][0], head + 1)
        else:
            spans.append((head - reach_s, head + 1))
    return spans
