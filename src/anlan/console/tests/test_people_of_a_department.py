"""Departments in the list of contacts, and what their people may do and are spared."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import Workbook

from anlan.accounts.access import within
from anlan.accounts.actors import actor_for
from anlan.accounts.services import create_account
from anlan.console import people
from anlan.directory.models import Holding
from anlan.documents.imports import ImportReport, import_kind, run_import
from anlan.places.models import Division
from anlan.places.services import load_divisions
from anlan.places.types import DivisionRow
from anlan.testing import PASSWORD, County
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import PostKind, Right

CODE = "999901000000-B01"
HEADERS = ("区划代码", "岗位", "角色", "姓名", "手机")
YU = (CODE, "部门值班室", "A", "于海", "10000000088")


@pytest.fixture
def water(county: County) -> Division:
    row = DivisionRow(CODE, "云岭县水利局", county.division.pk, DivisionLevel.DEPARTMENT)
    load_divisions([row], by=county.by, at=county.now)
    return Division.objects.get(pk=CODE)


def load(county: County, row: tuple[str, ...], who: str = "") -> ImportReport:
    made, file = Workbook(), io.BytesIO()
    assert made.active is not None
    made.active.append(list(HEADERS))
    made.active.append(list(row))
    made.save(file)
    by = county.actor(who) if who else county.by
    return run_import(import_kind("contacts"), file, by=by, at=county.now)


def actor_of_yu(county: County) -> Any:
    person = Holding.objects.get(post__kind=PostKind.DEPARTMENT_DUTY).person
    user = create_account(
        person, username="yu", password=PASSWORD, must_change=False, by=county.by, at=county.now
    )
    return actor_for(user, at=county.now)


def test_the_list_of_contacts_fills_the_duty_room_of_a_department(county: County, water: Division) -> None:
    assert load(county, YU, "He").problems == []
    held = Holding.objects.get(post__division=water)
    assert (held.post.kind, held.person.name) == ("department_duty", "于海")


def test_a_department_has_no_village_posts_and_a_township_no_department_post(
    county: County, water: Division
) -> None:
    assert [one.code for one in load(county, (CODE, "灾害信息员", *YU[2:])).problems] == [
        "contacts.wrong_tier"
    ]
    township = county.divisions["Willow River"].pk
    assert [one.code for one in load(county, (township, *YU[1:])).problems] == ["contacts.wrong_tier"]


def test_people_of_a_department_see_their_department_alone(county: County, water: Division) -> None:
    load(county, YU)
    yu = actor_of_yu(county)
    assert list(Division.objects.filter(within(yu, "path"))) == [water]
    assert yu.can(Right.FILE_DATA, water.path)
    assert yu.can(Right.REPORT, water.path)
    assert not yu.can_somewhere(Right.RUN_CALLOUT)
    assert not yu.can(Right.SEE, county.division.path)
    assert [one["place"] for one in people.tree(yu, county.now)] == [water]


def test_the_directory_shows_departments_after_the_townships(county: County, water: Division) -> None:
    load(county, YU)
    names = [one["place"].name for one in people.tree(county.actor("Chen"), county.now)]
    assert names == ["云岭县", "柳河镇", "石桥镇", "云岭县水利局"]
    page = county.client("Chen").get(f"/directory/at/{CODE}/")
    assert "于海" in page.content.decode()
