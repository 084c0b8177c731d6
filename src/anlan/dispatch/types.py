"""Values that cross the door of orders."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anlan.places.models import Division
    from anlan.resources.models import Team


@dataclass(frozen=True, slots=True)
class NewInstruction:
    """An order that is not given yet. Limits are minutes from the moment at which it goes out; `ack_limit_min` None takes the
    county's parameter, 0 sets none. `after` are keys of tasks of the same activation that must be finished first."""

    title: str
    addressee: Division
    words: str = ""
    post_kind: str = ""
    ack_limit_min: int | None = None
    limit_min: int | None = None
    origin: str = "free"
    activation_id: uuid.UUID | None = None
    task_key: str = ""
    level: int | None = None
    group_key: str = ""
    after: tuple[str, ...] = ()
    needs_proof: bool = False
    authority: str = ""
    pack: str = ""
    scene_id: uuid.UUID | None = None
    team: Team | None = None
    #: The id that it shall have, where a form may arrive twice; an order that has it already is not given again.
    key: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """A file that somebody sends with a step; `chunks` are its bytes."""

    name: str
    chunks: Iterable[bytes]


@dataclass(frozen=True, slots=True)
class Sent:
    """What a program says beside its words: the key that stays the same for every try, and when it was so there."""

    key: str = ""
    happened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one message about orders: `state` is the delivery's, times UTC or None."""

    channel: str
    state: str
    who: str
    handed_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    may_be_repeated: bool = False
