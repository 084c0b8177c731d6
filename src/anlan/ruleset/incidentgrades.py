"""The grade of an incident by the columns of its table (R03, R10, R11, R24 and county tables), with a reason for each. Pure.

以上 includes the number. The grade is the most severe one that any known column reaches; a column whose figure nobody gave
says nothing, and with no column known there is no grade: an unknown is never taken for a mild one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from anlan.kernel.clock import SHANGHAI
from anlan.ruleset.packs import Pack
from anlan.ruleset.tables import GradeColumn, IncidentGradeTable, LeadingTable, LeadRow, NearSeriousTable
from anlan.vocab.figures import FIGURES
from anlan.vocab.incidents import GRADE_LABELS, SEVEN_DAYS, TYPES

#: A reason that gives no grade: what was counted otherwise, or is not known.
NOTE = 0
_WAN = Decimal(10_000)


@dataclass(frozen=True, slots=True)
class GradeFacts:
    """What is counted of an incident at a moment. `happened_at` is when it occurred, or became known where that is unknown."""

    figures: Mapping[str, Decimal]
    event_type: str
    happened_at: datetime
    at: datetime
    is_threat: bool = False


class Why(NamedTuple):
    """One indicator in words; `level` 1 to 4, or `NOTE`."""

    zh: str
    en: str
    rule: str
    level: int


@dataclass(frozen=True, slots=True)
class Graded:
    """`regrade_at` is when the missing begin to count as dead; None = they do already, or nobody is missing."""

    grade: int | None = None
    reasons: tuple[Why, ...] = field(default=())
    regrade_at: datetime | None = None


def grade_by(packs: Iterable[Pack], facts: GradeFacts) -> Graded:
    """The most severe grade of all tables given; those for threats count only while nothing has struck."""
    found = [
        _grade(pack, pack.table_as(IncidentGradeTable), facts)
        for pack in packs
        if facts.is_threat or not pack.table_as(IncidentGradeTable).threat
    ]
    grades = [one.grade for one in found if one.grade is not None]
    moments = [one.regrade_at for one in found if one.regrade_at is not None]
    return Graded(
        grade=min(grades, default=None),
        reasons=tuple(why for one in found for why in one.reasons),
        regrade_at=min(moments, default=None),
    )


def _grade(pack: Pack, table: IncidentGradeTable, facts: GradeFacts) -> Graded:
    reasons: list[Why] = []
    moments: list[datetime] = []
    for column in table.columns:
        value = _value(pack, column, facts)
        if column.missing == "after_days" and facts.figures.get("missing", Decimal(0)) > 0:
            moment = missing_dead_from(pack, facts)
            reasons.append(_missing_words(pack, facts, moment))
            if moment > facts.at:
                moments.append(moment)
        if value is None or not _is_area(pack, column, facts):
            continue
        level = _reached(column, value)
        if level is not None:
            reasons.append(_reason(pack, column, value, level))
            reasons += _density_note(pack, table, column, facts, level)
    levels = [why.level for why in reasons if why.level != NOTE]
    return Graded(min(levels, default=None), tuple(reasons), min(moments, default=None))


def missing_dead_from(pack: Pack, facts: GradeFacts) -> datetime:
    """The 30th day after it happened; the 7th for road traffic and fire (R03)."""
    name = "missing_days_short" if facts.event_type in SEVEN_DAYS else "missing_days"
    return facts.happened_at + timedelta(days=pack.number(name))


def _value(pack: Pack, column: GradeColumn, facts: GradeFacts) -> Decimal | None:
    """The number that the column compares; None where nobody counted it."""
    figures = facts.figures
    parts = [figures.get(column.figure), figures.get(column.also) if column.also else None]
    counts = column.missing == "at_once" or (
        column.missing == "after_days" and facts.at >= missing_dead_from(pack, facts)
    )
    if counts:
        parts.append(figures.get("missing"))
    known = [part for part in parts if part is not None]
    if not known:
        return None
    value = sum(known, Decimal(0))
    if not column.share_of:
        return value
    whole = Decimal(str(pack.number(column.share_of)))
    return value * 100 / whole if whole > 0 else None


def _reached(column: GradeColumn, value: Decimal) -> int | None:
    for level, edge in enumerate(column.edges(), start=1):
        if edge is not None and value >= Decimal(str(edge)):
            return level
    return None


def _is_area(pack: Pack, column: GradeColumn, facts: GradeFacts) -> bool:
    if not column.area:
        return True
    density = facts.figures.get("population_density")
    is_dense = density is not None and density >= Decimal(str(pack.number("dense_from")))
    return (column.area == "dense") == is_dense


def _density_note(
    pack: Pack, table: IncidentGradeTable, column: GradeColumn, facts: GradeFacts, level: int
) -> list[Why]:
    """Nobody gave the density of population: say what a dense area would make of it."""
    if column.area != "fairly_dense" or "population_density" in facts.figures:
        return []
    other = next((one for one in table.columns if one.area == "dense" and one.figure == column.figure), None)
    dense = _reached(other, facts.figures[column.figure]) if other is not None else None
    if dense is None or dense == level:
        return []
    _, zh, en = GRADE_LABELS[dense]
    return [
        Why(
            f"人口密度没有填，先按较密集地区判；如为密集地区则为{zh}",
            f"the density of population is not given, so it is judged as fairly dense; in a dense area it is {en}",
            pack.rule_id,
            NOTE,
        )
    ]


def _reason(pack: Pack, column: GradeColumn, value: Decimal, level: int) -> Why:
    face = FIGURES[column.figure]
    name_zh, name_en = face.zh, face.en
    if column.also:
        name_zh, name_en = (
            f"{name_zh}、{FIGURES[column.also].zh}合计",
            f"{name_en} and {FIGURES[column.also].en}",
        )
    if column.missing == "at_once":
        name_zh, name_en = f"{name_zh}（含失踪）", f"{name_en} (incl. missing)"
    unit_zh, unit_en = ("%", "%") if column.share_of else (face.unit_zh, face.unit_en)
    _, zh, en = GRADE_LABELS[level]
    area_zh = {"": "", "dense": "（密集地区，初判）", "fairly_dense": "（较密集地区，初判）"}[column.area]
    area_en = {
        "": "",
        "dense": " (dense area, preliminary)",
        "fairly_dense": " (fairly dense area, preliminary)",
    }
    span_zh, span_en = _span(column, level, unit_zh, unit_en, zh, en)
    return Why(
        f"{name_zh}{_number_zh(value, unit_zh)}，{span_zh}{area_zh}",
        f"{name_en}: {_plain(value)} {unit_en}; {span_en}{area_en[column.area]}",
        pack.rule_id,
        level,
    )


def _span(column: GradeColumn, level: int, unit_zh: str, unit_en: str, zh: str, en: str) -> tuple[str, str]:
    """From which number on the grade holds; the lowest, which begins at nothing, is said by where it ends."""
    edges = column.edges()
    limit = Decimal(str(edges[level - 1]))
    if limit > 0:
        return f"{_number_zh(limit, unit_zh)}以上为{zh}", f"{en} from {_plain(limit)} {unit_en}"
    above = next((Decimal(str(one)) for one in reversed(edges[: level - 1]) if one is not None), None)
    if above is None:
        return f"即为{zh}", f"{en} from the first"
    return f"不足{_number_zh(above, unit_zh)}为{zh}", f"{en} below {_plain(above)} {unit_en}"


def _missing_words(pack: Pack, facts: GradeFacts, moment: datetime) -> Why:
    count = _plain(facts.figures["missing"])
    day = moment.astimezone(SHANGHAI)
    when_zh, when_en = f"{day:%Y-%m-%d %H:%M}", f"{day:%Y-%m-%d %H:%M}"
    if facts.at >= moment:
        return Why(
            f"失踪{count}人，{when_zh}起按死亡统计",
            f"{count} missing, counted as dead since {when_en}",
            pack.rule_id,
            NOTE,
        )
    return Why(
        f"失踪{count}人暂不计入死亡，{when_zh}仍下落不明的按死亡统计并重新定级",
        f"{count} missing are not counted as dead yet; who is still missing on {when_en} will be, and the grade is judged again",
        pack.rule_id,
        NOTE,
    )


def _plain(value: Decimal) -> str:
    return format(value.quantize(Decimal("0.01")).normalize(), "f")


def _number_zh(value: Decimal, unit: str) -> str:
    if unit == "元" and value >= _WAN:
        return f"{_plain(value / _WAN)}万元"
    return f"{_plain(value)}{unit}"


# -- what does not make a grade but must be reported or led otherwise


def near_serious(pack: Pack, figures: Mapping[str, Decimal], marks: Iterable[str] = ()) -> tuple[Why, ...]:
    """较大涉险 (R04): the rows and marks that make it; empty = it is none."""
    table = pack.table_as(NearSeriousTable)
    found: list[Why] = []
    for row in table.rows:
        parts = [figures[code] for code in (row.figure, row.also) if code and code in figures]
        if parts and sum(parts, Decimal(0)) >= Decimal(str(row.at_least)):
            names = [FIGURES[code] for code in (row.figure, row.also) if code]
            count = _plain(sum(parts, Decimal(0)))
            found.append(
                Why(
                    f"{'或'.join(one.zh for one in names)}{count}人，{row.at_least:g}人以上属较大涉险",
                    f"{' or '.join(one.en for one in names)}: {count}; near-serious from {row.at_least:g}",
                    pack.rule_id,
                    NOTE,
                )
            )
    given = set(marks)
    found += [
        Why(f"{one.zh}，属较大涉险", f"{one.en}: near-serious", pack.rule_id, NOTE)
        for one in table.marks
        if one.code in given
    ]
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Leading:
    """Who leads, what the county does, and whether it must report upward at all (R02)."""

    leader: str
    zh: str
    en: str
    must_report: bool
    source: str = ""
    verified: bool = False


def leading(pack: Pack, grade: int | None, *, is_sensitive: bool) -> Leading:
    """R02. Sensitive incidents are reported whatever their grade, and without one."""
    rows: Sequence[LeadRow] = pack.table_as(LeadingTable).rows
    row = next((one for one in rows if one.grade == f"g{grade}"), None)
    if row is not None:
        return Leading(row.leader, row.zh, row.en, True, row.source, row.verified)
    if is_sensitive:
        return Leading(
            "county",
            "敏感事件，不受分级标准限制，立即上报",
            "sensitive: report at once, whatever the grade",
            True,
            pack.source,
        )
    return Leading("county", "等级未定，先行处置", "no grade yet: handle it first", False, pack.source)


def grading_of(event_type: str) -> str:
    """The name of the tables that grade a type; "" = by hand."""
    face = TYPES.get(event_type)
    return "" if face is None else face.grading
