"""The kinds of journal entries that command writes, in Chinese and English."""

from __future__ import annotations

from anlan.command.plotkinds import PLOT_KINDS

JOURNAL_KINDS: dict[str, tuple[str, str]] = {
    "command_group.opened": ("成立指挥编组", "group opened"),
    "command_group.edited": ("调整指挥编组", "group changed"),
    "command_group.closed": ("撤销指挥编组", "group closed"),
    "scene.reported": ("登记现场", "scene entered"),
    "scene.edited": ("补充现场信息", "scene described"),
    "scene.placed": ("标定现场位置", "scene put in its place"),
    "scene.moved": ("调整现场优先序", "priority of a scene changed"),
    "scene.working": ("现场处置中", "work at a scene"),
    "scene.controlled": ("现场已控制", "scene under control"),
    "scene.closed": ("现场处置结束", "scene closed"),
    "command_transfer.made": ("指挥移交", "command transferred"),
    "decision.asked": ("提请决策", "decision asked for"),
    "decision.made": ("作出决策", "decision made"),
    "decision.dropped": ("撤销待决事项", "decision no longer needed"),
    "consultation.planned": ("安排会商", "consultation planned"),
    "consultation.open": ("会商开始", "consultation begun"),
    "consultation.minuted": ("记录会商", "minutes written"),
    "consultation.closed": ("会商结束", "consultation closed"),
    "consultation.cancelled": ("取消会商", "consultation cancelled"),
    "rolling_assessment.made": ("滚动研判", "rolling assessment"),
    "expert_call.asked": ("咨询专家", "expert asked"),
    "expert_call.answered": ("专家意见", "expert’s advice"),
    "expert_call.declined": ("专家无法答复", "expert declined"),
    "expert_call.late": ("专家逾期未答复", "expert’s answer is late"),
    "situation_report.drafted": ("拟写态势报告", "situation report drafted"),
    "situation_report.edited": ("修改态势报告", "situation report edited"),
    "situation_report.final": ("态势报告定稿", "situation report final"),
    "room_file_link.added": ("添加链接", "link added"),
    "room_file_link.removed": ("移除链接", "link removed"),
    "room_call.made": ("指挥呼叫", "somebody called"),
    "room_call.outcome": ("呼叫结果", "outcome of a call"),
    "tak_client.added": ("登记标绘终端", "TAK client registered"),
    "tak_client.revoked": ("停用标绘终端", "TAK client revoked"),
    **PLOT_KINDS,
}
