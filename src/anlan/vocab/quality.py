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
    RATE = 32
    SPIKE = 64
    STUCK = 128
    NEIGHBOUR = 256
    MAINTENANCE = 512
    CLOCK = 1024
    #: A person looked at a flagged reading and vouches for it; it counts.
    ACCEPTED = 2048
    #: A person looked at a reading and withdrew it; it does not count.
    REJECTED = 4096
    #: It was doubted until the next reading confirmed its level; it counts.
    CONFIRMED = 8192
    #: The device itself marked the value as not describing the world (out of order, being calibrated).
    DEVICE = 16384


#: Flags that keep a reading out of every rule.
UNUSABLE = (
    QualityFlag.RANGE
    | QualityFlag.FUTURE
    | QualityFlag.MISSING
    | QualityFlag.RATE
    | QualityFlag.SPIKE
    | QualityFlag.STUCK
    | QualityFlag.NEIGHBOUR
    | QualityFlag.MAINTENANCE
    | QualityFlag.CLOCK
    | QualityFlag.REJECTED
    | QualityFlag.DEVICE
)

#: A reading that is not to be believed by itself: it does not even mark how far its stream has come.
IMPLAUSIBLE = (
    QualityFlag.RANGE
    | QualityFlag.FUTURE
    | QualityFlag.MISSING
    | QualityFlag.MAINTENANCE
    | QualityFlag.CLOCK
    | QualityFlag.REJECTED
    | QualityFlag.DEVICE
)

LABELS: dict[QualityFlag, tuple[str, str]] = {
    QualityFlag.GOOD: ("正常", "good"),
    QualityFlag.RANGE: ("超出合理范围", "out of plausible range"),
    QualityFlag.FUTURE: ("时间在未来", "dated in the future"),
    QualityFlag.STALE: ("迟到", "arrived late"),
    QualityFlag.CORRECTED: ("已更正", "corrected"),
    QualityFlag.MISSING: ("无读数", "no reading"),
    QualityFlag.RATE: ("变化过快", "changes too fast"),
    QualityFlag.SPIKE: ("孤立尖峰", "isolated spike"),
    QualityFlag.STUCK: ("长时间不变", "does not move"),
    QualityFlag.NEIGHBOUR: ("与邻站不符", "disagrees with its neighbours"),
    QualityFlag.MAINTENANCE: ("检修期间", "during maintenance"),
    QualityFlag.CLOCK: ("时钟不准", "the clock is off"),
    QualityFlag.ACCEPTED: ("人工采信", "accepted by a person"),
    QualityFlag.REJECTED: ("人工剔除", "rejected by a person"),
    QualityFlag.CONFIRMED: ("经下一读数印证", "confirmed by the next reading"),
    QualityFlag.DEVICE: ("仪器标记无效", "marked as invalid by the device"),
}
