"""Words of reviews in Chinese and English: kinds of steps, their sections, marks, kinds of findings. Data only."""

from __future__ import annotations

SECTIONS: dict[str, tuple[str, str]] = {
    "intake": ("接报与核实", "Received and verified"),
    "report": ("信息报送", "Reported upward"),
    "warning": ("预警", "Warnings"),
    "callout": ("叫应", "Call-outs"),
    "response": ("应急响应", "Response"),
    "order": ("指令", "Orders"),
    "team": ("队伍", "Teams"),
    "supply": ("物资请求", "Requests for supplies"),
    "room": ("现场与会商", "Scenes, decisions, consultations"),
    "drill": ("演练评分步骤", "Steps of the scorecard"),
}
CODES: dict[str, tuple[str, str]] = {
    "intake.opened": ("接报到登记事件", "received → incident entered"),
    "intake.verified": ("登记到核实", "known → verified"),
    "intake.closed": ("知悉到办结", "known → closed"),
    "report.clock": ("报送时限", "legal limit of a report"),
    "report.sent": ("知悉到报出", "known → report sent"),
    "report.chased": ("督办反馈", "chase order answered"),
    "warning.issued": ("超阈值到签发", "threshold crossed → issued"),
    "warning.called": ("签发到开始叫应", "issued → call-out begun"),
    "callout.answered": ("叫应应答", "call-out answered"),
    "callout.done": ("叫应到完成行动", "call-out → acted"),
    "response.decided": ("建议到决定响应", "response proposed → decided"),
    "response.level": ("响应级别变动", "response level"),
    "response.first_order": ("启动到首条指令", "response opened → first order"),
    "response.all_told": ("启动到指令全部下达", "response opened → all orders given"),
    "response.all_acknowledged": ("启动到指令全部签收", "response opened → all orders acknowledged"),
    "response.ended": ("启动到终止响应", "response opened → ended"),
    "order.acknowledged": ("指令签收", "order acknowledged"),
    "order.started": ("指令开始执行", "order started"),
    "order.finished": ("指令办结", "order finished"),
    "team.left": ("受令到出发", "told → left"),
    "team.arrived": ("受令到到达", "told → arrived"),
    "team.working": ("到达到展开", "arrived → working"),
    "team.done": ("到达到完成", "arrived → done"),
    "team.back": ("完成到归队", "done → back"),
    "team.checks": ("安全报到", "safety check-ins"),
    "supply.approved": ("请求到批准", "asked → approved"),
    "supply.sent": ("批准到发出", "approved → sent"),
    "supply.received": ("请求到收到", "asked → received"),
    "room.scene": ("现场设立到结束", "scene opened → closed"),
    "room.decision": ("提请到作出决策", "decision needed → made"),
    "room.consultation": ("会商", "consultation"),
    "room.expert": ("专家答复", "expert’s advice"),
    "drill.step": ("演练步骤", "step of the drill"),
}
#: Steps whose time is how fast somebody answered, and how fast something was finished.
ANSWERS = frozenset({"order.acknowledged", "callout.answered", "report.chased", "team.left"})
FINISHES = frozenset({"order.finished", "callout.done", "team.done", "supply.received"})
MARKS: dict[str, tuple[str, str]] = {
    "kept": ("按时", "in time"),
    "late": ("超时", "late"),
    "missed": ("逾期未办", "missed"),
    "wrong": ("处置错误", "wrong"),
    "open": ("未到时限", "not due yet"),
    "done": ("已办，无时限", "done, no limit"),
    "not_done": ("未办，无时限", "not done, no limit"),
}
CHIP_OF_MARK = {
    "kept": "chip--done",
    "late": "chip--waiting",
    "missed": "chip--unanswered",
    "wrong": "chip--unanswered",
    "open": "",
    "done": "",
    "not_done": "",
}
FINDING_KINDS: dict[str, tuple[str, str]] = {
    "good": ("做得好", "went well"),
    "late": ("迟缓", "late"),
    "missed": ("遗漏", "missed"),
    "wrong": ("错误", "wrong"),
    "gap": ("短板", "gap"),
}
STATES: dict[str, tuple[str, str]] = {"draft": ("复盘中", "being written"), "final": ("已定稿", "final")}
LESSON_STATES: dict[str, tuple[str, str]] = {
    "open": ("待整改", "open"),
    "done": ("已整改", "done"),
    "dropped": ("不再整改", "dropped"),
}
#: Where a limit comes from, where it is no row's own words.
NO_LIMIT = ("无时限", "no limit")
