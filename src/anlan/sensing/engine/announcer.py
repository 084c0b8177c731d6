"""Turns changed rule lines into signals, and remembers what was last said about each binding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from anlan.kernel.ids import uuid7
from anlan.ruleset.bindings import NEVER, Binding
from anlan.ruleset.explain import Change, explain, explain_gap
from anlan.sensing.engine.rules import NO_LEVEL
from anlan.sensing.engine.shard import Shard
from anlan.sensing.hot.types import Signal
from anlan.vocab.levels import Level
from anlan.vocab.quantities import quantity_of


class Cause(NamedTuple):
    """The reading behind a signal. `wall` is None when a restart or a reload brought the change to light."""

    t: int
    received: int
    wall: float | None


@dataclass(slots=True)
class _Said:
    level: int = NO_LEVEL
    uncertain: tuple[int, ...] = ()


class Announcer:
    """One for a shard; `said` survives a rebuild of the shard because it is keyed by binding id."""

    def __init__(self, *, exercise: str, late_after_s: int) -> None:
        self._exercise = exercise
        self._late_after_s = late_after_s
        self._said: dict[str, _Said] = {}

    def recall(self, signals: Iterable[Signal]) -> None:
        """Learn from the stored signals what was last said."""
        self._said = {}
        for signal in sorted((s for s in signals if s.kind in _KINDS), key=lambda s: s.id):
            if signal.body.get("exercise", "") == self._exercise:
                said = self._said.setdefault(signal.body["binding"], _Said())
                if signal.kind == "crossing":
                    said.level = signal.body["level"] or NO_LEVEL
                else:
                    said.uncertain = tuple(60 * minutes for minutes in signal.body["windows_min"])

    def differences(self, shard: Shard, numbers: Iterable[int], cause: Cause, now: datetime) -> list[Signal]:
        """What must be said so that what was said equals what is."""
        found: list[Signal] = []
        for number in numbers:
            binding = shard.rules.bindings[number]
            said = self._said.setdefault(binding.id, _Said())
            level = shard.rules.level_of(number)
            if level != said.level:
                found.append(self._crossing(shard, number, level, said.level, cause, now))
                said.level = level
            uncertain = tuple(shard.rules.uncertain_windows(number))
            if uncertain != said.uncertain:
                found.append(self._certainty(shard, number, uncertain, cause, now))
                said.uncertain = uncertain
        return found

    def _crossing(
        self, shard: Shard, number: int, level: int, previous: int, cause: Cause, now: datetime
    ) -> Signal:
        binding = shard.rules.bindings[number]
        states = shard.window_state(number)
        index = _deciding_window(shard, number, level, previous)
        window_s = binding.windows_s[index]
        value, missing = states[window_s]
        edges = binding.edges(index)
        is_up = level != NO_LEVEL and (previous == NO_LEVEL or level < previous)
        edge = edges.rise[level - 1] if is_up else edges.fall[previous - 1]
        quantity = quantity_of(binding.quantity)
        change = Change(
            binding=binding,
            level=Level(level) if level else None,
            previous=Level(previous) if previous else None,
            window_s=window_s,
            value=quantity.from_stored(binding.sign * value),
            threshold=None if edge == NEVER else quantity.from_stored(binding.sign * edge),
            missing_slots=missing,
        )
        return _signal(
            "crossing", now, self._crossing_body(change, cause, now, shard.rules.uncertain_windows(number))
        )

    def _crossing_body(
        self, change: Change, cause: Cause, now: datetime, uncertain: Sequence[int]
    ) -> dict[str, Any]:
        sentence = explain(change)
        return {
            **_binding_body(change.binding, self._exercise),
            "direction": "up" if change.is_up else "down",
            "level": change.level,
            "previous_level": change.previous,
            "window_min": change.window_s // 60,
            "value": _plain(change.value),
            "threshold": _plain(change.threshold),
            "phenomenon_time": _iso(cause.t),
            "received_at": _iso(cause.received / 1000),
            "received_wall": cause.wall,
            "is_late": now.timestamp() - cause.t > self._late_after_s,
            "missing_slots": change.missing_slots,
            "uncertain_windows_min": [seconds // 60 for seconds in uncertain],
            "explanation_zh": sentence.zh,
            "explanation_en": sentence.en,
        }

    def _certainty(
        self, shard: Shard, number: int, uncertain: tuple[int, ...], cause: Cause, now: datetime
    ) -> Signal:
        binding = shard.rules.bindings[number]
        states = shard.window_state(number)
        missing = {window_s: states[window_s][1] for window_s in uncertain}
        sentence = explain_gap(binding, missing)
        body = {
            **_binding_body(binding, self._exercise),
            "windows_min": [seconds // 60 for seconds in uncertain],
            "missing_slots": {str(seconds // 60): count for seconds, count in missing.items()},
            "phenomenon_time": _iso(cause.t),
            "explanation_zh": sentence.zh,
            "explanation_en": sentence.en,
        }
        return _signal("uncertain" if uncertain else "certain", now, body)


_KINDS = frozenset({"crossing", "uncertain", "certain"})


def _deciding_window(shard: Shard, number: int, level: int, previous: int) -> int:
    """The window that holds the new level; when a level was left, the first window that has an edge for the old one."""
    lines = shard.rules.lines_of(number)
    if level != NO_LEVEL and (previous == NO_LEVEL or level < previous):
        return int((shard.rules.level[lines] == level).argmax())
    return int((shard.rules.rise[lines][:, previous - 1] < NEVER).argmax())


def _binding_body(binding: Binding, exercise: str) -> dict[str, Any]:
    return {
        "binding": binding.id,
        "station": binding.station,
        "quantity": binding.quantity,
        "rule_id": binding.rule_id,
        "rule_version": binding.rule_version,
        "division": binding.division,
        "purpose": binding.purpose,
        "exercise": exercise,
    }


def _signal(kind: str, now: datetime, body: dict[str, Any]) -> Signal:
    return Signal(str(uuid7()), kind, now, body)


def _plain(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
