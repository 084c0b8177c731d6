"""Commands to stations: asked for by one person, released by a second where they change the station for good, followed to their end."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction

from anlan.accounts.access import require
from anlan.drivers.registry import DRIVERS
from anlan.drivers.types import Command, CommandRequest
from anlan.journal import clocks
from anlan.kernel.actor import Actor, system
from anlan.sensing import catalogue, rights
from anlan.sensing.hot.types import Signal
from anlan.sensing.models import Station, StationCommand
from anlan.sensing.refusals import (
    BadCommandArguments,
    BadCommandLife,
    NoSuchCommand,
    RetiredStation,
    SelfRelease,
)

_GATEWAY = system("gateway")
#: A station without a protocol of its own is taken for one of the first stations that this program knew.
DEFAULT_PROTOCOL = "sl651"
DEFAULT_LIFE = timedelta(hours=24)
LONGEST_LIFE = timedelta(days=7)
_MAX_ARGUMENT = 200
#: Stands for what a station teaches by its own frames, while the arguments are tried out.
_TRIAL: dict[str, dict[str, str]] = {"sl651": {"center": "1", "password": "0000"}}


class CommandBody(msgspec.Struct, frozen=True):
    """What the gateway tells about a command."""

    command: str
    station: str = ""
    attempt: int = 1
    fields: dict[str, Any] = {}  # JSON: the answer as the driver read it
    code: str = ""
    reason: str = ""
    exercise: str | None = None


def protocol_of(station: Station) -> str:
    return station.protocol or DEFAULT_PROTOCOL


def commands_of(station: Station) -> Mapping[str, Command]:
    """What its driver can send to it; {} for a protocol that this build does not know."""
    protocol = protocol_of(station)
    return DRIVERS.get(protocol).commands if protocol in DRIVERS else {}


def ask_command(
    station: Station,
    command: str,
    *,
    arguments: Mapping[str, str] | None = None,
    life: timedelta = DEFAULT_LIFE,
    by: Actor,
    at: datetime,
) -> StationCommand:
    """Want a command sent. A question leaves with the next chance; what changes the station for good waits for a second person."""
    require(by, rights.COMMAND_STATIONS, station.division.path)
    if not station.is_active:
        raise RetiredStation(code=station.code)
    known = commands_of(station).get(command)
    if known is None:
        raise NoSuchCommand(command=command[:40], station=station.name)
    if not timedelta(0) < life <= LONGEST_LIFE:
        raise BadCommandLife
    given = {name: text.strip()[:_MAX_ARGUMENT] for name, text in (arguments or {}).items()}
    _check_arguments(station, known, given, at)
    row = StationCommand(
        state="proposed" if known.needs_release else "released",
        station=station,
        protocol=protocol_of(station),
        command=known.name,
        arguments=given,
        needs_release=known.needs_release,
        asked_by=by.ref,
        asked_by_person_id=by.person_id,
        asked_at=at,
        expires_at=at + life,
        due_at=at + life,
        exercise_id=clocks.default_exercise_id(),
    )
    with transaction.atomic(savepoint=False):
        row.record(by=by, at=at, kind=row.state)
        catalogue.refresh_after_commit()
    return row


def release_command(row: StationCommand, *, by: Actor, at: datetime) -> StationCommand:
    """The second person agrees. Whoever asked cannot, under whatever account."""
    require(by, rights.COMMAND_STATIONS, row.station.division.path)
    is_same_person = by.person_id is not None and by.person_id == row.asked_by_person_id
    if by.ref == row.asked_by or is_same_person:
        raise SelfRelease
    with transaction.atomic(savepoint=False):
        row.advance(
            "released",
            by=by,
            at=at,
            released_by=by.ref,
            released_by_person_id=by.person_id,
            released_at=at,
        )
        catalogue.refresh_after_commit()
    return row


def withdraw_command(row: StationCommand, *, by: Actor, at: datetime) -> StationCommand:
    """Not wanted any more; only before it was sent."""
    require(by, rights.COMMAND_STATIONS, row.station.division.path)
    with transaction.atomic(savepoint=False):
        row.advance("withdrawn", by=by, at=at, due_at=None)
        catalogue.refresh_after_commit()
    return row


def give_up_command(row: StationCommand, *, at: datetime) -> StationCommand:
    """Its time is over: never sent, or sent without an answer."""
    was_sent = row.state in ("sent", "uncertain")
    with transaction.atomic(savepoint=False):
        row.advance(
            "failed" if was_sent else "expired",
            by=system("sensing"),
            at=at,
            reason_code="never_answered" if was_sent else "",
            due_at=None,
        )
        catalogue.refresh_after_commit()
    return row


def take_command_signal(signal: Signal, body: CommandBody, *, at: datetime) -> bool:
    """Move a command by what the gateway tells; False for one that is unknown or finished. A repeat changes nothing."""
    try:
        pk = uuid.UUID(body.command)
    except ValueError:
        return False
    row = StationCommand.objects.filter(pk=pk).select_related("station__division").first()
    if row is None:
        return False
    to, fields = _step(signal, body, row)
    if to in row.transitions[row.state]:
        row.advance(to, by=_GATEWAY, at=at, cause=signal.id, **fields)
    elif row.state == to and row.due_at is not None and body.attempt > row.attempts:
        row.change(by=_GATEWAY, at=at, kind=to, cause=signal.id, fields=fields)
    else:
        return False
    catalogue.refresh_after_commit()
    return True


def _step(signal: Signal, body: CommandBody, row: StationCommand) -> tuple[str, dict[str, Any]]:
    """The state that a signal leads to, and what it brings."""
    attempts = max(row.attempts, body.attempt)
    if signal.kind == "command_sent":
        return "sent", {"sent_at": signal.at, "attempts": attempts}
    if signal.kind == "command_answered":
        return "answered", {"answered_at": signal.at, "answer": body.fields, "due_at": None}
    if signal.kind == "command_failed":
        return "failed", {"reason_code": body.code[:40], "reason": body.reason[:300], "due_at": None}
    return "uncertain", {"attempts": attempts}


def _check_arguments(station: Station, command: Command, given: Mapping[str, str], at: datetime) -> None:
    unknown = set(given) - set(command.arguments)
    if unknown:
        raise BadCommandArguments(why=f"{', '.join(sorted(unknown))} is no argument of it.")
    trial = _TRIAL.get(protocol_of(station))
    if trial is None:
        return  # the gateway tries, with what the station's own frames taught, and tells
    settings = {**trial, **{name: str(value) for name, value in station.settings.items()}}
    try:
        command.encode(CommandRequest(station.address or station.code, at, 1, given, settings))
    except ValueError as error:
        raise BadCommandArguments(why=str(error)) from None
