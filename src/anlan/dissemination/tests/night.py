"""One night in the tiny county: call-outs with short ladders, twins instead of channels, and a clock that is told to move."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Sequence
from datetime import datetime

from anlan.dissemination import claiming, outbox, services
from anlan.dissemination.channels import manifests
from anlan.dissemination.channels.twin import TwinChannel
from anlan.dissemination.claiming import Batch
from anlan.dissemination.ladders import Ladder, Rung
from anlan.dissemination.models import Callout, CalloutSeat, Delivery
from anlan.dissemination.types import PhoneEvent, TakeReport
from anlan.journal import clocks
from anlan.journal.deadlines import run_deadlines
from anlan.kernel.actor import Actor, system
from anlan.places.models import Division
from anlan.testing import County

PHONE = Actor(ref="channel:phone", name="phone gateway")


def ladder(*rungs: Rung, escalate_to: str = "township_duty") -> Ladder:
    return Ladder("test", "测试", "test", "test", False, True, rungs, escalate_to)  # type: ignore[arg-type]


def rung(to: str, *channels: str, wait_s: int = 600) -> Rung:
    return Rung(to, channels or ("voice",), wait_s)  # type: ignore[arg-type]


class Night:
    """`event` numbers its events by itself."""

    def __init__(self, county: County, twins: dict[str, TwinChannel]) -> None:
        self.county = county
        self.twins = twins
        self.ladders: dict[str, Ladder] = {}
        self._events = itertools.count(1)

    @property
    def now(self) -> datetime:
        return self.county.clock.now()

    def person(self, name: str) -> uuid.UUID:
        return self.county.people[name].pk

    def number(self, name: str) -> str:
        return next(part.value for part in self.county.people[name].contacts.all())

    def callout(
        self,
        *names: str,
        rungs: Sequence[Rung] = (),
        name: str = "anlan_default",
        by: Actor | None = None,
        replaces: Callout | None = None,
        exercise_id: uuid.UUID | None = None,
        escalate_to: str = "township_duty",
        villages: Sequence[Division] = (),
        needs_feedback: bool = False,
    ) -> Callout:
        """Without feedback unless it is what the test is about: then "done" ends a seat at once."""
        if rungs:
            self.ladders["test"] = ladder(*rungs, escalate_to=escalate_to)
            name = "test"
        return services.open_callout(
            subject="warning:test",
            title="山洪橙色叫应",
            text="请立即转移。",
            voice_text="",
            issuer="云岭县应急指挥部",
            level=2,
            hazard_type="flash_flood",
            division=self.county.division,
            villages=villages or [self.county.divisions[one] for one in names],
            ladder_name=name,
            by=by or system("test"),
            at=self.now,
            exercise_id=exercise_id,
            replaces=replaces,
            needs_feedback=needs_feedback,
        )

    def seat(self, callout: Callout, village: str) -> CalloutSeat:
        return CalloutSeat.objects.select_related("callout", "division").get(
            callout=callout, division=self.county.divisions[village]
        )

    def deliver(self, owner: str = "worker-1") -> int:
        return outbox.deliver_due(owner=owner)

    def claim(self, owner: str) -> Batch:
        """Only the first step of the outbox: what a worker takes before anything leaves."""
        room = dict.fromkeys(self.twins, 100)
        return claiming.claim(owner, clocks.active_runs()[0], room=room)

    def pass_minutes(self, minutes: float) -> None:
        """Time goes by; deadlines are met and messages go out."""
        self.county.clock.advance(minutes=minutes)
        self.tick_over()

    def tick_over(self) -> None:
        run_deadlines(owner="worker-1")
        self.deliver()

    def event(self, kind: str, event_id: str = "", **fields: str) -> PhoneEvent:
        return PhoneEvent(event_id or f"e{next(self._events)}", kind, self.now, **fields)  # type: ignore[arg-type]

    def take(self, *events: PhoneEvent) -> TakeReport:
        return services.take_events("phone", events, by=PHONE, at=self.now)

    def reply(self, name: str, text: str, **fields: str) -> TakeReport:
        return self.take(self.event("reply", sender=self.number(name), text=text, **fields))

    def press(self, delivery: Delivery, key: str) -> TakeReport:
        return self.take(self.event("keypress", client_ref=delivery.send_key, key=key))

    def receipt(self, delivery: Delivery, status: str) -> TakeReport:
        return self.take(self.event("receipt", client_ref=delivery.send_key, status=status))

    def calls_to(self, name: str, channel: str = "voice") -> int:
        return len(self.twins[channel].messages_to(self.number(name)))


def make_twins() -> dict[str, TwinChannel]:
    return {code: TwinChannel(manifest) for code, manifest in manifests().items()}
