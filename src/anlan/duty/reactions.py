"""What makes the duty room ring, and what silences it. It knows warnings by their events only."""

from __future__ import annotations

import uuid
from datetime import datetime

from anlan.dissemination.models import CalloutSeat, Delivery, DeliveryState
from anlan.duty import losing
from anlan.duty.models import Alarm, RollCallSeat
from anlan.duty.parameters import alarms
from anlan.duty.services import RINGING, clear_subject, raise_alarm
from anlan.duty.services.rollcalls import answer_roll_call
from anlan.events.published import (
    ChaseOrderMoved,
    EnterpriseAlarmMoved,
    EnterpriseAlarmOverdue,
    HandWorkOverdue,
    HandWorkSettled,
    HelpAsked,
    IncidentGraded,
    IncidentMoved,
    IncidentOpened,
    IncomingWarningReceived,
    NoticeAnswered,
    ReadingSuspected,
    RouteDoubted,
    RouteTrusted,
    SeatAnswered,
    SeatOverdue,
    StationFellSilent,
    StationHappened,
    StationHeardAgain,
    WarningDrafted,
    WarningEnded,
    WarningIssued,
)
from anlan.journal import clocks
from anlan.journal.reactions import react
from anlan.kernel.actor import Actor, system
from anlan.places.models import Division
from anlan.sensing.models import EnterpriseAlarm, Station, StationHappening
from anlan.vocab.event_codes import event_code
from anlan.vocab.happenings import happening_kind
from anlan.vocab.hazards import FACES, HazardType
from anlan.vocab.levels import Level

_BY = system("duty")
#: How an answer to a roll call begins.
_HERE = ("1", "１", "到", "在", "收到")
_SILENT = ("waiting", "unanswered", "lost_contact")
_KINDS_EN = {"callout": "call-out", "risk_notice": "risk notice", "relay": "relayed warning"}
_ENDS_ZH = {
    "returned": "已退回",
    "withdrawn": "已撤回",
    "replaced": "已被替代",
    "lifted": "已解除",
    "expired": "已到期",
}


@react("duty.draft_waiting", WarningDrafted)
def on_drafted(event: WarningDrafted, at: datetime) -> None:
    """A draft waits for a second person."""
    _raise_about_warning("draft_waiting", event, at=at)


@react("duty.warning_issued", WarningIssued)
def on_issued(event: WarningIssued, at: datetime) -> None:
    """The draft waits no longer; if nobody reviewed it, that rings instead."""
    subject = f"warning:{event.warning_id}"
    clear_subject(subject, reason="已签发", by=_BY, at=at, kinds=["draft_waiting"])
    if event.authorised_by:
        _raise_about_warning("issued_without_review", event, at=at, who=event.authorised_by)


@react("duty.warning_ended", WarningEnded)
def on_ended(event: WarningEnded, at: datetime) -> None:
    """Nothing rings for a warning that has ended, nor for villages that its end released. A silent one rings on."""
    reason = _ENDS_ZH.get(event.state, "已结束")
    subject = f"warning:{event.warning_id}"
    clear_subject(subject, reason=reason, by=_BY, at=at)
    released = CalloutSeat.objects.filter(callout__subject=subject).exclude(state__in=_SILENT)
    overdue = Alarm.objects.filter(kind="seat_overdue", state__in=RINGING)
    for seat_id in released.values_list("pk", flat=True) if overdue.exists() else ():
        clear_subject(f"seat:{seat_id}", reason=reason, by=_BY, at=at)


@react("duty.incoming_needs_person", IncomingWarningReceived)
def on_incoming(event: IncomingWarningReceived, at: datetime) -> None:
    """Somebody else's warning that no rule may decide about, or that its issuer lifted; settled, it rings no more."""
    if event.state not in ("needs_person", "lift_proposed"):
        clear_subject(f"incoming:{event.incoming_id}", reason="已处理", by=_BY, at=at)
        return
    kind = alarms().of("incoming_needs_person")
    what = event.headline or "?"
    raise_alarm(
        kind.kind,
        subject=f"incoming:{event.incoming_id}",
        text_zh=kind.zh.format(what=what),
        text_en=kind.en.format(what=what),
        level=event.level,
        division=Division.objects.filter(code=event.division).first(),
        by=_BY,
        at=at,
        exercise_id=None if event.exercise_id is None else uuid.UUID(event.exercise_id),
        cause=f"incoming:{event.incoming_id}",
    )


@react("duty.seat_overdue", SeatOverdue)
def on_seat_overdue(event: SeatOverdue, at: datetime) -> None:
    """A village went through its whole ladder without an answer."""
    seat = CalloutSeat.objects.select_related("division", "callout").get(pk=uuid.UUID(event.seat_id))
    if seat.state not in _SILENT:
        return  # answered before this was read
    kind = alarms().of("seat_overdue")
    raise_alarm(
        kind.kind,
        subject=f"seat:{event.seat_id}",
        text_zh=kind.zh.format(what=seat.division.name),
        text_en=kind.en.format(what=seat.division.name),
        level=seat.callout.level,
        division=seat.division,
        by=_BY,
        at=at,
        exercise_id=seat.exercise_id,
        cause=f"callout:{seat.callout_id}",
    )
    losing.look_at_seat(seat, at=at)


@react("duty.help_asked", HelpAsked)
def on_help_asked(event: HelpAsked, at: datetime) -> None:
    """Somebody who was called asks for help. It rings until a person confirms it; an answer does not silence it."""
    seat = CalloutSeat.objects.select_related("division", "callout").get(pk=uuid.UUID(event.seat_id))
    kind = alarms().of("help_asked")
    said = f"{event.who}：{event.words}" if event.words else event.who
    what = f"{seat.division.name} {said}"[:200]
    raise_alarm(
        kind.kind,
        subject=f"help:{event.seat_id}",
        text_zh=kind.zh.format(what=what),
        text_en=kind.en.format(what=what),
        level=seat.callout.level,
        division=seat.division,
        by=_BY,
        at=at,
        exercise_id=seat.exercise_id,
        cause=f"callout:{seat.callout_id}",
    )


@react("duty.seat_answered", SeatAnswered)
def on_seat_answered(event: SeatAnswered, at: datetime) -> None:
    """Somebody answered for the village, or a person resolved it."""
    clear_subject(f"seat:{event.seat_id}", reason="已应答", by=_BY, at=at)


@react("duty.station_silent", StationFellSilent)
def on_station_silent(event: StationFellSilent, at: datetime) -> None:
    """A station was not heard within its limit."""
    station = Station.objects.select_related("division").get(pk=uuid.UUID(event.station_id))
    kind = alarms().of("station_silent")
    name = f"{station.name}（{station.code}）"
    raise_alarm(
        kind.kind,
        subject=f"station:{event.station_id}",
        text_zh=kind.zh.format(what=name),
        text_en=kind.en.format(what=f"{station.name} ({station.code})"),
        level=None,
        division=station.division,
        by=_BY,
        at=at,
        exercise_id=clocks.default_exercise_id(),
    )


@react("duty.station_silent_signs", StationFellSilent)
def on_station_silent_signs(event: StationFellSilent, at: datetime) -> None:
    """A village that owes an answer and whose station fell silent may have lost contact."""
    station = Station.objects.select_related("division").get(pk=uuid.UUID(event.station_id))
    run = clocks.default_exercise_id()
    losing.look_for_signs(station.division, at=at, exercise_id=run)


@react("duty.station_heard", StationHeardAgain)
def on_station_heard(event: StationHeardAgain, at: datetime) -> None:
    clear_subject(f"station:{event.station_id}", reason="测站恢复", by=_BY, at=at, kinds=["station_silent"])


@react("duty.station_happened", StationHappened)
def on_station_happened(event: StationHappened, at: datetime) -> None:
    """A device reported something of a kind that rings, such as a fire alarm. One alarm a station and kind until it is confirmed."""
    known = happening_kind(event.kind)
    if not known.rings:
        return
    row = StationHappening.objects.select_related("station__division").get(pk=uuid.UUID(event.happening_id))
    station = row.station
    kind = alarms().of("station_happening")
    # What a person saw on a patrol is said in that person's words.
    said = str(row.fields.get("text", ""))[:120] if row.protocol == "hand" else ""
    raise_alarm(
        kind.kind,
        subject=f"station:{station.pk}",
        text_zh=kind.zh.format(what=f"{known.zh}：{station.name}（{station.code}）{said}"),
        text_en=kind.en.format(what=f"{known.en}: {station.name} ({station.code}) {said}".strip()),
        level=None,
        division=station.division,
        by=_BY,
        at=at,
        exercise_id=row.exercise_id,
        cause=f"station_happening:{row.pk}"[:80],
    )


@react("duty.enterprise_overdue", EnterpriseAlarmOverdue)
def on_enterprise_overdue(event: EnterpriseAlarmOverdue, at: datetime) -> None:
    """An enterprise neither acknowledged nor explained in time: the regulator's duty room rings."""
    rows = EnterpriseAlarm.objects.select_related("division")
    row = rows.get(pk=uuid.UUID(event.alarm_id))
    if row.state not in ("open", "acknowledged"):
        return  # answered before this was read
    kind = alarms().of("enterprise_overdue")
    raise_alarm(
        kind.kind,
        subject=f"enterprise_alarm:{row.pk}",
        text_zh=kind.zh.format(what=f"{row.division.name}，{row.text_zh}")[:300],
        text_en=kind.en.format(what=f"{row.division.name}. {row.text_en}")[:300],
        level=row.level,
        division=row.division,
        by=_BY,
        at=at,
        exercise_id=row.exercise_id,
        cause=f"enterprise_alarm:{row.pk}",
    )


@react("duty.enterprise_moved", EnterpriseAlarmMoved)
def on_enterprise_moved(event: EnterpriseAlarmMoved, at: datetime) -> None:
    """It answered, or the regulator closed the matter: nothing rings any more."""
    reason = "监管已关闭" if event.state == "closed" else "企业已应答"
    clear_subject(f"enterprise_alarm:{event.alarm_id}", reason=reason, by=_BY, at=at)


@react("duty.reading_suspected", ReadingSuspected)
def on_reading_suspected(event: ReadingSuspected, at: datetime) -> None:
    """A flagged reading would have meant orange or red: a person looks at it and accepts it or not."""
    station = Station.objects.select_related("division").get(pk=uuid.UUID(event.station_id))
    kind = alarms().of("reading_suspect")
    raise_alarm(
        kind.kind,
        subject=f"reading:{event.station_id}:{event.quantity}"[:80],
        text_zh=kind.zh.format(what=f"{station.name}（{station.code}）{event.reason_zh}")[:300],
        text_en=kind.en.format(what=f"{station.name} ({station.code}). {event.reason_en}")[:300],
        level=event.level,
        division=station.division,
        by=_BY,
        at=at,
        exercise_id=clocks.default_exercise_id(),
        cause=f"station:{event.station_id}",
    )


@react("duty.route_doubted", RouteDoubted)
def on_route_doubted(event: RouteDoubted, at: datetime) -> None:
    """A gateway takes messages and tells of none: the others are preferred, and somebody calls the provider."""
    kind = alarms().of("route_doubted")
    raise_alarm(
        kind.kind,
        subject=f"route:{event.channel}:{event.route}"[:80],
        text_zh=kind.zh.format(what=f"{event.route}（{event.channel}，{event.silent}条无回执）")[:300],
        text_en=kind.en.format(what=f"{event.route} ({event.channel}, {event.silent} silent)")[:300],
        level=None,
        division=None,
        by=_BY,
        at=at,
        exercise_id=clocks.default_exercise_id(),
    )


@react("duty.route_trusted", RouteTrusted)
def on_route_trusted(event: RouteTrusted, at: datetime) -> None:
    """Something came in over it again."""
    clear_subject(f"route:{event.channel}:{event.route}"[:80], reason="通道恢复", by=_BY, at=at)


@react("duty.hand_work_overdue", HandWorkOverdue)
def on_hand_work_overdue(event: HandWorkOverdue, at: datetime) -> None:
    """A gong, a door, a siren, a video check or a partner: nobody said that it was done. No leader is called for it."""
    rows = Delivery.objects.select_related("outlet__division", "broadcast")
    row = rows.get(pk=uuid.UUID(event.delivery_id))
    about, outlet = row.broadcast, row.outlet
    if outlet is None or row.state in (DeliveryState.DELIVERED, DeliveryState.READ, DeliveryState.CANCELLED):
        return  # reported before this was read
    if about is not None and about.ended_at is not None:
        return
    kind = alarms().of("hand_work_overdue")
    title = about.title if about is not None else ""
    raise_alarm(
        kind.kind,
        subject=f"delivery:{row.pk}",
        text_zh=kind.zh.format(what=f"{outlet.division.name} {outlet.name}，{title}")[:300],
        text_en=kind.en.format(what=f"{outlet.division.name} {outlet.name}, {title}")[:300],
        level=about.level if about is not None else None,
        division=outlet.division,
        by=_BY,
        at=at,
        exercise_id=row.exercise_id,
        cause=f"delivery:{row.pk}",
    )


@react("duty.hand_work_settled", HandWorkSettled)
def on_hand_work_settled(event: HandWorkSettled, at: datetime) -> None:
    """Somebody said who did it and when, or the text is over."""
    reason = "已回告" if event.is_done else "播发已结束"
    clear_subject(f"delivery:{event.delivery_id}", reason=reason, by=_BY, at=at)


#: Grades that ring whatever the desk is doing: extremely serious and serious (R01).
_MAJOR = (1, 2)


@react("duty.incident_opened", IncidentOpened)
def on_incident_opened(event: IncidentOpened, at: datetime) -> None:
    """A serious or sensitive incident rings until somebody of the desk takes it over."""
    if event.grade in _MAJOR or event.is_sensitive:
        _raise_about_incident(event, at=at)


@react("duty.incident_graded", IncidentGraded)
def on_incident_graded(event: IncidentGraded, at: datetime) -> None:
    """It grew into a serious one. What is closed, merged or not true rings no more."""
    is_worse = event.former is None or (event.grade is not None and event.grade < event.former)
    if event.grade in _MAJOR and is_worse and event.state in ("received", "verified"):
        _raise_about_incident(event, at=at)


@react("duty.incident_moved", IncidentMoved)
def on_incident_moved(event: IncidentMoved, at: datetime) -> None:
    """Handled, merged into another one or not true: nothing rings for it."""
    reason = {"closed": "已办结", "merged": "已归并", "not_true": "不属实"}.get(event.state)
    if reason is not None:
        clear_subject(
            f"incident:{event.incident_id}", reason=reason, by=_BY, at=at, kinds=["incident_serious"]
        )


@react("duty.chase_order", ChaseOrderMoved)
def on_chase_order(event: ChaseOrderMoved, at: datetime) -> None:
    """An order that nobody answered in time rings; answered or closed it rings no more."""
    subject = f"chase:{event.chase_order_id}"
    if event.what in ("answered", "closed"):
        clear_subject(subject, reason="已反馈", by=_BY, at=at)
    if event.what != "overdue":
        return
    kind = alarms().of("chase_overdue")
    what = f"{event.number} {event.addressee} {event.task}".strip()
    raise_alarm(
        kind.kind,
        subject=subject,
        text_zh=kind.zh.format(what=what)[:300],
        text_en=kind.en.format(what=what)[:300],
        level=None,
        division=Division.objects.filter(code=event.division).first(),
        by=_BY,
        at=at,
        exercise_id=None if event.exercise_id is None else uuid.UUID(event.exercise_id),
        cause=f"chase_order:{event.chase_order_id}"[:80],
    )


def _raise_about_incident(event: IncidentOpened | IncidentGraded, *, at: datetime) -> None:
    kind = alarms().of("incident_serious")
    raise_alarm(
        kind.kind,
        subject=f"incident:{event.incident_id}",
        text_zh=kind.zh.format(what=event.what_zh)[:300],
        text_en=kind.en.format(what=event.what_en)[:300],
        level=event.grade,
        division=Division.objects.filter(code=event.division).first(),
        by=_BY,
        at=at,
        exercise_id=None if event.exercise_id is None else uuid.UUID(event.exercise_id),
        cause=f"incident:{event.incident_id}",
    )


def _raise_about_warning(
    name: str, event: WarningDrafted | WarningIssued, *, at: datetime, who: str = ""
) -> None:
    kind = alarms().of(name)
    raise_alarm(
        name,
        subject=f"warning:{event.warning_id}",
        text_zh=kind.zh.format(what=event.headline, who=who),
        text_en=kind.en.format(what=_in_english(event), who=who),
        level=event.level,
        division=Division.objects.filter(code=event.division).first(),
        by=_BY,
        at=at,
        exercise_id=None if event.exercise_id is None else uuid.UUID(event.exercise_id),
        cause=f"warning:{event.warning_id}",
    )


def _in_english(event: WarningDrafted | WarningIssued) -> str:
    """For example "red flash flood call-out"."""
    hazard = event.hazard_type
    known = hazard in set(HazardType)
    name = FACES[HazardType(hazard)].en if known else event_code(hazard).en
    colour = "" if event.level is None else f"{Level(event.level).face.en} "
    return f"{colour}{name} {_KINDS_EN.get(event.kind, event.kind)}"


@react("duty.notice_answered", NoticeAnswered)
def on_notice_answered(event: NoticeAnswered, at: datetime) -> None:
    """“1” from whoever was called in a roll call is an answer, from the moment at which it was sent."""
    kind, _colon, key = event.subject.partition(":")
    if kind != "roll_call_seat" or not event.words.strip().startswith(_HERE):
        return
    seat = RollCallSeat.objects.filter(pk=key).select_related("roll_call", "room__division", "person").first()
    if seat is None or seat.state != "called" or seat.roll_call.state != "calling":
        return
    sent = datetime.fromisoformat(event.happened_at) if event.happened_at else at
    name = seat.person.name if seat.person is not None else ""
    by = Actor(ref=f"delivery:{event.delivery_id}", name=name, person_id=seat.person_id)
    answer_roll_call(seat, way="sms", words=event.words, by=by, at=max(sent, seat.called_at))
