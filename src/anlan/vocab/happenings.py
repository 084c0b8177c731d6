"""Kinds of happenings: what a device reports that is no number. A driver uses the codes; pages and the duty room read the words.

`severity` and `rings` are engineering choices (no standard ranks these reports); a kind that `rings` sounds in the duty room.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """How much a person must care: nothing to do, look at it, act now."""

    INFO = "info"
    ATTENTION = "attention"
    SEVERE = "severe"


SEVERITY_LABELS: dict[Severity, tuple[str, str]] = {
    Severity.INFO: ("一般", "information"),
    Severity.ATTENTION: ("注意", "attention"),
    Severity.SEVERE: ("严重", "severe"),
}


class HappeningKind(NamedTuple):
    code: str
    zh: str
    en: str
    severity: Severity
    #: Sounds in the duty room until somebody confirms.
    rings: bool = False


_INFO, _ATTENTION, _SEVERE = Severity.INFO, Severity.ATTENTION, Severity.SEVERE

#: One row a kind, by the driver or family that reports it; drivers add theirs here.
KINDS: tuple[HappeningKind, ...] = (
    # hydrological terminals (SL 651 functions 35, 39, 45, 46, 49, 50)
    HappeningKind("manual_text", "人工置数文本", "text entered at the station", _INFO),
    HappeningKind("terminal_version", "终端软件版本", "version of the terminal", _INFO),
    HappeningKind("terminal_status", "终端状态正常", "terminal status, nothing wrong", _INFO),
    HappeningKind("terminal_alarm", "终端状态报警", "terminal status with alarms", _ATTENTION),
    HappeningKind("terminal_settings", "终端参数", "settings of the terminal", _INFO),
    HappeningKind("terminal_events", "终端事件记录", "event counters of the terminal", _INFO),
    HappeningKind("terminal_clock", "终端时钟", "clock of the terminal", _INFO),
    HappeningKind("terminal_reset", "终端初始化或恢复出厂", "terminal storage or settings reset", _ATTENTION),
    HappeningKind("terminal_password", "终端密码已改", "password of the terminal changed", _ATTENTION),
    # electronic seals of mines (R32: what the camera terminal recognises, and the state of the seal itself)
    HappeningKind("seal_people_in", "电子封条：人员进入", "seal: people went in", _SEVERE, rings=True),
    HappeningKind("seal_people_out", "电子封条：人员离开", "seal: people came out", _ATTENTION),
    HappeningKind(
        "seal_equipment_running", "电子封条：设备运行", "seal: equipment runs", _SEVERE, rings=True
    ),
    HappeningKind("seal_equipment_stopped", "电子封条：设备停止", "seal: equipment stopped", _INFO),
    HappeningKind("seal_loaded_vehicle", "电子封条：载重车辆", "seal: loaded vehicle", _SEVERE, rings=True),
    HappeningKind("seal_dispatcher_absent", "电子封条：调度室脱岗", "seal: dispatcher absent", _ATTENTION),
    HappeningKind("seal_dispatcher_asleep", "电子封条：调度室睡岗", "seal: dispatcher asleep", _ATTENTION),
    HappeningKind("seal_camera_covered", "电子封条：摄像头遮挡", "seal: camera covered", _SEVERE),
    HappeningKind("seal_camera_moved", "电子封条：摄像头移位", "seal: camera moved", _SEVERE),
    HappeningKind(
        "seal_camera_unclear",
        "电子封条：画面模糊、过暗或静止",
        "seal: picture blurred, dark or frozen",
        _ATTENTION,
    ),
    HappeningKind("seal_lock_opened", "电子封条：电子锁打开", "seal: lock opened", _SEVERE, rings=True),
    HappeningKind("seal_lock_closed", "电子封条：电子锁锁闭", "seal: lock closed", _INFO),
    HappeningKind("seal_power_lost", "电子封条：断电", "seal: power lost", _ATTENTION),
    HappeningKind("seal_offline", "电子封条：离线", "seal: off line", _ATTENTION),
    HappeningKind("seal_online", "电子封条：恢复在线", "seal: on line again", _INFO),
    # persons on patrol (B-05)
    HappeningKind(
        "patrol_abnormal", "巡查发现异常", "something abnormal seen on patrol", _SEVERE, rings=True
    ),
    # vehicles (JT/T 808 alarm bits)
    HappeningKind("vehicle_emergency", "车辆紧急报警", "emergency button of a vehicle", _SEVERE, rings=True),
    HappeningKind("vehicle_danger", "车辆危险报警", "danger reported by a vehicle", _SEVERE, rings=True),
    HappeningKind("vehicle_fault", "车载终端故障", "fault of a vehicle's terminal", _ATTENTION),
    HappeningKind("vehicle_notice", "车辆行驶提示", "notice about a vehicle's driving", _ATTENTION),
    HappeningKind("vehicle_registered", "车载终端注册", "vehicle terminal registers", _INFO),
    HappeningKind("vehicle_unregistered", "车载终端注销", "vehicle terminal unregisters", _ATTENTION),
    # fire alarm equipment (GB/T 26875.3)
    HappeningKind("fire_alarm", "火灾报警", "fire alarm", _SEVERE, rings=True),
    HappeningKind("fire_fault", "消防设施故障", "fault of fire equipment", _ATTENTION),
    HappeningKind("fire_shielded", "消防部件被屏蔽", "fire equipment shielded", _ATTENTION),
    HappeningKind("fire_supervision", "消防监管报警", "supervisory signal", _ATTENTION),
    HappeningKind("fire_started", "消防设施启动", "fire equipment started", _ATTENTION),
    HappeningKind("fire_operation", "消防控制操作", "operation at a fire panel", _INFO),
    # monitors of enterprises (HJ 212) and short-message cards (BeiDou)
    HappeningKind("clock_wanted", "请求校时", "the station asks for the time", _INFO),
    HappeningKind("logger_started", "数采仪开机", "data logger started", _ATTENTION),
    HappeningKind("device_login", "设备登录", "device logged in", _INFO),
    HappeningKind("command_answered", "命令应答", "answer to a command", _INFO),
    HappeningKind("link_signal", "北斗信号强度", "BeiDou signal", _INFO),
    HappeningKind("link_card", "北斗卡信息", "BeiDou card", _INFO),
    HappeningKind("link_sent", "北斗发送结果", "result of a BeiDou message", _INFO),
    HappeningKind("link_text", "北斗短信", "BeiDou text message", _ATTENTION),
)

HAPPENINGS: dict[str, HappeningKind] = {kind.code: kind for kind in KINDS}


def happening_kind(code: str) -> HappeningKind:
    """The known kind; one nobody described keeps its code as its words, for attention and silent."""
    return HAPPENINGS.get(code) or HappeningKind(code, code, code, _ATTENTION)
