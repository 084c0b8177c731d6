"""Word files as other people write them: by style, by numbers alone, with merged cells, without headings, and hostile ones."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from anlan.attachments.refusals import HasMacros
from anlan.kernel.refusals import Refusal
from anlan.plans import wordguard
from anlan.plans.content import AddressKind, Content, TriggerKind
from anlan.plans.documentproblems import DocumentTooBig, HostileDocument, Imported, NotADocument
from anlan.plans.word import read_docx


def saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def read(document: Any) -> Imported:
    return read_docx(saved(document))


def codes(found: Imported) -> set[str]:
    return {one.code.removeprefix("plan_file.") for one in found.remarks}


def words_of(content: Content) -> str:
    """Everything that a plan says, to look for what must not be lost."""
    return repr(content)


def table(document: Any, rows: list[list[str]]) -> Any:
    made = document.add_table(rows=len(rows), cols=len(rows[0]))
    for line, row in zip(made.rows, rows, strict=True):
        for cell, text in zip(line.cells, row, strict=True):
            cell.text = text
    return made


def a_plan_by_numbers() -> Any:
    document = Document()
    for line in (
        "石桥县防汛应急预案",
        "一、总则",
        "（一）编制目的",
        "为做好防汛工作，制定本预案。",
        "（二）适用范围",
        "本县行政区域内。",
        "二、组织指挥体系",
        "县防指统一指挥。",
        "三、应急响应",
        "（一）Ⅳ级响应",
        "启动条件：出现下列情形之一：",
        "（1）气象部门发布山洪灾害蓝色预警；",
        "（2）两个以上乡镇出现内涝。",
        "启动程序：由带班领导决定启动Ⅳ级响应。",
        "（二）Ⅲ级应急响应",
        "启动条件：",
        "1.发布山洪黄色预警。",
        "由县防指指挥长批准启动。",
        "四、后期处置",
        "及时核灾报灾。",
        "附件1：责任人名单",
        "张三、李四。",
    ):
        document.add_paragraph(line)
    return document


def test_a_plan_with_numbers_only_is_told_apart_by_them() -> None:
    found = read(a_plan_by_numbers())
    content = found.content
    assert found.title == "石桥县防汛应急预案"
    assert (content.purpose, content.scope) == ("为做好防汛工作，制定本预案。", "本县行政区域内。")
    assert content.body_words == "县防指统一指挥。"
    assert [one.level for one in content.levels] == [4, 3]
    assert [one.title for one in content.chapters] == ["后期处置"]
    assert [(one.title, one.words) for one in content.annexes] == [("责任人名单", "张三、李四。")]


def test_a_warning_in_a_sentence_becomes_a_trigger_and_the_rest_stays_words() -> None:
    four, three = read(a_plan_by_numbers()).content.levels
    assert [(one.kind, one.hazard, one.level) for one in four.triggers] == [
        (TriggerKind.WARNING, "flash_flood", 4),
        (TriggerKind.WORDS, "", 0),
    ]
    assert "启动程序" in four.words
    assert (four.authority, three.authority) == (("duty_leader",), ("commander",))
    assert three.triggers[0].level == 3


def test_headings_by_style_are_followed_whatever_their_numbers() -> None:
    document = Document()
    document.add_heading("森林防火预案", 0)
    document.add_heading("总则", 1)
    document.add_heading("编制依据", 2)
    document.add_paragraph("《某条例》")
    document.add_heading("1 指挥机构", 1)
    document.add_paragraph("县森林草原防灭火指挥部")
    document.add_heading("4.1 II级响应", 2)
    document.add_paragraph("发布森林火险红色预警时启动。")
    document.add_heading("保障", 1)
    document.add_paragraph("（一）这不是标题")
    found = read(document).content
    assert found.basis == ("《某条例》",)
    assert found.body == "forest_fire_command"
    assert [one.level for one in found.levels] == [2]
    assert [(one.title, one.words) for one in found.chapters] == [("保障", "（一）这不是标题")]


def test_automatic_numbers_of_word_tell_headings_where_nothing_else_does() -> None:
    document = Document()
    for text, is_listed in (("适用范围", True), ("本县。", False), ("应急保障", True), ("队伍充足。", False)):
        paragraph = document.add_paragraph(text)
        if is_listed:
            numbers = OxmlElement("w:numPr")
            for name, value in (("w:ilvl", "0"), ("w:numId", "1")):
                part = OxmlElement(name)
                part.set(qn("w:val"), value)
                numbers.append(part)
            paragraph._p.get_or_add_pPr().append(numbers)
    found = read(document)
    assert found.content.scope == "本县。"
    assert [one.title for one in found.content.chapters] == ["应急保障"]
    assert "no_title" in codes(found)


def test_a_plan_without_headings_is_one_chapter_with_a_remark() -> None:
    document = Document()
    document.add_paragraph("上柳村转移方案")
    document.add_paragraph("听到锣声就往学校走，老人由包户干部接。")
    found = read(document)
    assert found.title == "上柳村转移方案"
    assert [(one.title, one.words) for one in found.content.chapters] == [
        ("正文", "听到锣声就往学校走，老人由包户干部接。")
    ]
    assert "no_headings" in codes(found)


def a_task_table() -> Any:
    document = Document()
    document.add_paragraph("某县应急预案")
    document.add_heading("应急任务", 1)
    made = table(
        document,
        [
            ["任务分解表", "", "", ""],
            ["序号", "工作任务", "责任单位", "完成时限"],
            ["Ⅲ级响应", "", "", ""],
            ["1", "巡查水库", "县水利局", "2小时内"],
            ["", "转移群众", "各乡镇", "90分钟"],
            ["2", "保障通信、供电", "工信局、供电公司", "尽快"],
        ],
    )
    made.rows[0].cells[0].merge(made.rows[0].cells[3])
    made.rows[2].cells[0].merge(made.rows[2].cells[3])
    made.rows[3].cells[0].merge(made.rows[4].cells[0])
    return document


def test_merged_cells_down_and_across_are_read_as_a_person_reads_them() -> None:
    tasks = read(a_task_table()).content.tasks
    assert [(one.title, one.owner.kind, one.owner.name, one.limit_min, one.from_level) for one in tasks] == [
        ("巡查水库", AddressKind.DEPARTMENT, "县水利局", 120, 3),
        ("转移群众", AddressKind.AFFECTED_TOWNSHIPS, "", 90, 3),
        ("保障通信、供电", AddressKind.DEPARTMENT, "工信局", 0, 3),
        ("保障通信、供电", AddressKind.DEPARTMENT, "供电公司", 0, 3),
    ]
    assert len({one.key for one in tasks}) == len(tasks)


def test_what_a_table_could_not_say_is_a_remark_and_its_words_stay() -> None:
    found = read(a_task_table())
    assert {"owners_split", "value_left"} <= codes(found)
    assert all(word in words_of(found.content) for word in ("尽快",))


def test_a_telephone_list_is_a_contact_tree_and_the_whole_table_stays_beside_it() -> None:
    document = Document()
    document.add_heading("通讯录", 1)
    table(
        document,
        [
            ["单位", "联系人", "值班电话"],
            ["水利局", "李梅", "10000000006"],
            ["气象局", "王五", "10000000007"],
        ],
    )
    found = read(document)
    assert [one.address.name for one in found.content.contacts] == ["水利局", "气象局"]
    assert "10000000006" in found.content.annexes[-1].words
    assert "columns_left" in codes(found)


def test_groups_with_a_leading_unit_have_it_first() -> None:
    document = Document()
    document.add_heading("工作组", 1)
    table(
        document,
        [["组别", "牵头单位", "成员单位", "职责"], ["抢险组", "消防救援大队", "公安局、水利局", "抢险"]],
    )
    (group,) = read(document).content.groups
    assert [one.name for one in group.members] == ["消防救援大队", "公安局", "水利局"]


def test_a_table_of_something_else_is_kept_as_it_stands() -> None:
    document = Document()
    document.add_heading("资料", 1)
    table(document, [["水库", "坝高"], ["上柳水库", "32.5"]])
    found = read(document)
    assert found.content.annexes[-1].words == "水库｜坝高\n上柳水库｜32.5"
    assert "table_kept_as_text" in codes(found)


def test_every_line_of_a_document_is_somewhere_in_the_plan() -> None:
    document = a_plan_by_numbers()
    lines = [one.text for one in document.paragraphs]
    content = words_of(read(document).content)
    lost = [
        one
        for one in lines[1:]
        if one[1:2] != "、" and not one.startswith(("（一）", "（二）", "附件")) and one not in content
    ]
    assert lost == []


def test_words_of_headers_and_comments_are_kept_too() -> None:
    document = a_plan_by_numbers()
    document.sections[0].header.paragraphs[0].text = "内部资料，注意保管"
    found = read(document)
    assert "内部资料，注意保管" in words_of(found.content)
    assert "notes_left" in codes(found)


# -- files that are not read -------------------------------------------------------------------------------------------


def repacked(body: bytes, change: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in given.namelist():
            if name not in change:
                made.writestr(name, given.read(name))
        for name, data in change.items():
            made.writestr(name, data)
    return out.getvalue()


def plain() -> bytes:
    return saved(a_plan_by_numbers())


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ccc">]><w:document>&b;</w:document>'
HOSTILE: dict[str, tuple[Any, type[Refusal]]] = {
    "nothing": (lambda: b"", NotADocument),
    "an old .doc": (lambda: bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 600, HasMacros),
    "a PDF": (lambda: b"%PDF-1.4 ...", NotADocument),
    "half a file": (lambda: plain()[:3000], NotADocument),
    "macros": (lambda: repacked(plain(), {"word/vbaProject.bin": b"x"}), HasMacros),
    "a .docm": (lambda: repacked(plain(), {"[Content_Types].xml": b"application/vnd.ms-word.document.macroEnabled.main+xml"}), HasMacros),
    "entities": (lambda: repacked(plain(), {"word/document.xml": ENTITIES}), HostileDocument),
    "entities in a part beside": (lambda: repacked(plain(), {"customXml/item1.xml": ENTITIES}), HostileDocument),
    "another encoding": (lambda: repacked(plain(), {"word/document.xml": ENTITIES.decode().encode("utf-16")}), HostileDocument),
    "a bomb": (lambda: repacked(plain(), {"word/media/a.xml": b"0" * 20_000_000}), DocumentTooBig),
    "no text at all": (lambda: repacked(plain(), {"word/document.xml": b"<nothing/>"}), NotADocument),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_could_do_harm_is_refused_before_it_is_read(name: str) -> None:
    make, refusal = HOSTILE[name]
    with pytest.raises(refusal):
        read_docx(make())


def test_a_file_above_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wordguard, "MOST_BYTES", 1000)
    with pytest.raises(DocumentTooBig):
        read_docx(plain())
