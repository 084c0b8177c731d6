"""Signals of the gateway become facts exactly once, whatever breaks on the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from anlan.events.published import CrossingRecorded, StationFellSilent, StationHeardAgain
from anlan.journal import reactions
from anlan.journal.models import Announcement, Cursor, Entry, ExerciseRun
from anlan.journal.verify import verify
from anlan.sensing.models import BindingState, Crossing, Station, StationState
from anlan.sensing.services import signals, take_signals
from anlan.sensing.tests.world import T0, FakeHot, World


@pytest.fixture(autouse=True)
def one_listener(monkeypatch: pytest.MonkeyPatch) -> None:
    """One reaction to each event of sensing, whatever the floors above have registered."""
    events = {event.name: event for event in (CrossingRecorded, StationFellSilent, StationHeardAgain)}

    def reactions_to(name: str) -> list[reactions.Reaction]:
        return [reactions.Reaction(f"test.{name}", events[name], lambda event, at: None)]

    monkeypatch.setattr(reactions, "reactions_to", reactions_to)


def announced(event: type) -> list[str]:
    rows = Announcement.objects.filter(event=event.name).order_by("id")  # type: ignore[attr-defined]
    return [next(iter(row.payload.values())) for row in rows]


def test_a_crossing_becomes_a_fact_with_the_signals_own_id(world: World, hot: FakeHot) -> None:
    signal = hot.crossing()
    assert take_signals(hot, at=T0) == 1
    crossing = Crossing.objects.get()
    assert str(crossing.pk) == signal.id
    assert (crossing.level, crossing.value, crossing.threshold) == (2, Decimal("61.500"), Decimal("60.000"))
    assert (crossing.phenomenon_time, crossing.recorded_at) == (T0, T0)
    assert crossing.received_wall == pytest.approx(1782864002.5)
    assert not crossing.is_late
    assert announced(CrossingRecorded) == [signal.id]
    assert Entry.objects.get(kind="crossing.recorded").actor == "rule:R12"
    assert verify().problems == []


def test_taking_again_takes_only_what_is_new(world: World, hot: FakeHot) -> None:
    hot.crossing()
    take_signals(hot, at=T0)
    assert take_signals(hot, at=T0) == 0
    hot.crossing(level=1, previous_level=2)
    assert take_signals(hot, at=T0) == 1
    assert Crossing.objects.count() == 2


def test_a_lost_cursor_doubles_nothing(world: World, hot: FakeHot) -> None:
    hot.crossing()
    hot.add("silent", station=world.rain.code, last_heard=T0.isoformat())
    take_signals(hot, at=T0)
    Cursor.objects.all().delete()
    assert take_signals(hot, at=T0) == 2
    assert Crossing.objects.count() == 1
    assert (len(announced(CrossingRecorded)), len(announced(StationFellSilent))) == (1, 1)


def test_late_days_have_their_own_place_in_the_cursor(world: World, hot: FakeHot) -> None:
    hot.crossing()
    take_signals(hot, at=T0)
    late = hot.add("crossing", day="2026-06-30", **hot.crossing().body)
    take_signals(hot, at=T0)
    assert Crossing.objects.filter(pk=late.id).exists()
    assert Cursor.objects.get().position == {"2026-07-01": 2, "2026-06-30": 1}


def test_more_signals_than_one_transaction_holds_all_arrive(
    world: World, hot: FakeHot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signals, "BATCH", 3)
    sent = [hot.crossing().id for _ in range(7)]
    assert take_signals(hot, at=T0) == 7
    assert sorted(str(pk) for pk in Crossing.objects.values_list("pk", flat=True)) == sorted(sent)


def test_a_silent_station_is_marked_and_heard_again(world: World, hot: FakeHot) -> None:
    hot.add("silent", at=T0, station=world.rain.code, last_heard=T0.isoformat())
    take_signals(hot, at=T0)
    assert Station.objects.get(pk=world.rain.pk).state == StationState.SILENT
    hot.add("heard", at=T0 + timedelta(minutes=5), station=world.rain.code)
    take_signals(hot, at=T0)
    station = Station.objects.get(pk=world.rain.pk)
    assert (station.state, station.state_since) == (StationState.REPORTING, T0 + timedelta(minutes=5))
    assert announced(StationFellSilent) == announced(StationHeardAgain) == [str(station.pk)]
    assert verify().problems == []


def test_an_old_silence_does_not_override_a_newer_sign_of_life(world: World, hot: FakeHot) -> None:
    hot.add("heard", at=T0 + timedelta(minutes=5), station=world.rain.code)
    hot.add("silent", at=T0, station=world.rain.code, day="2026-06-30")
    take_signals(hot, at=T0)
    assert Station.objects.get(pk=world.rain.pk).state == StationState.REPORTING
    assert announced(StationFellSilent) == []
    assert announced(StationHeardAgain) == []  # it had never been silent


def test_gaps_are_noted_and_never_called_safe(world: World, hot: FakeHot) -> None:
    hot.add("uncertain", binding="R12:00999A0001", station=world.rain.code, windows_min=[60, 180])
    take_signals(hot, at=T0)
    state = BindingState.objects.get()
    assert (state.is_uncertain, state.uncertain_since, state.level) == (True, T0, None)
    assert state.uncertain_windows_min == [60, 180]
    hot.add("certain", binding="R12:00999A0001", station=world.rain.code)
    take_signals(hot, at=T0)
    assert not BindingState.objects.get().is_uncertain
    assert Entry.objects.filter(kind__in=["binding.uncertain", "binding.certain"]).count() == 2


def test_the_present_level_of_a_binding_follows_the_newest_crossing(world: World, hot: FakeHot) -> None:
    hot.crossing(level=1)
    hot.crossing(level=None, previous_level=1, direction="down")
    take_signals(hot, at=T0)
    assert BindingState.objects.get().level is None
    hot.crossing(level=3)
    take_signals(hot, at=T0)
    assert BindingState.objects.get().level == 3


def test_unknown_stations_are_noted_once_and_stop_nothing(world: World, hot: FakeHot) -> None:
    hot.add("unknown_station", code="00FFFFFFFF", source="10.0.0.9:4021")
    hot.add("unknown_station", code="00FFFFFFFF", source="10.0.0.9:4022")
    hot.crossing(station="0011223344")
    hot.add("silent", station="0011223344")
    good = hot.crossing()
    assert take_signals(hot, at=T0) == 5
    assert [str(pk) for pk in Crossing.objects.values_list("pk", flat=True)] == [good.id]
    noted = Entry.objects.filter(kind="unknown_station.heard").values_list("subject_id", flat=True)
    assert sorted(noted) == ["0011223344", "00FFFFFFFF"]


def test_a_clock_that_is_off_is_noted_at_its_station(world: World, hot: FakeHot) -> None:
    hot.add("clock_offset", station=world.rain.code, offset_s=-412.5)
    take_signals(hot, at=T0)
    entry = Entry.objects.get(kind="station.clock_offset")
    assert entry.subject_id == str(world.rain.pk)
    assert "-412.5" in entry.payload


@pytest.mark.parametrize(
    "spoil",
    [
        lambda hot: hot.add("a_kind_of_next_year", station="00999A0001"),
        lambda hot: hot.add("crossing", binding="R12:00999A0001"),
        lambda hot: hot.crossing(value="a lot"),
        lambda hot: hot.crossing(phenomenon_time="yesterday"),
    ],
)
def test_a_signal_nobody_understands_is_noted_and_the_next_is_taken(
    world: World, hot: FakeHot, spoil: Callable[[FakeHot], Any]
) -> None:
    spoil(hot)
    good = hot.crossing()
    assert take_signals(hot, at=T0) == 2
    assert str(Crossing.objects.get().pk) == good.id
    assert Entry.objects.filter(kind="signal.unreadable").count() == 1


def test_facts_of_a_drill_carry_its_run(world: World, hot: FakeHot, settings: Any) -> None:
    run = ExerciseRun.objects.create(scenario="storm", clock_start=T0, wall_start=T0, speed=60)
    settings.ANLAN_EXERCISE = str(run.pk)
    hot.crossing()
    hot.add("silent", station=world.rain.code)
    hot.add("uncertain", binding="R12:00999A0001", station=world.rain.code)
    take_signals(hot, at=T0)
    assert Crossing.objects.get().exercise_id == run.pk
    assert set(Announcement.objects.values_list("exercise_id", flat=True)) == {run.pk}
    assert BindingState.objects.filter(exercise_id=run.pk, is_uncertain=True, level=2).count() == 1


def test_a_reading_that_came_hours_late_makes_a_late_crossing(world: World, hot: FakeHot) -> None:
    hot.crossing(received_at=(T0 + timedelta(hours=3)).isoformat(), is_late=True, received_wall=None)
    take_signals(hot, at=T0)
    assert Crossing.objects.get().is_late


def test_a_stage_has_no_rain_window(world: World, hot: FakeHot) -> None:
    hot.crossing("0099020001", binding="R13:0099020001", quantity="stage", rule_id="R13", window_min=0)
    take_signals(hot, at=T0)
    assert Crossing.objects.get().window_min is None


def test_a_clock_set_back_between_signals_loses_none(
    world: World, hot: FakeHot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signals, "BATCH", 2)
    sent = [hot.crossing() for _ in range(5)]
    hot.signals.reverse()  # the reader sorts by id, and the ids now run against the numbers
    assert take_signals(hot, at=T0) == 5
    assert {str(pk) for pk in Crossing.objects.values_list("pk", flat=True)} == {one.id for one in sent}


class _Crash(BaseException):
    """Not an Exception: nothing may catch it, as nothing catches a power cut."""


def _crash_at(statement: int) -> Callable[..., Any]:
    """Die just before the given statement to the database."""
    count = 0

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal count
        count += 1
        if count == statement:
            raise _Crash
        return execute(sql, params, many, context)

    return wrapper


def _facts() -> dict[str, Any]:
    return {
        "crossings": sorted(Crossing.objects.values_list("pk", "level")),
        "announced": sorted(
            Announcement.objects.values_list("event", "payload").values_list("event", flat=True)
        ),
        "entries": sorted(Entry.objects.values_list("kind", flat=True)),
        "states": sorted(Station.objects.values_list("code", "state")),
        "levels": sorted(BindingState.objects.values_list("binding", "level", "is_uncertain")),
        "cursor": Cursor.objects.get().position,
    }


@pytest.mark.django_db(transaction=True)
def test_a_crash_before_any_statement_loses_and_doubles_nothing(
    world: World, hot: FakeHot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signals, "BATCH", 4)
    for level in (3, 2, 1):
        hot.crossing(level=level)
    hot.add("silent", station=world.rain.code)
    hot.add("uncertain", binding="R12:00999A0001", station=world.rain.code)
    hot.add("unknown_station", code="00FFFFFFFF", source="x")
    hot.add("heard", at=T0 + timedelta(minutes=1), station=world.rain.code)
    statement = 0
    crashed = True
    while crashed:
        statement += 1
        crashed = False
        with connection.execute_wrapper(_crash_at(statement)):
            try:
                take_signals(hot, at=T0)
            except _Crash:
                crashed = True
        _assert_whole_batches()
    assert statement > 20
    facts = _facts()
    assert [level for _, level in facts["crossings"]] == [3, 2, 1]
    assert facts["announced"] == [CrossingRecorded.name] * 3 + [
        StationFellSilent.name,
        StationHeardAgain.name,
    ]
    assert facts["cursor"] == {"2026-07-01": 7}
    assert (world.rain.code, StationState.REPORTING) in facts["states"]
    assert facts["levels"] == [("R12:00999A0001", 1, True)]
    assert verify().problems == []


def _assert_whole_batches() -> None:
    """What is stored belongs to whole batches: facts and cursor agree at any moment."""
    cursor = Cursor.objects.filter(name=signals.CURSOR).first()
    reached = cursor.position.get("2026-07-01", 0) if cursor else 0
    assert reached in (0, 4, 7)
    assert Crossing.objects.count() == (3 if reached else 0)
    assert Entry.objects.filter(kind="unknown_station.heard").exists() == (reached == 7)


def test_a_second_worker_that_moved_the_cursor_wins(world: World, hot: FakeHot) -> None:
    hot.crossing()

    class Rival(FakeHot):
        raced = False

        def signals_after(self, cursor: dict[str, int]) -> Any:
            found = list(hot.signals_after(cursor))
            if not self.raced:
                self.raced = True
                take_signals(hot, at=T0)
            return iter(found)

    assert take_signals(Rival(), at=T0) == 0
    assert Crossing.objects.count() == 1
    assert len(announced(CrossingRecorded)) == 1
