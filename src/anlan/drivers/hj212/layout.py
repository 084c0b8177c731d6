"""Layout and code lists of HJ 212. Names follow public implementations; the standard's text was not at hand."""

from __future__ import annotations

START = b"##"
LENGTH_DIGITS = 4
HEADER = len(START) + LENGTH_DIGITS
CRC_DIGITS = 4
TAIL = b"\r\n"
TRAILER = CRC_DIGITS + len(TAIL)
#: What four digits can say; the standard allows 1024, real stations send 1025 and 1623.
MAX_SEGMENT = 9999
STANDARD_SEGMENT = 1024
MAX_FRAME = HEADER + MAX_SEGMENT + TRAILER
#: A segment holds no "##"; a few false starts in free text are still no harm.
OVERLAP = 16

#: Bits of Flag: an answer is wanted; packet numbers follow; above them the version, 0 = 2005, 1 = 2017.
FLAG_ACK = 1
FLAG_PACKETS = 2
VERSION_SHIFT = 2

#: System code of conversation between station and centre.
ST_SYSTEM = "91"

REALTIME, MINUTE, HOUR, DAY = "2011", "2051", "2061", "2031"
DATA_COMMANDS = frozenset({REALTIME, MINUTE, HOUR, DAY})
#: What the quantity of a mean, extreme or sum of this command ends with; minute data has none.
PERIOD_SUFFIX = {REALTIME: "", MINUTE: "", HOUR: "_1h", DAY: "_1d"}

REQUEST_ACK, RESULT, NOTICE_ACK, DATA_ACK = "9011", "9012", "9013", "9014"
#: Login and heartbeat: not in the standard, seen in regions.
LOGIN, HEARTBEAT = "9021", "9015"
KEEPALIVES = frozenset({LOGIN, HEARTBEAT})
#: Reports that are notices and not data; they are answered with 9013.
NOTICES = frozenset({"1013", "2081", LOGIN, HEARTBEAT})
#: Answers and confirmations, which nobody answers again.
CONVERSATION = frozenset({"9011", "9012", "9013", "9014"})

COMMAND_NAMES: dict[str, tuple[str, str]] = {
    "1000": ("设置超时时间及重发次数", "set time-out and repeats"),
    "1011": ("现场机时间", "clock of the station"),
    "1012": ("设置现场机时间", "set the clock"),
    "1013": ("现场机时间校准请求", "request to set the clock"),
    "2011": ("污染物实时数据", "real-time data"),
    "2012": ("停止察看实时数据", "stop real-time data"),
    "2021": ("设备运行状态", "state of equipment"),
    "2031": ("污染物日历史数据", "daily data"),
    "2041": ("设备运行时间日历史数据", "daily running times"),
    "2051": ("污染物分钟数据", "minute data"),
    "2061": ("污染物小时数据", "hourly data"),
    "2081": ("数采仪开机时间", "start of the data logger"),
    "3019": ("设备唯一标识", "identity of a device"),
    "3020": ("现场机信息", "information of the station"),
    "9011": ("请求应答", "answer to a request"),
    "9012": ("执行结果", "result of a command"),
    "9013": ("通知应答", "answer to a notice"),
    "9014": ("数据应答", "answer to data"),
    "9015": ("心跳（地方扩展）", "heartbeat (regional)"),
    "9021": ("登录（地方扩展）", "login (regional)"),
}

SYSTEM_NAMES: dict[str, tuple[str, str]] = {
    "21": ("地表水质量监测", "surface water"),
    "22": ("空气质量监测", "air quality"),
    "23": ("声环境质量监测", "noise"),
    "31": ("大气环境污染源", "source of air pollution"),
    "32": ("地表水体环境污染源", "source of water pollution"),
    "91": ("系统交互", "conversation"),
}
#: Air quality: ambient concentrations, in other units than those of chimneys.
AMBIENT_AIR = "22"

#: Marks of a value: what they say, and whether the value then does not describe the world. Hand-entered values do.
VALUE_FLAGS: dict[str, tuple[str, str, bool]] = {
    "N": ("正常", "normal", False),
    "S": ("手工输入", "entered by hand", False),
    "F": ("停运", "out of operation", True),
    "M": ("维护", "maintenance", True),
    "D": ("故障", "fault", True),
    "C": ("校准", "calibrating", True),
    "T": ("超量程", "out of range", True),
    "B": ("通讯异常", "no communication with the device", True),
    "P": ("电源故障", "power failure", True),
}

#: Items of the header, as they are explained.
HEADER_NAMES: dict[str, tuple[str, str]] = {
    "QN": ("请求编号（发送时刻）", "request number: time of sending"),
    "ST": ("系统编码", "system code"),
    "CN": ("命令编码", "command code"),
    "PW": ("访问密码", "password"),
    "MN": ("设备唯一标识", "identity of the station"),
    "Flag": ("标志", "flags: answer wanted, packet numbers, version"),
    "PNUM": ("总包数", "packets in all"),
    "PNO": ("包号", "number of this packet"),
}
