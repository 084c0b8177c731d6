"""Which waiting orders may go out (pure): everything that each of them waits for is finished.

Where the same addressee has the predecessor too (it is done in each township), its own counts; else all of them count. One that
was withdrawn is needed no longer; one that nobody opened never held anything up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

SETTLED = frozenset({"finished", "withdrawn"})


@dataclass(frozen=True, slots=True)
class Known:
    """One order of the activation: the key of its task, whom it went to, its state."""

    key: str
    addressee: str
    state: str


def by_key(known: Iterable[Known]) -> dict[str, list[Known]]:
    found: dict[str, list[Known]] = {}
    for one in known:
        found.setdefault(one.key, []).append(one)
    return found


def is_free(after: Sequence[str], addressee: str, known: Mapping[str, Sequence[Known]]) -> bool:
    """Whether an order to `addressee` that waits for the tasks `after` may go out."""
    return all(_is_settled(known.get(key, ()), addressee) for key in after)


def _is_settled(rows: Sequence[Known], addressee: str) -> bool:
    own = [row for row in rows if row.addressee == addressee]
    return all(row.state in SETTLED for row in own or rows)
