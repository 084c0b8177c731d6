"""The statistics on the desk and on a phone."""

from __future__ import annotations

import io
import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from anlan.incidents import services as incidents
from anlan.incidents.types import IncidentDetails
from anlan.journal.models import Entry
from anlan.losses import services
from anlan.losses.models import (
    CourseReport,
    DamagedHouse,
    LossCourse,
    LostPerson,
    TownshipReport,
    VillageFiling,
)
from anlan.losses.tests.scenes import filed, flood, run, signed, submitted
from anlan.losses.types import HouseDetails, PersonDetails
from anlan.testing import County

pytestmark = pytest.mark.django_db


def page(client: Client, route: str, *args: Any, status: int = 200) -> str:
    answer = client.get(reverse(route, args=args))
    assert answer.status_code == status
    return answer.content.decode()


def test_the_county_opens_a_course_from_the_desk(county: County) -> None:
    chen = county.client("Chen")
    form = {
        "title": "7·1洪涝灾害",
        "hazard": ["flood", "landslide"],
        "township": [county.divisions["Willow River"].code],
        "began_at": "2026-07-01T07:00",
        "known_at": "2026-07-01T07:30",
    }
    refused = chen.post(reverse("console:loss_new"), form)
    assert refused.status_code == 409
    assert "main one" in refused.content.decode()
    assert "7·1洪涝灾害" in refused.content.decode()  # what was typed stays
    made = chen.post(reverse("console:loss_new"), {**form, "main": "flood"})
    course = LossCourse.objects.get()
    assert made["Location"] == reverse("console:loss_course", args=[course.pk])
    assert (course.first_hazard, course.sub_hazards) == ("flood", ["flood", "landslide"])
    assert "柳河镇" in page(chen, "console:loss_course", course.pk)


def test_a_village_files_on_a_phone_and_sends_a_zero_report_with_one_key(county: County) -> None:
    course, zhao = flood(county), county.client("Zhao")
    upper = county.divisions["Upper Willow"]
    assert "上柳村" in page(zhao, "field:losses")
    assert "Disaster losses" in page(zhao, "field:home")
    address = reverse("field:loss", args=[course.pk, upper.code])
    assert len(zhao.get(address).content) < 30_000
    bad = zhao.post(address, {"affected": "-3", "collapsed_rooms": "2"})
    assert bad.status_code == 409
    assert 'value="-3"' in bad.content.decode()
    assert zhao.post(address, {"affected": "35", "verb": "file"}).status_code == 303
    assert VillageFiling.objects.get().values == {"affected": "35"}
    zhao.post(address, {"affected": "35", "verb": "zero"})
    assert VillageFiling.objects.get().values == {}


def test_a_village_does_not_open_the_form_of_another(county: County) -> None:
    course = flood(county)
    zhao, lower = county.client("Zhao"), county.divisions["Lower Willow"]
    assert zhao.get(reverse("field:loss", args=[course.pk, lower.code])).status_code == 404
    assert "下柳村" not in page(zhao, "field:losses")


def test_a_township_submits_on_the_desk_and_keeps_what_it_typed_when_refused(county: County) -> None:
    course, li = flood(county), county.client("Li")
    filed(county, course, "Upper Willow", affected=30)
    willow = county.divisions["Willow River"]
    address = reverse("console:loss_place", args=[course.pk, willow.code])
    shown = li.get(address).content.decode()
    assert 'value="30"' in shown  # the sum of the villages is filled in
    refused = li.post(address, {"affected": "33", "responsible": "李梅"})
    assert refused.status_code == 409
    assert 'value="33"' in refused.content.decode()
    assert li.post(address, {"affected": "33", "why-affected": "漏统三人"}).status_code == 302
    assert TownshipReport.objects.get().values == {"affected": "33"}
    assert "漏统三人" in page(county.client("Chen"), "console:loss_course", course.pk)


def test_a_township_sees_its_own_line_and_no_report_of_the_county(county: County) -> None:
    course = flood(county)
    submitted(county, course, affected=5)
    submitted(county, course, "Stone Bridge", "Liu", affected=7)
    report = signed(county, course)
    li = county.client("Li")
    shown = page(li, "console:loss_course", course.pk)
    assert "柳河镇" in shown
    assert "石桥镇" not in shown
    assert reverse("console:loss_report", args=[report.pk]) not in shown
    page(li, "console:loss_report", report.pk, status=404)
    page(li, "console:loss_place", course.pk, county.divisions["Stone Bridge"].code, status=404)


def test_the_board_is_refreshed_and_shows_the_group_that_was_chosen(county: County) -> None:
    course = flood(county)
    submitted(county, course, affected=5, loss_total="12.5")
    answer = county.client("Chen").get(reverse("console:loss_board", args=[course.pk]) + "?group=loss")
    shown = answer.content.decode()
    assert "12.5" in shown
    assert "<html" not in shown


def test_a_report_goes_from_draft_to_signature_on_the_desk(county: County) -> None:
    course = flood(county)
    submitted(county, course, affected=100)
    signed(county, course)
    submitted(county, course, affected=300)
    chen, feng, zheng = (county.client(name) for name in ("Chen", "Feng", "Zheng"))
    where = chen.post(reverse("console:loss_draft", args=[course.pk]))["Location"]
    report = CourseReport.objects.get(state="draft")
    assert "why-affected" in chen.get(where).content.decode()
    act = reverse("console:loss_report_act", args=[report.pk])
    refused = chen.post(act, {"verb": "submit", "situation": "河水漫堤"})
    assert refused.status_code == 409
    chen.post(act, {"verb": "submit", "situation": "河水漫堤", "why-affected": "石桥镇新增"})
    assert feng.post(act, {"verb": "return"}).status_code == 409  # a word is needed
    feng.post(act, {"verb": "review"})
    assert chen.post(act, {"verb": "sign"}).status_code == 403
    zheng.post(act, {"verb": "sign"})
    report.refresh_from_db()
    assert (report.state, report.signed_by, report.explanations) == (
        "signed",
        "郑国安",
        {"affected": "石桥镇新增"},
    )
    text = chen.get(reverse("console:loss_report_text", args=[report.pk])).content.decode()
    assert text.startswith("【灾情续报一】")
    assert "河水漫堤" in text


def test_the_workbook_holds_the_form_with_numbers_and_signatures(county: County) -> None:
    from openpyxl import load_workbook

    course = flood(county)
    submitted(county, course, affected=42, loss_total="12.5")
    report = signed(county, course)
    answer = county.client("Chen").get(reverse("console:loss_report_sheet", args=[report.pk]))
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    rows = {str(row[0].value).strip(): row for row in sheet.iter_rows()}
    assert sheet["A1"].value == "自然灾害损失快报（初报）"
    assert rows["受灾人口"][2].value == 42
    assert rows["直接经济损失"][2].value == 12.5
    assert [cell.value for cell in rows["指标名称"]][4:] == ["柳河镇"]
    assert any("签发人：郑国安" in name for name in rows)
    assert Entry.objects.filter(kind="loss_report.exported").count() == 1


def test_a_township_fills_in_its_workbook_and_imports_it(county: County) -> None:
    from openpyxl import load_workbook

    from anlan.documents.imports import import_kind, run_import

    course, li = flood(county), county.actor("Li")
    willow = county.divisions["Willow River"]
    answer = county.client("Li").get(reverse("console:loss_workbook", args=[course.pk, willow.code]))
    book = load_workbook(io.BytesIO(answer.content))
    sheet = book.active
    assert sheet is not None
    headers = [cell.value for cell in sheet[1]]
    column = headers.index("受灾人口（人）") + 1
    sheet.cell(row=2, column=column).value = 35
    sheet.cell(row=3, column=column).value = 4
    sheet.cell(row=3, column=headers.index("因灾死亡人口（人）") + 1).value = 5
    filled = io.BytesIO()
    book.save(filled)
    kind = import_kind("losses")
    report = run_import(kind, filled, by=li, at=county.now, dry_run=True)
    assert [(one.row, one.code) for one in report.problems] == [(3, "losses.refused")]
    assert not VillageFiling.objects.exists()
    report = run_import(kind, filled, by=li, at=county.now, skip_bad=True)
    assert (report.created, report.stored) == (1, True)
    assert VillageFiling.objects.get().values == {"affected": "35"}
    liu = run_import(kind, filled, by=county.actor("Liu"), at=county.now, dry_run=True)
    assert {one.row for one in liu.problems} == {2, 3}  # another township's villages are not hers


def test_names_are_masked_and_a_look_at_them_is_journaled(county: County) -> None:
    course = flood(county)
    details = PersonDetails("王小明", "男", 63, "999901196301010011", "上柳村一组")
    services.list_person(
        course, county.divisions["Upper Willow"], "dead", details, by=county.actor("Li"), at=county.now
    )
    chen, he = county.client("Chen"), county.client("He")
    masked = page(chen, "console:loss_people", course.pk)
    assert "王小明" not in masked
    assert "999901196301010011" not in masked
    assert "王**" in masked
    address = reverse("console:loss_people", args=[course.pk]) + "?show=1"
    assert "王小明" in chen.get(address).content.decode()
    assert Entry.objects.filter(kind="loss_list.looked_at").count() == 1
    assert "王小明" not in he.get(address).content.decode()
    assert Entry.objects.filter(kind="loss_list.looked_at").count() == 1
    assert "王" not in page(county.client("Liu"), "console:loss_people", course.pk)


def test_people_and_houses_are_listed_on_the_desk(county: County) -> None:
    course, li = flood(county), county.client("Li")
    upper = county.divisions["Upper Willow"].code
    address = reverse("console:loss_people", args=[course.pk])
    assert li.post(address, {"division": upper, "state": "missing", "age": "x"}).status_code == 409
    li.post(address, {"division": upper, "state": "missing"})
    row = LostPerson.objects.get()
    act = reverse("console:loss_person_act", args=[row.pk])
    li.post(act, {"verb": "describe", "name": "赵大"})
    li.post(act, {"verb": "dead", "reason": "下游找到"})
    row.refresh_from_db()
    assert (row.name, row.state) == ("赵大", "dead")
    houses = reverse("console:loss_houses", args=[course.pk])
    li.post(houses, {"division": upper, "head": "钱二", "rooms_collapsed": "3", "is_rural": "1"})
    house = DamagedHouse.objects.get()
    assert (house.rooms_collapsed, house.is_rural) == (3, True)
    assert li.post(houses, {"division": upper, "head": "钱三"}).status_code == 409
    li.post(reverse("console:loss_house_act", args=[house.pk]), {"reason": "重复"})
    house.refresh_from_db()
    assert house.state == "struck"


def test_another_townships_place_is_not_listed_into(county: County) -> None:
    course = flood(county)
    answer = county.client("Li").post(
        reverse("console:loss_people", args=[course.pk]),
        {"division": county.divisions["North Slope"].code, "state": "dead"},
    )
    assert answer.status_code in (404, 409)
    assert not LostPerson.objects.exists()


def test_the_board_of_a_large_county_is_quick(county: County, django_assert_max_num_queries: Any) -> None:
    """139 villages with every indicator of the form: a bounded number of statements, and well under a tenth of a second."""
    from anlan.journal.services import record_all
    from anlan.losses import forms, queries
    from anlan.places.models import Division
    from anlan.places.services import load_divisions
    from anlan.places.types import DivisionRow
    from anlan.vocab.divisions import DivisionLevel

    head = county.division.code
    rows = [
        DivisionRow(f"9999012{n:02d}000", f"第{n}镇", head, DivisionLevel.TOWNSHIP) for n in range(10)
    ] + [
        DivisionRow(
            f"9999012{n % 10:02d}{200 + n}", f"第{n}村", f"9999012{n % 10:02d}000", DivisionLevel.VILLAGE
        )
        for n in range(139)
    ]
    load_divisions(rows, by=county.by, at=county.now)
    townships = Division.objects.filter(level="township", name__startswith="第")
    course = flood(county, townships=tuple(townships))
    values = {one.code: "7" for one in forms.form("quick").indicators}
    filings = [
        VillageFiling(
            course=course, division=place, values=values, as_of=county.now, filed_at=county.now, filed_by="x"
        )
        for place in Division.objects.filter(level="village", name__startswith="第")
    ]
    record_all(filings, by=county.by, at=county.now, kind="filed")
    actor = county.actor("Chen")
    queries.board(course, actor)
    began = time.perf_counter()
    with django_assert_max_num_queries(6):
        board = queries.board(course, actor)
    assert board.live["affected"] == 139 * 7
    assert time.perf_counter() - began < 0.5  # a fraction of this; other work may run beside the test


def test_every_page_of_the_statistics_speaks_chinese(county: County) -> None:
    from anlan.console.tests.test_every_page_speaks_chinese import english_in

    course = flood(county)
    li, upper, willow = county.actor("Li"), county.divisions["Upper Willow"], county.divisions["Willow River"]
    services.list_person(course, upper, "missing", PersonDetails(), by=li, at=county.now)
    services.list_house(course, upper, HouseDetails("钱二", 3, rooms_collapsed=2), by=li, at=county.now)
    filed(county, course, "Upper Willow", affected=30)
    submitted(county, course, affected=31, missing=1)
    signed(county, course)
    filed(county, course, "Lower Willow", "Zhou")
    submitted(county, course, affected=90, missing=1)
    draft = services.draft_report(course, by=county.actor("Chen"), at=county.now)
    county.clock.advance(hours=2)
    run()
    chen, zhao = county.client("Chen", language="zh-hans"), county.client("Zhao", language="zh-hans")
    pages = [
        page(chen, "console:losses"),
        page(chen, "console:loss_new"),
        page(chen, "console:loss_course", course.pk),
        page(chen, "console:loss_place", course.pk, willow.code),
        page(chen, "console:loss_place", course.pk, upper.code),
        page(chen, "console:loss_people", course.pk),
        page(chen, "console:loss_houses", course.pk),
        page(chen, "console:loss_report", draft.pk),
        page(zhao, "field:losses"),
        page(zhao, "field:loss", course.pk, upper.code),
        chen.post(
            reverse("console:loss_place", args=[course.pk, willow.code]), {"affected": "-1"}
        ).content.decode(),
        chen.post(reverse("console:loss_new"), {"title": ""}).content.decode(),
    ]
    assert [piece for text in pages for piece in english_in(text)] == []


def test_the_record_of_an_incident_leads_to_its_statistics(county: County) -> None:
    details = IncidentDetails(
        title="柳河洪水", event_type="flood", division=county.divisions["Upper Willow"], informant="township", known_at=county.now
    )  # fmt: skip
    incident = incidents.open_incident(details, by=county.actor("Chen"), at=county.now)
    chen = county.client("Chen")
    new = reverse("console:loss_new") + f"?incident={incident.pk}"
    assert new in page(chen, "console:incident", incident.pk)
    prefilled = chen.get(new).content.decode()
    assert "柳河洪水" in prefilled
    assert f'value="{county.divisions["Willow River"].code}" checked' in prefilled
    course = flood(county, incident=incident)
    assert course.title in page(chen, "console:incident", incident.pk)
