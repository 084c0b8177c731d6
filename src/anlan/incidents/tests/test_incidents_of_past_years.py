"""The workbook of past incidents: nothing rings, nothing is reported, nothing is stored twice."""

from __future__ import annotations

import io

import pytest
from openpyxl import Workbook

from anlan.documents.imports import ImportReport, import_kind, run_import
from anlan.incidents.models import Figure, Incident
from anlan.journal.models import Announcement
from anlan.testing import County

pytestmark = pytest.mark.django_db


def load(county: County, *rows: dict[str, object], skip_bad: bool = False) -> ImportReport:
    kind = import_kind("past-incidents")
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    heads = [column.header for column in kind.columns]
    sheet.append(heads)
    for row in rows:
        sheet.append([row.get(head) for head in heads])
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return run_import(kind, file, by=county.actor("Chen"), at=county.now, skip_bad=skip_bad)


PAST = {
    "原编号": "2021-0035",
    "事件": "上柳村后山滑坡",
    "类型": "滑坡",
    "区划代码": "999901101201",
    "发生时间": "2021-07-03 14:20",
    "接报时间": "2021年7月3日 14:35",
    "等级": "一般",
    "死亡(人)": 1,
    "直接经济损失(元)": "120000.50",
    "标签": "强降雨引发、景区",
}


def test_a_past_incident_is_closed_with_its_figures_and_rings_nowhere(county: County) -> None:
    assert load(county, PAST).created == 1
    row = Incident.objects.get()
    assert (row.number, row.state, row.grade, row.tags) == (
        "史2021-0035",
        "closed",
        4,
        ["heavy_rain", "scenic_spot"],
    )
    assert {(one.code, str(one.value), one.state) for one in Figure.objects.all()} == {
        ("deaths", "1.00", "verified"),
        ("direct_loss_yuan", "120000.50", "verified"),
    }
    assert not Announcement.objects.exists()
    assert load(county, PAST).unchanged == 1
    assert Incident.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"类型": "公共卫生事件"}, "incident_import.only_the_count"),
        ({"接报时间": "2099-01-01 00:00", "发生时间": None}, "incident_import.future"),
        ({"接报时间": "昨天"}, "incident_import.no_moment"),
        ({"发生时间": "2021-07-04 00:00"}, "incident_import.order"),
        ({"区划代码": "999902101201"}, "incident_import.no_place"),
        ({"标签": "随便"}, "incident_import.no_tag"),
        ({"事件": None}, "cell.required"),
    ],
)
def test_a_wrong_row_is_left_out_with_a_reason(
    county: County, change: dict[str, object], problem: str
) -> None:
    report = load(county, PAST | change)
    assert [one.to_json()["code"] for one in report.problems] == [problem]
    assert not Incident.objects.exists()


def test_of_a_restricted_one_nothing_but_the_count_comes_in(county: County) -> None:
    row = {
        "原编号": "9",
        "类型": "公共卫生事件",
        "区划代码": "999901101201",
        "接报时间": "2021-07-03 14:35",
        "涉及人数(人)": 7,
    }
    assert load(county, row).created == 1
    one = Incident.objects.get()
    assert (one.title, one.is_restricted) == ("公共卫生事件", True)
