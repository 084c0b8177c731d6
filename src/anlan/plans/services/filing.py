"""The duty to file a plan (R23): begun when a version comes into force, handed in, accepted with a number or returned."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from anlan.attachments import services as attachments
from anlan.attachments.models import Attachment
from anlan.events.published import PlanMoved
from anlan.incidents.numbering import next_number
from anlan.journal.services import announce
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.places import queries as places
from anlan.places.models import Division
from anlan.plans.filingparts import missing_parts, said_parts, subject_of
from anlan.plans.filingrules import (
    PARTS,
    RECEIVERS,
    REMIND_AGAIN,
    REMIND_BEFORE,
    Receiver,
    filing_due,
)
from anlan.plans.models import Plan, PlanFiling, PlanVersion
from anlan.plans.refusals import PlanReasonMissing
from anlan.plans.refusals_filing import (
    EssentialMissing,
    FiledItHimself,
    FilingClosed,
    FilingIncomplete,
    NotHandedIn,
    UnknownPart,
)
from anlan.sensing.rules.governing import workdays_table

#: Filings that the owner still owes.
OWED = ("due", "returned")


def open_filing(
    version: PlanVersion, printed_on: date | None = None, *, by: Actor, at: datetime
) -> PlanFiling | None:
    """Begin the duty to file a version, counted from the local day of printing (without one, of `at`).

    What was owed for a former version lapses. None for a kind of plan that is filed nowhere; the same filing when it is
    asked for twice.
    """
    plan = version.plan
    rule = RECEIVERS.get(plan.kind)
    if rule is None:
        return None
    standing = PlanFiling.objects.filter(plan=plan, version_filed=version).first()
    if standing is not None:
        return standing
    lapse_filings(plan, by=by, at=at)
    table = workdays_table(at=at, path=plan.division.path, exercise_id=plan.exercise_id)
    due_at = filing_due(printed_on or at.astimezone(SHANGHAI).date(), table).astimezone(at.tzinfo)
    return PlanFiling(
        state="due",
        plan=plan,
        version_filed=version,
        receiver=_receiver(plan, rule),
        receiver_words=rule.zh,
        due_at=due_at,
        remind_at=due_at - REMIND_BEFORE,
        exercise_id=plan.exercise_id,
    ).record(by=by, at=at, kind="opened")


def _receiver(plan: Plan, rule: Receiver) -> Division | None:
    """The division above the owner that receives it; None for an office outside this county."""
    if not rule.level:
        return None
    found = [one for one in places.breadcrumb(plan.division) if one.level == rule.level]
    return found[-1] if found else None


def lapse_filings(plan: Plan, *, by: Actor, at: datetime) -> int:
    """What is owed for a version that is no longer in force need not be filed any more. Returns how many."""
    rows = list(PlanFiling.objects.filter(plan=plan, state__in=OWED).select_related("plan__division"))
    for filing in rows:
        filing.advance("lapsed", by=by, at=at, remind_at=None)
        _tell(filing, "filing_lapsed", at)
    return len(rows)


def keep_part(
    filing: PlanFiling, part: str, chunks: Iterable[bytes], *, name: str, by: Actor, at: datetime
) -> Attachment:
    """Attach a file as one part of what is handed in; what was attached before stays."""
    if part not in PARTS:
        raise UnknownPart(given=part)
    if filing.state not in OWED:
        raise FilingClosed
    return attachments.keep(
        chunks,
        subject=subject_of(filing, part),
        division=filing.plan.division,
        name=name,
        sender=by.name,
        by=by,
        at=at,
        exercise_id=filing.exercise_id,
    )


def submit_filing(filing: PlanFiling, *, explanation: str, by: Actor, at: datetime) -> PlanFiling:
    """Hand it in. Without the printed plan or the explanation it is refused; what else is missing is listed for the receiver."""
    if filing.state not in OWED:
        raise FilingClosed
    words = explanation.strip() or filing.explanation
    missing = missing_parts(filing, explanation=words)
    essential = [code for code in missing if PARTS[code].is_essential]
    if essential:
        raise EssentialMissing(parts=said_parts(essential))
    filing.advance(
        "submitted",
        by=by,
        at=at,
        submitted_at=at,
        submitted_by=by.ref,
        explanation=words,
        missing=missing,
        remind_at=None,
        return_why="",
    )
    return _tell(filing, "filing_submitted", at)


def accept_filing(
    filing: PlanFiling, *, by: Actor, at: datetime, by_name: str = "", number: str = ""
) -> PlanFiling:
    """Complete: it gets its filing number — the one that an office outside gave, else the next of this county.

    Raises `FilingIncomplete` naming what is missing now, `FiledItHimself` for whoever handed it in.
    """
    if filing.state != "submitted":
        raise NotHandedIn
    if filing.receiver_id is not None and filing.submitted_by == by.ref:
        raise FiledItHimself
    missing = missing_parts(filing, explanation=filing.explanation)
    if missing:
        raise FilingIncomplete(parts=said_parts(missing))
    given = number.strip()[:40] if filing.receiver_id is None else ""
    filing.advance(
        "accepted",
        by=by,
        at=at,
        decided_at=at,
        decided_by=by.ref,
        decided_by_name=(by_name or by.name)[:60],
        number=given or next_number("plan_filing", at, form="备{year}-{serial:04d}"),
        missing=[],
    )
    return _tell(filing, "filing_accepted", at)


def return_filing(filing: PlanFiling, *, why: str, by: Actor, at: datetime, by_name: str = "") -> PlanFiling:
    """Back to the owner with the reason; the limit stays what it was."""
    if filing.state != "submitted":
        raise NotHandedIn
    if not why.strip():
        raise PlanReasonMissing
    filing.advance(
        "returned",
        by=by,
        at=at,
        decided_at=at,
        decided_by=by.ref,
        decided_by_name=(by_name or by.name)[:60],
        return_why=why.strip()[:300],
        remind_at=at + REMIND_AGAIN,
    )
    return _tell(filing, "filing_returned", at)


def remind_filing(filing: PlanFiling, *, by: Actor, at: datetime) -> PlanFiling:
    """Its limit comes near or is over: say so, and again later. For a version no longer in force the duty ends."""
    plan = filing.plan
    if plan.state == "withdrawn" or plan.current_id != filing.version_filed_id:
        return _tell(filing.advance("lapsed", by=by, at=at, remind_at=None), "filing_lapsed", at)
    if filing.due_at is not None and at < filing.due_at:
        filing.change(by=by, at=at, kind="reminded", remind_at=filing.due_at)
        return _tell(filing, "filing_due", at)
    filing.change(by=by, at=at, kind="overdue", remind_at=at + REMIND_AGAIN)
    return _tell(filing, "filing_overdue", at)


def _tell(filing: PlanFiling, what: str, at: datetime) -> PlanFiling:
    plan, due_at = filing.plan, filing.due_at
    moved = PlanMoved(
        str(plan.pk),
        what=what,
        title=plan.title,
        number=plan.number,
        division=plan.division_id,
        filing_id=str(filing.pk),
        # The limit is the midnight that ends its last day.
        due_on="" if due_at is None else _last_day(due_at),
        exercise_id=None if filing.exercise_id is None else str(filing.exercise_id),
    )
    announce(moved, at=at, exercise_id=filing.exercise_id)
    return filing


def _last_day(due_at: datetime) -> str:
    return (due_at - timedelta(seconds=1)).astimezone(SHANGHAI).date().isoformat()
