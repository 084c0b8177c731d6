"""The names of a county's divisions, for finding them in a sentence: longest name first, two places of one name are told."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from anlan.warning.incoming.digits import plain

#: What a township or village is called besides its name; people leave it out in lists.
_ENDINGS = ("街道办事处", "街道", "民族乡", "镇", "乡", "社区", "村")
#: After a short name these make it something else: a river, a station, a road, another place.
_OTHER_THING = re.compile(
    r"站|河|江|溪|水库|流域|大桥|断面|雨量|水位|煤矿|隧道|高速|路|村|镇|乡|街道|社区|组"
)
#: Before and after a name without its ending: only in a list of names is it taken.
_LISTED_BEFORE = re.compile(r"(?:[、,，:：;；和及与在县括\s(\[]|^)$")
_LISTED_AFTER = re.compile(r"[、,，和及与等。;；\s)\]]|一带|境内|附近|地区|$")
_MORE_FOLLOW = re.compile(r"[、和及与]|等地")


@dataclass(frozen=True, slots=True)
class Place:
    """`parents` are the codes above it inside the county; `level` is county, township or village."""

    code: str
    name: str
    level: str
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """A name found in a text: the places that it may mean, whether it stood without its ending, where it stood."""

    start: int
    end: int
    words: str
    places: tuple[Place, ...]
    is_short: bool = False


class Gazetteer:
    """Names of one county. `county` is its own row, `below` its townships and villages."""

    def __init__(self, county: Place | None, below: Iterable[Place]) -> None:
        self.county = county
        self.below = tuple(below)
        self.by_code = {place.code: place for place in self.below}
        self._full: dict[str, list[Place]] = defaultdict(list)
        self._short: dict[str, list[Place]] = defaultdict(list)
        for place in self.below:
            name = plain(place.name)
            self._full[name].append(place)
            short = without_ending(name)
            if len(short) >= 2 and short != name:
                self._short[short].append(place)
        names = sorted({*self._full, *self._short}, key=lambda name: (-len(name), name))
        self._pattern = re.compile("|".join(re.escape(name) for name in names if name) or r"(?!)")

    def find(self, text: str) -> list[Named]:
        """The names in a plain text, in order, never overlapping."""
        found: list[Named] = []
        at = 0
        while (match := self._pattern.search(text, at)) is not None:
            named = self._named(text, match)
            if named is None:
                at = match.start() + 1
                continue
            found.append(self._narrowed(named, found))
            at = named.end
        return found

    def _named(self, text: str, match: re.Match[str]) -> Named | None:
        words, start, end = match.group(), match.start(), match.end()
        if words in self._full:
            return Named(start, end, words, tuple(self._full[words]))
        if _OTHER_THING.match(text, end) or not _LISTED_AFTER.match(text, end):
            return None
        if not _LISTED_BEFORE.search(text[max(0, start - 1) : start]) and not _MORE_FOLLOW.match(text, end):
            return None
        townships = [place for place in self._short[words] if place.level == "township"]
        return Named(start, end, words, tuple(townships or self._short[words]), is_short=True)

    def _narrowed(self, named: Named, before: list[Named]) -> Named:
        """A village named right after its township is that township's."""
        if len(named.places) < 2 or not before:
            return named
        last = before[-1]
        county = "" if self.county is None else self.county.code
        above = {code for place in last.places for code in (place.code, *place.parents)} - {county}
        inside = tuple(place for place in named.places if above & set(place.parents))
        near = named.start - last.end <= 12
        return (
            Named(named.start, named.end, named.words, inside, named.is_short)
            if near and len(inside) == 1
            else named
        )

    def villages_of(self, codes: Iterable[str]) -> list[str]:
        """The villages at or below these places, in order of code."""
        wanted = set(codes)
        if self.county is not None and self.county.code in wanted:
            return sorted(place.code for place in self.below if place.level == "village")
        return sorted(
            place.code
            for place in self.below
            if place.level == "village" and (place.code in wanted or wanted & set(place.parents))
        )


def without_ending(name: str) -> str:
    for ending in _ENDINGS:
        if name.endswith(ending) and len(name) - len(ending) >= 2:
            return name[: -len(ending)]
    return name
