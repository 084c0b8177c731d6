"""Duty labels that one person may carry together (requirements L-01, L-04, L-07: one post, many abilities)."""

from __future__ import annotations

LABELS: dict[str, tuple[str, str]] = {
    "information_officer": ("灾害信息员", "hazard information officer"),
    "emergency_manager": ("应急管理员", "emergency manager"),
    "grid_worker": ("网格员", "grid worker"),
    "geohazard_watcher": ("群测群防员", "geohazard watcher"),
    "weather_officer": ("气象信息员", "weather information officer"),
    "forest_ranger": ("护林员", "forest ranger"),
    "three_defence": ("三防责任人", "flood, drought and wind defence officer"),
}

CODE_BY_ZH: dict[str, str] = {zh: code for code, (zh, _en) in LABELS.items()}
