"""The kinds of journal entries that assessment writes, in Chinese and English."""

from __future__ import annotations

JOURNAL_KINDS: dict[str, tuple[str, str]] = {
    "score_bulletin.drafted": ("拟写通报", "bulletin drafted"),
    "score_bulletin.edited": ("修改通报", "bulletin changed"),
    "score_bulletin.struck": ("剔除扣分", "deduction struck"),
    "score_bulletin.restored": ("恢复扣分", "deduction restored"),
    "score_bulletin.signed": ("签发通报", "bulletin signed"),
    "score_bulletin.draft": ("通报退回修改", "bulletin back to draft"),
    "score_bulletin.published": ("发布通报", "bulletin published"),
    "score_bulletin.withdrawn": ("撤回通报", "bulletin withdrawn"),
}
