from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from openpyxl import Workbook

from anlan.documents import cells, imports
from anlan.documents.imports import ImportKind, ImportReport, refuse_repeats, register, run_import
from anlan.documents.problems import Problem, add_sentences
from anlan.documents.workbook import Column, SheetRow
from anlan.kernel.actor import system
from anlan.kernel.registry import Registry

AT = datetime(2026, 7, 1, tzinfo=UTC)


class Store:
    """A kind that stores names, refuses the name "坏" and repeats."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.kind = ImportKind("names", ("名字", "names"), (Column("名称", True, cells.name()),), self.apply)

    def apply(self, rows: Sequence[SheetRow], *, by: object, at: datetime, dry_run: bool) -> ImportReport:
        kept, problems = refuse_repeats(rows, lambda row: row.text("名称"), "名称")
        good = [row.text("名称") for row in kept if row.text("名称") != "坏"]
        problems += [Problem(row.number, "名称", "cell.required") for row in kept if row.text("名称") == "坏"]
        if not dry_run:
            self.names += good
        return ImportReport(created=len(good), problems=problems)


def workbook(*names: str | None, header: str = "名称") -> io.BytesIO:
    made, file = Workbook(), io.BytesIO()
    assert made.active is not None
    made.active.append([header, "备注"])
    for name in names:
        made.active.append([name, "x"])
    made.save(file)
    return file


def run(store: Store, file: io.BytesIO, **options: bool) -> ImportReport:
    return run_import(store.kind, file, by=system("test"), at=AT, **options)


def test_a_clean_file_is_stored() -> None:
    store = Store()
    report = run(store, workbook("甲", "乙"))
    assert (store.names, report.created, report.stored, report.ok) == (["甲", "乙"], 2, True, True)


def test_a_dry_run_counts_and_stores_nothing() -> None:
    store = Store()
    report = run(store, workbook("甲", "坏"), dry_run=True)
    assert (store.names, report.created, report.stored) == ([], 1, False)
    assert [problem.row for problem in report.problems] == [3]


def test_one_bad_row_stores_nothing() -> None:
    store = Store()
    report = run(store, workbook("甲", "坏", "甲", "甲" * 99))
    assert (store.names, report.stored) == ([], False)
    assert [problem.row for problem in report.problems] == [3, 4, 5]


def test_the_good_rows_are_stored_where_a_person_chose_so() -> None:
    store = Store()
    report = run(store, workbook("甲", "坏", "乙"), skip_bad=True)
    assert (store.names, report.stored) == (["甲", "乙"], True)
    assert [(problem.row, problem.code) for problem in report.problems] == [(3, "cell.required")]


def test_an_unreadable_header_stores_nothing_even_when_bad_rows_may_be_skipped() -> None:
    store = Store()
    report = run(store, workbook("甲", header="姓名"), skip_bad=True)
    assert (store.names, report.stored) == ([], False)
    assert {problem.code for problem in report.problems} == {"header.missing", "header.unknown"}


def test_two_kinds_of_one_name_or_two_sentences_of_one_code_stop_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(imports, "_kinds", Registry("kind of import"))
    register(ImportKind("only-once", ("一", "one"), (), Store().apply))
    with pytest.raises(ValueError, match="only-once"):
        register(ImportKind("only-once", ("一", "one"), (), Store().apply))
    with pytest.raises(ValueError, match=r"cell\.required"):
        add_sentences({"cell.required": ("别的", "something else")})


def test_a_report_is_json_in_both_languages() -> None:
    told = run(Store(), workbook("坏")).to_json()
    assert told["problems"] == [
        {
            "row": 2,
            "column": "名称",
            "code": "cell.required",
            "zh": "必须填写。",
            "en": "This must be filled in.",
        }
    ]
