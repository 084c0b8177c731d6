"""Counts of incidents over a period beside the period before: by class, type, grade, tag, township and place (B-08, B-09).

Classes 3 and 4 are never counted (Q-01, Q-02), nor what proved untrue, was merged into another one, or belongs to a drill.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeVar

from django.db.models import QuerySet

from anlan.accounts.access import within
from anlan.documents.paper.content import Block, Content, Heading, Para, Table
from anlan.documents.paper.mapsheet import MapPoint
from anlan.incidents.models import Figure, Incident
from anlan.incidents.rolling import rolling
from anlan.incidents.tags import known_tags
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.papers.builders.common import ORDER, ending_of, grade_words, map_picture, number_words, unit_of
from anlan.papers.refusals import PeriodWrong
from anlan.papers.services.making import said
from anlan.papers.types import Draft
from anlan.places import queries as places
from anlan.places.models import Division
from anlan.vocab.figures import FIGURES
from anlan.vocab.incidents import CLASS_LABELS, RESTRICTED, TYPES, EventClass

LONGEST = timedelta(days=367)
TOP = 5
MAP_POINTS = 200


@dataclass(slots=True)
class Counts:
    """What one period holds."""

    total: int = 0
    by_class: Counter[int] = field(default_factory=Counter)
    by_type: Counter[str] = field(default_factory=Counter)
    by_grade: Counter[int | None] = field(default_factory=Counter)
    by_tag: Counter[str] = field(default_factory=Counter)
    by_township: Counter[str] = field(default_factory=Counter)
    by_place: Counter[str] = field(default_factory=Counter)
    figures: dict[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Analysis:
    start: datetime
    end: datetime
    now: Counts
    before: Counts
    points: tuple[MapPoint, ...]


def counted(actor: Actor, division: Division, start: datetime, end: datetime) -> QuerySet[Incident]:
    """The incidents that count: of the actor's places, in [start, end) by the moment of knowing."""
    return (
        Incident.objects.filter(
            within(actor, "division__path"),
            division__path__startswith=division.path,
            known_at__gte=start,
            known_at__lt=end,
            is_restricted=False,
            exercise_id=None,
        )
        .exclude(event_class__in=[one.value for one in RESTRICTED])
        .exclude(state__in=("not_true", "merged"))
    )


def analyse(actor: Actor, division: Division, start: datetime, end: datetime) -> Analysis:
    """The period and the one of the same length before it; a whole month is compared with the whole month before."""
    if not start < end or end - start > LONGEST:
        raise PeriodWrong
    former = former_period(start, end)
    rows = counted(actor, division, start, end)
    points = rows.exclude(lon=None).order_by("-known_at", "-id").values_list("lon", "lat")[:MAP_POINTS]
    return Analysis(
        start=start,
        end=end,
        now=_count(rows, division),
        before=_count(counted(actor, division, *former), division),
        points=tuple(
            MapPoint(lon, lat, "", "incident") for lon, lat in points if lon is not None and lat is not None
        ),
    )


def former_period(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    first, last = start.astimezone(SHANGHAI), end.astimezone(SHANGHAI)
    months = (last.year - first.year) * 12 + last.month - first.month
    if first.day == last.day == 1 and first.time() == last.time() == time(0) and months:
        return _month(first.date(), -months), start
    return start - (end - start), start


def month_of(day: date) -> tuple[datetime, datetime]:
    first = day.replace(day=1)
    return _month(first, 0), _month(first, 1)


def quarter_of(day: date) -> tuple[datetime, datetime]:
    first = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return _month(first, 0), _month(first, 3)


def _month(first: date, after: int) -> datetime:
    number = first.year * 12 + first.month - 1 + after
    return datetime.combine(date(number // 12, number % 12 + 1, 1), time(0), SHANGHAI)


def _count(rows: QuerySet[Incident], division: Division) -> Counts:
    counts = Counts()
    names = {place.path: place.name for place in places.townships_below(division.path).defer("geometry")}
    lines = rows.values_list("event_class", "event_type", "grade", "tags", "division__path", "division__name")
    for event_class, event_type, grade, tags, path, name in lines.order_by().iterator():
        counts.total += 1
        counts.by_class[event_class] += 1
        counts.by_type[event_type] += 1
        counts.by_grade[grade] += 1
        counts.by_tag.update(tags)
        counts.by_township[_township(path, names) or "县直"] += 1
        counts.by_place[name] += 1
    counts.figures = _figures(rows)
    return counts


def _township(path: str, names: Mapping[str, str]) -> str:
    parts = path.split("/")
    found = (names.get("/".join(parts[:length])) for length in range(len(parts), 0, -1))
    return next((name for name in found if name), "")


def _figures(rows: QuerySet[Incident]) -> dict[str, Decimal]:
    """Sums of the rolling, verified figures of people; each incident's own rule for its sources holds."""
    by_incident: dict[object, list[Figure]] = {}
    found = Figure.objects.filter(incident__in=rows.order_by().values("pk"), code__in=ORDER)
    for figure in (
        found.select_related("scope").defer("scope__geometry").order_by("as_of", "recorded_at", "pk")
    ):
        by_incident.setdefault(figure.incident_id, []).append(figure)
    sums: dict[str, Decimal] = {}
    for figures in by_incident.values():
        for code, one in rolling(figures, only_verified=True).items():
            sums[code] = sums.get(code, Decimal(0)) + one.value
    return sums


def change_words(now: int, before: int) -> str:
    """环比: nothing to divide by is said in words."""
    if before == 0:
        return "上期为0" if now else "持平"
    if now == before:
        return "持平"
    return f"{'上升' if now > before else '下降'}{abs(now - before) / before:.1%}"


def blocks_of(found: Analysis, division: Division) -> list[Block]:
    """The whole analysis as text, tables and a map."""
    now, before = found.now, found.before
    blocks: list[Block] = [
        Heading("一、总体情况"),
        Para(_overview(found)),
        Para("本分析不统计公共卫生事件和社会安全事件；不属实、已归并和演练事件不计入。"),
        Heading("二、分类统计"),
        _table(
            "事件类别",
            _labelled(
                now.by_class,
                before.by_class,
                {one.value: CLASS_LABELS[one][0] for one in EventClass if one not in RESTRICTED},
            ),
            "按类别",
        ),
        _table(
            "事件类型",
            _labelled(now.by_type, before.by_type, {code: face.zh for code, face in TYPES.items()}),
            "按类型",
        ),
        _table(
            "等级",
            _labelled(
                now.by_grade, before.by_grade, {grade: grade_words(grade) for grade in (1, 2, 3, 4, None)}
            ),
            "按等级",
        ),
        Heading("三、标签统计"),
        _table(
            "标签",
            _labelled(now.by_tag, before.by_tag, {code: tag.zh for code, tag in known_tags().items()}),
            "按标签",
        ),
        Heading("四、区域分布"),
        _table("乡镇", _ranked(now.by_township, before.by_township), "按乡镇"),
        Para(_top_places(now)),
    ]
    if now.total:
        blocks.append(map_picture(division, found.points, caption="事件分布图"))
    return blocks


def _overview(found: Analysis) -> str:
    now, before = found.now, found.before
    people = "，".join(
        f"{FIGURES[code].zh}{number_words(now.figures[code])}{FIGURES[code].unit_zh}"
        for code in ORDER
        if now.figures.get(code)
    )
    return (
        f"{said(found.start)}至{said(found.end - timedelta(seconds=1))}，共接报核实突发事件{now.total}起，"
        f"上期{before.total}起，环比{change_words(now.total, before.total)}。"
        + (f"累计{people}（均为已核实数）。" if people else "未接到已核实的人员伤亡。")
    )


def _top_places(now: Counts) -> str:
    top = [(name, count) for name, count in _order(now.by_place)[:TOP] if count > 1]
    if not top:
        return "无同一地点多次发生事件。"
    return "发生较多的地点：" + "、".join(f"{name}（{count}起）" for name, count in top) + "。"


def _order(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


Lines = list[tuple[str, int, int]]
K = TypeVar("K")


def _labelled(now: Mapping[K, int], before: Mapping[K, int], labels: Mapping[K, str]) -> Lines:
    known = [(label, now.get(code, 0), before.get(code, 0)) for code, label in labels.items()]
    others = {*now, *before} - set(labels)
    known += [(str(code), now.get(code, 0), before.get(code, 0)) for code in sorted(others, key=str)]
    return sorted((line for line in known if line[1] or line[2]), key=lambda line: -line[1])


def _ranked(now: Mapping[str, int], before: Mapping[str, int]) -> Lines:
    return [
        (name, now.get(name, 0), before.get(name, 0))
        for name, _n in _order({**dict.fromkeys(before, 0), **now})
    ]


def _table(name: str, lines: Iterable[tuple[str, int, int]], caption: str) -> Table:
    kept = list(lines)
    total = sum(line[1] for line in kept) or 1
    return Table(
        (name, "本期（起）", "占比", "上期（起）", "环比"),
        tuple(
            (label, str(now), f"{now / total:.1%}", str(before), change_words(now, before))
            for label, now, before in kept
        ),
        caption=caption,
        widths=(2.6, 1.9, 1.4, 1.9, 2),
        right=(1, 2, 3),
        empty="本期无事件",
    )


def analysis_paper(
    kind: str, head: str, *, division: Division, actor: Actor, start: datetime, end: datetime, at: datetime
) -> Draft:
    """月度、季度、敏感时段 or 月报: the same counts under their own heading."""
    found = analyse(actor, division, start, end)
    period = _period_words(kind, start, end)
    title = f"{division.name}{period}{head}"
    content = Content(
        kind=kind,
        head=head,
        unit=unit_of(division),
        dated=said(at),
        title=title,
        signer="　　　" if kind.startswith("analysis") else "",
        blocks=tuple(blocks_of(found, division)) + _judgement(kind),
        ending=ending_of(division, at),
        phone=_overview(found),
    )
    return Draft(kind, title, content, division, period_from=start, period_to=end)


def _judgement(kind: str) -> tuple[Block, ...]:
    """The part that a person writes."""
    if not kind.startswith("analysis"):
        return ()
    return (
        Heading("五、形势研判与工作建议"),
        Para("（请在此填写研判意见：主要风险、重点区域和时段、工作建议。）"),
    )


def _period_words(kind: str, start: datetime, end: datetime) -> str:
    first = start.astimezone(SHANGHAI)
    if kind in ("monthly", "analysis_month"):
        return f"{first.year}年{first.month}月"
    if kind == "analysis_quarter":
        return f"{first.year}年第{'一二三四'[(first.month - 1) // 3]}季度"
    last = (end - timedelta(seconds=1)).astimezone(SHANGHAI)
    return f"{first.year}年{first.month}月{first.day}日至{last.month}月{last.day}日"
