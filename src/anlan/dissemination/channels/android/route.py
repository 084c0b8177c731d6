"""The route: lays a message out for a phone and waits until the phone says that it sent it."""

from __future__ import annotations

import time
from datetime import timedelta

from django.db import close_old_connections, connection

from anlan.dissemination.channels import Asked, ChannelDown, ChannelUncertain, Handed, Message, Trace
from anlan.dissemination.channels.texting.state import DOWN, UP, RouteState
from anlan.dissemination.models import AndroidMessage, AndroidMessageState
from anlan.dissemination.services import android
from anlan.journal import clocks

#: Pause between two looks at what the phone did, seconds.
LOOK_S = 0.2
#: A phone that took a message may still be sending it for so long; only then is it uncertain for good.
STILL_SENDING = timedelta(minutes=3)
State = AndroidMessageState


class AndroidRoute:
    """Nothing counts as sent before the phone has said so.

    Nobody fetched it: withdrawn, `ChannelDown`. The phone could not send it: `ChannelDown`. Fetched and not reported in time:
    `ChannelUncertain`; while the phone may still be at it, `ask` says "not now" instead of "cannot tell".
    """

    def __init__(self, name: str, device: str, wait_s: float) -> None:
        self.name = name
        self.device = device
        self.wait_s = wait_s

    def send(self, message: Message) -> Handed:
        _fresh()
        at = clocks.wall_now()
        phones = android.present(at, self.device)
        if not phones:
            raise ChannelDown("no_phone_seen")
        device = phones[0] if self.device else None
        row = android.lay_out(
            message.send_key, address=message.address, text=message.text, device=device, at=at
        )
        end = time.monotonic() + self.wait_s
        while time.monotonic() < end:
            state = self._state(row)
            if state in (State.SENT, State.DELIVERED):
                return Handed(str(row.pk), time.time(), self.name)
            if state == State.FAILED:
                raise ChannelDown("phone_could_not_send")
            time.sleep(LOOK_S)
        if android.withdraw(row, at=clocks.wall_now()):
            raise ChannelDown("phone_did_not_fetch")
        if self._state(row) in (State.SENT, State.DELIVERED):
            return Handed(str(row.pk), time.time(), self.name)
        raise ChannelUncertain("phone_took_it", route=self.name)

    def ask(self, send_key: str) -> Asked:
        """From our own table: it holds every attempt that a phone could have taken."""
        _fresh()
        rows = list(AndroidMessage.objects.filter(send_key=send_key).order_by("-made_at"))
        known = [row for row in rows if row.state in (State.SENT, State.DELIVERED)]
        if known:
            return Asked(Trace.KNOWN, str(known[0].pk))
        at = clocks.wall_now()
        for row in rows:
            if row.state == State.WAITING:
                android.withdraw(row, at=at)  # whoever laid it out is gone; a phone may just have been faster
                row.refresh_from_db()
        taken = [row for row in rows if row.state == State.TAKEN]
        if any(row.taken_at is not None and at - row.taken_at < STILL_SENDING for row in taken):
            raise ChannelDown("phone_is_sending")
        return Asked(Trace.CANNOT_TELL if taken else Trace.NEVER_SEEN)

    def state(self) -> RouteState:
        """Up while a phone was seen lately."""
        phones = android.present(clocks.wall_now(), self.device)
        if not phones or phones[0].last_seen_at is None:
            return RouteState(state=DOWN, last_error="no_phone_seen")
        waiting = AndroidMessage.objects.filter(state=State.WAITING).count()
        return RouteState(state=UP, since=phones[0].last_seen_at.timestamp(), waiting=waiting)

    @staticmethod
    def _state(row: AndroidMessage) -> str:
        found = AndroidMessage.objects.filter(pk=row.pk).values_list("state", flat=True).first()
        return found or State.WITHDRAWN


def _fresh() -> None:
    """A thread of the outbox may have slept for hours over a connection that the server closed."""
    if not connection.in_atomic_block:
        close_old_connections()
