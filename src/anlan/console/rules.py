"""The rules that watch a station, in words: what they do, where their numbers come from, what nobody confirmed yet."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from anlan.ruleset import Pack, load_pack
from anlan.sensing.types import BindingLine, StationDetail, ThresholdLine
from anlan.vocab.levels import Level


def rule_views(detail: StationDetail) -> list[dict[str, Any]]:
    """One table a binding: windows down, levels across, with the rule's sentence and source."""
    standing = {line.binding: line for line in detail.bindings}
    return [
        _rule(binding, list(lines), standing.get(binding))
        for binding, lines in groupby(detail.thresholds, key=lambda line: line.binding)
    ]


def _rule(binding: str, lines: list[ThresholdLine], standing: BindingLine | None) -> dict[str, Any]:
    pack = load_pack(lines[0].rule_id)
    levels = sorted({line.level for line in lines}, reverse=True)
    return {
        "binding": binding,
        "village": lines[0].village,
        "unit": lines[0].unit,
        "rule_id": pack.rule_id,
        "version": pack.version,
        "title": (pack.title_zh, pack.title_en),
        "source": pack.source,
        "verified": pack.verified,
        "note": _(pack.verified_note) if pack.verified_note else "",
        "sentence": sentence(pack),
        "assumptions": [_assumption(pack, name) for name in _doubtful(pack)],
        "levels": [int(level) for level in levels],
        "rows": _rows(lines, levels),
        "standing": standing,
    }


def _rows(lines: Iterable[ThresholdLine], levels: list[Level]) -> list[dict[str, Any]]:
    by_window: dict[int | None, dict[Level, float]] = {}
    for line in lines:
        by_window.setdefault(line.window_min, {})[line.level] = line.value
    return [
        {
            "hours": None if window is None else f"{window / 60:g}",
            "values": [values.get(level) for level in levels],
        }
        for window, values in by_window.items()
    ]


def sentence(pack: Pack) -> str:
    """What the rule does with its numbers, one sentence."""
    hold = {"minutes": f"{pack.number('hold_s') / 60:g}"}
    if pack.evaluator == "rolling_rain":
        words = _(
            "A sum at or above a number raises the level at once; it falls only after the sum stayed below "
            "%(percent)s %% of the number for %(minutes)s minutes. With more than %(gap)s %% of the readings "
            "missing it is uncertain, never safe."
        )
        share = {
            "percent": f"{100 * pack.number('fall_ratio'):g}",
            "gap": f"{100 * pack.number('max_gap'):g}",
        }
        return words % {**hold, **share}
    words = _(
        "A stage at or above a number raises the level at once; it falls only after the stage stayed "
        "%(drop)s m below the number for %(minutes)s minutes."
    )
    return words % {**hold, "drop": f"{pack.number('fall_drop'):g}"}


def _doubtful(pack: Pack) -> list[str]:
    return [name for name, parameter in pack.parameters.items() if not parameter.verified]


def _assumption(pack: Pack, name: str) -> dict[str, str]:
    parameter = pack.parameters[name]
    return {
        "name": name,
        "value": f"{parameter.value:g} {_(parameter.unit) if parameter.unit else ''}".strip(),
        "reason": _(parameter.reason) if parameter.reason else "",
    }
