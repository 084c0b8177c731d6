"""Plans, incidents and responses for tests: the tiny county's flood plan with tasks at every level."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from anlan.dispatch.models import Instruction
from anlan.incidents import services as incidents
from anlan.incidents.models import Incident
from anlan.incidents.types import IncidentDetails
from anlan.kernel.actor import Actor, system
from anlan.places.models import Division
from anlan.plans.content import (
    Address,
    AddressKind,
    Content,
    Group,
    Level,
    Task,
    Trigger,
    TriggerKind,
    stored,
)
from anlan.plans.models import Plan, PlanVersion
from anlan.response import services
from anlan.response.models import Activation
from anlan.response.types import Decided
from anlan.testing import County

AT_COUNTY = Address(kind=AddressKind.COUNTY)
TOWNSHIPS = Address(kind=AddressKind.AFFECTED_TOWNSHIPS, post="township_duty")
VILLAGES = Address(kind=AddressKind.AFFECTED_VILLAGES)
WATER = Address(kind=AddressKind.DEPARTMENT, name="水利局")
BY_CHIEF = ("county_duty_chief", "duty_leader", "commander")
BY_LEADER = ("duty_leader", "commander")
BY_COMMANDER = ("commander",)


def a_task(key: str, owner: Address = AT_COUNTY, **fields: Any) -> Task:
    return Task(key=key, title=f"任务{key}", owner=owner, limit_min=60, **fields)


TASKS = (
    a_task("watch"),
    a_task("patrol", TOWNSHIPS),
    a_task("dams", WATER, from_level=3),
    a_task("move", VILLAGES, from_level=3, after=("patrol",)),
    a_task("teams", from_level=2),
    a_task("shelters", TOWNSHIPS, from_level=2),
    a_task("all_hands", from_level=1),
)


def a_content(tasks: Sequence[Task] = TASKS, **fields: Any) -> Content:
    levels = tuple(
        Level(
            level=number,
            authority=authority,
            triggers=(
                Trigger(kind=TriggerKind.WARNING, hazard="flash_flood", level=number),
                Trigger(kind=TriggerKind.GRADE, event_types=("flood",), grade=number),
            ),
            notify=(AT_COUNTY, TOWNSHIPS),
        )
        for number, authority in ((4, BY_CHIEF), (3, BY_LEADER), (2, BY_COMMANDER), (1, BY_COMMANDER))
    )
    groups = (Group(key="head", name="综合协调组", members=(AT_COUNTY,)),)
    return Content(body="flood_command", levels=levels, groups=groups, tasks=tuple(tasks), **fields)


def a_plan(
    county: County,
    *,
    content: Content | None = None,
    number: str = "P-1",
    division: Division | None = None,
    **fields: Any,
) -> Plan:
    """A plan in force, made by its rows."""
    by, at = system("test"), county.now
    details: dict[str, Any] = {
        "title": "云岭县防汛应急预案", "kind": "special", "event_types": ["flood", "flash_flood"], "hazards": ["flash_flood"],
        "division": division or county.division, "protected_kind": "none", "opened_at": at, **fields,
    }  # fmt: skip
    plan = Plan(state="in_force", number=number, **details).record(by=by, at=at, kind="in_force")
    put_in_force(plan, content or a_content(), by=by, at=at)
    return plan


def put_in_force(plan: Plan, content: Content, *, by: Actor, at: datetime) -> PlanVersion:
    number = plan.versions.count() + 1
    version = PlanVersion(
        state="in_force", plan=plan, number=number, content=stored(content), made_at=at, decided_at=at
    ).record(by=by, at=at, kind="in_force")
    plan.change(by=by, at=at, kind="in_force", current=version)
    return version


def a_flood(county: County, **fields: Any) -> Incident:
    details = IncidentDetails(
        title="柳河漫堤",
        event_type="flood",
        division=fields.pop("division", county.division),
        informant="township",
        known_at=county.now,
        **fields,
    )
    return incidents.open_incident(details, by=county.actor("Chen"), at=county.now)


def opened(county: County, level: int = 4, who: str = "Wang", **fields: Any) -> Activation:
    """A response that a person opened in Willow River."""
    plan = fields.pop("plan", None) or a_plan(county)
    incident = fields.pop("incident", None) or a_flood(county)
    affected = fields.pop("affected", (county.divisions["Willow River"].pk,))
    return services.activate(
        incident, plan, level, by=county.actor(who), by_name="王建国", at=county.now, why="雨还在下",
        decided=Decided(affected=affected, has_read_faults=True),
    )  # fmt: skip


def change(county: County, row: Activation, level: int, **fields: Any) -> Activation:
    row = Activation.objects.select_related("plan", "plan_version", "division", "incident").get(pk=row.pk)
    return services.change_level(
        row,
        level,
        by=county.actor("Wang"),
        by_name="王建国",
        at=county.now,
        why="情况变化",
        decided=Decided(**fields),
    )


def orders(row: Activation) -> dict[tuple[str, str], str]:
    """State of each order that was not withdrawn, by task and addressee's name."""
    rows = (
        Instruction.objects.filter(activation_id=row.pk)
        .exclude(state="withdrawn")
        .select_related("addressee")
    )
    return {(one.task_key, one.addressee.name): one.state for one in rows}


def act(county: County, key: str, verb: str) -> Instruction:
    """Somebody at the desk writes down that an order was started or finished."""
    from anlan.dispatch import services as dispatch

    row = (
        Instruction.objects.filter(task_key=key)
        .exclude(state="withdrawn")
        .select_related("incident__division")
        .first()
    )
    assert row is not None
    moved = getattr(dispatch, f"{verb}_instruction")
    given: dict[str, Any] = {
        "by": county.actor("Chen"),
        "by_name": "陈静",
        "via": "desk",
        "at": county.now,
        "words": "已办",
    }
    return moved(row, **given)  # type: ignore[no-any-return]  # by name


def later(county: County, minutes: float) -> datetime:
    county.clock.advance(minutes=minutes)
    return county.now


def behind_every_door(county: County, place: Division) -> dict[str, Any]:
    """A response of one place with everything that hangs on it, for the walk through every route."""
    plan = a_plan(county, number="P-door", title="柳河防汛预案", kind="village", division=place)
    incident = a_flood(county, division=place)
    row = services.activate(
        incident, plan, 4, by=county.actor("Wang"), by_name="王建国", at=county.now, why="柳河上涨",
        decided=Decided(affected=(place.pk,), has_read_faults=True),
    )  # fmt: skip
    body = services.form_body(
        code="door", name="上柳村防汛工作组", division=place, by=county.actor("Wang"), at=county.now
    )
    duty = services.start_joint_duty(
        title="柳河联合值守",
        division=place,
        starts_at=county.now,
        activation=row,
        by=county.actor("Wang"),
        at=county.now,
    )
    return {
        "activation_id": row.pk,
        "response_notice_id": row.notices.get().pk,
        "body_id": body.pk,
        "joint_duty_id": duty.pk,
        "share_key": "0" * 32,
    }
