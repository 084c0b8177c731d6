"""R10: the danger of forest fire by the weather of a day, HTZ = A + B + C + D − E. A missing factor gives no grade at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from anlan.ruleset.tables import FireTable, Step
from anlan.ruleset.verdicts import Verdict, joined, plain
from anlan.vocab.levels import Level

#: Lower bounds of wind force 1 to 12 in m/s at 10 m (R09: force 0 to 8 seen in sources, 9 to 12 own knowledge).
WIND_FORCE_FROM = (0.3, 1.6, 3.4, 5.5, 8.0, 10.8, 13.9, 17.2, 20.8, 24.5, 28.5, 32.7)
GRADES_ZH = ("一", "二", "三", "四", "五")
_FACTORS = {
    "temperature": ("最高气温", "highest temperature"),
    "humidity": ("最小相对湿度", "lowest humidity"),
    "dry_days": ("连续无雨日数", "dry days"),
    "wind_force": ("最大风力", "wind force"),
    "cover": ("地被物绿化覆盖", "ground cover"),
}
_UNITS = {
    "temperature": ("℃", " ℃"),
    "humidity": ("%", " %"),
    "dry_days": ("天", ""),
    "wind_force": ("级", ""),
}


class FireWeather(NamedTuple):
    """One day at one place; None = not known. Temperature ℃, humidity %, cover a code of the table."""

    temperature: float | None
    humidity: float | None
    dry_days: int | None
    wind_force: int | None
    cover: str | None


class FireGrade(NamedTuple):
    """`grade` 1 to 5, None while a factor is missing; `points` by factor, E counted as it is subtracted."""

    htz: int | None
    grade: int | None
    points: dict[str, int]
    missing: tuple[str, ...]


def force_of(speed_m_s: float) -> int:
    """Wind force 0 to 12 of a speed in m/s."""
    return sum(speed_m_s >= edge for edge in WIND_FORCE_FROM)


def grade_of(htz: int, up_to: Sequence[int]) -> int:
    """Grade of an HTZ: one for 25 and less … five above the last number."""
    return 1 + sum(htz > edge for edge in up_to)


def assess(day: FireWeather, table: FireTable) -> FireGrade:
    """Points and grade of a day; with anything missing neither, never a low grade."""
    missing = tuple(name for name in _FACTORS if getattr(day, name) is None)
    if day.cover is not None and day.cover not in table.cover:
        missing = (*missing, "cover")
    if missing:
        return FireGrade(None, None, {}, missing)
    assert day.temperature is not None
    assert day.humidity is not None
    assert day.dry_days is not None
    assert day.wind_force is not None
    assert day.cover is not None
    points = {
        "temperature": _step(table.temperature, day.temperature),
        "humidity": _step(table.humidity, day.humidity),
        "dry_days": _capped(table.dry_days, day.dry_days),
        "wind_force": _capped(table.wind_force, day.wind_force),
        "cover": -table.cover[day.cover],
    }
    htz = sum(points.values())
    return FireGrade(htz, grade_of(htz, table.grades_up_to), points, ())


def judge(day: FireWeather, table: FireTable) -> Verdict:
    """The day as a verdict; colours by grade as the table has them."""
    result = assess(day, table)
    if result.htz is None or result.grade is None:
        zh, en = joined(_FACTORS[name] for name in dict.fromkeys(result.missing))
        return Verdict(
            None,
            Decimal(0),
            None,
            f"森林火险资料不全，缺{zh}，不作判定",
            f"Fire weather: data incomplete, {en} missing; no grade",
            is_incomplete=True,
        )
    key = table.levels.get(str(result.grade))  # type: ignore[call-overload]  # grade 1 has no colour
    level = Level(int(key)) if key is not None else None
    edge = None if result.grade == 1 else Decimal(table.grades_up_to[result.grade - 2] + 1)
    zh, en = joined(_said(day, result.points))
    return Verdict(
        level,
        Decimal(result.htz),
        edge,
        f"森林火险指数{result.htz}，{GRADES_ZH[result.grade - 1]}级（{zh}）",
        f"Fire weather index {result.htz}, grade {result.grade} ({en})",
    )


def _said(day: FireWeather, points: Mapping[str, int]) -> list[tuple[str, str]]:
    parts = []
    for name, (zh, en) in _FACTORS.items():
        value = getattr(day, name)
        unit_zh, unit_en = _UNITS.get(name, ("", ""))
        shown = value if isinstance(value, str) else plain(value)
        parts.append((f"{zh}{shown}{unit_zh}计{points[name]}分", f"{en} {shown}{unit_en}: {points[name]}"))
    return parts


def _step(steps: Sequence[Step], value: float) -> int:
    return next(step.points for step in steps if step.lowest is None or value >= step.lowest)


def _capped(points: Sequence[int], value: int) -> int:
    return points[min(max(value, 0), len(points) - 1)]
