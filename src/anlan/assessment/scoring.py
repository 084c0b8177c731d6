"""From findings to scores. Pure: the table, the places and what was found come in, nothing is looked up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from anlan.assessment.deductions import ASPECTS, DeductionTable
from anlan.assessment.types import Deduction, Finding, PlaceScore

_TENTH = Decimal("0.1")


class Place(NamedTuple):
    """A place that is scored. `is_ranked` false: the county's own desk."""

    code: str
    name: str
    level: str
    path: str
    is_ranked: bool = True


def score(
    table: DeductionTable,
    places: Sequence[Place],
    findings: Iterable[Finding],
    asked: Mapping[str, int],
    struck: Mapping[str, str] | None = None,
) -> tuple[PlaceScore, ...]:
    """One line a place: best first, then those of which nothing was asked, then the county's own desk.

    `asked` counts what each path was asked for; `struck` are keys of deductions that do not count, "place/key" to the reason.
    """
    by_code = {place.code: place for place in places}
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        owner = owner_of(finding.path, by_code)
        if owner is not None and finding.rule in table.rules:
            found[owner.code].append(finding)
    wanted: dict[str, int] = defaultdict(int)
    for path, count in asked.items():
        owner = owner_of(path, by_code)
        if owner is not None:
            wanted[owner.code] += count
    lines = [_line(table, place, found[place.code], wanted[place.code], struck or {}) for place in places]
    return _ranked(lines, by_code)


def owner_of(path: str, places: Mapping[str, Place]) -> Place | None:
    """The nearest scored place at or above a path: a village's township, a department itself, else the county."""
    for code in reversed(path.split("/")):
        if code in places:
            return places[code]
    return None


def _line(
    table: DeductionTable, place: Place, findings: list[Finding], asked: int, struck: Mapping[str, str]
) -> PlaceScore:
    deductions = _deductions(table, place.code, findings, struck)
    full = Decimal(str(table.full))
    marks: dict[str, Decimal] = {}
    for aspect in ASPECTS:
        lost = sum((one.points for one in deductions if one.aspect == aspect), Decimal(0))
        marks[aspect] = max(full - lost, Decimal(0))
    total = sum((marks[aspect] * Decimal(str(table.weights[aspect])) for aspect in ASPECTS), Decimal(0))
    return PlaceScore(
        code=place.code,
        name=place.name,
        level=place.level,
        timeliness=marks["timeliness"],
        completeness=marks["completeness"],
        accuracy=marks["accuracy"],
        total=total.quantize(_TENTH, ROUND_HALF_UP),
        asked=max(asked, len(findings)),
        deductions=deductions,
    )


def _deductions(
    table: DeductionTable, code: str, findings: list[Finding], struck: Mapping[str, str]
) -> tuple[Deduction, ...]:
    """In order of time; what goes beyond a rule's most is listed with no points."""
    spent: dict[str, Decimal] = defaultdict(Decimal)
    made: list[Deduction] = []
    for finding in sorted(findings, key=lambda one: (one.at, one.rule, one.subject)):
        rule = table.rules[finding.rule]
        whole = Decimal(str(rule.points)) * finding.times
        one = Deduction(
            rule=finding.rule,
            aspect=rule.aspect,
            rule_zh=rule.zh,
            rule_en=rule.en,
            at=finding.at,
            zh=finding.zh,
            en=finding.en,
            subject=finding.subject,
            about=finding.about or finding.subject,
            count=finding.times,
            points=whole,
        )
        why = struck.get(f"{code}/{one.key}", "")
        if why:
            made.append(replace(one, points=Decimal(0), struck=why))
            continue
        left = whole if rule.most is None else max(Decimal(str(rule.most)) - spent[finding.rule], Decimal(0))
        counted = min(whole, left)
        spent[finding.rule] += counted
        made.append(replace(one, points=counted, is_capped=counted < whole))
    return tuple(made)


def _ranked(lines: Sequence[PlaceScore], places: Mapping[str, Place]) -> tuple[PlaceScore, ...]:
    """Equal totals share a rank; the next one counts how many stand before it."""
    counted = [one for one in lines if places[one.code].is_ranked and one.asked]
    ordered = sorted(counted, key=lambda one: (-one.total, one.code))
    ranked = [replace(one, rank=1 + sum(other.total > one.total for other in ordered)) for one in ordered]
    idle = [one for one in lines if places[one.code].is_ranked and not one.asked]
    own = [one for one in lines if not places[one.code].is_ranked]
    return (*ranked, *sorted(idle, key=lambda one: one.code), *own)
