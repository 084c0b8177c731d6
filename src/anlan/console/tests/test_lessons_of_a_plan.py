"""What a review wants mended in a plan stands before whoever revises that plan."""

from __future__ import annotations

import re
from datetime import date

import pytest

from anlan.plans import services as plans
from anlan.plans.models import Plan, PlanVersion
from anlan.response.tests import scenes as response_scenes
from anlan.review import services
from anlan.review.models import Lesson, Review
from anlan.review.tests import reviewscenes as scenes
from anlan.testing import County

pytestmark = pytest.mark.django_db


def reviewed(county: County) -> tuple[Review, Plan]:
    """The review of a flood whose response ran with the county's flood plan."""
    activation = response_scenes.opened(county)
    return scenes.reviewed(county, activation.incident), activation.plan


def lesson_of(
    county: County, review: Review | None, plan: Plan | None, words: str = "明确转移责任"
) -> Lesson:
    return services.add_lesson(
        review, county.divisions["Willow River"], words, date(2026, 7, 20), "李镇长", plan=plan, by=county.actor("Wang"),
        at=county.now,
    )  # fmt: skip


def being_revised(county: County, plan: Plan) -> PlanVersion:
    content = response_scenes.a_content()
    return plans.draft_version(
        plan, content=content, why="复盘后修订", by=county.actor("Chen"), at=county.now
    )


def text(county: County, address: str, who: str = "Wang", language: str = "en") -> str:
    answer = county.client(who, language=language).get(address)
    assert answer.status_code == 200, answer.status_code
    found: str = answer.content.decode()
    return found


def chosen(page: str) -> list[str]:
    """What stands selected in the field of the plan."""
    field = re.search(r'<select name="plan".*?</select>', page, re.DOTALL)
    assert field is not None
    return re.findall(r'<option value="([^"]*)" selected', field[0])


def test_the_form_of_a_lesson_offers_the_plan_that_the_response_ran_with(county: County) -> None:
    review, plan = reviewed(county)
    assert chosen(text(county, f"/reviews/{review.pk}/")) == [str(plan.pk)]
    form = {"verb": "add_lesson", "owner": county.division.pk, "words": "补第三级任务", "plan": str(plan.pk)}
    assert county.client("Wang").post(f"/reviews/{review.pk}/act/", form).status_code == 302
    assert Lesson.objects.get().plan == plan


def test_a_plan_that_was_taken_out_stays_out_when_the_form_is_refused(county: County) -> None:
    review, _plan = reviewed(county)
    form = {"verb": "add_lesson", "owner": "", "words": "补发电台", "plan": ""}
    answer = county.client("Wang").post(f"/reviews/{review.pk}/act/", form)
    assert (answer.status_code, chosen(answer.content.decode())) == (409, [])


def test_the_lesson_and_the_list_lead_to_the_plan_and_it_can_be_changed(county: County) -> None:
    review, plan = reviewed(county)
    lesson = lesson_of(county, review, plan)
    link = f'href="/plans/{plan.pk}/"'
    assert link in text(county, f"/reviews/lessons/{lesson.pk}/")
    assert link in text(county, "/reviews/lessons/")
    form = {"verb": "change", "owner": county.division.pk, "words": "改由县里办", "plan": ""}
    assert county.client("Wang").post(f"/reviews/lessons/{lesson.pk}/", form).status_code == 302
    lesson.refresh_from_db()
    assert (lesson.plan, lesson.words) == (None, "改由县里办")


def test_a_form_that_does_not_ask_for_the_plan_leaves_it(county: County) -> None:
    review, plan = reviewed(county)
    lesson = lesson_of(county, review, plan)
    form = {"verb": "change", "owner": county.division.pk, "words": "改由县里办"}
    county.client("Wang").post(f"/reviews/lessons/{lesson.pk}/", form)
    lesson.refresh_from_db()
    assert lesson.plan == plan


def test_whoever_revises_the_plan_sees_what_is_open_with_owner_and_day(county: County) -> None:
    review, plan = reviewed(county)
    lesson_of(county, review, plan)
    done = lesson_of(county, review, plan, "已改好的")
    services.finish_lesson(done, words="已修订", by=county.actor("Wang"), at=county.now)
    lesson_of(county, review, None, "与预案无关")
    draft = being_revised(county, plan)
    pages = (
        f"/plans/{plan.pk}/",
        f"/plans/versions/{draft.pk}/",
        f"/plans/versions/{draft.pk}/basics/",
        f"/plans/versions/{draft.pk}/tasks/",
    )
    for address in pages:
        page = text(county, address, "Chen")
        assert "Open lessons for this plan" in page, address
        assert all(word in page for word in ("明确转移责任", "柳河镇", "李镇长", "2026-07-20")), address
        assert "已改好的" not in page, address
        assert "与预案无关" not in page, address


def test_who_decides_on_the_new_version_sees_them_and_a_version_in_force_is_not_burdened(
    county: County,
) -> None:
    review, plan = reviewed(county)
    lesson_of(county, review, plan)
    draft = being_revised(county, plan)
    plans.submit_version(draft, by=county.actor("Chen"), at=county.now)
    assert "明确转移责任" in text(county, f"/plans/versions/{draft.pk}/")
    current = PlanVersion.objects.get(plan=plan, state="in_force")
    assert "明确转移责任" not in text(county, f"/plans/versions/{current.pk}/")


def test_a_plan_does_not_tell_what_a_restricted_incident_taught(county: County) -> None:
    review, plan = reviewed(county)
    lesson_of(county, review, plan)
    incident = review.incident
    assert incident is not None
    incident.change(by=county.by, at=county.now, kind="restricted", is_restricted=True)
    assert "明确转移责任" in text(county, f"/plans/{plan.pk}/", "Wang")
    assert "明确转移责任" not in text(county, f"/plans/{plan.pk}/", "He")


def test_a_township_that_does_not_see_the_plan_reads_its_lesson_without_it(county: County) -> None:
    review, plan = reviewed(county)
    lesson = lesson_of(county, review, plan)
    plan.change(by=county.by, at=county.now, kind="described", named=[])
    page = text(county, f"/reviews/lessons/{lesson.pk}/", "Li")
    assert "明确转移责任" in page
    assert plan.title not in page


def test_a_step_that_a_drill_missed_becomes_a_lesson_of_the_plan_that_was_practised(county: County) -> None:
    plan = response_scenes.a_plan(county)
    drill, _row = scenes.drilled(county, 4)
    drill.change(by=county.by, at=county.now, kind="described", plan=plan)
    form = {"words": "补发电台", "owner": county.division.pk}
    assert county.client("Wang").post(f"/drills/{drill.pk}/lessons/", form).status_code == 302
    assert Lesson.objects.get().plan == plan
