"""The case library: a reviewed incident or a case from elsewhere enters it, is described anew, or is retired."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from anlan.accounts.access import require
from anlan.command.labels import texts_of
from anlan.command.trail import subjects_of
from anlan.command.words import kind_zh
from anlan.incidents.models import Incident
from anlan.incidents.tags import known_tags
from anlan.journal.models import Entry
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.review.caserefusals import (
    AlreadyACase,
    CaseIncomplete,
    CaseInTheFuture,
    CaseRetired,
    ReviewNotFinished,
    UnknownCaseWord,
)
from anlan.review.cases import case_of
from anlan.review.casetypes import CaseDetails
from anlan.review.models import CaseRecord, Review
from anlan.vocab.incidents import TYPES
from anlan.vocab.posts import Right

#: Lines of the course that a case begins with; a person shortens it further. Engineering choice.
MOST_LINES = 30
#: Kinds of rows whose entries tell how it went.
_COURSE = frozenset({"incident", "activation", "level_change", "scene", "decision", "warning", "callout", "upward_report"})  # fmt: skip
#: Entries of those that tell nothing to who was not there.
_SMALL = frozenset({"incident.described", "incident.tagged", "incident.graded", "decision.asked"})
_LABELS = ("closed_why", "headline", "title", "words", "name", "why", "end_why")
#: What a form may change later.
_FIELDS = ("title", "event_type", "happened_on", "place_words", "division", "tags", "summary", "course", "lessons", "source")  # fmt: skip


def add_case(
    details: CaseDetails,
    *,
    by: Actor,
    by_name: str,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
    key: uuid.UUID | None = None,
) -> CaseRecord:
    """Enter a case. `key` is the id that the form made: the same form again gives the case that it made."""
    require(by, Right.REVIEW_INCIDENTS, details.division.path)
    again = None if key is None else CaseRecord.objects.filter(pk=key).first()
    if again is not None:
        return again
    if details.review is not None:
        _check_review(details.review)
    row = CaseRecord(
        **({} if key is None else {"id": key}),
        incident=details.incident or (details.review.incident if details.review is not None else None),
        review=details.review,
        added_by_name=by_name[:60],
        added_at=at,
        exercise_id=exercise_id,
        **_fields(details, at),
    )
    return row.record(by=by, at=at, kind="added")


def describe_case(case: CaseRecord, details: CaseDetails, *, by: Actor, at: datetime) -> CaseRecord:
    """Write it anew; what stays the same makes no entry. Of which incident and review it is stays."""
    _check_live(case, by)
    require(by, Right.REVIEW_INCIDENTS, details.division.path)
    fields = _fields(details, at)
    changed = {name: value for name, value in fields.items() if getattr(case, name) != value}
    return case.change(by=by, at=at, kind="described", fields=changed) if changed else case


def retire_case(case: CaseRecord, *, by: Actor, at: datetime) -> CaseRecord:
    """It is offered no more and stays readable."""
    _check_live(case, by)
    return case.change(by=by, at=at, kind="retired", retired_at=at)


def case_of_review(review: Review) -> CaseDetails:
    """What a case of a finished review begins with: its summary, the course from the journal, its lessons. Nothing is stored."""
    _check_review(review)
    incident = review.incident
    if incident is None:
        return CaseDetails(
            title=review.title, event_type="", division=review.division, summary=review.summary,
            lessons=_lessons(review), source=review.title, review=review,
        )  # fmt: skip
    return CaseDetails(
        title=incident.title,
        event_type=incident.event_type,
        division=incident.division,
        happened_on=(incident.occurred_at or incident.known_at).astimezone(SHANGHAI).date(),
        place_words=f"{incident.division.name}{incident.place_words}"[:160],
        tags=tuple(incident.tags),
        summary=review.summary or incident.course,
        course=_course(incident),
        lessons=_lessons(review),
        source=f"{incident.number} {review.title}"[:300],
        incident=incident,
        review=review,
    )


def _check_live(case: CaseRecord, by: Actor) -> None:
    require(by, Right.REVIEW_INCIDENTS, case.division.path)
    if case.retired_at is not None:
        raise CaseRetired


def _check_review(review: Review) -> None:
    if review.state != "final":
        raise ReviewNotFinished
    known = case_of(review)
    if known is not None:
        raise AlreadyACase(title=known.title)


def _fields(details: CaseDetails, at: datetime) -> dict[str, Any]:
    title, source = details.title.strip()[:160], details.source.strip()[:300]
    summary = details.summary.strip()
    if not (title and source and summary):
        raise CaseIncomplete
    if details.event_type not in TYPES:
        raise UnknownCaseWord(given=details.event_type)
    unknown = next((code for code in details.tags if code not in known_tags()), None)
    if unknown is not None:
        raise UnknownCaseWord(given=unknown)
    if details.happened_on is not None and details.happened_on > at.astimezone(SHANGHAI).date():
        raise CaseInTheFuture
    found: dict[str, Any] = {name: getattr(details, name) for name in _FIELDS}
    found |= {"title": title, "source": source, "summary": summary, "tags": list(dict.fromkeys(details.tags))}
    found |= {name: found[name].strip() for name in ("course", "lessons")}
    found["place_words"] = details.place_words.strip()[:160]
    return found


def _lessons(review: Review) -> str:
    """Findings first, then what is to be mended."""
    findings = review.findings.filter(dropped_at=None).order_by("happened_at", "made_at", "pk")
    said = [one.words for one in findings if one.words]
    said += [one.words for one in review.lessons.exclude(state="dropped").order_by("pk") if one.words]
    return "\n".join(dict.fromkeys(said))


def _course(incident: Incident) -> str:
    """The main entries of the journal, one a line, each with its time in Shanghai."""
    subjects = {
        kind: keys for kind, keys in subjects_of(incident, with_messages=False).items() if kind in _COURSE
    }
    entries: list[Entry] = []
    for kind, keys in subjects.items():
        entries += Entry.objects.filter(subject_type=kind, subject_id__in=sorted(keys)[:500])
    chosen = [one for one in entries if one.kind not in _SMALL and kind_zh(one.kind)]
    chosen = sorted(chosen, key=lambda one: (one.at, str(one.pk)))[:MOST_LINES]
    texts = texts_of(chosen)
    return "\n".join(
        f"{one.at.astimezone(SHANGHAI):%m-%d %H:%M} {kind_zh(one.kind)} {_label(texts[one.pk])}".strip()
        for one in chosen
    )


def _label(fields: Any) -> str:
    return next((str(fields[name])[:80] for name in _LABELS if fields.get(name)), "")
