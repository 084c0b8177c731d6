"""Reports leave: the phone flash at once, signed ones to several receivers and ways; receipt is asked for until somebody says so.

Nothing speaks inside a transaction: deliveries by machine are rows that a worker forwards (reporting.forwarding).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from anlan.duty.parameters import alarms
from anlan.duty.services import clear_subject, raise_alarm
from anlan.incidents.models import Incident
from anlan.kernel.actor import Actor, system
from anlan.places.models import Division
from anlan.reporting import content
from anlan.reporting.models import ReportDelivery, ReportReceiver, UpwardReport
from anlan.reporting.parameters import chain_table
from anlan.reporting.refusals import (
    NobodyConfirmed,
    NoReceiver,
    NoSuchWay,
    NotSigned,
)
from anlan.reporting.services.chain import draft_report
from anlan.reporting.services.clocks import meet_clock_of_report, recount
from anlan.reporting.services.common import check_time, county_of
from anlan.reporting.texts import body
from anlan.reporting.types import Draft, Sending
from anlan.reporting.words import BY_MACHINE, HEIGHT, KINDS
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.incidents import CLASS_LABELS, RESTRICTED, TYPES

_BY = system("reporting")


def flash(
    incident: Incident,
    draft: Draft,
    to: Sequence[ReportReceiver],
    *,
    told_at: datetime,
    heard_by: str = "",
    by: Actor,
    at: datetime,
) -> UpwardReport:
    """Told by phone at once (即知即报), logged as it was: nobody signs it, and a draft that waits does not hold it up."""
    if not to:
        raise NoReceiver
    main = incident.merged_into or incident
    county = county_of(main.division)
    moment = check_time(told_at, at=at, not_before=main.occurred_at or main.known_at)
    for known in UpwardReport.objects.filter(incident=main, kind="flash", drafted_by=by.ref, sent_at=moment):
        if {one.pk for one in to} <= set(known.deliveries.values_list("receiver_id", flat=True)):
            return known  # the form was sent twice: the same call, in the same minute, to the same people
    report = draft_report(main, draft, division=county, by=by, at=at)
    text = body(content.wording_of(report, at=moment))
    snapshot = content.snapshot_of(main)
    report.advance("sent", by=by, at=at, text=text, snapshot=snapshot, sent_at=moment)
    for receiver in to:
        delivery = _delivery(report, receiver, "phone", at=at)
        delivery.record(by=by, at=at, kind="asked")
        hand_over(delivery, handed_at=moment, by=by, at=at, counts=False)
        if heard_by.strip() and len(to) == 1:
            confirm_receipt(delivery, name=heard_by, confirmed_at=moment, by=by, at=at)
    recount(main, by=by, at=at, cause=f"upward_report:{report.pk}")
    return report


def send_report(
    report: UpwardReport, to: Sequence[Sending], *, by: Actor, at: datetime
) -> list[ReportDelivery]:
    """Send a signed report to these receivers; again for those that were added later. Repeating adds nothing.

    A direct report also informs every level between us and its target at once (D-12).
    """
    if report.state not in ("signed", "sent"):
        raise NotSigned
    if not to:
        raise NoReceiver
    for one in to:
        if one.way not in ways_of(one.receiver):
            raise NoSuchWay(name=one.receiver.name)
    chosen = {(one.receiver.pk, one.way): (one, False) for one in to}
    told = {one.receiver.pk for one in to}
    for receiver in between(report):
        if receiver.pk not in told:
            way = next(iter(ways_of(receiver)))
            chosen[receiver.pk, way] = (Sending(receiver, way), True)
    if report.state == "signed":
        report.advance("sent", by=by, at=at)
    known = set(report.deliveries.values_list("name", "way"))
    made = []
    for one, is_informing in chosen.values():
        if (one.receiver.name, one.way) in known:
            continue
        row = _delivery(report, one.receiver, one.way, at=at)
        row.is_informing = is_informing
        made.append(row.record(by=by, at=at, kind="asked"))
    return made


def send_to_the_county(report: UpwardReport, *, by: Actor, at: datetime) -> ReportDelivery:
    """A township's signed report: the county's duty room has it as soon as it is sent."""
    if report.state != "signed":
        raise NotSigned
    county = county_of(report.division)
    report.advance("sent", by=by, at=at, sent_at=at)
    row = ReportDelivery(
        state="handed",
        report=report,
        name=county.name,
        tier="county",
        way="system",
        asked_at=at,
        handed_at=at,
        handed_by=by.ref,
        chase_at=at + timedelta(minutes=chain_table().chase_min),
        exercise_id=report.exercise_id,
    ).record(by=by, at=at, kind="handed")
    meet_clock_of_report(report, met_at=at, by=by, at=at)
    _tell_the_desk(report, county, at=at)
    return row


def hand_over(
    delivery: ReportDelivery,
    *,
    handed_at: datetime,
    by: Actor,
    at: datetime,
    receipt: str = "",
    counts: bool = True,
) -> ReportDelivery:
    """It left (or arrived) at `handed_at`, which may be before it was written down; that is the time that meets a clock."""
    report = delivery.report
    earliest = report.signed_at or report.sent_at or delivery.asked_at
    moment = check_time(handed_at, at=at, not_before=earliest)
    delivery.advance(
        "handed",
        by=by,
        at=at,
        handed_at=moment,
        handed_by=by.ref,
        next_try_at=None,
        error="",
        receipt=receipt[:80],
        chase_at=max(moment, at) + timedelta(minutes=chain_table().chase_min),
    )
    if report.sent_at is None or moment < report.sent_at:
        report.change(by=by, at=at, kind="left", sent_at=moment)
    if counts and report.incident is not None:
        recount(report.incident, by=by, at=at, cause=f"report_delivery:{delivery.pk}")
    return delivery


def confirm_receipt(
    delivery: ReportDelivery, *, name: str, confirmed_at: datetime, by: Actor, at: datetime
) -> ReportDelivery:
    """Somebody there said that it came. Of a way that no machine saw this is also when it was handed over, at the latest."""
    if not name.strip():
        raise NobodyConfirmed
    moment = check_time(confirmed_at, at=at, not_before=delivery.handed_at or delivery.asked_at)
    if delivery.handed_at is None:
        hand_over(delivery, handed_at=moment, by=by, at=at)
    delivery.advance(
        "confirmed",
        by=by,
        at=at,
        confirmed_at=moment,
        confirmed_by=name.strip()[:80],
        recorded_by=by.ref,
        chase_at=None,
        next_try_at=None,
    )
    clear_subject(f"report_delivery:{delivery.pk}", reason="已确认收到", by=by, at=at)
    return delivery


def chase_receipt(delivery: ReportDelivery, *, at: datetime) -> None:
    """Nobody confirmed: ring, count it, and ask again later."""
    again = at + timedelta(minutes=chain_table().chase_again_min)
    delivery.change(by=_BY, at=at, kind="chased", chased=delivery.chased + 1, chase_at=again)
    face = alarms().of("receipt_missing")
    title = delivery.report.number or delivery.report.get_kind_display()
    raise_alarm(
        "receipt_missing",
        subject=f"report_delivery:{delivery.pk}",
        text_zh=face.zh.format(
            what=f"{delivery.name}，{delivery.report.number or KINDS[delivery.report.kind][0]}"
        ),
        text_en=face.en.format(what=f"{delivery.name}, {title}"),
        level=None,
        division=delivery.report.division,
        by=_BY,
        at=at,
        exercise_id=delivery.exercise_id,
        cause=f"report_delivery:{delivery.pk}",
    )


def not_forwarded(
    delivery: ReportDelivery, *, error: str, is_final: bool, by: Actor, at: datetime
) -> ReportDelivery:
    """The machine could not: tried again later with the same key, or left to a person when it never will."""
    if is_final:
        delivery.advance("failed", by=by, at=at, error=error[:300], next_try_at=None)
        raise_alarm_for_failure(delivery, at=at)
        return delivery
    again = at + chain_table().retry_after(delivery.attempts)
    return delivery.change(by=by, at=at, kind="not_forwarded", error=error[:300], next_try_at=again)


def raise_alarm_for_failure(delivery: ReportDelivery, *, at: datetime) -> None:
    face = alarms().of("report_not_taken")
    raise_alarm(
        "report_not_taken",
        subject=f"report_delivery:{delivery.pk}",
        text_zh=face.zh.format(what=f"{delivery.name}，{delivery.report.number}"),
        text_en=face.en.format(what=f"{delivery.name}, {delivery.report.number}"),
        level=None,
        division=delivery.report.division,
        by=_BY,
        at=at,
        exercise_id=delivery.exercise_id,
        cause=f"report_delivery:{delivery.pk}",
    )


def ways_of(receiver: ReportReceiver) -> dict[str, str]:
    """Way to address, the preferred one first."""
    return {one["way"]: one.get("address", "") for one in receiver.ways}


def proposed(report: UpwardReport) -> list[ReportReceiver]:
    """The receivers that this report goes to by class and grade (routing data); of a sensitive one all of them."""
    rows = ReportReceiver.objects.filter(is_active=True).order_by("tier", "name")
    if report.kind == "nil":
        return [row for row in rows if HEIGHT[row.tier] <= HEIGHT["city"] and row.tier != "industry"]
    incident = report.incident
    if incident is None:
        return []
    return [row for row in rows if is_for(row, incident)]


def is_for(receiver: ReportReceiver, incident: Incident) -> bool:
    if receiver.classes and incident.event_class not in receiver.classes:
        return False
    if incident.is_sensitive or receiver.from_grade is None or receiver.from_grade == 4:
        return True
    return incident.grade is not None and incident.grade <= receiver.from_grade


def between(report: UpwardReport) -> list[ReportReceiver]:
    """Whoever a direct report passes by: every active receiver of a level below the target, the own government included."""
    if not report.is_direct or report.target_tier not in HEIGHT:
        return []
    top = HEIGHT[report.target_tier]
    tiers = [tier for tier, height in HEIGHT.items() if height < top and tier not in ("county", "industry")]
    rows = ReportReceiver.objects.filter(is_active=True, tier__in=tiers).order_by("tier", "name")
    return [row for row in rows if row.ways]


def _delivery(report: UpwardReport, receiver: ReportReceiver, way: str, *, at: datetime) -> ReportDelivery:
    return ReportDelivery(
        state="waiting",
        report=report,
        receiver=receiver,
        name=receiver.name,
        tier=receiver.tier,
        way=way,
        address=ways_of(receiver).get(way, "")[:200],
        asked_at=at,
        next_try_at=at if way in BY_MACHINE else None,
        exercise_id=report.exercise_id,
    )


def _tell_the_desk(report: UpwardReport, county: Division, *, at: datetime) -> None:
    face = alarms().of("township_report")
    place = report.division
    assert place.level == DivisionLevel.TOWNSHIP or report.origin
    told = TYPES.get(str(report.facts.get("event_type", "")))
    is_restricted = told is not None and told.event_class in RESTRICTED
    zh, en = (
        CLASS_LABELS[told.event_class] if told is not None and is_restricted else (report.title, report.title)
    )
    raise_alarm(
        "township_report",
        subject=f"upward_report:{report.pk}",
        text_zh=face.zh.format(what=f"{place.name}，{zh}"),
        text_en=face.en.format(what=f"{place.name}, {en}"),
        level=None,
        division=county,
        by=_BY,
        at=at,
        exercise_id=report.exercise_id,
        cause=f"upward_report:{report.pk}",
    )
