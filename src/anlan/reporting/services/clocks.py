"""The clocks of an incident: computed again from facts whenever something changed, closed with a reason, never deleted.

1. Of an incident and all merged into it the earliest knowing counts; clocks stand at the main one.
2. What met a limit is read from deliveries and from what persons recorded, so a merge or split loses none of it.
3. `is_late` compares true times: when it was met (or the present) with the limit. A stop of the machine changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from anlan.duty.parameters import alarms
from anlan.duty.services import clear_subject, raise_alarm
from anlan.incidents.models import Incident
from anlan.kernel.actor import Actor, system
from anlan.reporting.legal import follow_up_limit, legal
from anlan.reporting.models import ClockMeeting, ReportClock, ReportDelivery, UpwardReport
from anlan.reporting.obligations import Facts, facts_of, warn_at
from anlan.reporting.refusals import NobodyConfirmed
from anlan.reporting.services.common import check_time, county_of, family_of
from anlan.reporting.types import Obligation
from anlan.reporting.words import CHAINED
from anlan.ruleset.reportclocks import ReportPacks
from anlan.sensing.rules.governing import report_packs

_BY = system("reporting")
#: Spoken ways do not meet a limit for a written report.
SPOKEN = frozenset({"phone"})


@dataclass(frozen=True, slots=True)
class Handed:
    """One delivery that truly left: when, where to, how, with pictures or not."""

    at: datetime
    tier: str
    way: str
    kind: str
    has_images: bool
    ref: str
    report: str


def recount(incident: Incident, *, by: Actor = _BY, at: datetime, cause: str = "") -> list[ReportClock]:
    """Bring the clocks of the family into line with what is known now. Harmless when repeated."""
    family = family_of(incident)
    main = family[0]
    for child in family[1:]:
        _close_all(child, f"归并入{main.number}", by=by, at=at, cause=cause)
    wanted = _obligations(family, at=at)
    known = {(row.code, row.tier, row.nth): row for row in _clocks(main)}
    division = county_of(main.division)
    rows = []
    for one in wanted:
        row = known.pop((one.code, one.tier, one.nth), None)
        if row is None and one.over_why:
            continue
        if row is None:
            rows.append(_begin(main, division, one, by=by, at=at, cause=cause))
        else:
            rows.append(_align(row, one, by=by, at=at, cause=cause))
    for row in known.values():
        if row.state == "open":
            _close(row, _why_not(main), by=by, at=at, cause=cause)
    return rows


def meet_by_word(clock: ReportClock, *, met_at: datetime, words: str, by: Actor, at: datetime) -> ReportClock:
    """A person says when and how an obligation was met that the program did not see. Kept as a fact; the earliest counts."""
    if not words.strip():
        raise NobodyConfirmed
    moment = check_time(met_at, at=at, not_before=clock.starts_at)
    assert clock.incident is not None
    ClockMeeting(
        incident=clock.incident,
        code=clock.code,
        tier=clock.tier,
        nth=clock.nth,
        met_at=moment,
        words=words.strip()[:200],
        recorded_at=at,
        recorded_by=by.ref,
        exercise_id=clock.exercise_id,
    ).record(by=by, at=at, kind="recorded")
    recount(clock.incident, by=by, at=at)
    clock.refresh_from_db()
    return clock


def clock_of_report(report: UpwardReport, one: Obligation, *, by: Actor, at: datetime) -> ReportClock:
    """The clock of a township's own report, which may have no incident yet."""
    return _record(None, report, report.division, one, report.exercise_id, by=by, at=at, cause="")


def meet_clock_of_report(report: UpwardReport, *, met_at: datetime, by: Actor, at: datetime) -> None:
    for row in report.clocks.filter(state="open"):
        late = met_at > row.due_at
        row.advance(
            "met",
            by=by,
            at=at,
            met_at=met_at,
            met_by=f"upward_report:{report.pk}",
            is_late=late,
            next_at=None,
        )
        clear_subject(f"report_clock:{row.pk}", reason="已报出", by=by, at=at)


def pass_moment(clock: ReportClock, *, at: datetime) -> None:
    """The deadline of a clock: the warning, then the limit. After a stop over both only the limit is said."""
    if at < clock.due_at:
        clock.change(by=_BY, at=at, kind="warned", warned_at=at, next_at=clock.due_at)
        _ring("report_clock_warn", clock, at=at)
        return
    clock.change(by=_BY, at=at, kind="late", is_late=True, next_at=None)
    clear_subject(f"report_clock:{clock.pk}", reason="已超时限", by=_BY, at=at, kinds=["report_clock_warn"])
    _ring("report_late", clock, at=at)


def _ring(kind: str, clock: ReportClock, *, at: datetime) -> None:
    if not clock.is_ours:
        return
    face = alarms().of(kind)
    about = clock.incident if clock.incident is not None else clock.report
    name = f"{about.number} {about.title}" if about is not None else ""
    if clock.incident is not None and clock.incident.is_restricted:
        name = clock.incident.number  # what rings is read by everybody at the desk
    raise_alarm(
        kind,
        subject=f"report_clock:{clock.pk}",
        text_zh=face.zh.format(what=f"{clock.label_zh}，{name}"),
        text_en=face.en.format(what=f"{clock.label_en}, {name}"),
        level=clock.incident.grade if clock.incident is not None else None,
        division=clock.division,
        by=_BY,
        at=at,
        exercise_id=clock.exercise_id,
        cause=f"report_clock:{clock.pk}",
    )


def _clocks(incident: Incident) -> list[ReportClock]:
    return list(ReportClock.objects.filter(incident=incident, report=None).select_related("division"))


def _obligations(family: Sequence[Incident], *, at: datetime) -> list[Obligation]:
    """What binds now, each with what met it."""
    main = family[0]
    if main.state == "not_true":
        return []
    facts = facts_of(family, at=at)
    packs = report_packs(at=at, path=main.division.path, exercise_id=main.exercise_id)
    handed = handed_of(family)
    told = _meetings(family)
    found = [_met(one, facts, handed, told) for one in legal(facts, packs)]
    return found + [_met(one, facts, [], told) for one in _follow_ups(handed, facts, packs)]


def _follow_ups(handed: Sequence[Handed], facts: Facts, packs: ReportPacks) -> list[Obligation]:
    """After each written report the next one is owed within the interval, until the final report."""
    written = _first_of_each_report(handed)
    found = []
    for nth, one in enumerate(written, start=1):
        following = written[nth] if nth < len(written) else None
        limit = follow_up_limit(facts, packs, one.at)
        if limit is None or one.kind == "final":
            continue
        found.append(
            Obligation(
                code="follow_up",
                tier="",
                meets="follow_up",
                starts_at=one.at,
                due_at=limit.due_at,
                warn_at=warn_at(one.at, limit.due_at),
                label_zh=limit.zh,
                label_en=limit.en,
                source=f"{limit.rule}：{limit.source}",
                is_verified=limit.verified,
                nth=nth,
                met_at=following.at if following else None,
                met_by=following.ref if following else "",
            )
        )
    return found


def handed_of(family: Iterable[Incident]) -> list[Handed]:
    """Every delivery of the county's reports about these incidents that truly left, the earliest first."""
    rows = ReportDelivery.objects.filter(
        report__incident__in=list(family), handed_at__isnull=False, report__origin=""
    )
    rows = rows.exclude(way="system").select_related("report").order_by("handed_at", "id")
    pictured = _with_images(rows)
    return [
        Handed(
            row.handed_at,
            row.tier,
            row.way,
            row.report.kind,
            row.report_id in pictured and row.way not in SPOKEN,
            f"report_delivery:{row.pk}",
            str(row.report_id),
        )
        for row in rows
        if row.handed_at is not None
    ]


def _with_images(rows: Iterable[ReportDelivery]) -> set[Any]:
    from anlan.attachments.models import Attachment

    ids = {row.report_id for row in rows}
    subjects = {f"upward_report:{pk}": pk for pk in ids}
    found = Attachment.objects.filter(subject__in=list(subjects), media_type__startswith="image/")
    return {subjects[subject] for subject in found.values_list("subject", flat=True)}


def _first_of_each_report(handed: Sequence[Handed]) -> list[Handed]:
    """The first time that each report of the chain left in writing; several receivers of one report are one report."""
    seen, found = set(), []
    for one in handed:
        if one.kind in CHAINED and one.way not in SPOKEN and one.report not in seen:
            seen.add(one.report)
            found.append(one)
    return found


def _meetings(family: Sequence[Incident]) -> dict[tuple[str, str, int], tuple[datetime, str]]:
    found: dict[tuple[str, str, int], tuple[datetime, str]] = {}
    for row in ClockMeeting.objects.filter(incident__in=list(family)).order_by("-met_at", "-id"):
        found[row.code, row.tier, row.nth] = (row.met_at, f"clock_meeting:{row.pk}")
    return found


def _met(
    one: Obligation,
    facts: Facts,
    handed: Sequence[Handed],
    told: dict[tuple[str, str, int], tuple[datetime, str]],
) -> Obligation:
    """The earliest of what met it: a delivery of the right kind there, our own knowing, a person's word."""
    found = [(one.met_at, one.met_by)] if one.met_at else []
    found += [(item.at, item.ref) for item in handed if _meets(one, item)][:1]
    if one.meets == "knowing":
        found.append((facts.known_at, "incident"))
    if (one.code, one.tier, one.nth) in told:
        found.append(told[one.code, one.tier, one.nth])
    if not found:
        return one
    moment, ref = min(found)
    return replace(one, met_at=moment, met_by=ref)


def _meets(one: Obligation, item: Handed) -> bool:
    if item.tier != one.tier or item.kind == "nil":
        return False
    if one.meets == "phone":
        return True  # a written report that was faster than the phone says as much
    if one.meets == "written":
        return item.way not in SPOKEN and item.kind != "flash"
    return one.meets == "image" and item.has_images


def _begin(
    main: Incident, division: Any, one: Obligation, *, by: Actor, at: datetime, cause: str
) -> ReportClock:
    return _record(main, None, division, one, main.exercise_id, by=by, at=at, cause=cause)


def _record(
    incident: Incident | None,
    report: UpwardReport | None,
    division: Any,
    one: Obligation,
    exercise_id: Any,
    *,
    by: Actor,
    at: datetime,
    cause: str,
) -> ReportClock:
    state, fields = _standing(one, at=at, is_warned=False)
    return ReportClock(
        state=state,
        incident=incident,
        report=report,
        division=division,
        code=one.code,
        tier=one.tier,
        nth=one.nth,
        is_ours=one.is_ours,
        exercise_id=exercise_id,
        **fields,
    ).record(by=by, at=at, kind="started", cause=cause)


def _standing(one: Obligation, *, at: datetime, is_warned: bool) -> tuple[str, dict[str, Any]]:
    """State and fields that follow from an obligation at this moment."""
    fields: dict[str, Any] = {
        "label_zh": one.label_zh,
        "label_en": one.label_en,
        "starts_at": one.starts_at,
        "due_at": one.due_at,
        "warn_at": one.warn_at,
        "source": one.source[:200],
        "is_verified": one.is_verified,
        "closed_why": "",
    }
    if one.met_at is not None:
        late = one.met_at > one.due_at
        return "met", {**fields, "met_at": one.met_at, "met_by": one.met_by, "is_late": late, "next_at": None}
    if one.over_why:
        return "closed", {**fields, "met_at": None, "met_by": "", "next_at": None, "closed_why": one.over_why}
    next_at = one.warn_at if one.warn_at is not None and not is_warned and at < one.due_at else one.due_at
    return "open", {**fields, "met_at": None, "met_by": "", "is_late": False, "next_at": next_at}


def _align(row: ReportClock, one: Obligation, *, by: Actor, at: datetime, cause: str) -> ReportClock:
    is_warned = row.warned_at is not None and row.due_at == one.due_at
    state, fields = _standing(one, at=at, is_warned=is_warned)
    if state == "open" and row.state == "open" and row.is_late and at >= one.due_at:
        fields |= {"is_late": True, "next_at": None}  # marked already
    different = {name: value for name, value in fields.items() if getattr(row, name) != value}
    if state != row.state:
        row.advance(state, by=by, at=at, cause=cause, **different)
    elif different:
        row.change(by=by, at=at, kind="moved", cause=cause, fields=different)
    if row.state != "open":
        clear_subject(f"report_clock:{row.pk}", reason="已报送", by=by, at=at)
    elif "due_at" in different and at < row.due_at:
        clear_subject(f"report_clock:{row.pk}", reason="时限已变", by=by, at=at)
    return row


def _why_not(main: Incident) -> str:
    return "事件不属实" if main.state == "not_true" else "按现有等级、性质不再适用"


def _close(row: ReportClock, why: str, *, by: Actor, at: datetime, cause: str) -> None:
    """It binds no longer. What was late when it was closed stays late."""
    late = row.is_late or at > row.due_at
    row.advance("closed", by=by, at=at, cause=cause, closed_why=why[:200], next_at=None, is_late=late)
    clear_subject(f"report_clock:{row.pk}", reason=why, by=by, at=at)


def _close_all(incident: Incident, why: str, *, by: Actor, at: datetime, cause: str) -> None:
    for row in _clocks(incident):
        if row.state == "open":
            _close(row, why, by=by, at=at, cause=cause)
