"""What the station page shows of commands, of happenings, and of what is wrong with how a station speaks."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anlan.drivers.registry import DRIVERS
from anlan.journal import clocks
from anlan.journal.models import Entry
from anlan.kernel.actor import Actor
from anlan.sensing import rights
from anlan.sensing.models import Station, StationCommand, StationHappening
from anlan.sensing.services.commands import commands_of
from anlan.vocab.happenings import HappeningKind, happening_kind

COMMANDS_SHOWN = 20
HAPPENINGS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class CommandChoice:
    """A command that the station understands. Titles in Chinese and English; arguments by name, each said in both."""

    name: str
    zh: str
    en: str
    arguments: tuple[tuple[str, str], ...]
    needs_release: bool


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A command as a list shows it, with what this reader may do about it."""

    id: uuid.UUID
    zh: str
    en: str
    arguments: tuple[tuple[str, str], ...]
    state: str
    needs_release: bool
    asked_by: str
    asked_at: datetime
    released_by: str
    released_at: datetime | None
    sent_at: datetime | None
    answered_at: datetime | None
    expires_at: datetime
    attempts: int
    reason_code: str
    reason: str
    answer: tuple[tuple[str, str], ...]
    may_release: bool
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class HappeningLine:
    kind: HappeningKind
    phenomenon_time: datetime | None
    received_at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Noted:
    """The newest journal note of a kind about a station."""

    at: datetime
    payload: dict[str, Any]  # JSON of the note


def command_choices(station: Station) -> list[CommandChoice]:
    return [
        CommandChoice(one.name, one.title_zh, one.title_en, tuple(one.arguments.items()), one.needs_release)
        for one in commands_of(station).values()
    ]


def command_lines(station: Station, actor: Actor) -> list[CommandLine]:
    """The newest commands to a station that came through the door."""
    rows = StationCommand.objects.filter(station=station, exercise_id=clocks.default_exercise_id())
    rows = rows.select_related("asked_by_person", "released_by_person").order_by("-asked_at", "-pk")
    may = actor.can(rights.COMMAND_STATIONS, station.division.path)
    return [_line(row, actor, may=may) for row in rows[:COMMANDS_SHOWN]]


def happening_lines(station: Station) -> list[HappeningLine]:
    """What the station reported lately that is no number."""
    rows = StationHappening.objects.filter(station=station, exercise_id=clocks.default_exercise_id())
    return [
        HappeningLine(happening_kind(row.kind), row.phenomenon_time, row.received_at, _text_of(row.fields))
        for row in rows.order_by("-received_at", "-pk")[:HAPPENINGS_SHOWN]
    ]


def last_note(station: Station, kind: str) -> Noted | None:
    entry = (
        Entry.objects.filter(
            subject_type="station",
            subject_id=str(station.pk),
            kind=kind,
            exercise_id=clocks.default_exercise_id(),
        )
        .order_by("-at", "-id")
        .first()
    )
    return None if entry is None or not entry.payload else Noted(entry.at, json.loads(entry.payload))


def _line(row: StationCommand, actor: Actor, *, may: bool) -> CommandLine:
    known = DRIVERS.get(row.protocol).commands.get(row.command) if row.protocol in DRIVERS else None
    is_own = actor.ref == row.asked_by or (
        actor.person_id is not None and actor.person_id == row.asked_by_person_id
    )
    return CommandLine(
        id=row.pk,
        zh=known.title_zh if known else row.command,
        en=known.title_en if known else row.command,
        arguments=tuple((name, str(value)) for name, value in row.arguments.items()),
        state=row.state,
        needs_release=row.needs_release,
        asked_by=row.asked_by_person.name if row.asked_by_person else row.asked_by,
        asked_at=row.asked_at,
        released_by=row.released_by_person.name if row.released_by_person else row.released_by,
        released_at=row.released_at,
        sent_at=row.sent_at,
        answered_at=row.answered_at,
        expires_at=row.expires_at,
        attempts=row.attempts,
        reason_code=row.reason_code,
        reason=row.reason,
        answer=tuple((str(name), _plain(value)) for name, value in row.answer.items()),
        may_release=may and row.state == "proposed" and not is_own,
        may_withdraw=may and row.state in ("proposed", "released"),
    )


def _text_of(fields: dict[str, Any]) -> str:
    return "；".join(f"{name} {_plain(value)}" for name, value in fields.items())[:400]


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
