"""Levels of administrative divisions and of the local places below a village (R27 and the glossary)."""

from __future__ import annotations

from enum import StrEnum


class DivisionLevel(StrEnum):
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"
    HAMLET = "hamlet"
    GROUP = "group"
    GRID = "grid"
    #: An enterprise is a place of its own below a township or village, so that one enterprise can be a jurisdiction.
    ENTERPRISE = "enterprise"
    #: A place where people gather or are in danger: a school, a site camp, a scenic spot, a reservoir; kinds in `vocab.sites`.
    SITE = "site"
    #: A department of the county (bureau, hospital, office) that files figures and reports like a township; below the county.
    DEPARTMENT = "department"


LABELS: dict[DivisionLevel, tuple[str, str]] = {
    DivisionLevel.PROVINCE: ("省", "province"),
    DivisionLevel.CITY: ("市", "city"),
    DivisionLevel.COUNTY: ("县", "county"),
    DivisionLevel.TOWNSHIP: ("乡镇", "township"),
    DivisionLevel.VILLAGE: ("村", "village"),
    DivisionLevel.HAMLET: ("自然村", "natural village"),
    DivisionLevel.GROUP: ("村民小组", "villagers' group"),
    DivisionLevel.GRID: ("网格", "grid cell"),
    DivisionLevel.ENTERPRISE: ("企业", "enterprise"),
    DivisionLevel.SITE: ("场所", "site"),
    DivisionLevel.DEPARTMENT: ("部门", "department"),
}

#: Places without a national code, which a county names itself below the 12-digit village.
LOCAL_LEVELS = frozenset({DivisionLevel.HAMLET, DivisionLevel.GROUP, DivisionLevel.GRID})
