"""Rows of the station workbook: a new code is registered, a known one brought up to date."""

from __future__ import annotations

import re
import unicodedata
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
from anlan.sensing.refusals import AddressTaken, BadAttribute, UnknownAttribute
from anlan.sensing.services.stations import StationDetails, as_stored, check_station
from anlan.vocab.kinds import Kind, StationKind, kind_of

_WITH_MARKS = frozenset({StationKind.RIVER, StationKind.RAIN_RIVER})
_COLUMNS = {
    "code": "站码",
    "name": "站名",
    "silent_after_s": "离线时限(分钟)",
    "guaranteed_stage": "保证水位(m)",
    "kind": "类别",
    "address": "线路地址",
    "attributes": "属性",
}
#: What a row says only where it fills the cell in: an older workbook without these columns erases nothing.
_OPTIONAL = {"protocol": "协议", "address": "线路地址"}


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
        self.on_wire = {_wire(one): one.code for one in self.known.values() if one.is_active and one.address}
        self.new: list[Station] = []
        self.different: list[tuple[Station, dict[str, Any]]] = []

    def take(self, row: SheetRow) -> None:
        division = self.divisions.get(row.text("区划代码"))
        if division is None:
            self._wrong(row, "区划代码", "row.unknown_division", code=row.text("区划代码"))
            return
        fields = {"code": checks.clean_code(row.text("站码")), **_details(row, division), "is_active": True}
        known = self.known.get(fields["code"])
        fields |= _optional(row, known)
        if known is not None and not self.by.can(rights.MANAGE_STATIONS, known.division.path):
            self._wrong(row, "站码", "station.elsewhere", code=known.code)
            return
        try:
            self._facts(row, known, fields)
            check_station(Station(**fields), self.box)
            self._claim(Station(**fields))
        except Refusal as refusal:
            column = _COLUMNS.get(getattr(refusal, "field", ""), "经度")
            self._wrong(row, column, refusal.code, **refusal.data)
            return
        if fields["kind"] in _WITH_MARKS and not _has_mark(fields):
            self.report.warnings.append(Problem(row.number, "警戒水位(m)", "station.no_marks"))
        self._plan(known, fields)

    def _facts(self, row: SheetRow, known: Station | None, fields: dict[str, Any]) -> None:
        """The facts of the kind, by their Chinese names in the cell; what the cell leaves out stays."""
        before = known.attributes if known is not None and known.kind == fields["kind"] else {}
        fields["attributes"] = before | attributes_of(fields["kind"], row.text("属性"))

    def _claim(self, station: Station) -> None:
        """Two stations of one address could not be told apart."""
        if not station.address:
            return
        other = self.on_wire.setdefault(_wire(station), station.code)
        if other != station.code:
            raise AddressTaken(address=station.address, code=other)

    def carry_out(self) -> None:
        record_all(self.new, by=self.by, at=self.at, kind="registered")
        for station, fields in self.different:
            station.change(by=self.by, at=self.at, kind="changed", fields=fields)
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


def _wire(station: Station) -> tuple[str, str]:
    return station.protocol, station.address


def _optional(row: SheetRow, known: Station | None) -> dict[str, Any]:
    given = {name: row.text(header) for name, header in _OPTIONAL.items() if row.text(header)}
    kept = {} if known is None else {name: getattr(known, name) for name in (*_OPTIONAL, "settings")}
    return kept | given


def attributes_of(kind: str, cell: str) -> dict[str, Any]:
    """ "坝高=45；筑坝方式=上游式" by the codes of the kind's facts; numbers as numbers. Raises a refusal for what is no fact of it."""
    known = {one.zh: one for one in kind_of(kind).facts}
    found: dict[str, Any] = {}  # numbers and words
    for part in filter(None, (piece.strip() for piece in re.split(r"[;；,，、\n]", cell))):
        name, _, value = (piece.strip() for piece in unicodedata.normalize("NFKC", part).partition("="))
        one = known.get(name)
        if one is None:
            raise UnknownAttribute(name=name, known="、".join(known) or "—")
        found[one.code] = value if one.choices or one.is_text else _number(one.zh, value)
    return found


def _number(name: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise BadAttribute(value=value, name=name, expected="数字") from None


def _details(row: SheetRow, division: Division) -> dict[str, Any]:
    kind = row.need("类别", Kind)
    minutes = row.get("离线时限(分钟)", int)
    details: StationDetails = {
        "name": row.text("站名"),
        "kind": kind.code,
        "division": division,
        "lon": float(row.need("经度", Decimal)),
        "lat": float(row.need("纬度", Decimal)),
        "owner": row.text("主管单位"),
        "silent_after_s": kind.silent_after_s if minutes is None else 60 * minutes,
        "warning_stage": row.get("警戒水位(m)", Decimal),
        "guaranteed_stage": row.get("保证水位(m)", Decimal),
        "historic_max_stage": row.get("历史最高水位(m)", Decimal),
    }
    return as_stored(details)


def _has_mark(fields: dict[str, Any]) -> bool:
    return any(
        fields[mark] is not None for mark in ("warning_stage", "guaranteed_stage", "historic_max_stage")
    )
