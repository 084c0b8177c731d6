"""What has to be written so that the directory agrees with the list."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from anlan.directory.contact_list.lines import Line
from anlan.directory.contact_list.people import Known, Recogniser
from anlan.directory.models import Contact, ContactKind, Holding, Organisation, Person, Post
from anlan.directory.services import end_contact, end_holding
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor
from anlan.places.models import Division

_STRENGTH = ("unchanged", "changed", "created")


@dataclass(slots=True)
class _OnePerson:
    """A person and all lines about that person."""

    person: Person
    lines: list[Line] = field(default_factory=list)

    def reached(self, kind: ContactKind) -> dict[str, Line]:
        return {line.reached[kind]: line for line in self.lines if kind in line.reached}


class Plan:
    """Built from the lines without writing anything; `outcome` says by line what would happen, `carry_out` does it."""

    def __init__(
        self, lines: Sequence[Line], divisions: Mapping[str, Division], *, by: Actor, at: datetime
    ) -> None:
        self._divisions, self._by, self._at = divisions, by, at
        self._known = Known()
        self._recogniser = Recogniser(self._known, divisions)
        self._new: dict[type[Any], list[Any]] = defaultdict(
            list
        )  # rows of different models, each model its own list
        self._ends: dict[uuid.UUID, Holding | Contact] = {}
        self._changes: list[tuple[Person | Post, dict[str, Any]]] = []  # columns differ in type
        self.outcome = {line.number: "unchanged" for line in lines}
        self._people: dict[uuid.UUID, _OnePerson] = {}
        self._hold_all([(line, self._recognised(line)) for line in lines])
        for one in self._people.values():
            self._describe(one)
            self._reach(one)

    def carry_out(self) -> None:
        """Write it: ends first, then changes, then what is new, upper models before those that point to them."""
        by, at = self._by, self._at
        for row in self._ends.values():
            if isinstance(row, Holding):
                end_holding(row, by=by, at=at)
            else:
                end_contact(row, by=by, at=at)
        record_all(self._new[Organisation], by=by, at=at)
        for changed, fields in self._changes:
            changed.change(by=by, at=at, kind="described", fields=fields)
        record_all(self._recogniser.made, by=by, at=at)
        for model in (Post, Holding, Contact):
            record_all(self._new[model], by=by, at=at)

    def _note(self, line: Line, outcome: str) -> None:
        """A line counts as the strongest thing that happened to it."""
        self.outcome[line.number] = max(self.outcome[line.number], outcome, key=_STRENGTH.index)

    def _recognised(self, line: Line) -> Person:
        person = self._recogniser.person(line)
        self._people.setdefault(person.pk, _OnePerson(person)).lines.append(line)
        return person

    def _hold_all(self, lines: Sequence[tuple[Line, Person]]) -> None:
        wanted = {(line.seat, person.pk) for line, person in lines}
        for seat in {line.seat for line, _person in lines}:
            for held in self._known.held.get(seat, ()):
                if (seat, held.person_id) not in wanted:
                    self._ends[held.pk] = held
        for line, person in lines:
            self._hold(line, person)

    def _hold(self, line: Line, person: Person) -> None:
        post = self._post(line)
        if any(held.person_id == person.pk for held in self._known.held.get(line.seat, ())):
            return
        other = "B" if line.role == "A" else "A"
        for held in self._known.held.get((*line.post, other), ()):
            if held.person_id == person.pk:
                self._ends[held.pk] = held
        self._new[Holding].append(
            Holding(post=post, person=person, role=line.role, held_from=self._at, changed_by=self._by.ref)
        )
        self._note(line, "created")

    def _post(self, line: Line) -> Post:
        office = self._organisation(line) if line.organisation else None
        post = self._known.posts.get(line.post)
        if post is None:
            place = self._divisions[line.division]
            post = Post(kind=line.kind.value, division=place, organisation=office)
            self._known.posts[line.post] = post
            self._new[Post].append(post)
        elif office is not None and post.organisation_id is None:
            # Several rows of one post may name different offices; the first one known stays.
            post.organisation_id = office.pk
            if not post._state.adding:
                self._changes.append((post, {"organisation_id": office.pk}))
                self._note(line, "changed")
        return post

    def _organisation(self, line: Line) -> Organisation:
        key = (line.division, line.organisation)
        if key not in self._known.organisations:
            made = Organisation(name=line.organisation, division=self._divisions[line.division])
            self._known.organisations[key] = made
            self._new[Organisation].append(made)
        return self._known.organisations[key]

    def _describe(self, one: _OnePerson) -> None:
        """Labels and skills of all lines together, where any line gives them; the last registration number."""
        wanted: dict[str, Any] = {}  # columns differ in type
        for name in ("labels", "skills"):
            given = [getattr(line, name) for line in one.lines if getattr(line, name) is not None]
            if given:
                wanted[name] = list(dict.fromkeys(word for words in given for word in words))
        numbers = [line.registration_no for line in one.lines if line.registration_no]
        if numbers:
            wanted["registration_no"] = numbers[-1]
        different = {name: value for name, value in wanted.items() if getattr(one.person, name) != value}
        if not different:
            return
        if one.person._state.adding:
            for name, value in different.items():
                setattr(one.person, name, value)
            return
        self._changes.append((one.person, different))
        for line in one.lines:
            self._note(line, "changed")

    def _reach(self, one: _OnePerson) -> None:
        """Numbers of each kind that the lines give replace those in use; kinds they leave empty stay."""
        used = self._known.contacts.get(one.person.pk, [])
        for kind in ContactKind:
            wanted = one.reached(kind)
            current = {contact.value: contact for contact in used if contact.kind == kind.value}
            if not wanted:
                continue
            self._ends |= {contact.pk: contact for value, contact in current.items() if value not in wanted}
            for value, line in wanted.items():
                if value not in current:
                    self._new[Contact].append(
                        Contact(
                            person=one.person,
                            kind=kind.value,
                            value=value,
                            used_from=self._at,
                            changed_by=self._by.ref,
                        )
                    )
                    self._note(line, "changed")
