"""Chinese words of the case file: its tables with their section, the columns, and what stored codes mean.

A column or code without a word here keeps its name, so that nothing is left out because somebody forgot a word.
"""

from __future__ import annotations

import functools
import importlib

from django.apps import apps

from anlan.vocab.figures import FIGURES
from anlan.vocab.hazards import FACES as HAZARDS
from anlan.vocab.incidents import CLASS_LABELS, INFORMANT_LABELS, KIND_LABELS, TYPES

#: Kind of row: (name of the table, section).
TABLES: dict[str, tuple[str, str]] = {
    "incident": ("事件", "record"), "figure": ("数字（每次上报一行）", "record"), "merge_link": ("归并", "record"),
    "remark": ("领导批示", "record"), "loss_course": ("灾害过程", "record"), "loss_part": ("统计乡镇", "record"),
    "loss_filing": ("村级灾情", "record"), "loss_township_report": ("乡镇灾情", "record"), "loss_correction": ("灾情修正", "record"),
    "loss_report": ("灾情报告", "record"), "loss_due": ("报灾时限", "record"), "lost_person": ("死亡失踪人员", "record"),
    "damaged_house": ("倒损住房户", "record"), "intake": ("接报", "messages"), "intake_step": ("接报办理", "messages"),
    "upward_report": ("上报信息", "messages"), "report_delivery": ("信息报送与回执", "messages"), "report_clock": ("报送时限", "messages"),
    "clock_meeting": ("时限办理记录", "messages"), "chain_reopening": ("恢复续报", "messages"), "reporting_finding": ("报送问题认定", "messages"),
    "warning": ("预警", "messages"), "warning_village": ("预警涉及村", "messages"), "callout": ("叫应", "messages"),
    "callout_seat": ("叫应席位（逐村）", "messages"), "acknowledgement": ("应答", "messages"), "delivery": ("投递与回执（逐条）", "messages"),
    "alarm": ("告警", "messages"), "room_call": ("指挥室呼叫", "messages"), "partner_share": ("与联动单位共享", "messages"),
    "activation": ("应急响应", "command"), "level_change": ("响应级别调整", "command"), "response_notice": ("响应通知", "command"),
    "joint_duty": ("联合值守", "command"), "duty_seat": ("联合值守席位", "command"), "instruction": ("指令", "command"),
    "instruction_step": ("指令反馈", "command"), "chase_order": ("督办单", "command"), "team_job": ("队伍出动", "command"),
    "team_check": ("安全报到", "command"), "supply_request": ("资源请求", "command"), "supply_line": ("请求明细", "command"),
    "command_group": ("指挥编组", "command"), "scene": ("现场", "command"), "command_transfer": ("指挥移交", "command"),
    "decision": ("决策", "command"), "consultation": ("会商", "command"), "rolling_assessment": ("滚动研判", "command"),
    "expert_call": ("专家咨询", "command"), "situation_report": ("态势报告", "command"), "plot_mark": ("标绘", "maps"),
    "room_file_link": ("大文件链接（文件不在案卷内）", "files"), "attachment": ("附件清单", "files"), "paper": ("公文清单", "papers"),
    "review": ("复盘", "review"), "review_finding": ("复盘发现", "review"), "lesson": ("整改", "review"),
    "case_record": ("案例", "review"), "case_file": ("先前制作的案卷", "journal"),
}  # fmt: skip
#: Columns that mean nothing outside the program, or open a door of it.
LEFT_OUT = frozenset(
    {"send_key", "key", "provider_ref", "snapshot", "lease_owner", "token", "computed", "geometry_hash"}
)
COLUMNS: dict[str, str] = {
    "accuracy_m": "精度（米）", "acknowledge_by": "应确认时间", "acknowledged_at": "确认时间", "acknowledged_by": "确认人",
    "acting_at": "行动时间", "activation": "响应", "activation_id": "响应", "added_at": "加入时间", "added_by_name": "加入人",
    "address": "号码或地址", "addressee": "对象", "advice": "意见", "affair": "事由", "affected": "受影响地区", "after": "前置任务",
    "answer": "答复", "answered_at": "应答时间", "answered_by": "应答人", "answered_by_name": "应答人姓名", "answered_via": "应答方式",
    "approved": "批准数量", "approved_at": "批准时间", "approved_by": "批准人", "approved_by_name": "批准人姓名", "area": "范围",
    "arrive_by": "应到时间", "arrived_at": "到达时间", "as_of": "截至时间", "asked": "请求数量", "asked_at": "提出时间",
    "asked_by": "提出人", "asked_by_name": "提出人姓名", "asked_words": "请求内容", "attempts": "尝试次数", "attendees": "参加人",
    "at": "时间", "audience": "发送对象", "authority": "下达权限", "back_at": "归队时间", "because": "原因", "began_at": "开始时间",
    "body": "正文", "broadcast": "广播", "by": "经办", "by_name": "经办人", "by_ref": "经办账号", "bytes": "字节数",
    "call_id": "来电编号", "called_at": "呼叫时间", "called_by_name": "呼叫人", "caller_name": "来电人", "caller_number": "来电号码",
    "caller_post": "来电人职务", "callout": "叫应", "callout_id": "叫应", "came_late": "迟到", "cancels": "取消", "cap_identifier": "CAP标识",
    "casualties": "伤亡", "cause_sentence": "触发原因", "cause_words": "原因", "chair": "主持人", "channel": "渠道", "chase_at": "催办时间",
    "chased": "催办次数", "checks_missed": "漏报到次数", "check_due_at": "下次报到时间", "check_every_min": "报到间隔（分）",
    "claimed_done_at": "自称完成时间", "close_reason": "结束原因", "closed": "已关闭", "closed_at": "结束时间", "closed_by": "结束人",
    "closed_why": "结束原因", "code": "代码", "conclusions": "结论", "confirmed_at": "确认收到时间", "confirmed_by": "确认收到人",
    "consultation": "会商", "content": "内容摘要值", "corrected_at": "修正时间", "corrected_by": "修正人", "course": "经过", "crossing": "越限",
    "data_until": "数据截至", "decided_at": "决定时间", "decided_by": "决定人", "decided_by_name": "决定人姓名", "declined_why": "未采纳原因",
    "delivered_at": "送达时间", "delivery": "投递", "demands": "要求", "detail": "详情", "division": "地点", "docx_sha256": "Word文件摘要值",
    "done_at": "完成时间", "done_words": "完成情况", "drafted_at": "拟稿时间", "drafted_by": "拟稿人", "drafted_by_person": "拟稿人姓名",
    "drill": "演练", "dropped_at": "撤销时间", "dropped_why": "撤销原因", "due_at": "应办时间", "due_on": "期限", "duties": "职责",
    "elements": "要素", "elsewhere": "外地地点", "end_reason": "结束原因", "end_why": "终止原因", "ended_at": "结束时间", "ended_by": "结束人",
    "ended_why": "结束原因", "ends_at": "结束时间", "error": "错误", "escalate_at": "升级时间", "escalated_to": "升级至",
    "escalated_to_name": "升级至姓名", "event_class": "事件类别", "event_type": "事件类型", "evidence": "依据", "expert": "专家",
    "expires_at": "有效至", "explanations": "说明", "facts": "内容", "fed_back_at": "反馈时间", "feedback_by": "反馈人",
    "feedback_due_at": "反馈期限", "feedback_way": "反馈方式", "feedback_words": "反馈内容", "fell_at": "回落时间", "figures": "数字",
    "files": "文件数", "final": "终报", "finding": "发现", "finished_at": "完成时间", "former": "原值", "from_at": "起", "from_level": "原级别",
    "from_words": "来源", "geometry": "图形", "given": "给出", "grade": "等级", "grade_reason": "定级理由", "grade_why": "定级依据",
    "graded_by": "定级方式", "group_key": "编组", "handed_at": "交出时间", "handed_by": "交出人", "handed_to": "转交",
    "happened_at": "发生时间", "happened_on": "发生日期", "hazard_type": "灾种", "head": "户主", "head_hash": "链首摘要值", "head_seq": "链首序号",
    "headline": "标题", "heard_at": "最近联系时间", "home": "住址", "households": "户数", "households_missing": "失联户数",
    "households_moved": "转移户数", "households_refused": "拒绝转移户数", "identity": "身份", "incident": "事件", "informant": "信息来源",
    "instead_of": "代替", "instruction": "指令", "intake": "接报", "is_direct": "直报", "is_doubtful": "存疑", "is_informing": "抄送",
    "is_late": "是否迟", "is_ours": "本级时限", "is_pre_authorised": "预授权", "is_restricted": "限制阅读", "is_sensitive": "敏感",
    "is_uncertain": "不确定", "is_upheld": "认定成立", "is_verified": "已核对", "is_well": "人员安全", "issued_at": "发布时间",
    "issued_by": "发布人", "issued_by_name": "发布人姓名", "issuer": "发布单位", "item": "品名代码", "items": "事项", "job": "出动",
    "joint_duty": "联合值守", "kept": "保持", "kind": "种类", "known_at": "获知时间", "label": "文字", "label_en": "英文名称",
    "label_zh": "名称", "ladder": "叫应规则", "ladder_name": "叫应规则名称", "language": "语言", "last_contact": "最后联系",
    "last_error": "最近错误", "lat": "纬度", "lon": "经度", "lead": "组长", "lead_words": "组长（文字）", "leader": "领导",
    "leader_called": "呼叫的领导", "leader_called_at": "呼叫领导时间", "leader_post": "领导职务", "left_at": "出发时间", "lessons": "教训",
    "level": "级别", "level_change": "级别调整", "limit_min": "时限（分）", "ack_limit_min": "确认时限（分）", "link": "链接",
    "lost_contact_at": "失联时间", "lost_signs": "失联迹象", "made_at": "制作时间", "made_by": "制作人", "made_by_name": "制作人姓名",
    "made_by_person": "制作人", "main": "主事件", "main_to": "主送", "may_be_repeated": "可能重复", "meaning": "含义", "measures": "措施",
    "measures_words": "措施说明", "media_type": "文件类型", "members": "成员", "merged_into": "并入", "message": "信息", "met_at": "办结时间",
    "met_by": "办结依据", "minutes": "纪要", "missing": "缺项", "moved_at": "移动时间", "moved_to": "转移去向", "name": "名称",
    "needed_by": "需要时间", "needs_proof": "需凭证", "note": "备注", "nth": "第几次", "number": "编号", "occurred_at": "发生时间",
    "opened": "已启动", "opened_at": "开设时间", "opened_by_person": "登记人", "order_to_go": "派人前往", "origin": "来源",
    "outcome": "结果", "outcome_at": "结果时间", "outlet": "终端", "owner": "责任单位", "owner_words": "责任人", "pack": "指令包",
    "parts": "内容", "party": "被叫人", "partner": "联动单位", "pdf_sha256": "PDF文件摘要值", "people": "人数", "people_moved": "转移人数",
    "period_from": "时段起", "period_to": "时段止", "person": "人员", "person_name": "姓名", "person_words": "人员（文字）",
    "phone_text": "短信文本", "photo_ids": "照片", "place_words": "具体地点", "placed_at": "标绘时间", "placed_by": "标绘账号",
    "placed_by_name": "标绘人", "plan": "预案", "plan_version": "预案版本", "planned_at": "计划时间", "post_kind": "岗位", "priority": "优先级",
    "progress": "进度（%）", "proposed_at": "建议时间", "proposed_by": "建议依据", "proposed_level": "建议级别", "purpose": "用途",
    "question": "问题", "raised_at": "告警时间", "read_at": "阅读时间", "reason": "理由", "reasons": "理由", "receipt": "回执",
    "receipt_due_at": "回执期限", "received": "收到数量", "received_at": "收到时间", "received_by_name": "签收人", "receiver": "接收单位",
    "recipient": "收件人", "recommended_action": "建议措施", "recorded_at": "记录时间", "recorded_by": "记录人", "recorder": "记录账号",
    "recorder_name": "记录人", "recording": "录音名称", "reference": "来文编号", "refused_why": "拒绝原因", "relayed_by": "转发单位",
    "remark": "批示", "remind_at": "提醒时间", "removed_at": "移除时间", "removed_by_name": "移除人", "replaces": "替代", "report": "报告",
    "reporter_person": "报告人", "resolve_reason": "处理原因", "responsible": "责任人", "result": "结果", "return_reason": "退回原因",
    "returned_at": "退回时间", "returned_by": "退回人", "returned_count": "退回次数", "returned_why": "退回原因", "review": "复盘",
    "reviewed_at": "审核时间", "reviewed_by": "审核人", "reviewer": "审核人", "rise_at": "升级时间", "risen": "升级次数", "risks": "风险",
    "role": "角色", "route": "路由", "rule_id": "规则", "rule_version": "规则版本", "rung": "第几级", "said_at": "批示时间", "scene": "现场",
    "scene_id": "现场", "scope": "统计地区", "seat": "席位", "seats_planned": "席位数", "sector": "分区", "sender": "发送方",
    "sender_name": "发送方名称", "sensitive_why": "敏感原因", "sent": "发出数量", "sent_at": "发出时间", "sent_by_name": "发出人",
    "serial": "序号", "sex": "性别", "age": "年龄", "sha256": "摘要值（SHA-256）", "shared_at": "共享时间", "shared_by": "共享人",
    "signed_at": "签发时间", "signed_by": "签发人", "signed_by_person": "签发人姓名", "signed_name": "签名", "signed_way": "签发方式",
    "signer_name": "签发人", "situation": "情况", "skipped": "跳过", "source": "来源", "stage": "阶段", "started_at": "开始时间",
    "starts_at": "开始时间", "state": "状态", "step": "步骤", "step_at": "步骤时间", "step_by_name": "步骤报告人", "step_via": "步骤报告方式",
    "step_words": "步骤说明", "strength": "人数", "structure": "结构", "style": "样式", "subject": "事由", "submitted_at": "提交时间",
    "submitted_by": "提交人", "summary": "概况", "symbol": "符号", "tags": "标签", "taken_at": "取得时间", "taken_by": "取得人",
    "target_tier": "报送层级", "task": "任务", "task_key": "任务代码", "team": "队伍", "template": "模板", "text": "文本", "text_en": "英文",
    "text_zh": "内容", "texts": "各语种文本", "their_number": "对方编号", "their_state": "对方状态", "their_words": "对方说明", "tier": "层级",
    "title": "标题", "to_at": "止", "to_level": "新级别", "told": "转告", "told_at": "通知时间", "told_by": "通知账号", "told_by_name": "通知人",
    "travel_min": "预计路程（分）", "trend": "趋势", "trying_channel": "正用渠道", "trying_person": "正呼叫", "trying_role": "正呼叫角色",
    "uid": "标识", "undone_at": "撤销时间", "undone_by": "撤销人", "undone_why": "撤销原因", "unit": "单位", "unit_head_knew_at": "单位负责人获知时间",
    "unknown": "未知", "value": "数值", "values": "数值", "verified_at": "核实时间", "verified_by": "核实人", "via": "方式",
    "village_sums": "村级合计", "voice_text": "语音文本", "waiting_since": "等待起", "warn_at": "预警时间", "warned_at": "提醒时间",
    "warning": "预警", "was_mistake": "误发", "way": "方式", "why": "原因", "with_words": "携带", "withdrawn_why": "撤回原因",
    "word": "签发意见", "words": "内容", "working_at": "作业时间", "before_merge": "归并前状态", "regrade_at": "失踪计亡时间",
    "needs_feedback": "需反馈", "needs_signature": "需签收", "duplicate_of": "重复于", "asked_path": "询问地区", "path": "地区路径",
    "reward_promised": "奖励承诺", "reward_paid": "奖励发放", "leader_call_at": "呼叫领导期限", "leader_rung": "呼叫次数", "bundled_in": "合并于",
    "repeats": "重复次数", "next_try_at": "下次尝试", "first_try_at": "首次尝试", "next_at": "下次时间", "send_at": "应发时间",
    "read_faults": "已读问题", "chain_key": "续报链", "step_in": "步骤", "changes": "变化", "origin_id": "来源编号", "list": "清单",
    "reopened_at": "恢复时间", "reopened_by": "恢复人", "takes_back": "撤回", "listed_at": "登记时间", "listed_by": "登记人",
    "changed_why": "变更原因", "fell_crossing": "回落越限", "review_due_at": "审核期限", "review_rung": "审核级次", "pre_authorisation": "预授权",
    "area_source": "范围依据", "reassigned_to": "改派", "confirmed_by_person": "确认人姓名", "indicator": "指标", "counts_from": "起算时间",
    "look_at": "查看时间", "filed_at": "填报时间", "filed_by": "填报人", "times": "次数", "joined_at": "加入时间", "follows": "续",
    "by_township": "分乡镇", "reported_to": "报送至", "is_unchanged": "无变化", "listed_people": "名单人数", "villages_filed": "已报村数",
    "villages_total": "应报村数", "sub_hazards": "灾种", "main_hazard": "主要灾种", "first_hazard": "最初灾种", "separate_why": "单列原因",
    "round_at": "轮次时间", "stable_at": "稳定时间", "transferred_report": "移交报告", "is_rural": "农村", "rooms_collapsed": "倒塌间数",
    "rooms_severe": "严重损坏间数", "rooms_slight": "一般损坏间数", "end_reason_words": "结束原因", "submitted_by_person": "提交人姓名",
    "place": "地点", "deadline": "下一时限", "last_words": "最近反馈", "last_at": "最近反馈时间", "since": "起", "lines": "明细", "lon_goal": "目的地经度",
    "lat_goal": "目的地纬度", "position_at": "定位时间", "reviewed_by_person": "审核人姓名", "retired_at": "停用时间",
}  # fmt: skip
#: What a column or code means in one kind of row alone.
_OWN_COLUMNS = {
    ("decision", "made_at"): "作出时间", ("decision", "made_by_name"): "作出人", ("rolling_assessment", "made_at"): "研判时间",
    ("rolling_assessment", "made_by_name"): "研判人", ("command_transfer", "name"): "姓名", ("command_transfer", "title"): "职务",
}  # fmt: skip
_OWN_VALUES = {("incident", "received"): "已接报", ("intake", "received"): "已接报"}
VALUES: dict[str, str] = {
    "received": "已收到", "verified": "已核实", "closed": "已结束", "not_true": "不实", "merged": "已归并", "claimed": "上报待核",
    "withdrawn": "已撤回", "draft": "草稿", "final": "已定稿", "signed": "已签发", "issued": "已发布", "sent": "已发出", "discarded": "已作废",
    "returned": "已退回", "replaced": "已替代", "lifted": "已解除", "expired": "已到期", "open": "进行中", "waiting": "等待", "answered": "已应答",
    "acting": "行动中", "done": "已完成", "unanswered": "无应答", "lost_contact": "失联", "resolved": "已处理", "released": "已释放",
    "queued": "排队", "handing": "发送中", "delivered": "已送达", "read": "已读", "refused": "已拒绝", "failed": "失败", "cancelled": "已取消",
    "proposed": "建议中", "active": "运行中", "declined": "未采纳", "ended": "已终止", "planned": "计划", "acknowledged": "已确认",
    "started": "已开始", "reported": "已报告", "finished": "已完成", "told": "已通知", "left": "已出发", "arrived": "已到达", "working": "作业中",
    "back": "已归队", "asked": "已提出", "approved": "已批准", "controlled": "已控制", "ringing": "鸣响", "confirmed": "已确认", "dropped": "已撤销",
    "sms": "短信", "voice": "语音电话", "email": "邮件", "desk": "值班台", "phone": "电话", "page": "网页", "link": "链接", "siren": "警报",
    "written": "书面", "commander": "指挥长", "deputy": "副指挥长", "field_commander": "现场指挥长", "coordinator": "现场协调员",
    "scene_commander": "分现场指挥", "first": "首报", "follow": "续报", "township": "乡镇", "county": "县", "city": "市", "province": "省",
    "village": "村", "start": "启动", "change": "调整", "end": "终止", "good": "做得好", "late": "迟", "missed": "漏", "wrong": "错", "gap": "缺口",
    "callout": "叫应", "risk_notice": "风险提示", "relay": "转发", "free": "自行下达", "file": "文件", "meeting": "视频会议",
}  # fmt: skip


@functools.lru_cache(maxsize=1)
def _kinds() -> dict[str, str]:
    """Every kind of entry that any part of the program names; found by name, so that floors above are heard as well."""
    found: dict[str, str] = {}
    for config in apps.get_app_configs():
        if not config.name.startswith("anlan."):
            continue
        try:
            module = importlib.import_module(f"{config.name}.journal_kinds")
        except ModuleNotFoundError:
            continue
        found |= {kind: zh for kind, (zh, _en) in module.JOURNAL_KINDS.items()}
    return found


def kind_word(kind: str) -> str:
    """What happened, as an entry of this kind says it."""
    return _kinds().get(kind, kind)


def table_word(kind: str) -> str:
    return TABLES.get(kind, (kind, ""))[0]


def column_word(name: str, kind: str = "") -> str:
    return _OWN_COLUMNS.get((kind, name)) or COLUMNS.get(name, name)


def value_word(kind: str, name: str, value: str) -> str:
    """What a stored code means; the code itself where it has no word."""
    if name == "event_type" and value in TYPES:
        return TYPES[value].zh
    if name == "informant":
        return next((pair[0] for code, pair in INFORMANT_LABELS.items() if code == value), value)
    if kind == "incident" and name == "kind":
        return next((pair[0] for code, pair in KIND_LABELS.items() if code == value), value)
    if kind == "figure" and name == "code":
        return FIGURES[value].zh if value in FIGURES else value
    if name == "hazard_type":
        return next((face.zh for code, face in HAZARDS.items() if code == value), value)
    return _OWN_VALUES.get((kind, value)) or VALUES.get(value, value)


def class_word(number: object) -> str:
    return next((pair[0] for code, pair in CLASS_LABELS.items() if code == number), str(number))
