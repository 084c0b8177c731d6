"""总结评估报告: what a review found, from the rows as people left them. Times and limits are those that it keeps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from anlan.documents.paper.content import Block, Content, Heading, Para, Table
from anlan.drills.models import Drill
from anlan.incidents.models import Incident
from anlan.papers.builders.common import ending_of, moment, sentence, stamp, unit_of
from anlan.papers.services.making import said
from anlan.papers.types import Draft
from anlan.review.lines import Line, lines_in, minutes_words, tally, units_of, urgency
from anlan.review.models import Lesson, Review, ReviewFinding
from anlan.review.stepwords import CODES, FINDING_KINDS, LESSON_STATES, MARKS

#: Rows of a table that a paper prints; the platform shows them all.
MOST = 60


def review(row: Review, *, at: datetime) -> Draft:
    """A draft until the leader signs; a review that is not final says so under its head."""
    lines = lines_in(row.computed)
    findings = list(row.findings.filter(dropped_at=None).order_by("made_at", "pk"))
    lessons = list(
        row.lessons.exclude(state="dropped").select_related("owner", "plan").order_by("due_on", "pk")
    )
    parts: list[tuple[str, list[Block]]] = [
        ("基本情况", _basics(row, lines)),
        ("时限执行情况", _limits(lines)),
        ("各单位执行情况", _units(lines)),
        ("主要经验与问题", _findings(findings)),
        ("整改事项", _lessons(lessons)),
        ("总结", [Para(line) for line in row.summary.splitlines() if line.strip()] or [Para("（待补充）")]),
    ]
    blocks: list[Block] = []
    for number, (heading, body) in zip("一二三四五六", parts, strict=True):
        blocks += [Heading(f"{number}、{heading}"), *body]
    is_drill = row.drill_id is not None
    content = Content(
        kind="review",
        head="应急演练评估报告" if is_drill else "突发事件总结评估报告",
        subhead="" if row.state == "final" else "（复盘尚未定稿）",
        unit=unit_of(row.division),
        dated=said(at),
        title=row.title,
        blocks=tuple(blocks),
        ending=ending_of(row.division, at),
        foot=(f"据平台留痕自动汇总，汇总时间{stamp(row.computed_at)}；复盘人：{row.made_by_name}。",),
    )
    return Draft(
        "review", row.title, content, row.division, f"review:{row.pk}", row.incident, is_restricted=_is_closed(row)
    )  # fmt: skip


def _is_closed(row: Review) -> bool:
    """Of a drill with a restricted incident in its run the paper is restricted as the review is."""
    if row.incident is not None:
        return row.incident.is_restricted
    run = row.drill.run_id if row.drill is not None else None
    return run is not None and Incident.objects.filter(exercise_id=run, is_restricted=True).exists()


def _basics(row: Review, lines: Sequence[Line]) -> list[Block]:
    sums = tally(lines)
    score = "无可比时限" if sums.score is None else f"时限符合率{sums.score:g}%"
    counted = "，".join(f"{zh}{sums.counts[code]}项" for code, (zh, _en) in MARKS.items() if sums.counts.get(code))  # fmt: skip
    about = _of_incident(row.incident) if row.incident is not None else _of_drill(row.drill)
    return [Para(about), Para(f"共梳理处置步骤{len(lines)}项：{counted or '无'}；{score}。")]


def _of_incident(one: Incident) -> str:
    end = f"，{moment(one.closed_at)}办结" if one.closed_at is not None else "，尚未办结"
    where = f"{one.division.name}{one.place_words}"
    if one.is_restricted:
        return f"{one.number}，{moment(one.known_at)}知悉{end}。"
    return f"{one.number}，{one.title}，{where}，{moment(one.known_at)}知悉{end}。{sentence(one.course)}"


def _of_drill(drill: Drill | None) -> str:
    if drill is None:
        return ""
    day = f"，{drill.held_on:%Y年%m月%d日}开展" if drill.held_on is not None else ""
    return f"{drill.number}，{drill.title}{day}。{sentence(drill.summary)}"


def _limits(lines: Sequence[Line]) -> list[Block]:
    broken = sorted((line for line in lines if line.is_broken), key=urgency)
    rows = tuple(
        (
            CODES.get(line.code, (line.code, ""))[0] + (f"：{line.title}" if line.title else ""),
            line.who,
            minutes_words(line.took_min) or "未办",
            minutes_words(line.limit_min) or "无时限",
            MARKS[line.mark.value][0],
            line.source[0] + ("" if line.is_verified else "（待确认）"),
        )
        for line in broken[:MOST]
    )
    columns = ("步骤", "责任单位", "用时（分钟）", "时限（分钟）", "评定", "时限来源")
    table = Table(columns, rows, widths=(4, 2, 1.2, 1.2, 1.2, 2.6), right=(2, 3), empty="已知时限均未突破")
    more = [Para(f"其余{len(broken) - MOST}项见平台。")] if len(broken) > MOST else []
    return [table, *more]


def _units(lines: Sequence[Line]) -> list[Block]:
    rows = tuple(
        (
            one.name,
            str(one.steps),
            str(one.kept),
            str(one.late),
            str(one.missed),
            minutes_words(one.answer_min) or "—",
            minutes_words(one.finish_min) or "—",
        )
        for one in units_of(lines)[:MOST]
    )
    columns = ("单位", "步骤", "按时", "超时", "未办", "应答中位数（分钟）", "办结中位数（分钟）")
    return [Table(columns, rows, widths=(3, 1, 1, 1, 1, 1.6, 1.6), right=(1, 2, 3, 4, 5, 6))]


def _findings(findings: Sequence[ReviewFinding]) -> list[Block]:
    if not findings:
        return [Para("无。")]
    return [Para(f"（{FINDING_KINDS[one.kind][0]}）{sentence(one.words)}") for one in findings]


def _lessons(lessons: Sequence[Lesson]) -> list[Block]:
    rows = tuple(
        (
            one.words if one.plan is None else f"{one.words}（修订《{one.plan.title}》）",
            f"{one.owner.name} {one.owner_words}".strip(),
            f"{one.due_on:%Y-%m-%d}" if one.due_on is not None else "未定",
            LESSON_STATES[one.state][0],
        )
        for one in lessons
    )
    return [Table(("整改事项", "责任单位", "完成时限", "状态"), rows, widths=(4, 2, 1.4, 1.2))]
