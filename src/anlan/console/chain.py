"""A warning and what it replaced: the former versions, and what this one changed in them."""

from __future__ import annotations

from typing import Any

from anlan.console.worddiff import word_diff
from anlan.warning.models import HazardWarning

#: A chain of updates of one night; longer ones show their newest.
MOST_FORMER = 12
OVER = frozenset({"replaced", "lifted", "expired", "withdrawn"})


def former_of(warning: HazardWarning) -> list[HazardWarning]:
    """What it replaced, and what that replaced, the newest first."""
    found: list[HazardWarning] = []
    at = warning.replaces_id
    while at is not None and len(found) < MOST_FORMER:
        row = HazardWarning.objects.get(pk=at)
        found.append(row)
        at = row.replaces_id
    return found


def told(warning: HazardWarning) -> dict[str, Any]:
    """For the page: `former` versions, `changed` runs of words against the last one, whether it `is_over`."""
    former = former_of(warning)
    changed: dict[str, Any] = {}
    if former:
        last = former[0]
        for name in ("body", "recommended_action"):
            old, new = getattr(last, name), getattr(warning, name)
            if old != new:
                changed[name] = word_diff(old, new)
        if last.level != warning.level:
            changed["level"] = last.level
    return {"former": former, "changed": changed, "is_over": warning.state in OVER}
