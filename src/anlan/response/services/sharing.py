"""Incidents shared with a partner (the fire service): shared, its response asked for, its own state as it comes back."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from anlan.accounts.access import require
from anlan.incidents.models import Incident
from anlan.kernel.actor import Actor
from anlan.response.models import PartnerShare
from anlan.response.parameters import Partner, table
from anlan.response.refusals import NotOpen, RestrictedNotShared, UnknownPartner, UnknownState
from anlan.vocab.posts import Right

#: What a partner may say about itself.
THEIR_STATES = ("accepted", "refused", "moving", "arrived", "closed")


def partner_named(code: str) -> Partner:
    found = next((one for one in table().partners if one.code == code), None)
    if found is None:
        raise UnknownPartner(given=code[:40])
    return found


def share_incident(incident: Incident, partner: str, *, by: Actor, at: datetime) -> PartnerShare:
    """Give the incident to a partner; once for as long as the share is open. Without an address it is told by phone."""
    require(by, Right.TAKE_REPORTS, incident.division.path)
    if incident.is_restricted:
        raise RestrictedNotShared
    face = partner_named(partner)
    known = PartnerShare.objects.filter(incident=incident, partner=partner).exclude(state="closed").first()
    if known is not None:
        return known
    return PartnerShare(
        state="shared",
        incident=incident,
        partner=partner,
        key=secrets.token_hex(16),
        shared_by=by.ref,
        shared_at=at,
        send_at=at if face.address else None,
        exercise_id=incident.exercise_id,
    ).record(by=by, at=at, kind="shared")


def ask_response(share: PartnerShare, *, words: str, by: Actor, at: datetime) -> PartnerShare:
    """One key: please respond. Asked again after a refusal it is asked again."""
    require(by, Right.TAKE_REPORTS, share.incident.division.path)
    face = partner_named(share.partner)
    return share.advance(
        "asked",
        by=by,
        at=at,
        asked_at=at,
        asked_words=words.strip()[:300],
        send_at=at if face.address else None,
        attempts=0,
        last_error="",
    )


def heard_state(
    share: PartnerShare,
    state: str,
    *,
    number: str = "",
    words: str = "",
    heard_at: datetime,
    by: Actor,
    at: datetime,
) -> PartnerShare:
    """The partner's own state, by its program or as the desk heard it on the phone. The same again adds nothing."""
    if state not in THEIR_STATES:
        raise UnknownState(given=state[:40], known=", ".join(THEIR_STATES))
    fields: dict[str, Any] = {
        "their_state": state,
        "their_number": number.strip()[:64] or share.their_number,
        "their_words": words.strip()[:300] or share.their_words,
        "heard_at": heard_at,
    }
    if share.state == state:
        same = (share.their_number, share.their_words) == (fields["their_number"], fields["their_words"])
        return share if same else share.change(by=by, at=at, kind="heard", fields=fields)
    if share.state == "closed":
        raise NotOpen
    return share.advance(state, by=by, at=at, **fields)


def close_share(share: PartnerShare, *, by: Actor, at: datetime) -> PartnerShare:
    """It is over for the partner; nothing is sent any more."""
    require(by, Right.TAKE_REPORTS, share.incident.division.path)
    return share if share.state == "closed" else share.advance("closed", by=by, at=at, send_at=None)


def note_sent(share: PartnerShare, *, number: str, by: Actor, at: datetime) -> PartnerShare:
    """The partner's machine took it."""
    return share.change(
        by=by,
        at=at,
        kind="sent",
        sent_at=at,
        send_at=None,
        last_error="",
        their_number=number[:64] or share.their_number,
    )


def note_not_sent(
    share: PartnerShare, *, error: str, is_final: bool, by: Actor, at: datetime
) -> PartnerShare:
    """Tried again later with the same key; never again where the answer was final: then people phone."""
    again = None if is_final else at + table().retry_after(share.attempts)
    return share.change(by=by, at=at, kind="not_sent", last_error=error[:200], send_at=again)
