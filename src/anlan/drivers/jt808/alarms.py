"""The 32 alarm bits of a location report, and what becomes of each. Names as in the 2013 edition; bits 15–17 are new in 2019."""

from __future__ import annotations

from typing import NamedTuple


class AlarmBit(NamedTuple):
    """`kind` is a code of `vocab.happenings`."""

    code: str
    zh: str
    kind: str


EMERGENCY = "vehicle_emergency"
DANGER = "vehicle_danger"
FAULT = "vehicle_fault"
NOTICE = "vehicle_notice"

ALARM_BITS: dict[int, AlarmBit] = {
    0: AlarmBit("emergency", "紧急报警", EMERGENCY),
    1: AlarmBit("overspeed", "超速报警", NOTICE),
    2: AlarmBit("fatigue", "疲劳驾驶", NOTICE),
    3: AlarmBit("danger_ahead", "危险预警", DANGER),
    4: AlarmBit("gnss_fault", "卫星定位模块故障", FAULT),
    5: AlarmBit("antenna_missing", "天线未接或被剪断", FAULT),
    6: AlarmBit("antenna_short", "天线短路", FAULT),
    7: AlarmBit("power_low", "主电源欠压", FAULT),
    8: AlarmBit("power_off", "主电源掉电", FAULT),
    9: AlarmBit("display_fault", "显示器故障", FAULT),
    10: AlarmBit("voice_fault", "语音模块故障", FAULT),
    11: AlarmBit("camera_fault", "摄像头故障", FAULT),
    12: AlarmBit("card_fault", "IC卡模块故障", FAULT),
    13: AlarmBit("overspeed_warning", "超速预警", NOTICE),
    14: AlarmBit("fatigue_warning", "疲劳驾驶预警", NOTICE),
    15: AlarmBit("violation", "违规行驶报警", NOTICE),
    16: AlarmBit("tyre_pressure", "胎压预警", NOTICE),
    17: AlarmBit("blind_spot", "右转盲区异常报警", NOTICE),
    18: AlarmBit("driving_too_long", "当天累计驾驶超时", NOTICE),
    19: AlarmBit("parking_too_long", "超时停车", NOTICE),
    20: AlarmBit("area", "进出区域", NOTICE),
    21: AlarmBit("route", "进出路线", NOTICE),
    22: AlarmBit("section_time", "路段行驶时间不足或过长", NOTICE),
    23: AlarmBit("off_route", "路线偏离报警", NOTICE),
    24: AlarmBit("speed_sensor_fault", "车速传感器故障", FAULT),
    25: AlarmBit("fuel_abnormal", "油量异常", NOTICE),
    26: AlarmBit("stolen", "车辆被盗", DANGER),
    27: AlarmBit("illegal_ignition", "车辆非法点火", DANGER),
    28: AlarmBit("illegal_move", "车辆非法位移", DANGER),
    29: AlarmBit("collision", "碰撞预警", DANGER),
    30: AlarmBit("rollover", "侧翻预警", DANGER),
    31: AlarmBit("door_forced", "非法开门报警", DANGER),
}


def bits_of(alarm: int) -> list[int]:
    return [bit for bit in range(32) if alarm >> bit & 1]
