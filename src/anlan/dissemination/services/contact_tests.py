"""Contact tests: plan a round, let it run by its deadline, and say which numbers are dead.

A test never mixes with a real night: who is being called out at that moment is passed over, a test message carries no seat,
and what comes back about it answers no call-out. The results set or clear the mark of a dead number in the directory.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from anlan.accounts.access import require
from anlan.directory import queries as directory
from anlan.directory.models import Contact
from anlan.directory.services import contact_failed, verify_contact
from anlan.directory.types import ContactPoint, Holder
from anlan.dissemination.audience import addresses_for
from anlan.dissemination.channels import Nature, manifests
from anlan.dissemination.models import (
    CalloutState,
    ContactTest,
    ContactTestItem,
    ContactTestItemState,
    ContactTestState,
    Delivery,
    DeliveryPurpose,
    DeliveryState,
    InboundEvent,
)
from anlan.dissemination.refusals import NobodyToTest, NoSuchTestChannel, RoundTooShort
from anlan.dissemination.services.seats import SILENT, new_delivery
from anlan.dissemination.texts import compose
from anlan.dissemination.wake import wake_worker
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor, system
from anlan.places.models import Division
from anlan.places.queries import below
from anlan.vocab.posts import PostKind, Right

BY = system("contact_test")
#: R34: verified quarterly.
QUARTER_DAYS = 91
#: How often a running round is looked at.
LOOK_EVERY = timedelta(minutes=1)
_LEAST_MINUTES = 5

#: What a delivery's end says about the number.
_DEAD = frozenset({DeliveryState.FAILED, DeliveryState.REFUSED})
_REACHED = frozenset({DeliveryState.DELIVERED, DeliveryState.READ})


def plan_test(
    *,
    name: str,
    division: Division,
    posts: Sequence[PostKind],
    channel: str,
    starts_at: datetime,
    minutes: int,
    every_days: int | None,
    by: Actor,
    at: datetime,
    follows: ContactTest | None = None,
    exercise_id: uuid.UUID | None = None,
) -> ContactTest:
    """A round for everybody who holds one of these posts in the division or below it. A township may plan its own."""
    if follows is None:
        require(by, Right.RUN_CALLOUT, division.path)
    known = manifests().get(channel)
    if known is None or known.nature is not Nature.PERSONAL or not known.contact_kinds:
        raise NoSuchTestChannel(channel=channel)
    if minutes < _LEAST_MINUTES:
        raise RoundTooShort(minutes=_LEAST_MINUTES)
    if not posts:
        raise NobodyToTest
    test = ContactTest(
        state=ContactTestState.PLANNED,
        name=name.strip()[:120] or f"{division.name}通讯测试",
        division=division,
        posts=[str(post) for post in posts],
        channel=channel,
        starts_at=starts_at,
        minutes=minutes,
        every_days=every_days,
        next_step_at=starts_at,
        planned_by=by.name or by.ref,
        follows=follows,
        exercise_id=exercise_id,
    )
    return test.record(by=by, at=at, kind="planned")


def cancel_test(test: ContactTest, *, by: Actor, at: datetime) -> ContactTest:
    """A planned round does not take place, nor the ones that would follow it."""
    require(by, Right.RUN_CALLOUT, test.division.path)
    return test.advance(ContactTestState.CANCELLED, by=by, at=at, next_step_at=None, ended_at=at)


def step(test: ContactTest, *, at: datetime) -> None:
    """The deadline of a round: start it, look at what came back, or end it."""
    if test.state == ContactTestState.PLANNED:
        _start(test, at=at)
        return
    items = settle(test, at=at)
    assert test.started_at is not None  # a running round has begun
    is_over = at >= test.started_at + timedelta(minutes=test.minutes)
    if is_over or all(item.state == ContactTestItemState.ANSWERED for item in items):
        _end(test, items, at=at)
    else:
        test.change(by=BY, at=at, kind="looked", next_step_at=at + LOOK_EVERY)


def settle(test: ContactTest, *, at: datetime) -> list[ContactTestItem]:
    """Bring the items up to date with receipts and replies; returns all of them."""
    items = list(
        ContactTestItem.objects.filter(test=test).select_related("delivery", "contact__person", "division")
    )
    answers = _answers(test, items)
    with transaction.atomic(savepoint=False):
        for item in items:
            state, why = _verdict(item, answers)
            if state is not None and state in item.transitions[item.state]:
                item.advance(
                    state, by=BY, at=at, cause=f"delivery:{item.delivery_id}", settled_at=at, why=why
                )
                _mark(item, at=at)
    return items


def _verdict(item: ContactTestItem, answers: dict[str, datetime]) -> tuple[ContactTestItemState | None, str]:
    delivery = item.delivery
    if delivery.address in answers or delivery.send_key in answers:
        return ContactTestItemState.ANSWERED, ""
    if delivery.state in _DEAD:
        return ContactTestItemState.DEAD, delivery.last_error[:60]
    if delivery.state in _REACHED:
        return ContactTestItemState.REACHED, ""
    return None, ""


def _answers(test: ContactTest, items: Iterable[ContactTestItem]) -> dict[str, datetime]:
    """Addresses and send keys that something came back from since the round began. A shared number answers for its persons."""
    by_ref = {item.delivery_id for item in items}
    rows = InboundEvent.objects.filter(
        kind__in=("reply", "keypress", "callback"), happened_at__gte=test.started_at
    ).values_list("from_address", "delivery_id", "happened_at")
    addresses = {item.delivery.address for item in items}
    keys = {item.delivery_id: item.delivery.send_key for item in items}
    found: dict[str, datetime] = {}
    for address, delivery_id, happened_at in rows:
        if address in addresses:
            found[address] = happened_at
        if delivery_id in by_ref:
            found[keys[delivery_id]] = happened_at
    return found


def _mark(item: ContactTestItem, *, at: datetime) -> None:
    """Answered and delivered verify a number, dead marks it; silence says nothing."""
    contact = item.contact
    if contact.used_to is not None:
        return
    if item.state in (ContactTestItemState.ANSWERED, ContactTestItemState.REACHED):
        verify_contact(contact, by=BY, at=at)
    elif item.state == ContactTestItemState.DEAD:
        contact_failed(contact, why=item.why or "failed", by=BY, at=at)


def _start(test: ContactTest, *, at: datetime) -> None:
    numbers = _numbers(test, at=at)
    busy = _called_out(test, [point.value for _, point in numbers])
    tested = [(holder, point) for holder, point in numbers if point.value not in busy]
    with transaction.atomic(savepoint=False):
        test.advance(
            ContactTestState.RUNNING,
            by=BY,
            at=at,
            started_at=at,
            next_step_at=at + LOOK_EVERY,
            passed_over=len(numbers) - len(tested),
        )
        pairs = [(holder, point, _message(test, holder, point, at=at)) for holder, point in tested]
        record_all(
            [delivery for _, _, delivery in pairs], by=BY, at=at, kind="queued", cause=f"test:{test.pk}"
        )
        contacts = Contact.objects.in_bulk([point.id for _, point, _ in pairs if point.id is not None])
        codes = {holder.division_code for holder, _, _ in pairs}
        divisions = Division.objects.defer("geometry").in_bulk(codes)
        items = [
            ContactTestItem(
                state=ContactTestItemState.PENDING,
                test=test,
                contact=contacts[point.id],
                division=divisions[holder.division_code],
                post=holder.kind,
                delivery=delivery,
                exercise_id=test.exercise_id,
            )
            for holder, point, delivery in pairs
            if point.id is not None
        ]
        record_all(items, by=BY, at=at, kind="opened", cause=f"contact_test:{test.pk}")
        if test.every_days:
            _plan_next(test, at=at)
        wake_worker()


def _numbers(test: ContactTest, *, at: datetime) -> list[tuple[Holder, ContactPoint]]:
    """Each number once, with the first post it is held for."""
    codes = list(below(test.division.path).values_list("code", flat=True))
    found: dict[str, tuple[Holder, ContactPoint]] = {}
    for held in directory.responsible(codes, at, test.posts).values():
        for holder in held:
            wanted = set(addresses_for(holder.points, test.channel))
            for point in holder.points:
                if point.value in wanted:
                    found.setdefault(point.value, (holder, point))
    return list(found.values())


def _called_out(test: ContactTest, numbers: Sequence[str]) -> set[str]:
    """Numbers that a running call-out waits for: their next answer belongs to it."""
    rows = Delivery.objects.filter(
        address__in=numbers,
        exercise_id=test.exercise_id,
        seat__state__in=SILENT,
        seat__callout__state=CalloutState.OPEN,
    )
    return set(rows.values_list("address", flat=True))


def _message(test: ContactTest, holder: Holder, point: ContactPoint, *, at: datetime) -> Delivery:
    delivery = new_delivery(
        purpose=DeliveryPurpose.TEST,
        channel=test.channel,
        address=point.value,
        text=compose(f"test.{test.channel}", issuer=test.division.name, who=holder.name),
        at=at,
        exercise_id=test.exercise_id,
    )
    delivery.subject, delivery.person_id, delivery.role = (
        f"contact_test:{test.pk}",
        holder.person_id,
        holder.kind,
    )
    delivery.answer_token = ""
    return delivery


def _end(test: ContactTest, items: Sequence[ContactTestItem], *, at: datetime) -> None:
    with transaction.atomic(savepoint=False):
        for item in items:
            if item.state == ContactTestItemState.PENDING:
                item.advance(ContactTestItemState.SILENT, by=BY, at=at, settled_at=at)
        test.advance(ContactTestState.DONE, by=BY, at=at, ended_at=at, next_step_at=None)


def _plan_next(test: ContactTest, *, at: datetime) -> None:
    assert test.every_days is not None  # asked by the caller
    plan_test(
        name=test.name,
        division=test.division,
        posts=[PostKind(post) for post in test.posts],
        channel=test.channel,
        starts_at=test.starts_at + timedelta(days=test.every_days),
        minutes=test.minutes,
        every_days=test.every_days,
        follows=test,
        by=BY,
        at=at,
        exercise_id=test.exercise_id,
    )
