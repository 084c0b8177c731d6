"""Coverage and timeliness are counted from facts, and each reader sees the own jurisdiction."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.dissemination.statistics import figures
from anlan.dissemination.tests.night import Night, rung

LADDER = [rung("A", "sms", wait_s=300), rung("B", "voice", wait_s=300)]


def year(night: Night, who: str = "Chen") -> object:
    return figures(
        night.county.actor(who), start=night.now - timedelta(days=1), end=night.now + timedelta(days=1)
    )


def test_sent_reached_and_answered_are_three_counts(night: Night) -> None:
    callout = night.callout("Upper Willow", "Lower Willow", "North Slope", rungs=LADDER)
    night.deliver()
    night.reply("Zhao", "1")
    night.receipt(night.seat(callout, "Lower Willow").deliveries.get(), "delivered")
    found = year(night)
    whole = found.whole  # type: ignore[attr-defined]
    assert (whole.seats, whole.sent, whole.reached, whole.answered) == (3, 3, 2, 1)
    assert whole.coverage == pytest.approx(2 / 3)
    [(_, tally)] = found.by_callout  # type: ignore[attr-defined]
    assert tally.answered == 1


def test_minutes_run_from_the_start_of_the_call_out_to_the_answer(night: Night) -> None:
    night.callout("Upper Willow", rungs=LADDER)
    night.deliver()
    night.county.clock.advance(seconds=90)
    night.reply("Zhao", "1")
    whole = year(night).whole  # type: ignore[attr-defined]
    assert (whole.median_sent_s, whole.median_answered_s, whole.slowest_tenth_s) == (0.0, 90.0, 90.0)


def test_a_township_sees_its_own_villages_and_an_exercise_counts_for_nobody(night: Night) -> None:
    night.callout("Upper Willow", "North Slope", rungs=LADDER)
    found = year(night, "Li")
    assert found.whole.seats == 1  # type: ignore[attr-defined]
    assert [name for _, name, _ in found.by_township] == ["柳河镇"]  # type: ignore[attr-defined]


def test_without_a_call_out_there_is_no_figure_rather_than_zero_percent(night: Night) -> None:
    whole = year(night).whole  # type: ignore[attr-defined]
    assert whole.coverage is None
    assert whole.median_sent_s is None


def test_a_channel_counts_what_it_handed_proved_and_brought_back(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=LADDER)
    night.deliver()
    delivery = night.seat(callout, "Upper Willow").deliveries.get()
    night.receipt(delivery, "delivered")
    night.reply("Zhao", "1")
    sms = year(night).by_channel["sms"]  # type: ignore[attr-defined]
    assert (sms.handed, sms.delivered, sms.failed, sms.answered) == (1, 1, 0, 1)
