"""The kinds of journal entries that drills write, in Chinese and English."""

from __future__ import annotations

JOURNAL_KINDS: dict[str, tuple[str, str]] = {
    "drill.planned": ("列入演练计划", "drill planned"),
    "drill.described": ("修改演练", "drill changed"),
    "drill.scripted": ("编写演练脚本", "script of a drill written"),
    "drill.running": ("演练开始", "drill started"),
    "drill.held": ("演练结束", "drill ended"),
    "drill.recorded": ("补录演练", "drill recorded"),
    "drill.cancelled": ("取消演练", "drill cancelled"),
    "drill.scored": ("演练评分", "drill scored"),
    "inject.waiting": ("演练脚本就绪", "inject prepared"),
    "inject.given": ("注入情况", "inject given"),
    "inject.skipped": ("跳过情况", "inject skipped"),
    "inject.failed": ("注入失败", "inject failed"),
    "drill_mark.made": ("观察员评定", "mark of an observer"),
    "drill.noted": ("导调说明", "note of the exercise control"),
}
