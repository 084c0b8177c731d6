"""Rows of the link workbook: a village is linked, or its thresholds are brought up to date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from anlan.documents.imports import ImportReport, refuse_repeats
from anlan.documents.problems import Problem
from anlan.documents.workbook import SheetRow
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import Refusal
from anlan.places.access import visible
from anlan.places.types import Division
from anlan.sensing import catalogue, checks, rights
from anlan.sensing.models import Station, StationLink
from anlan.sensing.refusals import NotAVillage, PrepareAboveEvacuate, ThresholdOutOfRange, ThresholdsShrink
from anlan.sensing.services.stations import check_linkable
from anlan.sensing.sheets.thresholds import thresholds_of
from anlan.vocab.kinds import WITH_RAIN
from anlan.vocab.stages import LABELS, Stage

_THRESHOLD_REFUSALS = (PrepareAboveEvacuate, ThresholdOutOfRange, ThresholdsShrink)


def apply_links(rows: Sequence[SheetRow], *, by: Actor, at: datetime, dry_run: bool) -> ImportReport:
    """Link the villages of these rows; a row that is wrong is reported and left out."""
    rows, problems = refuse_repeats(rows, _key, "区划代码")
    work = _Links(by, at, problems)
    for row in rows:
        work.take(row)
    if not dry_run:
        work.carry_out()
    return work.report


def _key(row: SheetRow) -> tuple[str, str]:
    return checks.clean_code(row.text("站码")), row.text("区划代码")


class _Links:
    """Everything that the rows are compared with, read once."""

    def __init__(self, by: Actor, at: datetime, problems: list[Problem]) -> None:
        self.by, self.at = by, at
        self.report = ImportReport(problems=problems)
        self.divisions = {
            place.code: place for place in visible(by, rights.MANAGE_STATIONS).defer("geometry")
        }
        self.stations = {station.code: station for station in Station.objects.all()}
        links = StationLink.objects.select_related("station", "division")
        self.known = {(link.station.code, link.division_id): link for link in links}
        self.new: list[StationLink] = []
        self.different: list[tuple[StationLink, checks.Thresholds]] = []

    def take(self, row: SheetRow) -> None:
        code, division_code = _key(row)
        station, division = self.stations.get(code), self.divisions.get(division_code)
        if station is None:
            self._wrong(row, "站码", "link.unknown_station", code=code)
            return
        if division is None:
            self._wrong(row, "区划代码", "row.unknown_division", code=division_code)
            return
        try:
            check_linkable(station, division)
            thresholds = checks.clean_thresholds(thresholds_of(row))
        except Refusal as refusal:
            self._wrong(row, _column(refusal), refusal.code, **refusal.data)
            return
        if thresholds and station.kind not in WITH_RAIN:
            column = f"1小时{LABELS[Stage.PREPARE][0]}(mm)"
            self.report.warnings.append(Problem(row.number, column, "link.thresholds_without_rain"))
        self._plan(station, division, thresholds)

    def carry_out(self) -> None:
        record_all(self.new, by=self.by, at=self.at, kind="linked")
        for link, thresholds in self.different:
            kind = "changed" if link.is_active else "linked"
            link.change(by=self.by, at=self.at, kind=kind, thresholds=thresholds, is_active=True)
        if self.new or self.different:
            catalogue.refresh_after_commit()

    def _plan(self, station: Station, division: Division, thresholds: checks.Thresholds) -> None:
        known = self.known.get((station.code, division.code))
        if known is None:
            self.report.created += 1
            self.new.append(StationLink(station=station, division=division, thresholds=thresholds))
        elif known.is_active and known.thresholds == thresholds:
            self.report.unchanged += 1
        else:
            self.report.changed += 1
            self.different.append((known, thresholds))

    def _wrong(self, row: SheetRow, column: str, problem: str, /, **data: object) -> None:
        self.report.problems.append(Problem(row.number, column, problem, data))


def _column(refusal: Refusal) -> str:
    """The column that the refusal speaks of."""
    if not isinstance(refusal, _THRESHOLD_REFUSALS):
        return "区划代码" if isinstance(refusal, NotAVillage) else "站码"
    hours = refusal.data.get("hours") or refusal.data["long"]
    return f"{hours}小时{LABELS[Stage.PREPARE][0]}(mm)"
