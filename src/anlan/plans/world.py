"""The world that a plan is compared with, read from the directory, the places, the register of resources and the filings.

A plan of the county or a department counts on everything registered in the county; one of a township or village on what lies
in that township; one of an enterprise or site on its own.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from anlan.directory.models import Contact, ContactKind, Holding
from anlan.directory.queries import held_at, in_use_at
from anlan.kernel.clock import SHANGHAI
from anlan.places.models import Division
from anlan.plans.checking import check
from anlan.plans.checkpeople import uses
from anlan.plans.checktypes import Fault, Have, Held, Place, Seat, Superior, World
from anlan.plans.content import Address, AddressKind, Content, Need, NeedKind, read
from anlan.plans.lastdrills import knows_drills, last_drill_of
from anlan.plans.models import LinkKind, Plan, PlanFiling, PlanKind, PlanLink, PlanVersion
from anlan.plans.queries import of_run
from anlan.resources.models import Asset, AssetState, Expert, Readiness, StockReport, Team
from anlan.vocab.divisions import DivisionLevel

#: Years between two practices of a plan (R23). Special and department plans: 2013 edition, verified. Enterprise (yearly) and
#: site (half-yearly): read, not verified; to be confirmed by the county.
DRILL_EVERY: dict[str, float] = {
    PlanKind.SPECIAL: 3,
    PlanKind.DEPARTMENT: 3,
    PlanKind.ENTERPRISE: 1,
    PlanKind.SITE: 0.5,
}

_WIDE = (DivisionLevel.COUNTY, DivisionLevel.DEPARTMENT)


def faults_of(version: PlanVersion, *, at: datetime) -> list[Fault]:
    """What the check finds in a version at a moment; nothing is stored. About twenty statements whatever the plan's size."""
    content = read(version.content)
    return check(content, world_of(version.plan, content, at=at))


def world_of(plan: Plan, content: Content, *, at: datetime) -> World:
    """Everything of the county that this content is about, at `at`."""
    ancestors = _ancestors(plan.division)
    county = next((one for one in ancestors if one.level == DivisionLevel.COUNTY), None)
    scope = _scope(plan, ancestors, county)
    addresses = [address for _where, _title, address in uses(content)]
    townships, villages = _affected(addresses, scope, ancestors)
    places = _places(addresses, ancestors, townships, villages)
    blank = World(
        today=at.astimezone(SHANGHAI).date(),
        county="" if county is None else county.code,
        places=places,
        townships=tuple(townships),
        villages=tuple(villages),
    )
    seats = {seat for address in addresses for seat in blank.seats(address)}
    return World(
        today=blank.today,
        county=blank.county,
        places=blank.places,
        townships=blank.townships,
        villages=blank.villages,
        holders=_holders(seats, at),
        have=_have(content.needs, scope, plan.exercise_id, at),
        **_dates(plan),
    )


def _ancestors(division: Division) -> list[Division]:
    """From the top down to the owner itself."""
    codes = division.path.split("/")
    found = Division.objects.defer("geometry").in_bulk(codes)
    return [found[code] for code in codes if code in found]


def _scope(plan: Plan, ancestors: list[Division], county: Division | None) -> str:
    """The path at and below which the plan's forces and townships lie."""
    if plan.division.level in _WIDE and county is not None:
        return county.path
    if plan.kind == PlanKind.VILLAGE:
        above = next((one for one in ancestors if one.level == DivisionLevel.TOWNSHIP), plan.division)
        return above.path
    return plan.division.path


def _below(path: str, field: str = "path") -> Q:
    return Q(**{field: path}) | Q(**{f"{field}__startswith": f"{path}/"})


def _affected(
    addresses: Iterable[Address], scope: str, ancestors: list[Division]
) -> tuple[list[str], list[str]]:
    """Townships and villages that the plan may mean; for a plan of a single place those that it lies in."""
    kinds = {one.kind for one in addresses}
    found: list[list[str]] = []
    for kind, level in (
        (AddressKind.AFFECTED_TOWNSHIPS, DivisionLevel.TOWNSHIP),
        (AddressKind.AFFECTED_VILLAGES, DivisionLevel.VILLAGE),
    ):
        if kind not in kinds:
            found.append([])
            continue
        rows = Division.objects.filter(_below(scope), level=level, valid_to=None)
        codes = list(rows.order_by("code").values_list("code", flat=True))
        found.append(codes or [one.code for one in ancestors if one.level == level])
    return found[0], found[1]


def _places(
    addresses: Iterable[Address], ancestors: list[Division], townships: list[str], villages: list[str]
) -> dict[str, Place]:
    codes = {one.code for one in addresses if one.code} | {one.code for one in ancestors}
    rows = Division.objects.filter(pk__in=codes | set(townships) | set(villages))
    return {code: Place(name, level) for code, name, level in rows.values_list("code", "name", "level")}


def _holders(seats: set[Seat], at: datetime) -> dict[Seat, tuple[Held, ...]]:
    """Everybody who holds one of these posts, A before B, and whether a number works. Two statements."""
    rows = list(
        Holding.objects.filter(
            held_at(at),
            post__division_id__in={code for code, _post in seats},
            post__kind__in={post for _code, post in seats},
        )
        .order_by("role", "held_from", "id")
        .values_list("post__division_id", "post__kind", "person_id", "person__name")
    )
    works = _reachable({person for _code, _kind, person, _name in rows}, at)
    found: dict[Seat, list[Held]] = defaultdict(list)
    for code, kind, person, name in rows:
        if (code, kind) in seats:
            found[code, kind].append(Held(str(person), name, person in works))
    return {seat: tuple(held) for seat, held in found.items()}


def _reachable(people: set[uuid.UUID], at: datetime) -> set[uuid.UUID]:
    """Those with a number in use on which nothing failed; an e-mail address is no number."""
    rows = Contact.objects.filter(in_use_at(at), person_id__in=people, failed_at=None)
    return set(rows.exclude(kind=ContactKind.EMAIL).values_list("person_id", flat=True))


def _have(
    needs: Iterable[Need], scope: str, run: uuid.UUID | None, at: datetime
) -> dict[tuple[str, str], Have]:
    """What is registered below the scope, by code and by name."""
    kinds = {need.kind for need in needs}
    here = _below(scope, "division__path") & of_run(run)
    found: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for kind in sorted(kinds):
        for code, count, is_usable in _READ[kind](here, scope, run, at):
            if code:
                found[kind.value, code][0] += count
                found[kind.value, code][1] += count if is_usable else 0
    return {key: Have(registered, usable) for key, (registered, usable) in found.items()}


Counted = Iterable[tuple[str, float, bool]]


def _teams(here: Q, scope: str, run: uuid.UUID | None, at: datetime) -> Counted:
    rows = Team.objects.filter(here, retired_at=None).values_list("skills", "name", "readiness")
    for skills, name, readiness in rows:
        for word in dict.fromkeys([*skills, name]):
            yield word, 1, readiness != Readiness.NOT_READY


def _assets(kind: NeedKind) -> Any:
    def read_assets(here: Q, scope: str, run: uuid.UUID | None, at: datetime) -> Counted:
        rows = Asset.objects.filter(here, retired_at=None, kind=kind.value)
        for category, name, count, state in rows.values_list("category", "name", "count", "asset_state"):
            for word in dict.fromkeys([category, name]):
                yield word, count, state == AssetState.USABLE

    return read_assets


def _experts(here: Q, scope: str, run: uuid.UUID | None, at: datetime) -> Counted:
    rows = Expert.objects.filter(_below(scope, "person__division__path"), of_run(run), retired_at=None)
    for types, fields in rows.values_list("event_types", "fields"):
        for word in dict.fromkeys([*types, *fields]):
            yield word, 1, True


def _stock(here: Q, scope: str, run: uuid.UUID | None, at: datetime) -> Counted:
    """The newest report of each depot and item."""
    rows: QuerySet[StockReport] = StockReport.objects.filter(here, as_of__lte=at).order_by("as_of", "pk")
    newest: dict[tuple[str, str], tuple[str, float]] = {}
    for depot, item, name, quantity in rows.values_list("depot", "item", "name", "quantity"):
        newest[depot, item] = (name, float(quantity))
    for (_depot, item), (name, held) in newest.items():
        for word in dict.fromkeys([item, name]):
            yield word, held, True


_READ: dict[NeedKind, Any] = {
    NeedKind.TEAM: _teams,
    NeedKind.VEHICLE: _assets(NeedKind.VEHICLE),
    NeedKind.EQUIPMENT: _assets(NeedKind.EQUIPMENT),
    NeedKind.EXPERT: _experts,
    NeedKind.STOCK: _stock,
}


def _dates(plan: Plan) -> dict[str, Any]:
    """What runs against the calendar, and the plans above."""
    current = plan.current
    return {
        "is_template": bool(plan.template) and plan.confirmed_at is None,
        "in_force_on": _day(None if current is None else current.decided_at),
        "printed_on": plan.printed_on,
        "review_due_on": plan.review_due_on if plan.state == "in_force" else None,
        "filing_due_on": _filing_due(plan),
        "last_drill_on": last_drill_of(plan.pk),
        "knows_drills": knows_drills(),
        "drill_every": DRILL_EVERY.get(plan.kind) if plan.state == "in_force" else None,
        "superiors": tuple(_superiors(plan)),
    }


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.astimezone(SHANGHAI).date()


def _filing_due(plan: Plan) -> date | None:
    """The last day of the filing that nobody handed in; its moment is the midnight after that day."""
    rows = PlanFiling.objects.filter(plan=plan, state__in=("due", "returned"), due_at__isnull=False)
    due_at = rows.order_by("due_at").values_list("due_at", flat=True).first()
    return last_day(due_at)


def last_day(due_at: datetime | None) -> date | None:
    """The local day that ends at this moment."""
    if due_at is None:
        return None
    local = due_at.astimezone(SHANGHAI)
    return date.fromordinal(local.date().toordinal() - (1 if (local.hour, local.minute) == (0, 0) else 0))


def _superiors(plan: Plan) -> list[Superior]:
    ids = PlanLink.objects.filter(plan=plan, kind=LinkKind.SUPERIOR, ended_at=None).values("other")
    rows = Plan.objects.filter(Q(pk__in=ids) | Q(pk=plan.parent_id)).exclude(pk=plan.pk)
    return [
        Superior(
            key=str(row.pk),
            number=row.number,
            title=row.title,
            is_withdrawn=row.state == "withdrawn",
            changed_on=_day(None if row.current is None else row.current.decided_at),
        )
        for row in rows.select_related("current").defer("current__content").order_by("number")
    ]
