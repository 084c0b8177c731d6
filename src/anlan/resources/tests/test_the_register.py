"""Teams, vehicles, experts and stock in the register, by verbs and by workbook."""

from __future__ import annotations

import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook

from anlan.documents.imports import ImportReport, import_kind, run_import
from anlan.journal.models import Entry
from anlan.journal.verify import verify
from anlan.resources import queries, services
from anlan.resources.models import Asset, Expert, Team
from anlan.resources.refusals import (
    BadCoordinates,
    BadQuantity,
    CodeTaken,
    IsRetired,
    StockInTheFuture,
    UnknownSkill,
    WhyMissing,
)
from anlan.resources.types import AssetDetails, StockDetails, TeamDetails
from anlan.testing import County

pytestmark = pytest.mark.django_db


def _team(county: County, **fields: Any) -> Team:
    details = TeamDetails(**{"name": "县水上救援队", "division": county.division, **fields})
    return services.register_team(details, by=county.actor("Chen"), at=county.now)


def _import(county: County, kind: str, header: list[str], *rows: list[Any]) -> ImportReport:
    book, sheet_file = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for line in (header, *rows):
        sheet.append(line)
    book.save(sheet_file)
    sheet_file.seek(0)
    return run_import(import_kind(kind), sheet_file, by=county.actor("Chen"), at=county.now)


def test_a_team_without_a_code_is_given_one_and_two_never_share_one(county: County) -> None:
    first = _team(county)
    assert first.code.startswith("DW")
    with pytest.raises(CodeTaken):
        _team(county, code=first.code)


def test_what_makes_no_sense_is_refused_and_nothing_is_stored(county: County) -> None:
    before = Entry.objects.count()
    with pytest.raises(UnknownSkill):
        _team(county, skills=("flying",))
    with pytest.raises(BadCoordinates):
        _team(county, lon=102.9)
    with pytest.raises(UnknownSkill):
        _team(county, kind="heroes")
    assert Entry.objects.count() == before


def test_not_ready_needs_a_reason_and_a_struck_team_takes_no_change(county: County) -> None:
    row = _team(county)
    with pytest.raises(WhyMissing):
        services.set_readiness(row, "limited", by=county.actor("Chen"), at=county.now)
    services.retire_team(row, by=county.actor("Chen"), at=county.now)
    with pytest.raises(IsRetired):
        services.change_team(row, name="x", by=county.actor("Chen"), at=county.now)
    assert not queries.teams(county.actor("Chen"))
    assert verify().ok


def test_the_newest_report_of_a_depot_counts_and_depots_add_up(county: County) -> None:
    def report(depot: str, quantity: int, hours_ago: int) -> None:
        details = StockDetails(
            depot, county.division, "tent", Decimal(quantity), county.now - timedelta(hours=hours_ago)
        )
        services.report_stock(details, by=county.actor("Chen"), at=county.now)

    report("县级库", 100, 1)
    report("县级库", 500, 9)
    report("柳河库", 30, 2)
    assert queries.stock_of(["tent"], path=county.division.path) == {"tent": Decimal(130)}
    with pytest.raises(BadQuantity):
        report("县级库", -1, 0)
    with pytest.raises(StockInTheFuture):
        report("县级库", 1, -1)


def test_the_journal_says_of_a_stock_what_the_store_says(county: County) -> None:
    details = StockDetails("县级救灾物资库", county.division, "tent", Decimal(120), county.now)
    services.report_stock(details, by=county.actor("Chen"), at=county.now)
    assert verify().problems == []


def test_a_vehicle_under_repair_says_why(county: County) -> None:
    details = AssetDetails("冲锋舟", county.division, kind="equipment", category="boat", count=4)
    row = services.register_asset(details, by=county.actor("Chen"), at=county.now)
    with pytest.raises(WhyMissing):
        services.set_asset_state(row, "repair", by=county.actor("Chen"), at=county.now)
    services.set_asset_state(row, "repair", why="漏水", by=county.actor("Chen"), at=county.now)
    assert Asset.objects.get().state_why == "漏水"


def test_a_workbook_of_teams_vehicles_and_experts_is_imported_and_corrected(county: County) -> None:
    code = county.division.code
    head = ["编号", "名称", "类别", "区划代码", "队长", "人数", "技能"]
    row = ["DW-01", "县消防救援大队", "消防救援", code, "赵春兰", 25, "水域救援、舟艇操作"]
    assert _import(county, "teams", head, row).created == 1
    assert _import(county, "teams", head, row).unchanged == 1
    row[5] = 30
    assert _import(county, "teams", head, row).changed == 1
    made = Team.objects.get()
    assert (made.strength, made.skills, made.leader) == (30, ["flood_rescue", "boat"], county.people["Zhao"])
    vehicles = ["编号", "名称", "种类", "类别", "区划代码", "数量", "单位", "所属队伍编号"]
    assert (
        _import(
            county, "assets", vehicles, ["ZB-01", "冲锋舟", "装备", "冲锋舟", code, 4, "艘", "DW-01"]
        ).created
        == 1
    )
    assert Asset.objects.get().team == made
    people = ["姓名", "区划代码", "职称", "事件类型", "专业"]
    assert _import(county, "experts", people, ["吴军", code, "高级工程师", "山洪、滑坡", "堤防"]).created == 1
    assert Expert.objects.get().event_types == ["flash_flood", "landslide"]


def test_a_bad_row_names_its_column_and_nothing_is_stored(county: County) -> None:
    head = ["编号", "名称", "类别", "区划代码", "队长", "技能"]
    code = county.division.code
    report = _import(
        county, "teams", head, ["A1", "甲队", "消防救援", code, "查无此人", ""], ["A2", "乙队", "消防救援", code, "", "飞行"],
        ["A2", "丙队", "消防救援", code, "", ""], ["A3", "丁队", "消防救援", "110000000000", "", ""],
    )  # fmt: skip
    assert [(one.row, one.column) for one in report.problems] == [
        (2, "队长"),
        (3, "技能"),
        (4, "编号"),
        (5, "区划代码"),
    ]
    assert not Team.objects.exists()


def test_a_team_changes_its_kind_and_the_journal_says_so(county: County) -> None:
    row = _team(county, kind="social")
    services.change_team(row, kind="enterprise", by=county.actor("Chen"), at=county.now)
    row.refresh_from_db()
    assert row.kind == "enterprise"
    assert Entry.objects.filter(kind="team.changed").count() == 1
