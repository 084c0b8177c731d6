"""Where the gateway listens and what it bears, from the environment. A bad value names the variable."""

from __future__ import annotations

import ipaddress
import os
from typing import Any

from anlan.drivers.registry import DRIVERS
from anlan.kernel.refusals import BadSetting

#: Variable, catalogue key, default, least, most. Limits are engineering choices: a county has some hundred stations; the
#: connections leave room for a storm of reconnects, many of which may share one carrier's address.
_PORTS = (
    ("ANLAN_GATEWAY_TCP_PORT", "tcp", 6510, 0, 65535),
    ("ANLAN_GATEWAY_HTTP_PORT", "http", 6580, 0, 65535),
)
#: Its port has a name of its own and is always open; the others open with the first station that speaks them.
_FIRST = "sl651"
_LIMITS = (
    ("ANLAN_MAX_CONNECTIONS", "connections", 6000, 1, 200_000),
    ("ANLAN_MAX_PER_ADDRESS", "per_address", 6000, 1, 200_000),
    ("ANLAN_IDLE_S", "idle_s", 900, 5, 86_400),
    ("ANLAN_MAX_BODY", "max_body", 4 << 20, 1024, 256 << 20),
)


def gateway_settings() -> dict[str, Any]:
    """The keys `bind`, `ports` and `limits` of the catalogue."""
    return {
        "bind": _address("ANLAN_BIND", "127.0.0.1"),
        "ports": {
            **{key: _number(name, default, low, high) for name, key, default, low, high in _PORTS},
            "protocols": _ports_of("ANLAN_GATEWAY_{}_PORT", [name for name in DRIVERS if name != _FIRST]),
            "udp": _ports_of(
                "ANLAN_GATEWAY_{}_UDP_PORT", [m.protocol for m in DRIVERS.values() if m.allows_udp]
            ),
        },
        "limits": {key: _number(name, default, low, high) for name, key, default, low, high in _LIMITS},
    }


def _ports_of(pattern: str, protocols: list[str]) -> dict[str, int | None]:
    """The ports that were named, by protocol; "off" is None and keeps a listener shut. What is not named is not in it."""
    found: dict[str, int | None] = {}
    for protocol in protocols:
        name = pattern.format(protocol.upper())
        text = os.environ.get(name, "")
        if text:
            found[protocol] = None if text == "off" else _number(name, 0, 0, 65535)
    return found


def _number(name: str, default: int, low: int, high: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise BadSetting(
            name=name, why=f"{text!r} is not a whole number from {low} to {high}", example=default
        )
    return int(text)


def _address(name: str, default: str) -> str:
    text = os.environ.get(name) or default
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise BadSetting(name=name, why=f"{text!r} is not an IP address", example="192.0.2.10") from None
