"""Inverse velocity of a slope (Fukuzono's linear form): 1/v falls to zero at the time of failure.

Which points are taken and how good the fit must be are parameters of the pack; both are engineering assumptions there.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from anlan.ruleset.tables import InverseTable
from anlan.ruleset.verdicts import Verdict, plain
from anlan.vocab.levels import Level


class Fit(NamedTuple):
    """`failure_at` epoch seconds where the line meets zero, None where it does not fall; velocity in mm/day."""

    points: int
    r_squared: float
    failure_at: float | None
    velocity: float


class Wanted(NamedTuple):
    """What a fit must have: points, goodness, and the least velocity (mm/day) that is motion and not noise."""

    minimum_points: int
    minimum_r_squared: float
    minimum_velocity: float


def velocities(displacement: Sequence[tuple[int, float]]) -> list[tuple[float, float]]:
    """(middle of the step in epoch seconds, mm/day) from (epoch seconds, mm), ordered by time; equal times are skipped."""
    found = []
    for (t0, x0), (t1, x1) in itertools.pairwise(displacement):
        if t1 > t0:
            found.append(((t0 + t1) / 2, abs(x1 - x0) / (t1 - t0) * 86_400))
    return found


def fit(displacement: Sequence[tuple[int, float]], wanted: Wanted) -> Fit | None:
    """The line through 1/v over the newest unbroken run of steps that move; None with too few of them."""
    moving: list[tuple[float, float]] = []
    for at, speed in reversed(velocities(displacement)):
        if speed < wanted.minimum_velocity:
            break
        moving.append((at, 1 / speed))
    if len(moving) < wanted.minimum_points:
        return None
    moving.reverse()
    slope, level, r_squared = _line(moving)
    failure = None if slope >= 0 else moving[0][0] - level / slope
    return Fit(len(moving), r_squared, failure, 1 / moving[-1][1])


def _line(points: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """Slope, value at the first point, and R² of the least-squares line; times are taken from the first point."""
    first = points[0][0]
    xs, ys = [at - first for at, _ in points], [y for _, y in points]
    n = len(points)
    mean_x, mean_y = sum(xs) / n, sum(ys) / n
    sxx = sum((x - mean_x) ** 2 for x in xs)
    syy = sum((y - mean_y) ** 2 for y in ys)
    sxy = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True))
    slope = sxy / sxx if sxx else 0.0
    r_squared = 0.0 if not sxx or not syy else sxy * sxy / (sxx * syy)
    return slope, mean_y - slope * mean_x, r_squared


def judge(
    name: str, displacement: Sequence[tuple[int, float]], table: InverseTable, wanted: Wanted, now: int
) -> Verdict:
    """The level by the hours left; a poor or missing fit says nothing, and says so."""
    found = fit(displacement, wanted)
    if found is None:
        return Verdict(
            None,
            Decimal(0),
            None,
            f"{name}近期连续运动的测次不足{wanted.minimum_points}个，不作失稳预测",
            f"{name}: fewer than {wanted.minimum_points} successive moving steps; no prediction",
        )
    speed = plain(found.velocity)
    if found.failure_at is None or found.r_squared < wanted.minimum_r_squared:
        return Verdict(
            None,
            Decimal(0),
            None,
            f"{name}位移速率{speed}毫米/天，速率倒数未呈可靠的线性下降（R²={found.r_squared:.2f}），不作失稳预测",
            f"{name} moves {speed} mm/day; 1/v does not fall on a line (R²={found.r_squared:.2f}); no prediction",
        )
    left = max(0.0, (found.failure_at - now) / 3600)
    level = min(
        (Level(int(key)) for key, hours in table.hours_left.items() if left <= hours),
        default=None,
    )
    edge = None if level is None else Decimal(str(table.hours_left[str(level.value)]))  # type: ignore[index]  # a level key
    return Verdict(
        level,
        Decimal(f"{left:.3f}"),
        edge,
        f"{name}位移速率{speed}毫米/天，速率倒数法推算约{left:.1f}小时后失稳（{found.points}个测次，R²={found.r_squared:.2f}，为估算）",
        f"{name} moves {speed} mm/day; inverse velocity points to failure in about {left:.1f} h "
        f"({found.points} steps, R²={found.r_squared:.2f}, an estimate)",
    )
