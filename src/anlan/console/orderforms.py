"""What people type about orders, read into what the verbs take."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, QueryDict

from anlan.attachments.uploading import check_uploads
from anlan.console.incidentforms import key_of
from anlan.dispatch.refusals import BadLimit, NoAddressee
from anlan.dispatch.types import NewInstruction, Proof
from anlan.kernel.actor import Actor
from anlan.places.access import visible
from anlan.places.models import Division
from anlan.resources.models import Team
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import Right

MOST_MIN = 10_080
MOST_ADDRESSEES = 400
_LEVELS = (
    DivisionLevel.COUNTY, DivisionLevel.DEPARTMENT, DivisionLevel.TOWNSHIP, DivisionLevel.VILLAGE, DivisionLevel.ENTERPRISE,
)  # fmt: skip


def minutes(text: str) -> int | None:
    """A limit in whole minutes; None where none was typed. Raises `BadLimit`."""
    tidy = text.strip()
    if not tidy:
        return None
    if not (tidy.isascii() and tidy.isdecimal() and 1 <= int(tidy[:6]) <= MOST_MIN):
        raise BadLimit(given=text[:20])
    return int(tidy)


def new_orders(given: QueryDict, actor: Actor) -> list[NewInstruction]:
    """One order for each place and team that was ticked. Raises `NoAddressee`, `BadLimit`."""
    key = key_of(given)
    places = places_ticked(given.getlist("to"), actor)
    teams = teams_ticked(given.getlist("team"), actor)
    if not places and not teams:
        raise NoAddressee
    ack, limit = minutes(given.get("ack_min", "")), minutes(given.get("limit_min", ""))
    whom: list[tuple[Division, Team | None]] = [(place, None) for place in places]
    whom += [(team.division, team) for team in teams]
    return [
        NewInstruction(
            title=given.get("title", ""),
            words=given.get("words", "")[:2000],
            addressee=place,
            team=team,
            ack_limit_min=ack,
            limit_min=limit,
            origin="free" if team is None else "team",
            needs_proof=given.get("needs_proof") == "1",
            key=uuid.uuid5(key, place.pk if team is None else str(team.pk)),
        )
        for place, team in whom
    ]


def places_ticked(codes: list[str], actor: Actor) -> list[Division]:
    """Places below which the actor may command; others are as if they did not exist."""
    rows = (
        visible(actor, Right.COMMAND).defer("geometry").filter(pk__in=codes[:MOST_ADDRESSEES], valid_to=None)
    )
    return list(rows.filter(level__in=_LEVELS).order_by("path"))


def teams_ticked(keys: list[str], actor: Actor) -> list[Team]:
    known = [key for key in keys[:MOST_ADDRESSEES] if _is_key(key)]
    rows = Team.objects.filter(pk__in=known, division__in=visible(actor, Right.COMMAND).values("pk"))
    return list(rows.select_related("division").defer("division__geometry"))


def choices(actor: Actor) -> dict[str, list[tuple[str, str]]]:
    """Whom the actor may order, by level; and teams."""
    rows = visible(actor, Right.COMMAND).filter(level__in=_LEVELS, valid_to=None).order_by("path")
    found: dict[str, list[tuple[str, str]]] = {}
    for code, name, level in rows.values_list("code", "name", "level"):
        found.setdefault(level, []).append((code, name))
    teams = Team.objects.filter(retired_at=None, division__in=visible(actor, Right.COMMAND).values("pk"))
    found["team"] = [(str(pk), name) for pk, name in teams.order_by("name").values_list("pk", "name")[:300]]
    return found


def progress(text: str) -> int | None:
    """Percent as typed; -1 for what is no number, which the verb refuses."""
    tidy = text.strip().rstrip("%％")
    if not tidy:
        return None
    return int(tidy[:4]) if tidy.isascii() and tidy.isdecimal() else -1


def proofs(request: HttpRequest) -> list[Proof]:
    """The file that was sent along, if any. Raises `TooLarge`."""
    check_uploads(request)
    file = request.FILES.get("file")
    return [] if file is None else [Proof((file.name or "")[:120], file.chunks())]


def _is_key(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
