"""The verbs of plans, one module a family."""

from anlan.plans.services.checking import accept_finding, check_plan, reopen_finding
from anlan.plans.services.describing import confirm_template, describe_plan, end_link, link_plans
from anlan.plans.services.editing import (
    approve_version,
    draft_version,
    open_plan,
    return_version,
    save_draft,
    submit_version,
    withdraw_plan,
)
from anlan.plans.services.filing import (
    accept_filing,
    keep_part,
    lapse_filings,
    open_filing,
    remind_filing,
    return_filing,
    submit_filing,
)
from anlan.plans.services.studies import add_study, end_study, keep_study_file

__all__ = [
    "accept_filing",
    "accept_finding",
    "add_study",
    "approve_version",
    "check_plan",
    "confirm_template",
    "describe_plan",
    "draft_version",
    "end_link",
    "end_study",
    "keep_part",
    "keep_study_file",
    "lapse_filings",
    "link_plans",
    "open_filing",
    "open_plan",
    "remind_filing",
    "reopen_finding",
    "return_filing",
    "return_version",
    "save_draft",
    "submit_filing",
    "submit_version",
    "withdraw_plan",
]
