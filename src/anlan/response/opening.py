"""Which orders a level asks for, and what a change of level opens and closes. Nothing is written here.

An order belongs to the level from which its task is due (`Instruction.level` is the task's `from_level`), so the orders that
should be open at a level depend on that level alone and not on the way by which it was reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from anlan.dispatch.models import Instruction
from anlan.incidents.models import Incident
from anlan.places import queries as places
from anlan.places.models import Division
from anlan.plans.content import Address, AddressKind, Content, Task
from anlan.response.models import Activation
from anlan.response.types import Change, Due, Left
from anlan.vocab.divisions import DivisionLevel

#: States in which an order that its level no longer needs is taken back.
WITHDRAWN_BY_LOWERING = ("waiting", "issued", "acknowledged")
OPEN = (*WITHDRAWN_BY_LOWERING, "started")


class Resolver:
    """Addresses of one plan to divisions. Reads departments, named places and affected ones once."""

    def __init__(
        self, content: Content, division: Division, incident: Incident, affected: Iterable[str]
    ) -> None:
        top = places.county()
        self.county = top if top is not None else division
        self.unit = incident.unit
        kinds = [task.owner for task in content.tasks]
        codes = {one.code for one in kinds if one.code}
        self.by_code = {place.pk: place for place in _plain(codes)}
        self.departments: dict[str, Division] = {}
        if any(one.kind == AddressKind.DEPARTMENT and one.code not in self.by_code for one in kinds):
            rows = Division.objects.filter(level=DivisionLevel.DEPARTMENT, valid_to=None).defer("geometry")
            self.departments = {place.name: place for place in rows.order_by("code")}
        self.townships, self.villages = affected_places(affected)

    def divisions(self, address: Address) -> tuple[list[tuple[Division, str]], str]:
        """Each place with the name that it stands in for (""), and why there is none."""
        match address.kind:
            case AddressKind.COUNTY:
                return [(self.county, "")], ""
            case AddressKind.AFFECTED_TOWNSHIPS:
                return [(place, "") for place in self.townships], "no_places"
            case AddressKind.AFFECTED_VILLAGES:
                return [(place, "") for place in self.villages], "no_places"
            case AddressKind.UNIT:
                return ([(self.unit, "")] if self.unit is not None else []), "no_unit"
            case _:
                return [self._named(address)], ""

    def _named(self, address: Address) -> tuple[Division, str]:
        """A department that nobody knows by code or name is not left out: the county's desk gets its order and passes it on."""
        found = self.by_code.get(address.code)
        if found is None and address.name:
            found = next(
                (place for name, place in self.departments.items() if name.endswith(address.name)), None
            )
        return (found, "") if found is not None else (self.county, address.name or address.code)


def affected_places(codes: Iterable[str]) -> tuple[list[Division], list[Division]]:
    """Townships (chosen, or those that chosen villages lie in) and villages (chosen, or all of a township chosen alone)."""
    chosen = _plain(codes)
    villages = [place for place in chosen if place.level == DivisionLevel.VILLAGE]
    townships = {place.pk: place for place in chosen if place.level == DivisionLevel.TOWNSHIP}
    above = {code for place in villages for code in place.path.split("/")[:-1]} - townships.keys()
    known = Division.objects.filter(pk__in=above, level=DivisionLevel.TOWNSHIP).defer("geometry")
    with_villages = {code for place in villages for code in place.path.split("/")}
    for place in townships.values():
        if place.pk not in with_villages:
            villages += list(places.villages_below(place.path).defer("geometry"))
    townships.update({place.pk: place for place in known})
    order = sorted(townships.values(), key=lambda place: place.pk)
    return order, sorted(villages, key=lambda place: place.pk)


def _plain(codes: Iterable[str]) -> list[Division]:
    wanted = list(codes)
    return list(Division.objects.filter(pk__in=wanted).defer("geometry").order_by("code")) if wanted else []


def due(content: Content, level: int, resolver: Resolver) -> tuple[list[Due], list[Left]]:
    """Every order that should exist at a level, each task and addressee once, and the tasks that reach nobody."""
    found: dict[tuple[str, str], Due] = {}
    left: list[Left] = []
    for task in content.tasks:
        if task.from_level < level:
            continue
        whom, why = resolver.divisions(task.owner)
        for place, instead_of in whom:
            one = Due(task, place, instead_of)
            found.setdefault(one.key, one)
        if not whom:
            left.append(Left(task, why))
    return list(found.values()), left


def change_to(
    activation: Activation,
    level: int | None,
    *,
    content: Content,
    affected: Iterable[str],
    everything: bool = False,
) -> Change:
    """What deciding this level does to the orders of a response; level None ends it. `everything` withdraws started ones too.

    Finished orders are never touched: what is done is neither opened again nor closed. Started ones of a graver level go on
    until they are finished.
    """
    rows = list(
        Instruction.objects.filter(activation_id=activation.pk)
        .exclude(state="withdrawn")
        .exclude(task_key="")
        .select_related("addressee", "incident", "incident__division")
        .defer("addressee__geometry", "incident__division__geometry")
        .order_by("planned_at", "number")
    )
    too_grave = [row for row in rows if level is None or (row.level is not None and row.level < level)]
    states = OPEN if everything else WITHDRAWN_BY_LOWERING
    closes = tuple(row for row in too_grave if row.state in states)
    kept = tuple(row for row in too_grave if row.state in OPEN and row.state not in states)
    if level is None:
        return Change(closes=closes, kept=kept)
    resolver = Resolver(content, activation.division, activation.incident, affected)
    wanted, left = due(content, level, resolver)
    known = {(row.task_key, row.addressee_id) for row in rows}
    opens = tuple(one for one in wanted if one.key not in known)
    return Change(opens=opens, closes=closes, kept=kept, left=tuple(left))


def preconditions(task: Task, content: Content, level: int) -> tuple[str, ...]:
    """Keys that must be finished first: only those of tasks that this level opens, else it would wait for ever."""
    opened = {one.key for one in content.tasks if one.from_level >= level}
    return tuple(key for key in task.after if key in opened)


def words_of(one: Due) -> str:
    """The words of the order; where the desk stands in for an unknown unit, that comes first."""
    if not one.instead_of:
        return one.task.words
    return f"（通讯录中没有“{one.instead_of}”，请值班室转达）{one.task.words}"


def open_rows(activation: Activation, *, level: int | None = None) -> Sequence[Instruction]:
    """Orders of a response that are not settled; with a level, only those that this level no longer asks for."""
    rows = Instruction.objects.filter(activation_id=activation.pk, state__in=OPEN).exclude(task_key="")
    found = list(rows.select_related("addressee").defer("addressee__geometry").order_by("due_at", "number"))
    return [row for row in found if level is None or (row.level is not None and row.level < level)]
