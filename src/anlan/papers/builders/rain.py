"""Rain and water in words, tables and a map, from the queries of the rain page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from anlan.documents.paper.content import Block, Content, Heading, Para, Table
from anlan.documents.paper.mapsheet import MapPoint
from anlan.incidents.access import visible_incidents
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import Refusal
from anlan.papers.builders.common import (
    ending_of,
    figure_words,
    joined,
    map_picture,
    moment,
    point_of,
    sentence,
    unit_of,
)
from anlan.papers.services.making import said
from anlan.papers.types import Draft
from anlan.places.models import Division
from anlan.sensing.access import visible_stations
from anlan.sensing.history import processes
from anlan.sensing.history.processes import Situation, Span
from anlan.vocab.incidents import KIND_LABELS, IncidentKind
from anlan.vocab.levels import Level
from anlan.warning.models import HazardWarning
from anlan.warning.queries import in_force

#: Rows of a table on paper; the page has the rest.
ROWS = 15
#: Names of the rains of a day at or above each mark (GB/T 28592).
MARK_WORDS = {50: "暴雨（50毫米）", 100: "大暴雨（100毫米）", 250: "特大暴雨（250毫米）"}
NOT_READ = "雨水情数据暂时无法读取，请以监测页面为准，读取后另行补报。"
FLOODS = ("flood", "flash_flood", "landslide", "debris_flow", "collapse", "tailings_pond")


class Water(NamedTuple):
    """What the readings say: words for the text, blocks for the paper, short words for a phone message."""

    words: list[str]
    blocks: list[Block]
    short: str
    points: list[MapPoint]


def span_for(at: datetime, hours: int = 24) -> Span:
    return processes.span_since(at - timedelta(hours=hours), at)


def water(actor: Actor, span: Span, *, at: datetime) -> Water:
    """The situation of a span; where it cannot be read, that is said and nothing is made up."""
    try:
        found = processes.situation(actor, span, now=at)
    except Refusal:
        return Water([NOT_READ], [], NOT_READ, [])
    words = [_rain_words(found), _river_words(found), _reservoir_words(found)]
    return Water(words, _tables(found), joined(words, ""), _points(actor, found))


def _rain_words(found: Situation) -> str:
    start, end = moment(found.span.start), moment(found.span.end)
    wet = [line for line in found.rain if line.total > 0]
    if not found.rain:
        return f"{start}至{end}，全县无雨量站报数。"
    silent = f"另有{found.silent}站无数据。" if found.silent else ""
    if not wet:
        return f"{start}至{end}，全县{len(found.rain)}个雨量站均无降雨。{silent}"
    mean = sum((line.total for line in found.rain), Decimal(0)) / len(found.rain)
    top = "、".join(f"{line.place}{line.name}{line.total:f}毫米" for line in wet[:3])
    marks = "，".join(f"达{MARK_WORDS[mark]}以上{count}站" for mark, count in found.counts if count)
    return (
        f"{start}至{end}，全县{len(wet)}个雨量站有降雨，各站平均{mean:.1f}毫米，最大为{top}。"
        + (f"{marks}。" if marks else "")
        + silent
    )


def _river_words(found: Situation) -> str:
    if not found.rivers:
        return "各河道站水位均低于警戒水位。"
    lines = "；".join(
        f"{line.name}最高{line.highest:f}米，超警戒{line.excess:f}米"
        + ("，目前仍超警" if line.is_over_now else "")
        for line in found.rivers[:5]
    )
    return f"{len(found.rivers)}个河道站超警戒水位：{lines}。"


def _reservoir_words(found: Situation) -> str:
    over = [line for line in found.reservoirs if line.is_over]
    if not found.reservoirs:
        return "无水库当日汛限资料或新报水位。"
    if not over:
        return f"有资料的{len(found.reservoirs)}座水库均低于汛限水位。"
    lines = "；".join(f"{line.name}水位{line.stage:f}米，超汛限{line.excess_m:f}米" for line in over[:5])
    return f"{len(over)}座水库超汛限水位：{lines}。"


def _tables(found: Situation) -> list[Block]:
    rain = tuple(
        (str(number), line.name, line.place, f"{line.total:f}", f"{line.coverage:.0%}")
        for number, line in enumerate(found.rain[:ROWS], start=1)
    )
    areas = tuple(
        (mean.name, str(mean.stations), _or_dash(mean.arithmetic), _or_dash(mean.highest))
        for mean in found.townships
    )
    blocks: list[Block] = [
        Table(
            ("序号", "测站", "位置", "雨量（毫米）", "到报率"),
            rain,
            caption="雨量表（按雨量排列）",
            widths=(1, 3, 3, 2, 1.5),
            right=(0, 3, 4),
        ),
        Table(
            ("乡镇", "站数", "面平均（毫米）", "最大（毫米）"),
            areas,
            caption="各乡镇面雨量（算术平均）",
            widths=(3, 1, 2, 2),
            right=(1, 2, 3),
        ),
    ]
    rivers = tuple(
        (
            line.name,
            line.place,
            f"{line.highest:f}",
            _or_dash(line.newest),
            f"{line.warning_stage:f}",
            f"{line.excess:f}",
        )
        for line in found.rivers[:ROWS]
    )
    if rivers:
        blocks.append(
            Table(
                ("测站", "位置", "最高（米）", "目前（米）", "警戒（米）", "超警（米）"),
                rivers,
                caption="超警戒水位河道站",
                widths=(2, 2, 1.5, 1.5, 1.5, 1.5),
                right=(2, 3, 4, 5),
            )
        )
    reservoirs = tuple(
        (line.name, f"{line.stage:f}", f"{line.limit:f}", f"{line.excess_m:f}", _or_dash(line.spare))
        for line in found.reservoirs[:ROWS]
    )
    if reservoirs:
        blocks.append(
            Table(
                ("水库", "水位（米）", "汛限（米）", "超汛限（米）", "剩余库容（万立方米）"),
                reservoirs,
                caption="水库水位",
                widths=(2, 1.5, 1.5, 1.6, 2),
                right=(1, 2, 3, 4),
            )
        )
    return blocks


def _or_dash(value: object) -> str:
    return "—" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def _points(actor: Actor, found: Situation) -> list[MapPoint]:
    over = {line.code for line in found.rivers} | {line.code for line in found.reservoirs if line.is_over}
    totals = {line.code: line.total for line in found.rain[:ROWS] if line.total > 0}
    points = []
    for station in visible_stations(actor).filter(code__in=[*over, *totals]):
        if station.code in over:
            points.append(MapPoint(station.lon, station.lat, station.name, "over"))
        else:
            points.append(MapPoint(station.lon, station.lat, f"{totals[station.code]:f}", "rain"))
    # The worst first, so that their labels are kept where two would overlap.
    return sorted(points, key=lambda point: (point.mark != "over", -len(point.label), point.label))


def warning_lines(warnings: Sequence[HazardWarning]) -> list[str]:
    return [
        f"{Level(one.level).face.zh}：{one.headline}（{one.issuer}，{moment(one.issued_at)}）"
        for one in warnings
    ]


def zones_of(warnings: Sequence[HazardWarning]) -> list[tuple[str, str, int]]:
    return [(one.headline, one.area, one.level) for one in reversed(warnings) if one.area]


def rain_brief(*, division: Division, actor: Actor, at: datetime) -> Draft:
    """雨水情快报: since yesterday at this hour."""
    now = water(actor, span_for(at), at=at)
    title = f"{said(at)}雨水情快报"
    content = Content(
        kind="rain",
        head="雨水情快报",
        unit=unit_of(division),
        dated=said(at),
        title="",
        blocks=(
            Heading("一、雨情水情"),
            *(Para(line) for line in now.words),
            Heading("二、统计表"),
            *now.blocks,
            map_picture(division, now.points, caption="雨量与超警测站分布图"),
        ),
        ending=ending_of(division, at),
        phone=f"【雨水情】{now.short}",
    )
    return Draft("rain", title, content, division, period_from=at - timedelta(hours=24), period_to=at)


def flood_brief(*, division: Division, actor: Actor, at: datetime) -> Draft:
    """汛情险情快报: what is over its limit, what is warned of, what threatens and what has struck."""
    run = clocks.default_exercise_id()
    now = water(actor, span_for(at), at=at)
    warnings = in_force(actor, at)
    struck = list(
        visible_incidents(actor)
        .filter(
            event_type__in=FLOODS,
            state__in=("received", "verified"),
            is_restricted=False,
            exercise_id=run,
            division__path__startswith=division.path,
        )
        .order_by("-known_at", "-id")[:ROWS]
    )
    lines = [
        f"{number}. {KIND_LABELS[IncidentKind(one.kind)][0]}：{moment(one.occurred_at or one.known_at)}，"
        f"{one.division.name}{one.place_words}，{one.title}。"
        + sentence(figure_words(one))
        + sentence(one.measures)
        for number, one in enumerate(struck, start=1)
    ]
    title = f"{said(at)}汛情险情快报"
    warned = warning_lines(warnings)
    content = Content(
        kind="flood",
        head="汛情险情快报",
        unit=unit_of(division),
        dated=said(at),
        blocks=(
            Heading("一、雨情水情"),
            *(Para(line) for line in now.words),
            Heading("二、生效预警"),
            *(Para(line) for line in (warned or ["目前无生效预警。"])),
            Heading("三、险情灾情"),
            *(Para(line) for line in (lines or ["截至目前未接到险情灾情报告。"])),
            map_picture(
                division,
                [*(point for one in struck for point in point_of(one)), *now.points],
                zones_of(warnings),
                caption="汛情险情分布图",
            ),
        ),
        ending=ending_of(division, at),
        phone=f"【汛情险情】{now.short}生效预警{len(warnings)}条，险情灾情{len(struck)}起。"
        + joined([f"{one.division.name}{one.title}" for one in struck[:3]], "；"),
    )
    return Draft("flood", title, content, division, period_from=at - timedelta(hours=24), period_to=at)
