"""The kinds of journal entries that papers writes, in Chinese and English."""

from __future__ import annotations

JOURNAL_KINDS: dict[str, tuple[str, str]] = {
    "paper.drafted": ("拟制公文", "paper drafted"),
    "paper.issued": ("制发公文", "paper made"),
    "paper.edited": ("修改公文", "paper edited"),
    "paper.signed": ("签发公文", "paper signed"),
    "paper.discarded": ("作废公文", "paper discarded"),
    "paper.filed": ("公文存档", "paper filed"),
    "paper.handed_out": ("下载公文", "paper handed out"),
    "paper_template.proposed": ("提交公文模板", "paper template proposed"),
    "paper_template.in_force": ("启用公文模板", "paper template in force"),
    "paper_template.refused": ("退回公文模板", "paper template refused"),
    "paper_template.retired": ("停用公文模板", "paper template retired"),
    "brief_schedule.made": ("设定定时拟稿", "time of a draft set"),
    "brief_schedule.moved": ("定时拟稿", "draft made at its time"),
    "brief_schedule.switched": ("调整定时拟稿", "time of a draft changed"),
}
