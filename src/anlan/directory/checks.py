"""The checks of R34: what in the directory would leave a village uncalled tonight."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.translation import gettext_noop as _

from anlan.directory import queries
from anlan.directory.models import ContactKind
from anlan.directory.numbers import mask
from anlan.directory.types import Holder
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import fill
from anlan.places import access as places
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import FACES, PostKind

#: R34: numbers are verified each quarter.
VERIFY_WITHIN = timedelta(days=92)
_OFFICER = PostKind.INFORMATION_OFFICER.value
_CALLABLE = {ContactKind.MOBILE.value, ContactKind.LANDLINE.value}

_TEXTS: dict[str, str] = {
    "village.no_officer": _("%(division)s has no hazard information officer."),
    "post.same_number": _("%(names)s hold the A and the B role in %(division)s on one number, %(number)s."),
    "officer.several_villages": _("%(names)s is information officer of %(count)s villages: %(divisions)s."),
    "number.never_verified": _("The number %(number)s of %(names)s was never verified."),
    "number.verified_long_ago": _("The number %(number)s of %(names)s was last verified %(days)s days ago."),
    "number.shared": _("%(names)s share the number %(number)s."),
    "township.no_deputy": _("%(division)s has nobody in a B role."),
    "person.no_number": _("%(names)s holds a post in %(division)s and has no number."),
}
#: The order in which findings are shown: what silences a village first.
ORDER = (
    "village.no_officer",
    "person.no_number",
    "post.same_number",
    "township.no_deputy",
    "number.shared",
    "officer.several_villages",
    "number.never_verified",
    "number.verified_long_ago",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to put right. `text` is a msgid with named places for `data`; numbers in it are masked."""

    code: str
    division_code: str
    division_name: str
    person_ids: tuple[uuid.UUID, ...] = ()
    data: dict[str, object] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return _TEXTS[self.code]

    def sentence(self) -> str:
        """The English sentence; pages translate `text` first."""
        return fill(self.text, self.data)


@dataclass(frozen=True, slots=True)
class _Scope:
    """Everything the checks look at, read once."""

    divisions: dict[str, Division]
    holders: dict[str, list[Holder]]
    at: datetime

    def people(self) -> dict[uuid.UUID, list[Holder]]:
        """Holdings by person."""
        found: dict[uuid.UUID, list[Holder]] = defaultdict(list)
        for held in self.holders.values():
            for holder in held:
                found[holder.person_id].append(holder)
        return found

    def finding(
        self, code: str, division_code: str, people: Iterable[Holder] = (), **data: object
    ) -> Finding:
        place = self.divisions[division_code]
        names = {holder.person_id: holder.name for holder in people}
        told = {"division": place.name, "names": "、".join(names.values()), **data}
        return Finding(code, division_code, place.name, tuple(names), told)


def run_checks(actor: Actor, at: datetime) -> list[Finding]:
    """Everything wrong in the actor's jurisdiction at `at`, the gravest first. Three queries whatever its size."""
    divisions = {place.code: place for place in places.visible(actor).defer("geometry")}
    holders = queries.responsible(divisions, at, [kind.value for kind in PostKind])
    scope = _Scope(divisions, holders, at)
    checks = (_villages, _townships, _same_number, _several_villages, _numbers, _shared)
    findings = [finding for check in checks for finding in check(scope)]
    return sorted(findings, key=lambda one: (ORDER.index(one.code), one.division_code, str(one.data)))


def _villages(scope: _Scope) -> Iterator[Finding]:
    for code, place in scope.divisions.items():
        held = scope.holders[code]
        if place.level == DivisionLevel.VILLAGE and not any(one.kind == _OFFICER for one in held):
            yield scope.finding("village.no_officer", code)


def _townships(scope: _Scope) -> Iterator[Finding]:
    for code, place in scope.divisions.items():
        if place.level == DivisionLevel.TOWNSHIP and not any(one.role == "B" for one in scope.holders[code]):
            yield scope.finding("township.no_deputy", code)


def _same_number(scope: _Scope) -> Iterator[Finding]:
    for code, held in scope.holders.items():
        for kind in {one.kind for one in held}:
            first = [one for one in held if one.kind == kind and one.role == "A"]
            for deputy in (one for one in held if one.kind == kind and one.role == "B"):
                for chief in first:
                    common = _values(chief) & _values(deputy)
                    if common:
                        post = FACES[PostKind(kind)]
                        yield scope.finding(
                            "post.same_number",
                            code,
                            (chief, deputy),
                            number=mask(min(common)),
                            post=post.zh,
                        )


def _several_villages(scope: _Scope) -> Iterator[Finding]:
    for held in scope.people().values():
        villages = {one.division_code: one for one in held if one.kind == _OFFICER}
        if len(villages) > 1:
            names = "、".join(scope.divisions[code].name for code in sorted(villages))
            yield scope.finding(
                "officer.several_villages", min(villages), held[:1], count=len(villages), divisions=names
            )


def _numbers(scope: _Scope) -> Iterator[Finding]:
    for held in scope.people().values():
        holder = held[0]
        numbers = [point for point in holder.points if point.kind in _CALLABLE]
        if not numbers:
            yield scope.finding("person.no_number", holder.division_code, (holder,))
        for point in numbers:
            shown = mask(point.value)
            if point.verified_at is None:
                yield scope.finding("number.never_verified", holder.division_code, (holder,), number=shown)
            elif scope.at - point.verified_at > VERIFY_WITHIN:
                days = (scope.at - point.verified_at).days
                yield scope.finding(
                    "number.verified_long_ago", holder.division_code, (holder,), number=shown, days=days
                )


def _shared(scope: _Scope) -> Iterator[Finding]:
    """One mobile used by different people. Desks share landlines on purpose, so those are left alone."""
    users: dict[str, dict[uuid.UUID, Holder]] = defaultdict(dict)
    for held in scope.people().values():
        for point in held[0].points:
            if point.kind == ContactKind.MOBILE.value:
                users[point.value][held[0].person_id] = held[0]
    for number, people in users.items():
        if len(people) > 1:
            sharing = sorted(people.values(), key=lambda one: (one.division_code, one.role, one.name))
            yield scope.finding("number.shared", sharing[0].division_code, sharing, number=mask(number))


def _values(holder: Holder) -> set[str]:
    return {point.value for point in holder.points if point.kind in _CALLABLE}
