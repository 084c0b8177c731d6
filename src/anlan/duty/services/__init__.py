"""Verbs of the duty room. What rings is here; rooms, shifts, roll calls and handovers are in the modules beside it."""

from anlan.duty.services.ringing import (
    RINGING,
    Leader,
    call_leader,
    clear_alarm,
    clear_subject,
    confirm_alarm,
    confirm_alarms,
    leaders,
    raise_alarm,
)

__all__ = [
    "RINGING",
    "Leader",
    "call_leader",
    "clear_alarm",
    "clear_subject",
    "confirm_alarm",
    "confirm_alarms",
    "leaders",
    "raise_alarm",
]
