"""Experts: who is asked about what."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from anlan.kernel.actor import Actor
from anlan.resources.models import Expert
from anlan.resources.refusals import AlreadyExpert, IsRetired, UnknownSkill
from anlan.resources.types import ExpertDetails
from anlan.vocab.incidents import TYPES


def register_expert(
    details: ExpertDetails,
    *,
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
    kind: str = "registered",
) -> Expert:
    """Enter a person of the directory as an expert. Once; a change has its own verb."""
    _known(details.event_types)
    if Expert.objects.filter(person=details.person, retired_at=None).exists():
        raise AlreadyExpert(name=details.person.name)
    return Expert(
        person=details.person,
        title=details.title.strip()[:80],
        unit_words=details.unit_words.strip()[:120],
        event_types=list(dict.fromkeys(details.event_types)),
        fields=[word.strip()[:40] for word in details.fields if word.strip()],
        note=details.note.strip()[:300],
        registered_at=at,
        exercise_id=exercise_id,
    ).record(by=by, at=at, kind=kind)


def change_expert(expert: Expert, *, by: Actor, at: datetime, **fields: Any) -> Expert:
    """Correct what is known of the expert."""
    if expert.retired_at is not None:
        raise IsRetired(name=expert.person.name)
    _known(fields.get("event_types", ()))
    different = {name: value for name, value in fields.items() if getattr(expert, name) != value}
    return expert.change(by=by, at=at, kind="changed", fields=different) if different else expert


def retire_expert(expert: Expert, *, by: Actor, at: datetime) -> Expert:
    """Ask this expert no more."""
    if expert.retired_at is not None:
        raise IsRetired(name=expert.person.name)
    return expert.change(by=by, at=at, kind="retired", retired_at=at)


def _known(event_types: Any) -> None:
    for code in event_types:
        if code not in TYPES:
            raise UnknownSkill(given=str(code)[:40])
