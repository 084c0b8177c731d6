"""What a batch of inbound events is about, read together: a handful of queries for a hundred events."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from anlan.directory.models import Contact, ContactKind
from anlan.directory.numbers import landline, mobile
from anlan.directory.queries import in_use_at
from anlan.directory.types import Named
from anlan.dissemination.models import (
    Callout,
    CalloutSeat,
    CalloutState,
    Delivery,
    DeliveryPurpose,
    DeliveryState,
)
from anlan.dissemination.types import PhoneEvent
from anlan.kernel.refusals import Refusal

_RELATED = ("seat__callout", "seat__division", "callout__division", "person")
#: A provider's clock may be this far behind ours before a reply seems older than the message it answers. Engineering choice.
SKEW = timedelta(minutes=2)
#: Messages looked at for one number; the newest ones count.
_PER_NUMBER = 200


class Mailbag:
    """Deliveries by reference and by number. Rows of one seat share the seat's object, so what an event moves the next one sees."""

    def __init__(self, events: Sequence[PhoneEvent], *, at: datetime) -> None:
        self._seats: dict[uuid.UUID, CalloutSeat] = {}
        self._by_id: dict[uuid.UUID, Delivery] = {}
        self._by_key: dict[str, Delivery] = {}
        self._by_ref: dict[str, Delivery] = {}
        self._read_references(events)
        spoken = [event for event in events if event.type != "receipt"]
        numbers = {event.sender for event in spoken if event.sender}
        numbers |= {one.address for event in spoken if (one := self.named(event)) is not None}
        self._people, self._forms = people_by_number(numbers, at=at)
        self._sent = self._read_numbers(sorted(numbers))
        self._bundles = self._read_bundles()

    def named(self, event: PhoneEvent) -> Delivery | None:
        """The delivery that the event names by a reference."""
        if event.client_ref:
            return self._by_key.get(event.client_ref)
        return self._by_ref.get(event.provider_ref) if event.provider_ref else None

    def people(self, number: str) -> list[Named]:
        return self._people.get(number, [])

    def sent_to(self, number: str) -> list[Delivery]:
        """What left, or may have left, for this number or for whoever uses it, the newest first; not what only lifted a call."""
        return self._sent.get(number, [])

    def bundle_of(self, delivery: Delivery) -> list[Delivery]:
        """The other deliveries that were said in one message with this one."""
        root = delivery.bundled_in_id or delivery.pk
        return [one for one in self._bundles.get(root, []) if one.pk != delivery.pk]

    def named_people(self, number: str, callouts: Iterable[uuid.UUID | None]) -> list[Named]:
        """Those users of a shared number that these call-outs called."""
        wanted = set(callouts)
        called = {one.person_id for one in self.sent_to(number) if one.callout_id in wanted}
        return [person for person in self.people(number) if person.person_id in called]

    def _read_references(self, events: Sequence[PhoneEvent]) -> None:
        keys = [event.client_ref for event in events if event.client_ref]
        refs = [event.provider_ref for event in events if event.provider_ref and not event.client_ref]
        if not keys and not refs:
            return
        rows = Delivery.objects.filter(Q(send_key__in=keys) | Q(provider_ref__in=refs))
        for delivery in self._known(rows.order_by("id")):
            self._by_key[delivery.send_key] = delivery
            if delivery.provider_ref:
                self._by_ref[delivery.provider_ref] = delivery

    def _read_numbers(self, numbers: Sequence[str]) -> dict[str, list[Delivery]]:
        if not numbers:
            return {}
        ids_by_number = {number: {one.person_id for one in self.people(number)} for number in numbers}
        forms_by_number = {number: {number, *self._forms.get(number, ())} for number in numbers}
        addresses = {form for forms in forms_by_number.values() for form in forms}
        people = {person_id for ids in ids_by_number.values() for person_id in ids}
        theirs = Q(address__in=addresses) | Q(person_id__in=people)
        handed = Q(handed_at__isnull=False) | Q(is_uncertain=True) | Q(state=DeliveryState.HANDING)
        asks = Q(seat__isnull=False) | Q(purpose=DeliveryPurpose.TEST)
        rows = Delivery.objects.filter(theirs, handed, asks).exclude(purpose=DeliveryPurpose.ALL_CLEAR)
        by_address: dict[str, list[Delivery]] = {}
        by_person: dict[uuid.UUID, list[Delivery]] = {}
        for delivery in self._known(rows.order_by("-id")[: _PER_NUMBER * len(numbers)]):
            by_address.setdefault(delivery.address, []).append(delivery)
            if delivery.person_id is not None:
                by_person.setdefault(delivery.person_id, []).append(delivery)
        found: dict[str, list[Delivery]] = {}
        for number in numbers:
            own = {one.pk: one for form in forms_by_number[number] for one in by_address.get(form, ())}
            own |= {one.pk: one for person in ids_by_number[number] for one in by_person.get(person, ())}
            found[number] = sorted(own.values(), key=lambda one: one.pk, reverse=True)[:_PER_NUMBER]
        return found

    def _read_bundles(self) -> dict[uuid.UUID, list[Delivery]]:
        roots = {one.bundled_in_id or one.pk for one in self._by_id.values() if one.seat_id is not None}
        if not roots:
            return {}
        rows = Delivery.objects.filter(bundled_in__in=roots)
        found: dict[uuid.UUID, list[Delivery]] = {}
        for delivery in self._known(rows.order_by("id")):
            assert delivery.bundled_in_id is not None  # asked for
            found.setdefault(delivery.bundled_in_id, []).append(delivery)
        missing = [root for root in found if root not in self._by_id]
        known = self._known(Delivery.objects.filter(pk__in=missing)) if missing else []
        for root in {one.pk: one for one in known}.keys() | (found.keys() - set(missing)):
            found[root].insert(0, self._by_id[root])
        return found

    def _known(self, rows: QuerySet[Delivery]) -> list[Delivery]:
        """The rows as this bag's own objects: one object a delivery, one a seat."""
        shown = []
        for row in rows.select_related(*_RELATED).defer(
            "seat__division__geometry", "callout__division__geometry"
        ):
            delivery = self._by_id.setdefault(row.pk, row)
            if delivery.seat is not None:
                delivery.seat = self._seats.setdefault(delivery.seat.pk, delivery.seat)
            shown.append(delivery)
        return shown


def people_by_number(
    numbers: Iterable[str], *, at: datetime
) -> tuple[dict[str, list[Named]], dict[str, set[str]]]:
    """Who uses each number now, however it is written, by name; and the forms in which the directory may have it. One query."""
    forms_by_number = {number: forms_of(number) for number in numbers}
    wanted = {form for forms in forms_by_number.values() for form in forms}
    rows = (
        Contact.objects.filter(in_use_at(at), value__in=wanted)
        .exclude(kind=ContactKind.EMAIL)
        .order_by("person__name", "person_id")
        .values_list("value", "person_id", "person__name", "person__division_id")
    )
    users: dict[str, dict[uuid.UUID, Named]] = {}
    for value, person_id, name, code in rows if wanted else ():
        users.setdefault(value, {})[person_id] = Named(person_id, name, code)
    people: dict[str, list[Named]] = {}
    for number, forms in forms_by_number.items():
        found: dict[uuid.UUID, Named] = {}
        for form in sorted(forms):
            found |= users.get(form, {})
        people[number] = list(found.values())
    return people, forms_by_number


def forms_of(number: str) -> set[str]:
    """Gateways write 8610…, +8610… or 10… for the same telephone."""
    found = set()
    for candidate in (number, number[2:] if number.startswith("86") and len(number) == 13 else number):
        for form in (mobile, landline):
            try:
                found.add(form(candidate))
            except Refusal:
                continue
    return found


def is_open(delivery: Delivery) -> bool:
    return delivery.seat is not None and delivery.seat.callout.state == CalloutState.OPEN


def heard_before(called: Sequence[Delivery], event: PhoneEvent) -> list[Delivery]:
    """Without the messages that left only after the reply was sent: it cannot answer those. If none is left, all of them:
    a provider's clock that is wrong must not cost an answer. The clock of an exercise is not the provider's."""
    latest = event.happened_at + SKEW
    earlier = [
        one
        for one in called
        if one.exercise_id is not None or one.handed_at is None or one.handed_at <= latest
    ]
    return earlier or list(called)


def joined_by_bundles(called: Sequence[Delivery], bag: Mailbag) -> bool:
    """Whether these messages of several call-outs were all said in messages that name the same call-outs."""
    groups: list[set[uuid.UUID | None]] = []
    for delivery in called:
        mine = {delivery.callout_id, *(one.callout_id for one in bag.bundle_of(delivery))}
        apart = [group for group in groups if not group & mine]
        groups = [*apart, mine.union(*(group for group in groups if group & mine))]
    return len(groups) == 1


def open_callouts_of(called: Sequence[Delivery]) -> list[Callout]:
    found = {one.seat.callout_id: one.seat.callout for one in called if one.seat is not None and is_open(one)}
    return list(found.values())
