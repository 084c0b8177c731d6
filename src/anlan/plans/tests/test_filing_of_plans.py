"""Twenty working days after printing, to the right office, complete or returned, with a number at the end (R23)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from anlan.incidents.refusals import Words
from anlan.journal.deadlines import run_deadlines, run_reactions
from anlan.journal.models import Entry
from anlan.kernel.openitems import sources
from anlan.plans import services
from anlan.plans.access_filing import may_decide, may_submit, visible_filings
from anlan.plans.content import Content
from anlan.plans.filingrules import RECEIVERS, filing_due, parts_for
from anlan.plans.models import Plan, PlanFiling, PlanKind
from anlan.plans.refusals import PlanReasonMissing
from anlan.plans.refusals_filing import (
    EssentialMissing,
    FiledItHimself,
    FilingClosed,
    FilingIncomplete,
    NoStudyTitle,
    NotHandedIn,
    StudyInTheFuture,
    UnknownPart,
)
from anlan.plans.tests.test_findings_are_kept import PLAIN, in_force, new_version
from anlan.ruleset.tables import WorkdaysTable
from anlan.testing import County

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files_here(tmp_path: Any, settings: Any) -> None:
    settings.ANLAN_DATA = tmp_path


def opened(county: County, printed_on: date | None = None, **fields: Any) -> PlanFiling:
    given = {"kind": "township", "division": county.divisions["Willow River"], **fields}
    plan = in_force(county, given.pop("content", PLAIN), **given)
    assert plan.current is not None
    plan.current.plan = plan
    filing = services.open_filing(plan.current, printed_on, by=county.by, at=county.now)
    assert filing is not None
    return filing


def complete(county: County, filing: PlanFiling, who: str = "Li") -> None:
    """Everything that the parts ask for, but the explanation, which is written when it is handed in."""
    by, at = county.actor(who), county.now
    for part in ("plan", "opinions"):
        services.keep_part(filing, part, [b"%PDF-1.7 " + part.encode()], name=f"{part}.pdf", by=by, at=at)
    for kind in ("risk_assessment", "resource_survey"):
        services.add_study(filing.plan, kind=kind, title="2026 年报告", by=by, at=at)


def submitted(county: County, filing: PlanFiling) -> PlanFiling:
    complete(county, filing)
    return services.submit_filing(filing, explanation="按新办法修订。", by=county.actor("Li"), at=county.now)


@pytest.mark.parametrize(
    ("printed", "table", "due"),
    [
        # Four weeks without a holiday; the midnight after the last day.
        (date(2026, 7, 1), WorkdaysTable([], [], []), datetime(2026, 7, 29, 16, tzinfo=UTC)),
        # A fixed holiday on a Wednesday moves it by one day.
        (date(2026, 7, 1), WorkdaysTable(["07-08"], [], []), datetime(2026, 7, 30, 16, tzinfo=UTC)),
        # Printed on a Saturday.
        (date(2026, 7, 4), WorkdaysTable([], [], []), datetime(2026, 7, 31, 16, tzinfo=UTC)),
    ],
)
def test_twenty_working_days_are_counted_on_the_countys_calendar(
    printed: date, table: WorkdaysTable, due: datetime
) -> None:
    assert filing_due(printed, table) == due


@pytest.mark.parametrize(
    ("kind", "owner", "receiver"),
    [
        ("overall", "Yunling", None),
        ("special", "Yunling", None),
        ("township", "Willow River", "Yunling"),
        ("village", "Upper Willow", "Willow River"),
        ("enterprise", "Upper Willow", "Yunling"),
    ],
)
def test_each_kind_goes_to_its_receiver(county: County, kind: str, owner: str, receiver: str | None) -> None:
    filing = opened(county, kind=kind, division=county.divisions[owner])
    assert filing.receiver_id == (None if receiver is None else county.divisions[receiver].code)
    assert filing.receiver_words == RECEIVERS[kind].zh


def test_a_site_plan_is_filed_nowhere(county: County) -> None:
    plan = in_force(county, kind="site", division=county.divisions["Upper Willow"])
    assert plan.current is not None
    assert services.open_filing(plan.current, by=county.by, at=county.now) is None
    assert set(RECEIVERS) == set(PlanKind.values) - {"site"}


def test_a_filing_is_opened_once_for_a_version_and_lapses_with_it(county: County) -> None:
    filing = opened(county, date(2026, 7, 1))
    version = filing.version_filed
    assert services.open_filing(version, by=county.by, at=county.now) == filing
    plan = new_version(county, Plan.objects.get(), Content(purpose="新版"))
    assert plan.current is not None
    newer = services.open_filing(plan.current, by=county.by, at=county.now)
    filing.refresh_from_db()
    assert filing.state == "lapsed"
    assert newer is not None
    assert newer.state == "due"


def test_without_the_printed_plan_or_the_explanation_nothing_is_handed_in(county: County) -> None:
    filing = opened(county)
    by = county.actor("Li")
    with pytest.raises(EssentialMissing) as refused:
        services.submit_filing(filing, explanation="", by=by, at=county.now)
    parts = refused.value.data["parts"]
    assert isinstance(parts, Words)
    assert (parts.zh, parts.en) == ("印发的预案文本、编制说明", "printed plan, explanation")
    assert PlanFiling.objects.get().state == "due"


def test_what_is_missing_is_listed_and_it_is_not_accepted(county: County) -> None:
    filing = opened(county)
    services.keep_part(filing, "plan", [b"%PDF-1.7"], name="预案.pdf", by=county.actor("Li"), at=county.now)
    services.submit_filing(filing, explanation="说明", by=county.actor("Li"), at=county.now)
    assert filing.missing == ["risk_assessment", "resource_survey", "opinions"]
    with pytest.raises(FilingIncomplete):
        services.accept_filing(filing, by=county.actor("Zheng"), at=county.now)
    with pytest.raises(PlanReasonMissing):
        services.return_filing(filing, why=" ", by=county.actor("Zheng"), at=county.now)
    services.return_filing(filing, why="缺评审意见", by=county.actor("Zheng"), at=county.now)
    complete(county, filing)
    services.submit_filing(filing, explanation="", by=county.actor("Li"), at=county.now)
    services.accept_filing(filing, by=county.actor("Zheng"), at=county.now)
    assert (filing.state, filing.number, filing.explanation, filing.missing) == (
        "accepted",
        "备2026-0001",
        "说明",
        [],
    )


def test_an_accepted_filing_is_closed(county: County) -> None:
    filing = submitted(county, opened(county))
    services.accept_filing(filing, by=county.actor("Zheng"), at=county.now, by_name="郑国安")
    with pytest.raises(FilingClosed):
        services.submit_filing(filing, explanation="再报", by=county.actor("Li"), at=county.now)
    with pytest.raises(FilingClosed):
        services.keep_part(filing, "plan", [b"x"], name="x", by=county.actor("Li"), at=county.now)
    with pytest.raises(NotHandedIn):
        services.return_filing(filing, why="晚了", by=county.actor("Zheng"), at=county.now)
    assert filing.decided_by_name == "郑国安"


def test_whoever_handed_it_in_does_not_accept_it(county: County) -> None:
    filing = opened(county)
    complete(county, filing, "Zheng")
    services.submit_filing(filing, explanation="说明", by=county.actor("Zheng"), at=county.now)
    with pytest.raises(FiledItHimself):
        services.accept_filing(filing, by=county.actor("Zheng"), at=county.now)


def test_the_city_gives_its_own_number(county: County) -> None:
    filing = opened(county, kind="overall", division=county.division)
    complete(county, filing, "Zheng")
    services.submit_filing(filing, explanation="说明", by=county.actor("Zheng"), at=county.now)
    services.accept_filing(filing, number="市备〔2026〕7号", by=county.actor("Zheng"), at=county.now)
    assert filing.number == "市备〔2026〕7号"


def test_a_village_hands_in_two_parts(county: County) -> None:
    assert parts_for("village") == ("plan", "explanation")
    filing = opened(county, kind="village", division=county.divisions["Upper Willow"])
    services.keep_part(filing, "plan", [b"%PDF-1.7"], name="预案.pdf", by=county.by, at=county.now)
    services.submit_filing(filing, explanation="说明", by=county.by, at=county.now)
    assert filing.missing == []


def test_an_unknown_part_is_refused(county: County) -> None:
    with pytest.raises(UnknownPart):
        services.keep_part(opened(county), "../etc", [b"x"], name="x", by=county.by, at=county.now)


def test_it_reminds_before_the_limit_at_the_limit_and_every_week(county: County) -> None:
    filing = opened(county, date(2026, 7, 1))
    assert run_deadlines(owner="test") == 0
    assert filing.due_at is not None
    kinds = []
    for moment in (filing.due_at - timedelta(days=5), filing.due_at, filing.due_at + timedelta(days=7)):
        county.clock.advance(seconds=(moment - county.now).total_seconds())
        assert run_deadlines(owner="test") == 1
        assert run_deadlines(owner="test") == 0
        kinds.append(Entry.objects.filter(subject_type="plan_filing").order_by("id").last().kind)  # type: ignore[union-attr]  # there is one
    assert kinds == ["plan_filing.reminded", "plan_filing.overdue", "plan_filing.overdue"]
    filing.refresh_from_db()
    assert [one.code for one in services.check_plan(filing.plan, by=county.by, at=county.now)].count(
        "filing_overdue"
    ) == 1
    submitted(county, filing)
    county.clock.advance(days=30)
    PlanFiling.objects.get()
    Plan.objects.update(check_at=None)
    assert run_deadlines(owner="test") == 0


def test_nothing_is_filed_for_a_withdrawn_plan(county: County) -> None:
    filing = opened(county)
    services.withdraw_plan(filing.plan, why="机构撤并", by=county.by, at=county.now)
    run_reactions(owner="test")
    filing.refresh_from_db()
    assert filing.state == "lapsed"


def test_a_filing_is_seen_by_its_owner_and_its_receiver(county: County) -> None:
    willow = opened(county)
    village = opened(county, kind="village", division=county.divisions["North Slope"])
    seen = {
        who: set(visible_filings(county.actor(who)).values_list("pk", flat=True))
        for who in ("Li", "Liu", "Chen", "Wu", "Guo")
    }
    assert seen == {
        "Li": {willow.pk},
        "Liu": {village.pk},
        "Chen": {willow.pk, village.pk},
        "Wu": {village.pk},
        "Guo": set(),
    }
    assert may_submit(county.actor("Li"), willow)
    assert not may_submit(county.actor("Liu"), willow)
    assert may_decide(county.actor("Zheng"), willow)
    assert not may_decide(county.actor("Li"), willow)
    assert not may_decide(county.actor("Chen"), willow)


def test_the_handover_names_filings_that_are_near_late_or_waiting(county: County) -> None:
    source = next(one for one in sources() if one.code == "plan_filings")
    far = opened(county, date(2026, 7, 1))
    waiting = submitted(county, opened(county, date(2026, 7, 1)))
    late = opened(county, date(2026, 5, 1))

    def named(path: str) -> set[str]:
        return {one.key for one in source.provide(path, county.now, None)}

    expected = {f"plan_filing:{one.pk}" for one in (waiting, late)}
    assert named(county.division.path) == expected
    assert named(county.divisions["Willow River"].path) == expected
    assert named(county.divisions["Stone Bridge"].path) == set()
    assert far.state == "due"


def test_a_study_needs_a_title_and_a_day_that_has_been(county: County) -> None:
    plan, by = in_force(county), county.actor("Chen")
    with pytest.raises(NoStudyTitle):
        services.add_study(plan, kind="scenario", title=" ", by=by, at=county.now)
    with pytest.raises(StudyInTheFuture):
        services.add_study(
            plan, kind="scenario", title="情景", done_on=date(2026, 7, 2), by=by, at=county.now
        )
    study = services.add_study(
        plan, kind="scenario", title="情景", done_on=date(2026, 7, 1), by=by, at=county.now
    )
    assert (
        services.add_study(plan, kind="scenario", title="情景", key=study.pk, by=by, at=county.now) == study
    )
    services.end_study(study, by=by, at=county.now)
    ended = services.end_study(study, by=by, at=county.now + timedelta(days=1))
    assert ended.ended_at == county.now
