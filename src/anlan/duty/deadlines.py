"""What the duty room does when time has passed."""

from __future__ import annotations

from datetime import datetime

from anlan.directory.models import Shift
from anlan.duty.models import Alarm, CheckIn, ClockSync, RollCall, RoomLink
from anlan.duty.services.checkins import begin_shift, miss
from anlan.duty.services.clock import look_at_clock
from anlan.duty.services.links import fall_silent
from anlan.duty.services.ringing import call_leader
from anlan.duty.services.rollcalls import call_the_roll, close_roll_call
from anlan.journal.deadlines import deadline
from anlan.kernel.actor import system


@deadline("duty.leader_call", Alarm, "leader_call_at", state="ringing")
def on_unconfirmed(alarm: Alarm, at: datetime) -> None:
    """Nobody confirmed it in time: call the leader on duty."""
    call_leader(alarm, at=at)


@deadline("duty.shift_begins", Shift, "watch_at", cancelled_at=None)
def on_shift_begins(shift: Shift, at: datetime) -> None:
    """The person of the shift is expected from now on."""
    begin_shift(shift, at=at)


@deadline("duty.check_in", CheckIn, "next_at")
def on_not_checked_in(check: CheckIn, at: datetime) -> None:
    """Nobody came, or nobody who was called did anything: the next in line."""
    miss(check, at=at)


@deadline("duty.roll_call", RollCall, "next_at", state="planned")
def on_roll_call(roll_call: RollCall, at: datetime) -> None:
    """The moment of the roll call."""
    call_the_roll(roll_call, at=at)


@deadline("duty.roll_call_ends", RollCall, "next_at", state="calling")
def on_roll_call_ends(roll_call: RollCall, at: datetime) -> None:
    """Who has not answered is absent."""
    close_roll_call(roll_call, at=at)


@deadline("duty.room_link", RoomLink, "silent_at")
def on_link_silent(link: RoomLink, at: datetime) -> None:
    """The video link of a room was not heard."""
    fall_silent(link, at=at)


@deadline("duty.clock", ClockSync, "next_at")
def on_clock(row: ClockSync, at: datetime) -> None:
    """Whether the clock of this machine still follows its source."""
    look_at_clock(row, by=system("duty"), at=at)
