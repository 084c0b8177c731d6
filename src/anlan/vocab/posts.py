"""Kinds of posts, where they sit, and the rights that a holder has by virtue of the post.

The list follows design section 11 (least privilege by post and jurisdiction) and R34 (information officers, A/B roles).
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Right(StrEnum):
    """What a person may do. Checked for existence at start-up; labels are shown on the account page."""

    SEE = "see"
    DRAFT = "draft"
    SIGN_OFF = "sign_off"
    RUN_CALLOUT = "run_callout"
    CONFIRM_ALARM = "confirm_alarm"
    EDIT_DIRECTORY = "edit_directory"
    SEE_NUMBERS = "see_numbers"
    PRE_AUTHORISE = "pre_authorise"
    SEE_JOURNAL = "see_journal"
    ADMINISTER = "administer"
    #: Accept or reject a flagged reading, with a reason.
    JUDGE_READINGS = "judge_readings"
    #: Enter what a person read or saw at a station.
    RECORD_READINGS = "record_readings"
    #: Propose a rule or a threshold; another person with APPROVE_RULES puts it into force.
    EDIT_RULES = "edit_rules"
    APPROVE_RULES = "approve_rules"
    #: Query a station, set its clock; what changes it for good is released by a second person with the same right.
    COMMAND_STATIONS = "command_stations"
    #: Acknowledge and explain the alarms of one's own enterprise, ask for maintenance windows.
    ANSWER_FOR_ENTERPRISE = "answer_for_enterprise"
    #: Grant or refuse maintenance windows, close enterprise alarms: the regulator.
    SUPERVISE_ENTERPRISES = "supervise_enterprises"
    #: Send a quick report of what happened: everybody who holds a post.
    REPORT = "report"
    #: The duty desk: take and verify what comes in, keep incidents, draft reports upward.
    TAKE_REPORTS = "take_reports"
    #: Check a report before it is signed.
    REVIEW_REPORTS = "review_reports"
    #: Sign a report upward, in the name of the county or the township.
    SIGN_REPORTS = "sign_reports"
    #: Leaders' remarks and chase orders.
    REMARK = "remark"
    #: Read public-health and social-security incidents (classes 3 and 4).
    SEE_RESTRICTED = "see_restricted"
    #: Shifts, swaps, roll calls.
    MANAGE_DUTY = "manage_duty"
    #: Ask townships and departments for figures; file the figures asked of one's own place.
    CALL_FOR_DATA = "call_for_data"
    FILE_DATA = "file_data"
    #: Decide that something was omitted, false or concealed; publish scores.
    JUDGE_REPORTING = "judge_reporting"
    #: Write plans of one's own place and hand them in; put one into force, accept the filing of a place below.
    EDIT_PLANS = "edit_plans"
    APPROVE_PLANS = "approve_plans"
    #: Open, change and end a response level; each level of a plan narrows it to the posts that it names.
    DECIDE_RESPONSE = "decide_response"
    #: Give orders, write in the incident room.
    COMMAND = "command"
    #: Send teams and supplies.
    DISPATCH = "dispatch"
    #: Keep the register of teams, vehicles, equipment and experts.
    EDIT_RESOURCES = "edit_resources"
    #: Plan and run drills.
    RUN_DRILLS = "run_drills"
    #: Write reviews, keep the case library, make case files.
    REVIEW_INCIDENTS = "review_incidents"


RIGHT_LABELS: dict[Right, tuple[str, str]] = {
    Right.SEE: ("查看", "see"),
    Right.DRAFT: ("起草预警与叫应", "draft warnings and call-outs"),
    Right.SIGN_OFF: ("签发", "sign off"),
    Right.RUN_CALLOUT: ("处置叫应", "run call-outs"),
    Right.CONFIRM_ALARM: ("确认告警", "confirm alarms"),
    Right.EDIT_DIRECTORY: ("维护通讯录", "edit the directory"),
    Right.SEE_NUMBERS: ("查看完整号码", "see full phone numbers"),
    Right.PRE_AUTHORISE: ("签署预授权", "sign pre-authorisations"),
    Right.SEE_JOURNAL: ("查看留痕", "see the journal"),
    Right.ADMINISTER: ("系统管理", "administer"),
    Right.JUDGE_READINGS: ("审核读数", "judge readings"),
    Right.RECORD_READINGS: ("录入人工读数", "enter readings by hand"),
    Right.EDIT_RULES: ("拟定规则与阈值", "propose rules and thresholds"),
    Right.APPROVE_RULES: ("批准规则与阈值", "approve rules and thresholds"),
    Right.COMMAND_STATIONS: ("向测站下发指令", "send commands to stations"),
    Right.ANSWER_FOR_ENTERPRISE: ("企业告警应答", "answer for the enterprise"),
    Right.SUPERVISE_ENTERPRISES: ("企业监管", "supervise enterprises"),
    Right.REPORT: ("报送信息", "send quick reports"),
    Right.TAKE_REPORTS: ("接报、核实与拟稿", "take and verify reports, draft reports upward"),
    Right.REVIEW_REPORTS: ("审核信息", "review reports"),
    Right.SIGN_REPORTS: ("签发信息", "sign reports"),
    Right.REMARK: ("批示与督办", "write remarks and chase orders"),
    Right.SEE_RESTRICTED: ("查看限制阅读的事件", "read restricted incidents"),
    Right.MANAGE_DUTY: ("排班与点名", "plan shifts and call the roll"),
    Right.CALL_FOR_DATA: ("发起收数", "call for data"),
    Right.FILE_DATA: ("填报数据", "file data"),
    Right.JUDGE_REPORTING: ("认定漏报谎报瞒报、发布通报", "judge reporting, publish scores"),
    Right.EDIT_PLANS: ("编制预案", "write plans"),
    Right.APPROVE_PLANS: ("批准预案与备案", "approve plans and filings"),
    Right.DECIDE_RESPONSE: ("启动、调整、终止响应", "open, change and end responses"),
    Right.COMMAND: ("下达指令", "give orders"),
    Right.DISPATCH: ("调度队伍与物资", "send teams and supplies"),
    Right.EDIT_RESOURCES: ("维护队伍装备与专家", "keep the register of resources"),
    Right.RUN_DRILLS: ("组织演练", "run drills"),
    Right.REVIEW_INCIDENTS: ("复盘与案卷", "review incidents, make case files"),
}


class PostKind(StrEnum):
    INFORMATION_OFFICER = "information_officer"
    VILLAGE_SECRETARY = "village_secretary"
    TOWNSHIP_DUTY = "township_duty"
    TOWNSHIP_INFORMATION_OFFICER = "township_information_officer"
    COUNTY_DUTY = "county_duty"
    COUNTY_DUTY_CHIEF = "county_duty_chief"
    DUTY_LEADER = "duty_leader"
    COMMANDER = "commander"
    ADMINISTRATOR = "administrator"
    ENTERPRISE_SAFETY_MANAGER = "enterprise_safety_manager"
    SITE_KEEPER = "site_keeper"
    TOWNSHIP_LEADER = "township_leader"
    DEPARTMENT_DUTY = "department_duty"


class PostFace(NamedTuple):
    """`tier` is the level of division the post belongs to; `rights` are what a holder may do there and below."""

    zh: str
    en: str
    tier: str
    rights: frozenset[Right]


_DESK = frozenset(
    {
        Right.SEE,
        Right.DRAFT,
        Right.RUN_CALLOUT,
        Right.CONFIRM_ALARM,
        Right.SEE_NUMBERS,
        Right.SEE_JOURNAL,
        Right.RECORD_READINGS,
        Right.JUDGE_READINGS,
        Right.SUPERVISE_ENTERPRISES,
        Right.REPORT,
        Right.TAKE_REPORTS,
        Right.SEE_RESTRICTED,
        Right.CALL_FOR_DATA,
        Right.FILE_DATA,
        Right.EDIT_PLANS,
        Right.COMMAND,
        Right.DISPATCH,
        Right.EDIT_RESOURCES,
    }
)
_CHIEF = frozenset(
    {
        Right.REVIEW_REPORTS,
        Right.MANAGE_DUTY,
        Right.REMARK,
        Right.JUDGE_REPORTING,
        Right.EDIT_PLANS,
        Right.DECIDE_RESPONSE,
        Right.RUN_DRILLS,
        Right.REVIEW_INCIDENTS,
    }
)
_LEADER = _CHIEF | {Right.SIGN_REPORTS, Right.APPROVE_PLANS}
_TOWNSHIP_DESK = frozenset(
    {
        Right.REPORT,
        Right.TAKE_REPORTS,
        Right.FILE_DATA,
        Right.MANAGE_DUTY,
        Right.SEE_JOURNAL,
        Right.EDIT_PLANS,
        Right.COMMAND,
        Right.DISPATCH,
        Right.EDIT_RESOURCES,
    }
)

FACES: dict[PostKind, PostFace] = {
    PostKind.INFORMATION_OFFICER: PostFace(
        "灾害信息员",
        "hazard information officer",
        "village",
        frozenset({Right.SEE, Right.RECORD_READINGS, Right.REPORT, Right.FILE_DATA}),
    ),
    PostKind.VILLAGE_SECRETARY: PostFace(
        "村党组织书记", "village party secretary", "village", frozenset({Right.SEE, Right.REPORT})
    ),
    PostKind.TOWNSHIP_DUTY: PostFace(
        "乡镇值班室",
        "township duty room",
        "township",
        frozenset(
            {
                Right.SEE,
                Right.RUN_CALLOUT,
                Right.EDIT_DIRECTORY,
                Right.SEE_NUMBERS,
                Right.CONFIRM_ALARM,
                Right.RECORD_READINGS,
            }
        )
        | _TOWNSHIP_DESK,
    ),
    PostKind.TOWNSHIP_INFORMATION_OFFICER: PostFace(
        "乡镇信息员",
        "township information officer",
        "township",
        frozenset({Right.SEE, Right.EDIT_DIRECTORY, Right.REPORT, Right.FILE_DATA}),
    ),
    PostKind.COUNTY_DUTY: PostFace(
        "县值班员", "county duty officer", "county", _DESK | {Right.EDIT_DIRECTORY}
    ),
    PostKind.COUNTY_DUTY_CHIEF: PostFace(
        "县值班长",
        "county duty chief",
        "county",
        _DESK | _CHIEF | {Right.SIGN_OFF, Right.EDIT_DIRECTORY, Right.EDIT_RULES, Right.COMMAND_STATIONS},
    ),
    PostKind.DUTY_LEADER: PostFace(
        "带班领导",
        "leader on duty",
        "county",
        _DESK | _LEADER | {Right.SIGN_OFF, Right.APPROVE_RULES, Right.COMMAND_STATIONS},
    ),
    PostKind.COMMANDER: PostFace(
        "指挥长",
        "incident commander",
        "county",
        _DESK | _LEADER | {Right.SIGN_OFF, Right.PRE_AUTHORISE, Right.APPROVE_RULES},
    ),
    PostKind.ADMINISTRATOR: PostFace(
        "系统管理员",
        "administrator",
        "county",
        frozenset(
            {
                Right.SEE,
                Right.EDIT_DIRECTORY,
                Right.SEE_JOURNAL,
                Right.ADMINISTER,
                Right.EDIT_RULES,
                Right.COMMAND_STATIONS,
                Right.EDIT_PLANS,
                Right.EDIT_RESOURCES,
                Right.RUN_DRILLS,
            }
        ),
    ),
    PostKind.ENTERPRISE_SAFETY_MANAGER: PostFace(
        "企业安全管理员",
        "enterprise safety manager",
        "enterprise",
        frozenset({Right.SEE, Right.ANSWER_FOR_ENTERPRISE, Right.RECORD_READINGS, Right.REPORT})
        | {Right.EDIT_PLANS, Right.EDIT_RESOURCES},
    ),
    PostKind.SITE_KEEPER: PostFace(
        "场所责任人", "person responsible for a site", "site", frozenset({Right.SEE})
    ),
    PostKind.TOWNSHIP_LEADER: PostFace(
        "乡镇带班领导",
        "township leader on duty",
        "township",
        frozenset({Right.SEE, Right.SEE_NUMBERS, Right.CONFIRM_ALARM, Right.REMARK, Right.REVIEW_REPORTS})
        | {Right.SIGN_REPORTS, Right.APPROVE_PLANS, Right.DECIDE_RESPONSE}
        | _TOWNSHIP_DESK,
    ),
    PostKind.DEPARTMENT_DUTY: PostFace(
        "部门值班室",
        "department duty room",
        "department",
        frozenset({Right.SEE, Right.REPORT, Right.FILE_DATA, Right.MANAGE_DUTY})
        | {Right.EDIT_PLANS, Right.EDIT_RESOURCES},
    ),
}
