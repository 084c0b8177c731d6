"""How a warning ends: a person lifts it with an all-clear, or its time runs out.

Decisions about expiry (no national text seen rules on them):
- A warning whose reading has not come down, or for which an update waits for review, does not run out: it is prolonged by
  its validity, and the journal says so. A silent station therefore never ends a warning; a person does.
- When it runs out with silent villages, its call-out stays open and keeps calling; `end_reason` says how many were silent.
  With every village answered the call-out is closed with it.
- Running out sends no all-clear: nobody decided that it is safe.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from anlan.dissemination import services as dissemination
from anlan.dissemination.models import Callout
from anlan.dissemination.services.feedback import owed_in
from anlan.kernel.actor import Actor, system
from anlan.vocab.posts import Right
from anlan.warning import texts
from anlan.warning.authority import authority
from anlan.warning.models import HazardWarning
from anlan.warning.refusals import NotInForce, UpdateWaiting
from anlan.warning.services.capping import publish_cap
from anlan.warning.services.common import announce_end, person_with, reason_given, speaker_of, village_rows

#: Seats that nobody answered for.
SILENT = ("waiting", "unanswered", "lost_contact")


def lift_warning(warning: HazardWarning, *, reason: str, by: Actor, at: datetime) -> HazardWarning:
    """A person with the right to sign off ends it; everybody who was handed a message hears the all-clear."""
    person_with(by, Right.SIGN_OFF, division=warning.division)
    if warning.state != "issued":
        raise NotInForce
    if update_waits(warning):
        raise UpdateWaiting
    why = reason_given(reason)
    said = all_clear_of(warning)
    with transaction.atomic(savepoint=False):
        warning.advance(
            "lifted",
            by=by,
            at=at,
            end_reason=why,
            ended_at=at,
            ended_by=by.ref,
            expires_at=None,
        )
        callout = _callout(warning)
        if callout is not None:
            dissemination.lift_callout(callout, text=said.body, by=by, at=at, reason=why)
        announce_end(warning, at=at)
    return warning


def expire(warning: HazardWarning, *, at: datetime) -> HazardWarning:
    """The expiry deadline of a warning in force; see the decisions above."""
    by = system("expiry")
    if update_waits(warning) or (warning.crossing_id is not None and warning.fell_at is None):
        warning.change(by=by, at=at, kind="prolonged", expires_at=at + authority().validity(warning.level))
        publish_cap(warning, at=at)
        return warning
    callout = _callout(warning)
    silent = 0 if callout is None else callout.seats.filter(state__in=SILENT).count()
    owed = 0 if callout is None else owed_in(callout)
    reason = "有效期满。"
    if silent or owed:
        what = f"{silent}个村尚未应答" if silent else f"{owed}个村尚未反馈措施"
        reason = f"有效期满；{what}，叫应继续。"
    with transaction.atomic(savepoint=False):
        warning.advance(
            "expired", by=by, at=at, end_reason=reason, ended_at=at, ended_by=by.ref, expires_at=None
        )
        if callout is not None and callout.state == "open" and not silent and not owed:
            dissemination.close_callout(callout, reason=reason, by=by, at=at)
        announce_end(warning, at=at)
    return warning


def update_waits(warning: HazardWarning) -> bool:
    return HazardWarning.objects.filter(replaces=warning, state__in=("draft", "returned")).exists()


def all_clear_of(warning: HazardWarning, *, is_mistake: bool = False) -> texts.Texts:
    """The all-clear text; also shown to the person who is about to lift. Of a mistake it says that it was one."""
    matter = texts.Matter(
        kind=warning.kind,
        hazard_type=warning.hazard_type,
        level=warning.level,
        issuer=speaker_of(warning),
        villages=[row.division.name for row in village_rows(warning)],
        source=warning.issuer if warning.relayed_by else "",
        is_drill=warning.exercise_id is not None,
    )
    return texts.all_clear(matter, headline=warning.headline, is_mistake=is_mistake)


def _callout(warning: HazardWarning) -> Callout | None:
    if warning.callout_id is None:
        return None
    return Callout.objects.filter(pk=warning.callout_id).first()
