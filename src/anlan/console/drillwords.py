"""Words of the drill pages: kinds, states, and the steps that a script may expect, as data."""

from __future__ import annotations

from anlan.console.templatetags.anlan import is_chinese

KINDS: dict[str, tuple[str, str]] = {
    "tabletop": ("桌面推演", "tabletop"),
    "functional": ("专项（功能）演练", "functional"),
    "comprehensive": ("综合演练", "comprehensive"),
}
BLINDNESS: dict[str, tuple[str, str]] = {
    "none": ("预告演练", "announced"),
    "single": ("单盲（不告内容）", "single-blind: the script is not known"),
    "double": ("双盲（不告时间和内容）", "double-blind: neither day nor script is known"),
}
STATES: dict[str, tuple[str, str]] = {
    "planned": ("待开展", "planned"),
    "running": ("进行中", "running"),
    "held": ("已结束", "held"),
    "cancelled": ("已取消", "cancelled"),
}
INJECTS: dict[str, tuple[str, str]] = {
    "caller": ("来电", "caller"),
    "message": ("来文来信", "message"),
    "station": ("测站读数", "station reading"),
    "failure": ("故障（导调口述）", "failure, told by the control"),
    "note": ("导调说明", "note of the control"),
}
INJECT_STATES: dict[str, tuple[str, str]] = {
    "waiting": ("待注入", "waiting"),
    "given": ("已注入", "given"),
    "skipped": ("已跳过", "skipped"),
    "failed": ("注入失败", "failed"),
}
MARKS: dict[str, tuple[str, str]] = {
    "done": ("按时完成", "done in time"),
    "late": ("超时完成", "done late"),
    "missed": ("未完成", "missed"),
    "wrong": ("处置错误", "wrong"),
    "open": ("待完成", "open"),
}
CHIP_OF_MARK = {
    "done": "chip--done",
    "late": "chip--waiting",
    "missed": "chip--unanswered",
    "wrong": "chip--unanswered",
    "open": "",
}
VERDICTS: dict[str, tuple[str, str]] = {
    "right": ("正确", "right"),
    "late": ("迟缓", "late"),
    "wrong": ("错误", "wrong"),
    "missed": ("遗漏", "missed"),
}
#: Steps that a script may expect: the kind of journal entry that shows each.
STEPS: dict[str, tuple[str, str]] = {
    "intake.taken": ("登记接报", "message taken"),
    "intake.not_true": ("接报认定不属实", "message judged not true"),
    "incident.opened": ("登记事件", "incident entered"),
    "incident.verified": ("核实事件", "incident verified"),
    "incident.graded": ("事件定级", "incident graded"),
    "warning.issued": ("签发预警叫应", "warning or call-out issued"),
    "callout_seat.answered": ("村级应答", "a village answers"),
    "callout_seat.ordered_to_go": ("派人上门", "somebody ordered to go and look"),
    "upward_report.signed": ("签发上报信息", "report upward signed"),
    "activation.active": ("启动应急响应", "response opened"),
    "activation.raised": ("提高响应级别", "response level raised"),
    "activation.lowered": ("降低响应级别", "response level lowered"),
    "activation.ended": ("终止响应", "response ended"),
    "instruction.issued": ("下达指令", "order issued"),
    "instruction.acknowledged": ("签收指令", "order acknowledged"),
    "instruction.finished": ("办结指令", "order finished"),
    "team_job.told": ("派出队伍", "team sent"),
    "team_job.arrived": ("队伍到达", "team arrived"),
    "team_job.working": ("队伍开始处置", "team works"),
    "team_job.done": ("队伍完成任务", "team is done"),
    "supply_request.approved": ("批准资源请求", "request approved"),
    "supply_request.received": ("接收物资", "supplies received"),
    "scene.reported": ("设立现场", "scene opened"),
    "scene.closed": ("现场处置结束", "scene closed"),
    "room_call.made": ("指挥呼叫", "somebody called"),
    "loss_course.opened": ("建立灾害过程", "course of a disaster opened"),
    "loss_report.signed": ("签发灾情报告", "loss report signed"),
    "loss_correction.made": ("修正灾情数字", "loss figure corrected"),
    "loss_course.closed": ("灾害过程归档", "course of a disaster closed"),
    "consultation.open": ("召开会商", "consultation opened"),
    "decision.made": ("作出决策", "decision made"),
    "incident.closed": ("事件办结", "incident closed"),
    "incident.not_true": ("认定不属实", "incident judged not true"),
}


def word(table: dict[str, tuple[str, str]], code: str) -> str:
    zh, en = table.get(code, (code, code))
    return zh if is_chinese() else en


def options(table: dict[str, tuple[str, str]]) -> list[tuple[str, str]]:
    return [(code, word(table, code)) for code in table]
