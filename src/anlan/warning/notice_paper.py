"""A risk notice and its rectification reports as one official paper, for signature, fax and the file."""

from __future__ import annotations

import json
from datetime import date, datetime
from zoneinfo import ZoneInfo

from anlan.documents.paper.content import Block, Content, Fields, PageBreak, Para, Row
from anlan.documents.paper.shipped import shipped_template
from anlan.journal.models import Entry
from anlan.kernel.clock import parse_instant
from anlan.vocab.levels import Level
from anlan.warning.models import RectificationReport, RiskNotice
from anlan.warning.spoken import DRILL_MARK

BEIJING = ZoneInfo("Asia/Shanghai")
_VERDICTS = {"accepted": "通过", "returned": "退回", "": "待审查"}


def notice_docx(notice: RiskNotice) -> bytes:
    """The bytes of the document. Chinese content: it is an official paper, not a screen."""
    from anlan.documents.paper.word import paper_docx  # brings lxml; only who prints pays for it

    return paper_docx(notice_content(notice), shipped_template(), to_png=None)


def notice_content(notice: RiskNotice) -> Content:
    """What the paper says, as every official paper of the platform is kept."""
    mark = DRILL_MARK if notice.exercise_id is not None else ""
    blocks: list[Block] = []
    if notice.level is not None:
        face = Level(notice.level).face
        blocks.append(Para(f"风险等级：{face.roman}级（{face.zh}）", bold=True))
    blocks += [
        Para(line) for part in (notice.body, notice.demands) for line in part.splitlines() if line.strip()
    ]
    reports = list(notice.reports.order_by("reported_at", "id"))
    asked = _asked_first(notice) if any(one.verdict == "returned" for one in reports) else notice.reply_by
    if asked is not None:
        blocks.append(Para(f"请于{_day(asked.astimezone(BEIJING))}前反馈整改报告单。"))
    signed = notice.issued_at
    dated = _day(signed.astimezone(BEIJING)) if signed is not None else ""
    ending = tuple(line for line in (notice.issuer, dated) if line)
    if reports:
        # The signature belongs under the notice, not under the reports that answered it.
        blocks += [Para(line, align="right") for line in ending]
    for report in reports:
        blocks += [
            PageBreak(),
            Para(f"{mark}整改报告单", align="center", bold=True),
            Para(f"编号：{report.number}", indent=False),
            Fields(_report_rows(notice, report, is_last=report is reports[-1])),
        ]
    return Content(
        kind="notice",
        head="灾害风险提示单",
        unit=notice.issuer,
        dated=dated,
        title=notice.title,
        issue=f"编号：{notice.number or '（未签发）'}",
        signer=notice.signed_by if signed is not None else "　　　",
        addressee=notice.addressee,
        blocks=tuple(blocks),
        ending=() if reports else ending,
        mark=mark,
    )


def _day(day: date) -> str:
    """As official papers write it, without zeros."""
    return f"{day.year}年{day.month}月{day.day}日"


def _asked_first(notice: RiskNotice) -> datetime | None:
    """The day that was signed: a returned report moves the row's own day on, the journal keeps the former."""
    entries = Entry.objects.filter(
        subject_type="risk_notice", subject_id=str(notice.pk), kind="risk_notice.drafted"
    )
    for payload in entries.values_list("payload", flat=True):
        kept = json.loads(payload) if payload else {}
        day = kept.get("set", kept).get("reply_by")
        if isinstance(day, str):
            return parse_instant(day)
    return notice.reply_by


def _report_rows(notice: RiskNotice, report: RectificationReport, *, is_last: bool) -> tuple[Row, ...]:
    finished = _day(report.finished_on) if report.finished_on is not None else "—"
    reported = report.reported_at.astimezone(BEIJING)
    again: tuple[Row, ...] = ()
    if is_last and report.verdict == "returned" and notice.reply_by is not None:
        again = (Row("重新反馈期限", _day(notice.reply_by.astimezone(BEIJING))),)
    return (
        Row("对应风险提示单", notice.number),
        Row("整改情况", report.body),
        Row("完成日期", finished),
        Row("报告单位（人）", report.reported_by),
        Row("报告时间", f"{_day(reported)} {reported:%H:%M}"),
        Row("审查意见", f"{_VERDICTS[report.verdict]} {report.verdict_words}".strip()),
        *again,
    )
