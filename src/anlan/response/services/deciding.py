"""Open, decline, change and end a response level. A person with the right and one of the plan's posts decides, or a standing consent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from anlan.incidents.models import Incident
from anlan.journal.refusals import StaleRow
from anlan.kernel.actor import Actor
from anlan.plans.content import Content, read
from anlan.plans.models import Plan, PlanVersion
from anlan.response.authority import check_may_decide, level_of
from anlan.response.models import Activation, CoordinatingBody, LevelChange
from anlan.response.opening import change_to
from anlan.response.refusals import (
    AlreadyRunning,
    FaultsNotRead,
    IncidentOver,
    NotInForce,
    NotOpen,
    ReasonMissing,
    SameLevel,
)
from anlan.response.services.notices import draft_notice
from anlan.response.services.orders import carry_out
from anlan.response.services.telling import tell
from anlan.response.types import ROMAN, Decided

#: States of an incident on which nothing is opened any more.
_OVER = ("closed", "not_true", "merged")
AS_IT_STANDS = Decided()


def activate(
    incident: Incident,
    plan: Plan,
    level: int,
    *,
    by: Actor,
    by_name: str,
    at: datetime,
    why: str,
    decided: Decided = AS_IT_STANDS,
    pre_authorised: bool = False,
) -> Activation:
    """Open a level of a plan for an incident, proposed before or not; its orders go out in the same transaction.

    Raises `NotYourLevel` and writes nothing where the person may not. `pre_authorised` is for the rules alone: they have
    looked for a standing consent, whose giver `by` then names.
    """
    known = running_of(incident, plan)
    if known is not None and known.state == "active":
        raise AlreadyRunning(level=ROMAN[known.level])
    if known is None:
        version = version_in_force(plan)
        known = new_activation(incident, plan, version, level)
        known.affected = list(decided.affected or ())
    return _start(
        known, level, by=by, by_name=by_name, at=at, why=why, decided=decided, pre_authorised=pre_authorised
    )


def decide(
    activation: Activation,
    level: int,
    *,
    by: Actor,
    by_name: str,
    at: datetime,
    why: str,
    decided: Decided = AS_IT_STANDS,
    pre_authorised: bool = False,
) -> Activation:
    """Open what was proposed, at this level; also what was declined before."""
    if activation.state not in ("proposed", "declined"):
        raise NotOpen
    _check_seen(activation, decided)
    return _start(
        activation,
        level,
        by=by,
        by_name=by_name,
        at=at,
        why=why,
        decided=decided,
        pre_authorised=pre_authorised,
    )


def decline(activation: Activation, *, by: Actor, by_name: str, at: datetime, why: str) -> Activation:
    """Somebody who might open it decides not to. Of a running response: the suggestion is put aside, nothing else changes."""
    reason = _given(why)
    content = read(activation.plan_version.content)
    level = min(activation.level, activation.proposed_level or activation.level)
    check_may_decide(by, content, level, activation.division, at=at)
    if activation.state == "active":
        return activation.change(
            by=by, at=at, kind="suggestion_declined", proposed_level=None, remind_at=None, declined_why=reason,
            declined_level=level if level < activation.level else activation.declined_level,
        )  # fmt: skip
    activation.advance(
        "declined",
        by=by,
        at=at,
        declined_why=reason,
        decided_by=by.ref,
        decided_by_name=by_name[:60],
        remind_at=None,
    )
    tell(activation, "declined", at=at, level=activation.level)
    return activation


def change_level(
    activation: Activation,
    level: int,
    *,
    by: Actor,
    by_name: str,
    at: datetime,
    why: str,
    decided: Decided = AS_IT_STANDS,
    pre_authorised: bool = False,
) -> Activation:
    """Raise or lower a running response, or add affected places at the same level.

    Raising adds what is not there and touches nothing that is done; lowering takes back only what graver levels opened and
    nobody has started. Whoever may decide the graver of both levels decides.
    """
    reason = _given(why)
    if activation.state != "active":
        raise NotOpen
    _check_seen(activation, decided)
    content = read(activation.plan_version.content)
    level_of(content, level)
    if not pre_authorised:
        check_may_decide(by, content, min(level, activation.level), activation.division, at=at)
    affected = _affected(activation, decided)
    if level == activation.level and affected == activation.affected:
        raise SameLevel(level=ROMAN[level])
    former = activation.level
    activation.change(
        by=by,
        at=at,
        kind="raised" if level < former else "lowered" if level > former else "widened",
        level=level,
        affected=affected,
        declined_level=None if level != former else activation.declined_level,
        fields=_still_suggested(activation, level if level <= former else 0),
        decided_by=by.ref,
        decided_by_name=by_name[:60],
    )
    _carry(activation, content, former, level, reason, decided, by=by, by_name=by_name, at=at)
    tell(activation, "lowered" if level > former else "raised", at=at, level=level, former=former)
    return activation


def end_response(
    activation: Activation,
    *,
    by: Actor,
    by_name: str,
    at: datetime,
    why: str,
    decided: Decided = AS_IT_STANDS,
) -> Activation:
    """End it: what nobody has started is withdrawn, started orders go on until they are finished unless the decider says so."""
    reason = _given(why)
    if activation.state != "active":
        raise NotOpen
    _check_seen(activation, decided)
    content = read(activation.plan_version.content)
    check_may_decide(by, content, activation.level, activation.division, at=at)
    former = activation.level
    activation.advance(
        "ended", by=by, at=at, ended_at=at, end_why=reason, proposed_level=None, remind_at=None,
        decided_by=by.ref, decided_by_name=by_name[:60],
    )  # fmt: skip
    _carry(activation, content, former, None, reason, decided, by=by, by_name=by_name, at=at)
    tell(activation, "ended", at=at, level=None, former=former)
    return activation


def running_of(incident: Incident, plan: Plan) -> Activation | None:
    """The one proposed or active response of a plan for an incident."""
    rows = Activation.objects.filter(incident=incident, plan=plan, state__in=("proposed", "active"))
    return rows.select_related(
        "plan", "plan_version", "division", "incident__division", "incident__unit"
    ).first()


def version_in_force(plan: Plan) -> PlanVersion:
    """The version that a response opened now would run with. Raises `NotInForce`."""
    if plan.current is None or plan.state != "in_force":
        raise NotInForce(plan=plan.title)
    return plan.current


def open_faults(activation: Activation, *, by: Actor, at: datetime) -> list[str]:
    """Keys of the faults of severity "stop" that the check of the plan finds at this moment."""
    from anlan.plans.services import check_plan

    found = check_plan(activation.plan, by=by, at=at)
    return [one.key for one in found if one.severity == "stop" and one.state == "open"]


def _start(
    activation: Activation,
    level: int,
    *,
    by: Actor,
    by_name: str,
    at: datetime,
    why: str,
    decided: Decided,
    pre_authorised: bool,
) -> Activation:
    reason = _given(why)
    if activation.incident.state in _OVER:
        raise IncidentOver
    # What was proposed yesterday opens with the version in force today; from then on the version stays.
    activation.plan_version = version_in_force(activation.plan)
    content = read(activation.plan_version.content)
    level_of(content, level)
    if not pre_authorised:
        check_may_decide(by, content, level, activation.division, at=at)
    faults = open_faults(activation, by=by, at=at)
    if faults and not (decided.has_read_faults or pre_authorised):
        raise FaultsNotRead(count=len(faults))
    fields: dict[str, Any] = {
        "plan_version": activation.plan_version,
        "level": level,
        "affected": _affected(activation, decided),
        "started_at": at,
        "decided_by": by.ref,
        "decided_by_name": by_name[:60],
        "is_pre_authorised": pre_authorised,
        **_still_suggested(activation, level),
        "body": _body_of(content),
    }
    if activation._state.adding:
        for name, value in fields.items():
            setattr(activation, name, value)
        activation.state = "active"
        activation = record_once(activation, by=by, at=at, kind="active")
    else:
        activation.advance("active", by=by, at=at, **fields)
    _carry(activation, content, None, level, reason, decided, by=by, by_name=by_name, at=at, faults=faults)
    tell(activation, "started", at=at, level=level)
    return activation


def _carry(
    activation: Activation,
    content: Content,
    former: int | None,
    level: int | None,
    why: str,
    decided: Decided,
    *,
    by: Actor,
    by_name: str,
    at: datetime,
    faults: Sequence[str] = (),
) -> LevelChange:
    change = change_to(
        activation,
        level,
        content=content,
        affected=activation.affected,
        everything=decided.withdraws_started,
    )
    carry_out(activation, change, content=content, level=level, why=why, by=by, by_name=by_name, at=at)
    fact = LevelChange(
        activation=activation,
        from_level=former,
        to_level=level,
        happened_at=at,
        by_ref=by.ref,
        by_name=by_name[:60],
        why=why,
        opened=len(change.opens),
        closed=len(change.closes),
        kept=len(change.kept),
        read_faults=list(faults),
        exercise_id=activation.exercise_id,
    ).record(by=by, at=at, kind="made", cause=f"activation:{activation.pk}")
    draft_notice(fact, by=by, at=at)
    return fact


def new_activation(incident: Incident, plan: Plan, version: PlanVersion, level: int) -> Activation:
    return Activation(
        incident=incident,
        plan=plan,
        plan_version=version,
        division=plan.division,
        level=level,
        exercise_id=incident.exercise_id,
    )


def record_once(row: Activation, *, by: Actor, at: datetime, kind: str) -> Activation:
    """Of two who open the same plan in the same moment the second is told that somebody was faster."""
    try:
        with transaction.atomic():
            return row.record(by=by, at=at, kind=kind, cause=f"incident:{row.incident_id}")
    except IntegrityError:
        raise StaleRow from None


def _affected(activation: Activation, decided: Decided) -> list[str]:
    return list(activation.affected) if decided.affected is None else sorted(set(decided.affected))


def _still_suggested(activation: Activation, level: int) -> dict[str, Any]:
    """Somebody opens what he may open while the rules ask for something graver: that goes on ringing for whoever may."""
    wanted = activation.proposed_level or 0
    if 0 < wanted < level:
        return {"proposed_level": wanted, "remind_at": activation.remind_at}
    return {"proposed_level": None, "remind_at": None}


def _check_seen(activation: Activation, decided: Decided) -> None:
    """Whoever decides on a page that somebody else's decision has overtaken is told, and nothing is written."""
    if decided.seen_version is not None and decided.seen_version != activation.version:
        raise StaleRow


def _body_of(content: Content) -> CoordinatingBody | None:
    if not content.body:
        return None
    return CoordinatingBody.objects.filter(code=content.body, dissolved_at=None).first()


def _given(words: str) -> str:
    if not words.strip():
        raise ReasonMissing
    return words.strip()[:300]
