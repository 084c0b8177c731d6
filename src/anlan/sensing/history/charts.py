"""The charts of a station's history: rain hanging from the top over the line of the stage, thresholds as labelled lines.

Up to three days every reading is drawn, beyond that hours, beyond two months days. Forecasts come from whoever has them
(`register_forecasts`) and stay series of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NotRequired, TypedDict

from django.conf import settings

from anlan.sensing.history.amounts import is_amount
from anlan.sensing.history.queries import History
from anlan.sensing.history.spoken import flag_text, quantity_word, say
from anlan.sensing.history.types import Bucket
from anlan.sensing.hot.types import Point
from anlan.sensing.models import Station
from anlan.sensing.queries.overview import run_key
from anlan.vocab.kinds import kind_of, main_quantities
from anlan.vocab.quality import UNUSABLE, QualityFlag
from anlan.vocab.quantities import quantity_of

#: A minute more, since a span ends just after now.
RAW_UP_TO = timedelta(days=3, minutes=1)
HOURS_UP_TO = timedelta(days=62, minutes=1)
LONGEST = timedelta(days=366)
#: Rows of the table beside a chart.
TABLE_ROWS = 400

#: Milliseconds since 1970 UTC, value or null, quality flag.
Spot = tuple[int, float | None, int]


class Series(TypedDict):
    id: str
    label: str
    unit: str
    kind: str
    points: list[Spot]
    inverted: NotRequired[bool]
    phase: NotRequired[str]


class Line(TypedDict):
    series: str
    value: float
    level: int | None
    label: str


Chart = TypedDict(
    "Chart",
    {
        "source": str,
        "series": list[Series],
        "thresholds": list[Line],
        "from": int,
        "to": int,
        "axis": NotRequired[str],
    },
)

#: Given a station, a quantity and a span; issue time and points of each forecast in force.
Forecasts = Callable[[Station, str, datetime, datetime], Sequence[tuple[datetime, Sequence[Point]]]]
_FORECASTS: list[Forecasts] = []


def register_forecasts(provider: Forecasts) -> Forecasts:
    """Have forecasts drawn beside what was observed."""
    _FORECASTS.append(provider)
    return provider


@dataclass(frozen=True, slots=True)
class TableRow:
    """One line of the table beside a chart; `flag` in words, "" for a good reading."""

    at: datetime
    quantity: str
    unit: str
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    count: int
    flag: str
    is_struck: bool


def history() -> History:
    """The history of this node."""
    return History(settings.ANLAN_DATA)


def quantities_of(station: Station) -> list[str]:
    """What is drawn: five-minute rain and stage first where the kind has them, else its main quantities."""
    kind = kind_of(station.kind)
    found = [code for code in ("stage", "rain_5min") if kind.quantity(code)]
    return found or list(main_quantities(station.kind))[:3] or ["stage"]


def resolution(start: datetime, end: datetime) -> str:
    """`raw`, `hours` or `days`."""
    if end - start <= RAW_UP_TO:
        return "raw"
    return "hours" if end - start <= HOURS_UP_TO else "days"


def history_chart(
    station: Station, start: datetime, end: datetime, *, reader: History | None = None
) -> Chart:
    """The chart of start <= t < end, at most a year."""
    start, reader = max(start, end - LONGEST), reader or history()
    series = [_observed(reader, station, code, start, end) for code in quantities_of(station)]
    series += [one for code in quantities_of(station) for one in _forecasts(station, code, start, end)]
    return {
        "source": _source(start, end),
        "series": series,
        "thresholds": marks(station, end),
        "from": ms(start),
        "to": ms(end),
    }


def history_table(
    station: Station, start: datetime, end: datetime, *, reader: History | None = None
) -> list[TableRow]:
    """The same as rows, newest first, at most `TABLE_ROWS` for each quantity."""
    start, reader = max(start, end - LONGEST), reader or history()
    rows = [row for code in quantities_of(station) for row in _rows(reader, station, code, start, end)]
    return sorted(rows, key=lambda row: (row.at, row.quantity), reverse=True)


def marks(station: Station, at: datetime) -> list[Line]:
    """The station's own marks as lines on its stage, and the flood limit of the day for a reservoir."""
    from anlan.sensing.history.reservoirs import limit_on

    named = [
        (station.warning_stage, say("警戒水位", "warning stage"), 3),
        (station.guaranteed_stage, say("保证水位", "guaranteed stage"), 2),
        (station.historic_max_stage, say("历史最高", "historic maximum"), 1),
        (limit_on(station, at), say("汛限水位", "flood limit"), 4),
    ]
    return [
        {"series": "stage", "value": float(value), "level": level, "label": label}
        for value, label, level in named
        if value is not None
    ]


def _observed(reader: History, station: Station, code: str, start: datetime, end: datetime) -> Series:
    known = quantity_of(code)
    points: list[Spot]
    label = quantity_word(code)
    if resolution(start, end) == "raw":
        points = [spot(one) for one in reader.series(station.code, code, start, end, run_key())]
    else:
        points = [
            (ms(one.start), _number(_shown(one, code)), 0)
            for one in _buckets(reader, station, code, start, end)
        ]
        label = _gathered_label(code, start, end)
    made: Series = {"id": code, "label": label, "unit": known.unit, "kind": "line", "points": points}
    if is_amount(code):
        made["kind"], made["inverted"] = "bar", len(quantities_of(station)) > 1
    return made


def _gathered_label(code: str, start: datetime, end: datetime) -> str:
    is_hours = resolution(start, end) == "hours"
    if is_amount(code):
        return (
            say("小时雨量", "rain by the hour")
            if is_hours
            else say("日雨量（8时至8时）", "rain by the day, 08 to 08")
        )
    span = say("小时", "hourly") if is_hours else say("日", "daily")
    word = say("最高", "highest") if code.startswith("stage") else say("平均", "mean")
    return f"{quantity_word(code)} · {span}{say('', ' ')}{word}"


def _shown(one: Bucket, code: str) -> Decimal | None:
    if is_amount(code):
        return one.total
    return one.high if code.startswith("stage") else one.mean


def _buckets(reader: History, station: Station, code: str, start: datetime, end: datetime) -> list[Bucket]:
    if resolution(start, end) == "hours":
        return reader.hourly(station.code, code, start, end, run_key())
    return reader.daily(station.code, code, start, end, run_key(), day_starts_h=8)


def _rows(reader: History, station: Station, code: str, start: datetime, end: datetime) -> list[TableRow]:
    unit, word = quantity_of(code).unit, quantity_word(code)
    if resolution(start, end) == "raw":
        points = reader.series(station.code, code, start, end, run_key())[-TABLE_ROWS:]
        return [_point_row(one, word, unit) for one in points]
    found = _buckets(reader, station, code, start, end)[-TABLE_ROWS:]
    places = quantity_of(code).decimals
    return [
        TableRow(
            one.start,
            word,
            unit,
            _rounded(_shown(one, code), places),
            one.low,
            one.high,
            one.count,
            "",
            False,
        )
        for one in found
    ]


def _point_row(one: Point, word: str, unit: str) -> TableRow:
    is_struck = bool(one.flag & UNUSABLE)
    return TableRow(one.phenomenon_time, word, unit, one.value, None, None, 1, flag_text(one.flag), is_struck)


def _forecasts(station: Station, code: str, start: datetime, end: datetime) -> list[Series]:
    made: list[Series] = []
    for provider in _FORECASTS:
        for issued, points in provider(station, code, start, end):
            label = f"{quantity_word(code)} · {say('预报', 'forecast')} {issued:%m-%d %H:%M}Z"
            one: Series = {
                "id": f"{code}:forecast:{ms(issued)}",
                "label": label,
                "unit": quantity_of(code).unit,
                "kind": "bar" if is_amount(code) else "line",
                "points": [spot(point) for point in points],
                "phase": "forecast",
            }
            if is_amount(code):
                one["inverted"] = len(quantities_of(station)) > 1
            made.append(one)
    return made


def _source(start: datetime, end: datetime) -> str:
    words = {
        "raw": say("每次读数；空心划线的不计入统计", "every reading; hollow struck ones do not count"),
        "hours": say("逐小时统计，只计可用读数", "by the hour, usable readings only"),
        "days": say("逐日统计（8时至8时），只计可用读数", "by the day from 08 to 08, usable readings only"),
    }
    return words[resolution(start, end)]


def spot(point: Point) -> Spot:
    # Marks such as "late" or "corrected" do not make a reading doubtful.
    flag = point.flag & (UNUSABLE | QualityFlag.GOOD)
    return ms(point.phenomenon_time), _number(point.value), int(flag)


def ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _rounded(value: Decimal | None, places: int) -> Decimal | None:
    return None if value is None else value.quantize(Decimal(1).scaleb(-places))
