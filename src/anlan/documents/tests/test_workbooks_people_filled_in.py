from __future__ import annotations

import contextlib
import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from anlan.documents import cells, workbook
from anlan.documents.problems import BadCell
from anlan.documents.templates import write_table, write_template
from anlan.documents.workbook import Column, SheetResult, read_sheet

COLUMNS = (
    Column("区划代码", True, cells.division_code, example="530521100201"),
    Column("名称", True, cells.name()),
    Column("类别", False, cells.choice({"自然村": "hamlet", "网格": "grid"}), allowed=("自然村", "网格")),
    Column("户数", False, cells.integer()),
    Column("1小时(mm)", False, cells.decimal(places=1, high="500")),
)
HEADER = ["区划代码*", "名称*", "类别", "户数", "1小时(mm)"]
GOOD = ["530521100201", "上柳村", "自然村", 30, 50.5]


def book(*rows: Sequence[Any], header: Sequence[Any] = HEADER, merge: str = "") -> io.BytesIO:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.append(list(header))
    for row in rows:
        sheet.append(list(row))
    if merge:
        sheet.merge_cells(merge)
    file = io.BytesIO()
    made.save(file)
    file.seek(0)
    return file


def read(*rows: Sequence[Any], header: Sequence[Any] = HEADER, merge: str = "") -> SheetResult:
    return read_sheet(book(*rows, header=header, merge=merge), COLUMNS)


def wrong(result: SheetResult) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.column, problem.code) for problem in result.problems]


def test_a_good_row_is_read_with_typed_values() -> None:
    result = read(GOOD)
    assert result.problems == []
    assert result.rows[0].number == 2
    assert result.rows[0].values == {
        "区划代码": "530521100201",
        "名称": "上柳村",
        "类别": "hamlet",
        "户数": 30,
        "1小时(mm)": Decimal("50.5"),
    }


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (530521100201, "530521100201"),
        (530521100201.0, "530521100201"),
        ("530521100201.0", "530521100201"),
        ("５３０５２１１００２０１", "530521100201"),
        (" 530521 100201\u3000", "530521100201"),
        ("\u200b530521100201\ufeff", "530521100201"),
    ],
)
def test_a_division_code_is_understood_however_it_was_stored(typed: object, meant: str) -> None:
    assert read([typed, *GOOD[1:]]).rows[0].text("区划代码") == meant


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("5305211002", "cell.not_a_code"),
        ("上柳村", "cell.not_a_code"),
        (True, "cell.not_a_code"),
        (530521100201.5, "cell.not_a_code"),
        ("5.30521E+11", "cell.digits_lost"),
        (5.30521100201e17, "cell.digits_lost"),
        (datetime(2026, 7, 1), "cell.date"),  # noqa: DTZ001 - spreadsheets know no zones
        ("=A1", "cell.formula"),
        ("#N/A", "cell.error"),
        (None, "cell.required"),
        ("   ", "cell.required"),
    ],
)
def test_a_wrong_division_code_is_named_by_row_and_column(typed: object, code: str) -> None:
    result = read(GOOD, [typed, *GOOD[1:]])
    assert wrong(result) == [(3, "区划代码", code)]
    assert [row.number for row in result.rows] == [2]


@pytest.mark.parametrize(
    ("column", "typed", "code"),
    [
        (3, "三十", "cell.not_a_number"),
        (3, 3.5, "cell.not_whole"),
        (3, -1, "cell.out_of_range"),
        (3, "NaN", "cell.not_a_number"),
        (3, "1e9999", "cell.not_whole"),
        (4, "1e400", "cell.out_of_range"),
        (4, 50.25, "cell.too_precise"),
        (2, "集镇", "cell.not_allowed"),
        (1, "村" * 61, "cell.too_long"),
    ],
)
def test_every_wrong_value_has_its_own_sentence(column: int, typed: object, code: str) -> None:
    row: list[object] = list(GOOD)
    row[column] = typed
    result = read(row)
    assert [problem.code for problem in result.problems] == [code]
    assert result.rows == []
    problem = result.problems[0]
    assert problem.sentence("zh") != problem.sentence("en")
    assert "%(" not in problem.sentence("zh") + problem.message


@pytest.mark.parametrize(("typed", "meant"), [("30", 30), ("３０", 30), (30.0, 30), ("1,200", 1200)])
def test_a_number_kept_as_text_is_a_number(typed: object, meant: int) -> None:
    assert read([*GOOD[:3], typed, None]).rows[0].get("户数", int) == meant


def test_every_mistake_of_a_row_is_listed_at_once() -> None:
    result = read(["x", None, "集镇", "三十", "很大"])
    assert [column for _row, column, _code in wrong(result)] == [
        "区划代码",
        "名称",
        "类别",
        "户数",
        "1小时(mm)",
    ]


def test_a_name_lined_up_with_spaces_is_one_name() -> None:
    assert read([GOOD[0], " 王\u3000 伟 ", None, None, None]).rows[0].text("名称") == "王伟"


def test_empty_rows_between_and_after_are_skipped_and_numbers_stay_true() -> None:
    result = read(GOOD, [None] * 5, ["", " ", None, None, None], GOOD, [None] * 5)
    assert [row.number for row in result.rows] == [2, 5]
    assert result.problems == []


def test_columns_may_stand_in_any_order_with_stray_spaces_and_full_width_brackets() -> None:
    result = read(
        ["自然村", "上柳村", "530521100201", 12.5],
        header=["类别", " 名 称* ", "区划代码＊", "1小时\n（mm）"],
    )
    assert result.problems == []
    assert result.rows[0].get("1小时(mm)", Decimal) == Decimal("12.5")


def test_a_missing_required_column_stops_everything() -> None:
    result = read(["530521100201"], header=["区划代码"])
    assert wrong(result) == [(1, "名称", "header.missing")]
    assert not result.readable
    assert result.rows == []


def test_a_header_that_appears_twice_stops_everything() -> None:
    result = read([*GOOD, "下柳村"], header=[*HEADER, "名称"])
    assert wrong(result) == [(1, "名称", "header.twice")]
    assert result.rows == []


def test_an_unknown_column_is_reported_and_a_remark_column_is_not() -> None:
    result = read([*GOOD, "x", "y"], header=[*HEADER, "备注", "户数量"])
    assert wrong(result) == [(1, "G", "header.unknown")]


def test_a_title_merged_over_the_table_is_explained() -> None:
    result = read(HEADER, GOOD, header=["云岭县名单", None, None, None, None], merge="A1:E1")
    assert (1, "A", "cell.merged") in wrong(result)
    assert result.rows == []


def test_rows_under_merged_cells_are_bad_and_the_others_good() -> None:
    result = read(GOOD, GOOD, [None, *GOOD[1:]], GOOD, merge="A3:A4")
    assert wrong(result) == [(3, "A", "cell.merged")]
    assert [row.number for row in result.rows] == [2, 5]


def test_an_empty_sheet_says_so() -> None:
    assert wrong(read(header=[])) == [(0, "", "sheet.empty")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file.not_xlsx"),
        ("区划代码,名称".encode(), "file.not_xlsx"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600), "file.old_or_locked"),
        (b"PK\x03\x04" + bytes(100), "file.not_xlsx"),
    ],
)
def test_what_is_not_a_workbook_is_refused_with_advice(content: bytes, code: str) -> None:
    assert wrong(read_sheet(io.BytesIO(content), COLUMNS)) == [(0, "", code)]


def test_a_zip_without_a_workbook_inside_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("hello.txt", "hello")
    assert wrong(read_sheet(file, COLUMNS)) == [(0, "", "file.not_xlsx")]


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    file = book(GOOD)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/media/huge.bin", bytes(64 * 2**20))
    assert file.seek(0, 2) < 2**20
    assert wrong(read_sheet(file, COLUMNS)) == [(0, "", "file.unpacks_too_big")]


def test_a_file_over_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_FILE_BYTES", 1000)
    assert wrong(read(GOOD)) == [(0, "", "file.too_big")]


def test_too_many_rows_are_refused_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_ROWS", 3)
    assert len(read(GOOD, GOOD, GOOD).rows) == 3
    result = read(GOOD, GOOD, GOOD, GOOD)
    assert wrong(result) == [(0, "", "sheet.too_long")]
    assert result.rows == []


def with_part(file: io.BytesIO, part: str, change: Any) -> io.BytesIO:
    """The same workbook with one part of the package rewritten."""
    out = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            content = old.read(member)
            new.writestr(member.filename, change(content) if member.filename == part else content)
    out.seek(0)
    return out


def test_entities_in_the_xml_are_never_expanded() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    file = with_part(
        book(GOOD),
        "xl/worksheets/sheet1.xml",
        lambda content: bomb + content.split(b"?>", 1)[-1].replace(b"<v>30</v>", b"<v>&b;</v>"),
    )
    assert wrong(read_sheet(file, COLUMNS)) == [(0, "", "file.damaged")]


def test_a_damaged_sheet_is_one_sentence() -> None:
    file = with_part(book(GOOD), "xl/worksheets/sheet1.xml", lambda content: content[: len(content) // 2])
    assert wrong(read_sheet(file, COLUMNS)) == [(0, "", "file.damaged")]


def test_a_merge_over_the_whole_sheet_costs_nothing() -> None:
    file = with_part(
        book(GOOD),
        "xl/worksheets/sheet1.xml",
        lambda content: content.replace(
            b"</sheetData>",
            b'</sheetData><mergeCells count="1"><mergeCell ref="A2:XFD1048576"/></mergeCells>',
        ),
    )
    result = read_sheet(file, COLUMNS)
    assert wrong(result) == [(2, "A", "cell.merged")]
    assert result.rows == []


def test_a_template_read_back_is_a_valid_empty_form() -> None:
    file = io.BytesIO()
    write_template(COLUMNS, file, [{"区划代码": "530521100201", "名称": "上柳村"}], notes=["先导入村。"])
    file.seek(0)
    result = read_sheet(file, COLUMNS)
    assert (result.rows, result.problems) == ([], [])
    made = load_workbook(file)
    assert made.sheetnames == ["填写", "示例", "说明"]
    assert made["示例"]["B2"].value == "上柳村"
    assert "自然村、网格" in [cell.value for cell in made["说明"]["D"]]


def test_text_that_looks_like_a_formula_is_written_as_text() -> None:
    file = io.BytesIO()
    write_table(file, ["名称"], [["=HYPERLINK(1)"]])
    file.seek(0)
    cell = load_workbook(file).active["A2"]  # type: ignore[index]  # the first sheet is a worksheet
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-07-01", date(2026, 7, 1)),
        ("2026年7月1日", date(2026, 7, 1)),
        ("2026/7/1", date(2026, 7, 1)),
        (datetime(2026, 7, 1, 8), date(2026, 7, 1)),  # noqa: DTZ001 - spreadsheets know no zones
    ],
)
def test_dates_are_read_in_the_ways_people_write_them(typed: cells.Cell, meant: date) -> None:
    assert cells.day(typed) == meant


@pytest.mark.parametrize("typed", ["2026-02-30", "昨天", "01-07-2026"])
def test_what_is_no_date_is_refused(typed: str) -> None:
    with pytest.raises(BadCell) as caught:
        cells.day(typed)
    assert caught.value.code == "cell.not_a_date"


@pytest.mark.parametrize(
    ("typed", "meant"), [("是", True), ("否", False), (True, True), (0, False), ("ｙ", True)]
)
def test_ticks_are_understood(typed: cells.Cell, meant: bool) -> None:
    assert cells.flag(typed) is meant


def test_swapped_coordinates_are_noticed() -> None:
    with pytest.raises(BadCell):
        cells.longitude("24.7")
    with pytest.raises(BadCell):
        cells.latitude(99.18)


def test_words_lose_repeats_and_keep_their_order() -> None:
    assert cells.words()("电工、急救，电工；驾驶") == ("电工", "急救", "驾驶")


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.datetimes()))
def test_no_cell_makes_a_parser_fail_otherwise_than_by_a_bad_cell(value: cells.Cell) -> None:
    parsers = [
        cells.text(), cells.name(), cells.division_code, cells.place_code, cells.integer(), cells.flag, cells.day,
        cells.decimal(places=1), cells.longitude, cells.words(), cells.choice({"A": 1}),
    ]  # fmt: skip
    for parse in parsers:
        with contextlib.suppress(BadCell):
            parse(value)


@given(st.integers(min_value=10**11, max_value=10**12 - 1))
def test_a_twelve_digit_code_survives_every_storage(code: int) -> None:
    for stored in (code, float(code), str(code), f"{code}.0", f" {code} "):
        assert cells.division_code(stored) == str(code)
