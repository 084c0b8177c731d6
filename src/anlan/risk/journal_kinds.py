"""The kinds of journal entries that risk writes, in Chinese and English."""

from __future__ import annotations

JOURNAL_KINDS: dict[str, tuple[str, str]] = {
    "danger_zone.defined": ("划定危险区", "danger zone defined"),
    "danger_zone.changed": ("修改危险区", "danger zone changed"),
    "danger_zone.dissolved": ("撤销危险区", "danger zone dissolved"),
    "household.registered": ("登记住户", "household registered"),
    "household.changed": ("修改住户", "household changed"),
    "household.moved_away": ("住户迁出", "household moved away"),
    "household_list.looked_at": ("查看住户名单", "household list looked at"),
}
