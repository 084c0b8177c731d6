"""Who does something: a person with rights in a jurisdiction, a rule, a channel or the system itself."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Actor:
    """`ref` is what the journal keeps ("user:12", "rule:R12", "channel:sms"); `paths` are division paths seen from the top.

    An actor without paths sees nothing; the path "" stands for everything and is kept for the system.
    """

    ref: str
    name: str = ""
    person_id: uuid.UUID | None = None
    rights: frozenset[str] = field(default_factory=frozenset)
    paths: tuple[str, ...] = ()

    def can(self, right: str) -> bool:
        return right in self.rights

    def sees(self, path: str) -> bool:
        """True when `path` is one of the actor's divisions or lies below one."""
        return any(own == "" or path == own or path.startswith(own + "/") for own in self.paths)


def system(part: str) -> Actor:
    """The program itself, named by its part; sees everything and holds no right that a person signs with."""
    return Actor(ref=f"system:{part}", name=part, paths=("",))


def rule(rule_id: str) -> Actor:
    """A rule that acted by itself."""
    return Actor(ref=f"rule:{rule_id}", name=rule_id, paths=("",))
