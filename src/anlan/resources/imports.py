"""Workbooks of teams, of vehicles and equipment, of experts. A row whose code is known is corrected, not doubled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from anlan.directory.models import Person
from anlan.documents import cells
from anlan.documents.imports import ImportKind, ImportReport, register
from anlan.documents.problems import Problem
from anlan.documents.workbook import Column, SheetRow
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.resources.models import Asset, Expert, Team
from anlan.resources.services import (
    change_asset,
    change_expert,
    change_team,
    register_asset,
    register_expert,
    register_team,
)
from anlan.resources.types import AssetDetails, ExpertDetails, TeamDetails
from anlan.vocab.incidents import TYPES
from anlan.vocab.posts import Right
from anlan.vocab.skills import ASSET_CATEGORIES, ASSET_KINDS, SKILLS, TEAM_KINDS

_SKILLS = {zh: code for code, (zh, _en) in SKILLS.items()}
_KINDS = {zh: code for code, (zh, _en) in TEAM_KINDS.items()}
_ASSETS = {zh: code for code, (zh, _en) in ASSET_KINDS.items()}
_CATEGORIES = {zh: code for code, (zh, _en) in ASSET_CATEGORIES.items()}
_TYPES = {face.zh: code for code, face in TYPES.items()}
_CODE = cells.code(
    r"[0-9A-Za-z-]{1,40}",
    expected=("编号（1 到 40 位字母、数字或短横）", "a code (1 to 40 letters, digits or dashes)"),
)


class _Import:
    """What the three workbooks share: places, people by name and place, a report."""

    def __init__(self, rows: Sequence[SheetRow], by: Actor, at: datetime, *, dry_run: bool) -> None:
        self.by, self.at, self.dry_run, self.report = by, at, dry_run, ImportReport()
        self.places = Division.objects.defer("geometry").in_bulk([row.text("区划代码") for row in rows])
        self.seen: set[str] = set()

    def place(self, row: SheetRow) -> Division | None:
        place = self.places.get(row.text("区划代码"))
        if place is None or not self.by.can(Right.EDIT_RESOURCES, place.path):
            self.wrong(row, "区划代码", "resource_import.no_place")
            return None
        return place

    def person(self, row: SheetRow, column: str, place: Division) -> tuple[bool, Person | None]:
        """(whether it is in order, who): a name that one person of the place or below has; an empty one is nobody."""
        name = row.text(column)
        if not name:
            return True, None
        rows = list(Person.objects.filter(name=name, division__path__startswith=place.path)[:2])
        if len(rows) != 1:
            self.wrong(row, column, "resource_import.no_person", name=name)
            return False, None
        return True, rows[0]

    def is_twice(self, row: SheetRow, key: str, column: str) -> bool:
        if key in self.seen:
            self.wrong(row, column, "resource_import.twice", code=key)
            return True
        self.seen.add(key)
        return False

    def codes(self, row: SheetRow, column: str, known: dict[str, str]) -> list[str] | None:
        words = _split(row.text(column))
        unknown = next((word for word in words if word not in known), None)
        if unknown is not None:
            self.wrong(row, column, "resource_import.unknown", word=unknown)
            return None
        return [known[word] for word in words]

    def wrong(self, row: SheetRow, column: str, problem: str, /, **data: object) -> None:
        self.report.problems.append(Problem(row.number, column, problem, data))

    def keep(
        self, known: Any, fields: dict[str, Any], change: Any, make: Any
    ) -> None:  # Any: a row and its verbs
        if known is None:
            self.report.created += 1
            if not self.dry_run:
                make()
        elif all(getattr(known, name) == value for name, value in fields.items()):
            self.report.unchanged += 1
        else:
            self.report.changed += 1
            if not self.dry_run:
                change(known, by=self.by, at=self.at, **fields)


def apply_teams(rows: Sequence[SheetRow], *, by: Actor, at: datetime, dry_run: bool) -> ImportReport:
    work = _Import(rows, by, at, dry_run=dry_run)
    known = {team.code: team for team in Team.objects.filter(code__in=[row.text("编号") for row in rows])}
    for row in rows:
        place, code = work.place(row), row.text("编号")
        if place is None or work.is_twice(row, code, "编号"):
            continue
        skills = work.codes(row, "技能", _SKILLS)
        leader_ok, leader = work.person(row, "队长", place)
        deputy_ok, deputy = work.person(row, "副队长", place)
        if skills is None or not (leader_ok and deputy_ok):
            continue
        details = TeamDetails(
            code=code, name=row.need("名称", str), kind=row.need("类别", str), division=place,
            owner_words=row.text("主管单位"), leader=leader, deputy=deputy, strength=row.get("人数", int) or 0,
            skills=tuple(skills), lon=row.get("经度", float), lat=row.get("纬度", float),
        )  # fmt: skip
        _keep(work, known.get(code), details, change_team, register_team, leave_out=("code", "readiness"))
    return work.report


def apply_assets(rows: Sequence[SheetRow], *, by: Actor, at: datetime, dry_run: bool) -> ImportReport:
    work = _Import(rows, by, at, dry_run=dry_run)
    known = {asset.code: asset for asset in Asset.objects.filter(code__in=[row.text("编号") for row in rows])}
    teams = {
        team.code: team for team in Team.objects.filter(code__in=[row.text("所属队伍编号") for row in rows])
    }
    for row in rows:
        place, code, team = work.place(row), row.text("编号"), row.text("所属队伍编号")
        if place is None or work.is_twice(row, code, "编号"):
            continue
        if team and team not in teams:
            work.wrong(row, "所属队伍编号", "resource_import.no_team", code=team)
            continue
        details = AssetDetails(
            code=code, name=row.need("名称", str), kind=row.need("种类", str), division=place,
            category=row.get("类别", str) or "other", count=row.get("数量", int) or 1, unit=row.text("单位"),
            team=teams.get(team), tracker=row.text("定位终端测站编码"), lon=row.get("经度", float),
            lat=row.get("纬度", float),
        )  # fmt: skip
        _keep(work, known.get(code), details, change_asset, register_asset, leave_out=("code",))
    return work.report


def apply_experts(rows: Sequence[SheetRow], *, by: Actor, at: datetime, dry_run: bool) -> ImportReport:
    work = _Import(rows, by, at, dry_run=dry_run)
    for row in rows:
        place = work.place(row)
        if place is None:
            continue
        person_ok, person = work.person(row, "姓名", place)
        types = work.codes(row, "事件类型", _TYPES)
        if not person_ok or person is None or types is None or work.is_twice(row, str(person.pk), "姓名"):
            continue
        details = ExpertDetails(
            person,
            row.text("职称"),
            row.text("单位"),
            tuple(types),
            tuple(_split(row.text("专业"))),
            row.text("备注"),
        )
        known = Expert.objects.filter(person=person, retired_at=None).first()
        _keep(work, known, details, change_expert, register_expert, leave_out=("person",))
    return work.report


def _keep(
    work: _Import, known: Any, details: Any, change: Any, make: Any, *, leave_out: tuple[str, ...]
) -> None:  # Any: one of three kinds of rows, their details and verbs
    fields = {name: getattr(details, name) for name in details.__slots__ if name not in leave_out}
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}
    work.keep(known, plain, change, lambda: make(details, by=work.by, at=work.at, kind="imported"))


def _split(text: str) -> list[str]:
    return [part for part in re.split(r"[、,，;；\s]+", text) if part]


_PLACE = Column("区划代码", True, cells.place_code, "村、乡镇、部门或县的代码", example="530521100000")
_LON = Column("经度", False, cells.longitude, "", example="")
_LAT = Column("纬度", False, cells.latitude, "", example="")
_SENTENCES = {
    "resource_import.no_place": ("没有这个区划，或不归您管。", "There is no such place, or it is not yours."),
    "resource_import.no_person": ("通讯录在这个区划里没有唯一的“%(name)s”。", "The directory has not exactly one “%(name)s” in this place."),
    "resource_import.twice": ("%(code)s在表中出现两次。", "%(code)s stands in the sheet twice."),
    "resource_import.unknown": ("“%(word)s”不在允许的清单中。", "“%(word)s” is not in the list."),
    "resource_import.no_team": ("没有编号为%(code)s的队伍。", "There is no team with the code %(code)s."),
}  # fmt: skip

TEAMS = register(
    ImportKind(
        name="teams",
        title=("应急队伍", "Rescue teams"),
        need=Right.EDIT_RESOURCES,
        columns=(
            Column("编号", True, _CODE, "不重复；再次导入同一编号即更正", example="DW-01"),
            Column("名称", True, cells.text(120), "", example="县消防救援大队"),
            Column("类别", True, cells.choice(_KINDS), "只能填允许的类别", tuple(_KINDS), "消防救援"),
            _PLACE,
            Column("主管单位", False, cells.text(120), "", example="县应急管理局"),
            Column("队长", False, cells.name(), "通讯录中的姓名", example=""),
            Column("副队长", False, cells.name(), "通讯录中的姓名", example=""),
            Column("人数", False, cells.integer(0, 5000), "", example="25"),
            Column("技能", False, cells.text(300), "用顿号隔开", example="水域救援、舟艇操作"),
            _LON,
            _LAT,
        ),
        apply=apply_teams,
        examples=(
            {"编号": "DW-01", "名称": "县消防救援大队", "类别": "消防救援", "区划代码": "530521000000", "人数": "25", "技能": "水域救援、舟艇操作"},
        ),
        sentences=_SENTENCES,
    )
)  # fmt: skip
ASSETS = register(
    ImportKind(
        name="assets",
        title=("车辆与装备", "Vehicles and equipment"),
        need=Right.EDIT_RESOURCES,
        columns=(
            Column("编号", True, _CODE, "不重复；再次导入同一编号即更正", example="ZB-01"),
            Column("名称", True, cells.text(120), "", example="冲锋舟"),
            Column("种类", True, cells.choice(_ASSETS), "车辆或装备", tuple(_ASSETS), "装备"),
            Column("类别", False, cells.choice(_CATEGORIES), "只能填允许的类别", tuple(_CATEGORIES), "冲锋舟"),
            _PLACE,
            Column("数量", False, cells.integer(0, 1_000_000), "", example="4"),
            Column("单位", False, cells.text(12), "", example="艘"),
            Column("所属队伍编号", False, _CODE, "", example="DW-01"),
            Column("定位终端测站编码", False, cells.text(64), "车载定位终端登记为测站的编码", example=""),
            _LON,
            _LAT,
        ),
        apply=apply_assets,
        examples=({"编号": "ZB-01", "名称": "冲锋舟", "种类": "装备", "类别": "冲锋舟", "区划代码": "530521000000", "数量": "4", "单位": "艘"},),
    )
)  # fmt: skip
EXPERTS = register(
    ImportKind(
        name="experts",
        title=("专家", "Experts"),
        need=Right.EDIT_RESOURCES,
        columns=(
            Column("姓名", True, cells.name(), "通讯录中的姓名", example="张三"),
            _PLACE,
            Column("职称", False, cells.text(80), "", example="高级工程师"),
            Column("单位", False, cells.text(120), "", example="县水利局"),
            Column("事件类型", False, cells.text(300), "用顿号隔开", example=""),
            Column("专业", False, cells.text(200), "用顿号隔开", example="水库大坝、堤防"),
            Column("备注", False, cells.text(300), "", example=""),
        ),
        apply=apply_experts,
        examples=({"姓名": "张三", "区划代码": "530521000000", "职称": "高级工程师", "专业": "水库大坝、堤防"},),
    )
)  # fmt: skip
