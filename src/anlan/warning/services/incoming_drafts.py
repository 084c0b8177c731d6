"""Drafts that a warning of others opens: the relay with its issuer's name, and the county's own call-out.

A relay always waits for a second person. A call-out is issued at once only where a pre-authorisation covers it, its source may
act and nothing in it was assumed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext, override

from anlan.kernel.actor import Actor, system
from anlan.kernel.refusals import Refusal, fill
from anlan.places import queries as places
from anlan.vocab.levels import Level
from anlan.warning import audience, texts
from anlan.warning.authority import county_of, hazard_words, kind_for, may_issue
from anlan.warning.incoming.reasons import because
from anlan.warning.incoming.rules import table
from anlan.warning.models import HazardWarning, IncomingWarning, WarningKind
from anlan.warning.services import permissions
from anlan.warning.services.common import (
    announce_draft,
    announce_end,
    raise_stops,
    store,
    village_rows,
    wording,
)
from anlan.warning.services.drafting import stage_for
from anlan.warning.services.issuing import issue
from anlan.warning.types import Concern

_BEIJING = ZoneInfo("Asia/Shanghai")
#: How a waiting draft that a newer warning replaces leaves, by its state.
_LEAVES_BY = {"draft": "replaced", "returned": "withdrawn"}


class Proposal(StrEnum):
    """What became of what we had made from a warning that its issuer lifted."""

    IN_FORCE = "in_force"
    WITHDRAWN = "withdrawn"
    NOTHING = "nothing"


def origin_of(row: IncomingWarning) -> str:
    """How a warning names what it was made from."""
    return f"incoming:{row.pk}"


def concerns_of(codes: Sequence[str]) -> list[Concern]:
    """The villages that the issuer named, with their danger zones."""
    return audience.concerns_of(list(places.villages_at(codes)), because="named")


def why_not(row: IncomingWarning) -> str:
    """Why no relay can be drafted, as a sentence; "" when it can."""
    if not row.villages:
        return because("no_villages")
    concerns = concerns_of(row.villages)
    draft = _relay_of(row, concerns)
    try:
        texts.check_length(draft.relayed_by or draft.issuer, draft.body)
        raise_stops(draft, places=len(concerns), at=row.received_at)
    except Refusal as refusal:
        with override("zh-hans"):
            return fill(gettext(refusal.text), refusal.data)
    return ""


def relay(row: IncomingWarning, *, by: Actor, at: datetime) -> HazardWarning:
    """The draft that passes it on; it replaces what was passed on of the warning that it follows."""
    concerns = concerns_of(row.villages)
    former = _former(row, "draft")
    if former is not None and former.state == "issued":
        concerns = audience.union(audience.of_warning(village_rows(former)), concerns)
    draft = _relay_of(row, concerns)
    with transaction.atomic(savepoint=False):
        draft.replaces = _makes_room(former, by=by, at=at, cause=origin_of(row))
        store(draft, concerns, by=by, at=at, cause=origin_of(row))
        announce_draft(draft, at=at)
    return draft


def _relay_of(row: IncomingWarning, concerns: Sequence[Concern]) -> HazardWarning:
    return HazardWarning(
        kind=WarningKind.RELAY,
        state="draft",
        hazard_type=hazard_of(row),
        level=_level(row),
        division=row.division,
        cause_sentence=_original(row),
        expires_at=end_of(row),
        exercise_id=row.exercise_id,
        origin=origin_of(row),
        area_source=origin_of(row),
        **_said_of_relay(row, concerns),
    )


def callout(row: IncomingWarning, *, by: Actor, at: datetime, may_issue: bool) -> HazardWarning | None:
    """The county's own call-out because of it, issued at once under a permission; None where the county has none for it."""
    hazard = table().callout_hazard_of(row.hazard)
    level = _level(row)
    if not hazard or not _may_call(hazard, level) or not row.villages:
        return None
    concerns = concerns_of(row.villages)
    former = _former(row, "callout_draft")
    if former is not None and former.state == "issued":
        if former.level <= level and {one.code for one in concerns} <= {
            one.division_id for one in village_rows(former)
        }:
            return former  # everybody was called about at least this already
        concerns = audience.union(audience.of_warning(village_rows(former)), concerns)
        level = min(level, former.level)
    draft = HazardWarning(
        kind=str(kind_for(level)),
        hazard_type=hazard,
        level=level,
        stage=stage_for(hazard, level),
        division=county_of(row.division),
        cause_sentence=_original(row),
        expires_at=end_of(row),
        exercise_id=row.exercise_id,
        origin=origin_of(row),
        area_source=origin_of(row),
        **_said_of_callout(row, hazard, level, concerns),
    )
    cause = origin_of(row)
    with transaction.atomic(savepoint=False):
        draft.replaces = _makes_room(former, by=by, at=at, cause=cause)
        store(draft, concerns, by=by, at=at, cause=cause)
        permission = permissions.covering(draft, concerns, at=at) if may_issue else None
        if permission is None:
            announce_draft(draft, at=at)
            return draft
        words = _said_of_callout(row, hazard, level, concerns, permissions.signature_of(permission))
        said = {key: words[key] for key in ("headline", "body", "recommended_action", "voice_text")}
        return issue(
            draft,
            by=by,
            at=at,
            signed_by=permission.signed_by,
            signed_by_person_id=permission.signed_by_person_id,
            permission=permission,
            **said,
        )


def propose_lifting(earlier: IncomingWarning, lifted: IncomingWarning, *, at: datetime) -> Proposal:
    """Mark what is in force as "may be lifted"; take back what nobody has signed yet."""
    by = system("incoming")
    found = Proposal.NOTHING
    for warning in _made_of(earlier):
        cause = origin_of(lifted)
        if warning.state == "issued":
            warning.change(
                by=by,
                at=at,
                kind="lift_proposed",
                cause=cause,
                fell_at=lifted.issued_at or lifted.received_at,
            )
            found = Proposal.IN_FORCE
        elif warning.state in _LEAVES_BY:
            _take_back(warning, because("lifted_before_issue"), by=by, at=at, cause=cause)
            found = found if found is Proposal.IN_FORCE else Proposal.WITHDRAWN
    return found


def _made_of(row: IncomingWarning) -> list[HazardWarning]:
    return [one for one in (row.draft, row.callout_draft) if one is not None]


def _take_back(warning: HazardWarning, why: str, *, by: Actor, at: datetime, cause: str) -> None:
    warning.advance(
        "withdrawn",
        by=by,
        at=at,
        cause=cause,
        end_reason=why,
        ended_at=at,
        ended_by=by.ref,
        review_due_at=None,
        expires_at=None,
    )
    announce_end(warning, at=at)


def _former(row: IncomingWarning, which: str) -> HazardWarning | None:
    """What was made of the warning that this one follows, if it is in force or waits."""
    earlier = row.follows
    former: HazardWarning | None = None if earlier is None else getattr(earlier, which)
    return former if former is not None and former.state in ("issued", "draft", "returned") else None


def _makes_room(former: HazardWarning | None, *, by: Actor, at: datetime, cause: str) -> HazardWarning | None:
    """A waiting draft gives way at once; one in force is replaced when the new one is issued."""
    if former is None:
        return None
    if former.state == "issued":
        waiting = HazardWarning.objects.filter(replaces=former, state__in=("draft", "returned")).first()
        if waiting is not None:
            _give_way(waiting, by=by, at=at, cause=cause)
        return former
    replaced = former.replaces
    _give_way(former, by=by, at=at, cause=cause)
    return replaced if replaced is not None and replaced.state == "issued" else None


def _give_way(draft: HazardWarning, *, by: Actor, at: datetime, cause: str) -> None:
    if _LEAVES_BY[draft.state] == "withdrawn":
        _take_back(draft, because("followed"), by=by, at=at, cause=cause)
        return
    draft.advance(
        "replaced",
        by=by,
        at=at,
        cause=cause,
        end_reason=because("followed"),
        ended_at=at,
        ended_by=by.ref,
        review_due_at=None,
        expires_at=None,
    )
    announce_end(draft, at=at)


def _may_call(hazard: str, level: int) -> bool:
    return may_issue(hazard, level) and kind_for(level) == WarningKind.CALLOUT


def hazard_of(row: IncomingWarning) -> str:
    """The code, or the sender's own word for what has none (R26: unknown codes are shown with the sender's text)."""
    return row.hazard or row.hazard_words[:24]


def _level(row: IncomingWarning) -> int:
    assert row.level is not None  # judged before
    return int(row.level)


def end_of(row: IncomingWarning) -> datetime | None:
    """The stated end, else the assumed validity from the time of issue; None where that is over (its level's then counts)."""
    end = row.expires_at
    if end is None and row.issued_at is not None:
        end = row.issued_at + table().validity(row.hazard, _level(row))
    return end if end is not None and end > row.received_at else None


def _original(row: IncomingWarning) -> str:
    """The words that it was made from, bounded; the whole stays with the message."""
    text = str(row.read.get("text", ""))
    if not text and not row.message.is_binary:
        span = row.read.get("span") or [0, 500]
        text = row.message.raw[span[0] : span[1]]
    return " ".join(part for part in (text.strip()[:500], row.reason) if part)


def _said_of_relay(row: IncomingWarning, concerns: Sequence[Concern]) -> dict[str, str]:
    return wording(
        kind=WarningKind.RELAY,
        hazard_type=hazard_of(row),
        level=_level(row),
        county=row.division,
        concerns=concerns,
        exercise_id=row.exercise_id,
        source=row.issuer,
    )


def _said_of_callout(
    row: IncomingWarning, hazard: str, level: int, concerns: Sequence[Concern], signature: str = ""
) -> dict[str, str]:
    """With the cause in the words: whose warning, at what time; shorter where two segments would not hold it."""
    when = "" if row.issued_at is None else f"{row.issued_at.astimezone(_BEIJING):%H:%M}"
    name = f"{hazard_words(hazard_of(row))[0]}{Level(_level(row)).face.zh}预警，"
    for cause in (f"{when}{row.issuer}发布{name}", f"{when}{name}", ""):
        said = wording(
            kind=str(kind_for(level)),
            hazard_type=hazard,
            level=level,
            county=row.division,
            concerns=concerns,
            exercise_id=row.exercise_id,
            because=cause,
            signature=signature,
        )
        if texts.segments(said["issuer"], said["body"]) <= texts.MOST_SEGMENTS:
            return said
    return said
