"""Readings of a drill: judged by the rules in force, heard by nobody but the drill.

They never reach the store of real readings nor the gateway, whose streams stay as they are. The crossings that follow are
facts of the run, so everything above takes its ordinary way. Judged by the slow reference, as a drill has few readings.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from anlan.journal import clocks
from anlan.kernel.ids import uuid7
from anlan.ruleset.bindings import NEVER, Binding
from anlan.ruleset.explain import Change, explain
from anlan.ruleset.reference import BindingState as Judged
from anlan.ruleset.reference import SlowStream
from anlan.sensing.catalogue import bindings_of
from anlan.sensing.hot.types import Signal
from anlan.sensing.models import BindingState, Station, StationLink
from anlan.sensing.services.signals import take_signals_of_a_drill
from anlan.vocab.levels import Level
from anlan.vocab.quality import QualityFlag
from anlan.vocab.quantities import quantity_of


def play_readings(
    station: Station,
    quantity: str,
    readings: Iterable[tuple[datetime, Decimal]],
    *,
    exercise_id: uuid.UUID,
    at: datetime,
) -> int:
    """Judge all readings that the run has of one stream so far; returns how many levels changed with the newest.

    `readings` are (phenomenon time, value in the quantity's unit). `at` is the time on the run's clock.
    """
    stream, scale = SlowStream(), quantity_of(quantity)
    for time, value in sorted(readings):
        stream.receive(int(time.timestamp()), scale.to_stored(value), QualityFlag(0))
    links = list(StationLink.objects.filter(station=station, is_active=True))
    with clocks.entered(exercise_id):
        signals = [
            signal
            for binding in bindings_of(station, links)
            if binding.quantity == quantity and (state := stream.state(binding)) is not None
            for signal in _changed(binding, state, max(stream.stored), exercise_id, at)
        ]
        take_signals_of_a_drill(signals, at=at)
    return len(signals)


def _changed(
    binding: Binding, state: Judged, newest: int, exercise_id: uuid.UUID, at: datetime
) -> Iterable[Signal]:
    known = BindingState.objects.filter(binding=binding.id, exercise_id=exercise_id).first()
    previous = None if known is None or known.level is None else Level(known.level)
    if state.level == previous:
        return
    change = _change(binding, state, previous)
    yield Signal(str(uuid7()), "crossing", at, _body(change, newest, exercise_id, at))


def _change(binding: Binding, state: Judged, previous: Level | None) -> Change:
    index = _window(binding, state, previous)
    window_s = binding.windows_s[index]
    value, missing = state.windows[window_s]
    edges = binding.edges(index)
    is_up = state.level is not None and state.level.is_worse_than(previous)
    decides = state.level if is_up else previous
    assert decides is not None  # a level was reached or left
    edge = (edges.rise if is_up else edges.fall)[decides - 1]
    scale = quantity_of(binding.quantity)
    return Change(
        binding=binding,
        level=state.level,
        previous=previous,
        window_s=window_s,
        value=scale.from_stored(binding.sign * value),
        threshold=None if edge == NEVER else scale.from_stored(binding.sign * edge),
        missing_slots=missing,
    )


def _window(binding: Binding, state: Judged, previous: Level | None) -> int:
    """The first window that shows the level; where it was left, the first that has it at all."""
    for index, window_s in enumerate(binding.windows_s):
        rise = binding.edges(index).rise
        if state.level is not None and state.windows[window_s][0] >= rise[state.level - 1]:
            return index
    if previous is None:
        return 0
    has = [n for n in range(len(binding.windows_s)) if binding.edges(n).rise[previous - 1] < NEVER]
    return has[0] if has else 0


def _body(change: Change, newest: int, exercise_id: uuid.UUID, at: datetime) -> dict[str, Any]:
    binding, sentence = change.binding, explain(change)
    return {
        "binding": binding.id,
        "station": binding.station,
        "quantity": binding.quantity,
        "rule_id": binding.rule_id,
        "rule_version": binding.rule_version,
        "purpose": binding.purpose,
        "exercise": str(exercise_id),
        "direction": "up" if change.is_up else "down",
        "level": change.level,
        "previous_level": change.previous,
        "window_min": change.window_s // 60,
        "value": change.value,
        "threshold": change.threshold,
        "phenomenon_time": datetime.fromtimestamp(newest, UTC),
        "received_at": at,
        "missing_slots": change.missing_slots,
        "explanation_zh": sentence.zh,
        "explanation_en": sentence.en,
    }
