"""Phones with a SIM: pair one, hand it what waits, take what it tells. The contract is docs/android-gateway.md.

A message is given to one phone once. Taken and never reported is *uncertain*; only what the phone reports counts as sent.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db import transaction
from django.db.models import Q

from anlan.dissemination.models import AndroidDevice, AndroidMessage, AndroidMessageState
from anlan.dissemination.models.android import RATE_PER_MINUTE
from anlan.dissemination.refusals import BadDeviceName
from anlan.dissemination.services.inbound import take_events
from anlan.dissemination.types import PhoneEvent, TakeReport
from anlan.journal.turns import write_turn
from anlan.kernel.actor import Actor

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,29}")
#: A phone that was not seen for so long counts as gone. Engineering choice: three polls of 25 s.
GONE_AFTER = timedelta(seconds=90)
#: Messages in one answer to a phone.
TOGETHER = 20
_MINUTE = timedelta(minutes=1)
State = AndroidMessageState

#: What a report may move, from which states.
_FROM: dict[str, tuple[str, ...]] = {
    State.SENT: (State.TAKEN,),
    State.DELIVERED: (State.TAKEN, State.SENT, State.FAILED),
    State.FAILED: (State.TAKEN, State.SENT),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """What a phone says of itself; None where it does not say."""

    battery: int | None = None
    is_charging: bool | None = None
    signal: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One event of a phone, already checked. `sms` and `call` have a sender, the others the message's id."""

    event_id: str
    type: Literal["sent", "delivered", "failed", "sms", "call"]
    happened_at: datetime
    message_id: uuid.UUID | None = None
    sender: str = ""
    text: str = ""


def pair_device(
    name: str, *, sim_slot: int = 1, number_label: str = "", rate_per_minute: int = RATE_PER_MINUTE, by: Actor, at: datetime
) -> tuple[AndroidDevice, str]:  # fmt: skip
    """Let a phone send for the county. Returns its token, which nobody can read again."""
    name = name.strip().lower()
    if not _NAME.fullmatch(name) or AndroidDevice.objects.filter(name=name).exists():
        raise BadDeviceName(name=name[:30])
    token = secrets.token_urlsafe(32)
    row = AndroidDevice(
        name=name,
        token_sha256=_digest(token),
        sim_slot=min(max(sim_slot, 1), 4),
        number_label=number_label.strip()[:40],
        rate_per_minute=min(max(rate_per_minute, 1), 600),
    )
    with transaction.atomic(savepoint=False):
        row.record(by=by, at=at, kind="paired")
    return row, token


def stop_device(row: AndroidDevice, *, by: Actor, at: datetime) -> AndroidDevice:
    """Its token opens nothing any more. What it took and did not report stays uncertain."""
    if row.is_active:
        with transaction.atomic(savepoint=False):
            row.change(by=by, at=at, kind="stopped", is_active=False)
    return row


def device_of(token: str) -> AndroidDevice | None:
    """Whose token it is; compared by digest, so that nothing shows in the time taken."""
    return (
        AndroidDevice.objects.filter(token_sha256=_digest(token), is_active=True).first() if token else None
    )


def seen(device: AndroidDevice, condition: Condition, *, at: datetime) -> None:
    """Not journaled: it happens every few seconds."""
    said = {
        name: value
        for name in ("battery", "is_charging", "signal")
        if (value := getattr(condition, name)) is not None
    }
    AndroidDevice.objects.filter(pk=device.pk).update(last_seen_at=at, **said)


def present(at: datetime, name: str = "") -> list[AndroidDevice]:
    """Phones that were seen lately, the latest first."""
    found = AndroidDevice.objects.filter(is_active=True, last_seen_at__gte=at - GONE_AFTER)
    return list((found.filter(name=name) if name else found).order_by("-last_seen_at"))


def lay_out(
    send_key: str, *, address: str, text: str, device: AndroidDevice | None, at: datetime
) -> AndroidMessage:
    """Put a message where a phone finds it."""
    with write_turn():
        return AndroidMessage.objects.create(
            send_key=send_key, address=address, text=text, device=device, made_at=at
        )


def withdraw(message: AndroidMessage, *, at: datetime) -> bool:
    """Take it back while no phone has it; False when one was faster."""
    with write_turn():
        waiting = AndroidMessage.objects.filter(pk=message.pk, state=State.WAITING)
        return waiting.update(state=State.WITHDRAWN, done_at=at) == 1


def has_work(device: AndroidDevice) -> bool:
    return AndroidMessage.objects.filter(_for(device), state=State.WAITING).exists()


def pull(device: AndroidDevice, *, at: datetime, most: int = TOGETHER) -> list[AndroidMessage]:
    """What the phone may send now, each claimed by a conditional update, within its rate."""
    taken_lately = AndroidMessage.objects.filter(device=device, taken_at__gt=at - _MINUTE).exclude(
        state=State.WAITING
    )
    room = min(most, device.rate_per_minute - taken_lately.count())
    if room <= 0:
        return []
    waiting = list(
        AndroidMessage.objects.filter(_for(device), state=State.WAITING).order_by("made_at")[:room]
    )
    mine = []
    for message in waiting:
        free = AndroidMessage.objects.filter(pk=message.pk, state=State.WAITING)
        if free.update(state=State.TAKEN, device=device, taken_at=at) == 1:
            mine.append(message)
    return mine


def report(device: AndroidDevice, told: Sequence[Told], *, by: Actor, at: datetime) -> TakeReport:
    """What became of messages, SMS that came in, calls that were missed. An event that comes again changes nothing."""
    report_so_far = TakeReport()
    events = []
    for one in told:
        event = _event(device, one, at=at)
        if event is None:
            report_so_far.refused.append((one.event_id, "unknown_message"))
        else:
            events.append(event)
    taken = take_events(f"android:{device.name}", events, by=by, at=at)
    taken.refused += report_so_far.refused
    return taken


def _event(device: AndroidDevice, one: Told, *, at: datetime) -> PhoneEvent | None:
    if one.type == "sms":
        return PhoneEvent(
            one.event_id, "reply", one.happened_at, sender=_plain(one.sender), text=one.text[:300]
        )
    if one.type == "call":
        return PhoneEvent(one.event_id, "callback", one.happened_at, sender=_plain(one.sender))
    found = AndroidMessage.objects.filter(device=device)
    message = found.filter(pk=one.message_id).first() if one.message_id is not None else None
    if message is None:
        return None
    AndroidMessage.objects.filter(pk=message.pk, state__in=_FROM[one.type]).update(state=one.type, done_at=at)
    return PhoneEvent(
        one.event_id, "receipt", one.happened_at, client_ref=message.send_key, provider_ref=str(message.pk),
        status=one.type,
    )  # fmt: skip


def _for(device: AndroidDevice) -> Q:
    return Q(device=device) | Q(device=None)


def _plain(number: str) -> str:
    """As it is dialled inside the country, which is how people's numbers stand in the directory."""
    bare = re.sub(r"[^\d]", "", number)
    return (bare[2:] if bare.startswith("86") and len(bare) == 13 else bare)[:40]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
