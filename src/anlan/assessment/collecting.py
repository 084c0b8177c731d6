"""What the other apps recorded in a period that a deduction rule may be about. Reads only; each finding names its row.

A limit counts in the period in which it ran out, a correction in the one in which it was made. What is decided by people
(漏报, 谎报, 瞒报) is taken from their newest upheld decision, never guessed here.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, F, Q

from anlan.assessment.types import Finding
from anlan.datacalls.models import DataSeat
from anlan.duty.models import CheckIn, RollCallSeat
from anlan.incidents.models import ChaseOrder, Figure
from anlan.intake.models import IntakeStep
from anlan.kernel.clock import SHANGHAI
from anlan.losses.models import Correction, ReportDue, TownshipReport
from anlan.reporting.models import ReportClock, ReportingFinding, UpwardReport
from anlan.vocab.figures import FIGURES


class Span(NamedTuple):
    """From `start` (included) to `end` (not included), of one run, as known at `at`."""

    start: datetime
    end: datetime
    at: datetime
    exercise_id: uuid.UUID | None = None

    def within(self, field: str) -> Q:
        return Q(**{f"{field}__gte": self.start, f"{field}__lt": self.end}, exercise_id=self.exercise_id)


def findings_of(span: Span) -> Iterator[Finding]:
    """Everything found, in no particular order."""
    for collect in _COLLECTORS:
        yield from collect(span)


def asked_of(span: Span) -> Counter[str]:
    """How much each place was asked for: its limits, data calls, roll calls, shifts and reports. Path to count."""
    found: Counter[str] = Counter()
    wanted = (
        (ReportClock.objects.filter(span.within("due_at"), is_ours=True), "division__path"),
        (UpwardReport.objects.filter(span.within("drafted_at")), "division__path"),
        (DataSeat.objects.filter(span.within("due_at")).exclude(state="released"), "division__path"),
        (ReportDue.objects.filter(span.within("due_at")).exclude(state="dropped"), "division__path"),
        (RollCallSeat.objects.filter(span.within("called_at")), "room__division__path"),
        (CheckIn.objects.filter(span.within("expected_at")).exclude(state="excused"), "room__division__path"),
        (ChaseOrder.objects.filter(span.within("due_at")), "division__path"),
    )
    for rows, path in wanted:
        for name, count in rows.order_by().values_list(path).annotate(Count("pk")):
            found[name] += count
    return found


def _clocks(span: Span) -> Iterator[Finding]:
    rows = ReportClock.objects.filter(span.within("due_at"), is_late=True, is_ours=True)
    rows = rows.exclude(state="closed").select_related("division", "incident", "report")
    for clock in rows.defer("division__geometry"):
        about = clock.incident.number if clock.incident is not None else ""
        yield Finding(
            "report_late",
            clock.division.path,
            clock.due_at,
            f"{about} {clock.label_zh}，限{_local(clock.due_at)}，{_done_zh(clock.met_at)}".strip(),
            f"{about} {clock.label_en}: due {_local(clock.due_at)}, {_done_en(clock.met_at)}".strip(),
            f"report_clock:{clock.pk}",
            f"upward_report:{clock.report_id}" if clock.report_id else f"incident:{clock.incident_id}",
        )


def _reports(span: Span) -> Iterator[Finding]:
    """Missing elements of what was signed, and how often a report was sent back."""
    rows = UpwardReport.objects.filter(span.within("drafted_at")).exclude(state="withdrawn")
    for report in rows.select_related("division").defer("division__geometry", "text", "snapshot"):
        number = report.number or _local(report.drafted_at)
        if report.missing and report.state not in ("draft", "in_review", "reviewed", "returned"):
            count = len(report.missing)
            yield Finding(
                "element_missing",
                report.division.path,
                report.signed_at or report.drafted_at,
                f"报告{number}缺{count}项要素",
                f"report {number} lacks {count} required elements",
                f"upward_report:{report.pk}",
                times=count,
            )
        if report.returned_count:
            yield Finding(
                "report_returned",
                report.division.path,
                report.returned_at or report.drafted_at,
                f"报告{number}被退回{report.returned_count}次：{report.returned_why}",
                f"report {number} was sent back {report.returned_count} times: {report.returned_why}",
                f"upward_report:{report.pk}",
                times=report.returned_count,
            )


def _decisions(span: Span) -> Iterator[Finding]:
    """Of one incident, place and kind the newest decision counts; it may take an earlier one back."""
    rows = ReportingFinding.objects.filter(span.within("decided_at")).select_related("incident", "division")
    newest: dict[tuple[uuid.UUID, str, str], ReportingFinding] = {}
    for row in rows.defer("division__geometry").order_by("decided_at", "pk"):
        newest[row.incident_id, row.division_id, row.kind] = row
    for row in newest.values():
        if row.is_upheld:
            yield Finding(
                row.kind,
                row.division.path,
                row.decided_at,
                f"事件{row.incident.number}：{row.evidence[:80]}",
                f"incident {row.incident.number}: {row.evidence[:80]}",
                f"reporting_finding:{row.pk}",
                f"incident:{row.incident_id}",
            )


def _data_calls(span: Span) -> Iterator[Finding]:
    rows = DataSeat.objects.filter(span.within("due_at")).filter(
        Q(is_late=True) | Q(state="missed") | Q(corrections__gt=0)
    )
    for seat in rows.select_related("division", "call").defer("division__geometry"):
        path, subject = seat.division.path, f"data_seat:{seat.pk}"
        zh, en = f"{seat.call.title}第{seat.round}轮", f"{seat.call.title}, round {seat.round}"
        if seat.state == "missed" or (seat.is_late and seat.first_filed_at is None):
            yield Finding("data_missed", path, seat.due_at, f"{zh}未报", f"{en}: not filed", subject)
        elif seat.is_late:
            yield Finding(
                "data_late",
                path,
                seat.due_at,
                f"{zh}限{_local(seat.due_at)}，{_done_zh(seat.first_filed_at)}",
                f"{en}: due {_local(seat.due_at)}, {_done_en(seat.first_filed_at)}",
                subject,
            )
        if seat.corrections:
            yield Finding(
                "data_corrected",
                path,
                seat.filed_at or seat.due_at,
                f"{zh}更正{seat.corrections}次",
                f"{en}: corrected {seat.corrections} times",
                subject,
                times=seat.corrections,
            )


def _losses(span: Span) -> Iterator[Finding]:
    dues = ReportDue.objects.filter(span.within("due_at"), is_late=True).exclude(state="dropped")
    for due in dues.select_related("division", "course").defer("division__geometry"):
        is_missed = due.state == "missed"
        yield Finding(
            "loss_missed" if is_missed else "loss_late",
            due.division.path,
            due.due_at,
            f"{due.course.title}，限{_local(due.due_at)}，{_done_zh(due.met_at)}",
            f"{due.course.title}: due {_local(due.due_at)}, {_done_en(due.met_at)}",
            f"loss_due:{due.pk}",
            f"loss_course:{due.course_id}",
        )
    reports = TownshipReport.objects.filter(span.within("submitted_at"))
    for report in reports.select_related("division", "course").defer("division__geometry"):
        path, subject = report.division.path, f"loss_township_report:{report.pk}"
        title, about = report.course.title, f"loss_course:{report.course_id}"
        if report.state == "returned":
            yield Finding(
                "loss_returned",
                path,
                report.returned_at or report.submitted_at,
                f"{title}：{report.returned_why}",
                f"{title}: {report.returned_why}",
                subject,
                about,
            )
        elif report.villages_filed < report.villages_total:
            left = report.villages_total - report.villages_filed
            yield Finding(
                "villages_missing",
                path,
                report.submitted_at,
                f"{title}，{left}个村未报",
                f"{title}: {left} villages had not filed",
                subject,
                about,
            )
    corrections = Correction.objects.filter(span.within("corrected_at")).select_related("division", "course")
    for one in corrections.defer("division__geometry"):
        yield Finding(
            "loss_corrected",
            one.division.path,
            one.corrected_at,
            f"{one.course.title}，{one.former}改为{one.value}：{one.why}",
            f"{one.course.title}: {one.former} became {one.value}: {one.why}",
            f"loss_correction:{one.pk}",
            f"loss_course:{one.course_id}",
        )


def _duty(span: Span) -> Iterator[Finding]:
    seats = RollCallSeat.objects.filter(span.within("called_at"), state__in=("late", "absent"))
    for seat in seats.select_related("room__division", "roll_call").defer("room__division__geometry"):
        is_late = seat.state == "late"
        yield Finding(
            "roll_late" if is_late else "roll_absent",
            seat.room.division.path,
            seat.called_at,
            f"{seat.roll_call.title}，{_local(seat.called_at)}点名{f'{seat.answered_s}秒后应答' if is_late else '无人应答'}",
            f"{seat.roll_call.title}: called {_local(seat.called_at)}, {f'answered after {seat.answered_s} s' if is_late else 'no answer'}",
            f"roll_call_seat:{seat.pk}",
            f"roll_call:{seat.roll_call_id}",
        )
    missing = CheckIn.objects.filter(span.within("expected_at")).filter(
        Q(state="missing") | Q(state="present", step__gt=0)
    )
    for check in missing.select_related("room__division").defer("room__division__geometry"):
        yield Finding(
            "check_in_missing",
            check.room.division.path,
            check.expected_at,
            f"{_local(check.expected_at)}的班{'未签到' if check.state == 'missing' else '催促后才签到'}",
            f"shift of {_local(check.expected_at)}: {'nobody checked in' if check.state == 'missing' else 'checked in only after being called'}",
            f"check_in:{check.pk}",
            f"duty_room:{check.room_id}",
        )


def _chases(span: Span) -> Iterator[Finding]:
    rows = ChaseOrder.objects.filter(span.within("due_at"), is_late=True).select_related("division")
    for chase in rows.defer("division__geometry"):
        yield Finding(
            "chase_late",
            chase.division.path,
            chase.due_at,
            f"{chase.number}限{_local(chase.due_at)}，{_done_zh(chase.answered_at)}",
            f"{chase.number}: due {_local(chase.due_at)}, {_done_en(chase.answered_at)}",
            f"chase_order:{chase.pk}",
        )


def _figures(span: Span) -> Iterator[Finding]:
    """Figures that a place itself gave (its name stands in the source) and that were withdrawn, or lowered with a reason."""
    lowered = Q(replaces__isnull=False, value__lt=F("replaces__value")) & ~Q(why="")
    rows = Figure.objects.filter(span.within("recorded_at")).filter(Q(state="withdrawn") | lowered)
    for figure in rows.select_related("scope", "incident", "replaces").defer("scope__geometry"):
        if figure.scope.name not in figure.source or figure.incident.is_restricted:
            continue
        name = FIGURES[figure.code]
        why = figure.withdrawn_why if figure.state == "withdrawn" else figure.why
        yield Finding(
            "figure_corrected",
            figure.scope.path,
            figure.recorded_at,
            f"事件{figure.incident.number}{name.zh}{figure.value.normalize():f}：{why}",
            f"incident {figure.incident.number}, {name.en} {figure.value.normalize():f}: {why}",
            f"figure:{figure.pk}",
            f"incident:{figure.incident_id}",
        )


def _messages(span: Span) -> Iterator[Finding]:
    """Messages of townships and departments that were found not true."""
    steps = IntakeStep.objects.filter(span.within("at"), kind="found_false")
    steps = steps.filter(
        intake__source__in=("township", "department"), intake__state__in=("not_true", "fed_back")
    )
    seen: set[uuid.UUID] = set()
    for step in steps.select_related("intake__sender__division", "intake__reporter_person__division"):
        intake = step.intake
        giver = intake.sender.division if intake.sender is not None else None
        if giver is None and intake.reporter_person is not None:
            giver = intake.reporter_person.division
        if giver is None or intake.pk in seen:
            continue
        seen.add(intake.pk)
        yield Finding(
            "not_true",
            giver.path,
            step.at,
            f"接报{intake.number}核实不属实",
            f"message {intake.number} was found not true",
            f"intake:{intake.pk}",
        )


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%m-%d %H:%M}"


def _done_zh(moment: datetime | None) -> str:
    return "至今未报" if moment is None else f"{_local(moment)}报"


def _done_en(moment: datetime | None) -> str:
    return "not done yet" if moment is None else f"done {_local(moment)}"


_COLLECTORS: tuple[Callable[[Span], Iterator[Finding]], ...] = (
    _clocks,
    _reports,
    _decisions,
    _data_calls,
    _losses,
    _duty,
    _chases,
    _figures,
    _messages,
)
