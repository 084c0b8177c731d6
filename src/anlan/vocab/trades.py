"""Trades of enterprises, as the county's supervision sorts them (A-17 names mines, hazardous chemicals, explosives, fireworks, industry and trade)."""

from __future__ import annotations

TRADES: dict[str, tuple[str, str]] = {
    "mine": ("金属非金属矿山", "metal and non-metal mine"),
    "coal_mine": ("煤矿", "coal mine"),
    "tailings": ("尾矿库", "tailings pond"),
    "chemicals": ("危险化学品", "hazardous chemicals"),
    "explosives": ("民用爆炸物品", "civil explosives"),
    "fireworks": ("烟花爆竹", "fireworks"),
    "industry": ("工贸", "industry and trade"),
    "pipeline": ("油气管道", "oil and gas pipeline"),
    "transport": ("危险货物运输", "transport of dangerous goods"),
    "complex": ("大型综合体", "large complex"),
    "utility": ("城市生命线", "city lifelines"),
    "other": ("其他", "other"),
}

CODE_BY_ZH: dict[str, str] = {zh: code for code, (zh, _en) in TRADES.items()}
