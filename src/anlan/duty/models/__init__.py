"""Rows of the duty room: what rings, who came, who answered the roll, who handed over to whom."""

from anlan.duty.models.alarms import Alarm, AlarmState, Outage
from anlan.duty.models.handing import CarriedNote, Handover
from anlan.duty.models.rollcalls import LinkGap, RollCall, RollCallSeat, RoomLink
from anlan.duty.models.rooms import CalendarFeed, CheckIn, ClockSync, DutyRoom, ShiftSwap, SpecialPeriod

__all__ = [
    "Alarm",
    "AlarmState",
    "CalendarFeed",
    "CarriedNote",
    "CheckIn",
    "ClockSync",
    "DutyRoom",
    "Handover",
    "LinkGap",
    "Outage",
    "RollCall",
    "RollCallSeat",
    "RoomLink",
    "ShiftSwap",
    "SpecialPeriod",
]
