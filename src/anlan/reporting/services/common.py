"""Small things that several verbs of reporting need."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from anlan.directory.models import Holding, Person
from anlan.directory.queries import held_at
from anlan.incidents.models import Incident
from anlan.kernel.actor import Actor
from anlan.places import queries as places
from anlan.places.models import Division
from anlan.reporting.refusals import TimeOutside
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import FACES, PostKind, Right

#: Clocks of people and machines differ a little. Engineering choice.
SLACK = timedelta(minutes=2)


def family_of(incident: Incident) -> list[Incident]:
    """The main incident first, then those merged into it."""
    main = incident.merged_into or incident
    return [main, *main.merged_from.all()]


def county_of(division: Division) -> Division:
    """The county that a place lies in; of this node where the place lies in none."""
    for code in division.path.split("/"):
        found = Division.objects.filter(code=code, level=DivisionLevel.COUNTY).first()
        if found is not None:
            return found
    own = places.county()
    return own if own is not None else division


def named(actor: Actor) -> str:
    """How a report names whoever did something."""
    return actor.name or actor.ref


def person_name(ref: str) -> str:
    """The name behind an actor's ref that a row keeps; the ref itself where it is nobody's account."""
    from anlan.accounts.models import User

    kind, _, key = ref.partition(":")
    if kind != "user" or not key:
        return ref
    row = User.objects.filter(pk=key).select_related("person").first()
    return row.person.name if row is not None and row.person is not None else ref


def masked(number: str) -> str:
    """Three digits, four stars, the last four."""
    digits = "".join(one for one in number if one.isdigit())
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) > 7 else "****"


def check_time(moment: datetime, *, at: datetime, not_before: datetime | None = None) -> datetime:
    """Refuse what lies in the future or before there was anything to report."""
    if moment > at + SLACK or (not_before is not None and moment < not_before - SLACK):
        raise TimeOutside
    return min(moment, at)


def signers(division: Division, at: datetime) -> list[Person]:
    """Who may sign for this place now: holders of posts there with the right."""
    kinds = [kind.value for kind in PostKind if Right.SIGN_REPORTS in FACES[kind].rights]
    rows = Holding.objects.filter(held_at(at), post__division=division, post__kind__in=kinds)
    found: dict[uuid.UUID, Person] = {}
    for row in rows.select_related("person").order_by("post__kind", "person__name"):
        found.setdefault(row.person_id, row.person)
    return list(found.values())
