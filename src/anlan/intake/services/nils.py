"""Nil reports of sources."""

from __future__ import annotations

import uuid
from datetime import datetime

from anlan.intake.models import IntakeSender, NilReport
from anlan.intake.refusals import UnknownSource
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.vocab.incidents import Informant


def report_nil(
    *,
    source: str,
    division: Division,
    sender: IntakeSender | None = None,
    words: str = "",
    reference: str = "",
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
) -> tuple[NilReport, bool]:
    """The source was asked, or says by itself, that there is nothing. False beside the known row where it is a repetition."""
    if source not in {one.value for one in Informant}:
        raise UnknownSource(given=source[:40])
    key = f"{sender.pk if sender is not None else source}:{reference}"[:160] if reference else None
    known = NilReport.objects.filter(reference=key).first() if key else None
    if known is not None:
        return known, False
    row = NilReport(
        source=source,
        sender=sender,
        division=division,
        reported_at=at,
        words=words.strip()[:200],
        reference=key,
        exercise_id=exercise_id,
    ).record(by=by, at=at, kind="reported")
    if sender is not None:
        IntakeSender.objects.filter(pk=sender.pk).update(heard_at=at)
    return row, True
