"""Parameters of quality control, and one sentence for each flag with the numbers that decided it. Pure: no clock, no memory.

The tests are those that WMO practice names for automatic stations: range, step (rate) and spike, persistence (stuck), and
spatial consistency (neighbours). The numbers are ours: `quality.json` labels each as verified or not. Flags are defined to
the letter in `ruleset.reference`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from importlib import resources
from typing import Any

import msgspec

from anlan.vocab.quality import IMPLAUSIBLE, LABELS, QualityFlag
from anlan.vocab.quantities import quantity_of

#: Nothing older than this before a reading takes part in judging its continuity.
MEMORY_S = 2 * 86_400
#: A median of fewer values says nothing.
SPIKE_MIN_VALUES = 5
SPIKE_MAX_WINDOW = 31

#: Flags that come from a reading itself or from what is known beside it; such a reading takes no part in judging others.
INTRINSIC = IMPLAUSIBLE | QualityFlag.STALE | QualityFlag.NEIGHBOUR
#: Flags that come from the readings of the same stream around it.
CONTINUITY = QualityFlag.RATE | QualityFlag.SPIKE | QualityFlag.STUCK
#: Flags that a person may lift by accepting the reading.
LIFTABLE = (
    CONTINUITY
    | QualityFlag.RANGE
    | QualityFlag.NEIGHBOUR
    | QualityFlag.MAINTENANCE
    | QualityFlag.CLOCK
    | QualityFlag.DEVICE
)

#: Engineering assumption, not verified: water does not stand further above the highest mark of a gauge, or below the lowest
#: one, than this (m). A stage beyond it is a wrong unit or datum, also when the next reading seems to confirm it.
STAGE_ABOVE_MARKS_M, STAGE_BELOW_MARKS_M = 20.0, 60.0

_CST = timezone(timedelta(hours=8))
_UNITS_ZH = {"mm": "毫米", "m": "米", "℃": "℃"}


class QualityRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How one quantity (of one station) is judged; values in its unit, None = not judged so.

    * `max_rate_per_h`: the fastest plausible change; `floor` is a change that is never suspicious by itself.
    * `spike_mads`: a reading is a spike beyond median ± spike_mads·1.4826·MAD of the last `spike_window` usable values.
    * `stuck_after_s`: unchanged for longer; one reading and the next may differ by `stuck_tolerance`; values at or under
      `dry_at_or_below` may stand still for ever.
    * `neighbours`: an hour of rain from `neighbour_min` on is doubted when it is more than `neighbour_ratio` times the
      largest hour of the neighbours, and at least `neighbour_count` of them report.
    """

    min: float | None = None
    max: float | None = None
    max_rate_per_h: float | None = None
    floor: float = 0.0
    spike_mads: float | None = None
    spike_window: int = 11
    stuck_after_s: int | None = None
    stuck_tolerance: float = 0.0
    dry_at_or_below: float | None = None
    neighbours: tuple[str, ...] = ()
    neighbour_ratio: float | None = None
    neighbour_min: float = 50.0
    neighbour_count: int = 3

    def __post_init__(self) -> None:
        if not SPIKE_MIN_VALUES <= self.spike_window <= SPIKE_MAX_WINDOW:
            raise ValueError(
                f"spike_window is {self.spike_window}; it lies between {SPIKE_MIN_VALUES} and {SPIKE_MAX_WINDOW}"
            )
        if self.stuck_after_s is not None and not 0 < self.stuck_after_s <= MEMORY_S:
            raise ValueError(f"stuck_after_s is {self.stuck_after_s}; it lies above 0 and up to {MEMORY_S}")
        if self.floor < self.stuck_tolerance or self.stuck_tolerance < 0:
            raise ValueError(
                "floor and stuck_tolerance are not negative, and floor is not under stuck_tolerance"
            )
        if self.spike_mads is not None and self.spike_mads > 100:
            raise ValueError(f"spike_mads is {self.spike_mads}; more than 100 judges nothing")
        if any(
            part is not None and part <= 0
            for part in (self.max_rate_per_h, self.spike_mads, self.neighbour_ratio)
        ):
            raise ValueError("max_rate_per_h, spike_mads and neighbour_ratio are above zero")

    @property
    def judges_continuity(self) -> bool:
        return any(p is not None for p in (self.max_rate_per_h, self.spike_mads, self.stuck_after_s))

    @property
    def memory_s(self) -> int:
        """How long a reading is remembered for judging the next ones."""
        if self.max_rate_per_h is None and self.spike_mads is None:
            return self.stuck_after_s or 0
        return MEMORY_S

    @property
    def context_s(self) -> int:
        """What must be read before a reading to judge it as if the whole life of the stream were known."""
        return self.memory_s + (self.stuck_after_s or 0)


class QualityDefault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rule of one quantity with where its numbers come from; `verified` false is shown with the reason."""

    rule: QualityRule
    source: str
    verified: bool
    reason: str = ""


@cache
def quality_defaults() -> dict[str, QualityDefault]:
    """The shipped table by quantity; a quantity that is not in it is judged by its range only."""
    data = resources.files("anlan.ruleset").joinpath("quality.json").read_bytes()
    return msgspec.json.decode(data, type=dict[str, QualityDefault])


def stage_limits(marks: Sequence[float]) -> tuple[float, float] | None:
    """Lowest and highest believable stage of a gauge with these marks (m over its datum); None for a gauge without marks."""
    return (min(marks) - STAGE_BELOW_MARKS_M, max(marks) + STAGE_ABOVE_MARKS_M) if marks else None


class QualityBook(msgspec.Struct, frozen=True):
    """The rules of a shard: by quantity, and those of single streams, which win as a whole."""

    by_quantity: dict[str, QualityRule] = {}
    by_stream: dict[tuple[str, str], QualityRule] = {}

    def rule_of(self, station: str, quantity: str) -> QualityRule | None:
        """The rule of a stream; a measuring point is judged like its quantity."""
        code = quantity.partition("@")[0]
        own = self.by_stream.get((station, quantity)) or self.by_stream.get((station, code))
        return own or self.by_quantity.get(code)


def reason_of(flag: QualityFlag, quantity: str, numbers: Mapping[str, Any]) -> tuple[str, str]:
    """One sentence in Chinese and in English: why a reading carries the worst of these flags.

    `numbers` (Any: JSON of the store) are those kept beside the reading; without them only the flag is named.
    """
    parts = [
        _one_reason(one, quantity, numbers.get(one.name or "", {})) for one in LABELS if one and one in flag
    ]
    zh, en = "；".join(zh for zh, _ in parts), "; ".join(en for _, en in parts)
    return (f"{zh}。", f"{en}.".capitalize()) if parts else ("", "")


def _one_reason(flag: QualityFlag, quantity: str, numbers: Mapping[str, Any]) -> tuple[str, str]:
    zh, en = LABELS[flag]
    build = _REASONS.get(flag)
    if build is None or not numbers:
        return zh, en
    detail_zh, detail_en = build(quantity, numbers)
    return f"{zh}：{detail_zh}", f"{en}: {detail_en}"


def _range(quantity: str, n: Mapping[str, Any]) -> tuple[str, str]:
    v, low, high = (_value(quantity, n.get(name)) for name in ("v", "low", "high"))
    return f"{v[0]}不在{low[0]}至{high[0]}之间", f"{v[1]} is not between {low[1]} and {high[1]}"


def _rate(quantity: str, n: Mapping[str, Any]) -> tuple[str, str]:
    jump, limit = _value(quantity, n.get("jump")), _value(quantity, n.get("limit"))
    minutes = round(n.get("dt", 0) / 60)
    return (
        f"{minutes}分钟变化{jump[0]}，上限为每小时{limit[0]}，等待下一读数印证",
        f"{jump[1]} in {minutes} min against {limit[1]} an hour at most, waits for the next reading to confirm it",
    )


def _spike(quantity: str, n: Mapping[str, Any]) -> tuple[str, str]:
    off, median, limit = (_value(quantity, n.get(name)) for name in ("off", "median", "limit"))
    return (
        f"与前{n.get('count')}个读数的中位数{median[0]}相差{off[0]}，容许{limit[0]}，等待下一读数印证",
        f"{off[1]} from the median {median[1]} of the last {n.get('count')} readings, {limit[1]} allowed, waits for the "
        "next reading to confirm it",
    )


def _stuck(quantity: str, n: Mapping[str, Any]) -> tuple[str, str]:
    v = _value(quantity, n.get("v"))
    since, minutes = _clock(n.get("since")), round(n.get("limit", 0) / 60)
    zh, en = (
        (f"{minutes}分钟", f"{minutes} min")
        if minutes < 60
        else (f"{minutes / 60:g}小时", f"{minutes / 60:g} h")
    )
    return f"自{since}起停在{v[0]}，超过{zh}", f"at {v[1]} since {since}, longer than {en}"


def _neighbour(quantity: str, n: Mapping[str, Any]) -> tuple[str, str]:
    own, most = _value(quantity, n.get("own")), _value(quantity, n.get("most"))
    return (
        f"本站1小时{own[0]}，{n.get('count')}个邻站最大仅{most[0]}",
        f"{own[1]} in an hour here, {most[1]} at most at {n.get('count')} neighbours",
    )


def _clock_off(quantity: str, n: Mapping[str, Any]) -> tuple[str, str]:
    seconds = round(n.get("offset_s", 0))
    side_zh, side_en = ("快", "ahead") if seconds > 0 else ("慢", "behind")
    return f"测站时钟{side_zh}{abs(seconds)}秒", f"the station's clock is {abs(seconds)} s {side_en}"


def _future(quantity: str, n: Mapping[str, Any]) -> tuple[str, str]:
    return f"比接收时间晚{n.get('ahead_s')}秒", f"{n.get('ahead_s')} s after it was received"


def _maintenance(quantity: str, n: Mapping[str, Any]) -> tuple[str, str]:
    span = f"{_clock(n.get('start'))}–{_clock(n.get('end'))}"
    return f"批准的检修时段{span}", f"granted window {span}"


_REASONS = {
    QualityFlag.RANGE: _range,
    QualityFlag.RATE: _rate,
    QualityFlag.SPIKE: _spike,
    QualityFlag.STUCK: _stuck,
    QualityFlag.NEIGHBOUR: _neighbour,
    QualityFlag.CLOCK: _clock_off,
    QualityFlag.FUTURE: _future,
    QualityFlag.MAINTENANCE: _maintenance,
}


def _value(quantity: str, stored: float | None) -> tuple[str, str]:
    """A stored number in its unit; half steps occur in medians."""
    if stored is None:
        return "—", "—"
    facts = quantity_of(quantity)
    plain = f"{stored / 10**facts.decimals:.10g}"
    return f"{plain}{_UNITS_ZH.get(facts.unit, facts.unit)}", f"{plain} {facts.unit}".strip()


def _clock(seconds: float | None) -> str:
    """China standard time, the time of the duty room."""
    if seconds is None:
        return "—"
    return datetime.fromtimestamp(seconds, UTC).astimezone(_CST).strftime("%m-%d %H:%M")
