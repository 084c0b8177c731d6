"""What became of each fault that the simulator committed: read from the hot store, compared with the oracle.

A fault is treated when its readings carry a flag that the oracle allows, or, where nothing is wrong with the readings
themselves, when they are stored once ("once"), known to be missing ("gap"), counted although they came late ("late") or
believed only after the next reading ("confirmed").
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from anlan.kernel.clock import parse_instant
from anlan.ruleset.quality import reason_of
from anlan.vocab.quality import LABELS, UNUSABLE, QualityFlag

if TYPE_CHECKING:
    from anlan.sensing.models import Crossing

#: A crossing may be recorded this much later than the oracle's window (flapping links deliver late), exercise time.
SLACK = timedelta(minutes=1)
TREATED = {
    "once": "repeats recognised, every reading stored once",
    "gap": "missing readings shown as missing, never as zero",
    "late": "late readings counted once they came",
    "confirmed": "held back for one reading, then believed",
}

#: Of the report's and the oracle's JSON.
Json = dict[str, Any]


class Kept(NamedTuple):
    """One row of a reading; `is_beside`: not the one that counts."""

    t: int
    flag: QualityFlag
    is_beside: bool


def judged(data: Path, oracle: Json) -> list[Json]:
    """One line for each fault, in the oracle's order; empty where no sensor was faulty."""
    if not oracle["faults"]:
        return []
    missed, false = missed_and_false(oracle)
    return [
        {
            **_treatment(data / "hot", fault),
            "raised_false_warning": any(one.station.code == fault["station"] for one in false),
            "missed_true_warning": any(one["station"] == fault["station"] for one in missed),
        }
        for fault in oracle["faults"]
    ]


def missed_and_false(oracle: Json) -> tuple[list[Json], list[Crossing]]:
    """Expected crossings that did not come, and upward crossings that nobody expected.

    Alarms of enterprises are left out: the script plays none of their devices, so those are silent with good reason.
    """
    from anlan.sensing.models import Crossing

    expected, false = list(oracle["crossings"]), []
    found = Crossing.objects.filter(direction="up").exclude(purpose="enterprise").select_related("station")
    for crossing in found.order_by("phenomenon_time"):
        mine = next((one for one in expected if _is_it(one, crossing)), None)
        if mine is None:
            false.append(crossing)
        else:
            expected.remove(mine)
    return expected, false


def _is_it(expected: Json, crossing: Crossing) -> bool:
    if (expected["binding"], expected["level"]) != (crossing.binding, crossing.level):
        return False
    start, end = parse_instant(expected["not_before"]), parse_instant(expected["not_after"])
    return bool(start - SLACK <= crossing.phenomenon_time <= end + SLACK)


def _treatment(hot: Path, fault: Json) -> Json:
    rows, reasons = _rows(hot, fault)
    wanted = {QualityFlag[name.upper()] for name in fault["treatments"] if name not in TREATED}
    flags = QualityFlag(0)
    for row in rows:
        flags |= row.flag
    shown = [one for one in LABELS if one and one in flags]
    found = [one for one in shown if one in wanted]
    special = next((name for name in fault["treatments"] if name in TREATED), "")
    if special:
        treatment = TREATED[special] if _is_special(special, rows, fault) else ""
    else:
        treatment = ", ".join(LABELS[one][1] for one in found)
    why = next((reasons[row.t] for row in rows if row.t in reasons and any(f in row.flag for f in found)), {})
    return {
        "station": fault["station"],
        "quantity": fault["quantity"],
        "kind": fault["kind"],
        "at": fault["at"],
        "treatment": treatment,
        "flag": [str(one.name).lower() for one in shown],
        "reason": reason_of(_all(found), fault["quantity"], why)[0] if found else "",
        "true_warnings": fault["true_warnings"],
    }


def _all(flags: list[QualityFlag]) -> QualityFlag:
    joined = QualityFlag(0)
    for one in flags:
        joined |= one
    return joined


def _is_special(name: str, rows: list[Kept], fault: Json) -> bool:
    standing = [row for row in rows if not row.is_beside]
    if name == "gap":
        return not rows
    if name == "confirmed":
        return any(QualityFlag.CONFIRMED in row.flag for row in standing)
    whole = sorted(row.t for row in standing) == sorted(_moments(fault))
    is_once = name != "once" or len(rows) == len(standing)
    return whole and is_once and not any(row.flag & UNUSABLE for row in standing)


def _moments(fault: Json) -> list[int]:
    return [int(parse_instant(text).timestamp()) for text in fault["moments"]]


def _rows(hot: Path, fault: Json) -> tuple[list[Kept], dict[int, Json]]:
    """Every row of the fault's readings in every file of the store, and the numbers behind their flags by time."""
    rows: list[Kept] = []
    reasons: dict[int, Json] = {}
    moments = _moments(fault)
    marks = ",".join("?" * len(moments))
    with closing(sqlite3.connect(f"file:{hot}/streams.db?mode=ro", uri=True)) as link:
        numbers = [
            number
            for (number,) in link.execute(
                "SELECT id FROM stream WHERE station=? AND quantity=?", (fault["station"], fault["quantity"])
            )
        ]
    if not numbers:
        return [], {}
    where = f"s={int(numbers[0])} AND t IN ({marks})"
    for path in sorted(hot.glob("obs*.db")):
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as link:
            for table, is_beside in (("obs", False), ("superseded", True)):
                sql = f"SELECT t, flag FROM {table} WHERE {where}"  # noqa: S608 - our own names and a number
                rows += [Kept(t, QualityFlag(flag), is_beside) for t, flag in link.execute(sql, moments)]
            sql = f"SELECT t, reason FROM qc WHERE {where}"  # noqa: S608 - see above
            reasons |= {t: json.loads(text) for t, text in link.execute(sql, moments)}
    return rows, reasons
