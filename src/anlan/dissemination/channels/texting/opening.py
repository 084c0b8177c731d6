"""From `routes.json` to a route that is kept: one connection a route and process, however often its channel is opened."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from anlan.dissemination.channels import Manifest
from anlan.dissemination.channels.routing import RouteSettings
from anlan.dissemination.channels.texting.book import Book
from anlan.dissemination.channels.texting.dialect import Dialect
from anlan.dissemination.channels.texting.session import Line, TextRoute

_kept: dict[str, tuple[RouteSettings, TextRoute]] = {}
_lock = threading.Lock()
#: A gateway's port is the county's own agreement; these are the customary ones.
PORTS = {"cmpp": 7890, "smpp": 2775}


def kept_route(
    entry: RouteSettings, manifest: Manifest, make: Callable[[RouteSettings], Dialect]
) -> TextRoute:
    """The route of this name. With other settings the old connection is closed and a new one made."""
    key = f"{settings.ANLAN_DATA}/{entry.channel}/{entry.name}"
    with _lock:
        known = _kept.get(key)
        if known is not None and known[0] == entry and not known[1].is_closed:
            return known[1]
        if known is not None:
            known[1].close()
        route = TextRoute(entry.name, line_of(entry, manifest), make(entry), Book(_path(entry)))
        _kept[key] = (entry, route)
        return route


def close_routes() -> None:
    """Say goodbye on every connection: at the end of the process, and between tests."""
    with _lock:
        routes = [route for _, route in _kept.values()]
        _kept.clear()
    for route in routes:
        route.close()


def line_of(entry: RouteSettings, manifest: Manifest) -> Line:
    window, port = entry.number("window", 16), entry.number("port", PORTS.get(entry.kind, 0))
    if not 1 <= window <= 1000:
        raise entry.bad("window lies between 1 and 1000")
    if not 1 <= port <= 65535:
        raise entry.bad("port lies between 1 and 65535")
    return Line(
        host=entry.text("host"),
        port=int(port),
        window=int(window),
        per_second=_positive(entry, "rate_per_s", manifest.rate_per_s),
        test_after_s=_positive(entry, "test_after_s", 30.0),
        response_s=_positive(entry, "response_s", 10.0),
        connect_s=_positive(entry, "connect_s", 5.0),
        patience_s=_positive(entry, "patience_s", 4.0),
        receipt_hold_s=_positive(entry, "receipt_hold_s", 15.0),
        is_tls=entry.values.get("tls") is True,
        signature=entry.text("signature", ""),
        carrier_signs=entry.text("signature_by", "us") == "carrier",
        country_prefix=entry.text("country_prefix", ""),
    )


def _positive(entry: RouteSettings, key: str, default: float) -> float:
    value = entry.number(key, default)
    if value <= 0:
        raise entry.bad(f"{key} must be above 0")
    return value


def _path(entry: RouteSettings) -> Path:
    safe = re.sub(r"[^\w.-]", "_", f"{entry.channel}-{entry.name}")[:80]
    return Path(settings.ANLAN_DATA) / "routes" / f"{safe}.sqlite"
