"""What the forms of the incident room offer, and what people typed into them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.http import QueryDict

from anlan.command import guests, queries
from anlan.command.access import visible_experts
from anlan.command.models import CommandGroup, RollingAssessment, RoomCall, Scene
from anlan.command.services.asking import WAYS
from anlan.command.services.calling import OUTCOMES
from anlan.command.services.linking import LINK_KINDS
from anlan.console import roomwords as words
from anlan.console.incidentforms import NotANumber
from anlan.console.moments import input_moment, parse_moment
from anlan.console.views.base import DeskRequest, shared
from anlan.directory.models import Holding, Person
from anlan.directory.queries import held_at
from anlan.incidents.models import Incident
from anlan.kernel.refusals import NotFound
from anlan.places.access import visible, within
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.incidents import GRADE_LABELS
from anlan.vocab.posts import FACES, PostKind

#: Divisions that a scene or group can stand for.
_LEVELS = (DivisionLevel.COUNTY, DivisionLevel.DEPARTMENT, DivisionLevel.TOWNSHIP, DivisionLevel.VILLAGE, DivisionLevel.ENTERPRISE)  # fmt: skip


def choices(request: DeskRequest, row: Incident, tab: str, at: datetime, *, writes: bool) -> dict[str, Any]:
    """What the selects of one tab hold; nothing for those who only read."""
    found: dict[str, Any] = {
        "now_input": input_moment(at),
        "scene_choices": _own_scenes(request, row) if tab == "scenes" and not writes else [],
    }
    if not writes:
        found["writes_scenes"] = bool(found["scene_choices"])
        return found | _edited(request, row, tab, found["scene_choices"])
    return found | _of_tab(request, row, tab, at)


def _of_tab(request: DeskRequest, row: Incident, tab: str, at: datetime) -> dict[str, Any]:
    actor = request.actor
    if tab == "groups":
        return {
            "places": _places(request),
            "levels": [(level, f"{roman}") for level, (roman, _zh, _en) in GRADE_LABELS.items()],
            "role_choices": words.role_words().items(),
            "scene_choices": _open_scenes(row),
            "people": shared(request, f"room_people:{row.pk}", lambda: people_around(row, at)),
            **_edited(request, row, tab, []),
        }
    if tab == "scenes":
        scenes = _open_scenes(row)
        return {"places": _places(request), "scene_choices": scenes, "phases": words.phase_words().items(),
                **_edited(request, row, tab, scenes)}  # fmt: skip
    if tab == "decisions":
        return {"waiting_decisions": queries.open_decisions(row)}
    if tab == "consultations":
        return {"last_assessment": RollingAssessment.objects.filter(incident=row).order_by("-number").first()}
    if tab == "experts":
        rows = queries.experts_for(visible_experts(actor), row.event_type)
        return {
            "experts": [(one.pk, f"{one.person.name} {one.title} {one.unit_words}") for one in rows],
            "ways": [(way, words.way_words()[way]) for way in WAYS],
        }
    if tab == "documents":
        return {
            "people": shared(request, f"room_people:{row.pk}", lambda: people_around(row, at)),
            "link_kinds": [(kind, words.link_words()[kind]) for kind in LINK_KINDS],
            "outcomes": [(code, words.outcome_words()[code]) for code in OUTCOMES],
            "open_calls": list(RoomCall.objects.filter(incident=row, outcome="").order_by("-called_at")[:20]),
            "known_input": input_moment(row.known_at),
        }
    return {}


def _edited(request: DeskRequest, row: Incident, tab: str, scenes: list[Scene]) -> dict[str, Any]:
    """The group or scene that was chosen to be edited."""
    key = key_of(request.GET.get("edit", "") or request.POST.get("edit", ""))
    if key is None:
        return {}
    if tab == "groups":
        return {"edited": CommandGroup.objects.filter(incident=row, pk=key, closed_at=None).first()}
    return {"edited": next((one for one in scenes if one.pk == key), None)}


def _open_scenes(row: Incident) -> list[Scene]:
    return [one for one in queries.scenes_of(row) if one.state != "closed"]


def _own_scenes(request: DeskRequest, row: Incident) -> list[Scene]:
    keys = writable_scenes(request, row)
    return [one for one in queries.scenes_of(row) if one.pk in keys]


def writable_scenes(request: DeskRequest, row: Incident) -> frozenset[uuid.UUID]:
    """Scenes that somebody without command of the whole incident may write."""
    return frozenset(guests.writable_scenes(request.actor, row))


def _places(request: DeskRequest) -> list[tuple[str, str]]:
    def make() -> list[tuple[str, str]]:
        rows = visible(request.actor).filter(level__in=_LEVELS, valid_to=None).order_by("path")
        return list(rows.values_list("code", "name")[:2000])

    return shared(request, "room_places", make)


def people_around(row: Incident, at: datetime) -> list[tuple[str, str]]:
    """Who answers for the place of the incident and for the places above it, and who commands: (id, name and post)."""
    parts = row.division.path.split("/")
    above = ["/".join(parts[:n]) for n in range(1, len(parts) + 1)]
    held = Holding.objects.filter(held_at(at), post__division__path__in=above)
    listed = [
        (str(one.person_id), f"{one.person.name} {one.post.division.name} {words.said(FACES[PostKind(one.post.kind)][:2])}")
        for one in held.select_related("person", "post__division").defer("post__division__geometry").order_by("post__division__path", "post__kind", "role")
    ]  # fmt: skip
    known = {key for key, _name in listed}
    for one in queries.in_command(row).values():
        if one.person_id is not None and str(one.person_id) not in known:
            listed.append((str(one.person_id), f"{one.name} {one.title}"))
    return listed


def person_of(request: DeskRequest, text: str) -> Person | None:
    """A person of the reader's own places; None where nobody was chosen."""
    key = key_of(text)
    if key is None:
        return None
    # Whoever has the room may call who answers above him, and nobody of a neighbour.
    places = Division.objects.filter(within(request.actor, "path")).values_list("path", flat=True)
    top = min(places, key=len, default="")
    above = ["/".join(top.split("/")[:n]) for n in range(1, len(top.split("/")) + 1)]
    rows = Person.objects.filter(pk=key)
    found = (
        rows.filter(within(request.actor, "division__path")).first()
        or rows.filter(division__path__in=above).first()
    )
    if found is None:
        raise NotFound
    return found


def moment(text: str) -> datetime | None:
    """A typed time, None for an empty field."""
    return parse_moment(text) if text.strip() else None


def degrees(text: str) -> float | None:
    """A typed coordinate, None for an empty field. Raises `NotANumber`."""
    tidy = text.strip()
    if not tidy:
        return None
    try:
        found = float(tidy)
    except ValueError:
        raise NotANumber(value=tidy[:20]) from None
    if found != found or found in (float("inf"), float("-inf")):
        raise NotANumber(value=tidy[:20])
    return found


def names(given: QueryDict, field: str) -> list[str]:
    """Names parted by commas, semicolons or lines."""
    text = given.get(field, "")
    for mark in "，、；;\n\r":
        text = text.replace(mark, ",")
    return [tidy for one in text.split(",") if (tidy := one.strip())]


def key_of(text: str) -> uuid.UUID | None:
    """An id as a form sends it, None for anything else."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
