"""The kinds of journal entries that plotting writes; joined into `journal_kinds`."""

from __future__ import annotations

PLOT_KINDS: dict[str, tuple[str, str]] = {
    "plot_mark.placed": ("标绘：新增标号", "a mark was drawn"),
    "plot_mark.moved": ("标绘：移动标号", "a mark was moved"),
    "plot_mark.relabelled": ("标绘：修改标注", "a mark got another label"),
    "plot_mark.removed": ("标绘：删除标号", "a mark was removed"),
}
