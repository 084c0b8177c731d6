"""One person, one message: calls to the same address that wait at the same moment leave together (C-14).

The most dangerous one is the primary; the others are `bundled_in` it and share what becomes of it. Only calls are combined,
never two languages, never an all-clear with a warning. A call is not held back so that another may join it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from anlan.dissemination.channels.segments import plan
from anlan.dissemination.models import Delivery, DeliveryPurpose, DeliveryState
from anlan.dissemination.texts import compose, template

#: Channels on which calls are combined. E-mails and chats are read one by one without harm.
CHANNELS = frozenset({"sms", "voice"})
#: Short messages that a combined text may fill. Parameter, assumption: beyond it telephones show it in pieces.
SEGMENTS_MAX = 5
#: Call-outs in one call: nobody keeps more in mind. Parameter, assumption.
SPOKEN_MAX = 5
#: Bound of the phone contract on one text.
TEXT_MAX = 1000

#: Begins the error of a delivery whose combined message was refused: it leaves alone from now on.
ALONE = "together:"

_ORDINALS = "一二三四五六七八九十"


def can_be_combined(delivery: Delivery) -> bool:
    """A call in the queue to a person about a seat; an escalation hands over one village and stands alone."""
    return (
        delivery.channel in CHANNELS
        and delivery.purpose == DeliveryPurpose.CALL
        and delivery.state == DeliveryState.QUEUED
        and delivery.seat_id is not None
        and not delivery.may_be_repeated
        and not delivery.last_error.startswith(ALONE)
    )


def groups(deliveries: Iterable[Delivery]) -> list[list[Delivery]]:
    """The deliveries as they leave: each list is one message, its first member the primary, danger first.

    What does not fit into one message starts the next one.
    """
    alike: dict[tuple[str, str, str], list[list[Delivery]]] = {}
    out: list[list[Delivery]] = []
    for delivery in sorted(deliveries, key=lambda one: (one.priority, one.due_at, one.pk)):
        if not can_be_combined(delivery):
            out.append([delivery])
            continue
        mine = alike.setdefault((delivery.channel, delivery.address, delivery.language), [])
        if mine and fits([*mine[-1], delivery]):
            mine[-1].append(delivery)
        else:
            mine.append([delivery])
            out.append(mine[-1])
    return out


def fits(deliveries: Sequence[Delivery]) -> bool:
    """One message can say all of this."""
    spoken = parts_of(deliveries)
    text = text_of(deliveries)
    if len(text) > TEXT_MAX:
        return False
    if deliveries[0].channel == "voice":
        return len(spoken) <= SPOKEN_MAX
    return plan(text).segments <= SEGMENTS_MAX


def parts_of(deliveries: Sequence[Delivery]) -> tuple[str, ...]:
    """One part a call-out, in the order given: the villages of one call-out share a part."""
    channel = deliveries[0].channel
    parts = []
    for number, (same, words) in enumerate(_by_callout(deliveries)):
        first = same[0]
        parts.append(
            compose(
                f"bundle.part.{channel}",
                ordinal=_ORDINALS[number] if number < len(_ORDINALS) else str(number + 1),
                number=number + 1,
                issuer=first.callout.issuer if first.callout else "",
                villages=_villages(same),
                text=words,
            )
        )
    return tuple(parts)


def text_of(deliveries: Sequence[Delivery]) -> str:
    """The text that leaves. A single delivery says its own; several villages of one call-out are named together."""
    first = deliveries[0]
    if len(deliveries) == 1:
        return first.text
    together = _by_callout(deliveries)
    issuer = first.callout.issuer if first.callout else ""
    if len(together) == 1:
        same, words = together[0]
        return compose(f"call.{first.channel}", issuer=issuer, village=_villages(same), text=words)
    parts = "".join(parts_of(deliveries))
    return compose(f"bundle.{first.channel}", issuer=issuer, count=len(together), parts=parts)


def rows_with(delivery: Delivery) -> list[Delivery]:
    """The deliveries that were said in the same message as this one, without it: what happens to one happens to them."""
    if delivery.bundled_in_id is not None:
        rows = Delivery.objects.filter(bundled_in=delivery.bundled_in_id) | Delivery.objects.filter(
            pk=delivery.bundled_in_id
        )
    elif delivery.channel in CHANNELS and delivery.purpose == DeliveryPurpose.CALL:
        rows = Delivery.objects.filter(bundled_in=delivery.pk)
    else:
        return []
    related = ("seat__callout", "seat__division", "callout__division", "person")
    return list(rows.exclude(pk=delivery.pk).select_related(*related).order_by("priority", "due_at", "id"))


def _by_callout(deliveries: Sequence[Delivery]) -> list[tuple[list[Delivery], str]]:
    """Deliveries that say the same for the same call-out, with the words."""
    found: dict[tuple[object, str], list[Delivery]] = {}
    for delivery in deliveries:
        found.setdefault((delivery.callout_id, words_of(delivery)), []).append(delivery)
    return [(same, words) for (_, words), same in found.items()]


def words_of(delivery: Delivery) -> str:
    """The stored text without the frame of a single call (issuer and village before it, the reply words after it)."""
    before, _, after = template(f"call.{delivery.channel}").partition("{text}")
    if delivery.seat is not None and delivery.callout is not None:
        before = before.format_map(
            {"issuer": delivery.callout.issuer, "village": delivery.seat.division.name}
        )
    text = delivery.text
    if text.startswith(before) and text.endswith(after):
        return text[len(before) : len(text) - len(after)]
    return text


def _villages(same: Sequence[Delivery]) -> str:
    names = dict.fromkeys(one.seat.division.name for one in same if one.seat is not None)
    return "、".join(names)
