"""What the desk's style sheet promises to a phone."""

from __future__ import annotations

import re
from pathlib import Path

SHEET = (Path(__file__).parent.parent / "static" / "console" / "anlan.css").read_text()


def test_a_phone_has_the_board_in_one_column() -> None:
    phone = SHEET[SHEET.index("@media (max-width: 900px)") :]
    phone = phone[: phone.index("\n}\n")]
    rules = re.findall(r"([^{}]+){([^{}]+)}", phone[phone.index("{") + 1 :])
    [columns] = [words for names, words in rules if ".board" in re.split(r"[,\s]+", names.strip())]
    assert columns.strip() == "grid-template-columns: minmax(0, 1fr);"
