"""Pollution factors of HJ 212: code of the 2017 list, code of the 2005 list, names and unit.

Source: the code tables that public implementations print alike (srdgame/lua-HJ212, lingkejia/bocon-operation-app); the standard's own
appendix was not at hand. A message carries no unit. Where the tables and the messages of real stations disagree about the unit (air
quality: the table says ng/m³, stations send μg/m³), the unit follows the stations and `is_sure` is False.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple


class Factor(NamedTuple):
    code: str
    #: Code of the 2005 list, "" where it has none.
    old: str
    zh: str
    en: str
    #: Unit of -Rtd, -Min, -Avg, -Max.
    unit: str
    #: Unit of -Cou, "" where the factor has no sum.
    sum_unit: str = ""
    is_sure: bool = True


_WATER = (
    Factor("w00000", "B01", "污水流量", "waste water flow", "L/s", "m³"),
    Factor("w01001", "001", "pH值", "pH", ""),
    Factor("w01002", "002", "色度", "colour", "度"),
    Factor("w01003", "", "浑浊度", "turbidity", "NTU", is_sure=False),
    Factor("w01006", "", "溶解性总固体", "total dissolved solids", "mg/L", "kg"),
    Factor("w01009", "", "溶解氧", "dissolved oxygen", "mg/L"),
    Factor("w01010", "", "水温", "water temperature", "℃"),
    Factor("w01012", "003", "悬浮物", "suspended solids", "mg/L", "kg"),
    Factor("w01014", "", "电导率", "conductivity", "μS/cm"),
    Factor("w01017", "010", "五日生化需氧量", "biochemical oxygen demand, 5 days", "mg/L", "kg"),
    Factor("w01018", "011", "化学需氧量", "chemical oxygen demand", "mg/L", "kg"),
    Factor("w01019", "", "高锰酸盐指数", "permanganate index", "mg/L", "kg"),
    Factor("w01020", "015", "总有机碳", "total organic carbon", "mg/L", "kg"),
    Factor("w19002", "520", "阴离子表面活性剂", "anionic surfactants", "mg/L", "kg"),
    Factor("w20111", "020", "总汞", "total mercury", "μg/L", "g"),
    Factor("w20115", "022", "总镉", "total cadmium", "μg/L", "g"),
    Factor("w20116", "023", "总铬", "total chromium", "mg/L", "kg"),
    Factor("w20117", "024", "六价铬", "chromium VI", "μg/L", "g"),
    Factor("w20119", "026", "总砷", "total arsenic", "μg/L", "g"),
    Factor("w20120", "027", "总铅", "total lead", "μg/L", "g"),
    Factor("w20121", "028", "总镍", "total nickel", "mg/L", "kg"),
    Factor("w20122", "029", "总铜", "total copper", "mg/L", "kg"),
    Factor("w20123", "030", "总锌", "total zinc", "mg/L", "kg"),
    Factor("w20124", "031", "总锰", "total manganese", "mg/L", "kg"),
    Factor("w20125", "032", "总铁", "total iron", "mg/L", "kg"),
    Factor("w20126", "033", "总银", "total silver", "mg/L", "kg"),
    Factor("w20127", "034", "总铍", "total beryllium", "μg/L", "g"),
    Factor("w20128", "035", "总硒", "total selenium", "μg/L", "g"),
    Factor("w20092", "036", "锡", "tin", "mg/L", "kg"),
    Factor("w20023", "037", "硼", "boron", "mg/L", "kg"),
    Factor("w20061", "038", "钼", "molybdenum", "mg/L", "kg"),
    Factor("w20012", "039", "钡", "barium", "mg/L", "kg"),
    Factor("w20038", "040", "钴", "cobalt", "mg/L", "kg"),
    Factor("w20089", "041", "铊", "thallium", "ng/L", "mg"),
    Factor("w21001", "065", "总氮", "total nitrogen", "mg/L", "kg"),
    Factor("w21003", "060", "氨氮", "ammonia nitrogen", "mg/L", "kg"),
    Factor("w21006", "063", "亚硝酸盐", "nitrite", "mg/L", "kg"),
    Factor("w21007", "064", "硝酸盐", "nitrate", "mg/L", "kg"),
    Factor("w21011", "101", "总磷", "total phosphorus", "mg/L", "kg"),
    Factor("w21016", "070", "氰化物", "cyanide", "mg/L", "kg"),
    Factor("w21017", "072", "氟化物", "fluoride", "mg/L", "kg"),
    Factor("w21019", "071", "硫化物", "sulphide", "mg/L", "kg"),
    Factor("w21022", "090", "氯化物", "chloride", "mg/L", "kg"),
    Factor("w21038", "", "硫酸盐", "sulphate", "mg/L", "kg"),
    Factor("w22001", "080", "石油类", "petroleum", "mg/L", "kg"),
    Factor("w23002", "110", "挥发酚", "volatile phenols", "mg/L", "kg"),
)

_GAS = (
    Factor("a00000", "B02", "废气流量", "flue gas flow", "m³/s", "m³"),
    Factor("a01001", "", "温度", "air temperature", "℃"),
    Factor("a01002", "", "湿度", "relative humidity", "%"),
    Factor("a01006", "", "气压", "air pressure", "kPa"),
    Factor("a01007", "", "风速", "wind speed", "m/s"),
    Factor("a01008", "", "风向", "wind direction", "°"),
    Factor("a01010", "37", "林格曼黑度", "Ringelmann blackness", ""),
    Factor("a01011", "S02", "烟气流速", "flue gas velocity", "m/s"),
    Factor("a01012", "S03", "烟气温度", "flue gas temperature", "℃"),
    Factor("a01013", "S08", "烟气压力", "flue gas pressure", "kPa"),
    Factor("a01014", "S05", "烟气湿度", "flue gas humidity", "%"),
    Factor("a01015", "S06", "制冷温度", "cooler temperature", "℃"),
    Factor("a01016", "S07", "烟道截面积", "cross-section of the duct", "m²"),
    Factor("a01017", "S04", "烟气动压", "dynamic pressure of the flue gas", "kPa"),
    Factor("a05001", "30", "二氧化碳", "carbon dioxide", "mg/m³", "kg"),
    Factor("a19001", "S01", "氧气含量", "oxygen content", "%"),
    Factor("a20025", "33", "镉及其化合物", "cadmium and compounds", "mg/m³", "kg"),
    Factor("a20043", "32", "铅及其化合物", "lead and compounds", "mg/m³", "kg"),
    Factor("a20057", "31", "汞及其化合物", "mercury and compounds", "mg/m³", "kg"),
    Factor("a20063", "35", "镍及其化合物", "nickel and compounds", "mg/m³", "kg"),
    Factor("a21001", "10", "氨", "ammonia", "", "", is_sure=False),
    Factor("a21002", "03", "氮氧化物", "nitrogen oxides", "mg/m³", "kg"),
    Factor("a21003", "", "一氧化氮", "nitric oxide", "mg/m³", "kg"),
    Factor("a21004", "", "二氧化氮", "nitrogen dioxide", "mg/m³", "kg"),
    Factor("a21005", "04", "一氧化碳", "carbon monoxide", "mg/m³", "kg"),
    Factor("a21017", "07", "氰化物", "cyanides", "mg/m³", "kg"),
    Factor("a21018", "06", "氟化物", "fluorides", "mg/m³", "kg"),
    Factor("a21022", "11", "氯气", "chlorine", "mg/m³", "kg"),
    Factor("a21024", "08", "氯化氢", "hydrogen chloride", "mg/m³", "kg"),
    Factor("a21026", "02", "二氧化硫", "sulphur dioxide", "mg/m³", "kg"),
    Factor("a21028", "05", "硫化氢", "hydrogen sulphide", "mg/m³", "kg"),
    Factor("a24046", "29", "氯乙烯", "vinyl chloride", "mg/m³", "kg"),
    Factor("a24087", "25", "碳氢化合物", "hydrocarbons", "mg/m³", "kg"),
    Factor("a24088", "", "非甲烷总烃", "non-methane hydrocarbons", "mg/m³", "kg"),
    Factor("a25002", "", "苯", "benzene", "mg/m³", "kg"),
    Factor("a25003", "17", "甲苯", "toluene", "mg/m³", "kg"),
    Factor("a25005", "18", "二甲苯", "xylene", "mg/m³", "kg"),
    Factor("a30001", "28", "甲醇", "methanol", "mg/m³", "kg"),
    Factor("a31001", "19", "甲醛", "formaldehyde", "mg/m³", "kg"),
    Factor("a34001", "", "总悬浮颗粒物", "total suspended particles", "μg/m³", is_sure=False),
    Factor("a34002", "", "可吸入颗粒物PM10", "PM10", "μg/m³", is_sure=False),
    Factor("a34004", "", "细颗粒物PM2.5", "PM2.5", "μg/m³", is_sure=False),
    Factor("a34013", "01", "烟尘", "smoke dust", "mg/m³", "kg"),
    Factor("a99049", "24", "光气", "phosgene", "mg/m³", "kg"),
    Factor("a99051", "12", "二硫化碳", "carbon disulphide", "mg/m³", "kg"),
    Factor("LA", "B03", "噪声", "A-weighted sound level", "dB"),
    Factor("Leq", "", "等效声级", "equivalent sound level", "dB"),
)

FACTORS: dict[str, Factor] = {factor.code: factor for factor in _WATER + _GAS}
#: The same by the code of the 2005 list; real stations mix both lists in one line.
FACTORS_OF_2005: dict[str, Factor] = {factor.old: factor for factor in FACTORS.values() if factor.old}

#: In front of a factor's code where it has no quantity of its own.
PREFIX = "hj212:"
#: What a suffix of a stored quantity says: "hj212:w01018_avg_1h" is the hourly mean of w01018.
_KINDS: dict[str, tuple[str, str]] = {
    "": ("", ""),
    "avg": ("均值", "mean"),
    "min": ("最小值", "minimum"),
    "max": ("最大值", "maximum"),
    "cou": ("累计值", "sum"),
    "zs": ("折算值", "converted"),
    "zsavg": ("折算均值", "converted mean"),
    "zsmin": ("折算最小值", "converted minimum"),
    "zsmax": ("折算最大值", "converted maximum"),
}
_PERIODS: dict[str, tuple[str, str]] = {"": ("", ""), "1h": ("小时", "hourly"), "1d": ("日", "daily")}


# Asked for each reading that comes in.
@lru_cache(maxsize=4096)
def describe_factor(quantity: str) -> tuple[str, str, str] | None:
    """Unit, Chinese and English name of a quantity "hj212:…"; None for a factor that is not in the table."""
    if not quantity.startswith(PREFIX):
        return None
    code, _, rest = quantity.removeprefix(PREFIX).partition("_")
    kind, _, period = rest.partition("_")
    factor = FACTORS.get(code)
    if factor is None or kind not in _KINDS or period not in _PERIODS:
        return None
    zh = f"{factor.zh}{_PERIODS[period][0]}{_KINDS[kind][0]}"
    words = (factor.en, _PERIODS[period][1], _KINDS[kind][1])
    return factor.sum_unit if kind == "cou" else factor.unit, zh, ", ".join(filter(None, words))
