"""What people type about responses, and the decision page: levels, places, what a level opens and closes, what the check found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import QueryDict

from anlan.console import responsewords as words
from anlan.console.planwords import trigger_word
from anlan.incidents.models import Incident
from anlan.kernel.actor import Actor
from anlan.places import queries as places
from anlan.places.models import Division
from anlan.plans.content import Content, read
from anlan.plans.models import Plan
from anlan.plans.world import faults_of
from anlan.response.authority import may_decide, who_may
from anlan.response.facts import affected_by, scope_of, warned_now
from anlan.response.models import Activation
from anlan.response.opening import change_to
from anlan.response.types import Change, Decided
from anlan.vocab.divisions import DivisionLevel


def stub(incident: Incident, plan: Plan, *, at: datetime) -> Activation:
    """A response that nobody has opened yet, for the page alone; places are those that are warned, and the incident's own."""
    warned = warned_now(at=at, exercise_id=incident.exercise_id)
    assert plan.current is not None  # only plans in force are offered
    return Activation(
        state="proposed",
        incident=incident,
        plan=plan,
        plan_version=plan.current,
        division=plan.division,
        level=max((one.level for one in read(plan.current.content).levels), default=4),
        affected=affected_by(warned, incident, plan.hazards, scope_of(plan)),
        exercise_id=incident.exercise_id,
        version=0,
    )


def decided_of(given: QueryDict) -> Decided:
    """The ticks of the form. A form without its marker chose no places at all and leaves them as they are."""
    affected = tuple(given.getlist("affected")) if given.get("places") == "1" else None
    seen = given.get("seen", "")
    return Decided(
        affected=affected,
        has_read_faults=given.get("has_read_faults") == "1",
        withdraws_started=given.get("withdraws_started") == "1",
        seen_version=int(seen) if seen.isdecimal() and int(seen) else None,
    )


def level_of(given: QueryDict, default: int | None) -> int | None:
    """1 to 4; 0 is to end it."""
    text = given.get("level", "")
    return int(text) if text in {"0", "1", "2", "3", "4"} else default


def decision_page(row: Activation, given: QueryDict, actor: Actor, *, at: datetime) -> dict[str, Any]:
    """The decision with a preview of what it would open and close. Reads only."""
    if row.state != "active" and row.plan.current is not None:
        row.plan_version = row.plan.current
    content = read(row.plan_version.content)
    chosen = level_of(given, row.proposed_level if row.proposed_level is not None else row.level)
    affected = given.getlist("affected") if given.get("places") == "1" else list(row.affected)
    everything = given.get("withdraws_started") == "1"
    level = None if chosen == 0 else chosen
    change = change_to(row, level, content=content, affected=affected, everything=everything)
    faults = faults_of(row.plan_version, at=at) if row.state != "active" else []
    return {
        "row": row,
        "levels": [
            _level(content, one.level, row, actor, at)
            for one in sorted(content.levels, key=lambda x: -x.level)
        ],
        "chosen": chosen,
        "chosen_word": words.level_word(level),
        "is_running": row.state == "active",
        "is_change": row.state == "active" and chosen not in (0, None),
        "preview": _preview(change),
        "townships": _townships(row, affected),
        "villages": _villages(affected, row.affected),
        "faults": [(one.severity, words.fault_word(one.code, dict(one.params))) for one in faults],
        "stops": sum(one.severity == "stop" for one in faults),
        "who": who_may(content, level or row.level, row.division, at=at),
        "may": may_decide(
            actor,
            content,
            min(level or row.level, row.level) if row.state == "active" else level or row.level,
            row.division,
            at=at,
        ),
        "reasons": words.reason_lines(row.reasons),
        "suggestion": words.suggestion_word(row),
        "typed": given,
    }


def _level(content: Content, level: int, row: Activation, actor: Actor, at: datetime) -> dict[str, Any]:
    own = next(one for one in content.levels if one.level == level)
    return {
        "level": level,
        "word": words.level_word(level),
        "words": own.words,
        "triggers": [trigger_word(one) for one in own.triggers],
        "may": may_decide(actor, content, level, row.division, at=at),
        "is_present": row.state == "active" and row.level == level,
    }


def _preview(change: Change) -> dict[str, Any]:
    by_unit: dict[str, list[str]] = {}
    for one in change.opens:
        name = f"{one.addressee.name}（{one.instead_of}）" if one.instead_of else one.addressee.name
        by_unit.setdefault(name, []).append(one.task.title)
    return {
        "opens": len(change.opens),
        "units": sorted(by_unit.items(), key=lambda pair: (-len(pair[1]), pair[0])),
        "closes": change.closes,
        "kept": change.kept,
        "left": [(one.task.title, words.left_word(one.why)) for one in change.left],
    }


def _townships(row: Activation, affected: Sequence[str]) -> list[tuple[Division, bool]]:
    found = places.townships_below(scope_of(row.plan)).filter(valid_to=None).defer("geometry")
    chosen = set(affected)
    inside = [place.path for place in _by_code(affected).values()]
    return [
        (place, place.pk in chosen or any(path.startswith(f"{place.path}/") for path in inside))
        for place in found
    ]


def _villages(affected: Sequence[str], known: Sequence[str]) -> list[tuple[Division, bool]]:
    """Villages that the warnings named or somebody chose."""
    found = _by_code([*affected, *known])
    chosen = set(affected)
    return [
        (place, code in chosen)
        for code, place in sorted(found.items())
        if place.level == DivisionLevel.VILLAGE
    ]


def _by_code(codes: Sequence[str]) -> dict[str, Division]:
    wanted = set(codes)
    rows = Division.objects.filter(pk__in=wanted).defer("geometry") if wanted else []
    return {place.pk: place for place in rows}
