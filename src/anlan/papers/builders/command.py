"""Papers of the incident room: the situation report, and the minutes of a consultation as they were written there."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from anlan.command.models import Consultation, SituationReport
from anlan.documents.paper.content import Block, Content, Heading, Para
from anlan.papers.builders import desk
from anlan.papers.builders.common import ending_of, grade_words, moment, unit_of
from anlan.papers.services.making import said
from anlan.papers.types import Draft

_NUMBERS = "一二三四五六七八九"


def situation(row: SituationReport, *, at: datetime) -> Draft:
    """态势报告: its parts as a person left them. A draft says so under its head."""
    incident = row.incident
    since = moment(row.from_at) if row.from_at is not None else "事发"
    blocks: list[Block] = []
    for number, part in enumerate(row.parts):
        blocks.append(Heading(f"{_NUMBERS[number % 9]}、{part['heading']}"))
        blocks += [Para(line) for line in part["lines"]] or [Para("无。")]
    content = Content(
        kind="situation",
        head="态势报告",
        subhead="" if row.state == "final" else "（草稿）",
        unit=unit_of(incident.division),
        dated=said(row.to_at),
        title=f"{incident.title}态势报告",
        issue=f"第{row.number}号",
        blocks=tuple(blocks),
        ending=ending_of(incident.division, at),
        foot=(f"统计时段：{since}至{moment(row.to_at)}。据平台留痕自动起草，经人工核改。",),
        phone=_phone(row),
    )
    title = f"{incident.title}态势报告（{row.number}）"
    return Draft(
        "situation", title, content, incident.division, f"situation_report:{row.pk}", incident,
        is_restricted=incident.is_restricted, period_from=row.from_at, period_to=row.to_at,
    )  # fmt: skip


def _phone(row: SituationReport) -> str:
    figures: list[str] = next((part["lines"] for part in row.parts if part["heading"] == "数字与变化"), [])
    return f"【态势】{row.incident.title}，{grade_words(row.incident.grade)}。{''.join(figures[:3])}"[:300]


def minutes(row: Consultation, *, at: datetime) -> Draft:
    """会商纪要 filled in from the consultation; corrected as a draft and then signed."""
    incident = row.incident
    form = {
        "topic": row.title,
        "when": moment(row.starts_at),
        "chair": row.chair,
        "present": "、".join(row.attendees),
        "said": row.minutes,
        "decided": row.conclusions,
    }
    made = desk.minutes(form, division=incident.division, at=at)
    return replace(
        made, subject=f"consultation:{row.pk}", incident=incident, is_restricted=incident.is_restricted
    )
