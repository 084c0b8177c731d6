"""A lesson has an owner and a day; due and overdue it stands among the alarms of its owner's desk until it is mended."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from anlan.dispatch.tests.order_scenes import flood
from anlan.duty import queries
from anlan.duty.models import Alarm
from anlan.journal.deadlines import run_deadlines, run_reactions
from anlan.kernel.openitems import sources
from anlan.review import services
from anlan.review.access import may_manage, may_mend, visible_lessons, visible_reviews
from anlan.review.models import Lesson
from anlan.review.refusals import DueInThePast, LessonNotOpen, WordsMissing
from anlan.review.tests import reviewscenes as scenes
from anlan.testing import County

pytestmark = pytest.mark.django_db
RINGING = ("ringing", "leader_called")
DAY = date(2026, 7, 3)


def owed(county: County, due_on: date | None = DAY, owner: str = "Willow River", **fields: Any) -> Lesson:
    review = fields.pop("review", None) or scenes.reviewed(county, flood(county))
    return services.add_lesson(
        review, county.divisions[owner], "补建预警广播", due_on, by=county.actor("Wang"), at=county.now
    )


def a_while(county: County, **given: float) -> None:
    county.clock.advance(**given)
    run_deadlines(owner="test")
    run_reactions(owner="test")


def standing(kind: str) -> list[Alarm]:
    return list(Alarm.objects.filter(kind=kind, state__in=RINGING))


def test_on_the_morning_of_its_day_it_stands_at_the_desk_of_its_owner_and_makes_no_sound(
    county: County,
) -> None:
    owed(county)
    a_while(county, hours=47)
    assert not standing("lesson_due")
    a_while(county, hours=2)
    [alarm] = standing("lesson_due")
    assert (alarm.division_id, alarm.text_zh) == (
        county.divisions["Willow River"].pk,
        "整改今日到期：柳河镇：补建预警广播",
    )
    assert not queries.sounds(alarm)
    assert alarm in queries.ringing(county.actor("Li"))
    assert alarm not in queries.ringing(county.actor("Liu"))


def test_the_day_after_it_is_overdue_instead_and_again_after_a_week_when_somebody_only_confirmed_it(
    county: County,
) -> None:
    lesson = owed(county)
    a_while(county, hours=49)
    a_while(county, hours=24)
    assert (len(standing("lesson_due")), len(standing("lesson_overdue"))) == (0, 1)
    assert services.is_overdue(lesson, county.now)
    Alarm.objects.filter(kind="lesson_overdue").update(state="confirmed")
    a_while(county, days=6)
    assert not standing("lesson_overdue")
    a_while(county, days=2)
    assert len(standing("lesson_overdue")) == 1


def test_mended_it_is_silent_and_says_how(county: County) -> None:
    lesson = owed(county)
    a_while(county, days=4)
    lesson.refresh_from_db()
    with pytest.raises(WordsMissing):
        services.finish_lesson(lesson, words=" ", by=county.actor("Li"), at=county.now)
    services.finish_lesson(lesson, words="已建成", by=county.actor("Li"), at=county.now)
    run_reactions(owner="test")
    assert not standing("lesson_overdue")
    assert (lesson.state, lesson.done_words, lesson.remind_at) == ("done", "已建成", None)
    with pytest.raises(LessonNotOpen):
        services.drop_lesson(lesson, why="x", by=county.actor("Wang"), at=county.now)


def test_a_later_day_silences_the_former_one(county: County) -> None:
    lesson = owed(county)
    a_while(county, days=4)
    lesson.refresh_from_db()
    services.change_lesson(
        lesson, owner=lesson.owner, words=lesson.words, due_on=DAY + timedelta(days=30), plan=None, by=county.actor("Wang"), at=county.now
    )  # fmt: skip
    run_reactions(owner="test")
    assert not standing("lesson_overdue")
    assert not services.is_overdue(lesson, county.now)


def test_a_day_that_has_passed_is_refused_and_without_a_day_nobody_is_reminded(county: County) -> None:
    with pytest.raises(DueInThePast):
        owed(county, date(2026, 6, 30))
    lesson = owed(county, None)
    a_while(county, days=60)
    assert lesson.remind_at is None
    assert not Alarm.objects.filter(kind__startswith="lesson").exists()


def test_a_lesson_that_is_opened_again_is_overdue_at_once(county: County) -> None:
    lesson = owed(county)
    services.finish_lesson(lesson, words="已建成", by=county.actor("Li"), at=county.now)
    county.clock.advance(days=9)
    services.reopen_lesson(lesson, by=county.actor("Wang"), at=county.now)
    a_while(county, minutes=1)
    assert len(standing("lesson_overdue")) == 1


def test_the_lesson_of_a_drill_is_owed_in_reality_although_the_clock_of_its_run_stands_still(
    county: County,
) -> None:
    drill, _row = scenes.drilled(county, 4)
    lesson = owed(county, review=scenes.drill_reviewed(county, drill))
    a_while(county, days=4)
    assert lesson.exercise_id is None
    assert len(standing("lesson_overdue")) == 1


def test_of_a_restricted_incident_the_alarm_says_the_number_and_the_owner_reads_no_words(
    county: County,
) -> None:
    row = flood(county)
    lesson = owed(county, review=scenes.reviewed(county, row))
    type(row).objects.filter(pk=row.pk).update(is_restricted=True)
    a_while(county, days=4)
    [alarm] = standing("lesson_overdue")
    assert alarm.text_zh == f"整改逾期：{row.number}"
    assert not visible_lessons(county.actor("Li")).filter(pk=lesson.pk).exists()
    assert visible_lessons(county.actor("Wang")).filter(pk=lesson.pk).exists()
    assert not visible_reviews(county.actor("Li")).exists()


def test_the_review_of_a_drill_with_a_restricted_incident_is_read_by_those_alone_who_read_such(
    county: County,
) -> None:
    drill, row = scenes.drilled(county, 4)
    review = scenes.drill_reviewed(county, drill)
    services.finish_review(review, by=county.actor("Wang"), at=county.now)
    assert visible_reviews(county.actor("He")).filter(pk=review.pk).exists()
    owed(county, review=review)
    type(row).objects.filter(pk=row.pk).update(is_restricted=True)
    a_while(county, days=4)
    [alarm] = standing("lesson_overdue")
    assert alarm.text_zh == f"整改逾期：{drill.number}"
    assert not visible_lessons(county.actor("Li")).exists()
    assert not visible_reviews(county.actor("He")).filter(pk=review.pk).exists()
    assert visible_reviews(county.actor("Wang")).filter(pk=review.pk).exists()


def test_the_owner_says_that_it_is_mended_and_only_who_writes_reviews_changes_or_drops_it(
    county: County,
) -> None:
    lesson = owed(county)
    assert (may_mend(county.actor("Li"), lesson), may_manage(county.actor("Li"), lesson)) == (True, False)
    assert (may_mend(county.actor("Wang"), lesson), may_manage(county.actor("Wang"), lesson)) == (True, True)
    assert not may_mend(county.actor("Liu"), lesson)
    assert not visible_lessons(county.actor("Liu")).exists()


def test_a_draft_is_read_by_those_who_write_reviews_and_a_final_one_by_all_who_see_the_incident(
    county: County,
) -> None:
    review = scenes.reviewed(county, flood(county))
    assert not visible_reviews(county.actor("Li")).exists()
    services.finish_review(review, by=county.actor("Wang"), at=county.now)
    assert visible_reviews(county.actor("Li")).filter(pk=review.pk).exists()
    assert not visible_reviews(county.actor("Liu")).exists()


def test_a_shift_hands_over_what_is_due_soon_or_past(county: County) -> None:
    owed(county)
    owed(county, date(2026, 12, 1))
    [source] = [one for one in sources() if one.code == "lessons"]
    items = list(source.provide(county.divisions["Willow River"].path, county.now, None))
    assert [(one.title, one.is_restricted) for one in items] == [("柳河镇：补建预警广播", False)]
    assert not list(source.provide(county.divisions["Stone Bridge"].path, county.now, None))
