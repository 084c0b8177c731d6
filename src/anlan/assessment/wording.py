"""The text that a bulletin starts from. Official papers are Chinese; people change it before it is signed."""

from __future__ import annotations

from collections import Counter

from anlan.assessment.types import PlaceScore, Scores, plain

_NAMED = 3


def draft_text(scores: Scores) -> str:
    """What was asked, who did well, what was deducted for what, and what is to be done."""
    ranked = [one for one in scores.places if one.rank is not None]
    if not ranked:
        return f"{scores.period.zh}，各乡镇、各部门没有报送任务，不评分。"
    parts = [
        f"现将{scores.period.zh}突发事件信息报送情况通报如下。",
        _overview(ranked),
        _deducted(ranked),
        "请存在扣分的单位对照扣分项查明原因、限期整改，严格落实信息报送时限和要素要求。",
    ]
    return "\n".join(part for part in parts if part)


def _overview(ranked: list[PlaceScore]) -> str:
    asked = sum(one.asked for one in ranked)
    mean = sum(one.total for one in ranked) / len(ranked)
    best = [one.name for one in ranked if one.rank is not None and one.rank <= _NAMED][:_NAMED]
    clean = sum(not any(d.points for d in one.deductions) for one in ranked)
    return (
        f"一、总体情况。本期有报送任务的单位{len(ranked)}个，任务{asked}件次，平均{mean:.1f}分，"
        f"无扣分单位{clean}个。得分居前的是{'、'.join(best)}。"
    )


def _deducted(ranked: list[PlaceScore]) -> str:
    lines: list[str] = []
    for one in ranked:
        counted: Counter[str] = Counter()
        for deduction in one.deductions:
            if deduction.points:
                counted[deduction.rule_zh] += deduction.count
        if counted:
            reasons = "、".join(f"{name}{count}次" for name, count in counted.items())
            lines.append(f"{one.name}{plain(one.total)}分：{reasons}。")
    return "二、扣分情况。本期没有扣分。" if not lines else "二、扣分情况。" + "".join(lines)
