"""What each part of the house has for the person who reads the first page. Each asks its own queries, which narrow to the reader."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from anlan.console.mine import Item, followed, url_of, waiting
from anlan.console.templatetags.anlan import is_chinese
from anlan.datacalls.models import DataSeat, SeatState
from anlan.duty.models import ShiftSwap
from anlan.incidents.access import visible_chases
from anlan.incidents.models import ChaseOrder, Incident
from anlan.intake.models import Intake, RingEvent
from anlan.kernel.actor import Actor
from anlan.reporting.models import ReportClock, UpwardReport
from anlan.vocab.posts import Right

#: Lines of one provider; the others are on its own page.
MOST = 30
URGENT = "chip--unanswered"


@waiting(
    "chases",
    among=lambda: [ChaseOrder.objects.filter(state__in=("issued", "acknowledged", "answered"))],
)
def chases(actor: Actor, now: datetime, run: uuid.UUID | None) -> Iterator[Item]:
    """Orders to my own place that nobody answered, and answers to my orders."""
    mine = actor.where(Right.REPORT)
    rows = visible_chases(actor).filter(exercise_id=run)
    asked = rows.filter(division__path__in=mine, state__in=("issued", "acknowledged")).order_by("due_at")
    for row in asked[:MOST]:
        yield Item(
            what=_("chase order"),
            title=f"{row.number} {row.task}"[:120],
            url=url_of("console:chase", row.pk),
            due_at=row.due_at,
            level=1 if row.is_late else None,
            chip=URGENT if row.is_late else "chip--waiting",
        )
    for row in rows.filter(issued_by=actor.ref, state="answered").order_by("answered_at")[:MOST]:
        yield Item(
            what=_("answer to your order"),
            title=f"{row.number} {row.addressee}：{row.answer}"[:120],
            url=url_of("console:chase", row.pk),
            since=row.answered_at,
        )


@waiting("clocks", is_personal=False, among=lambda: [ReportClock.objects.filter(state="open")])
def report_clocks(actor: Actor, now: datetime, run: uuid.UUID | None) -> Iterator[Item]:
    """Legal limits of reports, for those who write them."""
    if not actor.can_somewhere(Right.TAKE_REPORTS):
        return
    from anlan.reporting import queries

    for clock in queries.due(actor, limit=MOST):
        incident = clock.incident
        about = (
            ""
            if incident is None
            else f"{incident.number} " + ("" if incident.is_restricted else incident.title)
        )
        if incident is None and clock.report is not None:
            about = clock.report.title
        yield Item(
            what=clock.label_zh if is_chinese() else clock.label_en,
            title=about,
            url=url_of("console:incident", incident.pk)
            if incident is not None
            else url_of("console:report", clock.report_id),
            due_at=clock.due_at,
            level=1 if clock.due_at < now else None,
            chip=URGENT if clock.due_at < now else "chip--waiting",
        )


#: States in which a report waits for somebody of its own place, or has come and was not taken in.
_OPEN_REPORTS = ("draft", "returned", "in_review", "reviewed", "signed", "received")


@waiting(
    "reports",
    among=lambda: [
        UpwardReport.objects.filter(state__in=_OPEN_REPORTS),
        UpwardReport.objects.filter(state="sent", division__level="township"),
    ],
)
def reports(actor: Actor, now: datetime, run: uuid.UUID | None) -> Iterator[Item]:
    """Reports to sign, to review, to write, to send, to take in."""
    if not (actor.can_somewhere(Right.TAKE_REPORTS) or actor.can_somewhere(Right.SIGN_REPORTS)):
        return
    from anlan.reporting import queries

    signing = queries.to_sign(actor)
    known = {row.pk for row in signing}
    stacks = (
        (_("report to sign"), signing),
        (_("report to review"), [row for row in queries.to_review(actor) if row.pk not in known]),
        (_("report to finish"), queries.to_write(actor)),
        (_("report to send"), queries.to_send(actor)),
        (_("report to take in"), queries.to_take(actor)),
    )
    for what, rows in stacks:
        for row in rows[:MOST]:
            yield Item(
                what=what,
                title=row.title,
                url=url_of("console:report", row.pk),
                due_at=row.step_at,
                since=row.drafted_at,
            )


@waiting(
    "intake",
    among=lambda: [
        RingEvent.objects.filter(state__in=("ringing", "missed")),
        Intake.objects.filter(state__in=("received", "verifying")),
        Intake.objects.filter(needs_signature=True, signed_at=None),
    ],
)
def intake(actor: Actor, now: datetime, run: uuid.UUID | None) -> Iterator[Item]:
    """Messages that nobody has looked at, findings that I owe, reports of my township to sign."""
    from anlan.intake import queries

    mine = queries.my_items(actor, most=MOST)
    for what, rows in (
        (pgettext("message", "to check"), mine.waiting),
        (pgettext("message", "find out whether it is true"), mine.asked),
        (pgettext("message", "to sign"), mine.to_sign),
    ):
        for row in rows:
            yield Item(
                what=what,
                title=row.number if row.is_restricted else f"{row.number} {row.title}",
                url=url_of("console:intake_record", row.pk),
                since=row.received_at,
            )


@waiting(
    "data calls",
    is_personal=False,
    among=lambda: [DataSeat.objects.filter(state__in=(SeatState.ASKED, SeatState.LATE))],
)
def data_calls(actor: Actor, now: datetime, run: uuid.UUID | None) -> Iterator[Item]:
    """Figures that my place owes, and places that owe some to my desk."""
    from anlan.datacalls import queries

    if actor.can_somewhere(Right.FILE_DATA):
        for seat in queries.waiting_for(actor, exercise_id=run, limit=MOST):
            yield Item(
                what=_("figures asked"),
                title=seat.call.title,
                url=url_of("console:data_seat", seat.pk),
                due_at=seat.due_at,
                chip=URGENT if seat.due_at < now else "chip--waiting",
            )


@waiting("swaps", among=lambda: [ShiftSwap.objects.filter(state__in=("asked", "accepted"))])
def swaps(actor: Actor, now: datetime, run: uuid.UUID | None) -> Iterator[Item]:
    """Shifts that a colleague asks me to take, and swaps that I approve."""
    from anlan.duty.access import visible_swaps

    rows = visible_swaps(actor).filter(state__in=("asked", "accepted"))
    for row in rows.order_by("shift__starts_at")[:MOST]:
        is_mine = row.state == "asked" and row.colleague_id == actor.person_id
        place = row.shift.post.division.path
        may_decide = (
            row.state == "accepted"
            and actor.person_id not in (row.asker_id, row.colleague_id)
            and actor.can(Right.MANAGE_DUTY, place)
        )
        if not (is_mine or may_decide):
            continue
        yield Item(
            what=_("swap asked of you") if is_mine else _("swap to approve"),
            title=f"{row.asker.name} → {row.colleague.name}：{row.reason}"[:120],
            url=url_of("console:duty_swaps"),
            due_at=row.shift.starts_at,
        )


@followed("incidents", among=lambda: [Incident.objects.filter(state__in=("received", "verified"))])
def my_incidents(actor: Actor, now: datetime, run: uuid.UUID | None) -> Iterator[Item]:
    """Open incidents that I entered."""
    if actor.person_id is None:
        return
    from anlan.console.incidentwords import grade_word, state_words

    rows = Incident.objects.filter(
        opened_by_person_id=actor.person_id, state__in=("received", "verified"), exercise_id=run
    )
    states = state_words()
    for row in rows.order_by("-known_at")[:MOST]:
        yield Item(
            what=states[row.state],
            title=f"{row.number} {row.title}",
            url=url_of("console:incident", row.pk),
            since=row.known_at,
            level=row.grade,
            note="" if row.grade is None else grade_word(row.grade),
        )
