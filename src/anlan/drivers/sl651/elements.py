"""Which quantity an SL 651 element is, and where we know that from.

The text of the standard's element table was not seen. Names come from public implementations of it; ids marked VECTOR also occur in
real frames whose values agree with that meaning. An element without a row keeps its id: `sl651:10`, vendor ids `sl651:FF92`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Confidence(StrEnum):
    #: Seen in real frames with values that fit the meaning.
    VECTOR = "vector"
    #: Stated alike by public implementations of the standard; not seen on the wire by us.
    SOURCE = "source"
    #: Our reading of it; a labelled assumption.
    ASSUMED = "assumed"


class ElementRule(NamedTuple):
    """`quantity` is a code of anlan.vocab.quantities or `sl651:XX`; `unit` is that of the value on the wire."""

    element: str
    quantity: str
    unit: str
    zh: str
    source: str
    confidence: Confidence


_IMPL = "element table in yu-xiaoyao/sl651-2014-server and aaasoft/Quick.SL651"
_LIVE = "live frames of a municipal water platform, 2026-07 (sl651-006, -016, -022)"
_ARTICLE = "values stated by the article cited at sl651-054"

ELEMENT_RULES: dict[str, ElementRule] = {
    rule.element: rule
    for rule in (
        ElementRule("22", "rain_5min", "mm", "5分钟时段降水量", f"{_IMPL}; {_LIVE}", Confidence.VECTOR),
        ElementRule("23", "rain_10min", "mm", "10分钟时段降水量", _IMPL, Confidence.SOURCE),
        ElementRule("24", "rain_30min", "mm", "30分钟时段降水量", _IMPL, Confidence.SOURCE),
        ElementRule("1A", "rain_1h", "mm", "1小时时段降水量", f"{_IMPL}; {_LIVE}", Confidence.VECTOR),
        ElementRule("1B", "rain_2h", "mm", "2小时时段降水量", _IMPL, Confidence.SOURCE),
        ElementRule("1C", "rain_3h", "mm", "3小时时段降水量", _IMPL, Confidence.SOURCE),
        ElementRule("1D", "rain_6h", "mm", "6小时时段降水量", _IMPL, Confidence.SOURCE),
        ElementRule("1E", "rain_12h", "mm", "12小时时段降水量", _IMPL, Confidence.SOURCE),
        ElementRule("1F", "rain_day", "mm", "日降水量", _IMPL, Confidence.SOURCE),
        ElementRule("20", "rain_current", "mm", "当前降水量", _ARTICLE, Confidence.VECTOR),
        ElementRule("26", "rain_total", "mm", "降水量累计值", _ARTICLE, Confidence.VECTOR),
        ElementRule("27", "discharge", "m³/s", "瞬时流量、抽水流量", _IMPL, Confidence.SOURCE),
        ElementRule("37", "velocity", "m/s", "当前瞬时流速", _IMPL, Confidence.SOURCE),
        ElementRule("38", "battery_v", "V", "电源电压", f"{_IMPL}; {_LIVE}", Confidence.VECTOR),
        ElementRule("39", "stage", "m", "瞬时河道水位、潮位", _ARTICLE, Confidence.VECTOR),
        ElementRule("3A", "stage_downstream", "m", "库(闸、站)下水位", _IMPL, Confidence.SOURCE),
        ElementRule("3B", "stage_upstream", "m", "库(闸、站)上水位", _IMPL, Confidence.SOURCE),
        ElementRule("03", "water_temperature", "℃", "瞬时水温", _IMPL, Confidence.SOURCE),
        # 0.1 mm a slot. That a slot equals element 22 of the same time is our reading.
        ElementRule(
            "F4", "rain_5min", "mm", "1小时内每5分钟时段雨量", f"{_IMPL}; sl651-059", Confidence.ASSUMED
        ),
    )
}

#: Groups of twelve levels at 5 minutes, 0.01 m. The table calls them *relative* levels (相对水位1–8), and in sl651-032 the group ends
#: at 27.96 m where element 39 says 28.96 m. They are therefore kept beside the stage and never mixed into it.
LEVEL_GROUPS = frozenset({"F5", "F6", "F7", "F8", "F9", "FA", "FB", "FC"})
RAIN_GROUP = "F4"
TIME_STEP = "04"
#: Bits, not digits: status and alarms of the terminal.
BIT_FIELDS = frozenset({"45"})


def quantity_code(element: str) -> str:
    """The quantity of an element id; `sl651:XX` where no row names it."""
    rule = ELEMENT_RULES.get(element)
    return rule.quantity if rule is not None else f"sl651:{element}"
