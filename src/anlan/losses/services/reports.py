"""Reports of the county: drafted from the sums, reviewed, signed by another person, frozen.

One course has exactly one 初报, then any number of 续报, and after stability exactly one 核报 (R06); which one comes next
follows from what was signed, nobody chooses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from anlan.accounts.access import require
from anlan.kernel.actor import Actor
from anlan.losses import checks, forms, queries, wording
from anlan.losses.models import CourseReport, CourseState, LossCourse
from anlan.losses.refusals import (
    DoesNotAddUp,
    JumpUnexplained,
    ListDiffers,
    OnlyAPersonReports,
    OwnReport,
    ReasonMissing,
    ReportWaits,
    StateForbids,
)
from anlan.losses.services import clocks
from anlan.losses.services.courses import check_state
from anlan.losses.types import Edit
from anlan.vocab.posts import Right

ALL_LEVELS = ["city", "province", "ministry"]


def next_kind(course: LossCourse) -> tuple[str, int]:
    """What the next report of a course is: the first, follow-up n, or the verification."""
    signed = CourseReport.objects.filter(course=course, state="signed")
    if not signed.filter(kind="first").exists():
        return "first", 0
    if course.state == CourseState.STABLE:
        return "verify", 0
    return "follow", signed.filter(kind="follow").count() + 1


def draft_report(course: LossCourse, *, by: Actor, at: datetime) -> CourseReport:
    """Take the sums of this moment. One unsigned report a course at a time."""
    require(by, Right.TAKE_REPORTS, course.division.path)
    check_state(course, CourseState.OPEN, CourseState.STABLE)
    _check_person(by)
    if queries.waiting_report(course) is not None:
        raise ReportWaits
    kind, number = next_kind(course)
    follows = queries.last_signed(course)
    taken = _taken(course, at)
    return CourseReport(
        state="draft",
        course=course,
        kind=kind,
        number=number,
        follows=follows,
        situation=follows.situation if follows is not None else "",
        measures=follows.measures if follows is not None else "",
        drafted_at=at,
        drafted_by=by.name or by.ref,
        drafted_by_person_id=by.person_id,
        exercise_id=course.exercise_id,
        **taken,
    ).record(by=by, at=at, kind="drafted")


def edit_report(
    report: CourseReport, edit: Edit, *, is_fresh: bool = False, by: Actor, at: datetime
) -> CourseReport:
    """Words and explanations; with `is_fresh` the sums are taken again. Figures come from townships only (one entrance, K-22)."""
    require(by, Right.TAKE_REPORTS, report.course.division.path)
    check_state(report.course, CourseState.OPEN, CourseState.STABLE)
    known = forms.form_of(report.course.first_hazard).by_code
    explanations = {
        code: why.strip()[:300] for code, why in edit.explanations.items() if code in known and why.strip()
    }
    fields: dict[str, Any] = {
        "situation": edit.situation.strip()[:2000],
        "measures": edit.measures.strip()[:2000],
        "explanations": explanations,
    }
    if is_fresh:
        fields |= _taken(report.course, at)
    _need_state(report, "draft")
    return report.change(by=by, at=at, kind="edited", fields=fields)


def submit_report(report: CourseReport, *, by: Actor, at: datetime) -> CourseReport:
    """To the reviewer: by now everything must fit and every jump be explained."""
    require(by, Right.TAKE_REPORTS, report.course.division.path)
    check_report(report, at=at)
    return report.advance("review", by=by, at=at)


def review_report(report: CourseReport, *, by: Actor, at: datetime) -> CourseReport:
    require(by, Right.REVIEW_REPORTS, report.course.division.path)
    _check_other(report, by)
    return report.advance(
        "reviewed",
        by=by,
        at=at,
        reviewed_at=at,
        reviewed_by=by.name or by.ref,
        reviewed_by_person_id=by.person_id,
    )


def return_report(report: CourseReport, *, why: str, by: Actor, at: datetime) -> CourseReport:
    """Back to the drafter, with a word."""
    need = Right.SIGN_REPORTS if report.state == "reviewed" else Right.REVIEW_REPORTS
    require(by, need, report.course.division.path)
    if not why.strip():
        raise ReasonMissing
    return report.advance("draft", by=by, at=at, returned_why=why.strip()[:300])


def drop_report(report: CourseReport, *, by: Actor, at: datetime) -> CourseReport:
    """A draft that nobody needs."""
    require(by, Right.TAKE_REPORTS, report.course.division.path)
    return report.advance("dropped", by=by, at=at)


def sign_report(report: CourseReport, *, by: Actor, at: datetime) -> CourseReport:
    """Signed in the name of the county, by somebody who did not draft it. From now on nothing in it changes.

    Its limits are met, late where the times say so. From the number of deaths on it goes to city, province and ministry
    together. A 核报 ends the course.
    """
    course = report.course
    require(by, Right.SIGN_REPORTS, course.division.path)
    check_state(course, CourseState.OPEN, CourseState.STABLE)
    _check_other(report, by)
    check_report(report, at=at)
    values = checks.loaded(report.values)
    reported_to = ALL_LEVELS if queries.direct_reasons(values, clocks.limits_of(course, at)) else ["city"]
    kinds = {"first": ("county_first",), "follow": (), "verify": ("county_verify", "county_first")}[
        report.kind
    ]
    direct = ("county_direct",) if len(reported_to) > 1 else ()
    met = clocks.meet(course, course.division_id, (*kinds, *clocks.COUNTY_KINDS[1:], *direct), by=by, at=at)
    former = report.follows.values if report.follows is not None else None
    report.advance(
        "signed",
        by=by,
        at=at,
        signed_at=at,
        signed_by=by.name or by.ref,
        signed_by_person_id=by.person_id,
        reported_to=list(reported_to),
        is_late=any(due.is_late for due in met),
        due_at=min((due.due_at for due in met), default=None),
        is_unchanged=former == report.values,
        listed_people=queries.listed_people(course),
    )
    if report.kind == "verify":
        course.advance(CourseState.VERIFIED, by=by, at=at, verified_at=at, round_at=None)
        clocks.drop(course, None, by=by, at=at)
    return report


def check_report(report: CourseReport, *, at: datetime) -> None:
    """Everything that R06 asks of a report: sums fit, the list has as many lines, every jump is explained."""
    course = report.course
    form = forms.form_of(course.first_hazard)
    values = checks.loaded(report.values)
    wrong = checks.misfits(form, values)
    if wrong:
        raise DoesNotAddUp(what="；".join(one.zh for one in wrong))
    _check_list(course, form, values)
    if report.follows is None:
        return
    found = checks.jumps(form, checks.loaded(report.follows.values), values, clocks.limits_of(course, at))
    silent = [jump for jump in found if not report.explanations.get(jump.code, "").strip()]
    if silent:
        said = (
            f"{form.indicator(one.code).plain_zh} {checks.show(one.former)}→{checks.show(one.value)}"
            for one in silent
        )
        raise JumpUnexplained(what="；".join(said))


def _check_list(course: LossCourse, form: forms.Form, values: Mapping[str, Decimal]) -> None:
    if "deaths" not in form.by_code:
        return
    counted = values.get("deaths", Decimal(0)) + values.get("missing", Decimal(0))
    listed = queries.listed_people(course)
    if counted != listed:
        raise ListDiffers(listed=listed, counted=checks.show(counted))


def _taken(course: LossCourse, at: datetime) -> dict[str, Any]:
    """The sums of this moment with what they were made of."""
    reports = queries.last_reports(course)
    names = dict(course.parts.values_list("division_id", "division__name"))
    by_township = {
        code: {"name": names[code], "values": row.values, "data_until": row.data_until.isoformat()}
        for code, row in sorted(reports.items())
        if code in names
    }
    values = checks.stored(checks.total(checks.loaded(row["values"]) for row in by_township.values()))
    until = min((reports[code].data_until for code in by_township), default=at)
    return {"values": values, "by_township": by_township, "data_until": min(until, at)}


def _check_person(by: Actor) -> None:
    if by.person_id is None:
        raise OnlyAPersonReports


def _check_other(report: CourseReport, by: Actor) -> None:
    _check_person(by)
    if by.person_id == report.drafted_by_person_id:
        raise OwnReport


def _need_state(report: CourseReport, state: str) -> None:
    if report.state != state:
        raise StateForbids(state=wording.REPORT_STATES[report.state][0])
