"""R14: from measuring points to items, from items to the pond. GB 39496-2020 §5.5 for the ladder inside an item."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from anlan.ruleset.tables import PondTable
from anlan.ruleset.verdicts import Verdict, joined, level_words
from anlan.vocab.levels import Level


class PondPoint(NamedTuple):
    """One measuring point: its level by its own thresholds, or offline, which is counted and never taken for safe."""

    station: str
    item: str
    name: str
    level: Level | None
    is_offline: bool = False


class ItemState(NamedTuple):
    """How one item stands: its level, how many points it has and how many of them are offline."""

    code: str
    zh: str
    en: str
    level: Level | None
    points: int
    offline: int


def of_points(levels: Iterable[Level | None], table: PondTable) -> Level | None:
    """The level of an item from the levels of its points that are online.

    At least four blue points make yellow, three yellow make orange, two orange make red, any red is red; else the worst.
    """
    return _ladder(levels, table, carry=0)


def of_items(levels: Iterable[Level | None], table: PondTable) -> Level | None:
    """The level of the pond: the same ladder, where the four blue items count as one more yellow one, and so on up."""
    return _ladder(levels, table, carry=1)


def _ladder(levels: Iterable[Level | None], table: PondTable, carry: int) -> Level | None:
    counts = dict.fromkeys(Level, 0)
    for level in levels:
        if level is not None:
            counts[level] += 1
    worst = min((level for level in Level if counts[level]), default=None)
    steps = (
        (Level.BLUE, Level.YELLOW, table.blue_to_yellow),
        (Level.YELLOW, Level.ORANGE, table.yellow_to_orange),
        (Level.ORANGE, Level.RED, table.orange_to_red),
    )
    for below, above, needed in steps:
        if counts[below] >= needed:
            counts[above] += carry
            worst = above if worst is None else min(worst, above)
    return worst


def items_of(points: Sequence[PondPoint], table: PondTable) -> list[ItemState]:
    """Every item of the table that has a point, in the order of the table."""
    found = []
    for item in table.items:
        mine = [point for point in points if point.item == item.code]
        if mine:
            online = [point.level for point in mine if not point.is_offline]
            level = of_points(online, table)
            found.append(
                ItemState(item.code, item.zh, item.en, level, len(mine), sum(p.is_offline for p in mine))
            )
    return found


def judge(points: Sequence[PondPoint], table: PondTable) -> Verdict:
    """The pond as a verdict; `value` is the number of points that are over a threshold."""
    items = items_of(points, table)
    level = of_items((item.level for item in items), table)
    offline = sum(item.offline for item in items)
    over = [point for point in points if point.level is not None and not point.is_offline]
    zh, en = joined(_item_words(item) for item in items)
    names_zh, names_en = level_words(level)
    return Verdict(
        level,
        Decimal(len(over)),
        None,
        f"尾矿库综合判定{names_zh}：{zh}；共{len(points)}个测点，离线{offline}个（不参与判定）",
        f"Tailings pond as a whole: {names_en}; {en}; {len(points)} points, {offline} offline (left out)",
        is_incomplete=offline > 0 or not points,
        stations=tuple(
            dict.fromkeys(point.station for point in sorted(over, key=lambda p: p.level or Level.BLUE))
        ),
    )


def _item_words(item: ItemState) -> tuple[str, str]:
    if item.offline == item.points:
        return f"{item.zh}离线", f"{item.en} offline"
    zh, en = level_words(item.level)
    gap_zh = f"（{item.offline}个离线）" if item.offline else ""
    gap_en = f" ({item.offline} offline)" if item.offline else ""
    return f"{item.zh}{zh}{gap_zh}", f"{item.en} {en}{gap_en}"


def phreatic_orange(red_depth_m: Decimal, factor: Decimal) -> Decimal:
    """The orange depth of the phreatic line: `factor` (1.1) times the red one, since the deeper water is the safer."""
    return red_depth_m * factor


def bank_slope_orange(red_mm: Decimal, factor: Decimal) -> Decimal:
    """The orange displacement of a bank slope: `factor` (0.8) times the red one."""
    return red_mm * factor


def grade_of_pond(capacity_10k_m3: float, height_m: float) -> int:
    """The grade 1 to 5 by capacity and height: one apart the higher, more apart the higher minus one (own knowledge)."""
    by_capacity = 5 - sum(capacity_10k_m3 >= edge for edge in (100, 1000, 10_000, 50_000))
    by_height = 5 - sum(height_m >= edge for edge in (30, 60, 100, 200))
    high, low = sorted((by_capacity, by_height))
    return high if low - high <= 1 else high + 1
