"""签到: on time, late, not at all; who is called then, in which order, and from which moment."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.directory.models import HoldingRole, Shift
from anlan.directory.rostering import cancel_shift, record_absence
from anlan.duty.models import Alarm, CheckIn, SpecialPeriod
from anlan.duty.queries import on_duty_now
from anlan.duty.refusals import (
    AlreadyChecked,
    NotYourShift,
    OnlyTheColleague,
    OwnPeriod,
    OwnSwap,
    TooEarly,
    WordsMissing,
)
from anlan.duty.services.checkins import check_in
from anlan.duty.services.periods import approve_period, propose_period
from anlan.duty.services.planning import copy_week, rotate
from anlan.duty.services.swaps import accept_swap, approve_swap, ask_swap
from anlan.duty.tests.rooms import Rooms
from anlan.journal.verify import verify
from anlan.kernel.refusals import NotAllowed
from anlan.vocab.posts import PostKind


def test_whoever_checks_in_on_time_is_not_called(rooms: Rooms) -> None:
    shift = rooms.shift("Chen")
    rooms.later(hours=1)
    check = CheckIn.objects.get()
    assert (check.state, check.expected_at) == ("expected", shift.starts_at)
    check_in(_fresh(shift), by=rooms.county.actor("Chen"), at=rooms.now)
    rooms.later(hours=2)
    check.refresh_from_db()
    assert (check.state, check.late_s, check.next_at) == ("present", 0, None)
    assert rooms.told("check_in:") == []
    [there] = [one for one in on_duty_now(rooms.county.division, at=rooms.now) if one.name == "陈静"]
    assert (there.shift_id, there.is_late, there.checked_in_at is not None) == (shift.pk, False, True)


def test_whoever_does_not_come_is_called_then_who_steps_in_then_the_chief(rooms: Rooms) -> None:
    rooms.shift("Chen")
    rooms.shift("Guo", role=HoldingRole.B)
    rooms.later(hours=1)
    rooms.later(minutes=9, seconds=59)
    assert rooms.told("check_in:") == []
    check_in(Shift.objects.get(person=rooms.county.people["Guo"]), by=rooms.county.actor("Guo"), at=rooms.now)
    rooms.later(seconds=1)
    assert rooms.told("check_in:") == ["Chen"]
    alarm = Alarm.objects.get(kind="check_in_missing")
    assert "陈静" in alarm.text_zh
    rooms.later(minutes=5)
    assert rooms.told("check_in:") == ["Chen", "Guo"]
    rooms.later(minutes=5)
    assert rooms.told("check_in:") == ["Chen", "Guo", "Feng"]
    rooms.later(hours=3)
    check = CheckIn.objects.get(person=rooms.county.people["Chen"])
    assert (check.state, check.step, check.next_at) == ("missing", 3, None)
    check_in(Shift.objects.get(pk=check.shift_id), by=rooms.county.actor("Chen"), at=rooms.now)
    alarm.refresh_from_db()
    check.refresh_from_db()
    assert (alarm.state, check.state, check.late_s) == ("cleared", "present", 3 * 3600 + 20 * 60)


def test_after_a_time_without_a_worker_lateness_counts_from_the_true_start(rooms: Rooms) -> None:
    shift = rooms.shift("Chen")
    rooms.later(hours=5)
    check = CheckIn.objects.get()
    assert (check.state, check.expected_at, check.step) == ("missing", shift.starts_at, 1)
    assert "已过240分钟" in rooms_text(rooms)


def rooms_text(rooms: Rooms) -> str:
    from anlan.dissemination.models import Delivery

    return Delivery.objects.filter(subject__startswith="check_in:", channel="sms").order_by("id")[0].text


def test_the_deputy_of_somebody_who_is_away_is_called_second(rooms: Rooms) -> None:
    shift = rooms.shift("Chen")
    record_absence(
        rooms.county.people["Chen"],
        away_from=shift.starts_at,
        away_to=shift.ends_at,
        deputy=rooms.county.people["Guo"],
        by=rooms.county.by,
        at=rooms.now,
    )
    rooms.later(hours=1, minutes=10)
    rooms.later(minutes=5)
    assert rooms.told("check_in:") == ["Chen", "Guo"]


def test_a_cancelled_shift_calls_nobody(rooms: Rooms) -> None:
    shift = rooms.shift("Chen")
    rooms.later(hours=1)
    cancel_shift(_fresh(shift), by=rooms.county.by, at=rooms.now)
    rooms.later(minutes=30)
    assert CheckIn.objects.get().state == "excused"
    assert rooms.told("check_in:") == []


def test_a_township_absence_reaches_its_leader_and_the_county_chief(rooms: Rooms) -> None:
    rooms.shift("Li", PostKind.TOWNSHIP_DUTY, "Willow River")
    rooms.later(hours=1, minutes=10)
    rooms.later(minutes=5)
    rooms.later(minutes=5)
    assert rooms.told("check_in:") == ["Li", "Feng"]


def test_only_the_person_or_somebody_with_the_right_and_words_checks_in(rooms: Rooms) -> None:
    shift = rooms.shift("Chen", starts_in=timedelta(minutes=30))
    with pytest.raises(NotYourShift):
        check_in(shift, by=rooms.county.actor("Liu"), at=rooms.now)
    with pytest.raises(WordsMissing):
        check_in(shift, way="hand", by=rooms.county.actor("Feng"), at=rooms.now)
    check_in(shift, way="hand", words="本人在座", by=rooms.county.actor("Feng"), at=rooms.now)
    with pytest.raises(AlreadyChecked):
        check_in(_fresh(shift), by=rooms.county.actor("Chen"), at=rooms.now)
    early = rooms.shift("Guo", starts_in=timedelta(hours=5))
    with pytest.raises(TooEarly):
        check_in(early, by=rooms.county.actor("Guo"), at=rooms.now)
    assert CheckIn.objects.count() == 1


def test_a_swap_changes_the_roster_only_when_a_third_person_approves(rooms: Rooms) -> None:
    shift = rooms.shift("Feng", PostKind.COUNTY_DUTY_CHIEF)
    other = rooms.shift("Zheng", PostKind.COUNTY_DUTY_CHIEF, starts_in=timedelta(days=2))
    people, at = rooms.county.people, rooms.now
    swap = ask_swap(
        shift, people["Zheng"], other_shift=other, reason="家中有事", by=rooms.county.actor("Feng"), at=at
    )
    with pytest.raises(OnlyTheColleague):
        accept_swap(swap, by=rooms.county.actor("Wang"), at=at)
    accept_swap(swap, by=rooms.county.actor("Zheng"), at=at)
    for one in ("Feng", "Zheng"):  # both have the right, and neither may
        with pytest.raises(OwnSwap):
            approve_swap(swap, by=rooms.county.actor(one), at=at)
    with pytest.raises(NotAllowed):
        approve_swap(swap, by=rooms.county.actor("Chen"), at=at)
    assert _planned() == [("冯涛", shift.starts_at), ("郑国安", other.starts_at)]
    approve_swap(swap, by=rooms.county.actor("Wang"), at=at)
    assert _planned() == [("郑国安", shift.starts_at), ("冯涛", other.starts_at)]
    assert verify().problems == []


def test_a_list_takes_turns_and_last_week_is_copied_without_doubling(rooms: Rooms) -> None:
    people, by, at = rooms.county.people, rooms.county.actor("Feng"), rooms.now
    post = rooms.county.posts[PostKind.COUNTY_DUTY, "Yunling"]
    each = timedelta(hours=24)
    made = rotate(post, [people["Chen"], people["Guo"]], first=at, each=each, count=7, by=by, at=at)
    assert [one.person.name for one in made.shifts] == ["陈静", "郭小明"] * 3 + ["陈静"]
    week = at.replace(hour=0)
    again = copy_week(rooms.room(), week=week, into=week + timedelta(days=7), by=by, at=at)
    assert (len(again.shifts), again.skipped) == (7, [])
    twice = copy_week(rooms.room(), week=week, into=week + timedelta(days=7), by=by, at=at)
    assert (len(twice.shifts), {one.why for one in twice.skipped}) == (0, {"twice"})


def test_nobody_approves_the_period_that_he_proposed(rooms: Rooms) -> None:
    at = rooms.now
    period = propose_period(
        rooms.county.division, kind="holiday", title="国庆节", starts_at=at, ends_at=at + timedelta(days=7),
        reason="法定节假日", by=rooms.county.actor("Feng"), at=at,
    )  # fmt: skip
    with pytest.raises(OwnPeriod):
        approve_period(period, by=rooms.county.actor("Feng"), at=at)
    approve_period(period, by=rooms.county.actor("Zheng"), at=at)
    assert SpecialPeriod.objects.get().state == "approved"


def _planned() -> list[tuple[str, object]]:
    rows = Shift.objects.filter(cancelled_at=None).order_by("starts_at")
    return list(rows.values_list("person__name", "starts_at"))


def _fresh(shift: Shift) -> Shift:
    return Shift.objects.select_related("post__division", "person").get(pk=shift.pk)
