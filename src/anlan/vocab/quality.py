"""Quality flags of a reading. A flagged reading is kept and shown, and never triggers a warning."""

from __future__ import annotations

from enum import IntFlag


class QualityFlag(IntFlag):
    GOOD = 0
    RANGE = 1
    FUTURE = 2
    STALE = 4
    CORRECTED = 8
    MISSING = 16


#: Flags that keep a reading out of every rule.
UNUSABLE = QualityFlag.RANGE | QualityFlag.FUTURE | QualityFlag.MISSING

LABELS: dict[QualityFlag, tuple[str, str]] = {
    QualityFlag.GOOD: ("正常", "good"),
    QualityFlag.RANGE: ("超出合理范围", "out of plausible range"),
    QualityFlag.FUTURE: ("时间在未来", "dated in the future"),
    QualityFlag.STALE: ("迟到", "arrived late"),
    QualityFlag.CORRECTED: ("已更正", "corrected"),
    QualityFlag.MISSING: ("无读数", "no reading"),
}
