"""Rows of the camera workbook: a new code is registered, a known one brought up to date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from anlan.documents import cells
from anlan.documents.imports import ImportKind, ImportReport, refuse_repeats, register
from anlan.documents.problems import Problem
from anlan.documents.workbook import Column, SheetRow
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import Refusal
from anlan.places import coordinates
from anlan.places.access import visible
from anlan.places.types import Division
from anlan.sensing import refusals, rights
from anlan.sensing.models import Camera
from anlan.sensing.services.cameras import check_camera
from anlan.vocab.cameras import AREA_BY_ZH, STATE_BY_ZH
from anlan.vocab.trades import CODE_BY_ZH

_degrees = cells.decimal(places=8, low="-180", high="180")
_turn = cells.decimal(places=1, low="0", high="360")
_camera_code = cells.code(r"[0-9]{20}", expected=("20 位国标编码", "a 20-digit device id"))
_TEXTS = {"shelter": "避难场所", "owner": "权属单位", "shared_with": "共享单位"}
_CODES = {"trade": "行业", "state": "状态"}
_NUMBERS = {
    "lon": "经度",
    "lat": "纬度",
    "azimuth_deg": "方位角(°)",
    "angle_deg": "视场角(°)",
    "range_m": "可视距离(m)",
}
_COLUMNS = {"code": "视频编码", "name": "名称", "range_m": "可视距离(m)"}


def apply_cameras(rows: Sequence[SheetRow], *, by: Actor, at: datetime, dry_run: bool) -> ImportReport:
    """Register or change the cameras of these rows; a row that is wrong is reported and left out. An empty cell erases nothing."""
    unique, problems = refuse_repeats(rows, lambda row: row.text("视频编码"), "视频编码")
    work = _Cameras(by, at, problems)
    for row in unique:
        problem = work.take(row)
        work.report.problems += [] if problem is None else [problem]
    if not dry_run:
        work.carry_out()
    return work.report


class _Cameras:
    """Everything that the rows are compared with, read once."""

    def __init__(self, by: Actor, at: datetime, problems: list[Problem]) -> None:
        self.by, self.at = by, at
        self.report, self.box = ImportReport(problems=problems), coordinates.county_box()
        self.places = {place.code: place for place in visible(by, rights.MANAGE_STATIONS).defer("geometry")}
        known = Camera.objects.select_related("division").defer("division__geometry")
        self.known = {camera.code: camera for camera in known}
        self.new: list[Camera] = []
        self.different: list[tuple[Camera, dict[str, Any]]] = []  # columns differ in type

    def take(self, row: SheetRow) -> Problem | None:
        """What is wrong with the row; None once it is planned."""
        code, fields = row.text("视频编码"), _fields(row, self.places)
        camera = self.known.get(code)
        if fields is None:
            return Problem(row.number, "区划代码", "row.unknown_division", {"code": row.text("区划代码")})
        if camera is not None and not self.by.can(rights.MANAGE_STATIONS, camera.division.path):
            return Problem(row.number, "视频编码", "camera.elsewhere", {"code": code})
        problem = _refused(row, fields, self.box)
        if problem is None:
            self._plan(code, camera, fields)
        return problem

    def carry_out(self) -> None:
        record_all(self.new, by=self.by, at=self.at, kind="registered")
        for camera, fields in self.different:
            camera.change(by=self.by, at=self.at, kind="changed", fields=fields)

    def _plan(self, code: str, camera: Camera | None, fields: dict[str, Any]) -> None:
        if camera is None:
            self.report.created += 1
            self.new.append(Camera(code=code, **fields))
            return
        changed = {name: value for name, value in fields.items() if getattr(camera, name) != value}
        self.report.changed += bool(changed)
        self.report.unchanged += not changed
        if changed:
            self.different.append((camera, changed))


def _fields(row: SheetRow, places: dict[str, Division]) -> dict[str, Any] | None:
    division = places.get(row.text("区划代码"))
    if division is None:
        return None
    numbers = {name: row.get(header, Decimal) for name, header in _NUMBERS.items()}
    given: dict[str, Any] = {
        "name": row.text("名称"),
        "division": division,
        "is_active": True,
    }  # columns differ in type
    given |= {name: float(value) for name, value in numbers.items() if value is not None}
    given |= {name: row.text(header) for name, header in (_TEXTS | _CODES).items() if row.text(header)}
    areas, until = row.get("隐患区标签", tuple), row.get("共享截止", date)
    return (
        given | ({"hazard_areas": list(areas)} if areas else {}) | ({"shared_until": until} if until else {})
    )


def _refused(row: SheetRow, fields: dict[str, Any], box: coordinates.Box | None) -> Problem | None:
    try:
        check_camera(Camera(code=row.text("视频编码"), **fields), box)
    except Refusal as refusal:
        column = _COLUMNS.get(getattr(refusal, "field", ""), "经度")
        return Problem(row.number, column, refusal.code, refusal.data)
    return None


CAMERAS = register(
    ImportKind(
        name="cameras",
        title=("摄像头", "Cameras"),
        need=rights.MANAGE_STATIONS,
        columns=(
            Column("视频编码", True, _camera_code, "20 位国标编码，设为文本", example="99990100001310000001"),
            Column("名称", True, cells.text(120), "摄像头名称", example="柳河大桥"),
            Column("区划代码", True, cells.place_code, "所在的村、乡镇、县，或企业代码", example="530521100201"),
            Column("经度", False, _degrees, "WGS84 或 CGCS2000，十进制度", example="99.1234"),
            Column("纬度", False, _degrees, "WGS84 或 CGCS2000，十进制度", example="24.7321"),
            Column("方位角(°)", False, _turn, "朝向，正北为 0，顺时针", example="120"),
            Column("视场角(°)", False, _turn, "水平张角；可旋转的填 360", example="70"),
            Column("可视距离(m)", False, cells.decimal(places=0, low="0", high="30000"), "能看清的距离", example="600"),
            Column("隐患区标签", False, cells.words(AREA_BY_ZH), "看得到哪类隐患区，用顿号隔开", tuple(AREA_BY_ZH), "防汛、交通"),
            Column("避难场所", False, cells.text(80), "看着哪个避难场所", example=""),
            Column("行业", False, cells.choice(CODE_BY_ZH), "企业视频填写", tuple(CODE_BY_ZH), ""),
            Column("权属单位", False, cells.text(120), "谁的摄像头", example="县公安局"),
            Column("共享单位", False, cells.text(120), "与谁签了共享协议", example="县委政法委"),
            Column("共享截止", False, cells.day, "协议到期日", example="2027-06-30"),
            Column("状态", False, cells.choice(STATE_BY_ZH), "在线、离线或未知", tuple(STATE_BY_ZH), "在线"),
        ),
        apply=apply_cameras,
        examples=(
            {"视频编码": "99990100001310000001", "名称": "柳河大桥", "区划代码": "530521100201", "经度": "99.1234", "纬度": "24.7321", "方位角(°)": "120", "视场角(°)": "70", "可视距离(m)": "600", "隐患区标签": "防汛、交通", "权属单位": "县公安局", "共享单位": "县委政法委", "共享截止": "2027-06-30"},
        ),
        notes=("编码已登记的摄像头按本表修改，留空的单元格不改动原来的内容。",),
        sentences={
            "camera.elsewhere": ("摄像头 %(code)s 已登记在您不能维护的区划。", "Camera %(code)s is registered in a division that you may not edit."),
            refusals.BadCameraCode.code: ("“%(code)s”不是 20 位编码。", refusals.BadCameraCode.text),
            refusals.BadView.code: ("%(value)s 不可用，应在 0 到 %(high)s 之间。", refusals.BadView.text),
        },
    )
)  # fmt: skip
