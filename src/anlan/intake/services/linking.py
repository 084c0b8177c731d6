"""Link messages about the same event, reversibly; open an incident from one, or add it to one."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from anlan.events.published import IntakeMoved
from anlan.incidents.models import Incident
from anlan.incidents.refusals import FallNeedsReason, NoPlace
from anlan.incidents.services import add_figure, open_incident
from anlan.incidents.types import FigureDetails, IncidentDetails
from anlan.intake.models import Intake
from anlan.intake.refusals import (
    AboutAnotherCounty,
    FoundFalse,
    HasIncident,
    NotLinked,
    SameMessage,
    TypeMissing,
    WordsMissing,
)
from anlan.intake.services.steps import add_step
from anlan.journal.services import announce
from anlan.kernel.actor import Actor
from anlan.vocab.figures import FIGURES, OF_RESTRICTED
from anlan.vocab.incidents import CLASS_LABELS, INFORMANT_LABELS, RESTRICTED, TYPES, Informant


def link_duplicate(intake: Intake, main: Intake, *, by: Actor, at: datetime) -> Intake:
    """`intake` tells of what `main` tells. Both stay; what `main` belongs to, `intake` counts for too."""
    main = main.duplicate_of or main
    if intake.pk == main.pk:
        raise SameMessage
    if intake.incident_id is not None and intake.incident_id != main.incident_id:
        raise HasIncident
    for child in intake.duplicates.all():
        child.change(by=by, at=at, kind="linked", cause=f"intake:{main.pk}", duplicate_of_id=main.pk)
    hides = {"is_restricted": True} if main.is_restricted else {}
    intake.change(
        by=by, at=at, kind="linked", cause=f"intake:{main.pk}", duplicate_of_id=main.pk, fields=hides
    )
    add_step(intake, "linked", words=main.number, by=by, at=at)
    if main.incident is not None and intake.incident_id is None:
        add_to_incident(intake, main.incident, by=by, at=at)
    _changed(intake, at)
    return intake


def unlink_duplicate(intake: Intake, *, reason: str, by: Actor, at: datetime) -> Intake:
    """They were two after all."""
    if intake.duplicate_of_id is None:
        raise NotLinked
    if not reason.strip():
        raise WordsMissing
    intake.change(by=by, at=at, kind="unlinked", duplicate_of_id=None)
    add_step(intake, "unlinked", words=reason, by=by, at=at)
    _changed(intake, at)
    return intake


def open_from_intake(intake: Intake, *, title: str = "", by: Actor, at: datetime) -> Incident:
    """One key: an incident with what the caller told; the legal clocks run from the time of receipt (R05)."""
    if intake.incident_id is not None:
        raise HasIncident
    if intake.state == "not_true":
        raise FoundFalse
    if intake.elsewhere or intake.state == "handed_on":
        raise AboutAnotherCounty(where=intake.handed_to or intake.elsewhere)
    if intake.division is None:
        raise NoPlace
    face = TYPES.get(intake.event_type)
    if face is None:
        raise TypeMissing
    is_restricted = face.event_class in RESTRICTED
    where = intake.division.name
    details = IncidentDetails(
        title=title.strip()[:120]
        or f"{where}{CLASS_LABELS[face.event_class][0] if is_restricted else face.zh}",
        event_type=intake.event_type,
        division=intake.division,
        informant=intake.source,
        known_at=intake.received_at,
        occurred_at=intake.occurred_at,
        place_words=intake.place_words,
        lon=intake.lon,
        lat=intake.lat,
        unit=intake.unit,
        unit_head_knew_at=intake.unit_head_knew_at,
        course="" if is_restricted else intake.text,
        reference=intake.number if is_restricted else "",
        figures=_figures(intake, is_restricted=is_restricted),
    )
    incident = open_incident(
        details, by=by, at=at, exercise_id=intake.exercise_id, cause=f"intake:{intake.pk}"
    )
    _keep_link(intake, incident, by=by, at=at)
    for other in intake.duplicates.filter(incident=None):
        add_to_incident(other, incident, by=by, at=at)
    return incident


def add_to_incident(intake: Intake, incident: Incident, *, by: Actor, at: datetime) -> Intake:
    """It tells of something that is an incident already: its figures are claims of this source and place there."""
    if intake.incident_id is not None:
        raise HasIncident
    if intake.state == "not_true":
        raise FoundFalse
    main = incident.merged_into if incident.state == "merged" and incident.merged_into else incident
    for figure in _figures(intake, is_restricted=main.is_restricted):
        try:
            add_figure(main, figure, by=by, at=at, cause=f"intake:{intake.pk}")
        except (
            FallNeedsReason
        ):  # a caller's lower number explains nothing; whoever knows why enters it at the incident
            face = FIGURES[figure.code]
            add_step(intake, "left_out", words=f"{face.zh} {figure.value:f}", by=by, at=at)
    _keep_link(intake, main, by=by, at=at)
    return intake


def take_out(intake: Intake, *, reason: str, by: Actor, at: datetime) -> Intake:
    """It belongs to another incident, or to none. Figures that it brought are withdrawn at the incident, by whoever checks them."""
    if intake.incident_id is None:
        raise NotLinked
    if not reason.strip():
        raise WordsMissing
    intake.change(by=by, at=at, kind="unlinked", incident_id=None)
    intake.incident = None
    add_step(intake, "taken_out", words=reason, by=by, at=at)
    _changed(intake, at)
    return intake


def _keep_link(intake: Intake, incident: Incident, *, by: Actor, at: datetime) -> None:
    # What is told of something restricted is read by the same people, whatever its own words were taken for.
    hides = {"is_restricted": True} if incident.is_restricted else {}
    intake.change(
        by=by,
        at=at,
        kind="to_incident",
        cause=f"incident:{incident.pk}",
        incident_id=incident.pk,
        fields=hides,
    )
    intake.incident = incident
    add_step(intake, "incident", words=incident.number, by=by, at=at)
    _changed(intake, at)


def source_words(intake: Intake) -> str:
    """Who counted, in words that stay the same from message to message: the source, and the place where it knows one."""
    label = intake.sender_name or INFORMANT_LABELS[Informant(intake.source)][0]
    where = intake.division.name if intake.division is not None else ""
    return f"{label} {where}".strip()[:80]


def _figures(intake: Intake, *, is_restricted: bool) -> tuple[FigureDetails, ...]:
    """What was counted, as claims. Deaths before the missing, so that people found dead explain a fall."""
    found = []
    for code in sorted(intake.figures, key=lambda one: (one != "deaths", one)):
        if is_restricted and code not in OF_RESTRICTED:
            continue
        found.append(
            FigureDetails(
                code=code,
                value=Decimal(str(intake.figures[code])),
                source=source_words(intake),
                as_of=intake.received_at,
                scope=None,
            )
        )
    return tuple(found)


def _changed(intake: Intake, at: datetime) -> None:
    announce(IntakeMoved(str(intake.pk), state=intake.state), at=at, exercise_id=intake.exercise_id)
