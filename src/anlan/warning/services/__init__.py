"""Verbs of the warning floor: draft, review, issue, update, lift, and permissions signed in advance."""

from __future__ import annotations

from anlan.warning.services.areas import put_area_away, save_area
from anlan.warning.services.authority import (
    approve_issuing_right,
    propose_issuing_right,
    reject_issuing_right,
)
from anlan.warning.services.drafting import draft_by_hand, draft_relay, resubmit
from anlan.warning.services.ending import expire, lift_warning
from anlan.warning.services.from_reading import draft_from_crossing
from anlan.warning.services.permissions import revoke_pre_authorisation, sign_pre_authorisation
from anlan.warning.services.review import return_draft, ring_next_reviewer, sign_off, withdraw
from anlan.warning.services.texts import approve_text, propose_text, reject_text, retire_text
from anlan.warning.services.updating import cancel_as_mistake, update_warning

__all__ = [
    "approve_issuing_right",
    "approve_text",
    "cancel_as_mistake",
    "draft_by_hand",
    "draft_from_crossing",
    "draft_relay",
    "expire",
    "lift_warning",
    "propose_issuing_right",
    "propose_text",
    "put_area_away",
    "reject_issuing_right",
    "reject_text",
    "resubmit",
    "retire_text",
    "return_draft",
    "revoke_pre_authorisation",
    "ring_next_reviewer",
    "save_area",
    "sign_off",
    "sign_pre_authorisation",
    "update_warning",
    "withdraw",
]
