"""The verbs of the incident room, one module a family."""

from anlan.command.services.asking import answer_expert, ask_again, ask_expert, decline_expert, rise_late
from anlan.command.services.calling import call_person, call_scene, call_team, note_call, record_outcome
from anlan.command.services.consulting import (
    add_assessment,
    cancel_consultation,
    close_consultation,
    open_consultation,
    plan_consultation,
    write_minutes,
)
from anlan.command.services.deciding import (
    ask_decision,
    decide,
    drop_decision,
    make_decision,
    transfer_command,
)
from anlan.command.services.groups import (
    close_group,
    close_groups_of_plan,
    edit_group,
    open_field_groups,
    open_group,
    open_groups_of_plan,
)
from anlan.command.services.linking import add_link, remove_link
from anlan.command.services.scenes import edit_scene, move_scene, open_scene, order_scene, place_scene
from anlan.command.services.situations import draft_situation, edit_situation, finish_situation
from anlan.command.services.takclients import add_tak_client, revoke_tak_client

__all__ = [
    "add_assessment",
    "add_link",
    "add_tak_client",
    "answer_expert",
    "ask_again",
    "ask_decision",
    "ask_expert",
    "call_person",
    "call_scene",
    "call_team",
    "cancel_consultation",
    "close_consultation",
    "close_group",
    "close_groups_of_plan",
    "decide",
    "decline_expert",
    "draft_situation",
    "drop_decision",
    "edit_group",
    "edit_scene",
    "edit_situation",
    "finish_situation",
    "make_decision",
    "move_scene",
    "note_call",
    "open_consultation",
    "open_field_groups",
    "open_group",
    "open_groups_of_plan",
    "open_scene",
    "order_scene",
    "place_scene",
    "plan_consultation",
    "record_outcome",
    "remove_link",
    "revoke_tak_client",
    "rise_late",
    "transfer_command",
    "write_minutes",
]
