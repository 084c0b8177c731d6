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


def test_the_countdown_in_the_bar_keeps_the_colours_of_its_chip() -> None:
    """The bar's own links take its pale ink, which nobody reads on yellow."""
    assert ".bar a:where(:not(.chip))" in SHEET
    assert not re.search(r"^\.bar a,", SHEET, re.MULTILINE)
