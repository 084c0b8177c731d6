"""A plan written as Word or Excel and read again is the same plan."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from anlan.plans.content import Content
from anlan.plans.packs import Pack, starter_pack, starter_packs
from anlan.plans.tests.making import contents
from anlan.plans.word import read_docx, write_docx
from anlan.plans.workbook import read_xlsx, write_xlsx

SLOW = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@SLOW
@given(contents())
def test_any_plan_comes_back_from_word_as_it_went(content: Content) -> None:
    found = read_docx(
        write_docx("云岭县某某应急预案", content, number="预2026-0001", unit="云岭县", dated="2026年7月1日")
    )
    assert found.title == "云岭县某某应急预案"
    assert found.content == content
    assert found.remarks == ()


@SLOW
@given(contents())
def test_any_plan_comes_back_from_excel_as_it_went(content: Content) -> None:
    found = read_xlsx(write_xlsx("云岭县某某应急预案", content))
    assert [one.sentence() for one in found.remarks] == []
    assert (found.title, found.content, found.is_usable) == ("云岭县某某应急预案", content, True)


@pytest.mark.parametrize("pack", starter_packs(), ids=lambda pack: pack.code)
def test_every_starter_pack_goes_out_and_in(pack: Pack) -> None:
    assert read_xlsx(write_xlsx(pack.title, pack.content)).content == pack.content
    assert read_docx(write_docx(pack.title, pack.content)).content == pack.content


def test_the_word_file_is_the_official_layout_with_page_numbers_and_the_same_bytes_each_time() -> None:
    from docx import Document

    pack = starter_pack("village_evacuation")
    body = write_docx(pack.title, pack.content)
    assert body == write_docx(pack.title, pack.content)
    document = Document(io.BytesIO(body))
    texts = [one.text for one in document.paragraphs]
    assert pack.title in texts
    assert "一、总则" in texts
    assert "（一）编制目的" in texts
    assert "PAGE" in document.sections[0].footer._element.xml
    heads = {one.text: one.style.name for one in document.paragraphs if one.style is not None}
    assert heads["一、总则"] == "公文一级标题"


def test_a_drill_is_stamped_on_the_first_line() -> None:
    from docx import Document

    document = Document(io.BytesIO(write_docx("某预案", Content(), mark="【演练】")))
    assert document.paragraphs[0].text.startswith("【演练】")


def test_nothing_in_the_workbook_is_a_formula() -> None:
    import openpyxl

    body = write_xlsx("=1+1", Content(purpose="=HYPERLINK(1)", scope="+2"))
    cells = [cell for sheet in openpyxl.load_workbook(io.BytesIO(body)) for row in sheet for cell in row]
    assert {cell.data_type for cell in cells if cell.value} == {"s"}
    assert read_xlsx(body).title == "=1+1"


def _changed(part: str, cell: str, value: Any) -> bytes:
    import openpyxl

    pack = starter_pack("township_flood")
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx(pack.title, pack.content)))
    book[part][cell] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "code"),
    [
        ("任务", "D3", "五级", "plan_word.level"),
        ("任务", "F4", "尽快", "plan_word.minutes"),
        ("任务", "F5", "=30*2", "cell.formula"),
        ("任务", "B6", None, "plan_word.required"),
        ("任务", "A7", "m1", "plan_sheet.twice"),
        ("任务", "H3", "nobody", "plan_sheet.unknown_key"),
        ("级别", "C2", "预警｜灾种：台风", "plan_word.hazard"),
        ("级别", "D2", "皇帝", "plan_word.post"),
        ("基本", "B2", None, "plan_sheet.no_title"),
        ("任务", "B1", "改了名", "header.missing"),
        ("资源", "E2", "许多", "plan_word.number"),
    ],
)  # fmt: skip
def test_each_mistake_of_a_workbook_is_named_by_sheet_and_cell(
    sheet: str, cell: str, value: Any, code: str
) -> None:
    found = read_xlsx(_changed(sheet, cell, value))
    assert not found.is_usable
    named = [one for one in found.remarks if one.code == code]
    assert named, [one.to_json() for one in found.remarks]
    assert named[0].column.startswith(f"{sheet}!")
    assert named[0].sentence("zh")
    assert named[0].sentence("en")
    if code.startswith(("plan_word", "cell")):
        assert named[0].column == f"{sheet}!{cell}"


@pytest.mark.parametrize(
    "body", [b"", b"PK\x03\x04", b"%PDF-1.4", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99]
)
def test_what_is_no_workbook_is_said_and_not_read(body: bytes) -> None:
    found = read_xlsx(body)
    assert not found.is_usable
    assert found.remarks[0].code.startswith("file.")
