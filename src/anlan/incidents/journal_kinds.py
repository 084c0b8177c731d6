"""The kinds of journal entries that incidents write, in Chinese and English."""

from __future__ import annotations

JOURNAL_KINDS: dict[str, tuple[str, str]] = {
    "incident.opened": ("登记事件", "incident entered"),
    "incident.imported": ("导入历年事件", "incident of the past imported"),
    "incident.exported": ("导出事件", "incidents exported"),
    "incident.described": ("补充事件信息", "incident described"),
    "incident.graded": ("定级", "incident graded"),
    "incident.graded_by_hand": ("人工定级", "grade set by a person"),
    "incident.tagged": ("贴标签", "incident tagged"),
    "incident.received": ("事件恢复为已接报", "incident back to received"),
    "incident.verified": ("事件核实", "incident verified"),
    "incident.closed": ("事件办结", "incident closed"),
    "incident.not_true": ("事件不属实", "incident not true"),
    "incident.merged": ("事件归并", "incident merged"),
    "incident.moved_along": ("随主事件移动", "moved along with the main incident"),
    "merge_link.made": ("归并关联", "merge link made"),
    "merge_link.undone": ("撤销归并", "merge undone"),
    "figure.claimed": ("上报数字", "figure claimed"),
    "figure.imported": ("导入历年数字", "figure of the past imported"),
    "figure.verified": ("核实数字", "figure verified"),
    "figure.withdrawn": ("撤回数字", "figure withdrawn"),
    "remark.made": ("领导批示", "leader's remark"),
    "chase_order.issued": ("下发督办单", "chase order issued"),
    "chase_order.acknowledged": ("签收督办单", "chase order acknowledged"),
    "chase_order.answered": ("督办反馈", "chase order answered"),
    "chase_order.closed": ("督办办结", "chase order closed"),
    "chase_order.overdue": ("督办逾期", "chase order overdue"),
}
