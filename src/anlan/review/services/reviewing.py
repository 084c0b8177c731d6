"""The verbs of a review: opened from what the journal says, computed again, worded, finished; its findings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from anlan.drills.models import Drill, Verdict
from anlan.incidents.models import Incident
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.review.computing import computed_of_drill, computed_of_incident
from anlan.review.lines import lines_in
from anlan.review.models import FindingKind, Review, ReviewFinding
from anlan.review.refusals import (
    NoSuchSuggestion,
    NothingToReview,
    NotOverYet,
    ReviewIsFinal,
    WordsMissing,
)
from anlan.review.suggesting import Suggestion, suggestions


def open_review(
    *,
    incident: Incident | None = None,
    drill: Drill | None = None,
    title: str = "",
    by: Actor,
    by_name: str,
    at: datetime,
) -> Review:
    """The review of an incident or a drill, computed at once. While one is being written, that one is returned.

    The review of a drill is work of reality: its lessons are owed on the calendar of the wall, whatever the clock of the run said.
    """
    if (incident is None) is (drill is None) or (incident is not None and incident.state == "merged"):
        raise NothingToReview
    if drill is not None and drill.state != "held":
        raise NotOverYet
    known = Review.objects.filter(incident=incident, drill=drill, state="draft").order_by("pk").first()
    if known is not None:
        return known
    subject: Any = incident if incident is not None else drill
    row = Review(
        state="draft",
        incident=incident,
        drill=drill,
        division=subject.division,
        title=(title.strip() or f"{subject.title}复盘")[:160],
        computed=_computed(incident, drill),
        computed_at=at,
        made_by_name=by_name[:60],
        made_at=at,
        exercise_id=incident.exercise_id if incident is not None else clocks.folder_exercise_id(),
    )
    return row.record(by=by, at=at, kind="opened")


def _computed(incident: Incident | None, drill: Drill | None) -> dict[str, Any]:
    if incident is not None:
        return computed_of_incident(incident)
    assert drill is not None  # a review is about one of them
    return computed_of_drill(drill)


def recompute(review: Review, *, by: Actor, at: datetime) -> Review:
    """Read the journal again; findings and lessons stay as people left them."""
    _require_draft(review)
    found = _computed(review.incident, review.drill)
    return review.change(by=by, at=at, kind="computed", computed=found, computed_at=at)


def edit_summary(review: Review, *, summary: str, title: str = "", by: Actor, at: datetime) -> Review:
    _require_draft(review)
    name = title.strip()[:160] or review.title
    return review.change(by=by, at=at, kind="worded", summary=summary.strip()[:20_000], title=name)


def finish_review(review: Review, *, by: Actor, at: datetime) -> Review:
    """From now on everybody reads it who may read what it is about."""
    _require_draft(review)
    return review.advance("final", by=by, at=at, finished_at=at)


def reopen_review(review: Review, *, by: Actor, at: datetime) -> Review:
    return review.advance("draft", by=by, at=at, finished_at=None)


def suggest_findings(review: Review) -> list[Suggestion]:
    """What the lines suggest and nobody has accepted or dropped yet. Nothing is filed by this."""
    judged = set(review.findings.exclude(code="").values_list("code", flat=True))
    found = [*suggestions(lines_in(review.computed)), *_of_drill(review.drill)]
    return [one for one in found if one.code not in judged]


def _of_drill(drill: Drill | None) -> Iterator[Suggestion]:
    """What observers did not find right, and the findings that were written down with a drill."""
    if drill is None:
        return
    for mark in drill.marks.exclude(verdict=Verdict.RIGHT).order_by("made_at", "pk"):
        words = f"{mark.step}：{mark.words}".strip("：")
        yield Suggestion(f"mark:{mark.pk}", str(mark.verdict), (words, words), None, 1)
    for number, line in enumerate(one for one in drill.findings.splitlines() if one.strip()):
        yield Suggestion(f"drill:{number}", "gap", (line.strip(), line.strip()), None, 1)


def accept_suggestion(
    review: Review, code: str, *, words: str, by: Actor, by_name: str, at: datetime
) -> ReviewFinding:
    """File a suggestion in the words that the person left or wrote. Raises `NoSuchSuggestion`."""
    one = _suggested(review, code)
    return add_finding(
        review, one.kind, words or one.words[0], happened_at=one.happened_at, code=one.code, by=by, by_name=by_name, at=at
    )  # fmt: skip


def drop_suggestion(review: Review, code: str, *, by: Actor, by_name: str, at: datetime) -> ReviewFinding:
    """Keep that a person looked at it and dropped it, so that it is not suggested again."""
    one = _suggested(review, code)
    row = _finding(review, one.kind, one.words[0], one.happened_at, one.code, by_name, at)
    row.dropped_at = at
    return row.record(by=by, at=at, kind="set_aside")


def _suggested(review: Review, code: str) -> Suggestion:
    _require_draft(review)
    one = next((one for one in suggest_findings(review) if one.code == code), None)
    if one is None:
        raise NoSuchSuggestion
    return one


def add_finding(
    review: Review,
    kind: str,
    words: str,
    *,
    happened_at: datetime | None = None,
    code: str = "",
    by: Actor,
    by_name: str,
    at: datetime,
) -> ReviewFinding:
    """A person's finding. `happened_at` leads to that minute of the replay."""
    _require_draft(review)
    if not words.strip():
        raise WordsMissing
    row = _finding(review, kind, words, happened_at, code, by_name, at)
    return row.record(by=by, at=at, kind="added")


def _finding(
    review: Review, kind: str, words: str, happened_at: datetime | None, code: str, by_name: str, at: datetime
) -> ReviewFinding:
    return ReviewFinding(
        review=review,
        kind=kind if kind in FindingKind.values else FindingKind.GAP,
        words=words.strip()[:4000],
        happened_at=happened_at,
        code=code[:60],
        made_by_name=by_name[:60],
        made_at=at,
        exercise_id=review.exercise_id,
    )


def drop_finding(finding: ReviewFinding, *, by: Actor, at: datetime) -> ReviewFinding:
    """It is no finding after all; it stays in the journal. Twice is once."""
    _require_draft(finding.review)
    if finding.dropped_at is not None:
        return finding
    return finding.change(by=by, at=at, kind="dropped", dropped_at=at)


def _require_draft(review: Review) -> None:
    if review.state != "draft":
        raise ReviewIsFinal
