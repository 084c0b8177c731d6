"""Kinds of places that are called like a village because people gather there or guard something (C-06)."""

from __future__ import annotations

KINDS: dict[str, tuple[str, str]] = {
    "school": ("学校", "school"),
    "kindergarten": ("幼儿园", "kindergarten"),
    "hospital": ("医院、卫生院", "hospital or clinic"),
    "nursing_home": ("养老院、福利院", "nursing home"),
    "site_camp": ("施工工地营地", "construction site camp"),
    "scenic_spot": ("景区", "scenic spot"),
    "campsite": ("露营地、民宿", "campsite or homestay"),
    "reservoir": ("水库", "reservoir"),
    "tailings_pond": ("尾矿库", "tailings pond"),
    "shelter": ("避难场所", "shelter"),
    "market": ("集市", "market"),
    "religious": ("宗教活动场所", "place of worship"),
    "other": ("其他场所", "other place"),
}

CODE_BY_ZH: dict[str, str] = {zh: code for code, (zh, _en) in KINDS.items()}

#: Threatening places (隐患点) by what may happen there; the geological kinds are those of R11.
HAZARD_SITE_KINDS: dict[str, tuple[str, str]] = {
    "landslide": ("滑坡", "landslide"),
    "rockfall": ("崩塌", "rockfall"),
    "debris_flow": ("泥石流", "debris flow"),
    "collapse": ("地面塌陷", "ground collapse"),
    "fissure": ("地裂缝", "ground fissure"),
    "subsidence": ("地面沉降", "subsidence"),
    "unstable_slope": ("不稳定斜坡", "unstable slope"),
    "flood_prone": ("易涝点", "flood-prone spot"),
    "other": ("其他", "other"),
}
HAZARD_SITE_CODE_BY_ZH: dict[str, str] = {zh: code for code, (zh, _en) in HAZARD_SITE_KINDS.items()}
