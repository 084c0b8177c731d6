"""The kinds of journal entries that places writes, in Chinese and English."""

from __future__ import annotations

JOURNAL_KINDS: dict[str, tuple[str, str]] = {
    "division.recorded": ("登记区划", "division registered"),
    "division.changed": ("修改区划", "division changed"),
    "division.renamed": ("区划更名", "division renamed"),
    "division.moved": ("区划改隶", "division moved"),
    "division.bounded": ("导入边界", "boundary loaded"),
    "rivers.loaded": ("导入河流", "rivers loaded"),
}
