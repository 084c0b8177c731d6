"""The rules that watch a station, in words: what they do, where their numbers come from, what nobody confirmed yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from anlan.console.ruletables import word
from anlan.ruleset import Pack
from anlan.sensing import queries
from anlan.sensing.types import BindingLine, StationDetail, ThresholdLine
from anlan.vocab.levels import Level


def rule_views(detail: StationDetail) -> list[dict[str, Any]]:
    """One table a binding: windows down, levels across, with the rule's sentence and source."""
    standing = {line.binding: line for line in detail.bindings}
    return [
        view
        for binding, lines in groupby(detail.thresholds, key=lambda line: line.binding)
        if (view := _rule(binding, list(lines), standing.get(binding))) is not None
    ]


def _rule(binding: str, lines: list[ThresholdLine], standing: BindingLine | None) -> dict[str, Any] | None:
    pack = queries.rule_pack(lines[0].rule_id, lines[0].rule_version)
    if pack is None:
        return None
    levels = sorted({line.level for line in lines}, reverse=True)
    return {
        "binding": binding,
        "village": lines[0].village,
        "unit": lines[0].unit,
        "what": _what(binding),
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


def _what(binding: str) -> str:
    """The quantity that the rule looks at: it stands in the binding's name, but for a stage, which has the shortest."""
    parts = binding.split(":")
    return word(parts[2].partition("@")[0]) if len(parts) > 2 and not parts[2].isdecimal() else _("stage")


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
    """What the rule does with its numbers, one sentence; "" where its name says all."""
    says = _SENTENCES.get(pack.evaluator)
    return "" if says is None else says(pack)


def _rain(pack: Pack) -> str:
    words = _(
        "A sum at or above a number raises the level at once; it falls only after the sum stayed below "
        "%(percent)s %% of the number for %(minutes)s minutes. With more than %(gap)s %% of the readings "
        "missing it is uncertain, never safe."
    )
    share = {
        "percent": f"{100 * pack.number('fall_ratio'):g}",
        "gap": f"{100 * pack.number('max_gap'):g}",
    }
    return words % {**_hold(pack), **share}


def _stage(pack: Pack) -> str:
    words = _(
        "A stage at or above a number raises the level at once; it falls only after the stage stayed "
        "%(drop)s m below the number for %(minutes)s minutes."
    )
    return words % {**_hold(pack), "drop": f"{pack.number('fall_drop'):g}"}


def _calendar(pack: Pack) -> str:
    return _(
        "Above the flood-limit level of the season it is attention, with the excess; at the design flood level "
        "orange, at the check flood level red."
    )


def _limits(pack: Pack) -> str:
    return _(
        "A reading at or beyond a limit raises the level at once; it falls only after %(minutes)s minutes inside it."
    ) % _hold(pack)


def _change(pack: Pack) -> str:
    return _(
        "The change over each window is compared with its number; the level falls only after %(minutes)s minutes below."
    ) % _hold(pack)


def _fire(pack: Pack) -> str:
    return _(
        "Points of temperature, humidity, dry days and wind less those of the ground cover give the index; with any "
        "factor missing the data is incomplete and no grade is given."
    )


def _pond(pack: Pack) -> str:
    return _(
        "Points make the level of their item and items that of the pond; an offline point is left out and counted."
    )


def _hold(pack: Pack) -> dict[str, str]:
    return {"minutes": f"{pack.number('hold_s') / 60:g}"}


_SENTENCES: dict[str, Callable[[Pack], str]] = {
    "rolling_rain": _rain,
    "id_curve": _rain,
    "level": _stage,
    "calendar": _calendar,
    "limits": _limits,
    "pond_minimum": _limits,
    "change": _change,
    "fire_weather": _fire,
    "pond": _pond,
}


def _doubtful(pack: Pack) -> list[str]:
    return [name for name, parameter in pack.parameters.items() if not parameter.verified]


def _assumption(pack: Pack, name: str) -> dict[str, str]:
    parameter = pack.parameters[name]
    return {
        "name": name,
        "value": f"{parameter.value:g} {_(parameter.unit) if parameter.unit else ''}".strip(),
        "reason": _(parameter.reason) if parameter.reason else "",
    }
