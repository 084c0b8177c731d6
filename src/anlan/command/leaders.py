"""The leader's page (F-09): what happened, the figures, who is silent, where teams are, what is cut, what is late, what comes next.

`leaders_page` is the one query behind this page, the head of the room and the situation report. Every figure carries its
source, the time it holds for, and what it was before: of counted people the last different value, of everything that the
platform counts itself the same count an hour earlier. All times UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from anlan.command import trail
from anlan.command.lateness import Late, late_at, spans_of
from anlan.command.models import CommandTransfer, Decision
from anlan.command.queries import newest, open_decisions, transfers_of
from anlan.command.standing import Seats, cuts_of, jobs_of, seats_of
from anlan.incidents.models import Figure, Incident
from anlan.incidents.queries import figures_of
from anlan.incidents.rolling import rolling
from anlan.response.models import Activation, LevelChange
from anlan.vocab.figures import FIGURES

#: What the first line shows even when nobody counted it yet.
ALWAYS = ("deaths", "missing", "trapped")
#: In this order, where somebody counted them.
COUNTED = (
    *ALWAYS,
    "serious_injuries",
    "injured",
    "at_risk",
    "affected",
    "evacuated",
    "houses_destroyed",
    "burnt_ha",
)
#: How far back the earlier value of a count of ours lies.
EARLIER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One figure. `value` None means that nobody counted it. `former` None means that there was no earlier value."""

    code: str
    zh: str
    en: str
    value: Decimal | None
    unit_zh: str = ""
    unit_en: str = ""
    source_zh: str = ""
    source_en: str = ""
    as_of: datetime | None = None
    former: Decimal | None = None
    former_as_of: datetime | None = None
    is_verified: bool = True
    is_grave: bool = False

    @property
    def label(self) -> str:
        return self.zh

    @property
    def source(self) -> str:
        return self.source_zh

    @property
    def change(self) -> Decimal | None:
        """By how much it rose (fell below nought), None where one of the two is unknown."""
        return None if self.value is None or self.former is None else self.value - self.former


@dataclass(frozen=True, slots=True)
class Response:
    """One running response: its level, since when, of which plan."""

    activation: Activation
    level: int
    since: datetime


@dataclass(frozen=True, slots=True)
class LeadersPage:
    """Everything that one screen and one printed sheet show of an incident at a moment."""

    incident: Incident
    at: datetime
    figures: list[Line] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)
    commanders: list[CommandTransfer] = field(default_factory=list)
    teams: list[Line] = field(default_factory=list)
    villages: list[Line] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    cuts: list[Line] = field(default_factory=list)
    late: list[Late] = field(default_factory=list)
    former_late: int = 0
    next_decision: Decision | None = None
    open_decisions: int = 0

    @property
    def response(self) -> Response | None:
        """The gravest one."""
        return min(self.responses, key=lambda one: one.level, default=None)

    @property
    def commander(self) -> CommandTransfer | None:
        return next((one for one in self.commanders if one.role == "commander"), None)

    @property
    def late_line(self) -> Line:
        return Line(
            "late", "超时事项", "late", Decimal(len(self.late)), "件", "", "指令、出动、请求、督办、专家的时限",
            "limits of orders, teams, requests, chase orders and experts", self.at, Decimal(self.former_late),
            self.at - EARLIER, is_grave=bool(self.late),
        )  # fmt: skip

    @property
    def lines(self) -> list[Line]:
        """Every figure of the page."""
        return [*self.figures, *self.villages, *self.teams, *self.cuts, self.late_line]


def leaders_page(incident: Incident, at: datetime, *, subjects: trail.Subjects | None = None) -> LeadersPage:
    """What a leader sees of the incident at `at`. A fixed number of queries, however much happened; fewer with its trail."""
    transfers = [one for one in transfers_of(incident) if one.happened_at <= at]
    seats = seats_of(incident, subjects)
    limits = spans_of(incident, until=at)
    waiting = open_decisions(incident)
    return LeadersPage(
        incident=incident,
        at=at,
        figures=_figures([one for one in figures_of(incident) if one.recorded_at <= at]),
        responses=_responses(incident, at),
        commanders=[one for one in newest(transfers).values() if one.scene_id is None],
        teams=_teams(incident, at),
        villages=_villages(seats, at),
        silent=seats.names(at, "unanswered"),
        lost=seats.names(at, "lost_contact"),
        cuts=_cuts(incident, at),
        late=late_at(limits, at),
        former_late=len(late_at(limits, at - EARLIER)),
        next_decision=waiting[0] if waiting else None,
        open_decisions=len(waiting),
    )


def _figures(figures: list[Figure]) -> list[Line]:
    now = rolling(figures)
    found = []
    for code in COUNTED:
        face, present = FIGURES[code], now.get(code)
        if present is None:
            if code in ALWAYS:
                found.append(Line(code, face.zh, face.en, None, face.unit_zh, face.unit_en))
            continue
        former, since = _former(code, figures, present.value)
        found.append(
            Line(
                code, face.zh, face.en, present.value, face.unit_zh, face.unit_en, present.source, present.source,
                present.as_of, former, since, present.is_verified,
                is_grave=code in ALWAYS and present.value > 0,
            )
        )  # fmt: skip
    return found


def _former(code: str, figures: list[Figure], value: Decimal) -> tuple[Decimal | None, datetime | None]:
    """The last value that was different, as it stood before each count was entered; (None, None) where there was none."""
    rows = [one for one in figures if one.code == code and one.state != "withdrawn"]
    for moment in sorted({one.recorded_at for one in rows}, reverse=True):
        before = rolling([one for one in rows if one.recorded_at < moment]).get(code)
        if before is None:
            return None, None
        if before.value != value:
            return before.value, before.as_of
    return None, None


def _responses(incident: Incident, at: datetime) -> list[Response]:
    """Levels as they were at `at`, from the changes."""
    changes = LevelChange.objects.filter(activation__incident=incident, happened_at__lte=at)
    last: dict[object, LevelChange] = {}
    for one in changes.select_related("activation", "activation__plan").order_by("happened_at", "pk"):
        last[one.activation_id] = one
    return [
        Response(one.activation, one.to_level, one.happened_at)
        for one in last.values()
        if one.to_level is not None
    ]


_TEAM_STATES: tuple[tuple[str, str, str], ...] = (
    ("told", "已通知", "told"),
    ("left", "途中", "on the way"),
    ("arrived", "到达", "arrived"),
    ("working", "处置中", "working"),
    ("done", "完成", "done"),
    ("back", "归队", "back"),
)


def _teams(incident: Incident, at: datetime) -> list[Line]:
    jobs = jobs_of(incident)
    now, before = jobs.by_state(at), jobs.by_state(at - EARLIER)
    return [
        Line(
            f"teams_{state}", f"队伍{zh}", f"teams {en}", Decimal(now.get(state, 0)), "支", "", "出动记录", "jobs of teams",
            at, Decimal(before.get(state, 0)), at - EARLIER,
        )
        for state, zh, en in _TEAM_STATES
        if now.get(state) or before.get(state)
    ]  # fmt: skip


def _villages(seats: Seats, at: datetime) -> list[Line]:
    """Silent, lost and moved, as the call-outs of this incident say. Nothing where nobody was called."""
    if not seats.rows:
        return []
    earlier = at - EARLIER
    faces = (
        ("villages_called", "叫应单位", "called", None),
        ("villages_unanswered", "尚未应答", "not answered yet", "unanswered"),
        ("villages_lost", "失联", "lost contact", "lost_contact"),
    )
    found = [
        Line(
            code, zh, en, Decimal(seats.count(at, state)), "个", "", "叫应席位", "seats of call-outs", at,
            Decimal(seats.count(earlier, state)), earlier, is_grave=state is not None and bool(seats.count(at, state)),
        )
        for code, zh, en, state in faces
    ]  # fmt: skip
    found.append(
        Line(
            "moved", "叫应反馈已转移", "moved, as villages said", Decimal(seats.moved(at)), "人", "people", "叫应反馈",
            "answers of villages", seats.last_move(at) or at, Decimal(seats.moved(earlier)), earlier,
        )
    )  # fmt: skip
    return found


_CUTS = (
    ("network", "通信中断", "network cut"),
    ("power", "停电", "power cut"),
    ("road", "道路中断", "road cut"),
)


def _cuts(incident: Incident, at: datetime) -> list[Line]:
    rows = cuts_of(incident)
    earlier = at - EARLIER

    def count(kind: str, moment: datetime) -> int:
        return sum(
            one.kind == kind and one.since <= moment and (one.until is None or one.until > moment)
            for one in rows
        )

    return [
        Line(
            f"cut_{kind}", zh, en, Decimal(count(kind, at)), "处", "", "断线登记", "outages as told", at,
            Decimal(count(kind, earlier)), earlier, is_grave=bool(count(kind, at)),
        )
        for kind, zh, en in _CUTS
        if count(kind, at) or count(kind, earlier)
    ]  # fmt: skip
