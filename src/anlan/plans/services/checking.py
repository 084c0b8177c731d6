"""Run the plan check and keep what it found: open, gone, or accepted with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from anlan.journal import clocks
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.plans.checktypes import Fault
from anlan.plans.models import Plan, PlanFinding, PlanVersion, Severity
from anlan.plans.refusals import PlanReasonMissing
from anlan.plans.refusals_filing import FindingGone
from anlan.plans.services.editing import tell_moved
from anlan.plans.world import faults_of

#: When the nightly check runs, Asia/Shanghai. Engineering choice: after the night's imports, before the handover.
NIGHTLY = time(3, 30)

STANDING = ("open", "accepted")


def next_check(at: datetime) -> datetime:
    """The next 03:30 in Shanghai after `at`."""
    local = at.astimezone(SHANGHAI)
    day = local.date() if local.time() < NIGHTLY else local.date() + timedelta(days=1)
    return datetime.combine(day, NIGHTLY, tzinfo=SHANGHAI).astimezone(at.tzinfo)


def version_to_check(plan: Plan) -> PlanVersion | None:
    """The version in force; before there is one, the newest."""
    version = plan.current or plan.versions.order_by("-number").first()
    if version is not None:
        version.plan = plan
    return version


def check_plan(plan: Plan, *, by: Actor, at: datetime) -> list[PlanFinding]:
    """Check it now and bring its findings up to date; checking twice writes nothing new. Returns those that stand.

    Sets the next nightly check. A drill that plays with a real plan is only told what is found: nothing of it is kept.
    """
    version = version_to_check(plan)
    if version is None:
        return []
    faults = faults_of(version, at=at)
    if plan.exercise_id is None and clocks.default_exercise_id() is not None:
        return [_finding(version, fault, at) for fault in faults]
    _plan_next(plan, at)
    known = {row.key: row for row in plan.findings.select_related("plan__division")}
    fresh = [_finding(version, fault, at) for fault in faults if fault.key not in known]
    record_all(fresh, by=by, at=at, kind="found")
    again = [fault for fault in faults if _stands(known.get(fault.key), fault, version, by=by, at=at)]
    wanted = {fault.key for fault in faults}
    for row in known.values():
        if row.key not in wanted and row.state in STANDING:
            row.advance("gone", by=by, at=at, gone_at=at)
    _tell(
        plan,
        [*(row.code for row in fresh if row.severity == Severity.STOP), *(one.code for one in again)],
        at,
    )
    if "review_overdue" in {*(row.code for row in fresh), *(one.code for one in again)}:
        tell_moved(plan, "review_overdue", at=at)
    return [*(row for row in known.values() if row.state in STANDING), *fresh]


def _plan_next(plan: Plan, at: datetime) -> None:
    """Only the clock of the check: nothing that the journal keeps."""
    plan.check_at = next_check(at)
    Plan.objects.filter(pk=plan.pk).update(check_at=plan.check_at)


def _finding(version: PlanVersion, fault: Fault, at: datetime) -> PlanFinding:
    return PlanFinding(
        state="open",
        plan=version.plan,
        version_checked=version,
        code=fault.code,
        key=fault.key,
        severity=fault.severity,
        where=fault.where,
        params=fault.params,
        found_at=at,
        seen_at=at,
        exercise_id=version.plan.exercise_id,
    )


def _stands(row: PlanFinding | None, fault: Fault, version: PlanVersion, *, by: Actor, at: datetime) -> bool:
    """Bring a known finding up to date. True where it came back, or became so grave that its acceptance no longer holds."""
    if row is None:
        return False
    fields: dict[str, Any] = {
        "version_checked": version,
        "severity": fault.severity,
        "where": fault.where,
        "params": fault.params,
    }
    became_grave = fault.severity == Severity.STOP and row.severity != Severity.STOP
    if row.state == "gone" or (row.state == "accepted" and became_grave):
        begun: dict[str, Any] = {"found_at": at} if row.state == "gone" else {}
        row.advance(
            "open", by=by, at=at, seen_at=at, gone_at=None, accepted_by="", accepted_why="", **fields, **begun
        )
        return True
    if (row.severity, row.where, row.params) != (fault.severity, fault.where, fault.params):
        row.change(by=by, at=at, kind="changed", seen_at=at, fields=fields)
    return False


def _tell(plan: Plan, codes: Iterable[str], at: datetime) -> None:
    """Say once that something new stands against the plan."""
    if list(codes):
        tell_moved(plan, "found", at=at)


def accept_finding(finding: PlanFinding, *, why: str, by: Actor, at: datetime) -> PlanFinding:
    """Live with it, for a reason that stays in the record; it is still shown, and opens again when it becomes graver."""
    if not why.strip():
        raise PlanReasonMissing
    if finding.state != "open":
        raise FindingGone
    return finding.advance("accepted", by=by, at=at, accepted_by=by.ref, accepted_why=why.strip()[:300])


def reopen_finding(finding: PlanFinding, *, by: Actor, at: datetime) -> PlanFinding:
    """It is not accepted after all."""
    if finding.state != "accepted":
        raise FindingGone
    return finding.advance("open", by=by, at=at, accepted_by="", accepted_why="")
