"""Verbs of the warning floor: draft, review, issue, update, lift, and permissions signed in advance."""

from __future__ import annotations

from anlan.warning.services.drafting import draft_by_hand, draft_relay, resubmit
from anlan.warning.services.ending import expire, lift_warning
from anlan.warning.services.from_reading import draft_from_crossing
from anlan.warning.services.permissions import revoke_pre_authorisation, sign_pre_authorisation
from anlan.warning.services.review import return_draft, ring_next_reviewer, sign_off, withdraw
from anlan.warning.services.updating import update_warning

__all__ = [
    "draft_by_hand",
    "draft_from_crossing",
    "draft_relay",
    "expire",
    "lift_warning",
    "resubmit",
    "return_draft",
    "revoke_pre_authorisation",
    "ring_next_reviewer",
    "sign_off",
    "sign_pre_authorisation",
    "update_warning",
    "withdraw",
]
