"""The verbs of the disaster statistics, one module a family."""

from anlan.losses.services.courses import (
    add_townships,
    change_hazards,
    close_course,
    link_incident,
    mark_stable,
    open_course,
    reopen_course,
    withdraw_course,
)
from anlan.losses.services.filing import correct_village, file_village, return_township, submit_township
from anlan.losses.services.lists import (
    describe_person,
    list_house,
    list_person,
    move_person,
    strike_house,
)
from anlan.losses.services.reconciling import transfer_figures
from anlan.losses.services.reports import (
    draft_report,
    drop_report,
    edit_report,
    return_report,
    review_report,
    sign_report,
    submit_report,
)

__all__ = [
    "add_townships",
    "change_hazards",
    "close_course",
    "correct_village",
    "describe_person",
    "draft_report",
    "drop_report",
    "edit_report",
    "file_village",
    "link_incident",
    "list_house",
    "list_person",
    "mark_stable",
    "move_person",
    "open_course",
    "reopen_course",
    "return_report",
    "return_township",
    "review_report",
    "sign_report",
    "strike_house",
    "submit_report",
    "submit_township",
    "transfer_figures",
    "withdraw_course",
]
