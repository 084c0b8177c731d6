"""What journal entries are called on pages: each app names the kinds that it writes, this gathers them."""

from __future__ import annotations

from anlan.accounts import journal_kinds as accounts
from anlan.assessment import journal_kinds as assessment
from anlan.command import journal_kinds as command
from anlan.console.templatetags.anlan import is_chinese
from anlan.datacalls import journal_kinds as datacalls
from anlan.directory import journal_kinds as directory
from anlan.dispatch import journal_kinds as dispatch
from anlan.dissemination import journal_kinds as dissemination
from anlan.drills import journal_kinds as drills
from anlan.duty import journal_kinds as duty
from anlan.incidents import journal_kinds as incidents
from anlan.intake import journal_kinds as intake
from anlan.losses import journal_kinds as losses
from anlan.papers import journal_kinds as papers
from anlan.places import journal_kinds as places
from anlan.plans import journal_kinds as plans
from anlan.reporting import journal_kinds as reporting
from anlan.resources import journal_kinds as resources
from anlan.response import journal_kinds as response
from anlan.review import journal_kinds as review
from anlan.risk import journal_kinds as risk
from anlan.sensing import journal_kinds as sensing
from anlan.warning import journal_kinds as warning

#: Entries of the desk, of the phone pages and of the journal itself.
_OF_THE_DESK: dict[str, tuple[str, str]] = {
    "log.noted": ("值班记录", "note in the log"),
    "import.done": ("导入工作簿", "workbook imported"),
    "contact_list.looked_at": ("查看号码", "numbers looked at"),
    "sent_form.taken": ("收到手机表单", "form from a phone taken"),
    "announcement.retried": ("重试失败的工作", "failed work tried again"),
    "clock.stepped": ("时钟跳变", "clock stepped"),
}
KINDS: dict[str, tuple[str, str]] = {
    **places.JOURNAL_KINDS,
    **directory.JOURNAL_KINDS,
    **accounts.JOURNAL_KINDS,
    **sensing.JOURNAL_KINDS,
    **risk.JOURNAL_KINDS,
    **warning.JOURNAL_KINDS,
    **dissemination.JOURNAL_KINDS,
    **duty.JOURNAL_KINDS,
    **incidents.JOURNAL_KINDS,
    **intake.JOURNAL_KINDS,
    **reporting.JOURNAL_KINDS,
    **losses.JOURNAL_KINDS,
    **datacalls.JOURNAL_KINDS,
    **assessment.JOURNAL_KINDS,
    **resources.JOURNAL_KINDS,
    **plans.JOURNAL_KINDS,
    **dispatch.JOURNAL_KINDS,
    **response.JOURNAL_KINDS,
    **command.JOURNAL_KINDS,
    **drills.JOURNAL_KINDS,
    **review.JOURNAL_KINDS,
    **papers.JOURNAL_KINDS,
    **_OF_THE_DESK,
}
SUBJECTS: dict[str, tuple[str, str]] = {
    "plan": ("预案", "plan"),
    "plan_version": ("预案版本", "version of a plan"),
    "plan_link": ("预案衔接", "link of plans"),
    "plan_study": ("预案附件研究", "study of a plan"),
    "plan_filing": ("预案备案", "filing of a plan"),
    "plan_finding": ("预案检查", "finding of the plan check"),
    "team": ("队伍", "team"),
    "asset": ("装备车辆", "vehicle or equipment"),
    "expert": ("专家", "expert"),
    "stock_report": ("库存上报", "stock as reported"),
    "instruction": ("指令", "order"),
    "instruction_step": ("指令反馈", "step of an order"),
    "team_job": ("出动", "job of a team"),
    "team_check": ("安全报到", "safety check-in"),
    "supply_request": ("资源请求", "request for supplies"),
    "supply_line": ("请求明细", "line of a request"),
    "order_pack": ("指令包", "order pack"),
    "coordinating_body": ("议事协调机构", "coordinating body"),
    "body_member": ("成员单位", "member of a body"),
    "activation": ("应急响应", "activation"),
    "level_change": ("响应级别调整", "change of level"),
    "standing_consent": ("响应预授权", "standing consent"),
    "response_notice": ("响应通知", "notice of a response"),
    "joint_duty": ("联合值守", "joint duty"),
    "duty_seat": ("席位", "seat"),
    "mode_switch": ("平战切换", "change of mode"),
    "partner_share": ("联动共享", "incident shared"),
    "command_group": ("指挥编组", "command group"),
    "scene": ("现场", "scene"),
    "command_transfer": ("指挥移交", "transfer of command"),
    "decision": ("决策", "decision"),
    "consultation": ("会商", "consultation"),
    "rolling_assessment": ("滚动研判", "rolling assessment"),
    "expert_call": ("专家咨询", "expert call"),
    "situation_report": ("态势报告", "situation report"),
    "plot_mark": ("标绘", "mark on the map"),
    "room_file_link": ("指挥室链接", "link in the room"),
    "room_call": ("指挥呼叫", "call from the room"),
    "tak_client": ("标绘终端", "TAK client"),
    "drill": ("演练", "drill"),
    "inject": ("演练脚本", "inject"),
    "drill_mark": ("演练观察", "mark of an observer"),
    "review": ("复盘", "review"),
    "review_finding": ("复盘发现", "finding of a review"),
    "lesson": ("整改", "lesson"),
    "case_record": ("案例", "case"),
    "case_file": ("案卷", "case file"),
    "back_report": ("回报", "report back"),
    "feed_source": ("预警源", "feed of warnings"),
    "incoming_message": ("外来信息", "message of others"),
    "incoming_warning": ("外来预警", "warning of others"),
    "warning_sender": ("预警发送方", "sender of warnings"),
    "incident": ("事件", "incident"),
    "figure": ("数字", "figure"),
    "merge_link": ("归并", "merge"),
    "remark": ("批示", "remark"),
    "paper": ("公文", "paper"),
    "paper_template": ("公文模板", "paper template"),
    "brief_schedule": ("定时拟稿", "time of a draft"),
    "chase_order": ("督办单", "chase order"),
    "intake": ("接报", "message"),
    "intake_step": ("接报办理", "step of a message"),
    "intake_sender": ("报送来源", "sender"),
    "nil_report": ("零报告", "nil report"),
    "ring": ("来电", "call"),
    "landmark": ("地标", "landmark"),
    "loss_course": ("灾害过程", "course of a disaster"),
    "loss_part": ("统计乡镇", "township of a course"),
    "loss_filing": ("村级灾情", "losses of a village"),
    "loss_township_report": ("乡镇灾情", "losses of a township"),
    "loss_correction": ("灾情修正", "corrected figure"),
    "loss_report": ("灾情报告", "loss report"),
    "lost_person": ("死亡失踪人员", "dead or missing person"),
    "damaged_house": ("倒损住房户", "damaged house"),
    "loss_due": ("报灾时限", "limit of a loss report"),
    "upward_report": ("上报信息", "report upward"),
    "report_delivery": ("信息报送", "delivery of a report"),
    "report_clock": ("报送时限", "report clock"),
    "clock_meeting": ("时限办理记录", "obligation recorded as met"),
    "chain_reopening": ("恢复续报", "chain reopened"),
    "reporting_finding": ("报送问题认定", "finding"),
    "report_receiver": ("报送对象", "receiver of reports"),
    "lower_node": ("下级节点", "lower node"),
    "score_bulletin": ("通报", "bulletin"),
    "data_call": ("收数", "data call"),
    "data_seat": ("收数单位", "place asked by a data call"),
    "figure_definition": ("指标", "named figure"),
    "filing": ("填报", "filing"),
    "calendar_feed": ("日历链接", "calendar link"),
    "carried_note": ("交办事项", "item to be done"),
    "check_in": ("签到", "check-in"),
    "clock_sync": ("对时", "time synchronisation"),
    "duty_room": ("值班室", "duty room"),
    "handover": ("交接班", "handover"),
    "link_gap": ("视联网中断", "gap of a video link"),
    "roll_call": ("点名", "roll call"),
    "roll_call_seat": ("点名对象", "called in a roll call"),
    "room_link": ("视联网", "video link"),
    "shift": ("班次", "shift"),
    "absence": ("请假", "absence"),
    "shift_swap": ("换班", "swap of shifts"),
    "special_period": ("特殊时段", "special period"),
    "account": ("账号", "account"),
    "acknowledgement": ("应答", "acknowledgement"),
    "alarm": ("告警", "alarm"),
    "announcement": ("待办工作", "work"),
    "binding": ("规则监视", "binding"),
    "callout": ("叫应", "call-out"),
    "callout_seat": ("叫应席位", "seat"),
    "clock": ("时钟", "clock"),
    "contact": ("号码", "number"),
    "crossing": ("越限", "crossing"),
    "danger_zone": ("危险区", "danger zone"),
    "delivery": ("投递", "delivery"),
    "division": ("区划", "division"),
    "history": ("历史资料", "history"),
    "history_segment": ("归档日", "settled day"),
    "holding": ("任职", "holding"),
    "household": ("住户", "household"),
    "import": ("导入", "import"),
    "inbound_event": ("渠道回执", "event of a channel"),
    "camera": ("摄像头", "camera"),
    "camera_catalogue": ("视频目录", "camera catalogue"),
    "ingest_source": ("数据来源", "source of data"),
    "log": ("值班日志", "log"),
    "organisation": ("单位", "organisation"),
    "person": ("人员", "person"),
    "post": ("岗位", "post"),
    "pre_authorisation": ("预授权", "pre-authorisation"),
    "rivers": ("河流", "rivers"),
    "sent_form": ("手机表单", "form from a phone"),
    "signal": ("信号", "signal"),
    "station": ("测站", "station"),
    "station_command": ("测站指令", "command to a station"),
    "station_happening": ("设备报告", "report of a device"),
    "station_link": ("测站关联", "link of a station"),
    "unknown_station": ("未登记测站", "unregistered station"),
    "warning": ("预警", "warning"),
    "warning_village": ("预警涉及村", "village of a warning"),
}


def kind_word(kind: str) -> str:
    """What an entry of this kind says, in the reader's language; the kind itself when nobody named it."""
    return _word(KINDS, kind)


def subject_word(subject_type: str) -> str:
    """What an entry is about, in the reader's language."""
    return _word(SUBJECTS, subject_type)


def _word(words: dict[str, tuple[str, str]], code: str) -> str:
    zh, en = words.get(code, (code, code))
    return zh if is_chinese() else en
