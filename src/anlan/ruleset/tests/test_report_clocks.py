"""The clocks of R04, R05, R06 and R08, what a report must say, and working days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.kernel.clock import SHANGHAI
from anlan.ruleset import load_pack, load_packs
from anlan.ruleset.reportclocks import (
    Clock,
    ReportFacts,
    ReportKind,
    ReportPacks,
    call_elements,
    clocks_of,
    must_report,
    next_daily,
    required_elements,
    strictest,
    supplement_until,
    timers_of,
)
from anlan.ruleset.tables import NamedDay, WorkdaysTable
from anlan.ruleset.workdays import add_working_days, is_entered, is_working_day
from anlan.vocab.incidents import TYPES

#: A busy machine is no reason to fail.
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
PACKS = ReportPacks(load_packs())
KNEW = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)


def facts(event_type: str = "mine", grade: int | None = 4, **more: Any) -> ReportFacts:
    return ReportFacts(event_type=event_type, grade=grade, known_at=KNEW, **more)


def clocks(**given: Any) -> dict[str, Clock]:
    return {clock.code: clock for clock in clocks_of(facts(**given), PACKS)}


def after(**span: float) -> datetime:
    return KNEW + timedelta(**span)


# -- R04


def test_one_minute_over_the_hour_after_the_unit_head_knew_is_late() -> None:
    clock = clocks(unit_head_knew_at=KNEW)["unit_to_county"]
    assert not clock.is_late(after(minutes=60))
    assert clock.is_late(after(minutes=61))
    done = clocks(unit_head_knew_at=KNEW, done={"unit_to_county": after(minutes=61)})["unit_to_county"]
    assert done.is_late(after(minutes=61))


@pytest.mark.parametrize(
    ("grade", "last", "hours"),
    [(4, "county_to_city", 2), (3, "city_to_province", 4), (2, "province_to_ministry", 6), (1, "province_to_ministry", 6)],
)  # fmt: skip
def test_the_highest_destination_has_two_four_or_six_hours_from_the_county(
    grade: int, last: str, hours: int
) -> None:
    chain = [clock for clock in clocks_of(facts(grade=grade), PACKS) if clock.kind == "chain"]
    assert chain[-1].code == last
    assert chain[-1].due_at == after(hours=hours)


def test_a_tier_that_was_told_early_has_its_two_hours_from_then() -> None:
    found = clocks(grade=1, done={"county_to_city": after(minutes=30)})
    assert found["city_to_province"].due_at == after(minutes=150)
    assert found["county_to_city"].done_at == after(minutes=30)


def test_without_a_grade_the_county_reports_to_the_city_and_no_chain_goes_further() -> None:
    found = clocks(grade=None)
    assert "county_to_city" in found
    assert "city_to_province" not in found


def test_only_accidents_have_the_chain() -> None:
    assert not [one for one in clocks_of(facts("flood", 1), PACKS) if one.kind == "chain"]


@pytest.mark.parametrize(
    ("grade", "sensitive", "flash"), [(4, False, False), (3, False, True), (1, False, True), (4, True, True)]
)
def test_the_province_hears_by_phone_of_what_is_grave_or_of_great_effect(
    grade: int, sensitive: bool, flash: bool
) -> None:
    found = clocks(grade=grade, is_sensitive=sensitive)
    assert ("phone_flash" in found) == flash
    if flash:
        assert found["phone_flash"].due_at == after(hours=1)
        assert not found["phone_flash"].verified


@pytest.mark.parametrize(("grade", "hours"), [(4, 24), (3, 24), (2, 12), (1, 12)])
def test_follow_ups_are_daily_and_twice_a_day_from_the_second_grade_up(grade: int, hours: int) -> None:
    found = clocks(grade=grade, last_report_at=after(hours=1))
    assert found["follow_up"].due_at == after(hours=1 + hours)
    assert "follow_up" not in clocks(grade=grade, last_report_at=after(hours=1), is_over=True)
    assert "follow_up" not in clocks(grade=grade)


@pytest.mark.parametrize(("event_type", "days"), [("mine", 30), ("road_traffic", 7), ("fire", 7)])
def test_a_changed_count_is_supplemented_within_thirty_or_seven_days(event_type: str, days: int) -> None:
    occurred = after(hours=-3)
    assert supplement_until(facts(event_type, occurred_at=occurred), PACKS) == occurred + timedelta(days=days)
    assert supplement_until(facts("flood"), PACKS) is None


# -- R05


def test_phone_written_and_pictures_run_from_the_moment_of_knowing() -> None:
    found = clocks(event_type="flood")
    assert [found[code].due_at for code in ("phone", "written", "image")] == [
        after(minutes=30),
        after(minutes=60),
        after(minutes=120),
    ]
    assert {found[code].destination for code in ("phone", "written", "image")} == {"city"}
    assert not any(clock.verified for clock in found.values())


def test_the_earlier_of_knowing_and_receiving_counts() -> None:
    assert clocks(event_type="flood", received_at=after(minutes=-10))["phone"].due_at == after(minutes=20)
    assert clocks(event_type="flood", received_at=after(minutes=10))["phone"].due_at == after(minutes=30)


def test_both_ways_of_counting_are_shown() -> None:
    found = clocks(event_type="flood", occurred_at=after(minutes=-20))
    assert found["phone"].due_at == after(minutes=30)
    assert found["phone"].also_due_at == after(minutes=10)


def test_a_county_may_count_from_the_occurrence() -> None:
    pack = load_pack("R05")
    one = msgspec.structs.replace(pack.parameters["start_from_occurrence"], value=1)
    own = msgspec.structs.replace(pack, parameters=pack.parameters | {one.name: one})
    packs = ReportPacks({**load_packs(), "R05": own})
    found = clocks_of(facts("flood", occurred_at=after(minutes=-20)), packs)
    assert min(clock.due_at for clock in found) == after(minutes=10)
    unknown = clocks_of(facts("flood"), packs)
    assert min(clock.due_at for clock in unknown) == after(minutes=30)


def test_a_township_reports_to_the_county() -> None:
    found = clocks(event_type="flood", tier="township")
    assert {clock.destination for clock in found.values()} == {"county"}
    assert all(clock.is_mine for clock in found.values())


def test_what_is_sensitive_is_reported_whatever_the_table_says() -> None:
    pack = load_pack("R05")
    one = msgspec.structs.replace(pack.parameters["least_grade"], value=3)
    packs = ReportPacks(
        {**load_packs(), "R05": msgspec.structs.replace(pack, parameters=pack.parameters | {one.name: one})}
    )
    assert not must_report(facts("flood", 4), packs)
    assert not [clock for clock in clocks_of(facts("flood", 4), packs) if clock.rule == "R05"]
    assert must_report(facts("flood", 4, is_sensitive=True), packs)
    assert must_report(facts("flood", None), packs)  # an unknown grade is not a mild one
    assert clocks_of(facts("flood", 4, is_sensitive=True), packs)


def test_of_two_clocks_of_one_kind_the_stricter_is_named() -> None:
    found = clocks_of(facts(grade=2), PACKS)
    clock = strictest(found, "phone")
    assert clock is not None
    assert clock.code == "phone"
    assert strictest(found, "timer") is None


@pytest.mark.parametrize("event_type", ["public_health", "social_security"])
def test_no_pictures_and_no_words_are_asked_of_what_is_restricted(event_type: str) -> None:
    assert "image" not in clocks(event_type=event_type, grade=None)
    kinds: tuple[ReportKind, ...] = ("phone", "initial", "follow_up", "final")
    for kind in kinds:
        asked = {one.code for one in required_elements(kind, event_type, PACKS)}
        assert asked <= {"nature", "place", "persons", "reference"}


def test_a_first_report_asks_for_what_the_rules_of_two_cities_ask() -> None:
    asked = {one.code for one in required_elements("initial", "flood", PACKS)}
    assert asked == {
        "received_at", "source", "occurred_at", "place", "nature", "scope", "casualties", "trend", "leaders", "measures", "advice", "signer",
    }  # fmt: skip


def test_an_accident_report_asks_for_unit_course_and_loss_and_by_phone_for_the_least() -> None:
    asked = {one.code for one in required_elements("initial", "mine", PACKS)}
    assert {"unit", "occurred_at", "place", "course", "casualties", "loss", "measures"} <= asked
    by_phone = {one.code for one in required_elements("phone", "mine", PACKS)}
    assert by_phone == {"unit", "nature", "occurred_at", "place", "casualties"}


def test_a_phone_record_asks_whom_the_caller_told_already() -> None:
    assert "told" in {one.code for one in call_elements(PACKS)}


# -- R06, R08


def test_zero_reports_are_due_at_eight_and_nine_local_time() -> None:
    pack = load_pack("R06")
    evening = datetime(2026, 7, 1, 14, 0, tzinfo=UTC)  # 22:00 local
    assert next_daily(evening, pack.number("zero_report_township_hour")) == datetime(
        2026, 7, 2, 0, 0, tzinfo=UTC
    )
    assert next_daily(evening, pack.number("zero_report_county_hour")) == datetime(
        2026, 7, 2, 1, 0, tzinfo=UTC
    )
    on_time = datetime(2026, 7, 2, 0, 0, tzinfo=UTC)
    assert next_daily(on_time, 8) == on_time + timedelta(days=1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("township_to_county_min", 60),
        ("county_to_city_min", 120),
        ("direct_report_people", 10),
        ("drought_follow_up_days", 10),
        ("verify_county_workdays", 2),
        ("verify_city_workdays", 3),
        ("verify_province_workdays", 5),
    ],
)
def test_the_times_of_disaster_statistics_are_parameters(name: str, value: float) -> None:
    assert load_pack("R06").number(name) == value


def test_an_earthquake_starts_the_one_two_three_hour_rule() -> None:
    found = {one.code: one for one in timers_of(facts("earthquake", 3, occurred_at=KNEW), PACKS)}
    hours = {"quake_command_running": 1, "quake_teams_out": 2, "quake_rescue_full": 3}
    assert {code: one.due_at for code, one in found.items()} == {
        code: after(hours=n) for code, n in hours.items()
    }


def test_a_flood_starts_relief_and_an_order_starts_the_way_to_the_scene() -> None:
    found = {one.code: one.due_at for one in timers_of(facts("flood", 3, ordered_at=after(hours=1)), PACKS)}
    assert found == {
        "force_arrive": after(hours=3),
        "relief_first": after(hours=4),
        "supplies_first_batch": after(hours=8),
        "relief_basic": after(hours=10),
    }


@CALM
@given(
    st.sampled_from(sorted(TYPES)),
    st.sampled_from([None, 1, 2, 3, 4]),
    st.booleans(),
    st.integers(0, 600),
    st.sampled_from(["county", "township"]),
)
def test_every_clock_ends_its_limit_after_its_start_and_says_why(
    event_type: str, grade: int | None, sensitive: bool, minutes: int, tier: str
) -> None:
    given_facts = facts(
        event_type, grade, is_sensitive=sensitive, occurred_at=after(minutes=-minutes), tier=tier, last_report_at=KNEW
    )  # fmt: skip
    found = clocks_of(given_facts, PACKS)
    assert found == sorted(found, key=lambda one: (one.due_at, one.code))
    for clock in [*found, *timers_of(given_facts, PACKS)]:
        assert clock.due_at == clock.starts_at + clock.limit
        assert clock.zh
        assert clock.en
        assert clock.source
        assert not clock.is_late(clock.due_at)


# -- working days


NATIONAL = WorkdaysTable(
    fixed=["10-01", "10-02", "10-03"],
    holidays=[NamedDay("2026-10-05", "调休")],
    make_up=[NamedDay("2026-10-10", "补班")],
)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 9, 30), True),
        (date(2026, 10, 1), False),
        (date(2026, 10, 5), False),
        (date(2026, 10, 6), True),
        (date(2026, 10, 10), True),  # a Saturday
        (date(2026, 10, 11), False),
    ],
)
def test_a_day_works_by_its_weekday_unless_the_notice_says_otherwise(day: date, works: bool) -> None:
    assert is_working_day(day, NATIONAL) == works


def test_two_working_days_after_a_friday_end_on_tuesday_night() -> None:
    friday = datetime(2026, 7, 3, 9, 0, tzinfo=SHANGHAI)
    assert add_working_days(friday, 2, NATIONAL) == datetime(2026, 7, 8, 0, 0, tzinfo=SHANGHAI)


def test_holidays_in_between_do_not_count_and_make_up_days_do() -> None:
    before = datetime(2026, 9, 30, 9, 0, tzinfo=SHANGHAI)
    assert add_working_days(before, 1, NATIONAL) == datetime(2026, 10, 7, 0, 0, tzinfo=SHANGHAI)
    assert add_working_days(before, 5, NATIONAL) == datetime(2026, 10, 11, 0, 0, tzinfo=SHANGHAI)


def test_a_year_of_which_nobody_entered_the_notice_is_told_apart() -> None:
    assert is_entered(2026, NATIONAL)
    assert not is_entered(2027, NATIONAL)
    shipped = load_pack("R06W").table_as(WorkdaysTable)
    assert not shipped.holidays
    assert not shipped.make_up


@CALM
@given(st.integers(0, 20_000), st.integers(0, 30))
def test_more_working_days_never_end_sooner(hours: int, days: int) -> None:
    at = KNEW + timedelta(hours=hours)
    assert add_working_days(at, days + 1, NATIONAL) > add_working_days(at, days, NATIONAL)
