"""What the directory's pages show: posts with their holders at a moment, numbers as far as the reader may see them, histories."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model

from anlan.accounts.models import User
from anlan.console.refusals import BeyondOwnRights
from anlan.directory import queries
from anlan.directory.access import may_fill, shown_number
from anlan.directory.models import Contact, Holding, Person, Post
from anlan.directory.numbers import mask
from anlan.directory.types import ContactPoint, Holder
from anlan.dissemination.models import Delivery
from anlan.intake.models import IntakeSender
from anlan.journal.services import note
from anlan.kernel.actor import Actor
from anlan.places import access as places
from anlan.places.models import Division
from anlan.places.queries import below
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.duty_labels import LABELS
from anlan.vocab.posts import FACES, PostKind, Right

_OFFICER = PostKind.INFORMATION_OFFICER.value
_SECRETARY = PostKind.VILLAGE_SECRETARY.value
_TREE_LEVELS = (
    DivisionLevel.COUNTY,
    DivisionLevel.TOWNSHIP,
    DivisionLevel.VILLAGE,
    DivisionLevel.DEPARTMENT,
)


def names_of(refs: Iterable[str]) -> dict[str, str]:
    """Names of whoever appears as an actor: accounts ("user:3"), people who answered by phone ("person:…"), recipients of
    messages ("delivery:…") and senders of reports ("sender:…"). One query for each kind that occurs.
    """
    keys: dict[str, set[str]] = defaultdict(set)
    for ref in refs:
        kind, _colon, key = ref.partition(":")
        keys[kind].add(key)
    accounts = User.objects.filter(pk__in={int(key) for key in keys["user"] if key.isdecimal()})
    found = {
        f"user:{user.pk}": user.person.name if user.person else user.get_username()
        for user in accounts.select_related("person")
    }
    for kind, model, column in _NAMED:
        wanted = {key for one in keys[kind] if (key := _key(model, one)) is not None}
        if wanted:
            rows = model._default_manager.filter(pk__in=wanted).values_list("pk", column)
            found |= {f"{kind}:{key}": name for key, name in rows if name}
    return found


def _key(model: type[Model], text: str) -> Any:
    """The primary key that a ref names; None for what is no key."""
    try:
        return model._meta.pk.to_python(text)
    except ValidationError:
        return None


#: Kinds of actors that are rows, each with the column that names it.
_NAMED: tuple[tuple[str, type[Model], str], ...] = (
    ("person", Person, "name"),
    ("delivery", Delivery, "recipient"),
    ("sender", IntakeSender, "name"),
)


@dataclass(frozen=True, slots=True)
class PostView:
    """One post of a division as the page shows it."""

    kind: str
    title: tuple[str, str]
    holders: list[dict[str, Any]]
    history: list[dict[str, Any]]
    may_appoint: bool
    roles: tuple[str, ...]


def tree(actor: Actor, at: datetime) -> list[dict[str, Any]]:
    """Townships (or whatever lies at the top of the jurisdiction) with their villages and who is called; then departments."""
    seen = places.visible(actor).defer("geometry").order_by("path")
    # Somebody of an enterprise sees that one place.
    divisions = list(seen.filter(level__in=_TREE_LEVELS)) or list(seen.filter(level=DivisionLevel.ENTERPRISE))
    villages = [place.code for place in divisions if place.level == DivisionLevel.VILLAGE]
    officers = queries.holders(_OFFICER, villages, at)
    secretaries = queries.holders(_SECRETARY, villages, at)
    groups: dict[str | None, list[dict[str, Any]]] = defaultdict(list)
    for place in divisions:
        if place.level == DivisionLevel.VILLAGE:
            held = officers[place.code]
            line = {"place": place, "A": _names(held, "A"), "B": _names(held, "B")}
            groups[place.parent_id].append({**line, "secretary": _names(secretaries[place.code], "A")})
    heads = [place for place in divisions if place.level != DivisionLevel.VILLAGE]
    heads.sort(key=lambda place: place.level == DivisionLevel.DEPARTMENT)
    found = [_branch(place, groups.pop(place.code, [])) for place in heads]
    return found + [_branch(None, lines) for lines in groups.values()]


def _branch(place: Division | None, lines: list[dict[str, Any]]) -> dict[str, Any]:
    return {"place": place, "villages": lines, "without": sum(not line["A"] for line in lines)}


def _names(held: Iterable[Holder], role: str) -> str:
    return "、".join(holder.name for holder in held if holder.role == role)


def posts_of(place: Division, actor: Actor, at: datetime, *, may_edit: bool) -> list[PostView]:
    """Every kind of post that sits at the division's level, held or not."""
    kinds = [kind for kind in PostKind if FACES[kind].tier == place.level]
    held = queries.responsible([place.code], at, [kind.value for kind in kinds])[place.code]
    histories = _histories(place, kinds)
    return [
        PostView(
            kind=kind.value,
            title=(FACES[kind].zh, FACES[kind].en),
            holders=[holder_view(holder, actor, place) for holder in held if holder.kind == kind.value],
            history=histories[kind.value],
            may_appoint=may_edit and may_fill(actor, kind, place.path),
            roles=("A", "B"),
        )
        for kind in kinds
    ]


def holder_view(holder: Holder, actor: Actor, place: Division) -> dict[str, Any]:
    points = [point_view(point, actor, place) for point in holder.points]
    return {"person_id": holder.person_id, "name": holder.name, "role": holder.role, "points": points}


def point_view(point: ContactPoint, actor: Actor, place: Division) -> dict[str, Any]:
    shown = shown_number(actor, point.value, place.path)
    return {
        "kind": point.kind,
        "value": shown,
        "is_full": shown == point.value,
        "verified_at": point.verified_at,
    }


def _histories(place: Division, kinds: Iterable[PostKind]) -> dict[str, list[dict[str, Any]]]:
    """Who held the posts of a division, the latest first, with who changed it."""
    rows = list(
        Holding.objects.filter(post__division=place, post__kind__in=[kind.value for kind in kinds])
        .select_related("person", "post")
        .order_by("-held_from", "-id")
    )
    names = names_of({row.changed_by for row in rows})
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row.post.kind].append({"row": row, "changed_by": names.get(row.changed_by, row.changed_by)})
    return found


def holdings_of(person: Person) -> list[dict[str, Any]]:
    """Every post that a person ever held, the latest first."""
    rows = list(person.holdings.select_related("post__division").order_by("-held_from", "-id"))
    names = names_of({row.changed_by for row in rows})
    return [
        {"row": row, "title": _title(row.post), "changed_by": names.get(row.changed_by, row.changed_by)}
        for row in rows
    ]


def contacts_of(person: Person, *, is_full: bool) -> list[dict[str, Any]]:
    """Every number a person ever had, those in use first."""
    rows: list[Contact] = list(person.contacts.order_by("used_to", "kind", "-used_from"))
    rows.sort(key=lambda row: row.used_to is not None)
    names = names_of({row.changed_by for row in rows})
    return [
        {
            "row": row,
            "value": row.value if is_full else mask(row.value),
            "is_full": is_full,
            "changed_by": names.get(row.changed_by, row.changed_by),
        }
        for row in rows
    ]


def _title(post: Post) -> tuple[str, str]:
    face = FACES[PostKind(post.kind)]
    return face.zh, face.en


def check_may_fill(actor: Actor, kind: PostKind, place: Division) -> None:
    if not may_fill(actor, kind, place.path):
        raise BeyondOwnRights


def label_words(chinese: bool) -> list[tuple[str, str]]:
    """Codes and words of the duty labels."""
    return [(code, zh if chinese else en) for code, (zh, en) in LABELS.items()]


def contact_list(place: Division, actor: Actor, at: datetime) -> list[dict[str, Any]]:
    """Everybody responsible at or below a division with all their numbers. A look at full numbers is journaled."""
    divisions = list(below(place.path).defer("geometry").order_by("path"))
    held = queries.responsible([one.code for one in divisions], at, [kind.value for kind in PostKind])
    lines = [
        {"place": one, "title": _face(holder.kind), **holder_view(holder, actor, one)}
        for one in divisions
        for holder in held[one.code]
    ]
    if actor.can(Right.SEE_NUMBERS, place.path):
        _journal_look(place, lines, actor, at)
    return lines


def _face(kind: str) -> tuple[str, str]:
    face = FACES[PostKind(kind)]
    return face.zh, face.en


def _journal_look(place: Division, lines: list[dict[str, Any]], actor: Actor, at: datetime) -> None:
    note(
        kind="contact_list.looked_at",
        subject=("division", place.code),
        payload={"people": len({line["person_id"] for line in lines}), "numbers_shown": True},
        by=actor,
        at=at,
        path=place.path,
    )
