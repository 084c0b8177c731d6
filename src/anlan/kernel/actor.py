"""Who does something: a person with rights in certain places, a rule, a channel or the system itself."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

Grants = frozenset[tuple[str, str]]

#: The right to look; every post has it. The others are listed in `vocab.posts`.
SEE = "see"
#: What the program itself does everywhere: it keeps the books. Nothing here is signed by a person.
_OF_THE_PROGRAM = (SEE, "edit_directory", "administer")


def grants(rights: Iterable[str], *paths: str) -> Grants:
    """Each of the rights in each of the divisions, as one post gives them."""
    listed = tuple(rights)
    return frozenset((str(right), path) for right in listed for path in paths)


@dataclass(frozen=True, slots=True)
class Actor:
    """`ref` is what the journal keeps ("user:12", "rule:R12", "channel:sms").

    A grant is one right in one division, whose path is seen from the top: two posts in different places never combine.
    The path "" stands for everything and is kept for the program. Without grants one sees nothing.
    """

    ref: str
    name: str = ""
    person_id: uuid.UUID | None = None
    grants: Grants = field(default_factory=frozenset)

    def can(self, right: str, path: str) -> bool:
        """Whether the right holds for the division at `path`: granted there or above."""
        return any(
            own == "" or path == own or path.startswith(own + "/")
            for granted, own in self.grants
            if granted == right
        )

    def can_somewhere(self, right: str) -> bool:
        """For menus and for what belongs to no place. It opens no door: whoever acts on something asks `can`."""
        return any(granted == right for granted, _own in self.grants)

    def where(self, right: str = SEE) -> tuple[str, ...]:
        """The divisions in which, and below which, the right holds."""
        return tuple(sorted(own for granted, own in self.grants if granted == right))

    def sees(self, path: str) -> bool:
        return self.can(SEE, path)


def system(part: str) -> Actor:
    """The program itself, named by its part; sees everything and holds no right that a person signs with."""
    return Actor(ref=f"system:{part}", name=part, grants=grants(_OF_THE_PROGRAM, ""))


def rule(rule_id: str) -> Actor:
    """A rule that acted by itself."""
    return Actor(ref=f"rule:{rule_id}", name=rule_id, grants=grants([SEE], ""))
