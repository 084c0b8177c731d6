"""The kinds of papers: name, number, who signs, and what a person chooses before one is made."""

from __future__ import annotations

from typing import NamedTuple


class KindFace(NamedTuple):
    """`ask` is what is chosen: "" (one key), "period", "month", "subject" (made from a record) or "minutes".

    `number` is the form of its number; "" where it takes the number of its subject. `is_phone`: a short text for a phone
    message belongs to it. `is_anchored`: it prints the journal's head.
    """

    zh: str
    en: str
    ask: str = ""
    number: str = "〔{year}〕第{serial}期"
    needs_signature: bool = False
    is_phone: bool = False
    is_anchored: bool = False


KINDS: dict[str, KindFace] = {
    "morning": KindFace("早报", "Morning brief", is_phone=True, is_anchored=True),
    "rain": KindFace("雨水情快报", "Rain and water brief", is_phone=True),
    "flood": KindFace("汛情险情快报", "Flood brief", is_phone=True),
    "flash": KindFace("值班快报", "Duty brief", "subject", is_phone=True),
    "special": KindFace(
        "突发事件信息专报", "Special report on an incident", "subject", needs_signature=True, is_phone=True
    ),
    "daily": KindFace("日报", "Daily report", is_anchored=True),
    "weekly": KindFace("周报", "Weekly report", is_anchored=True),
    "monthly": KindFace("月报", "Monthly report", "month"),
    "analysis_month": KindFace("月度安全形势分析", "Monthly analysis", "month", needs_signature=True),
    "analysis_quarter": KindFace("季度安全形势分析", "Quarterly analysis", "month", needs_signature=True),
    "analysis_period": KindFace(
        "敏感时段安全形势分析", "Analysis of a sensitive period", "period", needs_signature=True
    ),
    "log": KindFace("值班日志", "Duty log", "period", is_anchored=True, number="〔{year}〕{serial}号"),
    "handover": KindFace("交接班记录", "Handover record", "subject", number="", is_anchored=True),
    "intake": KindFace("接报单", "Intake sheet", "subject", number=""),
    "chase": KindFace("督办单", "Chase order", "subject", number=""),
    "minutes": KindFace("会商纪要", "Minutes of a consultation", "minutes", needs_signature=True),
    "situation": KindFace("态势报告", "Situation report", "subject", number="", is_phone=True),
    "review": KindFace("总结评估报告", "Review report", "subject", needs_signature=True),
    "notice": KindFace("灾害风险提示单", "Risk notice", "subject", number=""),
    "bulletin": KindFace("信息报送通报", "Bulletin on reporting", "subject", number=""),
    "response": KindFace("应急响应通知", "Notice of a response", "subject", number="", is_phone=True),
    "data_call": KindFace("收数汇总表", "Table of a data call", "subject", number=""),
}
