"""拟稿 → 审核 → 签发: drafting, review, return and signature of reports, and the numbers of the chain.

1. One report of a chain is under way at a time; a chain is one incident and one place that reports.
2. Its place in the chain (初报, 续报n, 终报) is given at signing and kept once by `chain_key`, so numbers have no gap.
3. Whoever drafted it neither reviews nor signs it. The leader may sign what was not reviewed; that is his review.
4. The phone flash is none of this: it goes out while a draft waits (services.sending.flash).
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from anlan.directory.models import Person
from anlan.duty.parameters import alarms
from anlan.duty.services import clear_subject, raise_alarm
from anlan.incidents.models import Incident
from anlan.incidents.numbering import next_number
from anlan.incidents.queries import rolling_of
from anlan.kernel.actor import Actor, system
from anlan.places.models import Division
from anlan.reporting import content
from anlan.reporting.elements import ELEMENTS, known_already, missing_of, offered, required
from anlan.reporting.models import ChainReopening, ReportClock, UpwardReport
from anlan.reporting.parameters import chain_table
from anlan.reporting.refusals import (
    AnotherInProgress,
    ChainBegun,
    ChainEnded,
    ChainNotBegun,
    NobodySigned,
    NotASigner,
    NothingSaid,
    OwnDraft,
    WhyReturned,
)
from anlan.reporting.services.clocks import clock_of_report
from anlan.reporting.services.common import check_time, family_of, masked, named, signers
from anlan.reporting.texts import body
from anlan.reporting.types import Draft, Obligation, WordOfMouth
from anlan.reporting.words import CHAINED
from anlan.sensing.rules.governing import report_packs
from anlan.vocab.divisions import DivisionLevel

_BY = system("reporting")
UNDER_WAY = ("draft", "in_review", "reviewed", "returned")
SIGNED = ("signed", "sent", "taken")


def draft_report(
    incident: Incident | None,
    draft: Draft,
    *,
    division: Division,
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
) -> UpwardReport:
    """Begin a report. What nobody wrote is taken from the incident; a township may write about what is no incident yet."""
    if incident is not None:
        incident = incident.merged_into or incident
        exercise_id = incident.exercise_id
    _check_place_in_chain(incident, division, draft.kind)
    title = draft.title.strip() or (incident.title if incident is not None else "")
    if not title:
        raise NothingSaid
    report = UpwardReport(
        state="draft",
        incident=incident,
        division=division,
        kind=draft.kind,
        number="",
        title=title[:160],
        is_direct=draft.is_direct,
        target_tier=draft.target_tier if draft.is_direct else "",
        known_at=draft.known_at or (_known_at(incident) if incident is not None else at),
        facts=draft.facts,
        elements=_cleaned(draft.elements),
        unknown=[code for code in draft.unknown if code in ELEMENTS],
        former=_last_signed(incident, division),
        drafted_at=at,
        drafted_by=by.ref,
        drafted_by_person_id=by.person_id,
        period_from=draft.period_from,
        period_to=draft.period_to,
        exercise_id=exercise_id,
    ).record(by=by, at=at, kind="drafted")
    if division.level == DivisionLevel.TOWNSHIP and draft.kind != "nil":
        clock_of_report(report, _to_the_county(report, at=at), by=by, at=at)
    return report


def change_report(report: UpwardReport, draft: Draft, *, by: Actor, at: datetime) -> UpwardReport:
    """Write on; only before it was submitted or after it came back."""
    if not draft.title.strip():
        raise NothingSaid
    if report.state not in ("draft", "returned"):
        raise AnotherInProgress(title=report.title)
    return report.change(
        by=by,
        at=at,
        kind="written",
        title=draft.title.strip()[:160],
        elements=_cleaned(draft.elements),
        unknown=[code for code in draft.unknown if code in ELEMENTS],
        is_direct=draft.is_direct,
        target_tier=draft.target_tier if draft.is_direct else "",
    )


def submit_report(report: UpwardReport, *, by: Actor, at: datetime) -> UpwardReport:
    """To the reviewer, who has his own time within the legal one."""
    if not report.title or not (report.elements or report.unknown or report.kind == "nil"):
        raise NothingSaid
    step = _step_until(report, at=at, minutes=chain_table().review_min, share=0.5)
    return report.advance("in_review", by=by, at=at, step_at=step, returned_why="")


def review_report(report: UpwardReport, *, by: Actor, at: datetime) -> UpwardReport:
    """Checked; now it waits for the signature."""
    _check_other(report, by)
    step = _step_until(report, at=at, minutes=chain_table().sign_min, share=0.5)
    report.advance("reviewed", by=by, at=at, reviewed_at=at, reviewed_by=by.ref, step_at=step)
    _quiet(report, "已审核", at=at)
    return report


def return_report(report: UpwardReport, *, reason: str, by: Actor, at: datetime) -> UpwardReport:
    """Back to the drafter with a reason; how often is counted (accuracy, D-13)."""
    if not reason.strip():
        raise WhyReturned
    report.advance(
        "returned",
        by=by,
        at=at,
        returned_at=at,
        returned_by=by.ref,
        returned_why=reason.strip()[:300],
        returned_count=report.returned_count + 1,
        reviewed_at=None,
        reviewed_by="",
        step_at=None,
    )
    _quiet(report, "已退回", at=at)
    return report


def sign_report(report: UpwardReport, *, by: Actor, at: datetime) -> UpwardReport:
    """The leader signs on his own page."""
    _check_other(report, by)
    return _sign(report, way="page", signed_by=by.ref, signed_at=at, word={}, by=by, at=at)


def sign_by_word(report: UpwardReport, word: WordOfMouth, *, by: Actor, at: datetime) -> UpwardReport:
    """The leader said yes on the phone and the duty officer writes down who, when and which number was called."""
    person = Person.objects.filter(pk=word.signer_person_id).first()
    if person is None or not word.number.strip():
        raise NobodySigned
    if person not in signers(report.division, at):
        raise NotASigner(name=person.name)
    if report.drafted_by_person_id == person.pk:
        raise OwnDraft
    said = check_time(word.said_at, at=at, not_before=report.drafted_at)
    kept = {
        "signer": person.name,
        "signer_id": str(person.pk),
        "number": masked(word.number),
        "recorded_by": named(by),
        "recorded_at": at.isoformat(),
    }
    return _sign(report, way="word", signed_by=f"person:{person.pk}", signed_at=said, word=kept, by=by, at=at)


def withdraw_report(report: UpwardReport, *, reason: str, by: Actor, at: datetime) -> UpwardReport:
    """It is not sent; its number was never given."""
    if not reason.strip():
        raise WhyReturned
    report.advance("withdrawn", by=by, at=at, withdrawn_why=reason.strip()[:300], step_at=None)
    for row in report.clocks.filter(state="open"):
        row.advance("closed", by=by, at=at, closed_why="报告已撤回", next_at=None)
        clear_subject(f"report_clock:{row.pk}", reason="报告已撤回", by=by, at=at)
    _quiet(report, "已撤回", at=at)
    return report


def reopen_chain(
    incident: Incident, *, division: Division, reason: str, by: Actor, at: datetime
) -> ChainReopening | None:
    """Something happened after the final report: follow-ups go on. None where nothing was ended."""
    if not reason.strip():
        raise WhyReturned
    final = _final(incident, division)
    if final is None:
        return None
    return ChainReopening(
        incident=final.incident,
        division=division,
        final=final,
        reason=reason.strip()[:300],
        reopened_at=at,
        reopened_by=by.ref,
        exercise_id=incident.exercise_id,
    ).record(by=by, at=at, kind="reopened")


def has_ended(incident: Incident, division: Division) -> bool:
    """Whether the final report stands and nothing reopened the chain."""
    return _final(incident, division) is not None


def prefilled(incident: Incident, kind: str, *, at: datetime) -> dict[str, str]:
    """What the form begins with: what the incident tells. A follow-up leaves out what has not changed since."""
    main = incident.merged_into or incident
    packs = report_packs(at=at, path=main.division.path, exercise_id=main.exercise_id)
    codes = offered(kind, main.event_type, packs)
    return known_already(main, codes, rolling_of(main))


def step_overdue(report: UpwardReport, *, at: datetime) -> None:
    """The reviewer or signer lets it lie: ring, once a step. The phone flash is not held up by it."""
    report.change(by=_BY, at=at, kind="step_overdue", step_at=None)
    face = alarms().of("report_step_waiting")
    is_review = report.state == "in_review"
    is_restricted = report.incident is not None and report.incident.is_restricted
    title = report.incident.number if is_restricted and report.incident is not None else report.title
    raise_alarm(
        "report_step_waiting",
        subject=f"upward_report:{report.pk}",
        text_zh=face.zh.format(what=f"{title}（{'待审核' if is_review else '待签发'}）"),
        text_en=face.en.format(what=f"{title} ({'review' if is_review else 'signature'})"),
        level=None,
        division=report.division,
        by=_BY,
        at=at,
        exercise_id=report.exercise_id,
        cause=f"upward_report:{report.pk}",
    )


def next_kind(incident: Incident, division: Division) -> str:
    """The kind that comes next in the chain: the initial report, then follow-ups."""
    begun = chain(incident, division).filter(kind__in=CHAINED, state__in=(*UNDER_WAY, *SIGNED)).exists()
    return "follow_up" if begun else "initial"


def chain(incident: Incident, division: Division) -> QuerySet[UpwardReport]:
    """Every report of one place about an incident and what was merged into it, the earliest first."""
    rows = UpwardReport.objects.filter(incident__in=family_of(incident), division=division)
    return rows.order_by("drafted_at", "id")


def _check_place_in_chain(incident: Incident | None, division: Division, kind: str) -> None:
    if kind not in CHAINED or incident is None:
        return
    rows = chain(incident, division).filter(kind__in=CHAINED)
    waiting = rows.filter(state__in=UNDER_WAY).first()
    if waiting is not None:
        raise AnotherInProgress(title=waiting.title)
    signed = rows.filter(state__in=SIGNED)
    has_begun = signed.filter(kind__in=("initial", "follow_up")).exists()
    if kind == "initial" and signed.exists():
        raise ChainBegun
    if kind != "initial" and not has_begun:
        raise ChainNotBegun
    if _final(incident, division) is not None:
        raise ChainEnded


def _final(incident: Incident, division: Division) -> UpwardReport | None:
    """The final report that nothing reopened."""
    rows = chain(incident, division).filter(kind="final", state__in=SIGNED)
    return rows.filter(reopening=None).first()


def _last_signed(incident: Incident | None, division: Division) -> UpwardReport | None:
    if incident is None:
        return None
    rows = chain(incident, division).filter(Q(kind__in=CHAINED), state__in=SIGNED)
    return rows.order_by("-signed_at", "-id").first()


def _sign(
    report: UpwardReport,
    *,
    way: str,
    signed_by: str,
    signed_at: datetime,
    word: dict[str, str],
    by: Actor,
    at: datetime,
) -> UpwardReport:
    """Number, freeze and sign. Two leaders who sign at once: the second finds it signed."""
    snapshot = content.snapshot_of(report.incident) if report.incident is not None else {}
    former = _last_signed(report.incident, report.division)
    serial = _next_serial(report)
    packs = content.packs_of(report, at=at)
    wanted = required(report.kind, content.type_of(report), packs)
    report.serial, report.former = serial, former
    text = body(content.wording_of(report, at=signed_at))
    fields: dict[str, Any] = {
        "serial": serial,
        "chain_key": _chain_key(report, serial),
        "number": report.number
        or next_number(f"report:{report.division_id}", at, form="报{year}-{serial:04d}"),
        "former_id": former.pk if former is not None else None,
        "snapshot": snapshot,
        "changes": content.changes_since(former, snapshot, report.elements),
        "missing": missing_of(report.elements, report.unknown, wanted),
        "text": text,
        "signed_at": signed_at,
        "signed_by": signed_by,
        "signed_way": way,
        "word": word,
        "step_at": None,
    }
    if not report.reviewed_by:
        fields |= {"reviewed_by": signed_by, "reviewed_at": signed_at}
    report.advance("signed", by=by, at=at, **fields)
    _quiet(report, "已签发", at=at)
    return report


def _next_serial(report: UpwardReport) -> int:
    if report.kind != "follow_up" or report.incident is None:
        return 0
    rows = UpwardReport.objects.filter(
        incident=report.incident, division_id=report.division_id, kind="follow_up", state__in=SIGNED
    )
    found: int = rows.count() + 1
    return found


def _chain_key(report: UpwardReport, serial: int) -> str:
    """Unique: two initial reports, or two follow-ups of one number, cannot both be signed. A final one may follow a reopening."""
    if report.incident is None or report.kind not in CHAINED:
        return ""
    nth = serial
    if report.kind == "final":
        rows = UpwardReport.objects.filter(incident=report.incident, division_id=report.division_id)
        nth = rows.filter(kind="final", state__in=SIGNED).count() + 1
    return f"{report.incident_id}:{report.division_id}:{report.kind}:{nth}"


def _check_other(report: UpwardReport, by: Actor) -> None:
    is_same_person = report.drafted_by_person_id is not None and report.drafted_by_person_id == by.person_id
    if report.drafted_by == by.ref or is_same_person:
        raise OwnDraft


def _step_until(report: UpwardReport, *, at: datetime, minutes: int, share: float) -> datetime:
    """The time of this step: the county's minutes, or its share of what is left of the legal limit if that is less."""
    step = timedelta(minutes=minutes)
    due = (
        ReportClock.objects.filter(incident_id=report.incident_id, state="open", is_ours=True)
        .filter(code__in=("written", "county_to_city", "follow_up"))
        .order_by("due_at")
        .values_list("due_at", flat=True)
        .first()
        if report.incident_id is not None
        else report.clocks.filter(state="open").values_list("due_at", flat=True).first()
    )
    if due is not None and due > at:
        step = min(step, (due - at) * share)
    return at + step


def _to_the_county(report: UpwardReport, *, at: datetime) -> Obligation:
    """A township tells the county within the hour (R06 parameter)."""
    from anlan.reporting.obligations import warn_at
    from anlan.sensing.rules.governing import rule_in_force

    rule = rule_in_force("R06", at=at, path=report.division.path, exercise_id=report.exercise_id)
    assert rule is not None  # shipped, and no template
    one = rule.parameters["township_to_county_min"]
    starts = report.known_at or at
    due = starts + timedelta(minutes=one.value)
    return Obligation(
        code="township",
        tier="county",
        meets="",
        starts_at=starts,
        due_at=due,
        warn_at=warn_at(starts, due),
        label_zh=f"乡镇{one.value:g}分钟内报县",
        label_en=f"township to county within {one.value:g} min",
        source=f"R06：{one.source}",
        is_verified=one.verified,
    )


def _known_at(incident: Incident) -> datetime:
    return min(one.known_at for one in family_of(incident))


def _cleaned(elements: dict[str, str]) -> dict[str, str]:
    return {code: words.strip() for code, words in elements.items() if code in ELEMENTS and words.strip()}


def _quiet(report: UpwardReport, why: str, *, at: datetime) -> None:
    clear_subject(f"upward_report:{report.pk}", reason=why, by=_BY, at=at, kinds=["report_step_waiting"])
