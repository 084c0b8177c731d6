"""Mine now: what waits for one person, whichever part of the house it comes from, the next deadline first.

A provider says what it has for somebody; the first page sorts all of it together. Providers stand in `mineproviders`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from anlan.console.anything import Rows, present
from anlan.console.views.base import shared
from anlan.journal import clocks
from anlan.kernel.actor import Actor

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a stack: a chip that says what is to be done, what it is about, and by when or since when."""

    what: str
    title: str
    url: str
    due_at: datetime | None = None
    since: datetime | None = None
    #: 1 to 4, the colour of its edge; None is neutral.
    level: int | None = None
    #: Class of the chip beside the level's: "chip--unanswered" for what is urgent, "chip--waiting" for the rest.
    chip: str = "chip--waiting"
    note: str = ""
    shows_level: bool = False


Provide = Callable[[Actor, datetime, uuid.UUID | None], Iterable[Item]]


@dataclass(frozen=True, slots=True)
class _Provider:
    provide: Provide
    is_personal: bool
    among: Rows | None


_waiting: dict[str, _Provider] = {}
_followed: dict[str, _Provider] = {}
_parts: dict[str, Rows] = {}


def waiting(
    name: str, *, is_personal: bool = True, among: Rows | None = None
) -> Callable[[Provide], Provide]:
    """What must be done by the reader. Not personal: the same for everybody with the same rights in the same places.

    `among` are the rows, of whomever, that it picks from: the provider is not asked while there are none at all.
    """
    return _keeper(_waiting, name, is_personal=is_personal, among=among)


def followed(
    name: str, *, is_personal: bool = True, among: Rows | None = None
) -> Callable[[Provide], Provide]:
    """What the reader began and wants to see through."""
    return _keeper(_followed, name, is_personal=is_personal, among=among)


def _keeper(
    registry: dict[str, _Provider], name: str, *, is_personal: bool, among: Rows | None
) -> Callable[[Provide], Provide]:
    def keep(function: Provide) -> Provide:
        if name in registry:
            raise ValueError(f"two providers of mine named {name!r}")
        registry[name] = _Provider(function, is_personal, among)
        return function

    return keep


def part(name: str, among: Rows) -> None:
    """A part of the first page that is no provider; `has` tells whether there is anything to ask it for."""
    _parts[name] = among


def has(request: HttpRequest, name: str) -> bool:
    """Whether the rows of a part are there, of whomever."""
    return f"part:{name}" in shared(request, "mine:anything", _anything)


def waiting_for(request: HttpRequest) -> list[Item]:
    """Everything that waits for the reader: overdue first, then by deadline, then what has waited longest."""
    return sorted(_all(request, "waiting"), key=urgency)


def followed_by(request: HttpRequest) -> list[Item]:
    """What the reader began, the newest first."""
    found = _all(request, "followed")
    return sorted(found, key=lambda item: item.since or _NEVER, reverse=True)


def _all(request: HttpRequest, which: str) -> list[Item]:
    _register()
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by the middleware
    registry = _waiting if which == "waiting" else _followed
    run = clocks.default_exercise_id()
    now: datetime = request.now  # type: ignore[attr-defined]  # set by the middleware

    there = shared(request, "mine:anything", _anything)

    def make(is_personal: bool) -> list[Item]:
        chosen = [
            one
            for name, one in registry.items()
            if one.is_personal is is_personal and (one.among is None or f"{which}:{name}" in there)
        ]
        return [item for one in chosen for item in one.provide(actor, now, run)]

    personal = shared(request, f"mine:{which}:{actor.ref}", lambda: make(True))
    common = shared(request, f"mine:{which}", lambda: make(False))
    return [*personal, *common]


def _register() -> None:
    """The providers register themselves when they are read; before the first question, else it would be answered without them."""
    from anlan.console import (  # noqa: F401
        mine_command,
        mine_drills,
        mine_forces,
        mine_orders,
        mine_plans,
        mine_plans2,
        mine_response,
        mine_reviews,
        mineproviders,
    )


def _anything() -> frozenset[str]:
    """Providers that may have something for somebody."""
    _register()
    both = (("waiting", _waiting), ("followed", _followed))
    listed = [(f"{which}:{name}", one.among) for which, registry in both for name, one in registry.items()]
    listed += [(f"part:{name}", among) for name, among in _parts.items()]
    return present(tuple((name, among) for name, among in listed if among is not None))


def urgency(item: Item) -> tuple[datetime, datetime]:
    """By deadline; without one, by how long it has waited."""
    return item.due_at or _NEVER, item.since or _NEVER


def url_of(route: str, *args: object) -> str:
    """The address of a route; "" while nothing answers there."""
    try:
        return reverse(route, args=args)
    except NoReverseMatch:
        return ""
