"""A clock that jumps by five minutes neither skips a rung without its wait nor freezes a ladder."""

from __future__ import annotations

import pytest

from anlan.dissemination.models import CalloutSeat, Delivery
from anlan.dissemination.tests.night import Night, rung
from anlan.journal import clocks, steps
from anlan.journal.models import Announcement, Entry, ExerciseRun
from anlan.journal.verify import verify

LADDER = (rung("A", wait_s=300), rung("B", wait_s=300))
FIVE_MINUTES = 300.0


def step(night: Night, step_s: float, seen_at: float = 1_000.0) -> bool:
    """The clock jumps, and the worker notices before it looks at deadlines."""
    night.county.clock.advance(seconds=step_s)
    return steps.take_step(step_s, seen_at=seen_at)


@pytest.mark.parametrize("step_s", [FIVE_MINUTES, -FIVE_MINUTES])
def test_a_rung_waits_its_five_minutes_whatever_the_clock_does(night: Night, step_s: float) -> None:
    callout = night.callout("Upper Willow", rungs=LADDER)
    night.deliver()
    night.pass_minutes(2)
    assert step(night, step_s)
    night.tick_over()
    assert night.seat(callout, "Upper Willow").rung == 0
    night.pass_minutes(2.9)
    assert night.seat(callout, "Upper Willow").rung == 0
    night.pass_minutes(0.2)
    assert night.seat(callout, "Upper Willow").rung == 1
    assert verify().problems == []


def test_a_message_in_the_queue_does_not_freeze_when_the_clock_goes_back(night: Night) -> None:
    night.callout("Upper Willow", rungs=LADDER)
    step(night, -FIVE_MINUTES)
    assert night.deliver() == 1
    assert night.calls_to("Zhao") == 1


def test_what_was_announced_is_still_done_at_once_when_the_clock_goes_back(night: Night) -> None:
    night.callout("Upper Willow", rungs=[rung("A", wait_s=60)])
    night.pass_minutes(1)
    waiting = Announcement.objects.filter(done_at=None, due_at__gt=night.now).count()
    step(night, -FIVE_MINUTES)
    assert Announcement.objects.filter(done_at=None, due_at__gt=night.now).count() == waiting == 0
    assert Announcement.objects.filter(done_at=None).exists()


def test_two_workers_of_one_machine_move_a_wait_once(night: Night) -> None:
    night.callout("Upper Willow", rungs=LADDER)
    before = CalloutSeat.objects.get().escalate_at
    assert step(night, FIVE_MINUTES, seen_at=1_000.0)
    assert not steps.take_step(FIVE_MINUTES + 0.2, seen_at=1_000.3)
    after = CalloutSeat.objects.get().escalate_at
    assert before is not None
    assert after is not None
    assert (after - before).total_seconds() == FIVE_MINUTES
    assert Entry.objects.filter(kind="callout_seat.clock_shifted").count() == 1
    assert Entry.objects.filter(kind="clock.stepped").count() == 1


def test_the_step_back_after_a_step_forward_is_a_step_of_its_own(night: Night) -> None:
    night.callout("Upper Willow", rungs=LADDER)
    before = CalloutSeat.objects.get().escalate_at
    step(night, FIVE_MINUTES, seen_at=1_000.0)
    assert step(night, -FIVE_MINUTES, seen_at=1_001.0)
    assert CalloutSeat.objects.get().escalate_at == before


def test_an_exercise_does_not_notice_the_step(night: Night) -> None:
    run = ExerciseRun.objects.create(scenario="test", clock_start=night.now, wall_start=night.now, speed=2.0)
    callout = night.callout("Upper Willow", rungs=LADDER, exercise_id=run.pk)
    due = night.seat(callout, "Upper Willow").escalate_at
    shown = clocks.now(run.pk)
    step(night, FIVE_MINUTES)
    assert clocks.now(run.pk) == shown
    assert night.seat(callout, "Upper Willow").escalate_at == due


def test_a_delivery_of_a_call_out_that_is_over_is_left_alone(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=LADDER)
    night.deliver()
    handed = Delivery.objects.get(callout=callout)
    step(night, FIVE_MINUTES)
    assert Delivery.objects.get(pk=handed.pk).due_at is None
