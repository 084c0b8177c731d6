"""What comes in a burst is shown with it: nothing on a page drops the last event of several."""

from __future__ import annotations

import re
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


def test_no_part_of_a_page_drops_the_last_answer_of_a_burst() -> None:
    """htmx's own throttle forgets what comes within its time: the message went out, the answer a moment later was not shown."""
    triggers = [
        (path.name, found.group(1))
        for path in TEMPLATES.rglob("*.html")
        for found in re.finditer(r'hx-trigger="([^"]*)"', path.read_text(encoding="utf-8"))
    ]
    assert len(triggers) > 10
    assert [one for one in triggers if "throttle" in one[1]] == []
