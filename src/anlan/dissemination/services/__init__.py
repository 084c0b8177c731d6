"""The verbs of call-outs, one module per family."""

from anlan.dissemination.services.answers import acknowledge, add_note, tick
from anlan.dissemination.services.broadcasting import broadcast, end_broadcast, outlets_told
from anlan.dissemination.services.calling import move_on, rung_failed
from anlan.dissemination.services.closing import close_callout, lift_callout, mark_lost_contact, resolve_seat
from anlan.dissemination.services.inbound import take_events
from anlan.dissemination.services.ladders import choose as choose_ladder
from anlan.dissemination.services.losing import note_signs, order_to_go
from anlan.dissemination.services.opening import ease_callout, open_callout, widen_callout
from anlan.dissemination.services.reaching import Notice, call_now, reach_people, reach_person
from anlan.dissemination.services.reassigning import reassign_seat
from anlan.dissemination.services.telling import tell_those_told

__all__ = [
    "Notice",
    "acknowledge",
    "add_note",
    "broadcast",
    "call_now",
    "choose_ladder",
    "close_callout",
    "ease_callout",
    "end_broadcast",
    "lift_callout",
    "mark_lost_contact",
    "move_on",
    "note_signs",
    "open_callout",
    "order_to_go",
    "outlets_told",
    "reach_people",
    "reach_person",
    "reassign_seat",
    "resolve_seat",
    "rung_failed",
    "take_events",
    "tell_those_told",
    "tick",
    "widen_callout",
]
