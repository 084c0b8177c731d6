"""Observed properties: unit, stored decimals and plausible range.

Ranges are engineering defaults (not verified against a standard); a station's own range overrides them in the catalogue.
The SL 651 element id beside a quantity is for reading only; the mapping itself lives with the driver.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from anlan.vocab.factors import describe_factor


class Quantity(NamedTuple):
    """`decimals` digits after the point are stored, as an integer of 10^-decimals `unit`."""

    code: str
    unit: str
    decimals: int
    zh: str
    en: str
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    def to_stored(self, value: Decimal) -> int:
        """The integer that is stored; half a last digit rounds to even."""
        return int(value.scaleb(self.decimals).to_integral_value())

    def from_stored(self, stored: int) -> Decimal:
        return Decimal(stored).scaleb(-self.decimals)


def _q(code: str, unit: str, decimals: int, zh: str, en: str, low: str | None, high: str | None) -> Quantity:
    return Quantity(
        code,
        unit,
        decimals,
        zh,
        en,
        None if low is None else Decimal(low),
        None if high is None else Decimal(high),
    )


QUANTITIES: dict[str, Quantity] = {
    quantity.code: quantity
    for quantity in (
        _q("rain_5min", "mm", 1, "5分钟雨量", "rain in 5 minutes", "0", "60"),
        _q("rain_10min", "mm", 1, "10分钟雨量", "rain in 10 minutes", "0", "100"),
        _q("rain_30min", "mm", 1, "30分钟雨量", "rain in 30 minutes", "0", "200"),
        _q("rain_1h", "mm", 1, "1小时雨量", "rain in 1 hour", "0", "300"),
        _q("rain_2h", "mm", 1, "2小时雨量", "rain in 2 hours", "0", "500"),
        _q("rain_3h", "mm", 1, "3小时雨量", "rain in 3 hours", "0", "700"),
        _q("rain_6h", "mm", 1, "6小时雨量", "rain in 6 hours", "0", "1000"),
        _q("rain_12h", "mm", 1, "12小时雨量", "rain in 12 hours", "0", "1500"),
        _q("rain_day", "mm", 1, "日雨量", "rain of the day", "0", "2000"),
        _q("rain_current", "mm", 1, "当前降水量", "current rain", "0", "2000"),
        _q("rain_total", "mm", 1, "累计雨量", "accumulated rain", "0", "99999"),
        _q("stage", "m", 3, "水位", "stage", "-100", "9000"),
        _q("stage_upstream", "m", 3, "闸上水位", "stage above the gate", "-100", "9000"),
        _q("stage_downstream", "m", 3, "闸下水位", "stage below the gate", "-100", "9000"),
        _q("discharge", "m³/s", 3, "流量", "discharge", "-10000", "200000"),
        _q("velocity", "m/s", 3, "流速", "flow velocity", "-20", "20"),
        _q("battery_v", "V", 2, "电源电压", "supply voltage", "0", "60"),
        _q("water_temperature", "℃", 1, "水温", "water temperature", "-5", "60"),
        # Meteorology
        _q("rain_1min", "mm", 1, "1分钟雨量", "rain in 1 minute", "0", "40"),
        _q("rain_24h", "mm", 1, "24小时雨量", "rain in 24 hours", "0", "2000"),
        _q("air_temperature", "℃", 1, "气温", "air temperature", "-60", "60"),
        _q("relative_humidity", "%", 1, "相对湿度", "relative humidity", "0", "100"),
        _q("wind_speed", "m/s", 1, "风速", "wind speed", "0", "90"),
        _q("wind_gust", "m/s", 1, "极大风速", "gust", "0", "120"),
        _q("wind_direction", "°", 0, "风向", "wind direction", "0", "360"),
        _q("air_pressure", "hPa", 1, "气压", "air pressure", "300", "1100"),
        _q("visibility", "m", 0, "能见度", "visibility", "0", "100000"),
        _q("snow_depth", "cm", 1, "积雪深度", "snow depth", "0", "1000"),
        _q("ice_thickness", "mm", 1, "结冰厚度", "ice thickness", "0", "500"),
        _q("lightning_count", "次", 0, "闪电次数", "lightning strokes", "0", "100000"),
        _q("solar_radiation", "W/m²", 0, "太阳辐射", "solar radiation", "0", "1600"),
        # Water and drought
        _q("storage", "万m³", 3, "蓄水量", "storage", "0", "5000000"),
        _q("inflow", "m³/s", 3, "入库流量", "inflow", "-1000", "200000"),
        _q("outflow", "m³/s", 3, "出库流量", "outflow", "0", "200000"),
        _q("gate_opening", "m", 3, "闸门开度", "gate opening", "0", "50"),
        _q("seepage", "L/s", 3, "渗流量", "seepage", "0", "5000"),
        _q("seepage_turbidity", "NTU", 1, "渗水浊度", "turbidity of the seepage", "0", "4000"),
        _q("pore_pressure", "kPa", 2, "孔隙水压力", "pore pressure", "-100", "5000"),
        _q("groundwater_depth", "m", 3, "地下水埋深", "depth to groundwater", "-10", "500"),
        _q("groundwater_level", "m", 3, "地下水位", "groundwater level", "-200", "9000"),
        _q("soil_moisture", "%", 1, "土壤体积含水量", "volumetric soil moisture", "0", "100"),
        _q("soil_temperature", "℃", 1, "地温", "soil temperature", "-50", "80"),
        _q("soil_suction", "kPa", 1, "基质吸力", "soil suction", "-10", "2000"),
        _q("evaporation", "mm", 1, "蒸发量", "evaporation", "0", "60"),
        _q("ponding_depth", "m", 3, "积水深度", "depth of standing water", "0", "10"),
        _q("pump_running", "", 0, "水泵运行", "pump running", "0", "1"),
        # Ground, slopes and dams
        _q("displacement", "mm", 2, "位移", "displacement", "-100000", "100000"),
        _q("displacement_x", "mm", 2, "X向位移", "displacement, X", "-100000", "100000"),
        _q("displacement_y", "mm", 2, "Y向位移", "displacement, Y", "-100000", "100000"),
        _q("displacement_z", "mm", 2, "垂直位移", "displacement, vertical", "-100000", "100000"),
        _q("deep_displacement", "mm", 2, "深部位移", "displacement at depth", "-10000", "10000"),
        _q("displacement_velocity", "mm/d", 2, "位移速率", "displacement velocity", "-100000", "100000"),
        _q("crack_width", "mm", 2, "裂缝宽度", "crack width", "-1000", "20000"),
        _q("tilt_x", "°", 3, "X向倾角", "tilt, X", "-180", "180"),
        _q("tilt_y", "°", 3, "Y向倾角", "tilt, Y", "-180", "180"),
        _q("tilt_z", "°", 3, "Z向倾角", "tilt, Z", "-180", "180"),
        _q("settlement", "mm", 2, "沉降", "settlement", "-100000", "100000"),
        _q("strain", "με", 1, "应变", "strain", "-50000", "50000"),
        _q("stress", "MPa", 3, "应力", "stress", "-1000", "1000"),
        _q("cable_force", "kN", 1, "索力", "cable force", "0", "50000"),
        _q("deflection", "mm", 2, "挠度", "deflection", "-10000", "10000"),
        _q("convergence", "mm", 2, "收敛变形", "convergence", "-5000", "5000"),
        _q("vibration_velocity", "mm/s", 3, "振动速度", "vibration velocity", "-1000", "1000"),
        _q("acceleration_x", "mg", 2, "X向加速度", "acceleration, X", "-16000", "16000"),
        _q("acceleration_y", "mg", 2, "Y向加速度", "acceleration, Y", "-16000", "16000"),
        _q("acceleration_z", "mg", 2, "Z向加速度", "acceleration, Z", "-16000", "16000"),
        _q("mud_level", "m", 3, "泥位", "mud level", "-100", "9000"),
        _q("infrasound", "Pa", 3, "次声", "infrasound", "-1000", "1000"),
        # Earthquake
        _q("seismic_intensity", "度", 1, "仪器烈度", "instrumental intensity", "0", "12"),
        _q("pga", "cm/s²", 2, "峰值加速度", "peak ground acceleration", "0", "3000"),
        _q("pgv", "cm/s", 3, "峰值速度", "peak ground velocity", "0", "500"),
        _q("magnitude", "级", 1, "震级", "magnitude", "-2", "10"),
        # Forest and grassland
        _q("litter_moisture", "%", 1, "可燃物含水率", "moisture of the fuel", "0", "300"),
        _q("fire_danger_index", "", 0, "森林火险指数", "fire danger index", "0", "300"),
        _q("hotspot_count", "个", 0, "热点数", "hot spots", "0", "100000"),
        _q("fire_confirmed", "", 0, "烟火识别", "smoke or fire recognised", "0", "1"),
        # Agriculture, animals
        _q("pest_count", "头", 0, "害虫诱捕数", "insects trapped", "0", "1000000"),
        _q("pest_density", "头/m²", 2, "虫口密度", "pest density", "0", "100000"),
        _q("spore_count", "个", 0, "孢子捕捉数", "spores caught", "0", "10000000"),
        _q("disease_rate", "%", 2, "病株率", "share of diseased plants", "0", "100"),
        _q("sick_count", "头(只)", 0, "发病数", "sick animals", "0", "1000000"),
        _q("dead_count", "头(只)", 0, "死亡数", "dead animals", "0", "1000000"),
        _q("positive_samples", "份", 0, "阳性样品数", "positive samples", "0", "100000"),
        _q("case_count", "例", 0, "病例数", "cases", "0", "1000000"),
        # Air and water quality
        _q("pm25", "μg/m³", 1, "PM2.5", "PM2.5", "0", "2000"),
        _q("pm10", "μg/m³", 1, "PM10", "PM10", "0", "5000"),
        _q("so2", "μg/m³", 1, "二氧化硫", "sulphur dioxide", "0", "10000"),
        _q("no2", "μg/m³", 1, "二氧化氮", "nitrogen dioxide", "0", "10000"),
        _q("co", "mg/m³", 3, "一氧化碳", "carbon monoxide", "0", "500"),
        _q("o3", "μg/m³", 1, "臭氧", "ozone", "0", "2000"),
        _q("aqi", "", 0, "空气质量指数", "air quality index", "0", "500"),
        _q("ph", "", 2, "pH值", "pH", "0", "14"),
        _q("turbidity", "NTU", 2, "浊度", "turbidity", "0", "4000"),
        _q("residual_chlorine", "mg/L", 3, "余氯", "residual chlorine", "0", "20"),
        _q("conductivity", "μS/cm", 1, "电导率", "conductivity", "0", "200000"),
        _q("dissolved_oxygen", "mg/L", 2, "溶解氧", "dissolved oxygen", "0", "50"),
        _q("cod", "mg/L", 2, "化学需氧量", "chemical oxygen demand", "0", "100000"),
        _q("permanganate_index", "mg/L", 2, "高锰酸盐指数", "permanganate index", "0", "5000"),
        _q("ammonia_nitrogen", "mg/L", 3, "氨氮", "ammonia nitrogen", "0", "5000"),
        _q("total_phosphorus", "mg/L", 3, "总磷", "total phosphorus", "0", "1000"),
        _q("total_nitrogen", "mg/L", 3, "总氮", "total nitrogen", "0", "5000"),
        # Networks
        _q("pipe_pressure", "MPa", 4, "管网压力", "pipe pressure", "-0.1", "40"),
        _q("pipe_flow", "m³/h", 2, "管网流量", "pipe flow", "-1000000", "1000000"),
        _q("leak_noise", "dB", 1, "漏损噪声", "leak noise", "0", "160"),
        _q("gas_concentration", "%LEL", 1, "燃气浓度", "gas concentration", "0", "100"),
        _q("voltage", "V", 1, "电压", "voltage", "0", "1200000"),
        _q("current", "A", 2, "电流", "current", "0", "100000"),
        _q("load", "kW", 1, "负荷", "load", "-10000000", "10000000"),
        _q("cable_temperature", "℃", 1, "线缆温度", "cable temperature", "-60", "400"),
        _q("power_on", "", 0, "供电", "power", "0", "1"),
        # Buildings and stores
        _q("temperature", "℃", 1, "温度", "temperature", "-100", "1800"),
        _q("humidity", "%", 1, "湿度", "humidity", "0", "100"),
        _q("intrusion", "", 0, "入侵报警", "intrusion", "0", "1"),
        _q("door_open", "", 0, "门状态", "door", "0", "1"),
        _q("smoke_alarm", "", 0, "烟感报警", "smoke alarm", "0", "1"),
        _q("fire_alarm", "", 0, "火警", "fire alarm", "0", "1"),
        _q("device_fault", "", 0, "故障", "fault", "0", "1"),
        _q("fire_water_pressure", "MPa", 3, "消防水压", "fire main pressure", "0", "10"),
        _q("fire_water_level", "m", 3, "消防水位", "fire tank level", "0", "100"),
        _q("residual_current", "mA", 1, "剩余电流", "residual current", "0", "30000"),
        # Tailings pond (R14; the seven channels of A-11)
        _q("pond_level", "m", 3, "库水位", "pond level", "-100", "9000"),
        _q("dry_beach_length", "m", 1, "干滩长度", "dry beach length", "0", "20000"),
        _q("dry_beach_slope", "%", 2, "干滩坡度", "dry beach slope", "-10", "100"),
        _q("phreatic_depth", "m", 3, "浸润线埋深", "depth of the phreatic line", "-5", "300"),
        _q("dam_displacement_x", "mm", 2, "坝体水平位移X", "dam displacement, X", "-100000", "100000"),
        _q("dam_displacement_y", "mm", 2, "坝体水平位移Y", "dam displacement, Y", "-100000", "100000"),
        _q("dam_displacement_z", "mm", 2, "坝体垂直位移", "dam displacement, vertical", "-100000", "100000"),
        _q(
            "dam_inner_displacement",
            "mm",
            2,
            "坝体内部位移",
            "displacement inside the dam",
            "-10000",
            "10000",
        ),
        _q("bank_displacement", "mm", 2, "库岸边坡位移", "bank slope displacement", "-100000", "100000"),
        _q("beach_crest_elevation", "m", 3, "滩顶高程", "beach crest elevation", "-100", "9000"),
        _q("freeboard", "m", 3, "安全超高", "freeboard", "-20", "200"),
        _q("spillway_inflow", "m³/s", 3, "排洪设施进口流量", "spillway inflow", "0", "20000"),
        _q("spillway_outflow", "m³/s", 3, "排洪设施出口流量", "spillway outflow", "0", "20000"),
        # Major hazard installations, dust, mines
        _q("tank_level", "m", 3, "储罐液位", "tank level", "-1", "100"),
        _q("tank_pressure", "MPa", 4, "储罐压力", "tank pressure", "-0.1", "100"),
        _q("tank_temperature", "℃", 1, "储罐温度", "tank temperature", "-270", "1800"),
        _q("combustible_gas", "%LEL", 1, "可燃气体浓度", "combustible gas", "0", "100"),
        _q("toxic_gas", "ppm", 2, "有毒气体浓度", "toxic gas", "0", "100000"),
        _q("oxygen", "%VOL", 2, "氧气浓度", "oxygen", "0", "100"),
        _q("dust_concentration", "g/m³", 3, "粉尘浓度", "dust concentration", "0", "2000"),
        _q(
            "dust_collector_pressure",
            "Pa",
            0,
            "除尘器压差",
            "dust collector pressure drop",
            "-20000",
            "20000",
        ),
        _q("spark_detected", "", 0, "火花探测", "spark", "0", "1"),
        _q("fan_running", "", 0, "风机运行", "fan running", "0", "1"),
        _q("methane", "%CH₄", 2, "甲烷浓度", "methane", "0", "100"),
        _q("mine_co", "ppm", 1, "井下一氧化碳", "carbon monoxide underground", "0", "10000"),
        _q("mine_air_speed", "m/s", 2, "井下风速", "air speed underground", "0", "50"),
        _q("people_underground", "人", 0, "井下人数", "people underground", "0", "5000"),
        _q("ground_pressure", "MPa", 3, "地压", "ground pressure", "-10", "500"),
        _q("mine_water_level", "m", 3, "涌水水位", "mine water level", "-2000", "9000"),
        _q("blast_vibration", "cm/s", 3, "爆破振动", "blast vibration", "0", "500"),
        # Mine e-seal (R32)
        _q("people_in", "人", 0, "进入人数", "people in", "0", "5000"),
        _q("people_out", "人", 0, "离开人数", "people out", "0", "5000"),
        _q("equipment_on", "", 0, "设备运行", "equipment running", "0", "1"),
        _q("lock_closed", "", 0, "电子锁", "electronic lock", "0", "1"),
        _q("seal_online", "", 0, "封条在线", "seal on line", "0", "1"),
        _q("camera_online", "", 0, "摄像头在线", "camera on line", "0", "1"),
        # Vehicles
        _q("vehicle_speed", "km/h", 1, "车速", "vehicle speed", "0", "250"),
        _q("vehicle_direction", "°", 0, "行驶方向", "heading", "0", "360"),
        _q("vehicle_altitude", "m", 0, "海拔", "altitude", "-500", "9000"),
        _q("vehicle_mileage", "km", 1, "里程", "mileage", "0", "9999999"),
        _q("vehicle_fuel", "L", 1, "油量", "fuel", "0", "6553.5"),
        # Where a moving station is; WGS84 degrees
        _q("position_lat", "°", 6, "纬度", "latitude", "-90", "90"),
        _q("position_lon", "°", 6, "经度", "longitude", "-180", "180"),
        # Fire alarm equipment (GB/T 26875.3): bits of a state word, and analogue values as the standard counts them
        _q("fire_state", "", 0, "消防状态字", "state word of fire equipment", "0", "65535"),
        _q("fire_count", "件", 0, "事件计数", "event count", "-32768", "32767"),
        _q("fire_height", "m", 2, "高度", "height", "-327.68", "327.67"),
        _q("fire_pressure", "MPa", 4, "消防压力", "pressure of fire equipment", "-10", "100"),
        _q("fire_seconds", "s", 0, "时间", "duration", "-32768", "32767"),
        _q("fire_flow", "L/s", 1, "消防流量", "flow of fire equipment", "-3276.8", "3276.7"),
        _q("fire_air_volume", "m³/min", 1, "风量", "air volume", "-3276.8", "3276.7"),
        _q("fire_air_speed", "m/s", 0, "送排风风速", "air speed in a duct", "-100", "100"),
        # Seen by a person
        _q("patrol_abnormal", "", 0, "巡查异常", "patrol: abnormal", "0", "1"),
    )
}

#: What 0 and 1 mean where a quantity is a state; (Chinese, English) for each.
STATES: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "pump_running": (("停", "off"), ("运行", "running")),
    "fire_confirmed": (("无", "none"), ("发现烟火", "smoke or fire")),
    "power_on": (("断电", "power off"), ("有电", "power on")),
    "intrusion": (("正常", "normal"), ("入侵", "intrusion")),
    "door_open": (("关", "closed"), ("开", "open")),
    "smoke_alarm": (("正常", "normal"), ("报警", "alarm")),
    "fire_alarm": (("正常", "normal"), ("火警", "fire alarm")),
    "device_fault": (("正常", "normal"), ("故障", "fault")),
    "spark_detected": (("无", "none"), ("发现火花", "spark")),
    "fan_running": (("停", "off"), ("运行", "running")),
    "equipment_on": (("停", "off"), ("运行", "running")),
    "lock_closed": (("打开", "open"), ("锁闭", "locked")),
    "seal_online": (("离线", "off line"), ("在线", "on line")),
    "camera_online": (("离线", "off line"), ("在线", "on line")),
    "patrol_abnormal": (("正常", "normal"), ("异常", "abnormal")),
}


def quantity_of(code: str) -> Quantity:
    """The known quantity, or for a code nobody described one without unit and range that keeps three decimals.

    A point ("displacement_x@G03") belongs to the stream and not to the quantity.
    """
    known = QUANTITIES.get(code.partition("@")[0])
    if known is not None:
        return known
    unit, zh, en = describe_factor(code.partition("@")[0]) or ("", code, code)
    return Quantity(code, unit, 3, zh, en)


def point_of(code: str) -> str:
    """The measuring point of a stream's quantity, "" where the station has one only."""
    return code.partition("@")[2]
