"""Event codes of the national warning format (R26).

Source: the 11B list and 11A01 as seen in public weather code (R26, marked verified there); English names are ours.
The upper classes are partly verified. The provider itself warns that lists change: an unknown code is accepted and shown
with the sender's own text.
"""

from __future__ import annotations

from typing import NamedTuple


class EventCode(NamedTuple):
    code: str
    zh: str
    en: str
    is_verified: bool


#: First letter groups; partly verified or own knowledge as marked in R26.
GROUPS: tuple[EventCode, ...] = (
    EventCode("11A", "水旱", "water and drought", is_verified=False),
    EventCode("11B", "气象", "meteorological", is_verified=False),
    EventCode("11C", "地震", "seismic", is_verified=False),
    EventCode("11D", "地质", "geological", is_verified=False),
    EventCode("11E", "海洋", "marine", is_verified=False),
    EventCode("11F", "生物", "biological", is_verified=False),
    EventCode("11G", "森林草原火灾", "forest and grassland fire", is_verified=False),
)

CODES: tuple[EventCode, ...] = (
    EventCode("11A01", "洪水", "flood", is_verified=True),
    EventCode("11B01", "台风", "typhoon", is_verified=True),
    EventCode("11B02", "龙卷风", "tornado", is_verified=True),
    EventCode("11B03", "暴雨", "rainstorm", is_verified=True),
    EventCode("11B04", "暴雪", "snowstorm", is_verified=True),
    EventCode("11B05", "寒潮", "cold wave", is_verified=True),
    EventCode("11B06", "大风", "gale", is_verified=True),
    EventCode("11B07", "沙尘暴", "sandstorm", is_verified=True),
    EventCode("11B08", "低温冻害", "frost damage", is_verified=True),
    EventCode("11B09", "高温", "high temperature", is_verified=True),
    EventCode("11B10", "热浪", "heat wave", is_verified=True),
    EventCode("11B11", "干热风", "dry hot wind", is_verified=True),
    EventCode("11B12", "下击暴流", "downburst", is_verified=True),
    EventCode("11B13", "雪崩", "avalanche", is_verified=True),
    EventCode("11B14", "雷电", "lightning", is_verified=True),
    EventCode("11B15", "冰雹", "hail", is_verified=True),
    EventCode("11B16", "霜冻", "frost", is_verified=True),
    EventCode("11B17", "大雾", "dense fog", is_verified=True),
    EventCode("11B18", "低空风切变", "low-level wind shear", is_verified=True),
    EventCode("11B19", "霾", "haze", is_verified=True),
    EventCode("11B20", "雷雨大风", "thunderstorm gale", is_verified=True),
    EventCode("11B21", "道路结冰", "road icing", is_verified=True),
    EventCode("11B22", "干旱", "drought", is_verified=True),
    EventCode("11B23", "海上大风", "gale at sea", is_verified=True),
    EventCode("11B24", "高温中暑", "heat stroke", is_verified=True),
    EventCode("11B25", "森林火险", "forest fire danger", is_verified=True),
    EventCode("11B26", "草原火险", "grassland fire danger", is_verified=True),
    EventCode("11B27", "冰冻", "freezing", is_verified=True),
    EventCode("11B28", "空间天气", "space weather", is_verified=True),
    EventCode("11B29", "重污染", "heavy air pollution", is_verified=True),
    EventCode("11B30", "低温雨雪冰冻", "low temperature, rain, snow and freezing", is_verified=True),
    EventCode("11B31", "强对流", "severe convection", is_verified=True),
    EventCode("11B32", "臭氧", "ozone", is_verified=True),
    EventCode("11B33", "大雪", "heavy snow", is_verified=True),
    EventCode("11B34", "寒冷", "cold", is_verified=True),
    EventCode("11B35", "连阴雨", "continuous rain", is_verified=True),
    EventCode("11B36", "渍涝风险", "waterlogging risk", is_verified=True),
    EventCode("11B37", "地质灾害气象风险", "geohazard weather risk", is_verified=True),
    EventCode("11B38", "强降雨", "heavy rainfall", is_verified=True),
    EventCode("11B39", "强降温", "sharp cooling", is_verified=True),
    EventCode("11B40", "雪灾", "snow disaster", is_verified=True),
    EventCode("11B41", "森林(草原)火险", "forest (grassland) fire danger", is_verified=True),
    EventCode("11B42", "医疗气象", "medical weather", is_verified=True),
    EventCode("11B43", "雷暴", "thunderstorm", is_verified=True),
    EventCode("11B44", "停课信号", "school suspension signal", is_verified=True),
    EventCode("11B45", "停工信号", "work suspension signal", is_verified=True),
    EventCode("11B46", "海上风险", "risk at sea", is_verified=True),
    EventCode("11B47", "春季沙尘", "spring dust", is_verified=True),
    EventCode("11B48", "降温", "cooling", is_verified=True),
    EventCode("11B49", "台风暴雨", "typhoon rainstorm", is_verified=True),
    EventCode("11B50", "严寒", "severe cold", is_verified=True),
    EventCode("11B51", "沙尘", "dust", is_verified=True),
    EventCode("11B52", "海上雷雨大风", "thunderstorm gale at sea", is_verified=True),
    EventCode("11B53", "海上大雾", "dense fog at sea", is_verified=True),
    EventCode("11B54", "海上雷电", "lightning at sea", is_verified=True),
    EventCode("11B55", "海上台风", "typhoon at sea", is_verified=True),
    EventCode("11B56", "低温", "low temperature", is_verified=True),
    EventCode("11B57", "道路冰雪", "icy or snowy road", is_verified=True),
)

_BY_CODE = {row.code: row for row in CODES}


def event_code(code: str, *, sender_text: str = "") -> EventCode:
    """The known code, or the unknown one with the sender's text; never an error."""
    known = _BY_CODE.get(code)
    return (
        known
        if known is not None
        else EventCode(code, sender_text or code, sender_text or code, is_verified=False)
    )
