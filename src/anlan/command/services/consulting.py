"""Consultations with their minutes, and the rolling assessment that grows from them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from anlan.command.models import Consultation, RollingAssessment
from anlan.command.queries import PARTS
from anlan.command.refusals import AlreadyClosed, NothingSaid, NotOfThisIncident
from anlan.command.services._common import check_room, said
from anlan.command.services.linking import address_of
from anlan.incidents.models import Incident
from anlan.kernel.actor import Actor


def plan_consultation(
    incident: Incident,
    *,
    title: str,
    starts_at: datetime,
    chair: str = "",
    attendees: Sequence[str] = (),
    link: str = "",
    by: Actor,
    at: datetime,
) -> Consultation:
    """`link` is the county's own video meeting. The same title at the same time is one consultation."""
    check_room(incident)
    topic = said(title, _("What is consulted about"), most=120)
    same = Consultation.objects.filter(incident=incident, title=topic, starts_at=starts_at)
    known = same.exclude(state="cancelled").first()
    if known is not None:
        return known
    return Consultation(
        state="planned",
        incident=incident,
        title=topic,
        starts_at=starts_at,
        chair=chair.strip()[:60],
        attendees=_names(attendees),
        link=address_of(link) if link.strip() else "",
        exercise_id=incident.exercise_id,
    ).record(by=by, at=at, kind="planned")


def open_consultation(consultation: Consultation, *, by: Actor, at: datetime) -> Consultation:
    """It begins, or goes on after it was closed."""
    fields: dict[str, Any] = {"ended_at": None} if consultation.state == "closed" else {"starts_at": at}
    return consultation.advance("open", by=by, at=at, **fields)


def write_minutes(
    consultation: Consultation,
    *,
    minutes: str,
    conclusions: str,
    chair: str = "",
    attendees: Sequence[str] = (),
    link: str = "",
    by: Actor,
    at: datetime,
) -> Consultation:
    """What was said and concluded, as often as it is corrected; every version stays in the journal."""
    if consultation.state == "cancelled":
        raise AlreadyClosed(what=consultation.title)
    fields: dict[str, Any] = {
        "minutes": minutes.strip()[:20_000],
        "conclusions": conclusions.strip()[:8_000],
        "chair": chair.strip()[:60],
        "attendees": _names(attendees),
        "link": address_of(link) if link.strip() else "",
    }
    changed = {name: value for name, value in fields.items() if getattr(consultation, name) != value}
    return consultation.change(by=by, at=at, kind="minuted", fields=changed) if changed else consultation


def close_consultation(
    consultation: Consultation, *, conclusions: str = "", by: Actor, at: datetime
) -> Consultation:
    """It ends with what was concluded."""
    words = conclusions.strip()[:8_000] or consultation.conclusions
    if not words:
        raise NothingSaid(what=_("What was concluded"))
    return consultation.advance("closed", by=by, at=at, ended_at=at, conclusions=words)


def cancel_consultation(consultation: Consultation, *, by: Actor, at: datetime) -> Consultation:
    return consultation.advance("cancelled", by=by, at=at)


def add_assessment(
    incident: Incident,
    *,
    situation: str,
    trend: str,
    risks: str,
    advice: str,
    consultation: Consultation | None = None,
    by_name: str = "",
    by: Actor,
    at: datetime,
) -> RollingAssessment:
    """The next version. One that says what the last one said adds nothing."""
    check_room(incident)
    if consultation is not None and consultation.incident_id != incident.pk:
        raise NotOfThisIncident(what=consultation.title)
    texts = {"situation": situation, "trend": trend, "risks": risks, "advice": advice}
    texts = {name: words.strip()[:8_000] for name, words in texts.items()}
    if not any(texts.values()):
        raise NothingSaid(what=_("The assessment"))
    rows = RollingAssessment.objects.filter(incident=incident)
    last = rows.order_by("-number").first()
    if last is not None and all(getattr(last, part) == texts[part] for part in PARTS):
        return last
    number = rows.aggregate(last=Max("number"))["last"] or 0
    return RollingAssessment(
        incident=incident,
        number=number + 1,
        consultation=consultation,
        made_at=at,
        made_by_name=(by_name or by.name)[:60],
        exercise_id=incident.exercise_id,
        **texts,
    ).record(by=by, at=at, kind="made")


def _names(given: Sequence[str]) -> list[str]:
    return [tidy for one in given if (tidy := one.strip()[:80])][:100]
