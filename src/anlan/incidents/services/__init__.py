"""The verbs of incidents, one module a family."""

from anlan.incidents.services.chasing import (
    acknowledge_chase,
    answer_chase,
    close_chase,
    issue_chase,
    record_remark,
    remind,
)
from anlan.incidents.services.figures import add_figure, verify_figure, withdraw_figure
from anlan.incidents.services.grading import regrade, set_grade
from anlan.incidents.services.merging import merge_incident, split_incident
from anlan.incidents.services.opening import (
    change_incident,
    close_incident,
    find_not_true,
    open_incident,
    reopen_incident,
    tag_incident,
    verify_incident,
)

__all__ = [
    "acknowledge_chase",
    "add_figure",
    "answer_chase",
    "change_incident",
    "close_chase",
    "close_incident",
    "find_not_true",
    "issue_chase",
    "merge_incident",
    "open_incident",
    "record_remark",
    "regrade",
    "remind",
    "reopen_incident",
    "set_grade",
    "split_incident",
    "tag_incident",
    "verify_figure",
    "verify_incident",
    "withdraw_figure",
]
