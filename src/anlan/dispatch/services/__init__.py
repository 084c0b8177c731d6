"""The verbs of dispatch, one module a family."""

from anlan.dispatch.services.answering import (
    acknowledge_instruction,
    could_not_instruction,
    finish_instruction,
    report_instruction,
    start_instruction,
)
from anlan.dispatch.services.commanding import (
    remind_instruction,
    reopen_instruction,
    rise,
    withdraw_instruction,
    withdraw_many,
)
from anlan.dispatch.services.issuing import issue_instruction, issue_many
from anlan.dispatch.services.orderpacks import add_pack, confirm_pack, edit_pack, give_pack
from anlan.dispatch.services.positions import Fix, note_position
from anlan.dispatch.services.releasing import issue_now, release_waiting
from anlan.dispatch.services.requests import (
    Amount,
    Wanted,
    approve_request,
    ask_again,
    ask_supplies,
    cancel_request,
    receive_supplies,
    refuse_request,
    send_supplies,
)
from anlan.dispatch.services.teams import (
    check_in,
    move_job,
    register_on_arrival,
    send_team,
    set_checks,
)

__all__ = [
    "Amount",
    "Fix",
    "Wanted",
    "acknowledge_instruction",
    "add_pack",
    "approve_request",
    "ask_again",
    "ask_supplies",
    "cancel_request",
    "check_in",
    "confirm_pack",
    "could_not_instruction",
    "edit_pack",
    "finish_instruction",
    "give_pack",
    "issue_instruction",
    "issue_many",
    "issue_now",
    "move_job",
    "note_position",
    "receive_supplies",
    "refuse_request",
    "register_on_arrival",
    "release_waiting",
    "remind_instruction",
    "reopen_instruction",
    "report_instruction",
    "rise",
    "send_supplies",
    "send_team",
    "set_checks",
    "start_instruction",
    "withdraw_instruction",
    "withdraw_many",
]
