"""Routes: one channel may be carried by several gateways. They are tried in order; one that is down is left alone for a while.

`routes.json` in the data folder names them, for example

    {"sms": [{"name": "mobile", "kind": "cmpp", "host": "10.1.2.3", "port": 7890, "user": "901234", "secret_file": "/etc/anlan/cmpp"},
             {"name": "phone", "kind": "phone_gateway", "url": "https://10.1.2.9", "token_env": "ANLAN_PHONE_TOKEN"}]}

Secrets never stand in it: `x_file` names a file and `x_env` a variable that holds the value of `x`. Without the file, SMS and
voice go through the phone gateway of ANLAN_PHONE_URL.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from django.conf import settings

from anlan.dissemination.channels import (
    Asked,
    ChannelBusy,
    ChannelDown,
    ChannelUncertain,
    Handed,
    Manifest,
    Message,
    Proof,
    Trace,
)
from anlan.dissemination.pace import Bucket
from anlan.dissemination.types import PhoneEvent
from anlan.kernel.refusals import BadSetting
from anlan.kernel.registry import Registry

if TYPE_CHECKING:
    import httpx

#: How long a route that was down, or that hung, is passed over while another one works. Engineering choice.
REST_S = 15.0
#: Messages that may be under way to one route at the same time, unless `at_once` says otherwise: one that hangs holds no more.
AT_ONCE = 16
#: How long a message waits for a place at a route before it tries the next one, seconds.
PLACE_S = 1.0
FILE = "routes.json"
_EXAMPLE = '{"sms": [{"name": "phone", "kind": "phone_gateway", "url": "https://…", "token_file": "…"}]}'


@dataclass(frozen=True, slots=True)
class RouteSettings:
    """One entry of `routes.json`. `name` is the county's own and stands on every delivery that it took."""

    channel: str
    name: str
    kind: str
    values: Mapping[str, Any]

    def text(self, key: str, default: str | None = None) -> str:
        """A value, also from `key_file` or `key_env`. Raises `BadSetting` when it is missing and has no default."""
        if f"{key}_file" in self.values:
            try:
                return Path(str(self.values[f"{key}_file"])).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise self.bad(f"{key}_file cannot be read: {error.strerror}") from error
        if f"{key}_env" in self.values:
            return os.environ.get(str(self.values[f"{key}_env"]), "")
        value = self.values.get(key, default)
        if value is None:
            raise self.bad(f"{key} is missing")
        return str(value)

    def number(self, key: str, default: float) -> float:
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.bad(f"{key} is no number")
        return float(value)

    def bad(self, why: str) -> BadSetting:
        return BadSetting(name=f"{FILE}, {self.channel}, {self.name}", why=why, example=_EXAMPLE)


class Route(Protocol):
    """One gateway. `send` and `ask` raise like those of a channel and are safe in several threads."""

    def send(self, message: Message) -> Handed: ...

    def ask(self, send_key: str) -> Asked: ...


@runtime_checkable
class Listening(Protocol):
    """A route on which receipts and replies come in by itself. They are confirmed to the gateway only once stored."""

    def collect(self) -> list[PhoneEvent]: ...

    def stored(self, event_ids: Sequence[str]) -> None: ...


@runtime_checkable
class Closing(Protocol):
    """A route that keeps a connection."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class RouteKind:
    """A member of the registry. `carries` are the channels it can stand behind; `waits_for_receipt_s` is how long a gateway
    that took a message may say nothing before it is no longer believed (None: it never tells)."""

    code: str
    zh: str
    en: str
    carries: frozenset[str]
    proofs: frozenset[Proof]
    can_be_asked: bool
    open: Callable[[RouteSettings, Manifest, httpx.Client], Route]
    waits_for_receipt_s: float | None = None


_registry: Registry[RouteKind] = Registry("route", needs=("carries", "proofs", "open"))


def register_route(kind: RouteKind) -> RouteKind:
    return _registry.add(kind.code, kind)


def route_kinds() -> dict[str, RouteKind]:
    return {kind.code: kind for kind in _registry.values()}


def route_settings(channel: str) -> list[RouteSettings]:
    """The routes of a channel as the county configured them, in the order in which they are tried."""
    return _read().get(channel, [])


def _read() -> dict[str, list[RouteSettings]]:
    path = Path(settings.ANLAN_DATA) / FILE
    if not path.exists():
        return {channel: [_phone(channel)] for channel in ("sms", "voice")}
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return {
            channel: [RouteSettings(channel, str(row["name"]), str(row["kind"]), row) for row in raw[channel]]
            for channel in raw
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadSetting(name=str(path), why=f"{type(error).__name__}: {error}", example=_EXAMPLE) from error


def _phone(channel: str) -> RouteSettings:
    values = {"url": settings.ANLAN_PHONE_URL, "token": settings.ANLAN_PHONE_TOKEN}
    return RouteSettings(channel, "phone", "phone_gateway", values)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a county agreed on with one gateway: messages a second, how many at once, and how long it may say nothing.

    In `routes.json`: `rate_per_s`, `at_once`, `receipt_s` (0 = it never tells what became of a message).
    """

    rate_per_s: float
    at_once: int = AT_ONCE
    waits_for_receipt_s: float | None = None


class RoutedChannel:
    """A channel over its routes. `resting` says until when (steady clock) a route is passed over.

    `doubted` are routes that take messages and prove nothing; whoever reads them from the database sets it. Both kinds are
    tried last, not never. Each route has its own places, so that one that hangs cannot take all senders with it.
    """

    def __init__(
        self, manifest: Manifest, routes: Mapping[str, Route], terms: Mapping[str, Terms] | None = None
    ) -> None:
        self.manifest = manifest
        self.routes = dict(routes)
        self.doubted: frozenset[str] = frozenset()
        given = terms or {}
        self.terms = {name: given.get(name, Terms(manifest.rate_per_s)) for name in self.routes}
        self._resting: dict[str, float] = {}
        self._places = {name: threading.BoundedSemaphore(one.at_once) for name, one in self.terms.items()}
        now_s = time.monotonic()
        self._buckets = {name: Bucket.full(one.rate_per_s, now_s) for name, one in self.terms.items()}
        self._lock = threading.Lock()

    @property
    def rate_per_s(self) -> float:
        """What the routes that work now take together; with none of them, what the first one would."""
        working = [one.rate_per_s for name, one in self.terms.items() if self._works(name)]
        whole = [one.rate_per_s for one in self.terms.values()][:1]
        return sum(working) or sum(whole) or self.manifest.rate_per_s

    @property
    def at_once(self) -> int:
        """Messages that may be under way at the same time."""
        return sum(one.at_once for one in self.terms.values()) or AT_ONCE

    def waits_for_receipt_s(self, route: str) -> float | None:
        """How long this route may say nothing about a message that it took; None when it never tells."""
        found = self.terms.get(route)
        return found.waits_for_receipt_s if found is not None else None

    def send(self, message: Message) -> Handed:
        """Through the first route that takes it. Only a route that surely did not take it lets the next one try."""
        failure = ChannelDown("not_configured")
        for name in self._in_order():
            if not self._places[name].acquire(timeout=PLACE_S):
                failure = ChannelDown("busy")
                continue
            try:
                handed = self.routes[name].send(message)
            except ChannelBusy as error:
                failure = error  # nothing is wrong with it: it does not rest
            except ChannelDown as error:
                self._rest(name)
                failure = error
            except ChannelUncertain as error:
                self._rest(name)  # it may hang: the next message takes another way
                raise ChannelUncertain(str(error), route=name) from error
            else:
                self._resting.pop(name, None)
                return replace(handed, route=name)
            finally:
                self._places[name].release()
        raise failure

    def ask(self, send_key: str, *, route: str = "") -> Asked:
        """The route that may have it; without a name every one, and "never seen" only if all of them say so.

        A route that cannot be asked because it is dead is not waited for while another one works: "cannot tell", and the
        message is repeated there, marked.
        """
        if route in self.routes:
            try:
                return self.routes[route].ask(send_key)
            except ChannelDown:
                self._rest(route)
                if any(self._works(name) for name in self.routes if name != route):
                    return Asked(Trace.CANNOT_TELL)
                raise
        if not self.routes:
            raise ChannelDown("not_configured")
        answers = [one.ask(send_key) for one in self.routes.values()]
        for answer in answers:
            if answer.trace is Trace.KNOWN:
                return answer
        if all(answer.trace is Trace.NEVER_SEEN for answer in answers):
            return Asked(Trace.NEVER_SEEN)
        return Asked(Trace.CANNOT_TELL)

    def is_resting(self, name: str) -> bool:
        return self._resting.get(name, 0.0) > time.monotonic()

    def close(self) -> None:
        for route in self.routes.values():
            if isinstance(route, Closing):
                route.close()

    def listening(self) -> dict[str, Listening]:
        """The routes on which something may come in, by name."""
        return {name: route for name, route in self.routes.items() if isinstance(route, Listening)}

    def _works(self, name: str) -> bool:
        return not self.is_resting(name) and name not in self.doubted

    def _in_order(self) -> list[str]:
        """Working routes first, among them those whose quota is not used up; the others still come last, for nothing may be
        left untried."""
        if len(self.routes) <= 1:
            return list(self.routes)
        with self._lock:
            now_s = time.monotonic()
            free = {name: bucket.available(now_s) >= 1 for name, bucket in self._buckets.items()}
            order = sorted(
                self.routes, key=lambda name: (name in self.doubted, self.is_resting(name), not free[name])
            )
            self._buckets[order[0]].take(1)
        return order

    def _rest(self, name: str) -> None:
        with self._lock:
            self._resting[name] = time.monotonic() + REST_S


def open_routed(manifest: Manifest, http: httpx.Client) -> RoutedChannel:
    """The channel over everything that is configured for it. A kind that cannot carry it stops the start."""
    kinds = route_kinds()
    routes: dict[str, Route] = {}
    terms: dict[str, Terms] = {}
    for entry in route_settings(manifest.code):
        kind = kinds.get(entry.kind)
        if kind is None or manifest.code not in kind.carries:
            known = ", ".join(sorted(code for code, one in kinds.items() if manifest.code in one.carries))
            raise entry.bad(f"kind must be one of {known or 'none'}")
        if entry.name in routes:
            raise entry.bad("two routes have this name")
        routes[entry.name] = kind.open(entry, manifest, http)
        terms[entry.name] = _terms(entry, kind, manifest)
    return RoutedChannel(manifest, routes, terms)


def _terms(entry: RouteSettings, kind: RouteKind, manifest: Manifest) -> Terms:
    rate, at_once = entry.number("rate_per_s", manifest.rate_per_s), int(entry.number("at_once", AT_ONCE))
    receipt_s = entry.number("receipt_s", kind.waits_for_receipt_s or 0.0)
    if rate <= 0 or not 1 <= at_once <= 256 or receipt_s < 0:
        raise entry.bad("rate_per_s and at_once (1 to 256) must be above zero, receipt_s not below")
    return Terms(rate, at_once, receipt_s or None)
