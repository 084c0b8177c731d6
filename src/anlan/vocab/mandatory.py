"""The rule that says who must be connected, as data: `mandatory.json` with its source for each row."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from anlan.vocab.kinds import KINDS
from anlan.vocab.trades import TRADES

_FILE = Path(__file__).with_name("mandatory.json")


@dataclass(frozen=True, slots=True)
class MandatoryRow:
    """Stations of `kind` must be connected: those whose `fact` is above a number or among words; all where it has no fact."""

    id: str
    kind: str
    zh: str
    en: str
    source: str
    verified: bool
    is_mandatory: bool
    fact: str = ""
    above: float | None = None
    among: tuple[str, ...] = ()
    note_zh: str = ""
    note_en: str = ""

    def applies_to(self, attributes: dict[str, Any]) -> bool | None:
        """Whether a station with these facts is meant; None where the fact that decides is not known."""
        if not self.fact:
            return True
        value = attributes.get(self.fact)
        if value is None:
            return None
        if self.above is not None:
            return isinstance(value, int | float) and value > self.above
        return value in self.among


@dataclass(frozen=True, slots=True)
class MandatoryRule:
    """`kinds_by_trade`: an enterprise of the trade should have registered a station of one of these kinds at least."""

    rule_id: str
    version: str
    title_zh: str
    title_en: str
    source: str
    rows: tuple[MandatoryRow, ...]
    kinds_by_trade: dict[str, tuple[str, ...]]
    trades_note_zh: str
    trades_note_en: str


@lru_cache(maxsize=1)
def mandatory_rule() -> MandatoryRule:
    """The rule that ships with Anlan. A row about an unknown kind, fact or trade raises ValueError."""
    data = json.loads(_FILE.read_text(encoding="utf-8"))
    rows = tuple(MandatoryRow(**{**row, "among": tuple(row.get("among", ()))}) for row in data["rows"])
    for row in rows:
        facts = {one.code for one in KINDS[row.kind].attributes} if row.kind in KINDS else None
        if facts is None or (row.fact and row.fact not in facts):
            raise ValueError(f"{row.id} is about an unknown kind or fact")
    kinds_by_trade = {one["trade"]: tuple(one["kinds"]) for one in data["trades"]}
    unknown = [trade for trade in kinds_by_trade if trade not in TRADES]
    unknown += [kind for kinds in kinds_by_trade.values() for kind in kinds if kind not in KINDS]
    if unknown:
        raise ValueError(f"unknown in {_FILE.name}: {', '.join(unknown)}")
    return MandatoryRule(
        data["rule_id"], data["version"], data["title_zh"], data["title_en"], data["source"], rows,
        kinds_by_trade, data["trades_note_zh"], data["trades_note_en"],
    )  # fmt: skip
