"""What must be reported by when (R06): rows with a limit that is counted from true times, a reminder, and a mark that stays.

A limit that passed while the server was down is met by the loop afterwards: late is what the times say, not when anybody looked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta

from anlan.directory import queries as directory
from anlan.dissemination import services as dissemination
from anlan.duty.parameters import alarms
from anlan.duty.services import clear_subject, raise_alarm
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor, system
from anlan.kernel.clock import SHANGHAI
from anlan.losses.limits import Limits, end_of_workday, limits_at
from anlan.losses.models import CourseState, LossCourse, ReportDue
from anlan.places.models import Division
from anlan.vocab.posts import PostKind

BY = system("losses")
OPEN_STATES = ("waiting", "overdue")
TOWNSHIP_KINDS = ("township_first", "township_daily", "township_drought")
COUNTY_KINDS = ("county_first", "county_daily", "county_drought")
#: Kinds of which a newer round takes the place of an older one.
_OF_ROUNDS = ("township_daily", "county_daily", "township_drought", "county_drought")
KIND_WORDS: dict[str, tuple[str, str]] = {
    "township_first": ("乡镇首报", "township's first report"),
    "township_daily": ("乡镇每日报告", "township's daily report"),
    "township_drought": ("乡镇旱情续报", "township's report on the drought"),
    "county_first": ("县级初报", "county's first report"),
    "county_daily": ("县级每日报告", "county's daily report"),
    "county_drought": ("县级旱情续报", "county's report on the drought"),
    "county_direct": ("直报市、省、部", "direct report to city, province and ministry"),
    "county_verify": ("县级核报", "county's verification report"),
}


def is_drought(course: LossCourse) -> bool:
    return course.first_hazard == "drought"


def next_midnight(moment: datetime) -> datetime:
    """The next 24:00 in Shanghai; UTC."""
    day = moment.astimezone(SHANGHAI).date() + timedelta(days=1)
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def limits_of(course: LossCourse, at: datetime) -> Limits:
    """The numbers that hold for this course."""
    return limits_at(at, path=course.division.path, exercise_id=course.exercise_id)


def first_round(first_hazard: str, since: datetime, limits: Limits) -> datetime:
    """When the first round after the first reports opens."""
    if first_hazard == "drought":
        return since + timedelta(days=limits.need("drought_days"))
    return next_midnight(since)


def open_first(
    course: LossCourse, townships: Sequence[Division], *, since: datetime, by: Actor, at: datetime
) -> None:
    """The first report of each township, and of the county where it has none yet."""
    table = limits_of(course, at)
    due = since + table.minutes("township_first_min")
    _open(course, townships, "township_first", since, due, by=by, at=at)
    if not ReportDue.objects.filter(course=course, kind="county_first").exists():
        _open(
            course, [course.division], "county_first", since, since + table.minutes("county_first_min"), by=by, at=at
        )  # fmt: skip


def open_round(course: LossCourse, *, at: datetime) -> None:
    """The deadline `round_at` of an open course: what was not reported in the last round is missed, a new one begins."""
    start = course.round_at
    if start is None or course.state != CourseState.OPEN:
        return
    _miss_former(course, start, at=at)
    townships = [part.division for part in course.parts.select_related("division").order_by("division_id")]
    table = limits_of(course, at)
    if is_drought(course):
        days = timedelta(days=table.need("drought_days"))
        end, upcoming = start + days, start + days
        ahead = table.minutes("drought_township_ahead_min")
        plan = (("township_drought", townships, end - ahead), ("county_drought", [course.division], end))
    else:
        upcoming = next_midnight(start)
        plan = (
            ("township_daily", townships, start + table.minutes("township_daily_min")),
            ("county_daily", [course.division], start + table.minutes("county_daily_min")),
        )
    for kind, places, due in plan:
        _open(course, places, kind, start, due, by=BY, at=at)
    course.change(by=BY, at=at, kind="round_opened", round_at=upcoming)


def open_verification(course: LossCourse, *, stable_at: datetime, by: Actor, at: datetime) -> None:
    days = int(limits_of(course, at).need("verify_workdays"))
    due = end_of_workday(stable_at, days, path=course.division.path, exercise_id=course.exercise_id)
    _open(course, [course.division], "county_verify", stable_at, due, by=by, at=at)


def open_direct(course: LossCourse, what: str, *, since: datetime, by: Actor, at: datetime) -> None:
    """Deaths and missing (or collapsed rooms, farmland) reached the number: all levels at once. It rings now, not at the limit."""
    if ReportDue.objects.filter(course=course, kind="county_direct").exists():
        return
    due = since + limits_of(course, at).minutes("direct_min")
    _open(course, [course.division], "county_direct", since, due, by=by, at=at)
    _ring("loss_direct", course, f"{course.title}（{what}）", f"{course.title} ({what})", by=BY, at=at)


def meet(
    course: LossCourse, division_id: str, kinds: Iterable[str], *, by: Actor, at: datetime
) -> list[ReportDue]:
    """Something was reported at `at`: every limit that it answers is met, late where the time says so."""
    rows = ReportDue.objects.filter(
        course=course, division_id=division_id, kind__in=list(kinds), state__in=OPEN_STATES, counts_from__lte=at
    )  # fmt: skip
    met = []
    for due in rows.select_related("division", "course__division"):
        due.advance("met", by=by, at=at, met_at=at, is_late=at > due.due_at, look_at=None)
        met.append(due)
    _hush(course, {due.kind for due in met}, at=at)
    return met


def drop(course: LossCourse, kinds: Iterable[str] | None, *, by: Actor, at: datetime) -> None:
    """What is still waited for is needed no more; what is overdue stays as missed."""
    rows = ReportDue.objects.filter(course=course, state__in=OPEN_STATES).select_related(
        "division", "course__division"
    )
    if kinds is not None:
        rows = rows.filter(kind__in=list(kinds))
    touched = set()
    for due in rows:
        is_over = due.state == "overdue" or at > due.due_at
        due.advance(
            "missed" if is_over else "dropped", by=by, at=at, look_at=None, is_late=due.is_late or is_over
        )
        touched.add(due.kind)
    _hush(course, touched, at=at)


def look(due: ReportDue, *, at: datetime) -> None:
    """Before the limit: remind. At or after it: late for good, ring the desk and tell the township."""
    course = due.course
    zh, en = KIND_WORDS[due.kind]
    if at < due.due_at:
        due.change(by=BY, at=at, kind="reminded", look_at=due.due_at)
        _ring(
            "loss_report_due",
            course,
            f"{course.title} {zh}",
            f"{course.title}: {en}",
            by=BY,
            at=at,
            kind=due.kind,
        )
        return
    due.advance("overdue", by=BY, at=at, look_at=None, is_late=True)
    words_zh, words_en = (
        f"{course.title} {zh}（{due.division.name}）",
        f"{course.title}: {en} ({due.division.name})",
    )
    clear_subject(_subject(course, due.kind), reason="已超时", by=BY, at=at, kinds=["loss_report_due"])
    _ring("loss_report_late", course, words_zh, words_en, by=BY, at=at, kind=due.kind)
    if due.kind in TOWNSHIP_KINDS:
        _tell(due, zh, at=at)


def _tell(due: ReportDue, zh: str, *, at: datetime) -> None:
    """The township's duty room hears of it at once."""
    course = due.course
    mark = "【演练】" if course.exercise_id is not None else ""
    held = directory.holders(PostKind.TOWNSHIP_DUTY, [due.division_id], at).get(due.division_id, [])
    for holder in held[:1]:
        dissemination.reach_person(
            person_id=holder.person_id,
            subject=f"loss_due:{due.pk}",
            text=f"{mark}【灾情统计】{course.title}：{zh}已超时，请立即报送，无灾情请零报告。",
            voice_text=f"{course.title}，{zh}已超时，请立即报送。",
            role=str(PostKind.TOWNSHIP_DUTY),
            by=BY,
            at=at,
            exercise_id=course.exercise_id,
            cause=f"loss_due:{due.pk}",
        )


def _open(
    course: LossCourse, places: Sequence[Division], kind: str, since: datetime, due: datetime, *, by: Actor, at: datetime
) -> None:  # fmt: skip
    """One row a place; a round that was opened already is not opened again."""
    known = set(
        ReportDue.objects.filter(course=course, kind=kind, counts_from=since).values_list("division_id", flat=True)
    )  # fmt: skip
    remind = due - limits_of(course, at).minutes("warn_before_min")
    rows = [
        ReportDue(
            state="waiting",
            course=course,
            division=place,
            kind=kind,
            counts_from=since,
            due_at=due,
            look_at=max(remind, since),
            exercise_id=course.exercise_id,
        )
        for place in places
        if place.pk not in known
    ]
    record_all(rows, by=by, at=at, kind="opened")


def _miss_former(course: LossCourse, start: datetime, *, at: datetime) -> None:
    """Limits of the round before that passed without a report; the first reports stay open until they come."""
    rows = ReportDue.objects.filter(
        course=course, kind__in=_OF_ROUNDS, state__in=OPEN_STATES, due_at__lte=start, counts_from__lt=start
    )
    touched = set()
    for due in rows.select_related("division", "course__division"):
        due.advance("missed", by=BY, at=at, look_at=None, is_late=True)
        touched.add(due.kind)
    _hush(course, touched, at=at)


def _subject(course: LossCourse, kind: str) -> str:
    return f"loss:{course.pk}:{kind}"


def _ring(
    alarm: str, course: LossCourse, zh: str, en: str, *, by: Actor, at: datetime, kind: str = "county_direct"
) -> None:  # fmt: skip
    """One alarm a course and kind of report: twenty silent townships are one alarm."""
    face = alarms().of(alarm)
    raise_alarm(
        alarm,
        subject=_subject(course, kind),
        text_zh=face.zh.format(what=zh),
        text_en=face.en.format(what=en),
        level=None,
        division=course.division,
        by=by,
        at=at,
        exercise_id=course.exercise_id,
        cause=f"loss_course:{course.pk}",
    )


def _hush(course: LossCourse, kinds: Iterable[str], *, at: datetime) -> None:
    """Nothing rings for a kind of which nothing is owed any more."""
    for kind in kinds:
        owed = ReportDue.objects.filter(course=course, kind=kind, state__in=OPEN_STATES)
        if not owed.exists():
            clear_subject(_subject(course, kind), reason="已报送", by=BY, at=at)
