"""What is deducted for what: data with a source, replaced entry by entry in `deductions.json` of the data folder."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Literal

import msgspec
from django.conf import settings

from anlan.kernel.refusals import BadSetting

DATA = Path(__file__).parent / "data" / "deductions.json"
Aspect = Literal["timeliness", "completeness", "accuracy"]
ASPECTS: tuple[Aspect, ...] = ("timeliness", "completeness", "accuracy")
#: (Chinese, English)
ASPECT_WORDS: dict[str, tuple[str, str]] = {
    "timeliness": ("及时性", "timeliness"),
    "completeness": ("完整性", "completeness"),
    "accuracy": ("准确性", "accuracy"),
}


class DeductionRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Points for one occurrence and at most so many in a period (null: no limit); 0 points = counted and shown only."""

    aspect: Aspect
    zh: str
    en: str
    points: float
    most: float | None
    source: str
    is_verified: bool


class DeductionTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every aspect begins at `full`; `weights` make the total of the three."""

    version: str
    source: str
    is_verified: bool
    full: float
    weights: dict[Aspect, float]
    rules: dict[str, DeductionRule]


def deduction_table() -> DeductionTable:
    """The county's table."""
    own = Path(settings.ANLAN_DATA) / "deductions.json"
    return _load(str(own), own.stat().st_mtime_ns if own.exists() else 0)


@functools.lru_cache(maxsize=8)
def _load(own: str, stamp: int) -> DeductionTable:
    table = json.loads(DATA.read_text(encoding="utf-8"))
    try:
        if stamp:
            given = json.loads(Path(own).read_text(encoding="utf-8"))
            rules = table["rules"] | given.pop("rules", {})
            table = table | given | {"rules": rules}
        found = msgspec.convert(table, DeductionTable)
        _check(found)
    except (ValueError, KeyError, TypeError, msgspec.ValidationError) as error:
        raise BadSetting(
            name=own,
            why=str(error),
            example='{"rules": {"report_late": {"aspect": "timeliness", "zh": "迟报", "en": "late", "points": 3, "most": 30, "source": "县考核办法", "is_verified": true}}}',
        ) from error
    return found


def _check(table: DeductionTable) -> None:
    if set(table.weights) != set(ASPECTS) or abs(sum(table.weights.values()) - 1) > 1e-6:
        raise ValueError(f"weights: {table.weights}")
    for code, rule in table.rules.items():
        if rule.points < 0 or (rule.most is not None and rule.most < 0):
            raise ValueError(f"{code}: {rule.points}, {rule.most}")
