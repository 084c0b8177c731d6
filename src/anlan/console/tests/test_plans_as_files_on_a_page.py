"""Plans as files on the desk: a Word file is looked at before it becomes a draft, a version goes out, packs are shown."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from docx import Document

from anlan.plans.content import Content, read
from anlan.plans.models import Plan, PlanVersion
from anlan.plans.packs import starter_pack
from anlan.plans.tests.scenes import draft, in_force, small
from anlan.plans.tests.test_plans_of_others_from_word import a_plan_by_numbers, a_task_table, repacked, saved
from anlan.plans.word import read_docx, write_docx
from anlan.plans.workbook import read_xlsx, write_xlsx
from anlan.testing import County

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data")]


def send(county: County, body: bytes, name: str = "预案.docx", who: str = "Feng", **fields: Any) -> Any:
    """Upload a file; the answer."""
    return county.client(who).post("/plans/import/", {"file": SimpleUploadedFile(name, body), **fields})


def look(county: County, body: bytes, who: str = "Feng", **fields: Any) -> tuple[str, str]:
    """The address of the preview and what it says."""
    answer = send(county, body, who=who, **fields)
    assert answer.status_code == 302, answer.content.decode()
    where = answer["Location"]
    return where, county.client(who).get(where).content.decode()


def face(**fields: Any) -> dict[str, Any]:
    return {
        "title": "石桥县防汛应急预案",
        "kind": "special",
        "division": "999901000000",
        "event_types": ["flood"],
        **fields,
    }


def test_a_word_file_is_shown_with_its_remarks_and_stored_only_when_a_person_says_so(county: County) -> None:
    where, page = look(county, saved(a_task_table()))
    assert "表1" in page
    assert "巡查水库" in page
    assert "“尽快”" in page
    assert not Plan.objects.exists()
    answer = county.client("Feng").post(where + "apply/", face())
    version = PlanVersion.objects.get()
    assert answer["Location"] == f"/plans/versions/{version.pk}/"
    assert version.source_name == "预案.docx"
    assert [one.title for one in read(version.content).tasks][:2] == ["巡查水库", "转移群众"]
    assert county.client("Feng").get(where).status_code == 404


def test_a_file_becomes_a_new_version_of_a_plan_with_a_reason(county: County) -> None:
    plan = in_force(county)
    where, _page = look(county, saved(a_plan_by_numbers()), plan=str(plan.pk))
    refused = county.client("Feng").post(where + "apply/", {"why": ""})
    assert refused.status_code >= 400
    assert plan.versions.count() == 1
    county.client("Feng").post(where + "apply/", {"why": "换成纸质版"})
    newest = plan.versions.order_by("-number").first()
    assert newest is not None
    assert (newest.number, newest.state) == (2, "draft")
    assert read(newest.content).scope == "本县行政区域内。"


def test_a_draft_in_work_is_replaced_only_when_ticked(county: County) -> None:
    version = draft(county)
    where, page = look(county, saved(a_plan_by_numbers()), plan=str(version.plan_id))
    assert 'name="replace"' in page
    refused = county.client("Feng").post(where + "apply/", {"why": "换"})
    assert refused.status_code >= 400
    assert "换" in refused.content.decode()
    version.refresh_from_db()
    assert read(version.content) == small()
    county.client("Feng").post(where + "apply/", {"why": "换", "replace": "1"})
    version.refresh_from_db()
    assert read(version.content).scope == "本县行政区域内。"


def test_a_version_goes_out_as_word_and_excel_and_is_the_same_when_read(county: County) -> None:
    plan = in_force(county)
    content = read(plan.current.content)  # type: ignore[union-attr]  # a plan in force has a version
    for ending, reading in (("plan.docx", read_docx), ("plan.xlsx", read_xlsx)):
        answer = county.client("Feng").get(f"/plans/versions/{plan.current_id}/{ending}")
        assert answer["Content-Disposition"].startswith("attachment")
        assert reading(answer.content).content == content


def test_a_changed_workbook_comes_in_again_and_one_with_mistakes_does_not(county: County) -> None:
    import openpyxl

    plan = in_force(county)
    good = write_xlsx(plan.title, small(purpose="改过的目的。"))
    where, _page = look(county, good, plan=str(plan.pk))
    county.client("Feng").post(where + "apply/", {"why": "改目的"})
    assert read(plan.versions.get(number=2).content).purpose == "改过的目的。"
    book = openpyxl.load_workbook(io.BytesIO(good))
    book["任务"]["D2"] = "九级"
    out = io.BytesIO()
    book.save(out)
    where, page = look(county, out.getvalue())
    assert "任务!D2" in page
    assert "九级" in page
    assert county.client("Feng").post(where + "apply/", face()).status_code == 422
    assert Plan.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"%PDF-1.4", 415), (bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 600, 415)],
)
def test_a_file_that_is_no_plan_is_refused_in_a_sentence(county: County, body: bytes, status: int) -> None:
    answer = send(county, body)
    assert answer.status_code == status
    assert 'role="alert"' in answer.content.decode()


def test_a_workbook_with_macros_is_refused(county: County) -> None:
    body = repacked(write_xlsx("某预案", Content()), {"xl/vbaProject.bin": b"x"})
    assert send(county, body, "预案.xlsm").status_code == 415


def test_the_file_of_one_person_is_not_open_to_another(county: County) -> None:
    where, _page = look(county, write_docx("某预案", Content()))
    assert county.client("Wang").get(where).status_code == 404
    assert county.client("Zhao").get("/plans/import/").status_code == 403


def test_packs_are_listed_with_the_field_groups_and_shown_whole(county: County) -> None:
    page = county.client("Li").get("/plans/packs/").content.decode()
    assert "县防汛抗旱应急预案" in page
    assert "现场指挥编组表" in page
    assert "增援接应组" in page
    one = county.client("Li").get("/plans/packs/flood/").content.decode()
    assert "封控漫水桥" in one
    assert "融媒体中心" in one
    assert county.client("Li").get("/plans/packs/nothing/").status_code == 404


def test_a_pack_goes_out_as_word_to_be_talked_over(county: County) -> None:
    body = county.client("Li").get("/plans/packs/relief/pack.docx").content
    assert read_docx(body).content == starter_pack("relief").content
    assert Document(io.BytesIO(body)).paragraphs


def test_a_department_named_in_a_file_gets_the_code_of_the_county(county: County, data: Path) -> None:
    from anlan.places.services import load_divisions
    from anlan.places.types import DivisionRow
    from anlan.vocab.divisions import DivisionLevel

    row = DivisionRow("999901000000-B03", "云岭县水利局", "999901000000", DivisionLevel.DEPARTMENT)
    load_divisions([row], by=county.by, at=county.now)
    where, _page = look(county, saved(a_task_table()))
    county.client("Feng").post(where + "apply/", face())
    tasks = read(PlanVersion.objects.get().content).tasks
    assert tasks[0].owner.code == "999901000000-B03"
