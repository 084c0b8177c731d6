"""Live scores of a period, and what the paper of a bulletin prints."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from anlan.assessment.collecting import Span, asked_of, findings_of
from anlan.assessment.deductions import deduction_table
from anlan.assessment.models import ScoreBulletin
from anlan.assessment.periods import Period, parse_period
from anlan.assessment.scoring import Place, score
from anlan.assessment.types import BulletinPaper, Scores
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel

_SCORED = (DivisionLevel.COUNTY, DivisionLevel.TOWNSHIP, DivisionLevel.DEPARTMENT)


def scores_of(
    period: Period,
    *,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
    struck: Mapping[str, str] | None = None,
) -> Scores:
    """Every township and department, and the county's own desk, by what is recorded now."""
    table = deduction_table()
    span = Span(period.start, period.end, at, exercise_id)
    lines = score(table, scored_places(), findings_of(span), asked_of(span), struck)
    return Scores(period, lines, table.version, table.is_verified, table.source)


def scored_places() -> list[Place]:
    rows = Division.objects.filter(level__in=_SCORED, valid_to=None).order_by("code")
    return [
        Place(code, name, level, path, is_ranked=level != DivisionLevel.COUNTY)
        for code, name, level, path in rows.values_list("code", "name", "level", "path")
    ]


def bulletin_paper(bulletin: ScoreBulletin) -> BulletinPaper:
    """The bulletin as the paper 通报 prints it."""
    period = parse_period(bulletin.period)
    return BulletinPaper(
        number=bulletin.number,
        title=bulletin.title,
        period_zh=period.zh if period is not None else bulletin.period,
        text=bulletin.text,
        heads=("名次", "单位", "及时性", "完整性", "准确性", "总分", "扣分项"),
        rows=tuple(_row(line) for line in bulletin.lines),
        signed_by=bulletin.signed_name,
        signed_at=bulletin.signed_at,
        published_at=bulletin.published_at,
        note="" if bulletin.rules_verified else f"扣分规则第{bulletin.rule_version}版，分值尚未经本县确认",
    )


def _row(line: Mapping[str, Any]) -> tuple[str, ...]:
    counted: dict[str, int] = {}
    for one in line["deductions"]:
        if not one["struck"]:
            counted[one["rule_zh"]] = counted.get(one["rule_zh"], 0) + one["count"]
    reasons = "；".join(f"{name}{count}次" for name, count in counted.items())
    rank = str(line["rank"]) if line["rank"] is not None else "—"
    marks = (line["timeliness"], line["completeness"], line["accuracy"], line["total"])
    return (rank, line["name"], *marks, reasons or ("无" if line["asked"] else "本期无报送任务"))
