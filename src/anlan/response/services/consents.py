"""Standing consents: somebody entitled agrees beforehand that a plan opens at a level by rule alone, until a day."""

from __future__ import annotations

from datetime import datetime, timedelta

from anlan.accounts.actors import actor_for
from anlan.accounts.models import User
from anlan.kernel.actor import Actor
from anlan.plans.content import read
from anlan.plans.models import Plan
from anlan.response.authority import check_may_decide, may_decide
from anlan.response.models import StandingConsent
from anlan.response.refusals import BadConsent, ReasonMissing
from anlan.response.services.deciding import version_in_force

#: A consent that outlives the people and the plan is none. Engineering choice, to be confirmed by the county.
LONGEST = timedelta(days=366)


def give_consent(
    plan: Plan, level: int, *, ends_at: datetime, words: str, by: Actor, by_name: str, at: datetime
) -> StandingConsent:
    """Only for a level that one may decide oneself."""
    check_may_decide(by, read(version_in_force(plan).content), level, plan.division, at=at)
    if not words.strip():
        raise ReasonMissing
    if not at < ends_at <= at + LONGEST:
        raise BadConsent
    return StandingConsent(
        plan=plan,
        level=level,
        given_by=by.ref,
        given_by_name=by_name[:60],
        given_at=at,
        ends_at=ends_at,
        words=words.strip()[:300],
    ).record(by=by, at=at, kind="given")


def revoke_consent(consent: StandingConsent, *, by: Actor, at: datetime) -> StandingConsent:
    """Taken back by whoever may decide that level; what was opened by it stays open."""
    plan = consent.plan
    check_may_decide(by, read(version_in_force(plan).content), consent.level, plan.division, at=at)
    return consent.change(by=by, at=at, kind="revoked", revoked_at=at, revoked_by=by.ref)


def consent_for(plan: Plan, level: int, *, at: datetime) -> tuple[StandingConsent, Actor] | None:
    """A consent in date whose giver may still decide this level, and the giver as an actor; None without one."""
    content = read(version_in_force(plan).content)
    rows = StandingConsent.objects.filter(
        plan=plan, level=level, revoked_at=None, ends_at__gt=at, given_at__lte=at
    )
    for row in rows.order_by("given_at", "id"):
        giver = _actor_of(row.given_by, at=at)
        if giver is not None and may_decide(giver, content, level, plan.division, at=at):
            return row, giver
    return None


def _actor_of(ref: str, *, at: datetime) -> Actor | None:
    kind, _colon, key = ref.partition(":")
    user = User.objects.filter(pk=key).first() if kind == "user" and key.isdigit() else None
    return None if user is None else actor_for(user, at=at)
