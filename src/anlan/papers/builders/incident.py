"""Papers about one incident, one report, one message, one order."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from anlan.directory.numbers import mask
from anlan.documents.paper.content import Block, Content, Fields, Heading, Para, Row, replace
from anlan.incidents.models import ChaseOrder, Incident
from anlan.intake.models import Intake
from anlan.kernel.refusals import NotFound
from anlan.papers.builders.common import (
    ending_of,
    figure_words,
    grade_words,
    map_picture,
    moment,
    number_words,
    point_of,
    sentence,
    stamp,
    unit_of,
)
from anlan.papers.services.making import said
from anlan.papers.types import Draft
from anlan.places import queries as places
from anlan.places.models import Division
from anlan.reporting.content import report_content
from anlan.reporting.models import UpwardReport
from anlan.reporting.types import FigureValue, ReportContent
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.figures import FIGURES
from anlan.vocab.incidents import INFORMANT_LABELS, TYPES, Informant
from anlan.warning.models import RiskNotice
from anlan.warning.notice_paper import notice_content

#: Elements of a few words each: they stand in one form instead of a chapter each.
_FACTS = frozenset(
    {"received_at", "source", "occurred_at", "place", "nature", "unit", "persons", "loss", "reference"}
)
NUMERALS = "一二三四五六七八九十"


def informant_words(code: str) -> str:
    return INFORMANT_LABELS[Informant(code)][0] if code in set(Informant) else code


def _teller(incident: Incident) -> str:
    """A village or township tells by its name."""
    if incident.informant in (Informant.VILLAGE, Informant.TOWNSHIP):
        return incident.division.name
    return informant_words(incident.informant)


def place_of(incident: Incident) -> str:
    return where(incident.division.name, incident.place_words)


def where(division: str, words: str) -> str:
    """The division before the words, once."""
    return division + words.removeprefix(division)


def flash(incident: Incident, *, at: datetime) -> Draft:
    """值班快报: what is known at this minute, on one page."""
    home = places.county() or incident.division
    face = TYPES[incident.event_type]
    opening = (
        f"{moment(incident.known_at)}，接{_teller(incident)}报告："
        f"{moment(incident.occurred_at)}，{place_of(incident)}发生{face.zh}。"
    )
    if incident.is_restricted:
        opening = f"{moment(incident.known_at)}接报，{place_of(incident)}发生{face.zh}。" + (
            f"主管系统编号：{incident.reference}。" if incident.reference else ""
        )
    parts: list[tuple[str, str]] = [
        ("基本情况", opening + sentence(incident.course)),
        ("人员伤亡与损失", sentence(figure_words(incident)) or "暂未接到人员伤亡和损失报告，正在核实。"),
        ("原因初判", sentence(incident.cause_words)),
        ("已采取的措施", sentence(incident.measures)),
        ("发展趋势", sentence(incident.trend)),
        (
            "领导批示",
            "".join(
                f"{one.leader}：{sentence(one.words)}" for one in incident.remarks.order_by("said_at", "id")
            ),
        ),
    ]
    blocks: list[Block] = []
    for number, (name, words) in enumerate([part for part in parts if part[1]]):
        blocks += [Heading(f"{NUMERALS[number]}、{name}"), Para(words)]
    blocks.append(Para(f"事件等级：{grade_words(incident.grade)}。后续情况将及时续报。"))
    blocks.append(map_picture(home, point_of(incident), caption="事件位置示意图"))
    title = f"关于{incident.title}的快报"
    content = Content(
        kind="flash",
        head="值班快报",
        unit=unit_of(home),
        dated=said(at),
        title=title,
        blocks=tuple(blocks),
        ending=ending_of(home, at),
        foot=(f"事件编号：{incident.number}",),
        phone=f"【值班快报】{opening}{sentence(figure_words(incident))}{sentence(incident.measures)}",
    )
    return Draft("flash", title, content, home, f"incident:{incident.pk}", incident)


def special_of_incident(incident: Incident, *, at: datetime) -> Draft:
    """专报 of an incident whose report chain is kept elsewhere: the same facts under the heading of a special report."""
    draft = flash(incident, at=at)
    home = draft.division
    title = f"关于{incident.title}的报告"
    content = Content(
        kind="special",
        head="突发事件信息专报",
        unit=unit_of(home),
        dated=said(at),
        title=title,
        signer="　　　",
        blocks=draft.content.blocks,
        ending=ending_of(home, at),
        foot=draft.content.foot,
        phone=draft.content.phone,
    )
    return Draft("special", title, content, home, draft.subject, incident)


def special(report: UpwardReport, *, at: datetime) -> Draft:
    """突发事件信息专报 of one report of the chain, with what changed since the one before marked."""
    found = report_content(report, at=at)
    facts: list[Row] = []
    numbered: list[tuple[str, list[Block]]] = []
    for element in found.elements:
        words = element.words.strip() or ("正在核实，核实后续报" if element.is_unknown else "")
        if words and element.code in _FACTS:
            facts.append(Row(element.zh, words, element.is_changed))
        elif words:
            numbered.append((element.zh, [Para(sentence(words), changed=element.is_changed)]))
    if facts:
        numbered.insert(0, ("基本情况", [Fields(tuple(facts))]))
    blocks: list[Block] = [Para(_opening(found, at))]
    for number, (name, paragraphs) in enumerate(numbered):
        mark = NUMERALS[number] if number < len(NUMERALS) else f"十{NUMERALS[number - 10]}"
        blocks += [Heading(f"{mark}、{name}"), *paragraphs]
    figures = (*(_figure_row(one) for one in found.figures), *_withdrawn_rows(report, found))
    if figures:
        blocks += [Heading("附：滚动统计", 2), Fields(figures)]
    if report.incident is not None and not found.is_restricted:
        blocks.append(
            map_picture(
                places.county() or report.division, point_of(report.incident), caption="事件位置示意图"
            )
        )
    home = report.division
    content = Content(
        kind="special",
        head="突发事件信息专报",
        subhead=f"（{found.kind_zh}{'·直报' if found.is_direct else ''}）",
        unit=unit_of(home),
        dated=said(found.signed_at or at),
        title=found.title,
        signer=found.signer or "　　　",
        issue=found.number or "（未签发）",
        addressee="、".join(found.receivers),
        blocks=tuple(blocks),
        ending=ending_of(home, found.signed_at or at),
        foot=(f"事件编号：{found.incident_number}",) if found.incident_number else (),
        phone=found.text,
    )
    return Draft(
        "special",
        found.title,
        content,
        home,
        f"upward_report:{report.pk}",
        report.incident,
        found.is_restricted,
        signed_by=found.signer,
        signed_at=found.signed_at,
    )


def _figure_row(one: FigureValue) -> Row:
    """The number with its source; beside a changed one what the report before said."""
    words = f"{number_words(one.value)}{one.unit_zh}（{one.source}，{stamp(one.as_of)}"
    words += "）" if one.is_verified else "，待核实）"
    if one.former is not None:
        words += f"，前报{number_words(one.former)}{one.unit_zh}"
    return Row(one.zh, words, one.is_changed)


def _withdrawn_rows(report: UpwardReport, found: ReportContent) -> tuple[Row, ...]:
    """What the report before counted and nobody counts any more."""
    told = {one.code for one in found.figures}
    former: dict[str, str | None] = report.changes.get("figures", {})
    return tuple(
        Row(FIGURES[code].zh, f"已撤回，前报{number_words(Decimal(value))}{FIGURES[code].unit_zh}", True)
        for code, value in former.items()
        if code in FIGURES and code not in told and value is not None
    )


def _opening(found: ReportContent, at: datetime) -> str:
    when = moment(found.signed_at or at)
    is_marked = any(one.is_changed for one in found.elements) or any(one.is_changed for one in found.figures)
    marks = "（▲为较前报有变化的内容）" if is_marked else ""
    if found.kind == "follow_up":
        return f"接前报，现将截至{when}的最新情况续报如下{marks}："
    if found.kind == "final":
        return f"事件处置已结束，现将有关情况终报如下{marks}："
    return f"现将截至{when}的有关情况报告如下："


def chase(order: ChaseOrder, *, at: datetime) -> Draft:
    """督办单: who must do what by when, with the answer once there is one."""
    home = places.county() or order.division
    rows = [
        Row("督办单位", order.addressee),
        Row("督办事项", order.task),
        Row(
            "依据",
            f"{order.remark.leader}批示：{order.remark.words}" if order.remark is not None else "值班督办",
        ),
        Row(
            "相关事件",
            f"{order.incident.number} {order.incident.title}" if order.incident is not None else "—",
        ),
        Row("下发时间", f"{stamp(order.issued_at)}　经办：{_name(order.issued_by)}"),
        Row("办结时限", stamp(order.due_at)),
        Row(
            "签收", f"{stamp(order.acknowledged_at)}　{_name(order.acknowledged_by)}".strip() or "（未签收）"
        ),
        Row("办理结果", joined_answer(order)),
        Row("办结", (stamp(order.closed_at) or "（未办结）") + ("　逾期" if order.is_late else "")),
    ]
    title = f"督办单 {order.number}"
    content = Content(
        kind="chase",
        head="督办单",
        unit=unit_of(home),
        dated=said(at),
        issue=order.number,
        addressee=order.addressee,
        blocks=(Fields(tuple(rows)),),
        ending=ending_of(home, order.issued_at),
    )
    return Draft("chase", title, content, order.division, f"chase_order:{order.pk}", order.incident)


def joined_answer(order: ChaseOrder) -> str:
    if not order.answer:
        return "（未反馈）"
    return f"{order.answer}\n{stamp(order.answered_at)}　{_name(order.answered_by)}"


def _name(ref: str) -> str:
    from anlan.reporting.services.common import person_name

    return person_name(ref) if ref else ""


def intake(message: Intake, *, at: datetime) -> Draft:
    """接报单: the call as it was taken. The number is masked; the record has it for those who may see it."""
    county = places.county()
    home = _desk_of(message.division) or county
    if home is None:
        raise NotFound
    state = {
        "received": "已接报",
        "verifying": "核实中",
        "verified": "已核实",
        "not_true": "不属实",
        "fed_back": "已反馈",
        "handed_on": "已转办",
    }
    number = mask(message.caller_number) if message.caller_number else "未显示"
    rows = [
        Row("接报时间", stamp(message.received_at)),
        Row("信息来源", f"{informant_words(message.source)}　{message.sender_name}".strip()),
        Row("来电人", f"{message.caller_name or '未说明'}　{message.caller_post}".strip()),
        Row("来电号码", number),
        Row("发生时间", stamp(message.occurred_at) or "未说明"),
        Row(
            "发生地点",
            where(message.division.name if message.division else "", message.place_words)
            or message.elsewhere
            or "未说明",
        ),
        Row("事件类别", TYPES[message.event_type].zh if message.event_type in TYPES else "待定"),
        Row("报告内容", message.text),
        Row("人员伤亡", message.casualties or "未说明"),
        *_told_figures(message),
        Row("已告知", message.told or "—"),
        Row("处理", f"{state.get(message.state, message.state)}　{message.result}".strip()),
        Row("转办", message.handed_to or "—"),
        Row("反馈", f"{stamp(message.fed_back_at)} {message.feedback_words}".strip() or "—"),
        Row("关联事件", message.incident.number if message.incident is not None else "—"),
        Row("接报人", message.recorder_name or _name(message.recorder)),
    ]
    content = Content(
        kind="intake",
        head="接报单",
        unit=unit_of(county or home),
        dated=said(message.received_at),
        issue=message.number,
        blocks=(Fields(tuple(rows)),),
        ending=("值班员签字：＿＿＿＿＿＿", "带班领导签字：＿＿＿＿＿＿"),
    )
    return Draft(
        "intake",
        f"接报单 {message.number}",
        content,
        home,
        f"intake:{message.pk}",
        message.incident,
        message.is_restricted,
    )


def _desk_of(division: Division | None) -> Division | None:
    """The township's desk for its villages and sites: who keeps the message may print it."""
    while division is not None and division.level not in (DivisionLevel.TOWNSHIP, DivisionLevel.COUNTY):
        division = division.parent
    return division


def _told_figures(message: Intake) -> tuple[Row, ...]:
    told = [
        f"{FIGURES[code].zh}{value}{FIGURES[code].unit_zh}"
        for code, value in message.figures.items()
        if code in FIGURES
    ]
    return (Row("所报数字", "，".join(told)),) if told else ()


def notice(row: RiskNotice, *, at: datetime) -> Draft:
    """灾害风险提示单 with the rectification reports that answered it, under the number that it was signed with."""
    content = replace(notice_content(row), issue=row.number or "（未签发）")
    title = f"风险提示单 {row.number} {row.title}".replace("  ", " ")
    return Draft("notice", title, content, row.division, f"risk_notice:{row.pk}")
