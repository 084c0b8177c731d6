"""Whether the numbers of a proposed rule can be run at all: its table, its calendar, and a binding made from them."""

from __future__ import annotations

from datetime import date

import msgspec

from anlan.journal import clocks
from anlan.ruleset.bindings import BadBinding, StageMarks
from anlan.ruleset.calendars import day_of
from anlan.ruleset.compiling import Moment, StationFacts, compile_rule
from anlan.ruleset.tables import (
    CalendarTable,
    CombinedTable,
    FireTable,
    GradeColumn,
    IdCurveTable,
    IncidentGradeTable,
    LimitsTable,
    SettingsTable,
    WorkdaysTable,
)
from anlan.sensing.checks import MAX_SILENCE_S, MIN_SILENCE_S
from anlan.sensing.models import RuleDefinition
from anlan.sensing.refusals import BadRuleTable
from anlan.sensing.rules.inforce import local_day, pack_of

#: A station that has everything, so that every part of a table is tried.
_ANY = StationFacts("TRIAL", "rain_river", StageMarks(1, 2, 3), {"pond_grade": "一等", "mine_state": "关闭"})


def check_rule(row: RuleDefinition) -> None:
    """Raise `BadRuleTable` with the reason unless the rule can be run."""
    try:
        pack = pack_of(row)
        _check_sense(pack.table)
        moment = Moment(local_day(clocks.now(clocks.default_exercise_id())))
        for binding in compile_rule(pack, _ANY, moment):
            for window in range(len(binding.windows_s)):
                binding.edges(window)
    except (msgspec.ValidationError, BadBinding, ValueError, KeyError, TypeError, ZeroDivisionError) as error:
        raise BadRuleTable(why=str(error)[:300]) from None


def _check_sense(table: object) -> None:
    """What types cannot say."""
    if isinstance(table, CalendarTable):
        for stage in table.stages:
            day_of(stage.first), day_of(stage.last)
        if table.design_m is not None and table.check_m is not None and table.design_m > table.check_m:
            raise ValueError("design_m > check_m")
    elif isinstance(table, CombinedTable) and not table.members:
        raise ValueError("members: []")
    elif isinstance(table, CombinedTable) and table.mode == "n_of" and table.needed < 1:
        raise ValueError(f"needed: {table.needed}")
    elif isinstance(table, LimitsTable):
        _check_order(table)
    elif isinstance(table, IdCurveTable) and any(curve.a <= 0 for curve in table.curves.values()):
        raise ValueError("curves: a <= 0")
    elif isinstance(table, FireTable) and table.cover_now and table.cover_now not in table.cover:
        raise ValueError(f"cover_now: {table.cover_now}")
    elif isinstance(table, SettingsTable):
        _check_settings(table)
    elif isinstance(table, IncidentGradeTable):
        _check_grades(table)
    elif isinstance(table, WorkdaysTable):
        for fixed in table.fixed:
            day_of(fixed)
        for named in (*table.holidays, *table.make_up):
            date.fromisoformat(named.day)


def _check_grades(table: IncidentGradeTable) -> None:
    """Every column counts something, and a graver grade never begins at a smaller number."""
    if not table.columns:
        raise ValueError("columns: []")
    for column in table.columns:
        _check_column(column)


def _check_column(column: GradeColumn) -> None:
    edges = [edge for edge in column.edges() if edge is not None]
    if not column.figure or not edges:
        raise ValueError(f"columns: {column.figure}")
    if edges != sorted(edges, reverse=True) or len(set(edges)) != len(edges) or edges[-1] < 0:
        raise ValueError(f"{column.figure}: {edges}")


def _check_order(table: LimitsTable) -> None:
    """The more severe the level, the further out its limit; no low limit above a high one."""
    high = [value for key in "4321" if (value := table.above.get(key)) is not None]  # type: ignore[call-overload]  # level keys
    low = [value for key in "1234" if (value := table.below.get(key)) is not None]  # type: ignore[call-overload]  # level keys
    if high != sorted(high) or low != sorted(low) or (high and low and low[-1] >= high[0]):
        raise ValueError(f"{[*low, *high]}")


def _check_settings(table: SettingsTable) -> None:
    if table.silent_after_s is not None and not MIN_SILENCE_S <= table.silent_after_s <= MAX_SILENCE_S:
        raise ValueError(f"silent_after_s: {table.silent_after_s}")
    for quantity, ends in table.ranges.items():
        known = [end for end in ends if end is not None]
        if len(ends) != 2 or known != sorted(known):
            raise ValueError(f"ranges[{quantity}]: {ends}")
