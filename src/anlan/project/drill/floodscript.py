"""The flood day as data: who decides what when, how units and teams behave, what a scorecard expects. Pure."""

from __future__ import annotations

import random
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from anlan.drills.script import Expect

DAY = Path(__file__).with_name("floodday.json")
STEPS = Path(__file__).with_name("floodsteps.json")


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A level opened or raised once the rules propose it or a graver one, `after_min` after the decision before.

    `refused`: somebody who may not tries first. `beside`: somebody who has the same page open and decides a moment later.
    """

    level: int
    by: str
    why: str
    after_min: int = 0
    refused: str = ""
    beside: str = ""
    townships: str = ""


class Lowering(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A milder level at a minute; 0 ends the response."""

    at_min: int
    level: int
    by: str
    why: str


class Units(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How departments and townships answer. Titles of tasks name those that go wrong."""

    ack_min: list[int]
    share_of_limit: tuple[float, float]
    start_from_limit_min: int
    silent_townships: int
    silent_min: int
    late: list[str]
    late_by_min: int
    not_started: list[str]
    long: dict[str, int]


class LevelTwo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the plan of the county opens at level Ⅱ, as the issue of this drill asks for it."""

    orders: int
    departments: int
    townships: int


class TeamJob(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One team to be sent: the skill that is asked for, and what it is told."""

    skill: str
    words: str


class Supply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One request: items and quantities, then the quantity of each step."""

    by: str
    items: list[tuple[str, int]]
    why: str
    approved: list[int]
    received: list[int]


class Day(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole day. Minutes are on the drill's clock; those of the room and the teams count from level Ⅱ."""

    clock_start: datetime
    storm_min: int
    end_min: int
    stride_min: tuple[int, int]
    settled_from_min: int
    plan: str
    boards_saved: int
    level_two: LevelTwo
    decisions: list[Decision]
    declined: Decision
    others_declined: str
    sign_warnings: str
    units: Units
    room_after_min: int
    commander: dict[str, str]
    scenes: list[dict[str, str]]
    question: dict[str, Any]
    assessment: dict[str, str]
    consultation: dict[str, Any]
    teams_after_min: int
    check_every_min: int
    teams: list[TeamJob]
    silent_team: int
    team_work_min: int
    supplies: list[Supply]
    supplies_min: list[int]
    figures: list[dict[str, Any]]
    grade: dict[str, str]
    leader_reads_min: list[int]
    situation_min: int
    lift_min: int
    lift_why: str
    lowering: list[Lowering]
    scenes_closed_min: int
    close_min: int
    review_min: int
    review: dict[str, Any]


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The entry that gives a step: the first of its kind whose fields fit."""

    entry: str
    fields: dict[str, Any] = {}


class Awaited(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the scorecard's script: what must follow once something has happened."""

    key: str
    title: str
    when: When
    expects: list[Expect]


def day() -> Day:
    """The script that comes with the program."""
    return msgspec.json.decode(DAY.read_bytes(), type=Day)


def awaited() -> list[Awaited]:
    """What the scorecard asks for."""
    return msgspec.json.decode(STEPS.read_bytes(), type=list[Awaited])


def chance(seed: int, *purpose: object) -> random.Random:
    """A private generator for one purpose: the same whatever else was drawn, and in whatever order."""
    return random.Random(":".join([str(seed), *map(str, purpose)]))
