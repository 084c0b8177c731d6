"""Setting up connectors and receivers. A token is shown once; the gateway follows the catalogue after the commit."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction

from anlan.drivers.jsonmap.lines import line_of
from anlan.drivers.jsonmap.mapping import BadMapping, parse_mapping
from anlan.kernel.actor import Actor
from anlan.sensing import catalogue
from anlan.sensing.connect.settings import (
    CONNECTOR_KINDS,
    NAME,
    RECEIVER_KINDS,
    Wanted,
    connector_settings,
    is_secret_name,
    receiver_settings,
)
from anlan.sensing.models import Connector, Receiver, Station
from anlan.sensing.refusals import (
    BadConnectorMapping,
    BadConnectorName,
    BadConnectorSecret,
    BadConnectorSettings,
    ConnectorNameTaken,
    UnknownSourceStations,
)

_LONGEST = 16 << 10


@dataclass(frozen=True, slots=True)
class ConnectorDetails:
    """As a form gives it; `settings` and `mapping` are JSON texts, so that a mistake can name its line."""

    name: str
    kind: str
    settings: str
    mapping: str
    secret_name: str = ""
    stations: tuple[str, ...] = ("*",)


@dataclass(frozen=True, slots=True)
class ReceiverDetails:
    name: str
    kind: str
    settings: str
    wanted: str = "{}"
    secret_name: str = ""
    for_exercises: bool = False


def create_connector(details: ConnectorDetails, *, by: Actor, at: datetime) -> tuple[Connector, str]:
    """The connector and, where it is pushed to, its token, which nobody can read again."""
    fields = _connector_fields(details)
    if Connector.objects.filter(name=details.name).exists():
        raise ConnectorNameTaken(name=details.name)
    needs_token = details.kind == "http_push" and not fields["settings"].get("appid")
    token = secrets.token_urlsafe(32) if needs_token else ""
    with transaction.atomic(savepoint=False):
        row = Connector(**fields, token_sha256=_digest(token)).record(by=by, at=at, kind="created")
        catalogue.refresh_after_commit()
    return row, token


def change_connector(row: Connector, details: ConnectorDetails, *, by: Actor, at: datetime) -> Connector:
    """Save it anew, also unchanged: the units of its stations are then learnt afresh. Name and kind stay."""
    fields = _connector_fields(details)
    del fields["name"], fields["kind"]
    with transaction.atomic(savepoint=False):
        row.change(by=by, at=at, kind="changed", fields=fields, is_active=True)
        catalogue.refresh_after_commit()
    return row


def renew_connector_token(row: Connector, *, by: Actor, at: datetime) -> str:
    """A new token; the old one stops working as soon as the gateway has read the catalogue."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic(savepoint=False):
        row.change(by=by, at=at, kind="token_renewed", token_sha256=_digest(token))
        catalogue.refresh_after_commit()
    return token


def switch_connector(row: Connector, *, is_active: bool, by: Actor, at: datetime) -> Connector:
    """Stop it, or start it again."""
    _switch(row, is_active=is_active, by=by, at=at)
    return row


def create_receiver(details: ReceiverDetails, *, by: Actor, at: datetime) -> Receiver:
    """It gets what comes from now on."""
    fields = _receiver_fields(details)
    if Receiver.objects.filter(name=details.name).exists():
        raise ConnectorNameTaken(name=details.name)
    with transaction.atomic(savepoint=False):
        row = Receiver(**fields).record(by=by, at=at, kind="created")
        catalogue.refresh_after_commit()
    return row


def change_receiver(row: Receiver, details: ReceiverDetails, *, by: Actor, at: datetime) -> Receiver:
    """Its place in the stream stays. Name and kind stay."""
    fields = _receiver_fields(details)
    del fields["name"], fields["kind"]
    with transaction.atomic(savepoint=False):
        row.change(by=by, at=at, kind="changed", fields=fields, is_active=True)
        catalogue.refresh_after_commit()
    return row


def switch_receiver(row: Receiver, *, is_active: bool, by: Actor, at: datetime) -> Receiver:
    """Stop it, or start it again where it stopped."""
    _switch(row, is_active=is_active, by=by, at=at)
    return row


def _switch(row: Connector | Receiver, *, is_active: bool, by: Actor, at: datetime) -> None:
    if row.is_active == is_active:
        return
    with transaction.atomic(savepoint=False):
        row.change(by=by, at=at, kind="started" if is_active else "stopped", is_active=is_active)
        catalogue.refresh_after_commit()


def _connector_fields(details: ConnectorDetails) -> dict[str, Any]:
    _check_name(details.name, details.kind, CONNECTOR_KINDS)
    _check_secret(details.secret_name)
    settings = _settings(details.settings, lambda data: connector_settings(details.kind, data))
    try:
        parse_mapping(details.mapping)
    except BadMapping as bad:
        raise BadConnectorMapping(line=bad.line, why=bad.sentence) from None
    stations = [code for code in details.stations if code] or ["*"]
    named = {code for code in stations if code != "*"}
    unknown = named - set(Station.objects.filter(code__in=named).values_list("code", flat=True))
    if unknown:
        raise UnknownSourceStations(codes=", ".join(sorted(unknown)))
    return {
        "name": details.name,
        "kind": details.kind,
        "settings": settings,
        "mapping": json.loads(details.mapping),
        "secret_name": details.secret_name,
        "stations": stations,
    }


def _receiver_fields(details: ReceiverDetails) -> dict[str, Any]:
    _check_name(details.name, details.kind, RECEIVER_KINDS)
    _check_secret(details.secret_name)
    return {
        "name": details.name,
        "kind": details.kind,
        "settings": _settings(details.settings, lambda data: receiver_settings(details.kind, data)),
        "wanted": _settings(details.wanted, lambda data: msgspec.convert(data, Wanted)),
        "secret_name": details.secret_name,
        "for_exercises": details.for_exercises,
    }


def _check_name(name: str, kind: str, kinds: Sequence[str]) -> None:
    if not NAME.fullmatch(name) or kind not in kinds:
        raise BadConnectorName(name=name[:40])


def _check_secret(name: str) -> None:
    if name and not is_secret_name(name):
        raise BadConnectorSecret(name=name[:40])


def _settings(text: str, check: Any) -> dict[str, Any]:  # Any: a function that raises ValueError, and JSON
    try:
        data = json.loads(text[:_LONGEST] or "{}")
    except json.JSONDecodeError as error:
        raise BadConnectorSettings(line=error.lineno, why=error.msg) from None
    except RecursionError:
        raise BadConnectorSettings(line=1, why="nested too deeply") from None
    if not isinstance(data, dict):
        raise BadConnectorSettings(line=1, why="an object in braces is expected")
    try:
        check(data)
    except ValueError as error:
        sentence, _, where = str(error).partition(" - at `")
        raise BadConnectorSettings(line=line_of(text, where.rstrip("`")), why=sentence) from None
    return data


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest() if token else ""
