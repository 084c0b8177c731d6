"""Whatever happens in whatever order: no village is silently forgotten, no message lost or doubled unmarked, the journal folds."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.dissemination import outbox, services
from anlan.dissemination.channels import ChannelDown, ChannelRefused, ChannelUncertain
from anlan.dissemination.models import Callout, CalloutSeat, Delivery
from anlan.dissemination.services.seats import SILENT
from anlan.dissemination.tests.night import Night, rung
from anlan.journal.deadlines import run_deadlines
from anlan.journal.verify import verify
from anlan.kernel.refusals import Refusal

LADDER = (
    rung("A", "sms", "voice", wait_s=120),
    rung("B", "voice", wait_s=120),
    rung("township_duty", wait_s=120),
)
VILLAGES = ("Upper Willow", "Lower Willow", "North Slope")
PEOPLE = ("Zhao", "Qian", "Zhou", "Wu", "Li", "Liu")
FAULTS: dict[str, Callable[[], Exception]] = {
    "down": lambda: ChannelDown("x"),
    "refused": lambda: ChannelRefused("x"),
    "uncertain": lambda: ChannelUncertain("x"),
}

step = st.one_of(
    st.tuples(st.just("wait"), st.integers(1, 180)),
    st.tuples(st.just("deliver"), st.just(0)),
    st.tuples(st.just("crash"), st.integers(0, 3)),
    st.tuples(st.just("reply"), st.tuples(st.sampled_from(PEOPLE), st.sampled_from("123路"))),
    st.tuples(
        st.just("receipt"),
        st.tuples(st.integers(0, 20), st.sampled_from(["sent", "delivered", "answered", "failed", "busy"])),
    ),
    st.tuples(st.just("press"), st.tuples(st.integers(0, 20), st.sampled_from("129"))),
    st.tuples(
        st.just("fault"), st.tuples(st.sampled_from(["sms", "voice"]), st.sampled_from(sorted(FAULTS)))
    ),
    st.tuples(st.just("can_be_asked"), st.booleans()),
    st.tuples(st.just("tick"), st.sampled_from(VILLAGES)),
    st.tuples(st.just("resolve"), st.sampled_from(VILLAGES)),
    st.tuples(st.just("lose_contact"), st.sampled_from(VILLAGES)),
    st.tuples(st.just("close"), st.sampled_from(["", "已派人核实"])),
    st.tuples(st.just("lift"), st.just(0)),
)


class Player:
    """Plays the steps of one night; each is allowed to be refused, none to break anything."""

    def __init__(self, night: Night) -> None:
        self.night = night
        self.callout = night.callout(*VILLAGES, rungs=LADDER)
        self.chen = night.county.actor("Chen")
        self.owners = itertools.count(1)

    def play(self, name: str, given: Any) -> None:
        getattr(self, name)(given)

    def wait(self, seconds: int) -> None:
        self.night.county.clock.advance(seconds=seconds)
        run_deadlines(owner="worker-1")

    def deliver(self, _: int) -> None:
        self.night.deliver()

    def crash(self, taken: int) -> None:
        """A worker claims, hands over the first `taken` messages, and dies; the next one recovers at once."""
        owner = f"doomed-{next(self.owners)}"
        batch = self.night.claim(owner)
        for delivery in batch.fresh[:taken]:
            flight = outbox.Flight(delivery, None, batch.bundles.get(delivery.pk, []))
            outbox._send(self.night.twins[delivery.channel], flight)
        outbox.recover([owner])

    def reply(self, said: tuple[str, str]) -> None:
        self.night.reply(*said)

    def _some_delivery(self, index: int) -> Delivery:
        rows = Delivery.objects.filter(callout=self.callout).order_by("id")
        return rows[index % rows.count()]

    def receipt(self, told: tuple[int, str]) -> None:
        """A provider only speaks about what it took."""
        delivery = self._some_delivery(told[0])
        if self.night.twins[delivery.channel].times_by_key()[delivery.send_key]:
            self.night.receipt(delivery, told[1])

    def press(self, told: tuple[int, str]) -> None:
        delivery = self._some_delivery(told[0])
        if self.night.twins[delivery.channel].times_by_key()[delivery.send_key]:
            self.night.press(delivery, told[1])

    def fault(self, which: tuple[str, str]) -> None:
        self.night.twins[which[0]].failures.append(FAULTS[which[1]]())

    def can_be_asked(self, value: bool) -> None:
        for twin in self.night.twins.values():
            twin.can_be_asked = value

    def tick(self, village: str) -> None:
        seat = self.night.seat(self.callout, village)
        services.tick(seat, meaning="answered", words="对讲机", by=self.chen, at=self.night.now)

    def resolve(self, village: str) -> None:
        seat = self.night.seat(self.callout, village)
        self._unless_refused(services.resolve_seat, seat, reason="已入户")

    def lose_contact(self, village: str) -> None:
        seat = self.night.seat(self.callout, village)
        self._unless_refused(services.mark_lost_contact, seat, last_contact="01:50")

    def close(self, reason: str) -> None:
        self._unless_refused(services.close_callout, self._fresh(), reason=reason)

    def lift(self, _: int) -> None:
        self._unless_refused(services.lift_callout, self._fresh(), text="解除", reason="雨停")

    def _fresh(self) -> Callout:
        return Callout.objects.select_related("division").get(pk=self.callout.pk)

    def _unless_refused(self, verb: Callable[..., object], subject: object, **given: object) -> None:
        from django.db import transaction

        try:
            with transaction.atomic():
                verb(subject, by=self.chen, at=self.night.now, **given)
        except Refusal:
            pass


def check_promises(player: Player) -> None:
    """The invariants, after every step."""
    seats = list(CalloutSeat.objects.filter(callout=player.callout))
    callout = player._fresh()
    for seat in seats:
        if callout.state == "closed":
            assert seat.state not in SILENT
        if seat.state in ("resolved", "released"):
            assert seat.resolve_reason
        if seat.state == "unanswered":
            assert seat.escalated_to_name
        assert (seat.escalate_at is not None) == (seat.state == "waiting"), "a waiting seat has a next step"
    for delivery in Delivery.objects.filter(callout=player.callout).select_related("bundled_in"):
        left = delivery.bundled_in or delivery  # what was said in another message left under that one's key
        times = player.night.twins[delivery.channel].times_by_key()[left.send_key]
        assert times <= 1 or delivery.may_be_repeated, "doubled unmarked"
        if delivery.state in ("sent", "delivered", "read"):
            assert times >= 1, "shown as sent and never taken"
        if delivery.state in ("cancelled", "refused"):
            assert times == 0, "shown as never sent and taken"
        assert (delivery.due_at is not None) == (delivery.state in ("queued", "handing")), (
            "work left has a time"
        )


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(step, min_size=4, max_size=25))
def test_the_promises_hold_in_every_night(night: Night, steps: list[tuple[str, Any]]) -> None:
    for twin in night.twins.values():
        twin.failures.clear()
        twin.can_be_asked = True
    player = Player(night)
    for name, given_value in steps:
        player.play(name, given_value)
        check_promises(player)
    _bring_to_an_end(player)
    assert verify().problems == []


def _bring_to_an_end(player: Player) -> None:
    """Left alone, every night ends with everybody answered, settled by a person, or in a named person's hands."""
    for twin in player.night.twins.values():
        twin.failures.clear()
    for _ in range(8):
        player.wait(130)
        player.deliver(0)
        check_promises(player)
    left = set(CalloutSeat.objects.filter(callout=player.callout).values_list("state", flat=True))
    assert "waiting" not in left
    assert not Delivery.objects.filter(callout=player.callout, state__in=["queued", "handing"]).exists()
    player._unless_refused(services.close_callout, player._fresh(), reason="收尾")
