"""Drafts a situation report from the journal between two times (态势报告). A Chinese paper; times are Asia/Shanghai.

Each part takes the entries of its kinds of rows; each line begins with the time of what it tells. The figures come from
`leaders_page`, the same query as the leader's page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q

from anlan.command import trail
from anlan.command.labels import Fields, texts_of
from anlan.command.leaders import LeadersPage, Line, leaders_page
from anlan.command.words import kind_zh
from anlan.incidents.models import Incident
from anlan.journal.models import Entry
from anlan.kernel.clock import SHANGHAI
from anlan.vocab.figures import FIGURES
from anlan.vocab.incidents import GRADE_LABELS, TYPES

Part = dict[str, Any]

#: Lines of one part; the newest stay. A report that nobody reads to its end helps nobody. Engineering choice.
MOST = 60
ROMAN = {1: "Ⅰ", 2: "Ⅱ", 3: "Ⅲ", 4: "Ⅳ"}


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part whose lines come from entries about these kinds of rows."""

    heading: str
    subjects: frozenset[str]
    leaves_out: frozenset[str] = frozenset()


WARNED = Chapter(
    "预警与叫应",
    frozenset({"warning", "callout", "callout_seat", "outage"}),
    frozenset({"callout_seat.moved_on"}),
)
ORDERED = Chapter(
    "响应与指令",
    frozenset({"activation", "level_change", "response_notice", "instruction", "chase_order", "remark", "command_group",
               "command_transfer", "joint_duty", "partner_share", "upward_report"}),
)  # fmt: skip
FORCES = Chapter("力量", frozenset({"team_job", "team_check", "scene"}))
ASKED = Chapter("请求", frozenset({"supply_request"}))
DECIDED = Chapter(
    "决策",
    frozenset({"decision", "consultation", "rolling_assessment", "expert_call"}),
    frozenset({"decision.asked"}),
)
COUNTED = Chapter("数字与变化", frozenset({"figure"}))


def draft_parts(incident: Incident, *, from_at: datetime | None, to_at: datetime) -> list[Part]:
    """The nine parts, each {"heading", "lines"}."""
    page = leaders_page(incident, to_at)
    entries = _entries(incident, from_at, to_at)
    texts = texts_of(entries)

    def part(chapter: Chapter) -> Part:
        chosen = [
            one
            for one in entries
            if one.subject_type in chapter.subjects and one.kind not in chapter.leaves_out
        ]
        lines = [line for one in chosen if (line := _line(one, texts[one.pk]))]
        return {"heading": chapter.heading, "lines": lines[-MOST:]}

    figures = [_figure_words(one) for one in page.figures] + part(COUNTED)["lines"]
    return [
        {"heading": "概况", "lines": _overview(page)},
        {"heading": COUNTED.heading, "lines": figures},
        part(WARNED),
        part(ORDERED),
        {"heading": FORCES.heading, "lines": [*_counts(page.teams, page.at), *part(FORCES)["lines"]]},
        part(ASKED),
        part(DECIDED),
        {"heading": "存在问题", "lines": _problems(page)},
        {"heading": "下一步", "lines": _next(page)},
    ]


def moment(at: datetime | None) -> str:
    """07-01 08:12, local; "时间不详" where nobody knows."""
    return "时间不详" if at is None else f"{at.astimezone(SHANGHAI):%m-%d %H:%M}"


def number(value: Decimal | None) -> str:
    return "待核" if value is None else f"{value.normalize():f}"


def _overview(page: LeadersPage) -> list[str]:
    one = page.incident
    face = TYPES.get(one.event_type)
    kind = "" if face is None else face.zh
    grade = (
        "待定级" if one.grade is None else f"{GRADE_LABELS[one.grade][1]}（{GRADE_LABELS[one.grade][0]}级）"
    )
    place = f"{one.division.name}{one.place_words}"
    lines = [f"{moment(one.occurred_at or one.known_at)} {place}发生{kind}：{one.title}，{grade}。"]
    lines += [f"{moment(page.at)} {words}" for words in (one.course, one.measures, one.trend) if words]
    lines += [
        f"{moment(found.since)} {found.activation.plan.title}{ROMAN.get(found.level, '')}级响应。"
        for found in page.responses
    ]
    lines += [
        f"{moment(found.happened_at)} {found.title}{found.name}任{_ROLES.get(found.role, '')}。"
        for found in page.commanders
    ]
    return lines


_ROLES = {
    "commander": "指挥长",
    "deputy": "副指挥长",
    "field_commander": "现场指挥长",
    "coordinator": "现场协调员",
    "scene_commander": "现场指挥",
}


def _figure_words(line: Line) -> str:
    if line.value is None:
        return f"{line.zh}：尚无统计。"
    former = "" if line.former is None else f"（前值{number(line.former)}，{moment(line.former_as_of)}）"
    sure = "" if line.is_verified else "，待核实"
    return f"{moment(line.as_of)} {line.zh}{number(line.value)}{line.unit_zh}{former}，来源：{line.source_zh}{sure}。"


def _counts(lines: Iterable[Line], at: datetime) -> list[str]:
    words = "，".join(f"{one.zh}{number(one.value)}{one.unit_zh}" for one in lines)
    return [f"{moment(at)} {words}。"] if words else []


def _problems(page: LeadersPage) -> list[str]:
    found = [
        f"{moment(one.due_at)} {one.words[0]}：{one.who} {one.title}".strip() + "。" for one in page.late
    ]
    if page.silent:
        found.append(f"{moment(page.at)} 尚未应答：{'、'.join(page.silent[:30])}。")
    if page.lost:
        found.append(f"{moment(page.at)} 失联：{'、'.join(page.lost[:30])}。")
    return found + _counts(page.cuts, page.at)


def _next(page: LeadersPage) -> list[str]:
    one = page.next_decision
    if one is None:
        return []
    return [f"{moment(one.needed_by) if one.needed_by else moment(page.at)} 前需决策：{one.words}。"]


def _entries(incident: Incident, from_at: datetime | None, to_at: datetime) -> list[Entry]:
    """Everything that was written about the incident in the interval, oldest first."""
    subjects = trail.subjects_of(incident, with_messages=False)
    found = Q(pk__in=[])
    for kind, keys in subjects.items():
        found |= Q(subject_type=kind, subject_id__in=keys)
    rows = Entry.objects.filter(found, at__lte=to_at)
    if from_at is not None:
        rows = rows.filter(at__gt=from_at)
    return sorted(rows.order_by(), key=lambda one: (one.at, one.pk))


def _line(entry: Entry, fields: Fields) -> str:
    kind = kind_zh(entry.kind)
    if not kind:
        return ""
    if entry.subject_type == "figure":
        face = FIGURES.get(str(fields.get("code")))
        value = number(Decimal(str(fields.get("value", 0))))
        words = "" if face is None else f"{face.zh}{value}{face.unit_zh}，来源：{fields.get('source', '')}"
        return f"{moment(entry.at)} {kind}：{words}。"
    level = fields.get("to_level") or fields.get("level")
    parts = [
        str(fields.get("number") or "") if entry.subject_type in ("instruction", "supply_request") else "",
        fields.get("team_name") or "",
        next((str(fields[name]) for name in _FIRST if fields.get(name)), ""),
        fields.get("place") or ""
        if entry.subject_type in ("instruction", "callout_seat", "supply_request")
        else "",
        f"{ROMAN.get(int(level), '')}级"
        if level and entry.subject_type in ("activation", "level_change", "warning")
        else "",
    ]
    words = " ".join(one for one in parts if one)[:160]
    return f"{moment(entry.at)} {kind}" + (f"：{words}。" if words else "。")


_FIRST = (
    "advice",
    "conclusions",
    "result",
    "title",
    "headline",
    "task",
    "question",
    "situation",
    "words",
    "name",
    "why",
)
