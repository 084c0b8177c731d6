"""The kinds of journal entries that the duty room writes, in Chinese and English."""

from __future__ import annotations

JOURNAL_KINDS: dict[str, tuple[str, str]] = {
    "alarm.raised": ("告警响起", "alarm raised"),
    "alarm.worsened": ("告警升级", "alarm became more severe"),
    "alarm.leader_called": ("无人确认，呼叫带班领导", "unconfirmed: leader called"),
    "alarm.nobody_to_call": ("无人可呼", "nobody to call"),
    "alarm.confirmed": ("确认告警", "alarm confirmed"),
    "alarm.cleared": ("告警消除", "alarm cleared"),
    "outage.reported": ("登记断网、断电或断路", "outage reported"),
    "outage.ended": ("恢复", "outage ended"),
}
