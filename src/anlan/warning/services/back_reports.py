"""What we passed on is told back to whoever issued it: by interface where there is one, else on paper, by fax or by phone.

A report that nobody told stays due and visible; the deadline is on the row.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from anlan.dissemination import queries as dissemination
from anlan.dissemination.models import Callout, Delivery
from anlan.kernel.actor import Actor
from anlan.vocab.posts import Right
from anlan.warning.incoming.rules import table
from anlan.warning.models import BackReport, BackWay, HazardWarning, IncomingWarning
from anlan.warning.refusals import NotTold
from anlan.warning.services.common import person_with


def centre_url() -> str:
    """The interface of the warning centre, "" where there is none."""
    return str(getattr(settings, "ANLAN_WARNING_CENTRE_URL", ""))


def open_report(warning: HazardWarning, *, stage: str, by: Actor, at: datetime) -> BackReport | None:
    """A report that is owed about a relayed warning; one of each stage. None for a warning that nobody else issued."""
    if not warning.origin.startswith("incoming:"):
        return None
    row = IncomingWarning.objects.filter(pk=warning.origin.removeprefix("incoming:")).first()
    if (
        row is None
        or warning.kind != "relay"
        or BackReport.objects.filter(warning=warning, stage=stage).exists()
    ):
        return None
    wait = timedelta(minutes=table().report_after_min.value) if stage == "first" else timedelta()
    due = at + wait
    report = BackReport(
        state="due",
        incoming=row,
        warning=warning,
        stage=stage,
        way=BackWay.API if centre_url() else "",
        due_at=due,
        next_try_at=due if centre_url() else None,
        told_to=row.issuer,
        division=warning.division,
        exercise_id=warning.exercise_id,
    )
    return report.record(by=by, at=at, kind="due", cause=f"warning:{warning.pk}")


def figures_of(warning: HazardWarning, *, at: datetime) -> dict[str, Any]:
    """What is told: villages called, messages sent and reached, villages answered and silent, at this time."""
    callout = Callout.objects.filter(pk=warning.callout_id).first() if warning.callout_id else None
    if callout is None:
        return {
            "at": at.isoformat(),
            "villages": warning.villages.count(),
            "sent": 0,
            "reached": 0,
            "answered": 0,
        }
    progress = dissemination.progress(callout)
    rows = Delivery.objects.filter(callout=callout, purpose="call")
    return {
        "at": at.isoformat(),
        "villages": progress.total,
        "sent": rows.filter(handed_at__isnull=False).count(),
        "reached": rows.filter(delivered_at__isnull=False).count(),
        "answered": progress.heard,
        "silent": progress.silent,
        "done": progress.by_state.get("done", 0),
    }


def record_told(
    report: BackReport, *, way: str, to: str, confirmed_by: str = "", note: str = "", by: Actor, at: datetime
) -> BackReport:
    """A person told it by paper, phone or fax: to whom, and who there confirmed it."""
    person_with(by, Right.DRAFT, division=report.division)
    if way not in (BackWay.PAPER, BackWay.PHONE, BackWay.FAX) or not to.strip():
        raise NotTold
    if "recorded" not in report.transitions[report.state]:
        raise NotTold
    state = (
        "confirmed"
        if confirmed_by.strip() and "confirmed" in report.transitions[report.state]
        else "recorded"
    )
    return report.advance(
        state,
        by=by,
        at=at,
        way=way,
        told_at=at,
        told_by=by.ref,
        told_to=to.strip()[:120],
        confirmed_by=confirmed_by.strip()[:120],
        confirmed_at=at if confirmed_by.strip() else None,
        note=note.strip()[:500],
        figures=figures_of(report.warning, at=at),
        next_try_at=None,
    )


def try_again(report: BackReport, *, by: Actor, at: datetime) -> BackReport:
    """A person has the interface tried once more now."""
    person_with(by, Right.DRAFT, division=report.division)
    if report.state == "failed" and centre_url():
        return report.advance("due", by=by, at=at, next_try_at=at, attempts=0)
    raise NotTold


def told_by_interface(
    report: BackReport, *, figures: dict[str, Any], receipt: str, is_confirmed: bool, by: Actor, at: datetime
) -> BackReport:
    """The centre took it; a receipt number confirms it."""
    return report.advance(
        "confirmed" if is_confirmed else "sent",
        by=by,
        at=at,
        way=BackWay.API,
        figures=figures,
        receipt=receipt[:120],
        told_at=at,
        told_by=by.ref,
        confirmed_at=at if is_confirmed else None,
        confirmed_by=receipt[:120] if is_confirmed else "",
        attempts=report.attempts + 1,
        next_try_at=None,
        last_error="",
    )


def not_told(report: BackReport, *, error: str, is_final: bool, by: Actor, at: datetime) -> BackReport:
    """An attempt failed; the next one comes later each time, after the last one (or a refusal) a person takes over."""
    pauses = table().report_retry_s.value
    attempts = report.attempts + 1
    if is_final or attempts > len(pauses):
        return report.advance(
            "failed", by=by, at=at, last_error=error[:300], attempts=attempts, next_try_at=None
        )
    return report.change(
        by=by,
        at=at,
        kind="not_told",
        last_error=error[:300],
        attempts=attempts,
        next_try_at=at + timedelta(seconds=pauses[attempts - 1]),
    )
