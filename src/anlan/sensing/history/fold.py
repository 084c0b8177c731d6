"""What becomes of a settled reading when more arrives for the same time: the rules of the engine, once more in plain Python."""

from __future__ import annotations

from collections.abc import Sequence

from anlan.sensing.history.types import StoredRow
from anlan.vocab.quality import QualityFlag

#: A person's word on a reading changes its flag and leaves its value.
_JUDGED = int(QualityFlag.ACCEPTED | QualityFlag.REJECTED)


def fold(
    current: StoredRow, before: Sequence[int | None], arrivals: Sequence[StoredRow]
) -> tuple[StoredRow, list[StoredRow]]:
    """The row that stands in the end, and those it superseded in order.

    `before` are the values that stood here before `current`. A repeat of any of them changes nothing (see
    `Engine._store_one`), else a late copy would undo a correction.
    """
    known = set(before)
    superseded: list[StoredRow] = []
    for row in arrivals:
        is_judgement = bool(row.flag & _JUDGED) and row.flag & _JUDGED != current.flag & _JUDGED
        if not is_judgement and (row.v == current.v or row.v in known):
            continue
        known.add(current.v)
        superseded.append(current)
        current = row._replace(flag=row.flag | int(QualityFlag.CORRECTED))
    return current, superseded
