"""Headers of the threshold columns: “1小时准备转移(mm)”, minutes and stage in words."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from anlan.documents.workbook import SheetRow
from anlan.sensing.checks import WINDOWS_MIN
from anlan.vocab.stages import LABELS, Stage

HEADERS: Mapping[tuple[int, Stage], str] = {
    (minutes, stage): f"{minutes // 60}小时{LABELS[stage][0]}(mm)"
    for minutes in WINDOWS_MIN
    for stage in Stage
}


def threshold_headers() -> tuple[str, ...]:
    return tuple(HEADERS.values())


def thresholds_of(row: SheetRow) -> dict[tuple[int, Stage], Decimal | None]:
    """The thresholds of a row, None where the cell was left empty."""
    return {key: row.get(header, Decimal) for key, header in HEADERS.items()}
