"""What lower levels pass up: imported once by its key, and taken by the county into an incident, with its figures."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from anlan.duty.services import clear_subject
from anlan.incidents import services as incidents
from anlan.incidents.models import Incident
from anlan.incidents.types import FigureDetails, IncidentDetails
from anlan.kernel.actor import Actor
from anlan.kernel.clock import parse_instant
from anlan.places.models import Division
from anlan.reporting.models import LowerNode, UpwardReport
from anlan.reporting.refusals import AlreadyTaken, BadReport, NotForTaking
from anlan.reporting.services.common import SLACK, county_of, named
from anlan.reporting.services.sending import _tell_the_desk, confirm_receipt
from anlan.reporting.words import KINDS
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.figures import FIGURES, OF_RESTRICTED
from anlan.vocab.incidents import RESTRICTED, TYPES, Informant

#: More than a county counts; keeps a slip of the pen and "1e400" out.
_MOST = Decimal(10**12)


def import_report(
    node: LowerNode, given: dict[str, Any], *, key: str, by: Actor, at: datetime, exercise_id: Any = None
) -> tuple[UpwardReport, bool]:
    """Keep a report that a lower node passed up; the same key again returns the known one and False."""
    known = UpwardReport.objects.filter(origin=node.name, origin_id=key).first()
    if known is not None:
        return known, False
    fields = _checked(node, given, at=at)
    report = UpwardReport(
        state="received",
        number=str(given.get("number", ""))[:40],
        drafted_at=fields.pop("signed_at") or at,
        drafted_by=by.ref,
        origin=node.name,
        origin_id=key,
        received_at=at,
        exercise_id=exercise_id,
        **fields,
    ).record(by=by, at=at, kind="received")
    _tell_the_desk(report, county_of(report.division), at=at)
    return report, True


def take_in(report: UpwardReport, incident: Incident | None, *, by: Actor, at: datetime) -> Incident:
    """The county takes it over: into an incident that it has, or a new one. Its figures count as claims of that place."""
    if report.state == "taken":
        raise AlreadyTaken
    is_below = report.origin or report.division.level == DivisionLevel.TOWNSHIP
    if report.state not in ("sent", "received") or not is_below:
        raise NotForTaking
    details = _figures(report, at=at)
    if incident is None and report.incident is not None:
        incident = report.incident.merged_into or report.incident
    if incident is None:
        incident = incidents.open_incident(
            _details(report, details, at=at),
            by=by,
            at=at,
            exercise_id=report.exercise_id,
            cause=f"upward_report:{report.pk}",
        )
    else:
        incident = incident.merged_into or incident
        for one in _kept(details, is_restricted=incident.is_restricted):
            incidents.add_figure(incident, one, by=by, at=at, cause=f"upward_report:{report.pk}")
    report.advance("taken", by=by, at=at, incident_id=incident.pk, taken_at=at, taken_by=by.ref)
    for row in report.deliveries.filter(way="system", state="handed"):
        confirm_receipt(row, name=named(by), confirmed_at=at, by=by, at=at)
    clear_subject(f"upward_report:{report.pk}", reason="已并入事件", by=by, at=at)
    return incident


def _checked(node: LowerNode, given: dict[str, Any], *, at: datetime) -> dict[str, Any]:
    """What the request says, or `BadReport` with the reason."""
    kind = given.get("kind")
    if kind not in KINDS:
        raise BadReport(why="kind")
    if not str(given.get("title", "")).strip():
        raise BadReport(why="title")
    if kind != "nil" and given.get("event_type") not in TYPES:
        raise BadReport(why="event_type")
    place = Division.objects.filter(pk=str(given.get("division", ""))).first()
    if place is None or not (place.path + "/").startswith(node.division.path + "/"):
        raise BadReport(why="division")
    known_at, signed_at = _time(given, "known_at"), _time(given, "signed_at")
    occurred_at = _time(given, "occurred_at")
    if any(one is not None and one > at + SLACK for one in (known_at, signed_at, occurred_at)):
        raise BadReport(why="a time in the future")
    figures = _figures_given(given)
    return {
        "division": node.division,
        "kind": kind,
        "serial": _serial(given),
        "title": str(given["title"]).strip()[:160],
        "known_at": known_at or at,
        "signed_at": signed_at,
        "elements": _elements(given),
        "text": str(given.get("text", "")),
        "facts": {
            "event_type": given.get("event_type", ""),
            "division": place.code,
            "occurred_at": occurred_at.isoformat() if occurred_at else None,
            "figures": figures,
            "signer": str(given.get("signer", ""))[:80],
            "incident": str(given.get("incident", ""))[:80],
        },
    }


def _serial(given: dict[str, Any]) -> int:
    serial = given.get("serial") or 0
    if not isinstance(serial, int) or not 0 <= serial <= 9999:
        raise BadReport(why="serial")
    return serial


def _elements(given: dict[str, Any]) -> dict[str, str]:
    elements = given.get("elements") or {}
    if not isinstance(elements, dict):
        raise BadReport(why="elements")
    return {str(code): str(words) for code, words in elements.items()}


def _time(given: dict[str, Any], name: str) -> datetime | None:
    text = given.get(name)
    if not text:
        return None
    try:
        return parse_instant(str(text))
    except (ValueError, OverflowError):
        raise BadReport(why=name) from None


def _figures_given(given: dict[str, Any]) -> list[dict[str, str]]:
    found = []
    listed = given.get("figures") or []
    if not isinstance(listed, list):
        raise BadReport(why="figures")
    for one in listed:
        try:
            value = Decimal(str(one["value"]))
            as_of = parse_instant(str(one["as_of"]))
        except (KeyError, TypeError, ValueError, OverflowError, InvalidOperation):
            raise BadReport(why="figures") from None
        face = FIGURES.get(str(one.get("code")))
        if face is None or not value.is_finite() or not 0 <= value <= _MOST:
            raise BadReport(why="figures")
        if face.is_count and value != value.to_integral_value():
            raise BadReport(why="figures")
        found.append({"code": str(one["code"]), "value": f"{value:f}", "as_of": as_of.isoformat()})
    return found


def _figures(report: UpwardReport, *, at: datetime) -> list[FigureDetails]:
    place = Division.objects.filter(pk=str(report.facts.get("division", ""))).first() or report.division
    return [
        FigureDetails(
            code=one["code"],
            value=Decimal(one["value"]),
            source=report.origin or report.division.name,
            as_of=min(parse_instant(one["as_of"]), at),
            scope=place,
            why=f"{report.division.name}上报",
        )
        for one in report.facts.get("figures", [])
    ]


def _details(report: UpwardReport, figures: list[FigureDetails], *, at: datetime) -> IncidentDetails:
    """The county's clocks begin when the county came to know: when it was sent or received, not when it was taken in."""
    facts = report.facts
    place = Division.objects.filter(pk=str(facts.get("division", ""))).first() or report.division
    occurred = facts.get("occurred_at")
    event_type = str(facts.get("event_type") or "other_natural")
    is_restricted = event_type in TYPES and TYPES[event_type].event_class in RESTRICTED
    # Of class 3 and 4 the words stay in the report; the incident keeps class, place and count.
    elements = {"place": report.elements.get("place", "")} if is_restricted else report.elements
    return IncidentDetails(
        title=report.title[:120],
        event_type=event_type,
        division=place,
        informant=Informant.TOWNSHIP.value,
        known_at=report.received_at or report.sent_at or at,
        occurred_at=parse_instant(occurred) if occurred else None,
        place_words=elements.get("place", "")[:200],
        course=elements.get("course", ""),
        cause_words=elements.get("cause", ""),
        measures=elements.get("measures", ""),
        trend=elements.get("trend", ""),
        reference=report.number if is_restricted else "",
        figures=_kept(figures, is_restricted=is_restricted),
    )


def _kept(figures: list[FigureDetails], *, is_restricted: bool) -> tuple[FigureDetails, ...]:
    return tuple(one for one in figures if not is_restricted or one.code in OF_RESTRICTED)
