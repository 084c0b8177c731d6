"""What comes in on kept connections: receipts and replies are stored, and only then confirmed to the gateway.

The worker calls `take_in` in a loop of its own. A crash between storing and confirming brings an event again; it is known then.
The same loop writes how each route stands into `run/channels.json`, because connections live in the worker and pages in the web.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from anlan.dissemination.channels import Channel
from anlan.dissemination.channels.routing import Listening, RoutedChannel
from anlan.dissemination.channels.texting.state import RouteState, Telling
from anlan.dissemination.services import take_events
from anlan.dissemination.wake import wake_worker
from anlan.journal import clocks
from anlan.kernel.actor import Actor

log = logging.getLogger("anlan.inbox")

#: Events stored in one transaction, so that a storm of receipts does not hold the write lock of the embedded database.
TOGETHER = 25
FILE = "channels.json"
#: How often the state of the routes is written, seconds; older than `STALE_S` it is no longer believed.
WRITE_S = 2.0
STALE_S = 15.0


def take_in(channels: Mapping[str, Channel]) -> int:
    """One look at every route that listens. Returns how many events were stored; one broken route never stops the others."""
    stored = 0
    for channel in channels.values():
        if not isinstance(channel, RoutedChannel):
            continue
        for name, route in channel.listening().items():
            try:
                stored += _take_from(name, route)
            except Exception:
                log.exception("route_not_heard", extra={"route": name})
    return stored


def _take_from(name: str, route: Listening) -> int:
    events = route.collect()
    by = Actor(ref=f"channel:{name}"[:80], name=name)
    for start in range(0, len(events), TOGETHER):
        together = events[start : start + TOGETHER]
        with transaction.atomic(durable=True):
            take_events(f"route:{name}"[:40], together, by=by, at=clocks.now(clocks.default_exercise_id()))
            wake_worker()
        route.stored([event.event_id for event in together])
    return len(events)


# --- how the routes stand ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seen:
    """What the worker wrote last. `at` is Unix time, 0 when it never wrote; `routes` is by channel and name of the route."""

    at: float
    routes: Mapping[str, Mapping[str, Mapping[str, Any]]]

    def age_s(self) -> float:
        return max(0.0, time.time() - self.at)

    @property
    def is_fresh(self) -> bool:
        return self.age_s() <= STALE_S


def write_states(channels: Mapping[str, Channel], data: Path) -> None:
    """Replaced in one step, so that a reader never sees half of it."""
    routes = {
        code: _states(channel) for code, channel in channels.items() if isinstance(channel, RoutedChannel)
    }
    folder = data / "run"
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f"{FILE}.{os.getpid()}.tmp"
    temporary.write_text(json.dumps({"at": time.time(), "routes": routes}), encoding="utf-8")
    temporary.replace(folder / FILE)


def read_states(data: Path) -> Seen:
    """Nothing known when the worker never ran or the file cannot be read."""
    try:
        found = json.loads((data / "run" / FILE).read_text(encoding="utf-8"))
        return Seen(float(found["at"]), found["routes"])
    except (OSError, ValueError, KeyError, TypeError):
        return Seen(0.0, {})


def _states(channel: RoutedChannel) -> dict[str, dict[str, Any]]:
    found = {}
    for name, route in channel.routes.items():
        told = route.state() if isinstance(route, Telling) else RouteState()
        found[name] = {**told.as_dict(), "is_resting": channel.is_resting(name)}
    return found
