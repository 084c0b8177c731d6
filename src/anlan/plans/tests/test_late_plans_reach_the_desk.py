"""A filing that is due or late, and an overdue review, stand at the desk of the owner and of the county until they are confirmed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from anlan.duty import queries
from anlan.duty.access import may_confirm, visible_alarms
from anlan.duty.models import Alarm
from anlan.duty.services import confirm_alarm
from anlan.journal.deadlines import run_deadlines, run_reactions
from anlan.kernel.openitems import sources
from anlan.plans import services
from anlan.plans.content import Content
from anlan.plans.models import Plan, PlanFiling
from anlan.plans.services.editing import tell_moved
from anlan.plans.tests.test_filing_of_plans import complete, opened
from anlan.plans.tests.test_findings_are_kept import new_version
from anlan.testing import County

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files_here(tmp_path: Any, settings: Any) -> None:
    settings.ANLAN_DATA = tmp_path


def until(county: County, moment: datetime) -> None:
    """Time passes up to that moment, and the worker looks."""
    county.clock.advance(seconds=(moment - county.now).total_seconds())
    run_deadlines(owner="test")
    run_reactions(owner="test")


def shown() -> list[tuple[str, str]]:
    return list(Alarm.objects.order_by("raised_at", "pk").values_list("kind", "state"))


def due(filing: PlanFiling) -> datetime:
    assert filing.due_at is not None
    return filing.due_at


def test_a_filing_near_its_limit_and_past_it_is_shown_to_owner_and_county_without_a_sound(
    county: County,
) -> None:
    filing = opened(county, date(2026, 7, 1))
    until(county, due(filing) - timedelta(days=6))
    assert shown() == []
    until(county, due(filing) - timedelta(days=5))
    until(county, due(filing) - timedelta(days=4))
    (alarm,) = Alarm.objects.all()
    assert (alarm.kind, alarm.subject, alarm.leader_call_at) == (
        "plan_filing_due",
        f"plan_filing:{filing.pk}",
        None,
    )
    assert "2026-07-29前" in alarm.text_zh  # the last day, not the midnight after it
    assert not queries.sounds(alarm)
    assert visible_alarms(county.actor("Li")).get() == alarm  # the township's desk
    assert visible_alarms(county.actor("Chen")).get() == alarm  # the county's
    assert not visible_alarms(county.actor("Wu")).exists()  # of another township
    assert may_confirm(county.actor("Chen"), alarm)
    until(county, due(filing))
    assert shown() == [("plan_filing_due", "cleared"), ("plan_filing_late", "ringing")]


def test_what_was_confirmed_is_not_shown_again_until_the_next_week_says_so(county: County) -> None:
    filing = opened(county, date(2026, 7, 1))
    until(county, due(filing))
    (late,) = Alarm.objects.filter(kind="plan_filing_late")
    confirm_alarm(late, by=county.actor("Chen"), at=county.now)
    PlanFiling.objects.update(remind_at=county.now)  # said twice, as after a crash
    until(county, county.now + timedelta(hours=1))
    assert Alarm.objects.filter(kind="plan_filing_late").count() == 1
    until(county, county.now + timedelta(days=7))
    assert Alarm.objects.filter(kind="plan_filing_late").count() == 2


def test_what_is_handed_in_is_shown_no_more(county: County) -> None:
    filing = opened(county, date(2026, 7, 1))
    until(county, due(filing))
    filing.refresh_from_db()
    complete(county, filing)
    services.submit_filing(filing, explanation="说明", by=county.actor("Li"), at=county.now)
    run_reactions(owner="test")
    assert Alarm.objects.get(kind="plan_filing_late").state == "cleared"


def test_a_newer_version_ends_what_was_late_about_the_former(county: County) -> None:
    filing = opened(county, date(2026, 7, 1))
    until(county, due(filing))
    plan = new_version(county, Plan.objects.get(), Content(purpose="新版"))
    assert plan.current is not None
    services.open_filing(plan.current, by=county.by, at=county.now)
    run_reactions(owner="test")
    assert Alarm.objects.get(kind="plan_filing_late").state == "cleared"


def test_an_overdue_review_is_shown_once_and_goes_with_the_new_version(county: County) -> None:
    filing = opened(county)
    plan = filing.plan
    Plan.objects.update(review_due_on=date(2026, 7, 10), check_at=county.now)
    PlanFiling.objects.all().update(remind_at=None)
    until(county, county.now + timedelta(days=1))
    assert shown() == []
    for _night in range(3):
        until(county, county.now + timedelta(days=10))
    assert shown() == [("plan_review_late", "ringing")]
    assert Alarm.objects.get().subject == f"plan:{plan.pk}"
    tell_moved(plan, "in_force", at=county.now)  # as the approval of a version does
    run_reactions(owner="test")
    assert Alarm.objects.get(kind="plan_review_late").state == "cleared"


def test_the_handover_names_reviews_that_are_near_or_late(county: County) -> None:
    source = next(one for one in sources() if one.code == "plan_reviews")
    opened(county)
    path = county.division.path
    for day, words in ((date(2026, 9, 1), []), (date(2026, 7, 20), ["review due soon"]), (date(2026, 6, 30), ["review overdue"])):  # fmt: skip
        Plan.objects.update(review_due_on=day)
        assert [one.state_en for one in source.provide(path, county.now, None)] == words, day
