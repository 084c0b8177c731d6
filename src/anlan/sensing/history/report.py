"""The rain and water situation as a workbook: one sheet a table, the same words as the page."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.sensing.history.areas import ArealMean
from anlan.sensing.history.export import TYPES, Exported, journal_export, write_book
from anlan.sensing.history.processes import Situation, Span
from anlan.sensing.history.spoken import say

Sheet = tuple[Sequence[str], Sequence[Sequence[Any]]]


def export_situation(found: Situation, *, by: Actor, at: datetime) -> Exported:
    """Write the workbook and journal that it was taken."""
    folder = settings.ANLAN_DATA / "exports"
    folder.mkdir(mode=0o700, exist_ok=True)
    handle, text = tempfile.mkstemp(dir=folder, suffix=".xlsx")
    os.close(handle)
    path = Path(text)
    try:
        rows = write_book(path, dict(_sheets(found, at)))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    made = Exported(path, rows, "anlan-rain.xlsx", TYPES["xlsx"])
    payload = {
        "what": "situation",
        "span": found.span.kind,
        "from": found.span.start,
        "to": found.span.end,
        "format": "xlsx",
        "rows": rows,
    }
    journal_export(made, payload, path="", by=by, at=at)
    return made


def span_words(span: Span) -> str:
    """What is summed up, in the reader's language."""
    words = {
        "since": say("过程降雨", "process"),
        "hydro": say("水文日（8时至8时）", "hydrological day (08 to 08)"),
        "weather": say("气象日（20时至20时）", "weather day (20 to 20)"),
    }
    return f"{words[span.kind]} {_local(span.start)} – {_local(span.end)}"


def _sheets(found: Situation, at: datetime) -> Iterator[tuple[str, Sheet]]:
    yield say("概况", "summary"), _summary(found, at)
    heads = [
        say("测站编码", "station code"),
        say("测站", "station"),
        say("地点", "place"),
        say("雨量(mm)", "rain (mm)"),
    ]
    heads += [say("读数", "readings"), say("到报率(%)", "arrived (%)")]
    rain = [
        [r.code, r.name, r.place, float(r.total), r.readings, round(100 * r.coverage, 1)] for r in found.rain
    ]
    yield say("雨量站", "rain"), (heads, rain)
    yield say("面雨量", "areal means"), _areas([*found.townships, *found.catchments])
    yield say("河道超警", "rivers"), _rivers(found)
    yield say("水库汛限", "reservoirs"), _reservoirs(found)


def _summary(found: Situation, at: datetime) -> Sheet:
    rows: list[list[Any]] = [
        [say("统计时段", "span"), span_words(found.span)],
        [say("制表时间", "made at"), _local(at)],
        [say("有雨量资料的站", "stations with readings"), len(found.rain)],
        [say("无资料的站", "stations without readings"), found.silent],
    ]
    rows += [[say(f"≥{mark}毫米站数", f"stations ≥ {mark} mm"), count] for mark, count in found.counts]
    rows.append([say("超警河道站", "rivers over warning stage"), len(found.rivers)])
    over = [one for one in found.reservoirs if one.is_over]
    rows.append([say("超汛限水库", "reservoirs over their limit"), len(over)])
    return [say("项目", "item"), say("值", "value")], rows


def _areas(means: Sequence[ArealMean]) -> Sheet:
    kinds = {"township": say("乡镇", "township"), "catchment": say("流域", "catchment")}
    heads = [
        say("类别", "kind"),
        say("名称", "name"),
        say("站数", "stations"),
        say("算术平均(mm)", "arithmetic mean (mm)"),
    ]
    heads += [
        say("泰森多边形(mm)", "Thiessen (mm)"),
        say("参与加权站数", "stations weighted"),
        say("最大(mm)", "highest (mm)"),
    ]
    rows = [
        [
            kinds[m.kind],
            m.name,
            m.stations,
            _f(m.arithmetic),
            _f(m.thiessen),
            m.weighted or None,
            _f(m.highest),
        ]
        for m in means
    ]
    return heads, rows


def _rivers(found: Situation) -> Sheet:
    heads = [
        say("测站编码", "station code"),
        say("测站", "station"),
        say("地点", "place"),
        say("最高水位(m)", "highest (m)"),
    ]
    heads += [
        say("现时水位(m)", "now (m)"),
        say("警戒水位(m)", "warning stage (m)"),
        say("超警(m)", "excess (m)"),
    ]
    rows = [
        [r.code, r.name, r.place, _f(r.highest), _f(r.newest), _f(r.warning_stage), _f(r.excess)]
        for r in found.rivers
    ]
    return heads, rows


def _reservoirs(found: Situation) -> Sheet:
    heads = [
        say("编码", "code"),
        say("水库", "reservoir"),
        say("时间", "time"),
        say("库水位(m)", "stage (m)"),
    ]
    heads += [
        say("汛限水位(m)", "limit (m)"),
        say("超汛限(m)", "excess (m)"),
        say("超蓄(万m³)", "excess (10,000 m³)"),
    ]
    heads += [say("剩余库容(万m³)", "spare (10,000 m³)"), say("剩余库容算至(m)", "spare up to (m)")]
    rows = [
        [
            r.code,
            r.name,
            _local(r.at),
            _f(r.stage),
            _f(r.limit),
            _f(r.excess_m),
            _f(r.excess),
            _f(r.spare),
            _f(r.top_stage),
        ]
        for r in found.reservoirs
    ]
    return heads, rows


def _f(value: Any) -> float | None:
    return None if value is None else float(value)


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
