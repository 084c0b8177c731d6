"""Who reacts to which event. A reaction runs after commit, at least once, and must bear being repeated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from anlan.events.base import Event
from anlan.kernel.registry import Registry


@dataclass(frozen=True, slots=True)
class Reaction:
    """`run(event, at)`; `at` is the time of the run (reality or exercise) that the event belongs to."""

    name: str
    event: type[Event]
    run: Callable[[Event, datetime], None]


_registry: Registry[Reaction] = Registry("reaction", needs=("event", "run"))


def react(name: str, event: type[Event]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function `(event, at) -> None` under a unique dotted name; done when the app is ready."""

    def keep(function: Callable[..., None]) -> Callable[..., None]:
        _registry.add(name, Reaction(name, event, function))
        return function

    return keep


def reactions_to(event_name: str) -> list[Reaction]:
    return [reaction for reaction in _registry.values() if reaction.event.name == event_name]


def reaction_named(name: str) -> Reaction:
    return _registry.get(name)
