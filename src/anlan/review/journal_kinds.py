"""The kinds of journal entries that review writes, in Chinese and English."""

from __future__ import annotations

JOURNAL_KINDS: dict[str, tuple[str, str]] = {
    "review.opened": ("开展复盘", "review opened"),
    "review.computed": ("重新汇总留痕", "review computed again"),
    "review.worded": ("修改复盘总结", "summary of a review written"),
    "review.final": ("复盘定稿", "review finished"),
    "review.draft": ("重新打开复盘", "review reopened"),
    "review_finding.added": ("确认复盘发现", "finding filed"),
    "review_finding.set_aside": ("不采纳复盘建议", "suggestion dropped"),
    "review_finding.dropped": ("撤销复盘发现", "finding dropped"),
    "lesson.opened": ("列入整改", "lesson opened"),
    "lesson.changed": ("调整整改", "lesson changed"),
    "lesson.reminded": ("整改到期提醒", "lesson is due"),
    "lesson.overdue": ("整改逾期", "lesson is overdue"),
    "lesson.done": ("完成整改", "lesson mended"),
    "lesson.dropped": ("不再整改", "lesson dropped"),
    "lesson.open": ("重新整改", "lesson opened again"),
    "case_record.added": ("案例入库", "case added"),
    "case_record.described": ("修改案例", "case described"),
    "case_record.retired": ("案例停用", "case retired"),
    "case_file.made": ("制作案卷", "case file made"),
    "case_file.handed_out": ("下载案卷", "case file handed out"),
}
