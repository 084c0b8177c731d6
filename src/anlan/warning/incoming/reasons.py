"""Why a warning of others is in its state: sentences for the desk, in Chinese as the journal keeps them."""

from __future__ import annotations

REASONS: dict[str, str] = {
    "nothing_read": "未能从原文中读出预警，请人工处理。",
    "unreadable": "报文无法解析：{why}",
    "sender_unlisted": "发送方{sender}不在登记名单中，请核实后处理。",
    "identifier_reused": "标识{identifier}已用于另一内容，两份均已保留，请向发布单位核实。",
    "update_without_reference": "这是更新，但未找到它所更新的预警，按新预警处理，请核实。",
    "cancel_without_reference": "这是解除，但未找到它所解除的预警，请核实。",
    "hazard_missing": "未读出灾种。",
    "hazard_unknown": "灾种“{hazard}”不在代码表中，按原文保留。",
    "level_missing": "未读出预警级别。",
    "level_contradicts": "颜色与等级不一致，请核实级别。",
    "issuer_missing": "未读出发布单位。",
    "area_unknown": "影响区域未能对应到乡镇、村。",
    "area_partly_unknown": "部分影响区域未能识别（见划线处）。",
    "area_ambiguous": "地名“{names}”在本县不止一处，请选定。",
    "area_elsewhere": "发布单位属外县，原文未提及本县地名。",
    "issuer_of_elsewhere": "发布单位属外县，所列地名可能不是本县的，请核实。",
    "area_outside": "影响区域不含本县。",
    "area_assumed_county": "原文未写区域，按发布单位辖区（全县）推定。",
    "area_exception": "按“除…外”推算区域，请核对。",
    "from_the_future": "发布时间比收到时间晚{minutes}分钟，发送方时钟可能有误，请核实。",
    "stale": "发布已超过{hours}小时且未写有效期，请核实是否仍有效。",
    "over": "收到时已过有效期。",
    "drill": "这是演练或测试信息，不据此行动。",
    "rule_informs": "按规则仅告知，不起草。",
    "no_rule": "没有适用的规则。",
    "too_long": "按模板起草失败：{why}",
    "same": "与已收到的同一预警重复（{where}）。",
    "fuller_copy": "后到的同一预警内容更完整，以其为准。",
    "followed": "已被后续预警取代。",
    "lifted": "发布单位已解除，等待本级决定。",
    "lifted_before_issue": "发布单位已解除，转发草稿尚未签发，已撤回。",
    "lifted_nothing_out": "发布单位已解除；本级未转发，无需处理。",
    "ended": "转发的预警已结束。",
    "no_villages": "未列出村庄。",
}


def because(code: str, **data: object) -> str:
    """The sentence of a reason."""
    return REASONS[code].format(**data)
