"""Outlets: what stands where, kept up to date; which of them reach an area; and their signs of life."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.utils import IntegrityError

from anlan.accounts.access import require
from anlan.dissemination.channels import Nature, manifests
from anlan.dissemination.models import Delivery, DeliveryState, Outlet, OutletSign
from anlan.dissemination.refusals import HalfAPoint, NoName, OutletExists, UnknownChannel
from anlan.journal import clocks
from anlan.journal.refusals import StaleRow
from anlan.kernel.actor import Actor, system
from anlan.places.coordinates import check_point, county_box
from anlan.places.models import Division
from anlan.vocab.posts import Right

#: A sign of life is written at most this often, so that a display that asks every second costs nothing.
SIGN_EVERY = timedelta(seconds=20)
DISPLAY = system("display")

#: An outlet of these serves every village below the division in which it stands: a television station, a chat group.
_COVERS_ALL_BELOW = frozenset({Nature.GROUP, Nature.PARTNER})
_COVERS_CODES = frozenset({"portal"})


@dataclass(frozen=True, slots=True)
class OutletDetails:
    """What a page or a workbook says about an outlet. Degrees are WGS84."""

    channel: str
    name: str
    division: Division
    address: str
    keeper_id: uuid.UUID | None = None
    lon: float | None = None
    lat: float | None = None
    note: str = ""
    is_active: bool = True

    def fields(self) -> dict[str, Any]:
        return {
            "channel": self.channel,
            "name": self.name,
            "division_id": self.division.pk,
            "address": self.address,
            "keeper_id": self.keeper_id,
            "lon": self.lon,
            "lat": self.lat,
            "note": self.note,
            "is_active": self.is_active,
        }


def outlet_channels() -> list[str]:
    """Channels that speak to outlets, in the order in which they were registered."""
    return [code for code, face in manifests().items() if face.nature is not Nature.PERSONAL]


def check_outlet(details: OutletDetails, box: object = None) -> None:
    """Refuses what cannot be told anything: no name, no address, an unknown channel, half a point."""
    if details.channel not in outlet_channels():
        raise UnknownChannel(channel=details.channel, known=", ".join(outlet_channels()))
    if not details.name.strip() or not details.address.strip():
        raise NoName
    if (details.lon is None) != (details.lat is None):
        raise HalfAPoint
    if details.lon is not None and details.lat is not None:
        check_point(details.lon, details.lat, county_box())


def define_outlet(details: OutletDetails, *, by: Actor, at: datetime) -> Outlet:
    """A new outlet; the address is unique within its channel."""
    require(by, Right.EDIT_DIRECTORY, details.division.path)
    check_outlet(details)
    if Outlet.objects.filter(channel=details.channel, address=details.address).exists():
        raise OutletExists(address=details.address)
    row = Outlet(**details.fields())
    row.division = details.division
    return row.record(by=by, at=at, kind="defined")


def change_outlet(outlet: Outlet, details: OutletDetails, *, by: Actor, at: datetime) -> Outlet:
    """Bring it up to date; both the old and the new place must be in the actor's hands."""
    require(by, Right.EDIT_DIRECTORY, outlet.division.path)
    require(by, Right.EDIT_DIRECTORY, details.division.path)
    check_outlet(details)
    same = Outlet.objects.filter(channel=details.channel, address=details.address).exclude(pk=outlet.pk)
    if same.exists():
        raise OutletExists(address=details.address)
    different = {name: value for name, value in details.fields().items() if getattr(outlet, name) != value}
    if different:
        if "division_id" in different:
            different.pop("division_id")
            different["division"] = details.division
        outlet.change(by=by, at=at, kind="changed", fields=different)
    return outlet


def outlets_in(
    divisions: Iterable[Division], *, channels: Sequence[str] = (), area: str = ""
) -> list[Outlet]:
    """Active outlets that reach these divisions: those that stand in them, and those whose service covers them from above.

    `area` (GeoJSON) adds outlets whose own position lies inside it. `channels` narrows; left out, every channel counts.
    """
    places = list(divisions)
    if not places and not area:
        return []
    above = {code for place in places for code in place.path.split("/")}
    wide = [code for code, face in manifests().items() if face.nature in _COVERS_ALL_BELOW]
    within = Q(division__in=[place.pk for place in places])
    for place in places:
        within |= Q(division__path__startswith=f"{place.path}/")
    covers = Q(channel__in=[*wide, *_COVERS_CODES], division__in=above)
    rows = Outlet.objects.filter(is_active=True)
    if channels:
        rows = rows.filter(channel__in=list(channels))
    rows = rows.select_related("division", "keeper").order_by("channel", "name", "id")
    found = {one.pk: one for one in rows.filter(within | covers)}
    for one in _inside(rows.filter(lon__isnull=False), area) if area else ():
        found.setdefault(one.pk, one)
    return list(found.values())


def _inside(rows: Iterable[Outlet], area: str) -> list[Outlet]:
    from shapely import contains_xy, from_geojson  # only where an area was drawn

    shape = from_geojson(area)
    return [one for one in rows if contains_xy(shape, one.lon, one.lat)]


def saw_alive(outlet: Outlet, *, state: str = "") -> None:
    """Keep a sign of life, at most one in `SIGN_EVERY` unless the state changed. Not journaled."""
    now = clocks.wall_now()
    known = OutletSign.objects.filter(pk=outlet.pk).first()
    if known is None:
        try:
            with transaction.atomic():
                OutletSign.objects.create(outlet=outlet, seen_at=now, state=state[:200])
        except IntegrityError:  # two polls at once
            return
    elif now - known.seen_at >= SIGN_EVERY or known.state != state[:200]:
        OutletSign.objects.filter(pk=outlet.pk).update(seen_at=now, state=state[:200])


def fetched(outlet: Outlet, broadcast_ids: Sequence[uuid.UUID], *, at: datetime) -> int:
    """The display has these texts now: their deliveries to it were delivered. Returns how many moved."""
    rows = Delivery.objects.filter(
        outlet=outlet, channel="display", broadcast__in=list(broadcast_ids), state=DeliveryState.SENT
    )
    moved = 0
    for delivery in rows.select_related("outlet__division", "seat__division", "callout__division"):
        try:
            delivery.advance(DeliveryState.DELIVERED, by=DISPLAY, at=at, delivered_at=at)
        except StaleRow:
            continue
        moved += 1
    return moved
