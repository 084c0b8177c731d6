"""A risk notice and its rectification reports as one Word document, for signature, fax and the file."""

from __future__ import annotations

import io
from zoneinfo import ZoneInfo

from anlan.vocab.levels import Level
from anlan.warning.models import RectificationReport, RiskNotice
from anlan.warning.spoken import DRILL_MARK

BEIJING = ZoneInfo("Asia/Shanghai")
#: The font of official papers; where it is missing, the reader's machine takes its own.
FONT = "仿宋"


def notice_docx(notice: RiskNotice) -> bytes:
    """The bytes of the document. Chinese content: it is an official paper, not a screen."""
    from docx import Document  # brings lxml; only who prints pays for it
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.shared import Pt

    paper = Document()
    normal = paper.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(15)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    head = paper.add_paragraph()
    head.alignment = WD_ALIGN_PARAGRAPH.CENTER
    mark = DRILL_MARK if notice.exercise_id is not None else ""
    run = head.add_run(f"{mark}灾害风险提示单")
    run.bold, run.font.size = True, Pt(22)
    paper.add_paragraph(f"编号：{notice.number or '（未签发）'}")
    paper.add_paragraph(f"{notice.addressee}：")
    paper.add_paragraph(notice.title).runs[0].bold = True
    if notice.level is not None:
        face = Level(notice.level).face
        paper.add_paragraph(f"风险等级：{face.roman}级（{face.zh}）")
    for part in (notice.body, notice.demands):
        for line in part.splitlines():
            paper.add_paragraph(line)
    if notice.reply_by is not None:
        paper.add_paragraph(f"请于{notice.reply_by.astimezone(BEIJING):%Y年%m月%d日}前反馈整改报告单。")
    for line in _signature(notice):
        end = paper.add_paragraph(line)
        end.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for report in notice.reports.order_by("reported_at"):
        paper.add_page_break()  # type: ignore[no-untyped-call]  # the library leaves it without types
        title = paper.add_paragraph()
        title.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = title.add_run(f"{mark}整改报告单")
        run.bold, run.font.size = True, Pt(22)
        for line in _report_lines(notice, report):
            paper.add_paragraph(line)
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()


def _signature(notice: RiskNotice) -> list[str]:
    lines = [notice.issuer]
    if notice.issued_at is not None:
        lines += [f"签发人：{notice.signed_by}", f"{notice.issued_at.astimezone(BEIJING):%Y年%m月%d日}"]
    return lines


def _report_lines(notice: RiskNotice, report: RectificationReport) -> list[str]:
    verdict = {"accepted": "通过", "returned": "退回", "": "待审查"}[report.verdict]
    lines = [f"编号：{report.number}", f"对应风险提示单：{notice.number}", *report.body.splitlines()]
    if report.finished_on is not None:
        lines.append(f"完成日期：{report.finished_on:%Y年%m月%d日}")
    lines += [
        f"报告单位（人）：{report.reported_by}",
        f"报告时间：{report.reported_at.astimezone(BEIJING):%Y年%m月%d日 %H:%M}",
        f"审查意见：{verdict} {report.verdict_words}".rstrip(),
    ]
    return lines
