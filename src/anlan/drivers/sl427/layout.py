"""Layout and code lists of SL/T 427-2021. Source: the text as others copied it (ThingsPanel/go-sl427) and one real frame.

68 L 68 | control 1 (2 with the split bit) | address 5 | AFN 1 | data | [password 2] [time label 7] | CRC-8 | 16. L counts from the
control byte to the last data byte. Variants with two length bytes are not read.
"""

from __future__ import annotations

START = 0x68
END = 0x16
#: 68 L 68.
HEADER = 3
TRAILER = 2
ADDRESS = 5
#: Control, address, AFN.
MIN_USER = 7
MAX_FRAME = HEADER + 255 + TRAILER
#: More than a frame has bytes: values may hold 68 as often as they like.
OVERLAP = MAX_FRAME

#: Bits of the control byte.
UP = 0x80
SPLIT = 0x40
FCB = 0x30
TYPE = 0x0F

LINK_TEST, SET_CLOCK, QUERY, SELF_REPORT = 0x02, 0x11, 0xB0, 0xC0
ALARM, MANUAL, PICTURE, VOLTAGE = 0x81, 0x82, 0x83, 0x84
#: Reports of a station's own accord.
REPORTS = frozenset({ALARM, MANUAL, PICTURE, VOLTAGE, SELF_REPORT})

#: Alarm bits and terminal state behind the values of a self report.
STATUS = 4
TIME_LABEL = 7
CLOCK = 6
PASSWORD = 2

AFN_NAMES: dict[int, tuple[str, str]] = {
    LINK_TEST: ("链路检测", "link test"),
    0x10: ("设置地址", "set the address"),
    SET_CLOCK: ("设置时钟", "set the clock"),
    0x12: ("设置工作模式", "set the mode"),
    0x50: ("查询地址", "read the address"),
    0x51: ("查询时钟", "read the clock"),
    0x61: ("查询图像", "fetch a picture"),
    ALARM: ("随机自报报警数据", "alarm report"),
    MANUAL: ("人工置数", "manual report"),
    PICTURE: ("自报图片", "picture"),
    VOLTAGE: ("自报电压", "supply voltage"),
    QUERY: ("查询实时值", "present values"),
    SELF_REPORT: ("自报实时数据", "self report"),
}

LINK_NAMES: dict[int, tuple[str, str]] = {
    0xF0: ("登录", "login"),
    0xF1: ("退出登录", "logout"),
    0xF2: ("在线保持", "keep-alive"),
}

#: Bits of the alarm word, lowest first. Bit 6 tells a state and is no alarm.
ALARM_BITS: tuple[tuple[str, str], ...] = (
    ("交流电停电", "mains failed"),
    ("蓄电池电压低", "battery low"),
    ("水位超限", "stage beyond its limit"),
    ("流量超限", "flow beyond its limit"),
    ("水质超限", "water quality beyond its limit"),
    ("流量仪表故障", "flow meter faulty"),
    ("水泵停机", "pump stopped"),
    ("水位仪表故障", "stage gauge faulty"),
    ("水压超限", "pressure beyond its limit"),
    ("温度超限", "temperature beyond its limit"),
    ("IC卡功能", "card function"),
    ("定值控制", "fixed-value control"),
    ("剩余水量低", "little water left"),
    ("箱门开启", "door open"),
)
#: Bits that tell a state.
STATE_BITS = frozenset({6, 10})
