"""What the directory holds now, read once, and who a line of the list means."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping

from anlan.directory.contact_list.lines import Line, Seat
from anlan.directory.models import Contact, Holding, Organisation, Person, Post
from anlan.places.models import Division


class Known:
    """Open holdings by seat, contacts in use by person, posts and organisations by their keys. Five queries."""

    def __init__(self) -> None:
        self.held: dict[Seat, list[Holding]] = defaultdict(list)
        for held in Holding.objects.filter(held_to=None).select_related("person__division", "post__division"):
            self.held[held.post.division_id, held.post.kind, held.role].append(held)
        self.contacts: dict[uuid.UUID, list[Contact]] = defaultdict(list)
        for used in Contact.objects.filter(used_to=None).select_related("person__division"):
            self.contacts[used.person_id].append(used)
        self.posts = {(post.division_id, post.kind): post for post in Post.objects.select_related("division")}
        self.organisations = {
            (one.division_id, one.name): one for one in Organisation.objects.select_related("division")
        }


class Recogniser:
    """Finds the person that a line means, or makes one. Later lines recognise the people of earlier ones.

    Only people of the importer's own divisions are recognised, so that a list never reaches into a neighbour's people.
    """

    def __init__(self, known: Known, divisions: Mapping[str, Division]) -> None:
        self._divisions = divisions
        self._held = known.held
        self._by_number: dict[tuple[str, str], Person] = {}
        for used in (used for contacts in known.contacts.values() for used in contacts):
            if used.person.division_id in divisions:
                self._by_number.setdefault((used.person.name, used.value), used.person)
        registered = Person.objects.exclude(registration_no="").select_related("division")
        self._by_registration = {
            one.registration_no: one for one in registered if one.division_id in divisions
        }
        self.made: list[Person] = []

    def person(self, line: Line) -> Person:
        found = self._registered(line) or self._by_its_number(line) or self._same_name_on_post(line)
        if found is None:
            found = Person(name=line.name, division=self._divisions[line.division])
            self.made.append(found)
        if line.registration_no:
            self._by_registration.setdefault(line.registration_no, found)
        for value in line.callable:
            self._by_number.setdefault((line.name, value), found)
        return found

    def _registered(self, line: Line) -> Person | None:
        found = self._by_registration.get(line.registration_no) if line.registration_no else None
        return found if found is not None and found.name == line.name else None

    def _by_its_number(self, line: Line) -> Person | None:
        found = (self._by_number.get((line.name, value)) for value in line.callable)
        return next((person for person in found if person is not None), None)

    def _same_name_on_post(self, line: Line) -> Person | None:
        held = [one for role in "AB" for one in self._held.get((*line.post, role), ())]
        return next((one.person for one in held if one.person.name == line.name), None)
