"""Skills of rescue teams, kinds of teams, categories of vehicles and equipment, and items of supply.

The lists name what a county's plans ask for. They are working lists of this program, not a standard; a county may ask for
more. Codes never change; labels are (Chinese, English).
"""

from __future__ import annotations

SKILLS: dict[str, tuple[str, str]] = {
    "flood_rescue": ("水域救援", "flood and water rescue"),
    "boat": ("舟艇操作", "boats"),
    "diving": ("潜水打捞", "diving"),
    "drainage": ("抽排水", "pumping"),
    "dike": ("堤防抢险", "dikes and embankments"),
    "mountain_rescue": ("山岳救援", "mountain rescue"),
    "collapse": ("建筑坍塌救援", "collapsed buildings"),
    "search_dogs": ("搜救犬", "search dogs"),
    "medical": ("医疗救护", "medical aid"),
    "epidemic": ("卫生防疫", "hygiene and epidemic control"),
    "comms": ("应急通信", "emergency communications"),
    "engineering": ("工程机械", "heavy machinery"),
    "hazmat": ("危险化学品处置", "hazardous chemicals"),
    "mine": ("矿山救护", "mine rescue"),
    "forest_fire": ("森林灭火", "forest fire"),
    "fire": ("灭火", "firefighting"),
    "power_repair": ("电力抢修", "power repair"),
    "water_gas_repair": ("供水供气抢修", "water and gas repair"),
    "road_clearing": ("道路抢通", "road clearing"),
    "drone": ("无人机侦察", "drones"),
    "geology": ("地质灾害排查", "geological survey"),
    "evacuation": ("转移安置", "evacuation"),
    "traffic": ("交通管制", "traffic control"),
    "supplies": ("物资运输", "transport of supplies"),
    "psychology": ("心理疏导", "psychological help"),
}

TEAM_KINDS: dict[str, tuple[str, str]] = {
    "fire": ("消防救援", "fire service"),
    "professional": ("专业应急队伍", "professional team"),
    "militia": ("民兵", "militia"),
    "social": ("社会应急力量", "volunteer rescue organisation"),
    "enterprise": ("企业队伍", "enterprise team"),
    "medical": ("医疗队伍", "medical team"),
    "township": ("乡镇队伍", "township team"),
    "village": ("村级队伍", "village team"),
    "army": ("驻地部队", "army"),
    "other": ("其他", "other"),
}

READINESS: dict[str, tuple[str, str]] = {
    "ready": ("可出动", "ready"),
    "limited": ("部分可用", "limited"),
    "not_ready": ("不能出动", "not ready"),
}

ASSET_KINDS: dict[str, tuple[str, str]] = {
    "vehicle": ("车辆", "vehicle"),
    "equipment": ("装备", "equipment"),
}

ASSET_STATES: dict[str, tuple[str, str]] = {
    "usable": ("可用", "usable"),
    "away": ("外出", "away"),
    "repair": ("维修", "under repair"),
}

ASSET_CATEGORIES: dict[str, tuple[str, str]] = {
    "rescue_vehicle": ("抢险救援车", "rescue vehicle"),
    "fire_engine": ("消防车", "fire engine"),
    "ambulance": ("救护车", "ambulance"),
    "bus": ("大客车", "bus"),
    "truck": ("运输车", "truck"),
    "excavator": ("挖掘机", "excavator"),
    "loader": ("装载机", "loader"),
    "crane": ("起重机", "crane"),
    "command_vehicle": ("指挥通信车", "command vehicle"),
    "power_vehicle": ("应急发电车", "power supply vehicle"),
    "pump": ("抽水泵", "pump"),
    "boat": ("冲锋舟", "boat"),
    "generator": ("发电机", "generator"),
    "drone": ("无人机", "drone"),
    "satellite_phone": ("卫星电话", "satellite phone"),
    "radio": ("对讲机", "radio"),
    "detector": ("生命探测仪", "life detector"),
    "cutter": ("破拆工具组", "cutting tools"),
    "light": ("照明灯组", "lighting set"),
    "extinguisher": ("风力灭火机", "blower for forest fire"),
    "protective": ("防护服", "protective suit"),
    "other": ("其他", "other"),
}

#: Items that are asked for and held in stock: (Chinese, English, unit in Chinese).
ITEMS: dict[str, tuple[str, str, str]] = {
    "tent": ("帐篷", "tents", "顶"),
    "quilt": ("棉被", "quilts", "床"),
    "camp_bed": ("折叠床", "camp beds", "张"),
    "coat": ("棉大衣", "coats", "件"),
    "water": ("饮用水", "drinking water", "箱"),
    "food": ("方便食品", "ready food", "箱"),
    "rice": ("大米", "rice", "千克"),
    "sandbag": ("编织袋", "sandbags", "条"),
    "stone": ("块石", "stones", "立方米"),
    "life_jacket": ("救生衣", "life jackets", "件"),
    "rope": ("救生绳", "ropes", "根"),
    "fuel": ("柴油", "diesel", "升"),
    "medicine": ("急救包", "first-aid kits", "个"),
    "light": ("手电筒", "torches", "支"),
    "generator": ("发电机", "generators", "台"),
    "pump": ("抽水泵", "pumps", "台"),
    "lime": ("消毒剂", "disinfectant", "千克"),
}


def skill_words(codes: list[str]) -> list[tuple[str, str]]:
    """Labels of some skills; an unknown code stands for itself."""
    return [SKILLS.get(code, (code, code)) for code in codes]
