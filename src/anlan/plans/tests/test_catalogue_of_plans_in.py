"""The workbook of a county's plans: drafts with a face, nothing twice, nothing for a place of others."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pytest
from openpyxl import Workbook

from anlan.documents.imports import ImportReport, import_kind, run_import
from anlan.plans.models import Plan
from anlan.testing import County

pytestmark = pytest.mark.django_db
FLOOD: dict[str, object] = {"预案名称": "云岭县防汛抗旱应急预案", "预案类别": "专项", "编制单位代码": "999901000000", "事件类型": "洪涝、山洪", "预警灾种": "山洪", "印发日期": "2025-06-13"}  # fmt: skip


def load(county: County, *rows: Mapping[str, object], by: str = "Feng") -> ImportReport:
    kind = import_kind("plans")
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
    return run_import(kind, file, by=county.actor(by), at=county.now)


def test_a_row_becomes_a_draft_and_the_same_row_again_changes_nothing(county: County) -> None:
    assert load(county, FLOOD).created == 1
    plan = Plan.objects.get()
    assert (plan.title, plan.kind, plan.state, str(plan.printed_on)) == (
        FLOOD["预案名称"],
        "special",
        "draft",
        "2025-06-13",
    )
    assert (plan.event_types, plan.hazards) == (["flood", "flash_flood"], ["flash_flood"])
    again = load(county, FLOOD)
    assert (again.created, again.unchanged) == (0, 1)
    assert Plan.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"编制单位代码": "110101001000"}, "plan_import.no_place"),
        ({"印发日期": "2031-01-01"}, "plan_import.future"),
        ({"预案类别": "机密"}, "cell.not_allowed"),
        ({"事件类型": "天塌"}, "cell.not_allowed"),
        ({"预案名称": None}, "cell.required"),
    ],
)
def test_a_row_that_cannot_be_a_plan_says_why_and_nothing_is_stored(
    county: County, change: dict[str, object], code: str
) -> None:
    report = load(county, FLOOD | change, FLOOD | {"预案名称": "云岭县地震应急预案"})
    assert [one.code for one in report.problems] == [code]
    assert not Plan.objects.exists()


def test_the_same_plan_twice_in_the_sheet_is_named(county: County) -> None:
    assert [one.code for one in load(county, FLOOD, FLOOD).problems] == ["row.twice"]


def test_a_township_brings_in_its_own_plans_and_no_others(county: County) -> None:
    report = load(county, FLOOD, by="Li")
    assert [one.code for one in report.problems] == ["plan_import.no_place"]
    own = FLOOD | {"预案名称": "柳河镇防汛应急预案", "预案类别": "乡镇", "编制单位代码": "999901101000"}
    assert load(county, own, by="Li").created == 1
