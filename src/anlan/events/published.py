"""The events of this release, by the floor that publishes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from anlan.events.base import Event


@dataclass(frozen=True, slots=True)
class CrossingRecorded(Event):
    """sensing: a station's reading crossed a rule's threshold (up or down) and the fact was stored."""

    name: ClassVar[str] = "sensing.crossing_recorded"
    crossing_id: str


@dataclass(frozen=True, slots=True)
class StationFellSilent(Event):
    """sensing: a station was not heard within its limit."""

    name: ClassVar[str] = "sensing.station_fell_silent"
    station_id: str


@dataclass(frozen=True, slots=True)
class StationHeardAgain(Event):
    """sensing: a silent station reported again."""

    name: ClassVar[str] = "sensing.station_heard_again"
    station_id: str


@dataclass(frozen=True, slots=True)
class StationHappened(Event):
    """sensing: a device reported something that is no number; `kind` is a code of vocab.happenings."""

    name: ClassVar[str] = "sensing.station_happened"
    happening_id: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class ReadingSuspected(Event):
    """sensing: a flagged reading, which counts for nothing, would have meant `level` (orange or red): somebody should look."""

    name: ClassVar[str] = "sensing.reading_suspected"
    station_id: str
    quantity: str = ""
    phenomenon_time: str = ""
    value: float = 0.0
    level: int | None = None
    reason_zh: str = ""
    reason_en: str = ""


@dataclass(frozen=True, slots=True)
class EnterpriseLimitCrossed(Event):
    """sensing: a crossing that an enterprise must answer for; the public is not warned because of it."""

    name: ClassVar[str] = "sensing.enterprise_limit_crossed"
    crossing_id: str


@dataclass(frozen=True, slots=True)
class EnterpriseAlarmOverdue(Event):
    """sensing: an enterprise did not acknowledge or explain its alarm in time; the regulator's duty takes over."""

    name: ClassVar[str] = "sensing.enterprise_alarm_overdue"
    alarm_id: str


@dataclass(frozen=True, slots=True)
class EnterpriseAlarmMoved(Event):
    """sensing: an enterprise took its next step, or the regulator closed the alarm; `state` is the new one."""

    name: ClassVar[str] = "sensing.enterprise_alarm_moved"
    alarm_id: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class WarningDrafted(Event):
    """warning: a draft waits for a second person, or a waiting one became more severe."""

    name: ClassVar[str] = "warning.drafted"
    warning_id: str
    kind: str = ""
    hazard_type: str = ""
    level: int | None = None
    headline: str = ""
    division: str = ""
    exercise_id: str | None = None


@dataclass(frozen=True, slots=True)
class WarningIssued(Event):
    """warning: signed off and handed to the call-out. `authorised_by` names who pre-authorised it when nobody reviewed it."""

    name: ClassVar[str] = "warning.issued"
    warning_id: str
    kind: str = ""
    hazard_type: str = ""
    level: int | None = None
    headline: str = ""
    division: str = ""
    exercise_id: str | None = None
    authorised_by: str = ""


@dataclass(frozen=True, slots=True)
class WarningEnded(Event):
    """warning: lifted, expired, replaced, withdrawn or returned (`state` says which); nothing rings for it any more."""

    name: ClassVar[str] = "warning.ended"
    warning_id: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class SeatOverdue(Event):
    """dissemination: a seat went through its whole ladder without an answer, or past its limit."""

    name: ClassVar[str] = "dissemination.seat_overdue"
    seat_id: str


@dataclass(frozen=True, slots=True)
class SeatAnswered(Event):
    """dissemination: a seat was answered, or resolved by a person."""

    name: ClassVar[str] = "dissemination.seat_answered"
    seat_id: str


@dataclass(frozen=True, slots=True)
class HelpAsked(Event):
    """dissemination: somebody who was called asks for help; `words` are theirs."""

    name: ClassVar[str] = "dissemination.help_asked"
    seat_id: str
    words: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class InboundTextReceived(Event):
    """dissemination: a text message came in that answers no call-out; it may be a warning that somebody else issued."""

    name: ClassVar[str] = "dissemination.inbound_text_received"
    sender: str
    text: str = ""
    received_at: str = ""
    provider: str = ""
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class NoticeAnswered(Event):
    """dissemination: somebody answered a message that was no call-out; `subject` is what that message was about."""

    name: ClassVar[str] = "dissemination.notice_answered"
    delivery_id: str
    subject: str
    words: str = ""
    person_id: str = ""
    happened_at: str = ""


@dataclass(frozen=True, slots=True)
class IncomingWarningReceived(Event):
    """warning: somebody else's warning needs a person (`state` needs_person or lift_proposed), or needs nobody any more."""

    name: ClassVar[str] = "warning.incoming_received"
    incoming_id: str
    state: str = ""
    level: int | None = None
    headline: str = ""
    division: str = ""
    exercise_id: str | None = None


ALL: tuple[type[Event], ...] = (
    CrossingRecorded,
    StationFellSilent,
    StationHeardAgain,
    StationHappened,
    ReadingSuspected,
    EnterpriseLimitCrossed,
    EnterpriseAlarmOverdue,
    EnterpriseAlarmMoved,
    WarningDrafted,
    WarningIssued,
    WarningEnded,
    SeatOverdue,
    SeatAnswered,
    HelpAsked,
    InboundTextReceived,
    IncomingWarningReceived,
)


@dataclass(frozen=True, slots=True)
class RouteDoubted(Event):
    """dissemination: a gateway took messages and proved nothing about any of them; somebody should call the provider."""

    name: ClassVar[str] = "dissemination.route_doubted"
    channel: str
    route: str = ""
    silent: int = 0
    since: str = ""


@dataclass(frozen=True, slots=True)
class RouteTrusted(Event):
    """dissemination: something came in over a doubted gateway again."""

    name: ClassVar[str] = "dissemination.route_trusted"
    channel: str
    route: str = ""


@dataclass(frozen=True, slots=True)
class HandWorkOverdue(Event):
    """dissemination: a keeper or partner never said that it was done, however often he was asked."""

    name: ClassVar[str] = "dissemination.hand_work_overdue"
    delivery_id: str


@dataclass(frozen=True, slots=True)
class HandWorkSettled(Event):
    """dissemination: somebody reported overdue hand work as done, or its text is over (`is_done` says which)."""

    name: ClassVar[str] = "dissemination.hand_work_settled"
    delivery_id: str
    is_done: bool = True


@dataclass(frozen=True, slots=True)
class IncidentOpened(Event):
    """incidents: a new incident was entered; the clocks of its first report start at `known_at`."""

    name: ClassVar[str] = "incidents.opened"
    incident_id: str
    grade: int | None = None
    is_sensitive: bool = False
    #: What may be said aloud: number, title, place. Of a restricted one the title is left out.
    what_zh: str = ""
    what_en: str = ""
    division: str = ""
    exercise_id: str | None = None


@dataclass(frozen=True, slots=True)
class IncidentMoved(Event):
    """incidents: the state changed (`state` is the new one): verified, not_true, closed, merged, or back by a split."""

    name: ClassVar[str] = "incidents.moved"
    incident_id: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class IncidentGraded(Event):
    """incidents: the grade, the sensitive mark or what the legal clocks depend on changed."""

    name: ClassVar[str] = "incidents.graded"
    incident_id: str
    grade: int | None = None
    former: int | None = None
    is_sensitive: bool = False
    what_zh: str = ""
    what_en: str = ""
    division: str = ""
    exercise_id: str | None = None
    state: str = ""


@dataclass(frozen=True, slots=True)
class FiguresChanged(Event):
    """incidents: a figure was added, verified or withdrawn."""

    name: ClassVar[str] = "incidents.figures_changed"
    incident_id: str


@dataclass(frozen=True, slots=True)
class ChaseOrderMoved(Event):
    """incidents: a chase order was issued, answered or closed, or became overdue (`what`)."""

    name: ClassVar[str] = "incidents.chase_order_moved"
    chase_order_id: str
    what: str = ""
    number: str = ""
    addressee: str = ""
    task: str = ""
    division: str = ""
    exercise_id: str | None = None


@dataclass(frozen=True, slots=True)
class IntakeTaken(Event):
    """intake: a call or message was taken."""

    name: ClassVar[str] = "intake.taken"
    intake_id: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class IntakeMoved(Event):
    """intake: its state, its links or its signature changed."""

    name: ClassVar[str] = "intake.moved"
    intake_id: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class PlanMoved(Event):
    """plans: a version came into force, a plan was withdrawn, its review is overdue, or a filing moved (`what`).

    `filing_id` is "" unless a filing moved; `due_on` is the local day of the limit in ISO form, "" where there is none.
    """

    name: ClassVar[str] = "plans.moved"
    plan_id: str
    what: str = ""
    title: str = ""
    number: str = ""
    division: str = ""
    filing_id: str = ""
    due_on: str = ""
    exercise_id: str | None = None


@dataclass(frozen=True, slots=True)
class ActivationMoved(Event):
    """response: a level was proposed, started, raised, lowered, ended or declined (`what`); `level` is the new one, 1 the highest."""

    name: ClassVar[str] = "response.activation_moved"
    activation_id: str
    incident_id: str = ""
    what: str = ""
    level: int | None = None
    former: int | None = None
    what_zh: str = ""
    what_en: str = ""
    division: str = ""
    exercise_id: str | None = None


@dataclass(frozen=True, slots=True)
class InstructionMoved(Event):
    """dispatch: an order was issued, acknowledged, started, reported, finished, could not be done, withdrawn, or is late (`what`)."""

    name: ClassVar[str] = "dispatch.instruction_moved"
    instruction_id: str
    incident_id: str = ""
    activation_id: str = ""
    task_key: str = ""
    what: str = ""
    number: str = ""
    title: str = ""
    addressee: str = ""
    division: str = ""
    exercise_id: str | None = None


@dataclass(frozen=True, slots=True)
class TeamJobMoved(Event):
    """dispatch: a team was told, left, arrived, works, is done, is back, refused, was cancelled, missed its check, or is late (`what`).

    `times` is how often it has been silent, or late, in a row by then.
    """

    name: ClassVar[str] = "dispatch.team_job_moved"
    job_id: str
    incident_id: str = ""
    what: str = ""
    team: str = ""
    division: str = ""
    times: int = 0
    exercise_id: str | None = None


@dataclass(frozen=True, slots=True)
class SupplyRequestMoved(Event):
    """dispatch: a request for supplies was asked, approved, refused, sent, received, or is late (`what`)."""

    name: ClassVar[str] = "dispatch.supply_request_moved"
    request_id: str
    incident_id: str = ""
    what: str = ""
    number: str = ""
    division: str = ""
    exercise_id: str | None = None


@dataclass(frozen=True, slots=True)
class ExpertCallMoved(Event):
    """command: an expert was asked, answered, declined, or is late (`what`)."""

    name: ClassVar[str] = "command.expert_call_moved"
    call_id: str
    incident_id: str = ""
    what: str = ""
    division: str = ""
    exercise_id: str | None = None


@dataclass(frozen=True, slots=True)
class DrillMoved(Event):
    """drills: a drill started, ended or was cancelled (`what`)."""

    name: ClassVar[str] = "drills.moved"
    drill_id: str
    what: str = ""
    division: str = ""
    exercise_id: str | None = None


@dataclass(frozen=True, slots=True)
class LessonDue(Event):
    """review: the day by which a lesson was to be mended has come ("due"), is past ("overdue"), or it is owed no more ("closed")."""

    name: ClassVar[str] = "review.lesson_due"
    lesson_id: str
    words: str = ""
    owner: str = ""
    division: str = ""
    what: str = "due"
    exercise_id: str | None = None
