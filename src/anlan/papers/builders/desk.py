"""Papers of the duty room: the morning brief, daily and weekly reports, log, handover, minutes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from anlan.dissemination.statistics import figures as callout_figures
from anlan.documents.paper.content import Block, Content, Fields, Heading, Para, Row, Table
from anlan.duty import queries as duty
from anlan.duty.types import LogLine
from anlan.incidents.models import ChaseOrder, Incident
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.papers.builders.analysis import analyse, blocks_of
from anlan.papers.builders.common import (
    chain_line,
    chain_words,
    ending_of,
    figure_words,
    grade_words,
    joined,
    map_picture,
    moment,
    point_of,
    sentence,
    stamp,
    unit_of,
)
from anlan.papers.builders.entrywords import entry_words
from anlan.papers.builders.rain import span_for, warning_lines, water, zones_of
from anlan.papers.refusals import NothingWritten
from anlan.papers.services.making import said
from anlan.papers.types import Draft
from anlan.places.models import Division
from anlan.vocab.incidents import TYPES
from anlan.vocab.posts import Right
from anlan.warning.queries import in_force

ROWS = 30


def recent_incidents(division: Division, start: datetime, end: datetime) -> list[Incident]:
    """Of the run of this folder; nothing restricted, nothing untrue or merged."""
    rows = Incident.objects.filter(
        division__path__startswith=division.path,
        known_at__gt=start,
        known_at__lte=end,
        is_restricted=False,
        exercise_id=clocks.default_exercise_id(),
    ).exclude(state__in=("not_true", "merged"))
    return list(
        rows.select_related("division").defer("division__geometry").order_by("-known_at", "-id")[:ROWS]
    )


def on_duty_words(division: Division, at: datetime) -> str:
    found = duty.on_duty_now(division, at=at)
    leaders = "、".join(one.name for one in found if one.is_leader)
    others = "、".join(one.name for one in found if not one.is_leader)
    return (
        joined(
            [f"带班领导：{leaders}" if leaders else "", f"值班员：{others}" if others else ""],
            "；",
            "（未排班）",
        )
        + "。"
    )


def incident_table(rows: list[Incident]) -> Table:
    return Table(
        ("时间", "地点", "类型", "等级", "简要情况"),
        tuple(
            (
                moment(one.known_at),
                one.division.name,
                TYPES[one.event_type].zh,
                grade_words(one.grade),
                joined([one.title, figure_words(one)], "，"),
            )
            for one in rows
        ),
        caption="突发事件一览",
        widths=(1.7, 1.5, 1.5, 1.6, 4),
        empty="未接到突发事件报告",
    )


def open_orders(division: Division) -> list[str]:
    rows = ChaseOrder.objects.filter(
        division__path__startswith=division.path,
        state__in=("issued", "acknowledged", "answered"),
        exercise_id=clocks.default_exercise_id(),
    ).exclude(incident__is_restricted=True)
    return [
        f"{one.number} {one.addressee}：{sentence(one.task)}时限{moment(one.due_at)}。"
        for one in rows.order_by("due_at", "id")[:10]
    ]


def day_paper(kind: str, head: str, *, division: Division, actor: Actor, at: datetime) -> Draft:
    """早报 and 日报: the last 24 hours on two pages."""
    start = at - timedelta(hours=24)
    now = water(actor, span_for(at), at=at)
    warnings = in_force(actor, at)
    rows = recent_incidents(division, start, at)
    orders = open_orders(division)
    warned = warning_lines(warnings)
    reached = _callout_words(actor, start, at)
    blocks: list[Block] = [
        Heading("一、值班情况"),
        Para(on_duty_words(division, at)),
        Heading("二、雨情水情"),
        *(Para(line) for line in now.words),
        Heading("三、预警与叫应"),
        *(Para(line) for line in (warned or ["目前无生效预警。"])),
        Para(reached),
        Heading("四、突发事件"),
        Para(f"{moment(start)}至{moment(at)}，共接报突发事件{len(rows)}起。"),
        incident_table(rows),
        Heading("五、督办事项"),
        *(Para(line) for line in (orders or ["无未办结的督办事项。"])),
        map_picture(
            division,
            [*(point for one in rows for point in point_of(one)), *now.points],
            zones_of(warnings),
            caption="全县情况示意图",
        ),
    ]
    content = Content(
        kind=kind,
        head=head,
        unit=unit_of(division),
        dated=said(at),
        blocks=tuple(blocks),
        ending=ending_of(division, at),
        foot=(chain_line(),),
        phone=f"【{head}】{said(at)}。{now.short}生效预警{len(warnings)}条。24小时接报突发事件{len(rows)}起"
        + (f"：{joined([f'{one.division.name}{one.title}' for one in rows[:3]])}。" if rows else "。"),
    )
    return Draft(kind, f"{said(at)}{head}", content, division, period_from=start, period_to=at)


def _callout_words(actor: Actor, start: datetime, at: datetime) -> str:
    found = callout_figures(actor, start=start, end=at)
    if not found.by_callout:
        return "24小时内未发起叫应。"
    whole = found.whole
    return (
        f"24小时内发起叫应{len(found.by_callout)}次，涉及{whole.seats}个对象，送达{whole.reached}个，"
        f"应答{whole.answered}个，未应答{whole.silent}个，失联{whole.lost}个。"
    )


def weekly(*, division: Division, actor: Actor, at: datetime) -> Draft:
    """周报: seven days beside the seven before, with the list and the map."""
    end = at
    start = end - timedelta(days=7)
    found = analyse(actor, division, start, end)
    rows = recent_incidents(division, start, end)
    content = Content(
        kind="weekly",
        head="值班周报",
        unit=unit_of(division),
        dated=said(at),
        blocks=(
            *blocks_of(found, division),
            Heading("五、主要事件"),
            incident_table(rows),
            Heading("六、督办事项"),
            *(Para(line) for line in (open_orders(division) or ["无未办结的督办事项。"])),
        ),
        ending=ending_of(division, at),
        foot=(chain_line(),),
    )
    return Draft("weekly", f"{said(at)}值班周报", content, division, period_from=start, period_to=end)


def log(*, division: Division, actor: Actor, start: datetime, end: datetime, at: datetime) -> Draft:
    """值班日志: the room's journal of a period as a table, with who was on duty."""
    found = duty.log_content(division, start=start, end=end, actor=actor)
    names = dict(
        Division.objects.filter(pk__in={one.place for one in found.lines if one.place}).values_list(
            "pk", "name"
        )
    )
    lines = tuple((_short(one.at), one.who or "系统", _line_words(one, names)) for one in found.lines)
    content = Content(
        kind="log",
        head="值班日志",
        unit=unit_of(division),
        dated=said(at),
        blocks=(
            Fields(
                (
                    Row("值班室", found.room_name),
                    Row("时段", f"{stamp(found.start)} 至 {stamp(found.end)}"),
                    Row("值班人员", "、".join(found.on_duty) or "（未排班）"),
                )
            ),
            Table(("时间", "人员", "事项"), lines, widths=(1.6, 1.4, 6), empty="本时段无记录"),
            *([Para(f"记录过多，仅列最近{len(lines)}条；其余见留痕记录。")] if found.is_cut else []),
        ),
        ending=("值班员签字：＿＿＿＿＿＿", "带班领导签字：＿＿＿＿＿＿"),
        foot=(chain_words(found.chain_seq, found.chain_hash),),
    )
    title = f"{stamp(start)}至{stamp(end)}值班日志"
    # The log of a reader who may read restricted things may hold some; so may the paper.
    may_hold = actor.can(Right.SEE_RESTRICTED, division.path)
    return Draft("log", title, content, division, is_restricted=may_hold, period_from=start, period_to=end)


def _line_words(line: LogLine, names: Mapping[str, str]) -> str:
    """A note as it was written; an entry by its kind, with the place."""
    if line.is_note:
        return line.text + ("（已更正）" if line.corrected_by is not None else "")
    words = entry_words().get(line.kind, ("其他记录", ""))[0]
    return joined([words, line.text or names.get(line.place, "")], "：")


CLOCK_WORDS = {"synced": "已同步", "unsynced": "未同步", "unknown": "未知"}


def handover(row: Any, *, at: datetime) -> Draft:
    """交接班记录 with both signatures and the head of the journal's chain. Restricted items stand on it without their words:
    the sheet lies on the desk; whoever may read them finds them on the page."""
    found = duty.handover_content(row, sees_restricted=False)
    blocks: list[Block] = [
        Fields(
            (
                Row("值班室", found.room_name),
                Row("班次", f"{stamp(found.shift_from)} 至 {stamp(found.shift_to)}"),
                Row("本班人员", "、".join(found.on_duty) or "—"),
                Row("接班人员", "、".join(found.next_on_duty) or "—"),
                Row("交班人", f"{found.given_by}　{stamp(found.given_at)}"),
                Row("接班人", joined([found.taken_by, stamp(found.taken_at)], "　", "（未接班）")),
                Row("接班意见", found.taken_words or "—"),
                Row("交班说明", found.summary or "—"),
                Row("时钟同步", CLOCK_WORDS.get(found.clock_sync, found.clock_sync)),
            )
        ),
        Heading("一、待办事项"),
    ]
    for group in found.groups:
        blocks.append(
            Table(
                ("事项", "状态", "起始", "时限"),
                tuple(
                    (one.title, _state(one), _short(one.since), _short(one.due_at) if one.due_at else "—")
                    for one in group.lines
                ),
                caption=group.zh,
                widths=(6.4, 3.4, 2.8, 2.8),
            )
        )
    if not any(group.lines for group in found.groups):
        blocks.append(Para("无待办事项。"))
    blocks.append(Heading("二、上次交接后办结"))
    blocks += [Para(one.title) for one in found.done] or [Para("无。")]
    content = Content(
        kind="handover",
        head="交接班记录",
        unit=unit_of(row.room.division),
        dated=said(found.given_at),
        issue=found.number,
        blocks=tuple(blocks),
        ending=("交班人签字：＿＿＿＿＿＿", "接班人签字：＿＿＿＿＿＿"),
        foot=(chain_words(found.chain_seq, found.chain_hash),),
    )
    return Draft(
        "handover",
        f"交接班记录 {found.number}",
        content,
        row.room.division,
        f"handover:{row.pk}",
        period_from=found.shift_from,
        period_to=found.shift_to,
    )


def _short(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%m-%d %H:%M}"


def _state(line: Any) -> str:
    marks = "（新增）" if line.is_new else f"（结转{line.carried}次）" if getattr(line, "carried", 0) else ""
    return ("状态未知" if line.is_unknown else line.state_zh) + marks


def minutes(form: Mapping[str, str], *, division: Division, at: datetime) -> Draft:
    """会商纪要: what a person wrote, in the order of a minute."""
    topic, decided = form.get("topic", "").strip(), form.get("decided", "").strip()
    if not topic or not decided:
        raise NothingWritten
    head = [
        ("时间", form.get("when", "").strip() or stamp(at)),
        ("地点", form.get("where", "").strip()),
        ("主持", form.get("chair", "").strip()),
        ("参加", form.get("present", "").strip()),
        ("记录", form.get("clerk", "").strip()),
    ]
    blocks: list[Block] = [Fields(tuple(Row(label, value) for label, value in head if value))]
    parts = (("会商情况", form.get("said", "")), ("研判意见", form.get("judged", "")), ("议定事项", decided))
    for number, (name, words) in enumerate([part for part in parts if part[1].strip()]):
        blocks.append(Heading(f"{'一二三'[number]}、{name}"))
        blocks += [Para(line.strip()) for line in words.splitlines() if line.strip()]
    title = f"关于{topic}的会商纪要"
    content = Content(
        kind="minutes",
        head="会商纪要",
        unit=unit_of(division),
        dated=said(at),
        title=title,
        signer="　　　",
        blocks=tuple(blocks),
        ending=ending_of(division, at),
        copies=form.get("copies", "").strip(),
    )
    return Draft("minutes", title, content, division)
