"""Ladders as data: who is called in which order, by what, and how long each step waits (R30).

A call-out keeps a copy of its ladder, so editing a preset or approving a county's version never changes a running one. The copy
is the *expanded* form: repeats, a lead for key people and a chain behind `escalate_to` are plain rungs there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from anlan.dissemination.refusals import BadLadder, UnknownLadder
from anlan.kernel.clock import SHANGHAI

if TYPE_CHECKING:
    from anlan.places.models import Division

Target = Literal["A", "B", "secretary", "township_duty", "county_duty", "self", "outlets"]
#: Words that a ladder may use for channels. One that is not installed is passed over and the seat says so.
ChannelCode = Literal[
    "sms", "voice", "email", "wecom", "dingtalk", "feishu",
    "loudspeaker", "display", "siren", "gong", "whistle", "door", "radio_set", "desk_phone",
]  # fmt: skip
Third = Literal["message", "call", "video"]

#: The preset that is used where nobody chose one; its numbers are an assumption and shown as such.
DEFAULT = "anlan_default"
#: What each link of an escalation chain is reached by where the chain is only a list of words.
CHAIN_CHANNELS: dict[str, tuple[ChannelCode, ...]] = {
    "outlets": ("loudspeaker", "siren", "gong", "whistle", "door"),
}
#: How long each link of such a chain waits, seconds. Assumption: nothing was found in R30.
CHAIN_WAIT_S = 180
#: Bounds of what a person may enter, so that a slip of the pen never stops a ladder for a day.
MAX_WAIT_S, MAX_RUNGS, MAX_REPEATS = 4 * 3600, 40, 10

FOLDER = Path(__file__).parent
_HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class Hours(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"since": "from", "until": "to"}):
    """Hours of the day in Asia/Shanghai, "HH:MM"; `until` is no longer inside, and the interval may go over midnight."""

    since: str
    until: str

    def hold(self, at: datetime) -> bool:
        now = at.astimezone(SHANGHAI).time()
        since, until = time.fromisoformat(self.since), time.fromisoformat(self.until)
        return since <= now < until if since < until else now >= since or now < until


class Rung(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One step: these channels to this role (or to several at once), then `wait_s` seconds in all for an answer.

    `repeats` further tries follow each other after `every_s` seconds within that time. `key_first_s`: the first target is
    called by voice so many seconds ahead of the others. `only_between` leaves the rung out at other hours.
    `feedback_within_s`: what was done has to be told so soon after the answer. `is_retry` marks an expanded repeat: a call that
    was not answered waits for it, and does not hurry it on.
    """

    to: Target | tuple[Target, ...]
    channels: tuple[ChannelCode, ...]
    wait_s: int
    note: str = ""
    repeats: int = 0
    every_s: int = 0
    key_first_s: int = 0
    only_between: Hours | None = None
    feedback_within_s: int | None = None
    is_retry: bool = False

    @property
    def targets(self) -> tuple[Target, ...]:
        return (self.to,) if isinstance(self.to, str) else self.to

    @property
    def word(self) -> str:
        """All targets as one word, for a seat's `trying_role`."""
        return "+".join(self.targets)


class Ladder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`is_assumption` marks a preset whose numbers nobody confirmed; screens show the mark.

    `escalate_to` names who has a silent place at the end. As a list it is a chain: each link but the last is one more rung
    (township duty phone, then loudspeaker and door) before a person owns the silence.
    `threes` are the 3个一 that a called party owes. `heard_out_s`: a call that was cut before so many seconds was not heard.
    """

    name: str
    zh: str
    en: str
    source: str
    verified: bool
    is_assumption: bool
    rungs: tuple[Rung, ...]
    escalate_to: Target | tuple[Target, ...]
    threes: tuple[Third, ...] = ()
    requires_feedback: bool = False
    feedback_within_s: int | None = None
    heard_out_s: int | None = None

    @property
    def owner(self) -> Target:
        """Whoever has a silent place at the end: the last link of the chain."""
        return self.escalate_to if isinstance(self.escalate_to, str) else self.escalate_to[-1]

    def expanded(self) -> Ladder:
        """The same ladder as plain rungs. Expanding twice changes nothing."""
        rungs = tuple(one for rung in self.rungs for one in _plain_rungs(rung))
        return msgspec.structs.replace(self, rungs=rungs + _chain(self), escalate_to=self.owner)

    def as_copy(self) -> dict[str, Any]:
        """The plain form that a call-out stores."""
        copy: dict[str, Any] = msgspec.to_builtins(self.expanded())
        return copy


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of a comparison: `was` or `now` is empty for what was added or removed."""

    where: str
    was: str
    now: str


def parse(raw: bytes) -> Ladder:
    """A ladder from JSON; refuses unknown roles, channels and fields, empty rungs and waits below one second."""
    try:
        ladder = msgspec.json.decode(raw, type=Ladder)
    except msgspec.MsgspecError as error:
        raise BadLadder(why=str(error)) from error
    return checked(ladder)


def from_plain(body: dict[str, Any]) -> Ladder:
    """A ladder from its plain form as a page or a row has it, checked like one from JSON."""
    return parse(msgspec.json.encode(body))


def from_copy(copy: dict[str, Any]) -> Ladder:
    """The ladder that a call-out kept; copies made before a field existed still read."""
    return msgspec.convert(copy, Ladder)


@cache
def presets() -> dict[str, Ladder]:
    """Every ladder that ships with the package, by name."""
    found = [parse(path.read_bytes()) for path in sorted(FOLDER.glob("*.json"))]
    return {ladder.name: ladder for ladder in found}


def ladder_named(name: str, at: datetime | None = None, division: Division | None = None) -> Ladder:
    """The ladder of this name: the county's version in force at `at`, else the preset. No name means the default one."""
    wanted = name or DEFAULT
    if at is not None and division is not None:
        from anlan.dissemination.ladders.county import version_in_force

        own = version_in_force(wanted, at, division)
        if own is not None:
            return from_copy(own.body)
    try:
        return presets()[wanted]
    except KeyError:
        raise UnknownLadder(name=wanted, known=", ".join(presets())) from None


def checked(ladder: Ladder) -> Ladder:
    """The ladder itself, or `BadLadder` with what is wrong in words."""
    if not ladder.rungs:
        raise BadLadder(why="it has no rung")
    if not ladder.escalate_to:
        raise BadLadder(why="it names nobody who has a silent village at the end")
    if ladder.owner in ("outlets", "self"):
        raise BadLadder(why=f"a person must have a silent village at the end, not “{ladder.owner}”")
    for rung in ladder.rungs:
        _check_rung(rung)
    if len(ladder.expanded().rungs) > MAX_RUNGS:
        raise BadLadder(why=f"it has more than {MAX_RUNGS} steps")
    return ladder


def same_as(first: Ladder, second: Ladder) -> list[Difference]:
    """What differs between two ladders, rung by rung; empty when nothing does."""
    found = [
        Difference(name, _show(was), _show(now))
        for name in Ladder.__struct_fields__
        if name not in ("name", "rungs") and (was := getattr(first, name)) != (now := getattr(second, name))
    ]
    for index in range(max(len(first.rungs), len(second.rungs))):
        old = first.rungs[index] if index < len(first.rungs) else None
        new = second.rungs[index] if index < len(second.rungs) else None
        if old != new:
            found.append(Difference(f"rung {index + 1}", _show_rung(old), _show_rung(new)))
    return found


def _check_rung(rung: Rung) -> None:
    where = f"the rung to {rung.word or '—'}"
    if not rung.targets or len(set(rung.targets)) != len(rung.targets):
        raise BadLadder(why=f"{where} needs targets, each once")
    if not 1 <= rung.wait_s <= MAX_WAIT_S or not rung.channels:
        raise BadLadder(why=f"{where} needs a channel and a wait of at least one second")
    if not 0 <= rung.repeats <= MAX_REPEATS or not 0 <= rung.key_first_s <= MAX_WAIT_S:
        raise BadLadder(why=f"{where} has too many repeats or a bad lead")
    if rung.repeats and not 0 < rung.every_s * rung.repeats < rung.wait_s:
        raise BadLadder(why=f"the repeats of {where} do not fit into its {rung.wait_s} seconds")
    if rung.only_between is not None:
        check_hours(rung.only_between)


def check_hours(hours: Hours) -> None:
    """Raise `BadLadder` unless both are hours of a day and differ."""
    for text in (hours.since, hours.until):
        if not _HOUR.fullmatch(text):
            raise BadLadder(why=f"“{text}” is not an hour such as 22:00")
    if hours.since == hours.until:
        raise BadLadder(why="hours that begin when they end are no hours")


def _plain_rungs(rung: Rung) -> Iterable[Rung]:
    """The lead to key people, the tries, one rung each."""
    if rung.key_first_s:
        yield msgspec.structs.replace(
            rung, to=rung.targets[0], channels=("voice",), wait_s=rung.key_first_s, key_first_s=0, repeats=0, every_s=0
        )  # fmt: skip
    first = rung.every_s if rung.repeats else rung.wait_s
    plain = msgspec.structs.replace(rung, wait_s=first, repeats=0, every_s=0, key_first_s=0)
    yield plain
    for number in range(rung.repeats):
        is_last = number == rung.repeats - 1
        wait_s = rung.wait_s - rung.every_s * rung.repeats if is_last else rung.every_s
        yield msgspec.structs.replace(plain, wait_s=wait_s, is_retry=True)


def _chain(ladder: Ladder) -> tuple[Rung, ...]:
    if isinstance(ladder.escalate_to, str):
        return ()
    return tuple(
        Rung(to=link, channels=CHAIN_CHANNELS.get(link, ("voice",)), wait_s=CHAIN_WAIT_S)
        for link in ladder.escalate_to[:-1]
    )


def _show(value: object) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, tuple) else str(value)


def _show_rung(rung: Rung | None) -> str:
    return "" if rung is None else msgspec.json.encode(rung).decode()
