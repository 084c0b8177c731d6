"""The verbs of reviews, cases and case files."""

from __future__ import annotations

from anlan.review.services.casefiles import make_case_file
from anlan.review.services.cases import add_case, case_of_review, describe_case, retire_case
from anlan.review.services.lessons import (
    add_lesson,
    change_lesson,
    drop_lesson,
    finish_lesson,
    is_overdue,
    remind,
    reopen_lesson,
)
from anlan.review.services.reviewing import (
    accept_suggestion,
    add_finding,
    drop_finding,
    drop_suggestion,
    edit_summary,
    finish_review,
    open_review,
    recompute,
    reopen_review,
    suggest_findings,
)

__all__ = [
    "accept_suggestion",
    "add_case",
    "add_finding",
    "add_lesson",
    "case_of_review",
    "change_lesson",
    "describe_case",
    "drop_finding",
    "drop_lesson",
    "drop_suggestion",
    "edit_summary",
    "finish_lesson",
    "finish_review",
    "is_overdue",
    "make_case_file",
    "open_review",
    "recompute",
    "remind",
    "reopen_lesson",
    "reopen_review",
    "retire_case",
    "suggest_findings",
]
