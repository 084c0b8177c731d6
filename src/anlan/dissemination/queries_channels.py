"""Every channel and its routes, for the page that shows how they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count

from anlan.dissemination.channels import Manifest, cmpp, manifests, smpp
from anlan.dissemination.channels.routing import RouteKind, RouteSettings, route_kinds, route_settings
from anlan.dissemination.channels.texting.opening import line_of
from anlan.dissemination.inbox import Seen, read_states
from anlan.dissemination.models import Delivery, DeliveryState, Outlet
from anlan.kernel.refusals import BadSetting

#: What reads all settings of a kind, so that a missing one is a sentence on the page.
_CHECKED: dict[str, Callable[[RouteSettings], object]] = {"cmpp": cmpp.dialect_of, "smpp": smpp.dialect_of}
#: The newest deliveries that are looked through for the last receipt of a route.
LOOKED_THROUGH = 2_000


@dataclass(frozen=True, slots=True)
class RouteRow:
    """One route. `state` is that of `texting.state`, "" while the worker has not told. Times are aware, UTC."""

    name: str
    kind: RouteKind | None
    problem: str
    state: str
    since: datetime | None
    last_error: str
    is_resting: bool
    told: Mapping[str, Any]
    rate_per_s: float
    last_receipt_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """One channel. `is_configured` is None where nothing needs to be set up."""

    manifest: Manifest
    is_configured: bool | None
    waiting: int
    outlets: int
    last_receipt_at: datetime | None
    problem: str = ""
    routes: list[RouteRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Overview:
    """`seen_at` is when the worker last told, None when it never did."""

    rows: list[ChannelRow]
    seen_at: datetime | None
    is_fresh: bool


def overview(*, data: Path | None = None) -> Overview:
    """Everything at one glance. A mistake in `routes.json` is a sentence in its place, never an error of the page."""
    seen = read_states(data or Path(settings.ANLAN_DATA))
    waiting = _counted(Delivery.objects.filter(state__in=[DeliveryState.QUEUED, DeliveryState.HANDING]))
    outlets = _counted(Outlet.objects.filter(is_active=True))
    receipts = _last_receipts()
    rows = [
        _channel(manifest, seen, waiting[code], outlets[code], receipts)
        for code, manifest in manifests().items()
    ]
    return Overview(rows, _moment(seen.at), seen.is_fresh)


def _counted(rows: Any) -> Counter[str]:  # Any: a queryset of either model
    return Counter(dict(rows.order_by().values_list("channel").annotate(Count("pk"))))


def _last_receipts() -> dict[tuple[str, str], datetime]:
    """By channel and route, among the newest deliveries."""
    found: dict[tuple[str, str], datetime] = {}
    newest = Delivery.objects.order_by("-id").values_list("channel", "route", "delivered_at")[:LOOKED_THROUGH]
    for channel, route, at in newest:
        for key in ((channel, route), (channel, "")):
            if at is not None and (key not in found or found[key] < at):
                found[key] = at
    return found


def _channel(
    manifest: Manifest, seen: Seen, waiting: int, outlets: int, receipts: Mapping[tuple[str, str], datetime]
) -> ChannelRow:
    carried = any(manifest.code in kind.carries for kind in route_kinds().values())
    routes: list[RouteRow] = []
    problem = ""
    is_configured: bool | None = outlets > 0 if not manifest.contact_kinds else None
    if manifest.code == "email":
        is_configured = bool(settings.ANLAN_SMTP_URL)
    if carried:
        try:
            routes = [_route(entry, manifest, seen, receipts) for entry in route_settings(manifest.code)]
        except BadSetting as error:
            problem = str(error)
        is_configured = any(_is_set_up(row) for row in routes)
    last = receipts.get((manifest.code, ""))
    return ChannelRow(manifest, is_configured, waiting, outlets, last, problem, routes)


def _is_set_up(row: RouteRow) -> bool:
    return not row.problem and row.last_error != "not_configured"


def _route(
    entry: RouteSettings, manifest: Manifest, seen: Seen, receipts: Mapping[tuple[str, str], datetime]
) -> RouteRow:
    kind = route_kinds().get(entry.kind)
    problem, rate = "", manifest.rate_per_s
    try:
        rate = entry.number("rate_per_s", manifest.rate_per_s)
        if kind is None or manifest.code not in kind.carries:
            problem = f"{entry.kind}?"
        elif entry.kind == "phone_gateway" and not entry.text("url", ""):
            problem = "url?"
        elif entry.kind in _CHECKED:
            _CHECKED[entry.kind](entry)
            line_of(entry, manifest)
    except BadSetting as error:
        problem = str(error)
    told = seen.routes.get(manifest.code, {}).get(entry.name, {}) if seen.is_fresh else {}
    return RouteRow(
        name=entry.name,
        kind=kind,
        problem=problem,
        state=str(told.get("state", "")),
        since=_moment(told.get("since", 0.0)),
        last_error=str(told.get("last_error", "")),
        is_resting=told.get("is_resting") is True,
        told=told,
        rate_per_s=rate,
        last_receipt_at=_moment(told.get("last_receipt_at", 0.0))
        or receipts.get((manifest.code, entry.name)),
    )


def _moment(unix: Any) -> datetime | None:  # Any: it comes from a file
    return datetime.fromtimestamp(unix, UTC) if isinstance(unix, (int, float)) and unix > 0 else None
