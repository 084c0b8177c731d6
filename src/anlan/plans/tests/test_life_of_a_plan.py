"""The life of a plan: written by one, approved by another, one version in force, the former kept."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from anlan.journal.models import Announcement, Entry
from anlan.journal.refusals import NoSuchTransition, StaleRow
from anlan.kernel.refusals import NotAllowed, NotFound
from anlan.plans import services
from anlan.plans.access import access_plan, access_version, visible_plans
from anlan.plans.content import read
from anlan.plans.models import Plan, PlanVersion
from anlan.plans.queries import Wanted, catalogue, counts, open_drafts, plans_in_force
from anlan.plans.refusals import (
    BadLink,
    DraftExists,
    EmptyPlan,
    NoPlanTitle,
    NotADraft,
    NotATemplate,
    NotSubmitted,
    PlanReasonMissing,
    UnknownPlanWord,
    WroteItHimself,
)
from anlan.plans.services.editing import review_day
from anlan.plans.tests.scenes import draft, in_force, small
from anlan.testing import County
from anlan.vocab.posts import Right

pytestmark = pytest.mark.django_db


def test_nobody_approves_what_he_wrote_in(county: County) -> None:
    version = draft(county, by="Feng")
    services.save_draft(version, content=small(purpose="改过"), by=county.actor("Wang"), at=county.now)
    services.submit_version(version, by=county.actor("Feng"), at=county.now)
    for writer in ("Feng", "Wang"):
        with pytest.raises(WroteItHimself):
            services.approve_version(version, by=county.actor(writer), by_name="", at=county.now)
    services.approve_version(version, by=county.actor("Zheng"), by_name="郑国安", at=county.now)
    assert PlanVersion.objects.get().state == "in_force"


def test_approval_sets_the_dates_and_tells_everybody(county: County) -> None:
    plan = in_force(county)
    plan.refresh_from_db()
    assert (plan.state, plan.printed_on, plan.review_due_on) == (
        "in_force",
        date(2026, 7, 1),
        date(2029, 7, 1),
    )
    assert plan.check_at == county.now
    assert plan.current is not None
    assert plan.named == ["999901101000", "county", "township"]
    told = Announcement.objects.filter(event="plans.moved")
    assert all(one.payload["what"] == "in_force" for one in told)
    kinds = set(Entry.objects.filter(subject_id=str(plan.pk)).values_list("kind", flat=True))
    assert kinds >= {"plan.opened", "plan.in_force"}


def test_a_leap_day_is_reviewed_on_the_last_of_february() -> None:
    assert review_day(date(2028, 2, 29)) == date(2031, 2, 28)


def test_a_new_version_supersedes_and_the_old_one_never_changes(county: County) -> None:
    plan = in_force(county)
    first = plan.current
    assert first is not None
    first.refresh_from_db()
    body, digest = first.content, first.digest
    second = services.draft_version(
        plan, content=small(purpose="新"), why="三年修订", by=county.actor("Feng"), at=county.now
    )
    with pytest.raises(DraftExists):
        services.draft_version(plan, content=small(), why="又一版", by=county.actor("Feng"), at=county.now)
    with pytest.raises(NotADraft):
        services.save_draft(first, content=small(purpose="偷改"), by=county.actor("Feng"), at=county.now)
    services.submit_version(second, by=county.actor("Feng"), at=county.now)
    services.approve_version(second, by=county.actor("Wang"), by_name="", at=county.now)
    first.refresh_from_db()
    plan.refresh_from_db()
    assert (first.state, first.content, first.digest) == ("superseded", body, digest)
    assert plan.current == second
    assert [one.current for one in plans_in_force(None)] == [second]


def test_a_returned_version_says_why_and_is_written_again(county: County) -> None:
    version = services.submit_version(draft(county), by=county.actor("Feng"), at=county.now)
    with pytest.raises(PlanReasonMissing):
        services.return_version(version, why=" ", by=county.actor("Wang"), by_name="", at=county.now)
    services.return_version(
        version, why="缺少联络树", by=county.actor("Wang"), by_name="王建国", at=county.now
    )
    with pytest.raises(NotSubmitted):
        services.approve_version(version, by=county.actor("Wang"), by_name="", at=county.now)
    services.save_draft(version, content=small(purpose="补了"), by=county.actor("Feng"), at=county.now)
    assert (version.state, read(version.content).purpose) == ("draft", "补了")
    services.submit_version(version, by=county.actor("Feng"), at=county.now)


def test_two_people_deciding_at_once_decide_once(county: County) -> None:
    version = services.submit_version(draft(county), by=county.actor("Feng"), at=county.now)
    again = PlanVersion.objects.select_related("plan__division").get()
    services.return_version(version, why="缺项", by=county.actor("Wang"), by_name="", at=county.now)
    with pytest.raises(StaleRow):
        services.approve_version(again, by=county.actor("Zheng"), by_name="", at=county.now)


def test_what_makes_no_plan_is_refused(county: County) -> None:
    with pytest.raises(NoPlanTitle):
        draft(county, title="  ")
    with pytest.raises(UnknownPlanWord):
        draft(county, event_types=["no_such"])
    empty = draft(county, content=msgspec.structs.replace(small(), **dict.fromkeys(("levels", "posts", "groups", "tasks", "needs", "contacts", "annexes"), ()), purpose="", scope="", body=""))  # fmt: skip
    with pytest.raises(EmptyPlan):
        services.submit_version(empty, by=county.actor("Feng"), at=county.now)


def test_a_withdrawn_plan_is_taken_up_again_by_a_new_version(county: County) -> None:
    plan = in_force(county)
    services.withdraw_plan(plan, why="机构改革", by=county.actor("Wang"), at=county.now)
    assert not plans_in_force(None).exists()
    assert PlanVersion.objects.get().state == "superseded"
    version = services.draft_version(
        plan, content=small(), why="恢复", by=county.actor("Feng"), at=county.now
    )
    services.submit_version(version, by=county.actor("Feng"), at=county.now)
    services.approve_version(version, by=county.actor("Wang"), by_name="", at=county.now)
    assert plans_in_force(None).get().current == version


def test_a_template_is_confirmed_once(county: County) -> None:
    plan = in_force(county, template="flood")
    services.confirm_template(plan, by=county.actor("Wang"), at=county.now)
    assert plan.confirmed_by == "王建国"
    with pytest.raises(NotATemplate):
        services.confirm_template(plan, by=county.actor("Wang"), at=county.now)


def test_a_pair_of_plans_is_linked_once_in_either_direction(county: County) -> None:
    one, other = in_force(county), in_force(county, "Willow River", "Li")
    link = services.link_plans(other, one, kind="superior", by=county.actor("Li"), at=county.now)
    for pair in ((one, other), (other, one), (one, one)):
        with pytest.raises(BadLink):
            services.link_plans(*pair, kind="supports", by=county.actor("Feng"), at=county.now)
    services.end_link(link, by=county.actor("Li"), at=county.now)
    services.link_plans(one, other, kind="supports", by=county.actor("Feng"), at=county.now)


def test_a_township_sees_its_own_plans_and_county_plans_in_force_that_name_it(county: County) -> None:
    county_plan = in_force(county)
    silent = in_force(
        county, title="县机关防火预案", content=small(posts=(), groups=(), tasks=(), contacts=())
    )
    written = draft(county, title="还在写")
    own = draft(county, "Willow River", "Li", title="柳河镇预案")
    li, liu = county.actor("Li"), county.actor("Liu")
    assert set(visible_plans(li)) == {county_plan, own.plan}
    assert set(visible_plans(liu)) == {county_plan}
    assert set(visible_plans(county.actor("Chen"))) == {county_plan, silent, written.plan, own.plan}
    assert set(visible_plans(county.actor("Guo"))) == set()
    newer = services.draft_version(
        county_plan, content=small(), why="修订", by=county.actor("Feng"), at=county.now
    )
    assert access_version(li, county_plan.current_id) == county_plan.current  # type: ignore[arg-type]  # it is in force
    with pytest.raises(NotFound):
        access_version(li, newer.pk)
    with pytest.raises(NotFound):
        access_plan(liu, own.plan_id)
    with pytest.raises(NotAllowed):
        access_plan(li, county_plan.pk, need=Right.EDIT_PLANS)


def test_drafts_wait_for_those_above(county: County) -> None:
    version = services.submit_version(
        draft(county, "Willow River", "Li"), by=county.actor("Li"), at=county.now
    )
    assert list(open_drafts(county.actor("Wang"), None, states=("submitted",))) == [version]
    assert not open_drafts(county.actor("Liu"), None).exists()


@pytest.mark.parametrize("model", [Plan, PlanVersion])
def test_states_move_only_along_their_table(county: County, model: type[Plan] | type[PlanVersion]) -> None:
    """From every state to every other: what the table allows goes through, everything else is refused and leaves no entry."""
    version = draft(county)
    states = list(model.transitions)
    for old in states:
        for new in states:
            row = model.objects.get(pk=version.plan_id if model is Plan else version.pk)
            model.objects.filter(pk=row.pk).update(state=old)
            row.refresh_from_db()
            entries = Entry.objects.count()
            if new in model.transitions[old]:
                row.advance(new, by=county.by, at=county.now)
                assert row.state == new
            else:
                with pytest.raises(NoSuchTransition):
                    row.advance(new, by=county.by, at=county.now)
                assert Entry.objects.count() == entries


def test_a_catalogue_of_thousands_takes_as_many_statements_as_one_of_ten(
    county: County, django_assert_max_num_queries: object
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            wanted = Wanted(today=date(2026, 7, 1))
            assert len(list(catalogue(county.actor("Chen"), wanted)[:51])) in (10, 51)
            counts(county.actor("Chen"), wanted)
        return len(found)

    _many(county, 10)
    few = asked()
    _many(county, 2_490)
    assert asked() == few
    assert counts(county.actor("Chen"), Wanted()).total == 2_500


def _many(county: County, number: int) -> None:
    start = Plan.objects.count()
    places = list(county.divisions.values())
    Plan.objects.bulk_create(
        Plan(
            number=f"预2026-{start + n:04d}", state="draft", title=f"预案{n}", kind="village", event_types=[], hazards=["flash_flood"],
            division=places[n % len(places)], protected_kind="none", opened_at=county.now,
        )
        for n in range(number)
    )  # fmt: skip
