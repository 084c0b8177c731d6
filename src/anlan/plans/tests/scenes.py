"""Plans for tests: a small county plan that names both townships, and one with many tasks."""

from __future__ import annotations

from typing import Any

from anlan.plans import services
from anlan.plans.content import (
    Address,
    AddressKind,
    Annex,
    Contact,
    Content,
    Group,
    Level,
    Need,
    NeedKind,
    PostSlot,
    Task,
    Trigger,
    TriggerKind,
)
from anlan.plans.models import Plan, PlanVersion
from anlan.testing import County

COUNTY_DUTY = Address(AddressKind.COUNTY, post="county_duty")
COMMANDER = Address(AddressKind.COUNTY, post="commander")
TOWNSHIPS = Address(AddressKind.AFFECTED_TOWNSHIPS, post="township_duty")
WILLOW_RIVER = Address(AddressKind.DIVISION, code="999901101000", post="township_duty")


def small(**fields: Any) -> Content:
    """A flood plan with one of everything; who reads it can check every part by eye."""
    return Content(
        **{
            "purpose": "保护群众生命安全。",
            "scope": "本县洪涝灾害。",
            "body": "flood_command",
            "levels": (
                Level(4, triggers=(Trigger(TriggerKind.WARNING, hazard="flash_flood", level=3),), authority=("duty_leader",)),
                Level(2, triggers=(Trigger(TriggerKind.GRADE, event_types=("flood",), grade=2),), authority=("commander",)),
            ),
            "posts": (
                PostSlot("p1", "总指挥", COMMANDER, duties=("统一指挥抢险救灾",)),
                PostSlot("p2", "值班员", COUNTY_DUTY, deputy=COMMANDER),
                PostSlot("p3", "乡镇联络人", TOWNSHIPS, duties=("清点转移人数",)),
            ),
            "groups": (Group("g1", "综合协调组", lead="p1", members=(COUNTY_DUTY, WILLOW_RIVER)),),
            "tasks": (
                Task("t1", "通知到户", TOWNSHIPS, limit_min=30, ack_min=10, group="g1"),
                Task("t2", "组织转移", TOWNSHIPS, from_level=2, limit_min=120, after=("t1",)),
                Task("t3", "报告总指挥", COUNTY_DUTY, limit_min=15, post="p2"),
            ),
            "needs": (Need("n1", NeedKind.TEAM, "水域救援队", code="flood_rescue", count=2, unit="支"),),
            "contacts": (Contact("c1", "县值班室", COUNTY_DUTY), Contact("c2", "乡镇值班室", TOWNSHIPS, above="c1")),
            "annexes": (Annex("术语", "响应：启动预案。"),),
            **fields,
        }
    )  # fmt: skip


def large(tasks: int = 200) -> Content:
    return small(
        tasks=tuple(Task(f"t{n}", f"任务{n:03d}", TOWNSHIPS, limit_min=30) for n in range(1, tasks + 1))
    )


def draft(
    county: County, place: str = "Yunling", by: str = "Feng", content: Content | None = None, **details: Any
) -> PlanVersion:
    """A plan of that place with its first draft, written by that member of the cast."""
    face = {
        "title": "云岭县防汛应急预案",
        "kind": "special",
        "event_types": ["flood"],
        "hazards": ["flash_flood"],
        **details,
    }
    return services.open_plan(
        division=county.divisions[place],
        content=content or small(),
        by=county.actor(by),
        at=county.now,
        **face,
    )


def in_force(
    county: County, place: str = "Yunling", by: str = "Feng", approver: str = "Wang", **details: Any
) -> Plan:
    """The same, approved by somebody else."""
    version = services.submit_version(draft(county, place, by, **details), by=county.actor(by), at=county.now)
    services.approve_version(version, by=county.actor(approver), by_name="王建国", at=county.now)
    return version.plan
