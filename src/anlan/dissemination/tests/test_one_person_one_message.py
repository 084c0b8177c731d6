"""A person named by several call-outs hears of all of them at once, the worst first, and one answer settles all (C-14)."""

from __future__ import annotations

import pytest

from anlan.dissemination import bundling, services
from anlan.dissemination.channels import ChannelDown, ChannelRefused, ChannelUncertain
from anlan.dissemination.models import Delivery
from anlan.dissemination.tests.night import Night, rung
from anlan.journal.verify import verify
from anlan.kernel.actor import system

SMS = [rung("A", "sms")]
VOICE = [rung("A", "voice")]


def two(night: Night, rungs: object = VOICE) -> tuple[Delivery, Delivery]:
    """Blue first, then red, both to the officer of one village; nothing has left yet."""
    rows = []
    for level in (4, 1):
        callout = night.callout("Upper Willow", rungs=rungs)  # type: ignore[arg-type]
        row = Delivery.objects.get(callout=callout)
        rows.append(row.change(by=system("test"), at=night.now, kind="given", priority=level))
    return rows[0], rows[1]


def again(delivery: Delivery) -> Delivery:
    return Delivery.objects.select_related("bundled_in", "seat").get(pk=delivery.pk)


def test_two_call_outs_make_one_call_and_the_red_one_is_said_first(night: Night) -> None:
    blue, red = two(night)
    night.deliver()
    [message] = night.twins["voice"].taken
    assert message.send_key == red.send_key
    assert len(message.parts) == 2
    assert "您有2条叫应" in message.text
    assert message.keys == {"1": "answered", "2": "acting", "3": "done"}
    assert again(blue).bundled_in == red
    assert (again(blue).state, again(red).state) == ("sent", "sent")
    assert again(blue).handed_at is not None
    assert verify().problems == []


def test_one_key_answers_everything_that_was_said(night: Night) -> None:
    blue, red = two(night)
    night.deliver()
    night.press(red, "1")
    assert [again(one).seat.state for one in (blue, red)] == ["answered", "answered"]  # type: ignore[union-attr]


def test_a_receipt_for_the_message_is_a_receipt_for_all_of_it(night: Night) -> None:
    blue, red = two(night)
    night.deliver()
    night.receipt(red, "answered")
    assert (again(blue).state, again(red).state) == ("delivered", "delivered")


def test_villages_of_one_call_out_are_named_together(night: Night) -> None:
    night.callout("Upper Willow", "Lower Willow", rungs=[rung("township_duty", "sms")])
    night.deliver()
    [message] = night.twins["sms"].taken
    assert "、" in message.text
    assert message.text.count("请立即转移") == 1
    assert Delivery.objects.filter(state="sent").count() == 2


def test_what_does_not_fit_into_one_message_leaves_by_itself(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundling, "SEGMENTS_MAX", 1)
    two(night, SMS)
    night.deliver()
    assert len(night.twins["sms"].taken) == 2
    assert not Delivery.objects.exclude(bundled_in=None).exists()


def test_an_all_clear_never_rides_in_a_warning(night: Night) -> None:
    old = night.callout("Upper Willow", rungs=SMS)
    night.deliver()
    services.lift_callout(old, text="解除。", reason="雨停", by=night.county.actor("Chen"), at=night.now)
    night.callout("Upper Willow", rungs=SMS)
    night.deliver()
    assert len(night.twins["sms"].taken) == 3
    assert all("解除" not in one.text or "转移" not in one.text for one in night.twins["sms"].taken)


def test_two_languages_are_two_messages(night: Night) -> None:
    blue, _ = two(night, SMS)
    Delivery.objects.filter(pk=blue.pk).update(language="en")
    night.deliver()
    assert len(night.twins["sms"].taken) == 2


def test_a_combined_call_that_was_cut_off_is_uncertain_for_each_of_them(night: Night) -> None:
    blue, red = two(night)
    night.twins["voice"].can_be_asked = False
    night.twins["voice"].failures.append(ChannelUncertain("ReadTimeout"))
    night.deliver()
    assert [(again(one).state, again(one).is_uncertain) for one in (blue, red)] == [("handing", True)] * 2
    night.county.clock.advance(seconds=2)
    night.deliver()
    assert [(again(one).state, again(one).may_be_repeated) for one in (blue, red)] == [("sent", True)] * 2
    assert night.calls_to("Zhao") == 2
    assert verify().problems == []


def test_a_combined_call_to_a_provider_that_is_down_waits_and_is_combined_anew(night: Night) -> None:
    blue, red = two(night)
    night.twins["voice"].failures.append(ChannelDown("x"))
    night.deliver()
    assert [(again(one).state, again(one).bundled_in) for one in (blue, red)] == [("queued", None)] * 2
    night.county.clock.advance(seconds=5)
    night.deliver()
    assert night.calls_to("Zhao") == 1
    assert again(blue).bundled_in == red


def test_a_combined_text_that_is_refused_is_tried_piece_by_piece(night: Night) -> None:
    two(night, SMS)
    night.twins["sms"].failures.append(ChannelRefused("too_long"))
    night.deliver()
    assert [len(one.parts) for one in night.twins["sms"].taken] == [0, 0]
    assert Delivery.objects.filter(state="sent").count() == 2


def test_a_worker_that_died_with_a_combined_call_in_hand_loses_none_of_it(night: Night) -> None:
    blue, red = two(night)
    night.claim("doomed")
    from anlan.dissemination import outbox

    assert outbox.recover(["doomed"]) == 2
    night.deliver("heir")
    assert night.calls_to("Zhao") == 1
    assert (again(blue).state, again(red).state) == ("sent", "sent")


def test_rows_with_a_delivery_are_those_of_the_same_message(night: Night) -> None:
    blue, red = two(night)
    night.deliver()
    assert bundling.rows_with(again(red)) == [blue]
    assert bundling.rows_with(again(blue)) == [red]
