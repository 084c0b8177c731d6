"""Writing the directory. Nothing is overwritten: a change ends one interval and begins the next, and says who did it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.directory.models import Contact, Holding, HoldingRole, Organisation, Person, Post
from anlan.directory.numbers import normalise
from anlan.directory.refusals import AlreadyEnded, EndBeforeStart, NameMissing, UnknownLabel, WrongTier
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.vocab.duty_labels import LABELS
from anlan.vocab.posts import FACES, PostKind


def ensure_organisation(name: str, *, division: Division, by: Actor, at: datetime) -> Organisation:
    """The organisation of this name in the division, made if it is new."""
    found = Organisation.objects.filter(name=name, division=division).first()
    return found or Organisation(name=name, division=division).record(by=by, at=at)


def ensure_post(
    kind: PostKind,
    *,
    division: Division,
    organisation: Organisation | None = None,
    by: Actor,
    at: datetime,
) -> Post:
    """The post of this kind in the division, made if it is new. Raises `WrongTier`."""
    check_tier(kind, division)
    found = Post.objects.filter(kind=kind.value, division=division).select_related("division").first()
    if found is None:
        return Post(kind=kind.value, division=division, organisation=organisation).record(by=by, at=at)
    if organisation is not None and found.organisation_id != organisation.pk:
        found.change(by=by, at=at, kind="changed", organisation_id=organisation.pk)
    return found


def check_tier(kind: PostKind, division: Division) -> None:
    """Raise `WrongTier` unless posts of this kind sit at the division's level."""
    if FACES[kind].tier != division.level:
        raise WrongTier(post=FACES[kind].zh, division=division.name)


def create_person(
    name: str,
    *,
    division: Division,
    labels: Iterable[str] = (),
    skills: Iterable[str] = (),
    registration_no: str = "",
    by: Actor,
    at: datetime,
) -> Person:
    """A new person of a division."""
    if not name.strip():
        raise NameMissing
    return Person(
        name=name.strip(),
        division=division,
        labels=_checked_labels(labels),
        skills=list(dict.fromkeys(skills)),
        registration_no=registration_no,
    ).record(by=by, at=at)


def set_labels(
    person: Person,
    *,
    labels: Iterable[str] | None = None,
    skills: Iterable[str] | None = None,
    registration_no: str | None = None,
    by: Actor,
    at: datetime,
) -> Person:
    """Change duty labels, skills or the registration number; what is None stays."""
    wanted: dict[str, Any] = {}  # columns differ in type
    if labels is not None:
        wanted["labels"] = _checked_labels(labels)
    if skills is not None:
        wanted["skills"] = list(dict.fromkeys(skills))
    if registration_no is not None:
        wanted["registration_no"] = registration_no
    different = {name: value for name, value in wanted.items() if getattr(person, name) != value}
    return person.change(by=by, at=at, kind="described", fields=different) if different else person


def rename_person(person: Person, *, name: str, by: Actor, at: datetime) -> Person:
    """Correct a name."""
    if not name.strip():
        raise NameMissing
    return person.change(by=by, at=at, kind="renamed", name=name.strip())


def _checked_labels(labels: Iterable[str]) -> list[str]:
    chosen = list(dict.fromkeys(labels))
    for label in chosen:
        if label not in LABELS:
            raise UnknownLabel(value=label, allowed="、".join(zh for zh, _en in LABELS.values()))
    return chosen


def appoint(
    post: Post, person: Person, *, role: HoldingRole = HoldingRole.A, by: Actor, at: datetime
) -> Holding:
    """Put a person on a post from `at` on.

    Whoever holds the A role of the post until now leaves it; B roles may be held by several. A person who holds the post in
    the other role leaves that one. Appointing again changes nothing.
    """
    with transaction.atomic(savepoint=False):
        for held in post.holdings.filter(held_to=None).select_related("post__division"):
            same_person = held.person_id == person.pk
            if same_person and held.role == role.value:
                return held
            if same_person or (role == HoldingRole.A and held.role == HoldingRole.A.value):
                end_holding(held, by=by, at=at)
        return Holding(post=post, person=person, role=role.value, held_from=at, changed_by=by.ref).record(
            by=by, at=at
        )


def end_holding(holding: Holding, *, by: Actor, at: datetime) -> Holding:
    """The person leaves the post at `at`."""
    if holding.held_to is not None:
        raise AlreadyEnded
    if at < holding.held_from:
        raise EndBeforeStart(start=holding.held_from.isoformat())
    return holding.change(by=by, at=at, kind="ended", held_to=at, changed_by=by.ref)


def set_contact(person: Person, *, kind: str, value: str, by: Actor, at: datetime) -> Contact:
    """The person is reached at this number or address from `at` on, and no longer at another of the same kind.

    A new number counts as unverified. Setting the same one again changes nothing.
    """
    written = normalise(kind, value)
    with transaction.atomic(savepoint=False):
        kept = None
        for used in person.contacts.filter(kind=kind, used_to=None).select_related("person__division"):
            if used.value == written and kept is None:
                kept = used
            else:
                end_contact(used, by=by, at=at)
        if kept is not None:
            return kept
        return Contact(person=person, kind=kind, value=written, used_from=at, changed_by=by.ref).record(
            by=by, at=at
        )


def end_contact(contact: Contact, *, by: Actor, at: datetime) -> Contact:
    """The person is no longer reached there from `at` on."""
    if contact.used_to is not None:
        raise AlreadyEnded
    if at < contact.used_from:
        raise EndBeforeStart(start=contact.used_from.isoformat())
    return contact.change(by=by, at=at, kind="ended", used_to=at, changed_by=by.ref)


def verify_contact(contact: Contact, *, by: Actor, at: datetime) -> Contact:
    """Somebody answered there, or checked it by hand."""
    if contact.used_to is not None:
        raise AlreadyEnded
    return contact.change(by=by, at=at, kind="verified", verified_at=at, failed_at=None, failed_why="")


def contact_failed(contact: Contact, *, why: str, by: Actor, at: datetime) -> Contact:
    """Nothing arrives there: a dead number, shown to whoever keeps the directory until it is verified or replaced."""
    return contact.change(by=by, at=at, kind="failed", failed_at=at, failed_why=why[:60])
