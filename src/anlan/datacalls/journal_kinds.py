"""The kinds of journal entries that datacalls writes, in Chinese and English."""

from __future__ import annotations

JOURNAL_KINDS: dict[str, tuple[str, str]] = {
    "figure_definition.defined": ("登记指标", "figure entered in the register"),
    "figure_definition.retired": ("停用指标", "figure retired"),
    "data_call.opened": ("发起收数", "data call opened"),
    "data_call.round_opened": ("开始新一轮收数", "new round of a data call"),
    "data_call.rounds_skipped": ("停机期间的轮次未下发", "rounds not asked while the server was down"),
    "data_call.ended": ("结束收数", "data call ended"),
    "data_call.cancelled": ("撤销收数", "data call cancelled"),
    "data_seat.asked": ("要求填报", "asked to file"),
    "data_seat.filed": ("已填报", "filed"),
    "data_seat.nil": ("零报告", "nil report"),
    "data_seat.refiled": ("更正填报", "filing corrected"),
    "data_seat.partly_filed": ("部分填报", "partly filed"),
    "data_seat.late": ("逾期未报", "not filed in time"),
    "data_seat.missed": ("漏报", "never filed"),
    "data_seat.released": ("不再要求填报", "no longer asked"),
    "data_seat.chased": ("催报", "chased"),
    "data_seat.escalated": ("催报至乡镇领导", "chased with the leader"),
    "data_seat.passed_on": ("转发到村", "passed on to the villages"),
    "data_seat.signed": ("乡镇审签汇总", "township signed the sum of its villages"),
    "filing.filed": ("填报数据", "figure filed"),
    "filing.corrected": ("更正数据", "figure corrected"),
}
