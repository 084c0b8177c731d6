"""How long the queue takes: said before sending, and while it drains. A forecast from rates, never a promise."""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q

from anlan.dissemination.channels import Nature, manifests
from anlan.dissemination.channels.routing import route_settings
from anlan.dissemination.doubts import doubted_routes
from anlan.dissemination.models import Delivery, DeliveryState
from anlan.journal import clocks

#: The worst danger first; 5 is what only informs.
PRIORITIES = (1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True)
class Wait:
    """Messages of one priority in the queue of one channel, and how long until the last of them has left."""

    priority: int
    waiting: int
    ahead: int
    takes_s: float

    @property
    def minutes(self) -> int:
        """Rounded up; 0 means less than a minute and is said so."""
        return 0 if self.takes_s < 60 else math.ceil(self.takes_s / 60)


@dataclass(frozen=True, slots=True)
class Forecast:
    """The queue of one channel at `at`: messages a second, and the waits by priority, danger first."""

    channel: str
    at: datetime
    rate_per_s: float
    waits: tuple[Wait, ...]

    @property
    def waiting(self) -> int:
        return sum(wait.waiting for wait in self.waits)

    @property
    def takes_s(self) -> float:
        return self.waits[-1].takes_s if self.waits else 0.0

    @property
    def done_at(self) -> datetime:
        return self.at + timedelta(seconds=self.takes_s)


def rate_per_s(channel: str) -> float:
    """What the channel's routes take together; doubted ones do not count while another one works."""
    given: Mapping[str, float] = getattr(settings, "ANLAN_CHANNEL_RATES", {})
    manifest = manifests()[channel]
    if channel in given:
        return given[channel]
    doubted = doubted_routes().get(channel, frozenset())
    routes = route_settings(channel)
    rates = {one.name: one.number("rate_per_s", manifest.rate_per_s) for one in routes}
    working = sum(rate for name, rate in rates.items() if name not in doubted)
    return working or sum(list(rates.values())[:1]) or manifest.rate_per_s


def time_to_send(
    channel: str,
    at: datetime,
    *,
    exercise_id: uuid.UUID | None = None,
    extra: Mapping[int, int] | None = None,
) -> Forecast:
    """The queue as it is at `at` (the run's time), with `extra` messages by priority that are not in it yet."""
    rows = Delivery.objects.filter(
        Q(due_at__isnull=False),
        exercise_id=exercise_id,
        channel=channel,
        state__in=[DeliveryState.QUEUED, DeliveryState.HANDING],
        bundled_in=None,
    )
    counts = dict(rows.order_by().values_list("priority").annotate(count=Count("id")))
    for priority, more in (extra or {}).items():
        counts[priority] = counts.get(priority, 0) + more
    rate = rate_per_s(channel)
    ahead, waits = 0, []
    for priority in sorted(counts):
        waits.append(Wait(priority, counts[priority], ahead, (ahead + counts[priority]) / rate))
        ahead += counts[priority]
    return Forecast(channel, at, rate, tuple(waits))


def eta(
    channel: str,
    *,
    extra: int = 0,
    priority: int = 1,
    exercise_id: uuid.UUID | None = None,
    at: datetime | None = None,
) -> timedelta:
    """When the last of `extra` more messages of this priority would have left; with 0 the last one that waits now.

    For the page before sending: 20,000 recipients at 50 a second take 400 s, and red ones go before blue ones.
    """
    found = time_to_send(
        channel, at or clocks.now(exercise_id), exercise_id=exercise_id, extra={priority: extra}
    )
    for wait in found.waits:
        if wait.priority == priority:
            return timedelta(seconds=wait.takes_s)
    return timedelta(0)


def queues(*, exercise_id: uuid.UUID | None = None, at: datetime | None = None) -> list[Forecast]:
    """The channels to people that have something waiting, the longest first."""
    moment = at or clocks.now(exercise_id)
    personal = [code for code, face in manifests().items() if face.nature is Nature.PERSONAL]
    found = [time_to_send(code, moment, exercise_id=exercise_id) for code in personal]
    return sorted((one for one in found if one.waiting), key=lambda one: -one.takes_s)
