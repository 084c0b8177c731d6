"""The counted things of an incident: code, unit, and whether a fall needs an explanation. Names after R05, R06 and the glossary."""

from __future__ import annotations

from typing import NamedTuple


class FigureFace(NamedTuple):
    """`is_count`: a whole number. `is_rolling`: it only grows unless somebody explains why not (jump check of R06)."""

    zh: str
    en: str
    unit_zh: str
    unit_en: str
    is_count: bool = True
    is_rolling: bool = True


FIGURES: dict[str, FigureFace] = {
    "deaths": FigureFace("死亡", "deaths", "人", "people"),
    "missing": FigureFace("失踪", "missing", "人", "people"),
    "serious_injuries": FigureFace("重伤", "serious injuries", "人", "people"),
    "injured": FigureFace("受伤", "injured", "人", "people"),
    "trapped": FigureFace("被困", "trapped", "人", "people", is_rolling=False),
    "at_risk": FigureFace("涉险", "at risk", "人", "people", is_rolling=False),
    "affected": FigureFace("受灾人口", "affected people", "人", "people"),
    "evacuated": FigureFace("紧急转移安置", "evacuated and resettled", "人", "people"),
    "houses_destroyed": FigureFace("倒塌房屋", "rooms destroyed", "间", "rooms"),
    "households_destroyed": FigureFace(
        "倒塌房屋户数", "households whose house was destroyed", "户", "households"
    ),
    "houses_severely_damaged": FigureFace("严重损坏房屋", "rooms severely damaged", "间", "rooms"),
    "houses_slightly_damaged": FigureFace("一般损坏房屋", "rooms slightly damaged", "间", "rooms"),
    "crops_ha": FigureFace("农作物受灾面积", "crops affected", "公顷", "ha", is_count=False),
    "burnt_ha": FigureFace("过火面积", "burnt area", "公顷", "ha", is_count=False),
    "direct_loss_yuan": FigureFace("直接经济损失", "direct economic loss", "元", "yuan", is_count=False),
    "magnitude": FigureFace("震级", "magnitude", "级", "M", is_count=False, is_rolling=False),
    "population_density": FigureFace(
        "震区人口密度", "population density", "人/平方千米", "people/km²", is_count=False, is_rolling=False
    ),
    "threatened": FigureFace("受威胁人数", "people threatened", "人", "people", is_rolling=False),
    "threatened_yuan": FigureFace(
        "受威胁财产", "property threatened", "元", "yuan", is_count=False, is_rolling=False
    ),
    "persons": FigureFace("涉及人数", "persons concerned", "人", "persons", is_rolling=False),
}

#: All that an incident of class 3 or 4 may carry (requirements Q-01, Q-02).
OF_RESTRICTED = frozenset({"persons"})
