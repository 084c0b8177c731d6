"""How rooms are manned, as data: posts of each level, how many are needed, and how long things may take (R25).

The package's table is `data/duty.json`; a county replaces it by `duty.json` in its data folder.
"""

from __future__ import annotations

import functools
import json
from datetime import timedelta
from pathlib import Path

import msgspec
from django.conf import settings

from anlan.kernel.refusals import BadSetting
from anlan.vocab.posts import PostKind
from anlan.vocab.shifts import ShiftKind


class Need(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many lead and how many are on duty in a kind of shift."""

    kind: ShiftKind
    leaders: int
    on_duty: int
    is_verified: bool


class RoomRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A room of one level: its posts, and the most that is asked of a room so small."""

    level: str
    leader_posts: list[PostKind]
    posts: list[PostKind]
    leaders: int
    on_duty: int
    checks_in: bool

    @property
    def all_posts(self) -> list[PostKind]:
        return [*self.leader_posts, *self.posts]


class DutyTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`chiefs` are the county's posts that hear of an absence last; times in seconds."""

    version: str
    source: str
    is_verified: bool
    check_in_opens_s: int
    missing_after_s: int
    escalate_every_s: int
    roll_call_answer_s: int
    roll_call_absent_s: int
    link_every_s: int
    link_missed: int
    clock_look_every_s: int
    phone_test_days: int
    needs: list[Need]
    rooms: list[RoomRule]
    chiefs: list[PostKind]

    @property
    def check_in_opens(self) -> timedelta:
        return timedelta(seconds=self.check_in_opens_s)

    @property
    def missing_after(self) -> timedelta:
        return timedelta(seconds=self.missing_after_s)

    @property
    def escalate_every(self) -> timedelta:
        return timedelta(seconds=self.escalate_every_s)

    @property
    def clock_look_every(self) -> timedelta:
        return timedelta(seconds=self.clock_look_every_s)

    def room(self, level: str) -> RoomRule | None:
        """The rule of a level; None where such places have no duty room."""
        return next((one for one in self.rooms if one.level == level), None)

    def need(self, kind: str, level: str) -> tuple[int, int]:
        """(leaders, on duty) that a room of this level needs in a shift of this kind."""
        room = self.room(level)
        wanted = next((one for one in self.needs if one.kind == kind), self.needs[0])
        if room is None:
            return 0, 0
        return min(wanted.leaders, room.leaders), min(wanted.on_duty, room.on_duty)

    def post_kinds(self) -> list[PostKind]:
        """Every post that mans some room."""
        return list(dict.fromkeys(post for room in self.rooms for post in room.all_posts))


def duty_table() -> DutyTable:
    """The table that applies here."""
    own = Path(settings.ANLAN_DATA) / "duty.json"
    path = own if own.exists() else Path(__file__).parent / "data" / "duty.json"
    return _load(str(path), path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=8)
def _load(path: str, _stamp: int) -> DutyTable:
    try:
        table = msgspec.convert(json.loads(Path(path).read_text(encoding="utf-8")), DutyTable)
        if not table.needs or not table.rooms:
            raise ValueError("needs and rooms must not be empty")
    except (ValueError, msgspec.ValidationError) as error:
        raise BadSetting(
            name=path, why=str(error), example="the file duty/data/duty.json of the package"
        ) from error
    return table
