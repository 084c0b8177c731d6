"""What the incident rooms have for the person who reads the first page."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from anlan.accounts.access import within
from anlan.command.guests import scenes_elsewhere
from anlan.command.models import Consultation, Decision, ExpertCall, Scene
from anlan.console.mine import Item, url_of, waiting
from anlan.console.mineproviders import MOST, URGENT
from anlan.kernel.actor import Actor
from anlan.vocab.posts import Right


def _room(incident_id: uuid.UUID, tab: str) -> str:
    return f"{url_of('console:room', incident_id)}?tab={tab}"


@waiting(
    "decisions",
    is_personal=False,
    among=lambda: [Decision.objects.filter(made_at=None, dropped_why="")],
)
def decisions(actor: Actor, now: datetime, run: uuid.UUID | None) -> Iterator[Item]:
    """Decisions that those who command have to take."""
    if not actor.can_somewhere(Right.COMMAND):
        return
    rows = Decision.objects.filter(
        within(actor, "incident__division__path", Right.COMMAND), made_at=None, dropped_why="", exercise_id=run,
        incident__state__in=("received", "verified"), incident__is_restricted=False,
    )  # fmt: skip
    for row in rows.select_related("incident").order_by("needed_by", "pk")[:MOST]:
        is_late = row.needed_by is not None and row.needed_by <= now
        yield Item(
            what=pgettext("mine", "decision needed"),
            title=f"{row.incident.number} {row.words}"[:120],
            url=_room(row.incident_id, "decisions"),
            due_at=row.needed_by,
            level=1 if is_late else None,
            chip=URGENT if is_late else "chip--waiting",
        )


@waiting("experts", is_personal=False, among=lambda: [ExpertCall.objects.filter(state="asked")])
def experts(actor: Actor, now: datetime, run: uuid.UUID | None) -> Iterator[Item]:
    """Experts who were asked and have not answered."""
    if not actor.can_somewhere(Right.COMMAND):
        return
    rows = ExpertCall.objects.filter(
        within(actor, "incident__division__path", Right.COMMAND), state="asked", exercise_id=run
    )
    for row in rows.select_related("incident", "expert__person").order_by("rise_at", "pk")[:MOST]:
        yield Item(
            what=pgettext("mine", "expert has not answered"),
            title=f"{row.expert.person.name}：{row.question}"[:120],
            url=_room(row.incident_id, "experts"),
            due_at=row.rise_at,
        )


@waiting(
    "consultations",
    is_personal=False,
    among=lambda: [Consultation.objects.filter(state__in=("planned", "open"))],
)
def consultations(actor: Actor, now: datetime, run: uuid.UUID | None) -> Iterator[Item]:
    """Consultations that are planned or go on."""
    if not actor.can_somewhere(Right.COMMAND):
        return
    rows = Consultation.objects.filter(
        within(actor, "incident__division__path", Right.COMMAND),
        state__in=("planned", "open"),
        exercise_id=run,
    )
    for row in rows.select_related("incident").order_by("starts_at", "pk")[:MOST]:
        is_open = row.state == "open"
        yield Item(
            what=_("consultation goes on") if is_open else _("consultation planned"),
            title=f"{row.incident.number} {row.title}"[:120],
            url=url_of("console:consultation", row.pk),
            due_at=None if is_open else row.starts_at,
            since=row.starts_at if is_open else None,
        )


@waiting("scenes elsewhere", among=lambda: [Scene.objects.exclude(state="closed")])
def scenes(actor: Actor, now: datetime, run: uuid.UUID | None) -> Iterator[Item]:
    """Scenes that I command, or that lie at my place, of an incident elsewhere: the way into its room."""
    for row in scenes_elsewhere(actor, run, most=MOST):
        yield Item(
            what=pgettext("mine", "scene of an incident elsewhere"),
            title=f"{row.incident.number} {row.incident.title}：{row.name}"[:120],
            url=_room(row.incident_id, "scenes"),
            since=row.opened_at,
        )
