"""Code lists of GB/T 26875.3-2011: tables 3 (types), 4 (systems), 5 (components) and the bits of the state words.

The standard's text was not seen; the lists are those on which two public implementations agree (shootingfans/codec_gb26875_3_2011 and a
JavaScript decoder that quotes the tables). A code without a row is shown as "type N".
"""

from __future__ import annotations

from typing import NamedTuple


class StateBit(NamedTuple):
    """`kind` is a code of `vocab.happenings`, "" for what is no happening."""

    code: str
    zh: str
    kind: str


_ALARM, _FAULT = "fire_alarm", "fire_fault"
_COMMON = {
    0: StateBit("normal", "正常运行", ""),
    1: StateBit("alarm", "火警", _ALARM),
    2: StateBit("fault", "故障", _FAULT),
}
_EQUIPMENT = _COMMON | {
    3: StateBit("shielded", "屏蔽", "fire_shielded"),
    4: StateBit("supervision", "监管", "fire_supervision"),
    5: StateBit("started", "启动", "fire_started"),
    6: StateBit("feedback", "反馈", ""),
    7: StateBit("delay", "延时", ""),
}
#: Bit 0 is clear in the alarm frames seen, so it is not read as "under test".
SYSTEM_STATE = _EQUIPMENT | {
    8: StateBit("main_power", "主电故障", _FAULT),
    9: StateBit("backup_power", "备电故障", _FAULT),
    10: StateBit("bus", "总线故障", _FAULT),
    11: StateBit("manual", "手动状态", ""),
    12: StateBit("configuration_changed", "配置改变", ""),
    13: StateBit("reset", "复位", ""),
}
COMPONENT_STATE = _EQUIPMENT | {8: StateBit("power", "电源故障", _FAULT)}
DEVICE_STATE = _COMMON | {
    3: StateBit("main_power", "主电故障", _FAULT),
    4: StateBit("backup_power", "备电故障", _FAULT),
    5: StateBit("channel", "与监控中心通信信道故障", _FAULT),
    6: StateBit("line", "监测连接线路故障", _FAULT),
}

OPERATIONS = {
    0: ("reset", "复位"),
    1: ("mute", "消音"),
    2: ("manual_alarm", "手动报警"),
    3: ("alarm_cancelled", "警情消除"),
    4: ("self_test", "自检"),
    5: ("confirmed", "确认或查岗应答"),
    6: ("test", "测试"),
}
MANUAL_ALARM = 2

SYSTEM_TYPES = {
    0: "通用",
    1: "火灾报警系统",
    10: "消防联动控制器",
    11: "消火栓系统",
    12: "自动喷水灭火系统",
    13: "气体灭火系统",
    14: "水喷雾灭火系统（泵启动方式）",
    15: "水喷雾灭火系统（压力容器启动方式）",
    16: "泡沫灭火系统",
    17: "干粉灭火系统",
    18: "防烟排烟系统",
    19: "防火门及卷帘系统",
    20: "消防电梯",
    21: "消防应急广播",
    22: "消防应急照明和疏散指示系统",
    23: "消防电源",
    24: "消防电话",
}

COMPONENT_TYPES = {
    0: "通用",
    1: "火灾报警控制器",
    10: "可燃气体探测器",
    11: "点型可燃气体探测器",
    12: "独立式可燃气体探测器",
    13: "线型可燃气体探测器",
    16: "电气火灾监控报警器",
    17: "剩余电流式电气火灾监控探测器",
    18: "测温式电气火灾监控探测器",
    21: "探测回路",
    22: "火灾显示盘",
    23: "手动火灾报警按钮",
    24: "消火栓按钮",
    25: "火灾探测器",
    30: "感温火灾探测器",
    31: "点型感温火灾探测器",
    32: "点型感温火灾探测器（S型）",
    33: "点型感温火灾探测器（R型）",
    34: "线型感温火灾探测器",
    35: "线型感温火灾探测器（S型）",
    36: "线型感温火灾探测器（R型）",
    37: "光纤感温火灾探测器",
    40: "感烟火灾探测器",
    41: "点型离子感烟火灾探测器",
    42: "点型光电感烟火灾探测器",
    43: "线型光束感烟火灾探测器",
    44: "吸气式感烟火灾探测器",
    50: "复合式火灾探测器",
    51: "复合式感烟感温火灾探测器",
    52: "复合式感光感温火灾探测器",
    53: "复合式感光感烟火灾探测器",
    61: "紫外火焰探测器",
    62: "红外火焰探测器",
    69: "感光火灾探测器",
    74: "气体探测器",
    78: "图像摄像方式火灾探测器",
    79: "感声火灾探测器",
    81: "气体灭火控制器",
    82: "消防电气控制装置",
    83: "消防控制室图形显示装置",
    84: "模块",
    85: "输入模块",
    86: "输出模块",
    87: "输入/输出模块",
    88: "中继模块",
    91: "消防水泵",
    92: "消防水箱",
    95: "喷淋泵",
    96: "水流指示器",
    97: "信号阀",
    98: "报警阀",
    99: "压力开关",
    101: "阀驱动装置",
    102: "防火门",
    103: "防火阀",
    104: "通风空调",
    105: "泡沫液泵",
    106: "管网电磁阀",
    111: "防烟排烟风机",
    113: "排烟防火阀",
    114: "常闭送风口",
    115: "排烟口",
    116: "电控挡烟垂壁",
    117: "防火卷帘控制器",
    118: "防火门监控器",
    121: "警报装置",
}


_SYSTEM_EN = {
    0: "general",
    1: "fire alarm system",
    10: "linkage controller",
    11: "hydrant system",
    12: "sprinkler system",
    13: "gas extinguishing system",
    14: "water spray system, by pump",
    15: "water spray system, by pressure vessel",
    16: "foam system",
    17: "dry powder system",
    18: "smoke control system",
    19: "fire door and shutter system",
    20: "fire lift",
    21: "emergency broadcast",
    22: "emergency lighting and exit signs",
    23: "fire power supply",
    24: "fire telephone",
}

_COMPONENT_EN = {
    0: "general",
    1: "fire alarm controller",
    10: "combustible gas detector",
    11: "point combustible gas detector",
    12: "self-contained combustible gas detector",
    13: "line combustible gas detector",
    16: "electrical fire monitor",
    17: "residual current detector",
    18: "temperature detector of an electrical fire monitor",
    21: "detection loop",
    22: "display panel",
    23: "manual call point",
    24: "hydrant button",
    25: "fire detector",
    30: "heat detector",
    31: "point heat detector",
    32: "point heat detector, S",
    33: "point heat detector, R",
    34: "line heat detector",
    35: "line heat detector, S",
    36: "line heat detector, R",
    37: "optical fibre heat detector",
    40: "smoke detector",
    41: "ionisation smoke detector",
    42: "photoelectric smoke detector",
    43: "beam smoke detector",
    44: "aspirating smoke detector",
    50: "combined detector",
    51: "smoke and heat detector",
    52: "flame and heat detector",
    53: "flame and smoke detector",
    61: "ultraviolet flame detector",
    62: "infrared flame detector",
    69: "flame detector",
    74: "gas detector",
    78: "video fire detector",
    79: "acoustic fire detector",
    81: "gas extinguishing controller",
    82: "electrical fire control device",
    83: "control room display",
    84: "module",
    85: "input module",
    86: "output module",
    87: "input and output module",
    88: "relay module",
    91: "fire pump",
    92: "fire water tank",
    95: "sprinkler pump",
    96: "water flow indicator",
    97: "signal valve",
    98: "alarm valve",
    99: "pressure switch",
    101: "valve actuator",
    102: "fire door",
    103: "fire damper",
    104: "ventilation",
    105: "foam pump",
    106: "solenoid valve",
    111: "smoke fan",
    113: "smoke exhaust damper",
    114: "closed air inlet",
    115: "smoke vent",
    116: "smoke curtain",
    117: "shutter controller",
    118: "fire door monitor",
    121: "sounder",
}


def system_words(code: int) -> tuple[str, str]:
    """(Chinese, English) of a system type; "type N" for one without a row."""
    return SYSTEM_TYPES.get(code, f"类型 {code}"), _SYSTEM_EN.get(code, f"type {code}")


def component_words(code: int) -> tuple[str, str]:
    return COMPONENT_TYPES.get(code, f"类型 {code}"), _COMPONENT_EN.get(code, f"type {code}")


class Analogue(NamedTuple):
    """`quantity` of `vocab.quantities`; the wire counts steps of 10^-`decimals` of its unit."""

    quantity: str
    decimals: int
    zh: str


ANALOGUES = {
    1: Analogue("fire_count", 0, "事件计数"),
    2: Analogue("fire_height", 2, "高度"),
    3: Analogue("temperature", 1, "温度"),
    4: Analogue("fire_pressure", 1, "压力 MPa"),
    # 0.1 kPa = 0.0001 MPa, so that both pressures are one quantity.
    5: Analogue("fire_pressure", 4, "压力 kPa"),
    6: Analogue("gas_concentration", 1, "气体浓度"),
    7: Analogue("fire_seconds", 0, "时间"),
    8: Analogue("voltage", 1, "电压"),
    9: Analogue("current", 1, "电流"),
    10: Analogue("fire_flow", 1, "流量"),
    11: Analogue("fire_air_volume", 1, "风量"),
    12: Analogue("fire_air_speed", 0, "风速"),
}

TYPE_NAMES = {
    1: "上传建筑消防设施系统状态",
    2: "上传建筑消防设施部件运行状态",
    3: "上传建筑消防设施部件模拟量值",
    4: "上传建筑消防设施操作信息",
    5: "上传建筑消防设施软件版本",
    6: "上传建筑消防设施系统配置情况",
    7: "上传建筑消防设施部件配置情况",
    8: "上传建筑消防设施系统时间",
    21: "上传用户信息传输装置运行状态",
    24: "上传用户信息传输装置操作信息",
    25: "上传用户信息传输装置软件版本",
    26: "上传用户信息传输装置配置情况",
    28: "上传用户信息传输装置系统时间",
    61: "读建筑消防设施系统状态",
    62: "读建筑消防设施部件运行状态",
    63: "读建筑消防设施部件模拟量值",
    64: "读建筑消防设施操作信息",
    65: "读建筑消防设施软件版本",
    66: "读建筑消防设施系统配置情况",
    67: "读建筑消防设施部件配置情况",
    68: "读建筑消防设施系统时间",
    81: "读用户信息传输装置运行状态",
    84: "读用户信息传输装置操作信息记录",
    85: "读用户信息传输装置软件版本",
    86: "读用户信息传输装置配置情况",
    88: "读用户信息传输装置系统时间",
    89: "初始化用户信息传输装置",
    90: "同步用户信息传输装置时钟",
    91: "查岗",
}
#: Types from here on belong to the vendor.
VENDOR = 128

COMMAND_NAMES = {1: "control", 2: "send", 3: "confirm", 4: "request", 5: "answer", 6: "deny"}


def states_of(state: int, bits: dict[int, StateBit]) -> list[StateBit]:
    """The bits that are set; one that no table names is kept by its number."""
    return [bits.get(bit) or StateBit(f"bit_{bit}", f"位{bit}", "") for bit in range(16) if state >> bit & 1]


def operations_of(flags: int) -> list[tuple[str, str]]:
    return [OPERATIONS.get(bit) or (f"bit_{bit}", f"位{bit}") for bit in range(8) if flags >> bit & 1]
