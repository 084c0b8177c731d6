"""The workbooks of danger zones and of the households inside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anlan.directory import numbers
from anlan.documents import cells
from anlan.documents.cells import Cell
from anlan.documents.imports import ImportKind, register
from anlan.documents.problems import BadCell
from anlan.documents.workbook import Column
from anlan.kernel.refusals import Refusal
from anlan.places import coordinates
from anlan.risk import refusals, rights
from anlan.risk.services import MAX_MEMBERS
from anlan.risk.sheets.households import apply_households
from anlan.risk.sheets.sites import apply_hazard_sites, apply_sites
from anlan.risk.sheets.zones import HAZARDS, apply_zones
from anlan.vocab import sites

if TYPE_CHECKING:
    from shapely.geometry import Polygon

#: Wide, so that swapped columns reach the check that names them.
_degrees = cells.decimal(places=8, low="-180", high="180")
_number = cells.code(
    r"[0-9A-Za-z\u3400-\u9fff_.-]{1,40}", expected=("编号（1 到 40 位）", "a number of 1 to 40 characters")
)


def _boundary(cell: Cell) -> Polygon:
    from anlan.risk import geometry  # shapely only where a boundary is read

    try:
        return geometry.parse_boundary(cells.as_text(cell))
    except Refusal as refusal:
        raise BadCell(refusal.code, **refusal.data) from None


def _phone(cell: Cell) -> str:
    """A mobile, or a landline with its area code."""
    value = cells.as_text(cell)
    try:
        return numbers.landline(value)
    except Refusal:
        raise BadCell("household.bad_phone", value=value[:40]) from None


_COORDINATES = {
    coordinates.SwappedCoordinates.code: (
        "经度 %(lon)s 与纬度 %(lat)s 似乎填反了。",
        coordinates.SwappedCoordinates.text,
    ),
    coordinates.FarFromCounty.code: (
        "%(lon)s, %(lat)s 在本县范围 1° 以外，请核对。",
        coordinates.FarFromCounty.text,
    ),
}

ZONES = register(
    ImportKind(
        name="zones",
        title=("危险区", "Danger zones"),
        need=rights.EDIT_ZONES,
        columns=(
            Column("编号", True, _number, "危险区编号，全县唯一", example="SH-001"),
            Column("名称", True, cells.text(120), "当地人用的名称", example="上柳村河边"),
            Column("灾种", True, cells.choice(HAZARDS), "会发生什么", tuple(HAZARDS), "山洪"),
            Column("区划代码", True, cells.place_code, "所属的村或村以下", example="530521100201"),
            Column("边界", True, _boundary, "“经度 纬度;经度 纬度;…”，首尾相同", example="99.10 24.70;99.11 24.70;99.11 24.71;99.10 24.70"),
            Column("户数", False, cells.integer(0, 100_000), "普查户数", example="12"),
            Column("人口", False, cells.integer(0, 1_000_000), "普查人口", example="41"),
        ),
        apply=apply_zones,
        examples=(
            {"编号": "SH-001", "名称": "上柳村河边", "灾种": "山洪", "区划代码": "530521100201", "边界": "99.10 24.70;99.11 24.70;99.11 24.71;99.10 24.70", "户数": "12", "人口": "41"},
        ),
        notes=("编号已有的危险区按本表修改；表中没有的危险区不变。",),
        sentences={
            "zone.elsewhere": ("编号 %(code)s 已用于您不能维护的区划。", "Number %(code)s is used in a division that you may not edit."),
            "zone.outside_division": ("危险区的中间不在 %(name)s 的边界内，请核对（已导入）。", "The middle of the zone lies outside %(name)s; check it (imported nevertheless)."),
            refusals.NotABoundary.code: ("“%(part)s”不是边界上的点，请写成“经度 纬度”，点之间用分号。", refusals.NotABoundary.text),
            refusals.TooFewPoints.code: ("边界至少要三个不同的点，这里只有 %(count)s 个。", refusals.TooFewPoints.text),
            refusals.BoundaryNotClosed.code: ("边界没有闭合，最后一点须与第一点相同。", refusals.BoundaryNotClosed.text),
            refusals.BoundaryCrossesItself.code: ("边界自相交或无面积（%(why)s），请按顺序绕一圈。", refusals.BoundaryCrossesItself.text),
            refusals.NoName.code: ("危险区没有名称。", refusals.NoName.text),
            **_COORDINATES,
        },
    )
)  # fmt: skip

HOUSEHOLDS = register(
    ImportKind(
        name="households",
        title=("危险区住户", "Households in danger zones"),
        need=rights.EDIT_ZONES,
        columns=(
            Column("危险区编号", True, _number, "已导入的危险区", example="SH-001"),
            Column("户主", True, cells.name(60), "户主姓名", example="郭小明"),
            Column("人数", True, cells.integer(1, MAX_MEMBERS), "常住人数", example="4"),
            Column("电话", False, _phone, "手机，或带区号的座机", example="10000000012"),
            Column("需要帮助", False, cells.flag, "有行动不便的人填“是”", ("是", "否"), "否"),
            Column("帮扶责任人", False, cells.name(60), "转移时谁负责", example="赵春兰"),
            Column("经度", False, _degrees, "住处，WGS84 或 CGCS2000", example="99.1012"),
            Column("纬度", False, _degrees, "住处，WGS84 或 CGCS2000", example="24.7034"),
        ),
        apply=apply_households,
        examples=(
            {"危险区编号": "SH-001", "户主": "郭小明", "人数": "4", "电话": "10000000012", "需要帮助": "否", "帮扶责任人": "赵春兰"},
        ),
        notes=("同一危险区、户主和电话视为同一户；同名只有一户时，新电话视为换号。表中没有的住户不变。",),
        sentences={
            "household.unknown_zone": ("没有您可以维护的危险区 %(zone)s。", "There is no danger zone %(zone)s that you may edit."),
            "household.bad_phone": ("“%(value)s”不是手机号，也不是带区号的座机号。", "“%(value)s” is neither a mobile nor a landline with its area code."),
            "household.half_a_point": ("经度和纬度要么都填，要么都不填。", "Give both longitude and latitude, or neither."),
            refusals.DissolvedZone.code: ("危险区 %(code)s 已撤销。", refusals.DissolvedZone.text),
            refusals.NoHead.code: ("没有户主姓名。", refusals.NoHead.text),
            refusals.NoMembers.code: ("人数 %(members)s 不可用，请填 1 到 99。", refusals.NoMembers.text),
            **_COORDINATES,
        },
    )
)  # fmt: skip

SITES = register(
    ImportKind(
        name="sites",
        title=("场所（学校、工地、景区、水库等）", "Sites (schools, camps, scenic spots, reservoirs …)"),
        need=rights.EDIT_ZONES,
        columns=(
            Column("场所代码", True, cells.place_code, "所在村（或乡镇）的 12 位代码加本地后缀", example="530521100201-S01"),
            Column("上级代码", True, cells.place_code, "所在村或乡镇的代码", example="530521100201"),
            Column("名称", True, cells.text(80), "场所名称", example="上柳小学"),
            Column("类别", True, cells.choice(sites.CODE_BY_ZH), "只能填允许的类别", tuple(sites.CODE_BY_ZH), "学校"),
            Column("经度", False, cells.longitude, "WGS84，度", example="99.183000"),
            Column("纬度", False, cells.latitude, "WGS84，度", example="24.731000"),
            Column("白天人数", False, cells.integer(0, 1_000_000), "平常白天有多少人", example="210"),
            Column("夜间人数", False, cells.integer(0, 1_000_000), "平常夜间有多少人", example="0"),
            Column("需要帮助人数", False, cells.integer(0, 1_000_000), "其中转移时需要帮助的人", example="12"),
        ),
        apply=apply_sites,
        examples=(
            {"场所代码": "530521100201-S01", "上级代码": "530521100201", "名称": "上柳小学", "类别": "学校", "经度": "99.183000", "纬度": "24.731000", "白天人数": "210", "夜间人数": "0", "需要帮助人数": "12"},
        ),
        notes=("场所像村一样被叫应；其责任人在通讯录中登记岗位“场所责任人”，区划代码填场所代码。",),
        sentences={
            "site.wrong_parent": ("场所应放在乡镇或村下面；%(parent)s 不是。", refusals.SiteParent.text),
            **_COORDINATES,
        },
    )
)  # fmt: skip

HAZARD_SITES = register(
    ImportKind(
        name="hazard_sites",
        title=("隐患点", "Hazard sites"),
        need=rights.EDIT_ZONES,
        columns=(
            Column("编号", True, _number, "隐患点编号，全县唯一", example="DZ-001"),
            Column("名称", True, cells.text(120), "当地人用的名称", example="上柳村后山滑坡"),
            Column("类别", True, cells.choice(sites.HAZARD_SITE_CODE_BY_ZH), "只能填允许的类别", tuple(sites.HAZARD_SITE_CODE_BY_ZH), "滑坡"),
            Column("区划代码", True, cells.place_code, "所在的村", example="530521100201"),
            Column("经度", True, cells.longitude, "WGS84，度", example="99.183000"),
            Column("纬度", True, cells.latitude, "WGS84，度", example="24.731000"),
            Column("威胁户数", False, cells.integer(0, 100_000), "受威胁户数", example="6"),
            Column("威胁人数", False, cells.integer(0, 1_000_000), "受威胁人数", example="23"),
            Column("监测人", False, cells.name(60), "通讯录中该村的人", example="赵春兰"),
        ),
        apply=apply_hazard_sites,
        examples=(
            {"编号": "DZ-001", "名称": "上柳村后山滑坡", "类别": "滑坡", "区划代码": "530521100201", "经度": "99.183000", "纬度": "24.731000", "威胁户数": "6", "威胁人数": "23", "监测人": "赵春兰"},
        ),
        notes=("编号已有的隐患点按本表修改；表中没有的隐患点不变。",),
        sentences={
            "hazard_site.unknown_watcher": ("%(place)s 的通讯录里没有（或不止一个）“%(name)s”，监测人留空（已导入）。", "The directory of %(place)s has no “%(name)s”, or several; the watcher stays empty (imported nevertheless)."),
            **_COORDINATES,
        },
    )
)  # fmt: skip
