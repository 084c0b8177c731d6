"""What the check finds is kept once, goes when it is put right, and comes back when it is wrong again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.directory import services as directory
from anlan.directory.models import Contact, ContactKind
from anlan.journal import clocks
from anlan.journal.deadlines import run_deadlines
from anlan.journal.models import Entry, ExerciseRun
from anlan.journal.verify import verify
from anlan.plans import lastdrills, services
from anlan.plans.checktypes import Fault
from anlan.plans.content import (
    Address,
    AddressKind,
    Content,
    Level,
    Need,
    NeedKind,
    PostSlot,
    Task,
    Trigger,
    TriggerKind,
    stored,
)
from anlan.plans.content import (
    Contact as Node,
)
from anlan.plans.models import Plan, PlanFinding, PlanVersion
from anlan.plans.refusals import PlanReasonMissing
from anlan.plans.refusals_filing import FindingGone
from anlan.plans.services import checking
from anlan.plans.services.checking import next_check
from anlan.plans.world import faults_of, world_of
from anlan.resources.models import Asset, Expert, StockReport, Team
from anlan.testing import County
from anlan.vocab.posts import PostKind

pytestmark = pytest.mark.django_db

CHIEF = PostSlot("chief", "指挥长", Address(AddressKind.COUNTY, post="commander"))
ROOM = Node("room", "县值班室", Address(AddressKind.COUNTY))
OPENS = Level(4, triggers=(Trigger(TriggerKind.WORDS, words="达到条件"),), authority=("duty_leader",))
PLAIN = Content(levels=(OPENS,), posts=(CHIEF,), contacts=(ROOM,))
NO_LIMIT = Task("watch", "加密监测", Address(AddressKind.AFFECTED_TOWNSHIPS))


def in_force(county: County, content: Content = PLAIN, **fields: Any) -> Plan:
    """A special plan of the county in force, made from rows."""
    at = fields.pop("at", county.now)
    plan = Plan(
        **{
            "number": f"预2026-{Plan.objects.count():04d}",
            "title": "防汛应急预案",
            "kind": "special",
            "division": county.division,
            "protected_kind": "none",
            "state": "in_force",
            "printed_on": at.date(),
            "review_due_on": date(2029, 7, 1),
            "opened_at": at,
            **fields,
        }
    ).record(by=county.by, at=at, kind="opened")
    return new_version(county, plan, content)


def new_version(county: County, plan: Plan, content: Content) -> Plan:
    if plan.current is not None:
        plan.current.advance("superseded", by=county.by, at=county.now)
    version = PlanVersion(
        plan=plan, number=plan.versions.count() + 1, state="in_force", content=stored(content), made_at=county.now,
        decided_at=county.now, exercise_id=plan.exercise_id,
    ).record(by=county.by, at=county.now, kind="drafted")  # fmt: skip
    return plan.change(by=county.by, at=county.now, kind="renewed", current=version)


def codes(plan: Plan) -> set[str]:
    return set(plan.findings.filter(state="open").values_list("code", flat=True))


def check(county: County, plan: Plan) -> list[PlanFinding]:
    return services.check_plan(plan, by=county.by, at=county.now)


def test_a_plan_in_order_has_no_finding_in_the_cast_county(county: County) -> None:
    plan = in_force(county)
    assert check(county, plan) == []
    assert plan.check_at == datetime(2026, 7, 1, 19, 30, tzinfo=UTC)


def test_checking_twice_writes_nothing_new(county: County) -> None:
    plan = in_force(county, Content(levels=(OPENS,), tasks=(NO_LIMIT,)))
    first = check(county, plan)
    assert {one.code for one in first} == {"task_no_limit", "no_contacts"}
    written = Entry.objects.count()
    county.clock.advance(hours=3)
    again = check(county, Plan.objects.get())
    assert {one.pk for one in again} == {one.pk for one in first}
    assert Entry.objects.count() == written


def test_a_finding_goes_when_it_is_put_right_and_comes_back(county: County) -> None:
    plan = in_force(county)
    services_end(county, "Wang")
    check(county, plan)
    assert codes(plan) == {"post_empty"}
    county.clock.advance(hours=1)
    back = directory.appoint(
        county.posts[PostKind.COMMANDER, "Yunling"], county.people["Wang"], by=county.by, at=county.now
    )
    county.clock.advance(minutes=1)
    check(county, plan)
    finding = PlanFinding.objects.get()
    assert (finding.state, finding.gone_at) == ("gone", county.now)
    county.clock.advance(hours=1)
    directory.end_holding(back, by=county.by, at=county.now)
    county.clock.advance(minutes=1)
    check(county, plan)
    finding.refresh_from_db()
    assert (finding.state, finding.gone_at, finding.found_at) == ("open", None, county.now)


def services_end(county: County, who: str) -> None:
    directory.end_holding(county.holdings[who], by=county.by, at=county.now)
    county.clock.advance(minutes=1)


def test_a_number_that_failed_is_reported_until_it_works(county: County) -> None:
    plan = in_force(county)
    contact = Contact.objects.get(person=county.people["Wang"])
    contact.change(by=county.by, at=county.now, kind="failed", failed_at=county.now, failed_why="空号")
    check(county, plan)
    assert codes(plan) == {"post_unreachable"}
    services_contact(county)
    check(county, plan)
    assert codes(plan) == set()


def services_contact(county: County) -> None:
    county.clock.advance(minutes=1)
    directory.set_contact(
        county.people["Wang"], kind=ContactKind.MOBILE, value="10000000077", by=county.by, at=county.now
    )
    county.clock.advance(minutes=1)


def test_townships_without_a_duty_room_are_named_together(county: County) -> None:
    task = Task("move", "转移群众", Address(AddressKind.AFFECTED_TOWNSHIPS), limit_min=60)
    plan = in_force(county, Content(levels=(OPENS,), contacts=(ROOM,), tasks=(task,)))
    assert check(county, plan) == []
    services_end(county, "Liu")
    [finding] = check(county, plan)
    assert (finding.code, finding.params["names"], finding.params["count"]) == ("places_empty", ["石桥镇"], 1)


def test_what_the_plan_counts_on_is_compared_with_the_register(county: County) -> None:
    at, here = county.now, county.divisions["Willow River"]
    Team(
        code="t1",
        name="柳河抢险队",
        kind="township",
        division=here,
        skills=["flood"],
        readiness="ready",
        registered_at=at,
    ).record(by=county.by, at=at)
    Team(
        code="t2",
        name="石桥抢险队",
        kind="township",
        division=here,
        skills=["flood"],
        readiness="not_ready",
        registered_at=at,
    ).record(by=county.by, at=at)
    Asset(
        code="a1",
        name="冲锋舟",
        kind="equipment",
        category="boat",
        count=2,
        division=here,
        asset_state="usable",
        registered_at=at,
    ).record(by=county.by, at=at)
    Asset(
        code="a2",
        name="冲锋舟",
        kind="equipment",
        category="boat",
        count=5,
        division=here,
        asset_state="repair",
        registered_at=at,
    ).record(by=county.by, at=at)
    Expert(person=county.people["Guo"], fields=["dam"], registered_at=at).record(by=county.by, at=at)
    for hours, quantity in ((2, 100), (1, 40)):
        StockReport(
            depot="县库",
            division=county.division,
            item="tent",
            name="帐篷",
            quantity=Decimal(f"{quantity}.00"),
            unit="顶",
            as_of=at - timedelta(hours=hours),
            recorded_at=at,
        ).record(by=county.by, at=at)
    StockReport(
        depot="镇库",
        division=here,
        item="tent",
        name="帐篷",
        quantity=Decimal("10.00"),
        unit="顶",
        as_of=at,
        recorded_at=at,
    ).record(by=county.by, at=at)
    needs = (
        Need("a", NeedKind.TEAM, "抢险队", code="flood", count=2, unit="支"),
        Need("b", NeedKind.EQUIPMENT, "冲锋舟", count=3, unit="艘"),
        Need("c", NeedKind.STOCK, "帐篷", code="tent", count=60, unit="顶"),
        Need("d", NeedKind.EXPERT, "大坝专家", code="dam"),
        Need("e", NeedKind.STOCK, "帐篷", count=50, unit="顶"),
    )
    plan = in_force(county, Content(levels=(OPENS,), contacts=(ROOM,), needs=needs))
    found = {
        row.where: (row.code, row.params["usable"], row.params["registered"]) for row in check(county, plan)
    }
    assert found == {
        "needs:a": ("team_short", 1, 2),
        "needs:b": ("equipment_short", 2, 7),
        "needs:c": ("stock_short", 50, 50),
    }
    assert verify().problems == []


def test_a_township_counts_on_its_own_forces_alone(county: County) -> None:
    at = county.now
    Team(
        code="t1",
        name="石桥队",
        kind="township",
        division=county.divisions["Stone Bridge"],
        skills=["flood"],
        readiness="ready",
        registered_at=at,
    ).record(by=county.by, at=at)
    needs = (Need("a", NeedKind.TEAM, "抢险队", code="flood"),)
    content = Content(levels=(OPENS,), contacts=(ROOM,), needs=needs)
    willow = in_force(county, content, kind="township", division=county.divisions["Willow River"])
    stone = in_force(county, content, kind="township", division=county.divisions["Stone Bridge"])
    assert [one.code for one in check(county, willow)] == ["team_short"]
    assert check(county, stone) == []


def test_an_accepted_finding_stays_accepted_until_it_becomes_grave(county: County) -> None:
    at = county.now
    needs = (Need("c", NeedKind.STOCK, "帐篷", code="tent", count=60, unit="顶"),)
    plan = in_force(county, Content(levels=(OPENS,), contacts=(ROOM,), needs=needs))

    def report(quantity: int) -> None:
        county.clock.advance(minutes=5)
        StockReport(
            depot="县库",
            division=county.division,
            item="tent",
            name="帐篷",
            quantity=Decimal(f"{quantity}.00"),
            unit="顶",
            as_of=county.now,
            recorded_at=county.now,
        ).record(by=county.by, at=at)

    report(40)
    [finding] = check(county, plan)
    with pytest.raises(PlanReasonMissing):
        services.accept_finding(finding, why="  ", by=county.actor("Zheng"), at=county.now)
    services.accept_finding(finding, why="市库可代储", by=county.actor("Zheng"), at=county.now)
    with pytest.raises(FindingGone):
        services.accept_finding(finding, why="再来一次", by=county.actor("Zheng"), at=county.now)
    report(30)
    check(county, plan)
    finding.refresh_from_db()
    assert (finding.state, finding.params["usable"], finding.accepted_why) == ("accepted", 30, "市库可代储")
    report(0)
    check(county, plan)
    finding.refresh_from_db()
    assert (finding.state, finding.severity, finding.accepted_why) == ("open", "stop", "")


def test_acceptance_can_be_taken_back(county: County) -> None:
    plan = in_force(county, Content(levels=(OPENS,)))
    [finding] = check(county, plan)
    services.accept_finding(finding, why="村里电话会通知", by=county.by, at=county.now)
    services.reopen_finding(finding, by=county.by, at=county.now)
    assert finding.state == "open"
    with pytest.raises(FindingGone):
        services.reopen_finding(finding, by=county.by, at=county.now)


def test_the_check_runs_every_night_at_half_past_three(county: County) -> None:
    plan = in_force(county, Content(levels=(OPENS,)), check_at=county.now)
    assert run_deadlines(owner="test") == 1
    plan.refresh_from_db()
    assert codes(plan) == {"no_contacts"}
    assert plan.check_at == datetime(2026, 7, 1, 19, 30, tzinfo=UTC)
    assert run_deadlines(owner="test") == 0
    services_end(county, "Wang")
    new_version(county, plan, PLAIN)
    county.clock.advance(hours=20)
    assert run_deadlines(owner="test") == 1
    assert codes(plan) == {"post_empty"}
    plan.refresh_from_db()
    assert plan.check_at == datetime(2026, 7, 2, 19, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "then"),
    [
        (datetime(2026, 7, 1, 19, 29, tzinfo=UTC), datetime(2026, 7, 1, 19, 30, tzinfo=UTC)),
        (datetime(2026, 7, 1, 19, 30, tzinfo=UTC), datetime(2026, 7, 2, 19, 30, tzinfo=UTC)),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), datetime(2027, 1, 1, 19, 30, tzinfo=UTC)),
    ],
)
def test_the_next_night_is_counted_in_shanghai(at: datetime, then: datetime) -> None:
    assert next_check(at) == then


def test_a_plan_overdue_for_review_is_found(county: County) -> None:
    plan = in_force(county, review_due_on=date(2026, 6, 30))
    assert [one.code for one in check(county, plan)] == ["review_overdue"]


def test_a_plan_nobody_practised_is_found_once_drills_are_known(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = in_force(county, printed_on=date(2020, 1, 1))
    monkeypatch.setattr(lastdrills, "_providers", {})
    assert check(county, plan) == []
    lastdrills.last_drills("test")(lambda ids: {one: date(2023, 6, 1) for one in ids})
    [finding] = check(county, plan)
    assert (finding.code, finding.params) == ("drill_overdue", {"due": "2026-06-01", "last": "2023-06-01"})


def test_a_draft_is_checked_as_it_stands_without_keeping_anything(county: County) -> None:
    version = PlanVersion(
        plan=in_force(county),
        number=9,
        state="draft",
        content=stored(Content(tasks=(NO_LIMIT,))),
        made_at=county.now,
    )
    assert {one.code for one in faults_of(version, at=county.now)} == {
        "no_levels",
        "task_no_limit",
        "no_contacts",
    }
    assert not PlanFinding.objects.exists()


def test_a_drill_reads_a_real_plan_and_writes_nothing(county: County) -> None:
    plan = in_force(county, Content(levels=(OPENS,)))
    run = ExerciseRun.objects.create(scenario="test", clock_start=county.now, wall_start=county.now)
    with clocks.entered(run.pk):
        [found] = check(county, plan)
    assert found.code == "no_contacts"
    assert not PlanFinding.objects.exists()
    assert Plan.objects.get().check_at is None


def test_the_world_of_a_large_plan_costs_a_fixed_number_of_statements(
    county: County, django_assert_max_num_queries: Any
) -> None:
    tasks = tuple(
        Task(f"t{number}", f"任务{number}", Address(AddressKind.DIVISION, code=place.code), limit_min=10)
        for number, place in enumerate([*county.divisions.values()] * 40)
    )
    plan = in_force(
        county, Content(levels=(OPENS,), tasks=tasks, needs=(Need("a", NeedKind.TEAM, "x", code="x"),))
    )
    content = Content(levels=(OPENS,), tasks=tasks)
    with django_assert_max_num_queries(12):
        world_of(plan, content, at=county.now)


FAULTS_OF = st.dictionaries(
    st.sampled_from(["a", "b", "c"]), st.tuples(st.sampled_from(["stop", "warn"]), st.integers(0, 2))
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(FAULTS_OF, min_size=1, max_size=5))
def test_whatever_is_found_in_whatever_order_the_findings_stand_as_the_last_check_says(
    county: County, monkeypatch: pytest.MonkeyPatch, nights: list[dict[str, tuple[str, int]]]
) -> None:
    """And folding the journal gives every row."""
    with transaction.atomic():
        plan = in_force(county)
        for night in nights:
            faults = [Fault("task_no_limit", key, grade, "", {"n": n}) for key, (grade, n) in night.items()]
            monkeypatch.setattr(checking, "faults_of", lambda version, at, faults=faults: faults)
            standing = {one.key for one in check(county, plan)}
            assert standing == night.keys()
        kept = {row.key: (row.state, row.severity, row.params["n"]) for row in plan.findings.all()}
        ever = {key for night in nights for key in night}
        assert kept.keys() == ever
        for key, (state, severity, n) in kept.items():
            assert state == ("open" if key in nights[-1] else "gone")
            if key in nights[-1]:
                assert (severity, n) == nights[-1][key]
        assert verify().problems == []
        transaction.set_rollback(True)
