"""Which subjects a reader may not know of: each floor that keeps restricted things says whose ids are closed to whom.

What mentions a closed id is closed too. Registered in `apps.ready`, asked by whatever shows the journal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from anlan.kernel.actor import Actor
from anlan.kernel.registry import Registry

#: actor -> ids (as text) that are closed to him. They are few: only restricted things, and only recent ones matter.
Closed = Callable[[Actor], Iterable[str]]
_registry: Registry[Closed] = Registry("keeper of restricted things")


def keeps_closed(code: str) -> Callable[[Closed], Closed]:
    """Register what says which ids are closed to an actor."""

    def keep(function: Closed) -> Closed:
        return _registry.add(code, function)

    return keep


def closed_to(actor: Actor) -> frozenset[str]:
    """Every id that is closed to this actor."""
    return frozenset(one for keeper in _registry.values() for one in keeper(actor))
