"""The numbers that hold for a course at a moment: times and shares of rule R06 as the county approved them, the rest of this app."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from anlan.losses.parameters import Parameter, ParameterTable, parameters
from anlan.ruleset import Pack
from anlan.ruleset.workdays import add_working_days, is_entered
from anlan.sensing.rules.governing import rule_in_force, workdays_table

#: Our name: the name in rule R06, what one of its units is here, unit, Chinese, English.
_OF_R06: dict[str, tuple[str, int, str, str, str]] = {
    "township_first_min": ("township_to_county_min", 1, "分钟", "乡镇首报时限", "Township's first report"),
    "county_first_min": ("county_to_city_min", 1, "分钟", "县首次报市时限", "County's first report to the city"),
    "direct_people": ("direct_report_people", 1, "人", "死亡失踪直报标准", "Deaths and missing that go to all levels"),
    "direct_min": ("direct_report_min", 1, "分钟", "直报时限", "Direct report"),
    "township_daily_min": ("zero_report_township_hour", 60, "零时起分钟", "乡镇每日零报告", "Township's daily report"),
    "county_daily_min": ("zero_report_county_hour", 60, "零时起分钟", "县每日零报告", "County's daily report"),
    "drought_days": ("drought_follow_up_days", 1, "天", "旱灾续报间隔", "Days between reports on a drought"),
    "verify_workdays": ("verify_county_workdays", 1, "工作日", "灾情稳定后县核报", "County's verification"),
    "jump_share": ("jump_share", 1, "比例", "变化达此比例须说明", "Change that must be explained"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limits:
    """One reading of the rules; passed on within a verb."""

    pack: Pack
    own: ParameterTable

    def number(self, name: str) -> float | None:
        known = _OF_R06.get(name)
        return self.own.number(name) if known is None else self.pack.number(known[0]) * known[1]

    def need(self, name: str) -> float:
        known = _OF_R06.get(name)
        return self.own.need(name) if known is None else self.pack.number(known[0]) * known[1]

    def minutes(self, name: str) -> timedelta:
        return timedelta(minutes=self.need(name))

    def shown(self) -> list[Parameter]:
        """Every number with its source, for the page that uses it."""
        found = []
        for name, (code, factor, unit, zh, en) in _OF_R06.items():
            one = self.pack.parameters[code]
            found.append(
                Parameter(name, one.value * factor, unit, zh, en, f"R06：{one.source}", one.verified)
            )
        return found + list(self.own.parameters)


def limits_at(at: datetime, *, path: str = "", exercise_id: uuid.UUID | None = None) -> Limits:
    """What holds in a county at a moment."""
    pack = rule_in_force("R06", at=at, path=path, exercise_id=exercise_id)
    if pack is None:
        raise LookupError("rule R06 does not ship")
    return Limits(pack, parameters())


def end_of_workday(
    start: datetime, days: int, *, path: str = "", exercise_id: uuid.UUID | None = None
) -> datetime:
    """24:00 of the working day so many days later, by the county's calendar (rule RW)."""
    return add_working_days(start, days, workdays_table(at=start, path=path, exercise_id=exercise_id))


def is_calendar_entered(at: datetime, *, path: str = "", exercise_id: uuid.UUID | None = None) -> bool:
    """Whether the holidays of that year were entered; else the working days are only an estimate, and pages say so."""
    return is_entered(at.year, workdays_table(at=at, path=path, exercise_id=exercise_id))
