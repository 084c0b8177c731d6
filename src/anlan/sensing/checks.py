"""What must hold for a station and its links, whoever enters them. Pure: each check returns or raises a refusal."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping
from decimal import Decimal

from anlan.sensing.refusals import (
    BadAttribute,
    BadSilenceLimit,
    BadStationCode,
    MarksOutOfOrder,
    PrepareAboveEvacuate,
    ThresholdOutOfRange,
    ThresholdsShrink,
    UnknownAttribute,
)
from anlan.vocab.kinds import kind_of
from anlan.vocab.stages import Stage

#: {"prepare": {"60": 45.0}, "evacuate_now": {"60": 60.0}}: minutes to mm, as stored on a link.
Thresholds = dict[str, dict[str, float]]

#: Windows of the import sheet and of R12, minutes.
WINDOWS_MIN = (60, 180, 360, 1440)
#: Above any rain ever measured in China within 24 h (engineering bound).
MAX_THRESHOLD_MM = 2000.0
MIN_SILENCE_S = 60
MAX_SILENCE_S = 7 * 86_400

_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.-]{0,19}")
_WIRE = re.compile(r"[0-9A-Fa-f]{10}")


def clean_code(code: str) -> str:
    """The code as it is stored: an SL 651 address in capitals, others as given."""
    code = code.strip()
    if not _CODE.fullmatch(code):
        raise BadStationCode(code=code[:40])
    return code.upper() if _WIRE.fullmatch(code) else code


def clean_address(address: str) -> str:
    """An address on the wire as drivers write it; "" stays, and means the code."""
    address = address.strip()
    return address.upper() if _WIRE.fullmatch(address) else address


def check_attributes(kind: str, given: Mapping[str, object]) -> None:
    """Every fact is one that the kind has; a number where it is a number, else one of its words."""
    known = {one.code: one for one in kind_of(kind).facts}
    for code, value in given.items():
        one = known.get(code)
        if one is None:
            raise UnknownAttribute(name=code, known="、".join(row.zh for row in known.values()) or "—")
        if one.choices and value not in one.choices:
            raise BadAttribute(value=str(value), name=one.zh, expected="、".join(one.choices))
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not one.choices and not (isinstance(value, str) if one.is_text else is_number):
            raise BadAttribute(value=str(value), name=one.zh, expected="文字" if one.is_text else "数字")


def check_silence_limit(seconds: int) -> None:
    if not MIN_SILENCE_S <= seconds <= MAX_SILENCE_S:
        raise BadSilenceLimit(minutes=f"{seconds / 60:g}")


def check_marks(warning: Decimal | None, guaranteed: Decimal | None, historic: Decimal | None) -> None:
    """Warning ≤ guaranteed ≤ historic, as far as they are known (R13)."""
    known = [mark for mark in (warning, guaranteed, historic) if mark is not None]
    if known != sorted(known):
        raise MarksOutOfOrder(
            warning=_shown(warning), guaranteed=_shown(guaranteed), historic=_shown(historic)
        )


def clean_thresholds(given: Mapping[tuple[int, Stage], float | Decimal | None]) -> Thresholds:
    """Checked thresholds in the stored form; {} where nothing was given, which means the pack's table."""
    known = {key: float(value) for key, value in given.items() if value is not None}
    for (minutes, _), value in known.items():
        if not 0 < value <= MAX_THRESHOLD_MM:
            raise ThresholdOutOfRange(value=f"{value:g}", hours=_hours(minutes))
    for minutes in sorted({minutes for minutes, _ in known}):
        prepare, evacuate = known.get((minutes, Stage.PREPARE)), known.get((minutes, Stage.EVACUATE_NOW))
        if prepare is not None and evacuate is not None and prepare > evacuate:
            raise PrepareAboveEvacuate(
                hours=_hours(minutes), prepare=f"{prepare:g}", evacuate=f"{evacuate:g}"
            )
    for stage in Stage:
        _check_growth({minutes: value for (minutes, of), value in known.items() if of is stage})
    return {
        stage.value: {str(m): known[m, of] for m, of in sorted(known) if of is stage}
        for stage in Stage
        if any(of is stage for _, of in known)
    }


def threshold_table(stored: Thresholds) -> dict[tuple[int, Stage], float]:
    """The stored form back by (minutes, stage), as the rule set takes it."""
    return {
        (int(minutes), Stage(stage)): value for stage, row in stored.items() for minutes, value in row.items()
    }


def _check_growth(by_minutes: Mapping[int, float]) -> None:
    for short, long in itertools.pairwise(sorted(by_minutes)):
        if by_minutes[long] < by_minutes[short]:
            raise ThresholdsShrink(
                long=_hours(long),
                more=f"{by_minutes[long]:g}",
                short=_hours(short),
                less=f"{by_minutes[short]:g}",
            )


def _hours(minutes: int) -> str:
    return f"{minutes / 60:g}"


def _shown(mark: Decimal | None) -> str:
    return "—" if mark is None else f"{mark.normalize():f}"
