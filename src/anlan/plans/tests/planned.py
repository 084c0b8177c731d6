"""A plan in which nothing is wrong, and the world it fits into; tests break one thing at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import msgspec

from anlan.plans.checktypes import Have, Held, Place, Superior, World
from anlan.plans.content import (
    Address,
    AddressKind,
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

COUNTY, WATER, TOWN = "999901000000", "999901000000-B01", "999901101000"
COMMANDER = Address(AddressKind.COUNTY, post="commander")
LEADER = Address(AddressKind.COUNTY, post="duty_leader")
ROOM = Address(AddressKind.COUNTY, post="county_duty")
WATER_ROOM = Address(AddressKind.DEPARTMENT, code=WATER)
TOWN_ROOM = Address(AddressKind.DIVISION, code=TOWN)
TOWNS = Address(AddressKind.AFFECTED_TOWNSHIPS)


def clean() -> Content:
    return Content(
        levels=(
            Level(4, triggers=(Trigger(TriggerKind.WORDS, words="达到条件"),), authority=("duty_leader",)),
            Level(
                2,
                triggers=(Trigger(TriggerKind.FIGURE, figure="deaths", at_least=3),),
                authority=("commander",),
            ),
        ),
        posts=(PostSlot("chief", "指挥长", COMMANDER), PostSlot("deputy", "副指挥长", LEADER)),
        groups=(
            Group("rescue", "抢险组", lead="chief", members=(WATER_ROOM,)),
            Group("relief", "安置组", lead="deputy", members=(TOWN_ROOM,)),
        ),
        tasks=(
            Task("watch", "加密监测", WATER_ROOM, limit_min=30, group="rescue", needs=("team",)),
            Task("move", "转移群众", TOWNS, limit_min=60, after=("watch",), group="relief", post="deputy"),
            Task("army", "请求驻军支援", ROOM, from_level=2, limit_min=30, after=("watch",)),
        ),
        needs=(
            Need("team", NeedKind.TEAM, "抗洪抢险队", code="flood", count=2, unit="支"),
            Need("boat", NeedKind.EQUIPMENT, "冲锋舟", code="boat", count=3, unit="艘"),
            Need("tent", NeedKind.STOCK, "帐篷", code="tent", count=100, unit="顶"),
        ),
        contacts=(
            Contact("room", "县值班室", ROOM),
            Contact("water", "县水利局", WATER_ROOM, above="room"),
            Contact("town", "柳河镇", TOWN_ROOM, above="room"),
        ),
    )


def world(**other: Any) -> World:
    fine = World(
        today=date(2026, 7, 1),
        county=COUNTY,
        places={
            COUNTY: Place("云岭县", "county"),
            WATER: Place("县水利局", "department"),
            TOWN: Place("柳河镇", "township"),
        },
        holders={
            (COUNTY, "commander"): (Held("p1", "王建国"),),
            (COUNTY, "duty_leader"): (Held("p2", "郑国安"),),
            (COUNTY, "county_duty"): (Held("p3", "陈静"),),
            (WATER, "department_duty"): (Held("p4", "水一"), Held("p5", "水二")),
            (TOWN, "township_duty"): (Held("p6", "李梅"),),
        },
        have={
            ("team", "flood"): Have(3, 2),
            ("equipment", "boat"): Have(4, 3),
            ("stock", "tent"): Have(120, 120),
        },
        townships=(TOWN,),
        in_force_on=date(2026, 1, 10),
        printed_on=date(2026, 1, 12),
        review_due_on=date(2029, 1, 10),
        knows_drills=True,
        drill_every=3,
        superiors=(Superior("s", "2025-0001", "市防汛应急预案", changed_on=date(2025, 5, 1)),),
    )
    return replace(fine, **other)


def changed(content: Content, part: str, key: object, **fields: Any) -> Content:
    """The same plan with one row of a list changed; levels go by their number."""
    rows = tuple(
        msgspec.structs.replace(row, **fields) if _key(row) == key else row for row in getattr(content, part)
    )
    return msgspec.structs.replace(content, **{part: rows})


def _key(row: Any) -> object:
    return row.level if isinstance(row, Level) else row.key
