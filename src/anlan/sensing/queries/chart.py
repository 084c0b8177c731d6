"""The chart of a station: rain bars with their rolling sum, or a line of stage, against the thresholds."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypedDict

from django.utils.translation import get_language

from anlan.ruleset import Binding
from anlan.sensing.hot.types import Point
from anlan.sensing.models import Station
from anlan.sensing.queries.overview import RAIN, STAGE, hot_reader, latest_for, run_key
from anlan.sensing.rules.book import rules_now
from anlan.vocab.kinds import main_quantities
from anlan.vocab.levels import Level
from anlan.vocab.quality import UNUSABLE
from anlan.vocab.quantities import point_of, quantity_of

#: Longest time shown at once; five-minute values of a month are some 9,000 points.
MAX_SPAN = timedelta(days=31)
#: Lines that can still be told apart.
MAX_SERIES = 8

#: Milliseconds since 1970 UTC, value or null for "no reading", quality flag.
ChartPoint = tuple[int, float | None, int]


class ChartSeries(TypedDict):
    id: str
    label: str
    unit: str
    kind: str
    points: list[ChartPoint]


class ChartThreshold(TypedDict):
    series: str
    value: float
    level: int | None
    label: str


ChartData = TypedDict(
    "ChartData",
    {
        "source": str,
        "series": list[ChartSeries],
        "thresholds": list[ChartThreshold],
        "from": int,
        "to": int,
    },
)


def chart(station: Station, start: datetime, end: datetime, *, window_min: int = 60) -> ChartData:
    """What the chart draws for start <= t < end (at most 31 days before `end`), in the language of the request.

    Flagged readings are among the points with their flag; they are not in the rolling sum, whose window is `window_min`.
    """
    start = max(start, end - MAX_SPAN)
    series: list[ChartSeries] = []
    for quantity in _quantities(station):
        if quantity == RAIN:
            series += _rain(station.code, start, end, window_min)
        else:
            points = hot_reader().series(station.code, quantity, start, end, run_key() or None)
            series.append(_series(quantity, quantity, "line", [_point(point) for point in points]))
    thresholds, source = _thresholds(station, window_min)
    return {
        "source": source,
        "series": series,
        "thresholds": thresholds,
        "from": _milliseconds(start),
        "to": _milliseconds(end),
    }


def _quantities(station: Station) -> Sequence[str]:
    """The streams drawn: of a gauge stage and rain, of other kinds what they must report, each point by itself."""
    classic = {"rain": (RAIN,), "river": (STAGE,), "rain_river": (STAGE, RAIN)}.get(station.kind)
    if classic is not None:
        return classic
    main = main_quantities(station.kind)
    values = latest_for([station]).get(station.code, ())
    heard = [value.quantity for value in values if value.quantity.partition("@")[0] in main]
    return heard[:MAX_SERIES] or main[:MAX_SERIES]


def _rain(code: str, start: datetime, end: datetime, window_min: int) -> list[ChartSeries]:
    window = timedelta(minutes=window_min)
    points = hot_reader().series(code, RAIN, start - window, end, run_key() or None)
    bars = [_point(point) for point in points if point.phenomenon_time >= start]
    hours = f"{window_min / 60:g}"
    rolling = _series(
        _sum_id(window_min),
        RAIN,
        "line",
        _rolling(points, window, start),
        label=(f"{hours}小时雨量", f"{hours} h rain"),
    )
    return [_series(RAIN, RAIN, "bar", bars), rolling]


def _rolling(points: Sequence[Point], window: timedelta, start: datetime) -> list[ChartPoint]:
    """The sum of the usable readings in the window that ends with each of them."""
    inside: deque[tuple[datetime, Decimal]] = deque()
    total = Decimal(0)
    found: list[ChartPoint] = []
    for point in points:
        if point.value is None or point.flag & UNUSABLE:
            continue
        inside.append((point.phenomenon_time, point.value))
        total += point.value
        while inside[0][0] <= point.phenomenon_time - window:
            total -= inside.popleft()[1]
        if point.phenomenon_time >= start:
            found.append((_milliseconds(point.phenomenon_time), float(total), 0))
    return found


def _thresholds(station: Station, window_min: int) -> tuple[list[ChartThreshold], str]:
    """Lines of the station's own tables (a village's own thresholds are listed on the page), and the rules they come from."""
    found: list[ChartThreshold] = []
    sources: list[str] = []
    book = rules_now()
    for binding in book.bindings(station, []):
        pack = book.pack(binding.rule_id, binding.rule_version)
        if pack is None or binding.evaluator == "rise":
            continue  # an edge of a change is no line among the values themselves
        sources.append(
            _say(
                f"{pack.title_zh}（{pack.rule_id}第{pack.version}版）",
                f"{pack.title_en} ({pack.rule_id} v{pack.version})",
            )
        )
        column = _column(binding, window_min)
        if column is None:
            continue
        series = _sum_id(window_min) if binding.windows_min else binding.quantity
        for level in Level:
            row = binding.rise.get(str(level.value), [])
            value = row[column] if row else None
            if value is not None:
                label = _say(level.face.zh, level.face.en)
                found.append({"series": series, "value": value, "level": level.value, "label": label})
    return found, _say("；", "; ").join(sources)


def _column(binding: Binding, window_min: int) -> int | None:
    """Where the thresholds of the window stand; a stage has one column whatever the window."""
    if not binding.windows_min:
        return 0
    return binding.windows_min.index(window_min) if window_min in binding.windows_min else None


def _series(
    id_: str,
    quantity: str,
    kind: str,
    points: list[ChartPoint],
    *,
    label: tuple[str, str] | None = None,
) -> ChartSeries:
    known, point = quantity_of(quantity), point_of(quantity)
    words = label or (f"{known.zh} {point}".strip(), f"{known.en} {point}".strip())
    return {"id": id_, "label": _say(*words), "unit": known.unit, "kind": kind, "points": points}


def _sum_id(window_min: int) -> str:
    return f"sum_{window_min}"


def _point(point: Point) -> ChartPoint:
    value = None if point.value is None else float(point.value)
    return _milliseconds(point.phenomenon_time), value, int(point.flag)


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _say(chinese: str, english: str) -> str:
    """Words that are data come in both languages; the request's language chooses."""
    return english if (get_language() or "").startswith("en") else chinese
