"""The kinds of stations that ship with Anlan, by family.

Sources are rows of the requirements (A-, U-, C-) and of the domain rules (R). Ranges and sampling intervals are engineering defaults
unless a note names a source; none was verified against a standard. Owners are the departments that usually own such stations.
"""

from __future__ import annotations

from decimal import Decimal

from anlan.vocab.kind_types import Attribute, Family, Kind, KindQuantity

MINUTE, HOUR, DAY = 60, 3600, 86_400
#: R14: in a normal state at least once a day, between every 10 minutes and every 24 hours.
_R14 = "R14: every 10 min to 24 h in a normal state"
#: R14: in an abnormal state robotic total station and GNSS at least every 30 minutes; the default keeps to that always.
_R14_GNSS = "R14: at least every 30 min in an abnormal state"


def _q(
    code: str,
    interval_s: int = 10 * MINUTE,
    low: str | None = None,
    high: str | None = None,
    *,
    must: bool = False,
    points: bool = False,
    note: str = "",
) -> KindQuantity:
    return KindQuantity(
        code,
        interval_s,
        must,
        None if low is None else Decimal(low),
        None if high is None else Decimal(high),
        points,
        note,
    )


_BATTERY = _q("battery_v", HOUR)
_RAIN = _q("rain_5min", 5 * MINUTE, must=True)
_STAGE = _q("stage", 5 * MINUTE, must=True)
_XYZ = tuple(_q(f"displacement_{axis}", HOUR, must=True, points=True) for axis in "xyz")

_FOREST_FIRE = (
    Kind("fire_danger", "森林火险要素站", "forest fire danger station", Family.FOREST_FIRE, "林业和草原局", 3 * HOUR,
         (_q("air_temperature", must=True), _q("relative_humidity", must=True), _q("wind_speed", must=True), _q("wind_direction"),
          _q("rain_1h", HOUR), _q("litter_moisture", HOUR), _q("fire_danger_index", HOUR), _BATTERY),
         ("A-04", "A-25", "R10")),
    Kind("forest_camera", "林火视频监控点", "forest-fire camera", Family.FOREST_FIRE, "林业和草原局", 30 * MINUTE,
         (_q("camera_online", 5 * MINUTE, must=True), _q("fire_confirmed", 5 * MINUTE)),
         ("A-14", "A-15", "A-24", "A-25"), has_video=True,
         attributes=(Attribute("camera_id", "视频编码", "camera id", is_text=True), Attribute("tower_height_m", "塔高", "tower height", "m"))),
    Kind("satellite_hotspot", "卫星热点", "satellite hot spots", Family.FOREST_FIRE, "林业和草原局", DAY,
         (_q("hotspot_count", 6 * HOUR, must=True),), ("A-02", "A-24")),
)  # fmt: skip

_EARTHQUAKE = (
    Kind("seismic_intensity", "地震烈度站", "seismic intensity station", Family.EARTHQUAKE, "地震局", 6 * HOUR,
         (_q("seismic_intensity", HOUR, must=True), _q("pga", HOUR), _q("pgv", HOUR), _BATTERY), ("A-04", "A-05", "R24")),
    Kind("seismic_precursor", "地震前兆站", "earthquake precursor station", Family.EARTHQUAKE, "地震局", DAY,
         (_q("groundwater_level", HOUR, must=True), _q("water_temperature", HOUR), _q("tilt_x", HOUR), _q("tilt_y", HOUR), _q("strain", HOUR)),
         ("A-04", "A-05")),
)  # fmt: skip

_GEO_POINT = (
    Attribute("hazard_point", "隐患点编号", "hazard point", is_text=True),
    Attribute("slide_kind", "灾害类型", "type", choices=("滑坡", "崩塌", "泥石流", "塌陷", "裂缝", "沉降")),
)
_GEOLOGY = (
    Kind("landslide_gnss", "滑坡GNSS位移站", "landslide GNSS station", Family.GEOLOGY, "自然资源局", 6 * HOUR,
         (*_XYZ, _q("displacement", HOUR, points=True), _q("displacement_velocity", HOUR, points=True), _BATTERY),
         ("A-04", "A-05", "R11"), attributes=_GEO_POINT),
    Kind("crack_gauge", "裂缝计", "crack gauge", Family.GEOLOGY, "自然资源局", 6 * HOUR,
         (_q("crack_width", HOUR, must=True, points=True), _BATTERY), ("A-04", "A-05", "R11"), attributes=_GEO_POINT),
    Kind("tilt_gauge", "倾角加速度计", "tilt and acceleration gauge", Family.GEOLOGY, "自然资源局", 6 * HOUR,
         (_q("tilt_x", HOUR, must=True, points=True), _q("tilt_y", HOUR, must=True, points=True), _q("tilt_z", HOUR, points=True),
          _q("acceleration_x", HOUR, points=True), _q("acceleration_y", HOUR, points=True), _q("acceleration_z", HOUR, points=True), _BATTERY),
         ("A-04", "A-05", "R11"), attributes=_GEO_POINT),
    Kind("deep_displacement", "深部位移站", "borehole inclinometer", Family.GEOLOGY, "自然资源局", DAY,
         (_q("deep_displacement", 6 * HOUR, must=True, points=True), _BATTERY), ("A-04", "R11"), attributes=_GEO_POINT),
    Kind("debris_flow", "泥石流监测站", "debris-flow station", Family.GEOLOGY, "自然资源局", HOUR,
         (_q("mud_level", must=True), _q("rain_5min", 5 * MINUTE), _q("infrasound"), _q("vibration_velocity"), _BATTERY),
         ("A-04", "A-05", "R11"), attributes=_GEO_POINT),
    Kind("geohazard_rain", "地质灾害雨量站", "geohazard rain gauge", Family.GEOLOGY, "自然资源局", 30 * MINUTE,
         (_RAIN, _q("rain_total"), _q("soil_moisture", points=True), _BATTERY), ("A-04", "A-05", "R11"), attributes=_GEO_POINT),
)  # fmt: skip

_METEOROLOGY = (
    Kind("weather", "气象站", "weather station", Family.METEOROLOGY, "气象局", 30 * MINUTE,
         (_q("air_temperature", 5 * MINUTE, must=True), _q("relative_humidity", 5 * MINUTE, must=True), _q("wind_speed", 5 * MINUTE, must=True),
          _q("wind_direction", 5 * MINUTE), _q("wind_gust", 5 * MINUTE), _q("visibility"), _q("air_pressure"),
          _q("rain_5min", 5 * MINUTE), _q("rain_1h", HOUR), _q("snow_depth", HOUR), _q("solar_radiation"), _BATTERY),
         ("A-04", "A-05", "A-32", "R10")),
    Kind("road_weather", "交通气象站", "road weather station", Family.METEOROLOGY, "气象局", 30 * MINUTE,
         (_q("visibility", 5 * MINUTE, must=True), _q("air_temperature", 5 * MINUTE), _q("wind_speed", 5 * MINUTE), _q("ice_thickness"),
          _q("rain_5min", 5 * MINUTE)), ("A-04", "A-32")),
    Kind("lightning", "闪电定位站", "lightning detector", Family.METEOROLOGY, "气象局", 6 * HOUR,
         (_q("lightning_count", HOUR, must=True),), ("A-04", "A-05")),
)  # fmt: skip

_CATCHMENT = (Attribute("catchment", "所在流域", "catchment", is_text=True),)
_WATER = (
    Kind("rain", "雨量站", "rain station", Family.WATER, "水务局", 30 * MINUTE,
         (_RAIN, _q("rain_1h", HOUR), _q("rain_day", DAY), _q("rain_total", HOUR), _BATTERY),
         ("A-04", "A-05", "R12"), attributes=_CATCHMENT),
    Kind("river", "水位站", "river gauge", Family.WATER, "水务局", 30 * MINUTE,
         (_STAGE, _q("discharge"), _q("velocity"), _q("water_temperature", HOUR), _BATTERY), ("A-04", "A-05", "R13"), attributes=_CATCHMENT),
    Kind("rain_river", "雨量水位站", "rain and river station", Family.WATER, "水务局", 30 * MINUTE,
         (_RAIN, _STAGE, _q("rain_1h", HOUR), _q("discharge"), _BATTERY), ("A-04", "A-05", "R12", "R13"), attributes=_CATCHMENT),
    Kind("reservoir", "水库站", "reservoir", Family.WATER, "水务局", 2 * HOUR,
         (_q("stage", must=True), _q("rain_5min", 5 * MINUTE), _q("storage", HOUR), _q("inflow", HOUR), _q("outflow", HOUR),
          _q("gate_opening", points=True), _q("seepage", 6 * HOUR, points=True), _q("pore_pressure", 6 * HOUR, points=True),
          _q("displacement_z", 6 * HOUR, points=True), _BATTERY),
         ("A-04", "A-05", "R13"),
         attributes=(Attribute("capacity_m3", "总库容", "capacity", "m³"), Attribute("dam_crest_m", "坝顶高程", "dam crest", "m"), *_CATCHMENT)),
    Kind("sluice", "闸站", "sluice", Family.WATER, "水务局", 2 * HOUR,
         (_q("stage_upstream", must=True), _q("stage_downstream"), _q("gate_opening", points=True), _q("discharge"), _BATTERY),
         ("A-04", "A-05")),
    Kind("groundwater", "地下水站", "groundwater well", Family.WATER, "水务局", 2 * DAY,
         (_q("groundwater_depth", 4 * HOUR, must=True), _q("groundwater_level", 4 * HOUR), _q("water_temperature", 4 * HOUR), _BATTERY),
         ("A-04",)),
    Kind("soil_moisture", "墒情站", "soil moisture station", Family.WATER, "水务局", 2 * DAY,
         (_q("soil_moisture", 4 * HOUR, must=True, points=True), _q("soil_temperature", 4 * HOUR, points=True), _BATTERY), ("A-04",)),
    Kind("rain_by_hand", "人工雨量筒", "rain tube read by hand", Family.WATER, "水务局", 2 * DAY,
         (_q("rain_day", DAY, must=True), _q("rain_1h", HOUR)), ("B-05", "C-17"), is_by_hand=True),
    Kind("stage_by_hand", "人工水尺", "staff gauge read by hand", Family.WATER, "水务局", 2 * DAY,
         (_q("stage", DAY, must=True),), ("B-05", "C-17", "R13"), is_by_hand=True),
    Kind("crack_by_hand", "人工裂缝监测点", "crack measured by hand", Family.GEOLOGY, "自然资源局", 2 * DAY,
         (_q("crack_width", DAY, must=True, points=True),), ("B-05", "C-17"), is_by_hand=True, attributes=_GEO_POINT),
    Kind("patrol", "巡查点", "patrol point", Family.GEOLOGY, "自然资源局", 2 * DAY,
         (_q("patrol_abnormal", DAY, must=True),), ("B-05", "C-17"), is_by_hand=True, attributes=_GEO_POINT),
)  # fmt: skip

_AGRICULTURE = (
    Kind("crop_pest", "农业病虫害监测点", "crop pest and disease post", Family.AGRICULTURE, "农业农村局", 3 * DAY,
         (_q("pest_count", DAY, must=True), _q("pest_density", DAY), _q("spore_count", DAY), _q("disease_rate", DAY)), ("A-04", "A-05")),
    Kind("farm_weather", "农田小气候站", "farmland weather station", Family.AGRICULTURE, "农业农村局", 3 * HOUR,
         (_q("air_temperature", must=True), _q("relative_humidity"), _q("soil_moisture", HOUR, points=True), _q("soil_temperature", HOUR, points=True)),
         ("A-04",)),
    Kind("wildlife_disease", "野生动物疫病监测站", "wildlife disease post", Family.AGRICULTURE, "林业和草原局", 3 * DAY,
         (_q("sick_count", DAY, must=True), _q("dead_count", DAY, must=True), _q("positive_samples", DAY)), ("A-05",)),
)  # fmt: skip

_ENVIRONMENT = (
    Kind("air_quality", "空气质量站", "air quality station", Family.ENVIRONMENT, "生态环境局", 3 * HOUR,
         tuple(_q(code, HOUR, must=code in {"pm25", "pm10"}) for code in ("pm25", "pm10", "so2", "no2", "co", "o3", "aqi")),
         ("A-05", "A-27")),
    Kind("drinking_water", "饮用水源监测站", "drinking-water source", Family.ENVIRONMENT, "生态环境局", 12 * HOUR,
         (_q("ph", 4 * HOUR, must=True), _q("turbidity", 4 * HOUR, must=True), _q("dissolved_oxygen", 4 * HOUR), _q("ammonia_nitrogen", 4 * HOUR),
          _q("permanganate_index", 4 * HOUR), _q("conductivity", 4 * HOUR), _q("water_temperature", 4 * HOUR), _q("residual_chlorine", HOUR)),
         ("A-27",)),
    Kind("outfall", "污染源排放口", "emission or outfall monitor", Family.ENVIRONMENT, "生态环境局", 3 * HOUR,
         (_q("ph"), _q("cod", 2 * HOUR), _q("ammonia_nitrogen", 2 * HOUR), _q("total_phosphorus", 2 * HOUR), _q("total_nitrogen", 2 * HOUR),
          _q("discharge"), _q("so2"), _q("no2")), ("A-05", "A-27"), is_enterprise=True),
    Kind("epidemic", "疫情监测点", "epidemic post", Family.HEALTH, "卫生健康局", 3 * DAY,
         (_q("case_count", DAY, must=True),), ("A-27",)),
)  # fmt: skip

_CITY = (
    Kind("waterlogging", "城市内涝监测点", "urban waterlogging point", Family.CITY, "住房和城乡建设局", HOUR,
         (_q("ponding_depth", 5 * MINUTE, must=True), _q("pump_running", 5 * MINUTE), _BATTERY), ("A-05", "A-27"),
         attributes=(Attribute("place_kind", "位置类型", "type of place", choices=("下穿通道", "低洼路段", "地下空间", "排水井", "泵站")),)),
    Kind("gas_network", "燃气管网监测点", "gas network point", Family.CITY, "住房和城乡建设局", 2 * HOUR,
         (_q("gas_concentration", must=True), _q("pipe_pressure"), _q("pipe_flow")), ("A-19",)),
    Kind("water_network", "供水管网监测点", "water network point", Family.CITY, "住房和城乡建设局", 2 * HOUR,
         (_q("pipe_pressure", must=True), _q("pipe_flow"), _q("leak_noise", DAY), _q("residual_chlorine", HOUR), _q("turbidity", HOUR)), ("A-19",)),
    Kind("power_network", "电网监测点", "power network point", Family.CITY, "供电公司", HOUR,
         (_q("power_on", 5 * MINUTE, must=True), _q("voltage"), _q("current"), _q("load"), _q("cable_temperature", points=True)), ("A-19",)),
    Kind("bridge", "桥梁监测站", "bridge", Family.CITY, "交通运输局", 6 * HOUR,
         (_q("deflection", must=True, points=True), _q("strain", points=True), _q("cable_force", points=True), _q("tilt_x", points=True),
          _q("vibration_velocity", points=True), _q("crack_width", points=True), _q("stage")), ("A-19",)),
    Kind("tunnel", "隧道监测站", "tunnel", Family.CITY, "交通运输局", 6 * HOUR,
         (_q("convergence", HOUR, must=True, points=True), _q("settlement", HOUR, points=True), _q("co"), _q("visibility"), _q("ponding_depth")),
         ("A-19",)),
    Kind("pipeline", "油气管道监测点", "oil and gas pipeline point", Family.CITY, "发展和改革局", 2 * HOUR,
         (_q("pipe_pressure", must=True), _q("pipe_flow"), _q("combustible_gas")), ("A-20",), is_enterprise=True),
)  # fmt: skip

_FIRE_SAFETY = (
    Kind("fire_device", "用户信息传输装置", "fire user-transmission device", Family.FIRE_SAFETY, "消防救援大队", DAY,
         (_q("fire_state", DAY, points=True), _q("fire_alarm", DAY, points=True), _q("device_fault", DAY, points=True), _q("smoke_alarm", DAY, points=True),
          _q("fire_water_pressure", HOUR, points=True), _q("fire_water_level", HOUR, points=True),
          _q("residual_current", HOUR, points=True), _q("cable_temperature", HOUR, points=True)),
         ("A-22", "A-23"), is_enterprise=True,
         attributes=(Attribute("building", "建筑", "building", is_text=True), Attribute("building_kind", "建筑类别", "type of building", is_text=True))),
)  # fmt: skip

_TRADE = (Attribute("is_stopped", "停产停建", "stopped", choices=("是", "否")),)
_SLOPE = (
    *(_q(f"displacement_{axis}", 30 * MINUTE, must=True, points=True) for axis in "xyz"),
    _q("displacement_velocity", 30 * MINUTE, points=True), _q("deep_displacement", 6 * HOUR, points=True), _q("crack_width", HOUR, points=True),
    _q("pore_pressure", HOUR, points=True), _q("rain_5min", 5 * MINUTE), _q("blast_vibration", HOUR, points=True),
)  # fmt: skip
_WORK_SAFETY = (
    Kind("tailings_pond", "尾矿库", "tailings pond", Family.WORK_SAFETY, "应急管理局", 2 * HOUR,
         (_q("pond_level", HOUR, must=True, note=_R14), _q("rain_1h", HOUR, must=True, note=_R14),
          _q("dry_beach_length", HOUR, must=True, points=True, note=_R14), _q("phreatic_depth", HOUR, must=True, points=True, note=_R14),
          *(_q(f"dam_displacement_{axis}", 30 * MINUTE, must=True, points=True, note=_R14_GNSS) for axis in "xyz"),
          _q("beach_crest_elevation", HOUR, must=True, points=True, note=_R14), _q("freeboard", HOUR, must=True, note=_R14),
          _q("rain_5min", 5 * MINUTE), _q("dam_inner_displacement", 6 * HOUR, points=True, note=_R14), _q("dry_beach_slope", DAY, points=True, note=_R14),
          _q("bank_displacement", HOUR, points=True, note=_R14), _q("spillway_inflow", HOUR), _q("spillway_outflow", HOUR),
          _q("pore_pressure", 6 * HOUR, points=True), _q("seepage", 6 * HOUR, points=True), _q("seepage_turbidity", DAY)),
         ("A-11", "A-12", "R14"), is_enterprise=True, has_video=True,
         attributes=(Attribute("pond_grade", "尾矿库等别", "grade", choices=("一等", "二等", "三等", "四等", "五等")),
                     Attribute("dam_height_m", "坝高", "dam height", "m"), Attribute("capacity_wan_m3", "全库容", "capacity", "万m³"),
                     Attribute("dam_crest_m", "坝顶高程", "dam crest", "m"), Attribute("dam_method", "筑坝方式", "construction", choices=("上游式", "中线式", "下游式")),
                     Attribute("is_overhead", "头顶库", "above houses", choices=("是", "否")), *_TRADE)),
    Kind("major_hazard", "重大危险源", "major hazard installation", Family.WORK_SAFETY, "应急管理局", 30 * MINUTE,
         (_q("tank_level", 5 * MINUTE, must=True, points=True), _q("tank_pressure", 5 * MINUTE, must=True, points=True),
          _q("tank_temperature", 5 * MINUTE, must=True, points=True), _q("combustible_gas", 5 * MINUTE, points=True),
          _q("toxic_gas", 5 * MINUTE, points=True), _q("oxygen", 5 * MINUTE, points=True)),
         ("A-06", "A-07", "A-26", "R15"), is_enterprise=True, has_video=True,
         attributes=(Attribute("hazard_grade", "重大危险源等级", "grade", choices=("一级", "二级", "三级", "四级")),
                     Attribute("r_value", "R值", "R value"), Attribute("substance", "主要物质", "substance", is_text=True))),
    Kind("underground_mine", "地下矿山安全避险系统", "underground mine safety system", Family.WORK_SAFETY, "应急管理局", 30 * MINUTE,
         (_q("people_underground", 5 * MINUTE, must=True), _q("mine_co", 5 * MINUTE, must=True, points=True), _q("mine_air_speed", 5 * MINUTE, points=True),
          _q("oxygen", 5 * MINUTE, points=True), _q("methane", 5 * MINUTE, points=True), _q("fan_running", 5 * MINUTE, points=True),
          _q("ground_pressure", HOUR, points=True), _q("mine_water_level", HOUR, points=True), _q("temperature", points=True), _q("power_on", 5 * MINUTE)),
         ("A-09", "U-02"), is_enterprise=True, has_video=True,
         attributes=(Attribute("depth_m", "开采深度", "depth", "m"), *_TRADE)),
    Kind("open_pit_slope", "露天矿山边坡在线监测", "open-pit slope monitoring", Family.WORK_SAFETY, "应急管理局", 2 * HOUR, _SLOPE,
         ("A-09", "A-10", "U-02"), is_enterprise=True, has_video=True,
         attributes=(Attribute("slope_height_m", "边坡高度", "slope height", "m"), *_TRADE)),
    Kind("waste_dump", "排土场在线监测", "waste dump monitoring", Family.WORK_SAFETY, "应急管理局", 2 * HOUR, _SLOPE,
         ("A-09", "A-10", "U-02"), is_enterprise=True, has_video=True,
         attributes=(Attribute("dump_height_m", "堆置高度", "dump height", "m"), *_TRADE)),
    Kind("mine_e_seal", "矿山电子封条", "mine e-seal", Family.WORK_SAFETY, "应急管理局", 30 * MINUTE,
         (_q("people_in", 5 * MINUTE, must=True), _q("people_out", 5 * MINUTE, must=True), _q("equipment_on", 5 * MINUTE, must=True, points=True),
          _q("lock_closed", 5 * MINUTE, must=True, points=True), _q("power_on", 5 * MINUTE, must=True), _q("seal_online", 5 * MINUTE, must=True),
          _q("camera_online", 5 * MINUTE, points=True)),
         ("A-13", "R32"), is_enterprise=True, has_video=True,
         attributes=(Attribute("mine_state", "矿山状态", "state of the mine", choices=("长期停产", "停产整顿", "关闭", "生产")),)),
    Kind("dust_explosion", "粉尘涉爆监测点", "dust explosion monitor", Family.WORK_SAFETY, "应急管理局", 30 * MINUTE,
         (_q("dust_concentration", 5 * MINUTE, points=True), _q("dust_collector_pressure", 5 * MINUTE, must=True, points=True),
          _q("temperature", 5 * MINUTE, points=True), _q("spark_detected", 5 * MINUTE, points=True), _q("fan_running", 5 * MINUTE, points=True)),
         ("A-05", "A-06"), is_enterprise=True, has_video=True),
    Kind("fireworks_store", "烟花爆竹仓库", "fireworks store", Family.WORK_SAFETY, "应急管理局", 30 * MINUTE,
         (_q("temperature", 5 * MINUTE, "-40", "80", must=True, points=True), _q("humidity", 5 * MINUTE, must=True, points=True),
          _q("intrusion", 5 * MINUTE, must=True, points=True), _q("door_open", 5 * MINUTE, points=True), _q("smoke_alarm", 5 * MINUTE, points=True)),
         ("A-21",), is_enterprise=True, has_video=True),
)  # fmt: skip

_DRIVE = (
    _q("vehicle_speed", MINUTE, must=True), _q("vehicle_direction", MINUTE), _q("vehicle_altitude", MINUTE), _q("vehicle_mileage", MINUTE),
    _q("vehicle_fuel", MINUTE), _q("position_lat", MINUTE, must=True), _q("position_lon", MINUTE, must=True),
)  # fmt: skip
_VEHICLE = (
    Kind("hazmat_truck", "危险品运输车", "hazardous goods truck", Family.VEHICLE, "交通运输局", 30 * MINUTE,
         (*_DRIVE, _q("tank_temperature", 5 * MINUTE), _q("tank_pressure", 5 * MINUTE)), ("A-19", "A-20"), is_enterprise=True, is_mobile=True,
         attributes=(Attribute("plate", "车牌", "plate", is_text=True), Attribute("goods", "货物", "goods", is_text=True))),
    Kind("rescue_vehicle", "救援车辆", "rescue vehicle", Family.VEHICLE, "应急管理局", 30 * MINUTE, _DRIVE, ("A-19",), is_mobile=True,
         attributes=(Attribute("plate", "车牌", "plate", is_text=True),)),
)  # fmt: skip

ROWS: tuple[Kind, ...] = (
    *_WATER, *_METEOROLOGY, *_GEOLOGY, *_FOREST_FIRE, *_EARTHQUAKE, *_AGRICULTURE, *_ENVIRONMENT, *_CITY, *_FIRE_SAFETY, *_WORK_SAFETY, *_VEHICLE,
)  # fmt: skip
