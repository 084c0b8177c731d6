"""Rows of the workbook of forecasts: one row an interval; rows of one source, target, quantity and issue time are one issue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.utils.translation import override

from anlan.documents import cells
from anlan.documents.cells import Cell
from anlan.documents.imports import ImportKind, ImportReport, register
from anlan.documents.problems import BadCell, Problem
from anlan.documents.workbook import Column, SheetRow
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.places.access import visible
from anlan.places.models import Division
from anlan.sensing import rights
from anlan.sensing.access import visible_stations
from anlan.sensing.models import Station
from anlan.sensing.services.forecasts import RAIN, BadForecast, Issue, is_known, take_forecast
from anlan.vocab.quantities import QUANTITIES

_FORMATS = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%dT%H:%M")
#: By Chinese name, as people write it; the code works too.
_BY_NAME = {"降雨": RAIN, "雨量": RAIN, **{one.zh: code for code, one in QUANTITIES.items()}}


def moment(cell: Cell) -> datetime:
    """A date and time of the sheet, which is local time."""
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=SHANGHAI)
    text = str(cell or "").strip()
    for form in _FORMATS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=SHANGHAI)
        except ValueError:
            continue
    raise BadCell("forecast.no_moment", value=text[:40])


def quantity(cell: Cell) -> str:
    text = str(cell or "").strip()
    code = _BY_NAME.get(text, text)
    if not is_known(code):
        raise BadCell("forecast.no_quantity", value=text[:40])
    return code


def apply_forecasts(rows: Sequence[SheetRow], *, by: Actor, at: datetime, dry_run: bool) -> ImportReport:
    """Take in each issue of the rows; one that is wrong is reported at its first row and wholly left out."""
    report = ImportReport()
    stations = {
        one.code: one for one in visible_stations(by) if by.can(rights.JUDGE_READINGS, one.division.path)
    }
    places = {one.code: one for one in visible(by, rights.JUDGE_READINGS).defer("geometry")}
    for group in _issues(rows).values():
        target = _target(group[0], stations, places)
        if target is None:
            code = group[0].text("测站或区划")
            report.problems += [
                Problem(row.number, "测站或区划", "forecast.no_target", {"code": code}) for row in group
            ]
            continue
        try:
            with override("zh-hans"):
                is_new = _take(group, target, by=by, at=at, dry_run=dry_run)
        except BadForecast as refusal:
            why = {"why": str(refusal.data["why"])}
            report.problems += [Problem(row.number, "数值", "forecast.bad", why) for row in group]
            continue
        report.created += is_new
        report.unchanged += not is_new
    return report


def _issues(rows: Sequence[SheetRow]) -> dict[tuple[object, ...], list[SheetRow]]:
    found: dict[tuple[object, ...], list[SheetRow]] = {}
    for row in rows:
        key = (row.text("来源"), row.text("测站或区划"), row.text("要素"), row.get("发布时间", datetime))
        found.setdefault(key, []).append(row)
    return found


def _target(
    row: SheetRow, stations: dict[str, Station], places: dict[str, Division]
) -> Station | Division | None:
    code = row.text("测站或区划")
    return stations.get(code) or places.get(code)


def _take(
    rows: Sequence[SheetRow], target: Station | Division, *, by: Actor, at: datetime, dry_run: bool
) -> bool:
    first = rows[0]
    values = [(row.need("起", datetime), row.need("止", datetime), row.need("数值", Decimal)) for row in rows]
    issue = Issue(first.text("来源"), first.text("要素"), first.need("发布时间", datetime), values)
    station = target if isinstance(target, Station) else None
    division = target if isinstance(target, Division) else None
    return take_forecast(issue, station=station, division=division, is_trial=dry_run, by=by, at=at)[1]


FORECASTS = register(
    ImportKind(
        name="forecasts",
        title=("预报", "Forecasts"),
        need=rights.JUDGE_READINGS,
        columns=(
            Column("来源", True, cells.text(60), "谁发布的", example="市气象台"),
            Column("测站或区划", True, cells.text(40), "站码，或 12 位区划代码（面雨量）", example="530521100000"),
            Column("要素", True, quantity, "降雨（每个时段的雨量）或要素名称，如 水位", example="降雨"),
            Column("发布时间", True, moment, "北京时间", example="2026-07-01 08:00"),
            Column("起", True, moment, "时段开始，北京时间", example="2026-07-01 08:00"),
            Column("止", True, moment, "时段结束；瞬时值与“起”相同", example="2026-07-01 11:00"),
            Column("数值", True, cells.decimal(places=4, low=None), "该要素的单位（雨量为毫米）", example="25"),
        ),
        apply=apply_forecasts,
        examples=(
            {"来源": "市气象台", "测站或区划": "530521100000", "要素": "降雨", "发布时间": "2026-07-01 08:00", "起": "2026-07-01 08:00", "止": "2026-07-01 11:00", "数值": "25"},
            {"来源": "市气象台", "测站或区划": "530521100000", "要素": "降雨", "发布时间": "2026-07-01 08:00", "起": "2026-07-01 11:00", "止": "2026-07-01 14:00", "数值": "10"},
        ),
        notes=("同一来源、对象、要素的新一期代替旧一期；旧的都保留。",),
        sentences={
            "forecast.no_moment": ("“%(value)s”不是时间，请写成 2026-07-01 08:00。", "“%(value)s” is no time; write it like 2026-07-01 08:00."),
            "forecast.no_quantity": ("没有“%(value)s”这个要素。", "There is no quantity “%(value)s”."),
            "forecast.no_target": ("没有您可以录入预报的测站或区划 %(code)s。", "There is no station or area %(code)s that you may enter forecasts for."),
            BadForecast.code: ("这份预报不能用：%(why)s", BadForecast.text),
        },
    )
)  # fmt: skip
