"""Nothing is sent zero times by a crash, or twice where the channel can tell."""

from __future__ import annotations

import itertools
import sys
from collections import Counter
from types import FrameType
from typing import Any

import pytest
from django.db import connection

from anlan.dissemination import claiming, outbox, settling
from anlan.dissemination.channels import ChannelDown, ChannelRefused, ChannelUncertain
from anlan.dissemination.models import Delivery
from anlan.dissemination.tests.night import Night, rung
from anlan.journal import leases, together
from anlan.journal.models import ExerciseRun
from anlan.journal.verify import verify


class Killed(BaseException):
    """Stands for SIGKILL at one line."""


def the_delivery() -> Delivery:
    return Delivery.objects.order_by("id")[0]


def test_a_taken_message_is_sent_with_the_providers_reference_and_its_wall_time(night: Night) -> None:
    night.callout("Upper Willow", rungs=[rung("A")])
    assert night.deliver() == 1
    sent = the_delivery()
    assert (sent.state, sent.provider_ref, sent.attempts) == ("sent", "twin-voice-1", 1)
    assert sent.handed_at == night.now
    assert sent.handed_wall is not None
    assert sent.due_at is None
    assert night.deliver() == 0


def test_handing_is_stored_before_anything_leaves(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    night.callout("Upper Willow", rungs=[rung("A")])
    stored: list[str] = []
    honest = outbox._Pump._fly

    def watch(pump: Any, flight: Any) -> None:
        stored.extend(Delivery.objects.values_list("state", flat=True))
        honest(pump, flight)

    monkeypatch.setattr(outbox._Pump, "_fly", watch)
    night.deliver()
    assert stored[0] == "handing"


def test_a_provider_that_is_down_is_tried_again_later_and_later(night: Night) -> None:
    night.twins["voice"].is_down = True
    night.callout("Upper Willow", rungs=[rung("A"), rung("B")])
    waits = []
    for _ in range(4):
        night.deliver()
        waiting = the_delivery()
        assert (waiting.state, waiting.last_error) == ("queued", "twin_down")
        assert waiting.due_at is not None
        waits.append((waiting.due_at - night.now).total_seconds())
        night.county.clock.advance(seconds=waits[-1])
    assert waits == [5, 10, 20, 40]


def test_a_provider_that_stays_down_takes_the_village_to_a_named_person(night: Night) -> None:
    night.twins["voice"].is_down = True
    callout = night.callout("Upper Willow", rungs=[rung("A", wait_s=3600), rung("B", wait_s=3600)])
    for _ in range(20):
        night.deliver()
        night.county.clock.advance(seconds=60)
    seat = night.seat(callout, "Upper Willow")
    assert (seat.state, seat.escalated_to_name) == ("unanswered", "李梅")
    assert Delivery.objects.filter(seat=seat, purpose="call", state="failed").count() == 2


def test_a_message_goes_out_when_the_provider_is_back(night: Night) -> None:
    night.twins["voice"].is_down = True
    night.callout("Upper Willow", rungs=[rung("A")])
    night.deliver()
    night.twins["voice"].is_down = False
    night.county.clock.advance(seconds=5)
    night.deliver()
    assert night.calls_to("Zhao") == 1
    assert the_delivery().may_be_repeated is False


def test_an_uncertain_attempt_that_the_provider_knows_is_not_repeated(night: Night) -> None:
    night.twins["voice"].failures.append(ChannelUncertain("ReadTimeout"))
    night.callout("Upper Willow", rungs=[rung("A")])
    night.deliver()
    assert (the_delivery().state, the_delivery().is_uncertain) == ("handing", True)
    night.county.clock.advance(seconds=2)
    night.deliver()
    settled = the_delivery()
    assert (settled.state, settled.is_uncertain, settled.may_be_repeated) == ("sent", False, False)
    assert night.calls_to("Zhao") == 1


def test_an_uncertain_attempt_that_the_provider_never_saw_is_sent_again_unmarked(night: Night) -> None:
    night.twins["voice"].failures.append(ChannelUncertain("ReadTimeout"))
    night.twins["voice"].loses_uncertain = True
    night.callout("Upper Willow", rungs=[rung("A")])
    night.deliver()
    night.county.clock.advance(seconds=2)
    night.deliver()
    assert night.calls_to("Zhao") == 1
    assert (the_delivery().state, the_delivery().may_be_repeated) == ("sent", False)


@pytest.mark.parametrize("was_lost", [True, False])
def test_an_uncertain_attempt_on_a_channel_that_cannot_tell_is_repeated_and_marked(
    night: Night, was_lost: bool
) -> None:
    night.twins["voice"].can_be_asked = False
    night.twins["voice"].loses_uncertain = was_lost
    night.twins["voice"].failures.append(ChannelUncertain("ReadTimeout"))
    night.callout("Upper Willow", rungs=[rung("A")])
    night.deliver()
    night.county.clock.advance(seconds=2)
    night.deliver()
    assert night.calls_to("Zhao") == (1 if was_lost else 2)
    assert (the_delivery().state, the_delivery().may_be_repeated) == ("sent", True)


def test_an_uncertain_attempt_of_an_answered_seat_is_asked_about_and_never_repeated(night: Night) -> None:
    night.twins["voice"].can_be_asked = False
    night.twins["voice"].failures.append(ChannelUncertain("ReadTimeout"))
    callout = night.callout("Upper Willow", rungs=[rung("A", "voice", "sms")])
    night.deliver()
    night.reply("Zhao", "1")
    night.county.clock.advance(seconds=2)
    night.deliver()
    assert night.calls_to("Zhao") == 1
    ended = Delivery.objects.get(callout=callout, channel="voice")
    assert (ended.state, ended.is_uncertain, ended.last_error) == ("failed", True, "not_repeated")


def test_a_receipt_settles_an_uncertain_attempt(night: Night) -> None:
    night.twins["voice"].failures.append(ChannelUncertain("ReadTimeout"))
    night.callout("Upper Willow", rungs=[rung("A")])
    night.deliver()
    night.receipt(the_delivery(), "delivered")
    night.county.clock.advance(seconds=2)
    assert night.deliver() == 0
    assert (the_delivery().state, the_delivery().is_uncertain) == ("delivered", False)


def test_a_receipt_that_is_faster_than_the_providers_answer_is_not_overwritten(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    night.callout("Upper Willow", rungs=[rung("A")])
    honest = settling.record

    def late(*given: Any) -> None:
        night.receipt(the_delivery(), "delivered")
        honest(*given)

    monkeypatch.setattr(settling, "record", late)
    night.deliver()
    both = the_delivery()
    assert (both.state, both.provider_ref) == ("delivered", "twin-voice-1")
    assert verify().problems == []


def test_a_fault_in_the_channels_own_code_counts_as_uncertain(night: Night) -> None:
    night.twins["voice"].failures.append(ValueError("bug"))
    night.callout("Upper Willow", rungs=[rung("A")])
    night.deliver()
    assert (the_delivery().state, the_delivery().is_uncertain) == ("handing", True)


def test_one_refused_message_does_not_hold_the_others(night: Night) -> None:
    night.twins["sms"].refused_addresses[night.number("Zhao")] = ChannelRefused("bad_number")
    callout = night.callout(
        "Upper Willow", "Lower Willow", "North Slope", rungs=[rung("A", "sms"), rung("B")]
    )
    night.deliver()
    states = Counter(Delivery.objects.filter(callout=callout, rung=0).values_list("state", flat=True))
    assert states == {"refused": 1, "sent": 2}


def test_two_workers_never_hold_the_same_message(night: Night) -> None:
    night.callout("Upper Willow", rungs=[rung("A")])
    first = night.claim("worker-1")
    second = night.claim("worker-2")
    assert (first.size, second.size) == (1, 0)


def test_what_a_dead_worker_held_is_uncertain_at_once(night: Night) -> None:
    night.callout("Upper Willow", rungs=[rung("A")])
    night.claim("worker-1")
    assert outbox.recover(["worker-2"]) == 0
    assert outbox.recover(["worker-1"]) == 1
    assert the_delivery().is_uncertain
    night.deliver("worker-3")
    assert night.calls_to("Zhao") == 1


def test_without_a_notice_of_death_the_lease_runs_out_by_itself(night: Night) -> None:
    night.callout("Upper Willow", rungs=[rung("A")])
    night.claim("worker-1")
    assert night.deliver("worker-2") == 0
    night.county.clock.advance(seconds=leases.LEASE.total_seconds() + 1)
    assert night.deliver("worker-2") == 1
    assert night.calls_to("Zhao") == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("can_be_asked", [True, False])
def test_killed_at_any_line_a_message_is_never_lost_and_never_doubled_unmarked(
    night: Night, can_be_asked: bool
) -> None:
    twin = night.twins["voice"]
    twin.can_be_asked = can_be_asked
    for line in itertools.count(1):
        callout = night.callout("Upper Willow", rungs=[rung("A", wait_s=86_400)])
        has_survived = _deliver_killed_at(night, line)
        outbox.recover(["doomed"])
        night.deliver("heir")
        [delivery] = Delivery.objects.filter(callout=callout)
        times = twin.times_by_key()[delivery.send_key]
        assert times >= 1, f"lost when killed at line {line}"
        assert times == 1 or delivery.may_be_repeated, f"doubled unmarked when killed at line {line}"
        assert not (can_be_asked and times > 1), f"doubled although the channel can tell, line {line}"
        assert delivery.state == "sent"
        if has_survived:
            break
    assert line > 30, "the round has more lines than that; the tracer missed it"
    assert verify().problems == []


#: From the claim to the stored result; the helpers that only read are left out.
_DEADLY = {
    "run", "_load", "_fly", "_land", "_repeats", "claim", "_keys", "_take", "_handing", "_uncertain",
    "record", "_all_sent", "_one", "_sent", "_stored_at_last", "store_repeats", "move_all",
}  # fmt: skip
_FILES = {module.__file__ for module in (outbox, claiming, settling, together)}


def _deliver_killed_at(night: Night, line: int) -> bool:
    """Run the outbox and die at its `line`-th executed line. True when it came through to the end."""
    left = line

    def trace(frame: FrameType, event: str, _arg: object) -> Any:
        nonlocal left
        if frame.f_code.co_filename not in _FILES or frame.f_code.co_name not in _DEADLY:
            return None
        if event == "line":
            left -= 1
            if left == 0:
                raise Killed
        return trace

    former = sys.gettrace()
    sys.settrace(trace)
    try:
        night.deliver("doomed")
    except Killed:
        _lose_the_connection()
        return False
    finally:
        sys.settrace(former)
    return True


def _lose_the_connection() -> None:
    """A killed process commits nothing: whatever transaction was open dies with its connection."""
    connection.in_atomic_block = False
    connection.close()


def test_a_channel_takes_no_more_than_its_rate(night: Night, settings: pytest.FixtureRequest) -> None:
    settings.ANLAN_CHANNEL_RATES = {"sms": 0.5}  # type: ignore[attr-defined]
    outbox._pace.cache_clear()
    night.callout("Upper Willow", "Lower Willow", "North Slope", rungs=[rung("A", "sms")])
    night.deliver()
    assert len(night.twins["sms"].taken) == 1
    night.county.clock.advance(seconds=2)
    night.deliver()
    assert len(night.twins["sms"].taken) == 2


def test_an_exercise_uses_its_own_clock_and_reality_does_not_see_it(night: Night) -> None:
    run = ExerciseRun.objects.create(
        scenario="storm", clock_start=night.now, wall_start=night.now, speed=60.0
    )
    drill = night.callout("Upper Willow", rungs=[rung("A"), rung("B")], exercise_id=run.pk)
    real = night.callout("Lower Willow", rungs=[rung("A"), rung("township_duty")])
    night.deliver()
    night.pass_minutes(1 / 6)
    assert night.seat(drill, "Upper Willow").rung == 1
    assert night.seat(real, "Lower Willow").rung == 0


def test_a_seat_of_a_down_channel_that_answers_is_never_rung_afterwards(night: Night) -> None:
    night.twins["voice"].failures.extend([ChannelDown("x")])
    night.callout("Upper Willow", rungs=[rung("A", "sms", "voice")])
    night.deliver()
    night.reply("Zhao", "1")
    night.pass_minutes(5)
    assert night.calls_to("Zhao") == 0
