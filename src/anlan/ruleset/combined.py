"""Combined conditions: all, any, or so many of the members, each by the level it stands at."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from anlan.ruleset.tables import CombinedTable
from anlan.ruleset.verdicts import Verdict, joined, level_words
from anlan.vocab.levels import Level


class MemberState(NamedTuple):
    """One member as it stands. `says_*`: its newest sentence, with its numbers. `at_least`: the mildest level that counts."""

    station: str
    name: str
    level: Level | None
    at_least: Level
    is_uncertain: bool = False
    says_zh: str = ""
    says_en: str = ""

    @property
    def counts(self) -> bool:
        return self.level is not None and self.level <= self.at_least


def needed_of(table: CombinedTable, members: int) -> int:
    """How many members must be met; a rule over nobody is never met."""
    if table.mode == "all":
        return max(members, 1)
    return 1 if table.mode == "any" else table.needed


def judge(members: Sequence[MemberState], table: CombinedTable) -> Verdict:
    """Met when enough members are. The level is the table's, else that which the needed-th worst member has reached.

    An uncertain member may hide more: the result is incomplete while one of them could still change it.
    """
    needed = needed_of(table, len(members))
    counting = sorted((one for one in members if one.counts), key=lambda one: (one.level, one.station))
    is_met = len(counting) >= needed
    reached = counting[needed - 1].level if is_met else None
    level = Level(int(table.result)) if is_met and table.result is not None else reached
    zh, en = joined(_member_words(one) for one in [*counting, *(m for m in members if not m.counts)])
    word_zh = "满足" if is_met else "未满足"
    word_en = "met" if is_met else "not met"
    return Verdict(
        level,
        Decimal(len(counting)),
        Decimal(needed),
        f"组合条件{word_zh}：{len(members)}项中{len(counting)}项达到（需{needed}项）：{zh}",
        f"Combined condition {word_en}: {len(counting)} of {len(members)} (needs {needed}): {en}",
        is_incomplete=any(one.is_uncertain and not one.counts for one in members),
        stations=tuple(one.station for one in counting),
    )


def _member_words(one: MemberState) -> tuple[str, str]:
    zh, en = level_words(one.level)
    doubt_zh = "，资料缺测" if one.is_uncertain else ""
    doubt_en = ", readings missing" if one.is_uncertain else ""
    says_zh = f"，{one.says_zh.rstrip('。')}" if one.says_zh and one.level is not None else ""
    says_en = f", {one.says_en.rstrip('.')}" if one.says_en and one.level is not None else ""
    return f"{one.name}（{zh}{doubt_zh}{says_zh}）", f"{one.name} ({en}{doubt_en}{says_en})"
