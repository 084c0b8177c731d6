"""The verbs of intake, one module a family."""

from anlan.intake.services.linking import (
    add_to_incident,
    link_duplicate,
    open_from_intake,
    take_out,
    unlink_duplicate,
)
from anlan.intake.services.nils import report_nil
from anlan.intake.services.ringing import answer_ring, end_ring, miss_ring, ring, take_ring
from anlan.intake.services.senders import list_sender, sender_of, unlist_sender
from anlan.intake.services.taking import correct_place, describe_intake, take_intake
from anlan.intake.services.verifying import (
    answer_verification,
    ask_to_verify,
    feed_back,
    find_intake_not_true,
    hand_on,
    note_reward,
    sign_for_township,
    take_back,
    verify_intake,
)

__all__ = [
    "add_to_incident",
    "answer_ring",
    "answer_verification",
    "ask_to_verify",
    "correct_place",
    "describe_intake",
    "end_ring",
    "feed_back",
    "find_intake_not_true",
    "hand_on",
    "link_duplicate",
    "list_sender",
    "miss_ring",
    "note_reward",
    "open_from_intake",
    "report_nil",
    "ring",
    "sender_of",
    "sign_for_township",
    "take_back",
    "take_intake",
    "take_out",
    "take_ring",
    "unlink_duplicate",
    "unlist_sender",
    "verify_intake",
]
