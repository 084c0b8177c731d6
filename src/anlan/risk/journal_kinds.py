"""The kinds of journal entries that risk writes, in Chinese and English."""

from __future__ import annotations

JOURNAL_KINDS: dict[str, tuple[str, str]] = {
    "danger_zone.defined": ("划定危险区", "danger zone defined"),
    "danger_zone.changed": ("修改危险区", "danger zone changed"),
    "danger_zone.dissolved": ("撤销危险区", "danger zone dissolved"),
    "household.registered": ("登记住户", "household registered"),
    "household.changed": ("修改住户", "household changed"),
    "household.moved_away": ("住户迁出", "household moved away"),
    "exposed_site.registered": ("登记场所", "site registered"),
    "exposed_site.changed": ("修改场所", "site changed"),
    "exposed_site.closed": ("停用场所", "site closed"),
    "hazard_site.registered": ("登记隐患点", "hazard site registered"),
    "hazard_site.changed": ("修改隐患点", "hazard site changed"),
    "hazard_site.closed": ("销号隐患点", "hazard site closed"),
    "household_move.moved": ("住户已转移", "family moved"),
    "household_move.refused": ("住户拒绝转移", "family refuses to move"),
    "household_move.not_found": ("住户未找到", "family not found"),
    "household_list.looked_at": ("查看住户名单", "household list looked at"),
}
