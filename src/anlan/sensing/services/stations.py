"""Registering stations and saying which villages they speak for. Each verb refreshes the gateway's catalogue after commit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.db.models import Q

from anlan.kernel.actor import Actor
from anlan.places.coordinates import Box, check_point, county_box
from anlan.places.types import Division
from anlan.sensing import catalogue, checks
from anlan.sensing.models import Station, StationLink
from anlan.sensing.refusals import (
    AddressTaken,
    NoStationName,
    NotAVillage,
    RetiredStation,
    StationCodeTaken,
    UnknownStationKind,
)
from anlan.vocab.divisions import LOCAL_LEVELS, DivisionLevel
from anlan.vocab.kinds import KINDS
from anlan.vocab.stages import Stage

_MILLIMETRE = Decimal("0.001")
_LINKABLE = LOCAL_LEVELS | {DivisionLevel.VILLAGE}


class StationDetails(TypedDict, total=False):
    """What may be changed on a station; stages in metres above its datum, `silent_after_s` in seconds.

    `kind` is a code of `vocab.kinds`; `protocol` and `address` say how it is known on the wire, `attributes` are facts of its kind.
    """

    name: str
    kind: str
    division: Division
    lon: float
    lat: float
    owner: str
    protocol: str
    address: str
    settings: dict[str, Any]  # what the driver must know, by name; drivers type it
    attributes: dict[str, Any]  # facts of the kind, by name; the kind types them
    silent_after_s: int
    warning_stage: Decimal | None
    guaranteed_stage: Decimal | None
    historic_max_stage: Decimal | None


def register_station(*, code: str, by: Actor, at: datetime, **details: Unpack[StationDetails]) -> Station:
    """Put a station into the register. Name, kind, division, lon and lat are needed; the code is its wire address."""
    station = Station(code=checks.clean_code(code), **as_stored(details))
    check_station(station, county_box())
    if Station.objects.filter(code=station.code).exists():
        raise StationCodeTaken(code=station.code)
    check_address(station)
    with transaction.atomic(savepoint=False):
        station.record(by=by, at=at, kind="registered")
        catalogue.refresh_after_commit()
    return station


def change_station(
    station: Station, *, by: Actor, at: datetime, **details: Unpack[StationDetails]
) -> Station:
    """Change what differs; nothing is written where nothing does."""
    stored = as_stored(details)
    different = {name: value for name, value in stored.items() if getattr(station, name) != value}
    if not different:
        return station
    wanted = Station(**{name: getattr(station, name) for name in _kept_fields()} | different)
    check_station(wanted, county_box())
    if {"protocol", "address"} & set(different):
        wanted.code, wanted.pk = station.code, station.pk
        check_address(wanted)
    with transaction.atomic(savepoint=False):
        station.change(by=by, at=at, kind="changed", fields=different)
        catalogue.refresh_after_commit()
    return station


def retire_station(station: Station, *, by: Actor, at: datetime) -> Station:
    """Take a station down: it is no longer evaluated nor watched for silence; its readings and facts stay."""
    if not station.is_active:
        return station
    with transaction.atomic(savepoint=False):
        station.change(by=by, at=at, kind="retired", is_active=False)
        catalogue.refresh_after_commit()
    return station


def link_station(
    station: Station,
    division: Division,
    *,
    thresholds: Mapping[tuple[int, Stage], float | Decimal | None] | None = None,
    by: Actor,
    at: datetime,
) -> StationLink:
    """The station speaks for the village from now on; own thresholds (minutes, stage → mm), else the pack's table.

    A village that is already linked gets the new thresholds; the same link again changes nothing.
    """
    stored = checks.clean_thresholds(thresholds or {})
    check_linkable(station, division)
    with transaction.atomic(savepoint=False):
        link = StationLink.objects.filter(station=station, division=division).first()
        if link is None:
            link = StationLink(station=station, division=division, thresholds=stored)
            link.record(by=by, at=at, kind="linked")
        elif link.thresholds == stored and link.is_active:
            return link
        else:
            kind = "changed" if link.is_active else "linked"
            link.change(by=by, at=at, kind=kind, thresholds=stored, is_active=True)
        catalogue.refresh_after_commit()
    return link


def unlink_station(link: StationLink, *, by: Actor, at: datetime) -> StationLink:
    """The station no longer speaks for the village."""
    if not link.is_active:
        return link
    with transaction.atomic(savepoint=False):
        link.change(by=by, at=at, kind="unlinked", is_active=False)
        catalogue.refresh_after_commit()
    return link


def check_station(station: Station, box: Box | None) -> None:
    """Raise a refusal unless everything on this unsaved station is usable; `box` is the county's."""
    if not station.name.strip():
        raise NoStationName
    if station.kind not in KINDS:
        raise UnknownStationKind(kind=station.kind)
    checks.check_attributes(station.kind, station.attributes)
    checks.check_silence_limit(station.silent_after_s)
    checks.check_marks(station.warning_stage, station.guaranteed_stage, station.historic_max_stage)
    check_point(station.lon, station.lat, box)


def check_address(station: Station) -> None:
    """Raise a refusal when another station in use has the same address on the same protocol; an empty address is the code."""
    address = station.address or station.code
    same = Q(address=address) | Q(address="", code=address)
    rows = Station.objects.filter(same, protocol=station.protocol, is_active=True).exclude(pk=station.pk)
    other = rows.first()
    if other is not None:
        raise AddressTaken(address=address, code=other.code)


def check_linkable(station: Station, division: Division) -> None:
    if not station.is_active:
        raise RetiredStation(code=station.code)
    if DivisionLevel(division.level) not in _LINKABLE:
        raise NotAVillage(name=division.name)


def as_stored(details: StationDetails) -> dict[str, Any]:
    """Stages with the three decimals of their column: what the journal keeps and what is read back must be the same.

    An address is cleaned like a code, for the wire writes hexadecimal in capitals.
    """
    return {
        name: value.quantize(_MILLIMETRE)
        if isinstance(value, Decimal)
        else checks.clean_address(str(value))
        if name == "address"
        else value
        for name, value in details.items()
    }


def _kept_fields() -> tuple[str, ...]:
    return tuple(StationDetails.__annotations__)
