"""Judge plans in force by what is known now, and propose; with a standing consent, open at once. Never lowers or ends."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from anlan.incidents.models import Incident, IncidentState
from anlan.incidents.types import IncidentDetails
from anlan.kernel.actor import system
from anlan.places import queries as places
from anlan.places.models import Division
from anlan.plans import triggers
from anlan.plans.content import Content, read
from anlan.plans.models import Plan, PlanKind
from anlan.plans.queries import plans_in_force
from anlan.plans.triggers import Fit
from anlan.response.facts import (
    Known,
    Warned,
    affected_by,
    facts_for,
    is_within,
    known_of,
    scope_of,
    warned_now,
)
from anlan.response.models import Activation
from anlan.response.parameters import table
from anlan.response.services import deciding, proposing
from anlan.response.services.consents import consent_for
from anlan.response.types import Decided
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.incidents import IncidentKind, Informant

BY = system("response")
_GOES_ON = (IncidentState.RECEIVED, IncidentState.VERIFIED)
_BY_RULE = "达到预案启动条件"


def judge_warnings(hazard: str, *, exercise_id: uuid.UUID | None, at: datetime) -> list[Activation]:
    """A warning came or went: judge every plan that answers its hazard, on the incident that a response opened for it."""
    warned = warned_now(at=at, exercise_id=exercise_id)
    found = []
    for plan in _special_first(plans_in_force(exercise_id)):
        if hazard not in plan.hazards:
            continue
        incident = threat_of(plan, hazard, exercise_id=exercise_id)
        if incident is None and triggers.fits(read_current(plan), facts_for(plan, None, warned)):
            incident = open_threat(plan, hazard, exercise_id=exercise_id, at=at)
        if incident is not None:
            found += _judge(plan, incident, known_of(incident, at=at), warned, at=at)
    return found


def judge_incident(incident: Incident, *, at: datetime) -> list[Activation]:
    """An incident was entered, graded or counted: judge every plan for its type that speaks for its place."""
    if incident.state not in _GOES_ON:
        return []
    warned = warned_now(at=at, exercise_id=incident.exercise_id)
    known = known_of(incident, at=at)
    found = []
    for plan in _special_first(plans_in_force(incident.exercise_id)):
        if answers(plan, incident):
            found += _judge(plan, incident, known, warned, at=at)
    return found


def answers(plan: Plan, incident: Incident) -> bool:
    """Whether a plan is for this type of incident at this place. One without types is for all; an enterprise's for its own."""
    if plan.event_types and incident.event_type not in plan.event_types:
        return False
    if plan.division.level in (DivisionLevel.ENTERPRISE, DivisionLevel.SITE):
        return incident.unit_id == plan.division_id or incident.division_id == plan.division_id
    return is_within(incident.division.path, scope_of(plan))


def read_current(plan: Plan) -> Content:
    return read(deciding.version_in_force(plan).content)


def threat_of(plan: Plan, hazard: str, *, exercise_id: uuid.UUID | None) -> Incident | None:
    """The open threat that a response opened for such warnings and whose responses have not all ended."""
    types = {table().event_type(hazard), *plan.event_types} - {""}
    rows = Incident.objects.filter(
        kind=IncidentKind.THREAT,
        event_type__in=types,
        state__in=_GOES_ON,
        division=_county(plan),
        exercise_id=exercise_id,
        activations__state__in=("proposed", "active", "declined"),
    )
    return (
        rows.select_related("division", "unit").defer("division__geometry").order_by("known_at", "id").first()
    )


def open_threat(plan: Plan, hazard: str, *, exercise_id: uuid.UUID | None, at: datetime) -> Incident:
    """「云岭县防汛应急响应」: what threatens, so that orders have something to hang on. Nothing has struck yet."""
    from anlan.incidents import services as incidents

    wanted = table().event_type(hazard)
    types = plan.event_types
    event_type = wanted if not types or wanted in types else types[0]
    county = _county(plan)
    word = table().event_words.get(event_type, "")
    details = IncidentDetails(
        title=f"{county.name}{word}应急响应",
        event_type=event_type or "other_natural",
        division=county,
        informant=Informant.STATION,
        known_at=at,
        kind=IncidentKind.THREAT,
    )
    return incidents.open_incident(details, by=BY, at=at, exercise_id=exercise_id, cause=f"plan:{plan.pk}")


def _county(plan: Plan) -> Division:
    county = places.county()
    return county if county is not None else plan.division


def _judge(
    plan: Plan, incident: Incident, known: Known, warned: Sequence[Warned], *, at: datetime
) -> list[Activation]:
    """Graver than what is open: propose or, with a consent, open. Milder than what runs: only suggest."""
    content = read_current(plan)
    found = triggers.fits(content, facts_for(plan, known, warned))
    level = found[0].level if found else 0
    running = deciding.running_of(incident, plan)
    is_active = running is not None and running.state == "active"
    if not found and not is_active:
        return []
    if not is_active and _was_declined(plan, incident, level):
        return []
    if running is None and _steps_back(plan, incident, level):
        return []
    reasons = reasons_of(plan, found)
    affected = affected_by(warned, incident, plan.hazards, scope_of(plan))
    is_graver = level > 0 and (not is_active or (running is not None and level < running.level))
    if is_graver:
        opened = _open_by_consent(plan, incident, running, level, reasons, affected, at=at)
        if opened is not None:
            return [opened]
    row = proposing.propose(incident, plan, level, reasons=reasons, by=BY, at=at, affected=affected)
    return [row]


def _open_by_consent(
    plan: Plan,
    incident: Incident,
    running: Activation | None,
    level: int,
    reasons: Sequence[dict[str, Any]],
    affected: Sequence[str],
    *,
    at: datetime,
) -> Activation | None:
    """Decided by whoever gave the consent, as long as that person may still decide this level."""
    consent = consent_for(plan, level, at=at)
    if consent is None:
        return None
    row, giver = consent
    why = f"{_BY_RULE}：" + "；".join(str(one["zh"]).rstrip("。") for one in reasons[:3]) + "（预授权启动）"
    decided = Decided(affected=tuple(sorted({*affected, *(running.affected if running else ())})))
    given: dict[str, Any] = {
        "by": giver, "by_name": row.given_by_name, "at": at, "why": why[:300], "decided": decided, "pre_authorised": True,
    }  # fmt: skip
    if running is None:
        found = deciding.activate(incident, plan, level, **given)
    elif running.state == "active":
        found = deciding.change_level(running, level, **given)
    else:
        found = deciding.decide(running, level, **given)
    return found.change(by=BY, at=at, kind="reasoned", reasons=list(reasons))


def reasons_of(plan: Plan, found: Iterable[Fit]) -> list[dict[str, Any]]:
    """As they are stored; the rule is the plan itself, named by its number."""
    listed = [{"zh": one.zh, "en": one.en, "rule": plan.number, "level": one.level} for one in found]
    return listed[:20]


def _special_first(plans: Iterable[Plan]) -> list[Plan]:
    """An overall plan asks what the special ones propose."""
    return sorted(plans, key=lambda one: one.kind == PlanKind.OVERALL)


def _steps_back(plan: Plan, incident: Incident, level: int) -> bool:
    """Whether this is an overall plan and a special one of the same place answers already: runs, is proposed, or was put aside by
    a person; at this level or a graver one, also where that is only suggested for what runs. A plan that was withdrawn answers
    nothing any more.
    """
    if plan.kind != PlanKind.OVERALL or not table().overall_steps_back:
        return False
    below = {
        "plan__division__level": DivisionLevel.DEPARTMENT,
        "plan__division__path__startswith": f"{plan.division.path}/",
    }
    rows = Activation.objects.filter(
        Q(plan__division=plan.division) | Q(**below), incident=incident, plan__kind=PlanKind.SPECIAL
    )
    runs = Q(level__lte=level) | Q(proposed_level__gte=1, proposed_level__lte=level)
    waits = Q(state__in=("proposed", "declined"), level__lte=level, plan__state="in_force")
    return rows.filter((Q(state="active") & runs) | waits).exists()


def _was_declined(plan: Plan, incident: Incident, level: int) -> bool:
    """Somebody decided against this level or a graver one: only a graver fit asks again."""
    rows = Activation.objects.filter(plan=plan, incident=incident, state="declined")
    return any(row.level <= level for row in rows)
