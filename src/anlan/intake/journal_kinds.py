"""The kinds of journal entries that intake writes, in Chinese and English."""

from __future__ import annotations

JOURNAL_KINDS: dict[str, tuple[str, str]] = {
    "intake.taken": ("接报登记", "message taken"),
    "intake.described": ("补充接报信息", "message described"),
    "intake.place_corrected": ("更正接报地点", "place of a message corrected"),
    "intake.verifying": ("交办核实", "message being verified"),
    "intake.asked": ("改由下一级核实", "another level asked to verify"),
    "intake.verified": ("接报核实属实", "message verified"),
    "intake.not_true": ("接报不属实", "message not true"),
    "intake.fed_back": ("已反馈来电人", "caller told the result"),
    "intake.handed_on": ("转告外县", "handed on to another county"),
    "intake.received": ("恢复为已接报", "back to received"),
    "intake.linked": ("关联为重复", "linked as a duplicate"),
    "intake.unlinked": ("取消重复关联", "duplicate link undone"),
    "intake.to_incident": ("并入事件", "added to an incident"),
    "intake.signed": ("乡镇签发", "signed by the township"),
    "intake.rewarded": ("举报奖励", "reward noted"),
    "intake_step.asked": ("要求核实", "asked to verify"),
    "intake_step.answered": ("核实意见", "answer of the verification"),
    "intake_step.noted": ("接报办理", "step of a message"),
    "intake_sender.listed": ("登记报送来源", "sender listed"),
    "intake_sender.unlisted": ("停用报送来源", "sender unlisted"),
    "nil_report.reported": ("零报告", "nil report"),
    "ring.rang": ("来电", "line rings"),
    "ring.taken": ("来电已接", "call taken"),
    "ring.missed": ("来电未接", "call missed"),
    "ring.answered": ("来电接起", "call answered"),
    "ring.ended": ("来电挂断", "call ended"),
    "landmark.added": ("登记地标", "landmark added"),
    "landmark.changed": ("修改地标", "landmark changed"),
}
