"""What the station page shows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from anlan.drivers.registry import DRIVERS
from anlan.journal import clocks
from anlan.journal.models import Entry
from anlan.kernel.actor import Actor
from anlan.ruleset import Binding
from anlan.sensing.hot.types import RawFrame
from anlan.sensing.models import BindingState, Crossing, Station, StationLink
from anlan.sensing.queries.overview import hot_reader, latest_for, station_line
from anlan.sensing.rules.book import rules_now
from anlan.sensing.types import (
    BindingLine,
    CrossingLine,
    FrameLine,
    LinkedVillage,
    StationDetail,
    ThresholdLine,
)
from anlan.vocab.levels import Level
from anlan.vocab.quantities import quantity_of

CROSSINGS_SHOWN = 30
FRAMES_SHOWN = 20


def station_page(station: Station, actor: Actor, *, at: datetime) -> StationDetail:
    """All about a station that came through the door; linked villages the actor may not see are counted only."""
    links = list(
        StationLink.objects.filter(station=station, is_active=True)
        .select_related("division")
        .order_by("division_id")
    )
    seen = [link for link in links if actor.sees(link.division.path)]
    return StationDetail(
        line=station_line(station, at=at),
        owner=station.owner,
        silent_after=timedelta(seconds=station.silent_after_s),
        is_active=station.is_active,
        warning_stage=station.warning_stage,
        guaranteed_stage=station.guaranteed_stage,
        historic_max_stage=station.historic_max_stage,
        latest=latest_for([station]).get(station.code, ()),
        thresholds=tuple(_thresholds(station, seen)),
        bindings=tuple(_bindings(station)),
        villages=tuple(
            LinkedVillage(link.division_id, link.division.name, bool(link.thresholds)) for link in seen
        ),
        other_villages=len(links) - len(seen),
        crossings=tuple(_crossings(station)),
        clock_offset_s=_clock_offset(station),
        frames=tuple(_frame(frame) for frame in hot_reader().raw(station.code, FRAMES_SHOWN)),
    )


def _thresholds(station: Station, links: list[StationLink]) -> Iterable[ThresholdLine]:
    names = {link.division_id: link.division.name for link in links}
    book = rules_now()
    for binding in book.bindings(station, links):
        pack = book.pack(binding.rule_id, binding.rule_version)
        for level in Level:
            for window_min, value in _edges(binding, level):
                yield ThresholdLine(
                    rule_id=binding.rule_id,
                    rule_version=binding.rule_version,
                    is_verified=pack is not None and pack.verified,
                    binding=binding.id,
                    village=names.get(binding.division or "", ""),
                    window_min=window_min,
                    level=level,
                    value=value,
                    unit=quantity_of(binding.quantity).unit,
                )


def _edges(binding: Binding, level: Level) -> Iterable[tuple[int | None, float]]:
    """The rise edges of a level with their windows; undefined ones are left out."""
    row = binding.rise.get(str(level.value), [])
    windows: list[int | None] = list(binding.windows_min) or [None]
    return [(window, value) for window, value in zip(windows, row, strict=False) if value is not None]


def _bindings(station: Station) -> Iterable[BindingLine]:
    states = BindingState.objects.filter(station=station, exercise_id=clocks.default_exercise_id())
    for state in states.order_by("binding"):
        yield BindingLine(
            binding=state.binding,
            level=Level(state.level) if state.level else None,
            level_since=state.level_since,
            is_uncertain=state.is_uncertain,
            uncertain_windows_min=tuple(state.uncertain_windows_min),
        )


def _crossings(station: Station) -> Iterable[CrossingLine]:
    rows = Crossing.objects.filter(station=station, exercise_id=clocks.default_exercise_id())
    for row in rows.order_by("-phenomenon_time", "-id")[:CROSSINGS_SHOWN]:
        yield CrossingLine(
            id=row.pk,
            binding=row.binding,
            quantity=row.quantity,
            direction=row.direction,
            level=Level(row.level) if row.level else None,
            previous_level=Level(row.previous_level) if row.previous_level else None,
            window_min=row.window_min,
            value=row.value,
            threshold=row.threshold,
            missing_slots=row.missing_slots,
            is_late=row.is_late,
            phenomenon_time=row.phenomenon_time,
            received_at=row.received_at,
            explanation_zh=row.explanation_zh,
            explanation_en=row.explanation_en,
        )


def _clock_offset(station: Station) -> float | None:
    """Seconds by which the station's clock was ahead when this was last noted; None if it never was."""
    entries = Entry.objects.filter(
        subject_type="station",
        subject_id=str(station.pk),
        kind="station.clock_offset",
        exercise_id=clocks.default_exercise_id(),
    )
    payload = entries.order_by("-at", "-id").values_list("payload", flat=True).first()
    offset = json.loads(payload).get("offset_s") if payload else None
    return None if offset is None else float(offset)


def _frame(frame: RawFrame) -> FrameLine:
    received_at = datetime.fromtimestamp(frame.received / 1000, UTC)
    return FrameLine(received_at, frame.source, frame.data, _decoded(frame.data))


def _decoded(data: bytes) -> dict[str, object]:
    """The first driver that takes it for its own message; {} for JSON of a source and for the unknown."""
    if data[:1] in (b"{", b"["):
        return {}  # a batch of thousands of readings is no frame; searching it for one takes a tenth of a second
    for driver in DRIVERS.values():
        fields = driver.decode_message(data)
        if fields.get("ok"):
            return {"protocol": driver.protocol, **fields}
    return {}
