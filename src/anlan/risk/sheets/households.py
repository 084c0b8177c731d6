"""Rows of the household workbook. A family is known by its zone, the name of its head and its number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from anlan.documents.imports import ImportReport, refuse_repeats
from anlan.documents.problems import Problem
from anlan.documents.workbook import SheetRow
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import Refusal
from anlan.places.coordinates import county_box
from anlan.risk import rights
from anlan.risk.models import DangerZone, Household
from anlan.risk.services import check_household, household_fields
from anlan.risk.types import HouseholdDetails

Key = tuple[str, str, str]


def apply_households(rows: Sequence[SheetRow], *, by: Actor, at: datetime, dry_run: bool) -> ImportReport:
    """Register or change the families of these rows; a row that is wrong is reported and left out."""
    rows, problems = refuse_repeats(rows, _key, "户主")
    work = _Households(by, at, problems, {_key(row) for row in rows})
    for row in rows:
        work.take(row)
    if not dry_run:
        work.carry_out()
    return work.report


def _key(row: SheetRow) -> Key:
    return row.text("危险区编号"), row.text("户主"), row.text("电话")


class _Households:
    """Everything that the rows are compared with, read once."""

    def __init__(self, by: Actor, at: datetime, problems: list[Problem], listed: set[Key]) -> None:
        self.by, self.at = by, at
        self.report = ImportReport(problems=problems)
        self.box = county_box()
        zones = DangerZone.objects.select_related("division").defer("geometry")
        self.zones = {zone.code: zone for zone in zones if by.can(rights.EDIT_ZONES, zone.division.path)}
        self.known: dict[Key, Household] = {}
        self.unlisted: dict[tuple[str, str], list[Household]] = {}
        for household in Household.objects.filter(zone__in=self.zones.values()).select_related(
            "zone__division"
        ):
            key = (household.zone.code, household.head, household.phone)
            self.known[key] = household
            if key not in listed:
                self.unlisted.setdefault(key[:2], []).append(household)
        self.new: list[Household] = []
        self.different: list[tuple[Household, dict[str, Any]]] = []

    def take(self, row: SheetRow) -> None:
        zone = self.zones.get(row.text("危险区编号"))
        if zone is None:
            self._wrong(row, "危险区编号", "household.unknown_zone", zone=row.text("危险区编号"))
            return
        if (row.get("经度", Decimal) is None) != (row.get("纬度", Decimal) is None):
            self._wrong(row, "经度", "household.half_a_point")
            return
        details = _details(row)
        try:
            check_household(zone, details, self.box)
        except Refusal as refusal:
            column = {"head": "户主", "members": "人数"}.get(getattr(refusal, "field", ""), "经度")
            self._wrong(row, column, refusal.code, **refusal.data)
            return
        self._plan(zone, self._known(_key(row)), household_fields(details))

    def carry_out(self) -> None:
        record_all(self.new, by=self.by, at=self.at, kind="registered")
        for household, fields in self.different:
            household.change(by=self.by, at=self.at, kind="changed", fields=fields)

    def _known(self, key: Key) -> Household | None:
        """The same family; or the only one of that name in the zone that the file does not list: its number changed."""
        exact = self.known.get(key)
        if exact is not None:
            return exact
        others = self.unlisted.get(key[:2], [])
        return others.pop() if len(others) == 1 else None

    def _plan(self, zone: DangerZone, known: Household | None, fields: dict[str, Any]) -> None:
        if known is None:
            self.report.created += 1
            self.new.append(Household(zone=zone, **fields))
            return
        different = {name: value for name, value in fields.items() if getattr(known, name) != value}
        if different:
            self.report.changed += 1
            self.different.append((known, different))
        else:
            self.report.unchanged += 1

    def _wrong(self, row: SheetRow, column: str, problem: str, /, **data: object) -> None:
        self.report.problems.append(Problem(row.number, column, problem, data))


def _details(row: SheetRow) -> HouseholdDetails:
    lon, lat = row.get("经度", Decimal), row.get("纬度", Decimal)
    return HouseholdDetails(
        head=row.text("户主"),
        members=row.need("人数", int),
        phone=row.text("电话"),
        needs_assistance=row.get("需要帮助", bool) or False,
        helper=row.text("帮扶责任人"),
        lon=None if lon is None else float(lon),
        lat=None if lat is None else float(lat),
    )
