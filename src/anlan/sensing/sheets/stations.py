"""Rows of the station workbook: a new code is registered, a known one brought up to date."""

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
from anlan.places.access import visible
from anlan.places.coordinates import county_box
from anlan.places.types import Division
from anlan.sensing import catalogue, checks, rights
from anlan.sensing.models import Station
from anlan.sensing.services.stations import StationDetails, as_stored, check_station
from anlan.vocab.kinds import StationKind

KINDS = {"雨量站": StationKind.RAIN, "水位站": StationKind.RIVER, "雨量水位站": StationKind.RAIN_RIVER}
DEFAULT_SILENCE_MIN = 30
_COLUMNS = {
    "code": "站码",
    "name": "站名",
    "silent_after_s": "离线时限(分钟)",
    "guaranteed_stage": "保证水位(m)",
}


def apply_stations(rows: Sequence[SheetRow], *, by: Actor, at: datetime, dry_run: bool) -> ImportReport:
    """Register or change the stations of these rows; a row that is wrong is reported and left out."""
    rows, problems = refuse_repeats(rows, lambda row: checks.clean_code(row.text("站码")), "站码")
    work = _Stations(by, at, problems)
    for row in rows:
        work.take(row)
    if not dry_run:
        work.carry_out()
    return work.report


class _Stations:
    """Everything that the rows are compared with, read once."""

    def __init__(self, by: Actor, at: datetime, problems: list[Problem]) -> None:
        self.by, self.at = by, at
        self.report = ImportReport(problems=problems)
        self.box = county_box()
        self.divisions = {
            place.code: place for place in visible(by, rights.MANAGE_STATIONS).defer("geometry")
        }
        self.known = {station.code: station for station in Station.objects.select_related("division")}
        self.new: list[Station] = []
        self.different: list[tuple[Station, dict[str, Any]]] = []

    def take(self, row: SheetRow) -> None:
        division = self.divisions.get(row.text("区划代码"))
        if division is None:
            self._wrong(row, "区划代码", "row.unknown_division", code=row.text("区划代码"))
            return
        fields = {"code": checks.clean_code(row.text("站码")), **_details(row, division), "is_active": True}
        known = self.known.get(fields["code"])
        if known is not None and not self.by.can(rights.MANAGE_STATIONS, known.division.path):
            self._wrong(row, "站码", "station.elsewhere", code=known.code)
            return
        try:
            check_station(Station(**fields), self.box)
        except Refusal as refusal:
            column = _COLUMNS.get(getattr(refusal, "field", ""), "经度")
            self._wrong(row, column, refusal.code, **refusal.data)
            return
        if fields["kind"] != StationKind.RAIN and not _has_mark(fields):
            self.report.warnings.append(Problem(row.number, "警戒水位(m)", "station.no_marks"))
        self._plan(known, fields)

    def carry_out(self) -> None:
        record_all(self.new, by=self.by, at=self.at, kind="registered")
        for station, fields in self.different:
            station.change(by=self.by, at=self.at, kind="changed", **fields)
        if self.new or self.different:
            catalogue.refresh_after_commit()

    def _plan(self, known: Station | None, fields: dict[str, Any]) -> None:
        if known is None:
            self.report.created += 1
            self.new.append(Station(**fields))
            return
        different = {name: value for name, value in fields.items() if getattr(known, name) != value}
        if different:
            self.report.changed += 1
            self.different.append((known, different))
        else:
            self.report.unchanged += 1

    def _wrong(self, row: SheetRow, column: str, problem: str, /, **data: object) -> None:
        self.report.problems.append(Problem(row.number, column, problem, data))


def _details(row: SheetRow, division: Division) -> dict[str, Any]:
    details: StationDetails = {
        "name": row.text("站名"),
        "kind": row.need("类别", StationKind),
        "division": division,
        "lon": float(row.need("经度", Decimal)),
        "lat": float(row.need("纬度", Decimal)),
        "owner": row.text("主管单位"),
        "silent_after_s": 60 * (row.get("离线时限(分钟)", int) or DEFAULT_SILENCE_MIN),
        "warning_stage": row.get("警戒水位(m)", Decimal),
        "guaranteed_stage": row.get("保证水位(m)", Decimal),
        "historic_max_stage": row.get("历史最高水位(m)", Decimal),
    }
    return as_stored(details)


def _has_mark(fields: dict[str, Any]) -> bool:
    return any(
        fields[mark] is not None for mark in ("warning_stage", "guaranteed_stage", "historic_max_stage")
    )
