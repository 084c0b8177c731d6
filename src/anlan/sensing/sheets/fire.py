"""Rows of the workbook of fire devices: a point of a transmission device and where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from anlan.documents import cells
from anlan.documents.cells import Cell
from anlan.documents.imports import ImportKind, ImportReport, refuse_repeats, register
from anlan.documents.problems import Problem
from anlan.documents.workbook import Column, SheetRow
from anlan.drivers.gb26875.tables import COMPONENT_TYPES, SYSTEM_TYPES
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import Refusal
from anlan.places.access import within
from anlan.sensing import checks, rights
from anlan.sensing.imports import station_code
from anlan.sensing.models import FireDevice, Station


def _coded(names: dict[int, str]) -> Any:
    """The number of a code list, or its Chinese name."""
    by_name: dict[str, object] = {name: code for code, name in names.items()}
    by_number: dict[str, object] = {str(code): code for code in range(256)}
    return cells.choice(by_name | by_number)


def point_of(row: SheetRow) -> str:
    """The point as the driver writes it: all four numbers, the two of a system, or "" for the transmission device."""
    system, address = row.get("系统类型", int), row.get("系统地址", int)
    component, number = row.get("部件类型", int), row.get("部件地址", int)
    if system is None:
        return ""
    if component is None:
        return f"{system}.{address or 0}"
    return f"{system}.{address or 0}.{component}.{number or 0}"


def apply_fire_devices(rows: Sequence[SheetRow], *, by: Actor, at: datetime, dry_run: bool) -> ImportReport:
    """Register or change the devices of these rows; a row that is wrong is reported and left out."""
    unique, problems = refuse_repeats(rows, lambda row: f"{row.text('站码')} {point_of(row)}", "部件地址")
    work = _Devices(by, at, problems)
    for row in unique:
        work.take(row)
    if not dry_run:
        work.carry_out()
    return work.report


class _Devices:
    """Everything that the rows are compared with, read once."""

    def __init__(self, by: Actor, at: datetime, problems: list[Problem]) -> None:
        self.by, self.at = by, at
        self.report = ImportReport(problems=problems)
        mine = Station.objects.filter(within(by, "division__path", rights.MANAGE_STATIONS), is_active=True)
        self.stations = {station.code: station for station in mine.select_related("division")}
        known = FireDevice.objects.filter(station__in=mine).select_related("station__division")
        self.known = {(device.station_id, device.point): device for device in known}
        self.new: list[FireDevice] = []
        self.different: list[tuple[FireDevice, dict[str, Any]]] = []  # columns differ in type

    def take(self, row: SheetRow) -> None:
        code, point = _clean(row.text("站码")), point_of(row)
        station = self.stations.get(code)
        if station is None:
            self._wrong(row, "站码", "fire_device.unknown_station", code=code)
            return
        if row.get("部件类型", int) is not None and row.get("系统类型", int) is None:
            self._wrong(row, "系统类型", "fire_device.no_system")
            return
        fields: dict[str, Any] = {
            "component_type": row.get("部件类型", int),
            "building": row.text("建筑"),
            "floor": row.text("楼层"),
            "room": row.text("房间或部位"),
            "description": row.text("说明"),
            "is_active": row.text("状态") != "停用",
        }
        device = self.known.get((station.pk, point))
        if device is None:
            self.report.created += 1
            self.new.append(FireDevice(station=station, point=point, **fields))
            return
        changed = {name: value for name, value in fields.items() if getattr(device, name) != value}
        self.report.changed += bool(changed)
        self.report.unchanged += not changed
        if changed:
            self.different.append((device, changed))

    def carry_out(self) -> None:
        record_all(self.new, by=self.by, at=self.at, kind="registered")
        for device, fields in self.different:
            device.change(by=self.by, at=self.at, kind="changed", fields=fields)

    def _wrong(self, row: SheetRow, column: str, problem: str, /, **data: object) -> None:
        self.report.problems.append(Problem(row.number, column, problem, data))


def _clean(code: str) -> str:
    try:
        return checks.clean_code(code)
    except Refusal:
        return code


def _in_use(cell: Cell) -> object:
    return cells.choice({"在用": "在用", "停用": "停用"})(cell)


_system, _component = _coded(SYSTEM_TYPES), _coded(COMPONENT_TYPES)

FIRE_DEVICES = register(
    ImportKind(
        name="fire-devices",
        title=("消防设备", "Fire devices"),
        need=rights.MANAGE_STATIONS,
        columns=(
            Column("站码", True, station_code, "已登记的用户信息传输装置", example="990001"),
            Column("系统类型", False, _system, "名称或 GB/T 26875.3 的代码；装置本身留空", example="火灾报警系统"),
            Column("系统地址", False, cells.integer(0, 255), "系统在装置上的地址", example="2"),
            Column("部件类型", False, _component, "名称或代码；整个系统留空", example="点型光电感烟火灾探测器"),
            Column("部件地址", False, cells.integer(0, 4_294_967_295), "部件在系统内的地址", example="5"),
            Column("建筑", True, cells.text(80), "在哪栋建筑", example="云岭县人民医院住院楼"),
            Column("楼层", False, cells.text(20), "在几层", example="3层"),
            Column("房间或部位", False, cells.text(60), "在哪个房间或部位", example="东侧走廊"),
            Column("说明", False, cells.text(120), "怎么找到它", example=""),
            Column("状态", False, _in_use, "在用或停用；留空为在用", ("在用", "停用"), "在用"),
        ),
        apply=apply_fire_devices,
        examples=(
            {"站码": "990001", "系统类型": "火灾报警系统", "系统地址": "2", "部件类型": "点型光电感烟火灾探测器", "部件地址": "5", "建筑": "云岭县人民医院住院楼", "楼层": "3层", "房间或部位": "东侧走廊"},
            {"站码": "990001", "系统类型": "消火栓系统", "系统地址": "3", "部件类型": "92", "部件地址": "9", "建筑": "云岭县人民医院住院楼", "楼层": "屋顶", "房间或部位": "水箱间"},
        ),
        notes=("同一装置的同一部件已登记的按本表修改；表中没有的不变。",),
        sentences={
            "fire_device.unknown_station": ("没有登记测站 %(code)s，或它不在您维护的区划。", "Station %(code)s is not registered, or not where you may edit."),
            "fire_device.no_system": ("填了部件类型，还要填系统类型。", "A component needs the type of its system too."),
        },
    )
)  # fmt: skip
