"""Risk assessments, scenarios, resource surveys and capability assessments that hang on a plan (E-07)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime

from anlan.attachments import services as attachments
from anlan.attachments.models import Attachment
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.plans.models import Plan, PlanStudy, StudyKind
from anlan.plans.refusals import UnknownPlanWord
from anlan.plans.refusals_filing import NoStudyTitle, StudyInTheFuture


def add_study(
    plan: Plan,
    *,
    kind: str,
    title: str,
    summary: str = "",
    done_on: date | None = None,
    key: uuid.UUID | None = None,
    by: Actor,
    at: datetime,
) -> PlanStudy:
    """Hang a study on a plan. `key` is the id that the form made: the same form again gives the study it made."""
    if kind not in StudyKind.values:
        raise UnknownPlanWord(given=kind)
    if not title.strip():
        raise NoStudyTitle
    if done_on is not None and done_on > at.astimezone(SHANGHAI).date():
        raise StudyInTheFuture
    again = None if key is None else PlanStudy.objects.filter(pk=key, plan=plan).first()
    if again is not None:
        return again
    return PlanStudy(
        **({} if key is None else {"id": key}),
        plan=plan,
        kind=kind,
        title=title.strip()[:160],
        summary=summary.strip(),
        done_on=done_on,
        made_at=at,
        exercise_id=plan.exercise_id,
    ).record(by=by, at=at, kind="added")


def end_study(study: PlanStudy, *, by: Actor, at: datetime) -> PlanStudy:
    """It does not count any more, as another took its place; it stays in the record."""
    return study if study.ended_at is not None else study.change(by=by, at=at, kind="ended", ended_at=at)


def keep_study_file(
    study: PlanStudy, chunks: Iterable[bytes], *, name: str, by: Actor, at: datetime
) -> Attachment:
    """The report itself."""
    return attachments.keep(
        chunks,
        subject=f"plan_study:{study.pk}",
        division=study.plan.division,
        name=name,
        sender=by.name,
        by=by,
        at=at,
        exercise_id=study.exercise_id,
    )
