"""A named set of plug-ins that refuses a duplicate or incomplete member when the program starts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Registry(Generic[T]):
    """Members by code, in order of registration. Each must have the attributes named in `needs`."""

    def __init__(self, kind: str, *, needs: tuple[str, ...] = ()) -> None:
        self.kind = kind
        self._needs = needs
        self._members: dict[str, T] = {}

    def add(self, code: str, member: T) -> T:
        if code in self._members:
            raise ValueError(f"two {self.kind}s are called {code!r}")
        missing = [name for name in self._needs if getattr(member, name, None) is None]
        if missing:
            raise ValueError(f"the {self.kind} {code!r} lacks {', '.join(missing)}")
        self._members[code] = member
        return member

    def get(self, code: str) -> T:
        """The member; an unknown code raises KeyError naming the kind."""
        try:
            return self._members[code]
        except KeyError:
            raise KeyError(f"there is no {self.kind} {code!r}") from None

    def __contains__(self, code: object) -> bool:
        return code in self._members

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def values(self) -> list[T]:
        return list(self._members.values())
