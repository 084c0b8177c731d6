"""The kinds of journal entries about attachments, in Chinese and English."""

from __future__ import annotations

JOURNAL_KINDS: dict[str, tuple[str, str]] = {
    "attachment.kept": ("收到附件", "attachment received"),
}
