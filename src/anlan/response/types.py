"""What the verbs of response take and give."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anlan.dispatch.models import Instruction
    from anlan.places.models import Division
    from anlan.plans.content import Task

#: Levels as they are written.
ROMAN = {1: "Ⅰ", 2: "Ⅱ", 3: "Ⅲ", 4: "Ⅳ"}


@dataclass(frozen=True, slots=True)
class Due:
    """One order that a level asks for. `instead_of` is the name of a unit that nobody knows: the county's desk passes it on."""

    task: Task
    addressee: Division
    instead_of: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.task.key, self.addressee.pk


@dataclass(frozen=True, slots=True)
class Left:
    """A task of the level that reaches nobody, and why: "no_places" (nothing chosen as affected) or "no_unit"."""

    task: Task
    why: str


@dataclass(frozen=True, slots=True)
class Change:
    """What a new level opens and closes. `kept` are started orders of a graver level that go on."""

    opens: tuple[Due, ...] = ()
    closes: tuple[Instruction, ...] = ()
    kept: tuple[Instruction, ...] = ()
    left: tuple[Left, ...] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """How a person decided, beside the level: the places chosen as affected (None: as before, or as the warnings say),
    whether the faults of the plan were ticked as read, whether started orders are withdrawn too, and the version of the
    row that was on the page (None: not checked)."""

    affected: tuple[str, ...] | None = None
    has_read_faults: bool = False
    withdraws_started: bool = False
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class Suggested:
    """A level that the rules suggest for a plan, 0 for ending, with the reasons as they are stored."""

    plan_id: uuid.UUID
    level: int
    reasons: list[dict[str, object]] = field(default_factory=list)
