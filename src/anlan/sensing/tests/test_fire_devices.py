"""Fire devices by building: from a workbook, with what their transmission device says of them."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import Workbook

from anlan.documents.imports import ImportReport, import_kind, run_import, write_kind_template
from anlan.drivers.gb26875 import tables
from anlan.journal.verify import verify
from anlan.sensing import services
from anlan.sensing.models import FireDevice, Station
from anlan.sensing.queries.fire import FireCondition, condition_of, state_table
from anlan.sensing.tests.world import BY, T0, World
from anlan.vocab.posts import Right

HOSPITAL = "云岭县人民医院住院楼"
ROW: dict[str, Any] = {
    "站码": "990001", "系统类型": "火灾报警系统", "系统地址": 2, "部件类型": "点型光电感烟火灾探测器", "部件地址": 5,
    "建筑": HOSPITAL, "楼层": "3层", "房间或部位": "东侧走廊", "说明": None, "状态": None,
}  # fmt: skip


def load(*rows: dict[str, Any], **options: Any) -> ImportReport:
    made, file = Workbook(), io.BytesIO()
    assert made.active is not None
    made.active.append(list(ROW))
    for row in rows:
        made.active.append([row.get(header) for header in ROW])
    made.save(file)
    return run_import(import_kind("fire-devices"), file, by=options.pop("by", BY), at=T0, **options)


@pytest.fixture
def unit(world: World) -> Station:
    return services.register_station(
        code="990001",
        name="医院传输装置",
        kind="fire_device",
        division=world.upper_willow,
        lon=99.01,
        lat=25.0,
        by=BY,
        at=T0,
    )


def problems(report: ImportReport) -> list[tuple[str, str]]:
    return [(problem.column, problem.code) for problem in report.problems]


def test_a_device_comes_by_workbook_under_the_point_that_the_driver_writes(unit: Station) -> None:
    assert load(ROW).created == 1
    device = FireDevice.objects.get()
    assert (device.point, device.component_type, device.building) == ("1.2.42.5", 42, HOSPITAL)
    assert load(ROW).unchanged == 1
    assert load(ROW | {"楼层": "4层"}).changed == 1
    assert verify().ok


def test_a_code_stands_for_its_name_and_a_system_or_the_device_itself_is_a_point_too(unit: Station) -> None:
    system = ROW | {"系统类型": 11, "系统地址": 3, "部件类型": None, "部件地址": None}
    itself = ROW | {"系统类型": None, "系统地址": None, "部件类型": None, "部件地址": None}
    assert load(ROW | {"部件类型": "92"}, system, itself).created == 3
    assert set(FireDevice.objects.values_list("point", flat=True)) == {"1.2.92.5", "11.3", ""}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"站码": "990002"}, ("站码", "fire_device.unknown_station")),
        ({"系统类型": None}, ("系统类型", "fire_device.no_system")),
        ({"部件类型": "会飞的"}, ("部件类型", "cell.not_allowed")),
        ({"建筑": None}, ("建筑", "cell.empty")),
    ],
)
def test_a_row_that_is_wrong_is_named_and_left_out(
    unit: Station, change: dict[str, Any], problem: tuple[str, str]
) -> None:
    report = load(ROW | change, skip_bad=True)
    assert problems(report)[0][0] == problem[0]
    assert problem[1] in problems(report)[0][1] or problem[1].startswith("cell.")
    assert FireDevice.objects.count() == 0


def test_the_same_point_twice_is_refused(unit: Station) -> None:
    load(ROW, ROW | {"楼层": "9层"}, skip_bad=True)
    assert FireDevice.objects.count() <= 1


def test_somebody_of_another_township_registers_nothing_here(unit: Station, world: World) -> None:
    other = world.actor(world.neighbour, rights=(Right.SEE, Right.ADMINISTER))
    assert problems(load(ROW, by=other, skip_bad=True))[0][1] == "fire_device.unknown_station"
    assert FireDevice.objects.count() == 0


def test_the_template_is_read_back_as_an_empty_workbook_and_its_examples_fit(unit: Station) -> None:
    file, kind = io.BytesIO(), import_kind("fire-devices")
    write_kind_template(kind, file)
    assert run_import(kind, file, by=BY, at=T0).problems == []
    assert load(*(dict(example) for example in kind.examples)).created == 2


@pytest.mark.parametrize(
    ("point", "state", "condition"),
    [
        ("1.2.42.5", None, FireCondition.UNKNOWN),
        ("1.2.42.5", 0, FireCondition.NORMAL),
        ("1.2.42.5", 1, FireCondition.NORMAL),
        ("1.2.42.5", 0b10, FireCondition.ALARM),
        ("1.2.42.5", 0b1110, FireCondition.ALARM),
        ("1.2.42.5", 0b1100, FireCondition.FAULT),
        ("1.2.42.5", 0b1000, FireCondition.SHIELDED),
        ("1.2.42.5", 1 << 8, FireCondition.FAULT),
        ("1.2.42.5", 1 << 5, FireCondition.ACTIVE),
        ("11.3", 1 << 9, FireCondition.FAULT),
        ("11.3", 1 << 11, FireCondition.ACTIVE),
        ("", 1 << 3, FireCondition.FAULT),
    ],
)
def test_the_worst_bit_of_a_state_word_is_what_is_shown(
    point: str, state: int | None, condition: FireCondition
) -> None:
    assert condition_of(state, state_table(point)) is condition


def test_every_alarm_of_the_tables_is_an_alarm_on_the_page() -> None:
    for bits in (tables.SYSTEM_STATE, tables.COMPONENT_STATE, tables.DEVICE_STATE):
        shown = {bit: condition_of(1 << bit, bits) for bit in bits}
        assert [bit for bit, condition in shown.items() if condition is FireCondition.ALARM] == [1]
