"""Writes of papers."""

from __future__ import annotations

from anlan.papers.services.making import discard, edit, make_paper, may_be_signed, sign
from anlan.papers.services.schedules import draft_due, ensure_schedules, switch_schedule
from anlan.papers.services.templates import (
    approve_template,
    propose_template,
    refuse_template,
    retire_template,
)

__all__ = [
    "approve_template",
    "discard",
    "draft_due",
    "edit",
    "ensure_schedules",
    "make_paper",
    "may_be_signed",
    "propose_template",
    "refuse_template",
    "retire_template",
    "sign",
    "switch_schedule",
]
