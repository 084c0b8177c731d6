"""Review by a second person, with a clock that never lets a draft wait silently."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from anlan.directory import queries as directory
from anlan.dissemination import services as dissemination
from anlan.journal.refusals import NoSuchTransition, StaleRow
from anlan.kernel.actor import Actor, system
from anlan.vocab.posts import FACES, PostKind, Right
from anlan.warning.authority import authority
from anlan.warning.models import HazardWarning
from anlan.warning.refusals import DrafterCannotSign
from anlan.warning.services.common import announce_end, person_with, reason_given
from anlan.warning.services.issuing import issue

#: A reviewer who was rung this short ago for another draft is not rung again: a storm drafts many at once.
JOIN_WITHIN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Reviewer:
    person_id: uuid.UUID
    post: PostKind


def sign_off(
    draft: HazardWarning, *, by: Actor, at: datetime, seen_version: int | None = None
) -> HazardWarning:
    """A second person approves; the warning comes into force at once.

    `seen_version` is the version that the page showed: a draft that a newer reading made more severe meanwhile is
    refused as stale, so that nobody signs what he did not read.
    """
    person = person_with(by, Right.SIGN_OFF, division=draft.division)
    if draft.state != "draft":
        raise NoSuchTransition(old=draft.state, new="issued")
    if person == draft.drafted_by_person_id or by.ref == draft.drafted_by:
        raise DrafterCannotSign
    if seen_version is not None and seen_version != draft.version:
        raise StaleRow
    return issue(draft, by=by, at=at, signed_by=by.ref, signed_by_person_id=person)


def return_draft(draft: HazardWarning, *, reason: str, by: Actor, at: datetime) -> HazardWarning:
    """The reviewer sends it back with a reason; it stops ringing until somebody submits it again."""
    person_with(by, Right.SIGN_OFF, division=draft.division)
    why = reason_given(reason)
    with transaction.atomic(savepoint=False):
        draft.advance("returned", by=by, at=at, return_reason=why, review_due_at=None)
        announce_end(draft, at=at)
    return draft


def withdraw(draft: HazardWarning, *, reason: str, by: Actor, at: datetime) -> HazardWarning:
    """Take a draft back for good; the reason stays."""
    person_with(by, Right.DRAFT, division=draft.division)
    why = reason_given(reason)
    with transaction.atomic(savepoint=False):
        draft.advance(
            "withdrawn",
            by=by,
            at=at,
            end_reason=why,
            ended_at=at,
            ended_by=by.ref,
            review_due_at=None,
            expires_at=None,
        )
        announce_end(draft, at=at)
    return draft


def ring_next_reviewer(draft: HazardWarning, *, at: datetime) -> Reviewer | None:
    """The review deadline: ring the next one in line and set the clock again, round and round until somebody decides.

    Each ring is journaled with its person. Drafts that come due together are one ring, which says how many wait. Who has no
    number is passed over; if nobody can be rung, that is journaled too and the line is tried again at the next deadline,
    while the desk keeps sounding.
    """
    by = system("review")
    line = reviewers(draft, at=at)
    due = at + authority().review_within
    with transaction.atomic(savepoint=False):
        for step in range(len(line)):
            rung = draft.review_rung + step
            reviewer = line[rung % len(line)]
            joined = _rung_just_now(draft, reviewer, at=at)
            if joined is not None or _ring(draft, reviewer, by=by, at=at):
                draft.change(
                    by=by,
                    at=at,
                    kind="reviewer_rung",
                    cause="" if joined is None else f"warning:{joined.pk}",
                    reviewer_id=reviewer.person_id,
                    review_rung=rung + 1,
                    review_due_at=due,
                )
                return reviewer
        draft.change(by=by, at=at, kind="nobody_to_ring", review_due_at=due)
    return None


def reviewers(draft: HazardWarning, *, at: datetime) -> list[Reviewer]:
    """Who may decide about this draft, in the order in which they are rung; never its drafter, nobody twice."""
    found: dict[uuid.UUID, Reviewer] = {}
    for kind in authority().review_posts.value:
        if Right.SIGN_OFF not in FACES[kind].rights:
            continue
        for holder in directory.holders(kind, [draft.division_id], at).get(draft.division_id, []):
            if holder.person_id != draft.drafted_by_person_id:
                found.setdefault(holder.person_id, Reviewer(holder.person_id, kind))
    return list(found.values())


def review_link(draft: HazardWarning) -> str:
    """The phone page of the review; it asks for a sign-in."""
    return f"{settings.ANLAN_BASE_URL}/f/review/{draft.pk}"


def _rung_just_now(draft: HazardWarning, reviewer: Reviewer, *, at: datetime) -> HazardWarning | None:
    """Another waiting draft for which this reviewer's phone rang a moment ago."""
    due = at + authority().review_within
    rung = _others_waiting(draft).filter(reviewer_id=reviewer.person_id, review_rung__gt=0)
    return rung.filter(review_due_at__gt=due - JOIN_WITHIN, review_due_at__lte=due).first()


def _others_waiting(draft: HazardWarning) -> QuerySet[HazardWarning]:
    rows = HazardWarning.objects.filter(state="draft", division_id=draft.division_id)
    return rows.filter(exercise_id=draft.exercise_id).exclude(pk=draft.pk)


def _ring(draft: HazardWarning, reviewer: Reviewer, *, by: Actor, at: datetime) -> bool:
    waited = max(1, round((at - draft.drafted_at).total_seconds() / 60))
    mark = "【演练】" if draft.exercise_id is not None else ""
    others = _others_waiting(draft).count()
    more = f"（另有{others}份）" if others else ""
    deliveries = dissemination.reach_person(
        person_id=reviewer.person_id,
        subject=f"review:{draft.pk}",
        text=f"{mark}【待签发】{draft.headline}{more}已等待{waited}分钟，请审核：{review_link(draft)}",
        voice_text=f"{'演练。' if mark else ''}有一份{draft.headline}等待您签发{more}，已等待{waited}分钟，请查看短信或致电值班室。",
        role=str(reviewer.post),
        by=by,
        at=at,
        exercise_id=draft.exercise_id,
        cause=f"warning:{draft.pk}",
    )
    return bool(deliveries)
