"""The verbs of data calls."""

from anlan.datacalls.services.asking import cancel_call, end_call, open_call, open_due_round, open_round
from anlan.datacalls.services.chasing import chase, mark_late, remind
from anlan.datacalls.services.filing import came_before, confirm_given, file_nil, file_values, sign_villages
from anlan.datacalls.services.passing import pass_on
from anlan.datacalls.services.register import define_figure, retire_figure

__all__ = [
    "came_before",
    "cancel_call",
    "chase",
    "confirm_given",
    "define_figure",
    "end_call",
    "file_nil",
    "file_values",
    "mark_late",
    "open_call",
    "open_due_round",
    "open_round",
    "pass_on",
    "remind",
    "retire_figure",
    "sign_villages",
]
