from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.db import transaction
from openpyxl import Workbook

from anlan.directory import queries
from anlan.directory.models import Contact, Holding, Organisation, Person, Post
from anlan.documents.imports import ImportReport, import_kind, run_import, write_kind_template
from anlan.documents.workbook import read_sheet
from anlan.journal.models import Entry
from anlan.journal.verify import verify
from anlan.places.services import load_divisions
from anlan.places.types import DivisionRow
from anlan.testing import County
from anlan.vocab.divisions import DivisionLevel

HEADER = ["区划代码", "单位", "岗位", "角色", "姓名", "手机", "座机", "邮箱", "职责标签", "技能", "登记编号"]
UPPER, LOWER, NORTH = "999901101201", "999901101202", "999901102201"
OFFICER = "information_officer"
Cells = dict[str, object]


def officer(code: str, role: str, name: str, mobile: object = None, **more: object) -> Cells:
    return {"区划代码": code, "岗位": "灾害信息员", "角色": role, "姓名": name, "手机": mobile, **more}


ZHAO = officer(UPPER, "A", "赵春兰", "10000000008")
QIAN = officer(UPPER, "B", "钱进", "10000000009")


def load(county: County, *rows: Cells, actor: str = "Chen", **options: bool) -> ImportReport:
    book, file = Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.append(HEADER)
    for row in rows:
        book.active.append([row.get(header) for header in HEADER])
    book.save(file)
    with transaction.atomic():
        return run_import(import_kind("contacts"), file, by=county.actor(actor), at=county.now, **options)


def officers(county: County, code: str, minutes_ago: float = 0) -> list[tuple[str, str]]:
    at = county.now - timedelta(minutes=minutes_ago)
    return [(one.role, one.name) for one in queries.holders(OFFICER, [code], at)[code]]


def numbers(county: County, name: str, minutes_ago: float = 0) -> list[str]:
    person = Person.objects.get(name=name)
    points = queries.contact_points([person.pk], county.now - timedelta(minutes=minutes_ago))
    return [point.value for point in points[person.pk]]


def state() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Entry, Person, Post, Holding, Contact, Organisation))


def test_the_same_list_again_changes_nothing(county: County) -> None:
    before = state()
    report = load(county, ZHAO, QIAN)
    assert (report.created, report.changed, report.unchanged) == (0, 0, 2)
    assert state() == before


def test_a_changed_holder_ends_the_old_holding_and_the_past_stays(county: County) -> None:
    county.clock.advance(minutes=30)
    report = load(county, officer(UPPER, "A", "孙丽", "10000000090"), QIAN)
    assert (report.created, report.unchanged, report.problems) == (1, 1, [])
    county.clock.advance(minutes=30)
    assert officers(county, UPPER) == [("A", "孙丽"), ("B", "钱进")]
    assert officers(county, UPPER, minutes_ago=31) == [("A", "赵春兰"), ("B", "钱进")]
    ended = Holding.objects.get(person=county.people["Zhao"])
    assert ended.changed_by == county.actor("Chen").ref


def test_a_changed_number_ends_the_old_contact(county: County) -> None:
    county.clock.advance(minutes=30)
    report = load(county, {**ZHAO, "手机": 10000000091.0})
    assert report.changed == 1
    county.clock.advance(minutes=30)
    assert numbers(county, "赵春兰") == ["10000000091"]
    assert numbers(county, "赵春兰", minutes_ago=31) == ["10000000008"]
    assert Holding.objects.filter(person=county.people["Zhao"]).count() == 1


def test_an_empty_number_leaves_the_known_one(county: County) -> None:
    load(county, {**ZHAO, "手机": None, "邮箱": "Zhao@Example.cn"})
    assert numbers(county, "赵春兰") == ["10000000008", "zhao@example.cn"]


def test_seats_that_are_not_in_the_list_stay(county: County) -> None:
    load(county, officer(UPPER, "A", "孙丽", "10000000090"))
    assert officers(county, UPPER) == [("A", "孙丽"), ("B", "钱进")]
    assert officers(county, LOWER) == [("A", "周平")]


def test_two_people_who_swap_roles_keep_one_role_each(county: County) -> None:
    county.clock.advance(minutes=1)
    load(county, {**ZHAO, "角色": "B"}, {**QIAN, "角色": "A"})
    assert officers(county, UPPER) == [("A", "钱进"), ("B", "赵春兰")]
    assert Person.objects.filter(name__in=["赵春兰", "钱进"]).count() == 2


def test_several_deputies_of_one_post_are_kept(county: County) -> None:
    load(county, ZHAO, QIAN, officer(UPPER, "B", "孙丽", "10000000090"))
    assert officers(county, UPPER) == [("A", "赵春兰"), ("B", "钱进"), ("B", "孙丽")]


def test_one_person_in_two_villages_is_one_person(county: County) -> None:
    load(
        county,
        officer(LOWER, "A", "孙丽", "10000000090"),
        officer(NORTH, "A", "孙丽", "10000000090"),
    )
    assert Person.objects.filter(name="孙丽").count() == 1


def test_namesakes_with_different_numbers_are_two_people(county: County) -> None:
    load(county, officer(LOWER, "A", "孙丽", "10000000090"), officer(NORTH, "A", "孙丽", "10000000091"))
    assert Person.objects.filter(name="孙丽").count() == 2


def test_a_registration_number_recognises_a_person_who_moved_and_changed_number(county: County) -> None:
    load(county, {**ZHAO, "登记编号": "YL-0001"})
    load(county, officer(LOWER, "B", "赵春兰", "10000000092", 登记编号="YL-0001"))
    assert Person.objects.filter(name="赵春兰").count() == 1
    assert ("B", "赵春兰") in officers(county, LOWER)


def test_labels_skills_and_office_are_kept(county: County) -> None:
    load(county, {**ZHAO, "单位": "上柳村村民委员会", "职责标签": "灾害信息员、网格员", "技能": "急救"})
    zhao = Person.objects.get(name="赵春兰")
    assert (zhao.labels, zhao.skills) == (["information_officer", "grid_worker"], ["急救"])
    assert Post.objects.get(division=UPPER, kind=OFFICER).organisation == Organisation.objects.get()


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (officer("999901109999", "A", "孙丽"), "区划代码", "row.unknown_division"),
        (officer("99990110120", "A", "孙丽"), "区划代码", "cell.not_a_code"),
        (officer("999901101000", "A", "孙丽"), "岗位", "contacts.wrong_tier"),
        ({**ZHAO, "岗位": "村医"}, "岗位", "cell.not_allowed"),
        ({**ZHAO, "岗位": "系统管理员"}, "岗位", "cell.not_allowed"),
        ({**ZHAO, "角色": "C"}, "角色", "cell.not_allowed"),
        ({**ZHAO, "姓名": None}, "姓名", "cell.required"),
        ({**ZHAO, "手机": "1000000000"}, "手机", "contacts.bad_mobile"),
        ({**ZHAO, "手机": "2000000000X"}, "手机", "contacts.bad_mobile"),
        ({**ZHAO, "座机": "8120000"}, "座机", "contacts.bad_landline"),
        ({**ZHAO, "邮箱": "zhao"}, "邮箱", "contacts.bad_mail"),
        ({**ZHAO, "职责标签": "英雄"}, "职责标签", "cell.not_allowed"),
        (officer(LOWER, "A", "周平"), "角色", "contacts.second_first"),
        (officer(LOWER, "A", "孙丽", "10000000093"), "姓名", "row.twice"),
        (officer(LOWER, "B", "孙丽", "10000000093"), "姓名", "contacts.both_roles"),
    ],
)
def test_one_bad_row_is_named_and_nothing_is_stored(
    county: County, row: Cells, column: str, code: str
) -> None:
    before = state()
    report = load(county, officer(LOWER, "A", "孙丽", "10000000093"), row)
    assert [(one.row, one.column, one.code) for one in report.problems] == [(3, column, code)]
    assert not report.stored
    assert state() == before


def test_the_good_rows_are_stored_where_a_person_chose_so(county: County) -> None:
    report = load(county, officer(LOWER, "A", "孙丽", "10000000093"), {**ZHAO, "手机": "1"}, skip_bad=True)
    assert report.stored
    assert officers(county, LOWER) == [("A", "孙丽")]


def test_a_dry_run_counts_the_same_and_writes_nothing(county: County) -> None:
    before = state()
    rows = [ZHAO, officer(UPPER, "B", "孙丽", "10000000090"), officer(LOWER, "A", "周平", "10000000094")]
    tried = load(county, *rows, dry_run=True)
    assert state() == before
    done = load(county, *rows)
    assert (tried.created, tried.changed, tried.unchanged) == (done.created, done.changed, done.unchanged)
    assert (done.created, done.changed, done.unchanged) == (1, 1, 1)


def test_a_township_edits_its_own_villages_and_a_neighbours_village_does_not_exist_for_it(
    county: County,
) -> None:
    assert load(county, officer(NORTH, "B", "孙丽", "10000000090"), actor="Liu").stored
    report = load(county, officer(UPPER, "A", "孙丽", "10000000090"), actor="Liu")
    assert [one.code for one in report.problems] == ["row.unknown_division"]
    assert officers(county, UPPER) == [("A", "赵春兰"), ("B", "钱进")]


def test_a_neighbours_person_is_never_recognised_and_so_never_changed(county: County) -> None:
    load(county, officer(NORTH, "B", "赵春兰", "10000000008", 职责标签="护林员"), actor="Liu")
    assert Person.objects.filter(name="赵春兰").count() == 2
    assert Person.objects.get(pk=county.people["Zhao"].pk).labels == []


def test_the_journal_folds_back_after_lists(county: County) -> None:
    county.clock.advance(minutes=1)
    load(county, {**ZHAO, "角色": "B", "手机": "10000000090"}, {**QIAN, "角色": "A", "技能": "急救"})
    load(county, officer(LOWER, "A", "孙丽", "10000000093", 单位="下柳村村民委员会"))
    assert verify().problems == []


def test_a_whole_county_costs_few_queries(
    county: County, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    villages = [
        DivisionRow(f"999901102{n:03}", f"{n}村", "999901102000", DivisionLevel.VILLAGE)
        for n in range(300, 600)
    ]
    load_divisions(villages, by=county.by, at=county.now)
    rows = [
        officer(village.code, role, f"人{village.code[-3:]}{role}{n}", f"1000{village.code[-3:]}{n:04}")
        for village in villages
        for n, role in enumerate("ABBB")
    ]
    with django_assert_max_num_queries(200):  # type: ignore[operator]  # pytest-django's fixture is a context manager
        report = load(county, *rows)
    assert (report.created, report.problems) == (1200, [])


def test_the_template_is_a_valid_empty_list() -> None:
    file = io.BytesIO()
    write_kind_template(import_kind("contacts"), file)
    file.seek(0)
    result = read_sheet(file, import_kind("contacts").columns)
    assert (result.rows, result.problems) == ([], [])


def test_a_list_hands_out_no_rights_that_its_bringer_does_not_hold(county: County) -> None:
    yunling = county.divisions["Yunling"].code
    row = {**officer(yunling, "A", "陈静", "10000000001"), "岗位": "指挥长"}
    report = load(county, row, actor="Chen")
    assert [one.code for one in report.problems] == ["contacts.beyond_own_rights"]
    assert load(county, row, actor="He").stored


def test_a_safety_manager_is_put_on_the_post_of_an_enterprise_and_nowhere_else(county: County) -> None:
    mine = DivisionRow("999901101201-Q01", "青石矿业", UPPER, DivisionLevel.ENTERPRISE, trade="tailings")
    load_divisions([mine], by=county.by, at=county.now)
    tang: Cells = {"岗位": "企业安全管理员", "角色": "A", "姓名": "唐山", "手机": "10000000077"}
    report = load(county, tang | {"区划代码": mine.code})
    wrong = load(county, tang | {"区划代码": UPPER})
    assert [one.code for one in wrong.problems] == ["contacts.wrong_tier"]
    again = load(county, tang | {"区划代码": mine.code, "姓名": "他人"}, actor="Li")
    assert [one.code for one in again.problems] == ["contacts.beyond_own_rights"]
    held = queries.holders("enterprise_safety_manager", [mine.code], county.now)[mine.code]
    assert ([one.code for one in report.problems], [one.name for one in held]) == ([], ["唐山"])
