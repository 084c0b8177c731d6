"""The verbs of responses, one module a family."""

from anlan.response.services.bodies import (
    add_member,
    change_body,
    confirm_body,
    dissolve_body,
    form_body,
    form_from_template,
    member_leaves,
)
from anlan.response.services.consents import give_consent, revoke_consent
from anlan.response.services.deciding import (
    activate,
    change_level,
    decide,
    decline,
    end_response,
)
from anlan.response.services.jointduty import (
    add_seat,
    end_joint_duty,
    leave_seat,
    start_joint_duty,
    take_seat,
)
from anlan.response.services.modes import switch_mode
from anlan.response.services.notices import (
    draft_notice,
    edit_notice,
    send_notice,
    sign_notice,
    withdraw_notice,
)
from anlan.response.services.proposing import propose, remind
from anlan.response.services.sharing import ask_response, close_share, heard_state, share_incident

__all__ = [
    "activate",
    "add_member",
    "add_seat",
    "ask_response",
    "change_body",
    "change_level",
    "close_share",
    "confirm_body",
    "decide",
    "decline",
    "dissolve_body",
    "draft_notice",
    "edit_notice",
    "end_joint_duty",
    "end_response",
    "form_body",
    "form_from_template",
    "give_consent",
    "heard_state",
    "leave_seat",
    "member_leaves",
    "propose",
    "remind",
    "revoke_consent",
    "send_notice",
    "share_incident",
    "sign_notice",
    "start_joint_duty",
    "switch_mode",
    "take_seat",
    "withdraw_notice",
]
