"""Importing in the browser: template, dry run, decision."""

from __future__ import annotations

import io
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from anlan.console import uploads
from anlan.console.tests.scenes import workbook
from anlan.directory.models import Person
from anlan.journal.models import Entry
from anlan.testing import County

HEADERS = (
    "区划代码*",
    "单位",
    "岗位*",
    "角色*",
    "姓名*",
    "手机",
    "座机",
    "邮箱",
    "职责标签",
    "技能",
    "登记编号",
)
GOOD = ("999901101202", "", "灾害信息员", "B", "孙芳", "10000000077", "", "", "", "", "")
BAD = ("999901101202", "", "村长", "A", "李四", "10000000078", "", "", "", "", "")
ELSEWHERE = ("999901102201", "", "灾害信息员", "B", "外人", "10000000079", "", "", "", "", "")


@pytest.fixture
def li(county: County, data: Path) -> Client:
    return county.client("Li")


def check(client: Client, *rows: tuple[str, ...]) -> tuple[str, str]:
    """Upload contacts; the address of the decision and the page that shows the dry run."""
    where = reverse("console:import_upload", args=["contacts"])
    answer = client.post(where, {"file": workbook(HEADERS, rows)})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"] + "apply/", client.get(answer["Location"]).content.decode()


def test_the_template_is_a_workbook_with_the_columns_of_its_kind(li: Client) -> None:
    answer = li.get(reverse("console:import_template", args=["contacts"]))
    header = next(load_workbook(io.BytesIO(answer.content)).active.values)  # type: ignore[union-attr]  # the first sheet
    assert header[0] == "区划代码*"


def test_a_dry_run_stores_nothing_and_says_what_would_happen(li: Client) -> None:
    _apply, text = check(li, GOOD)
    assert "Import 1 row" in text
    assert not Person.objects.filter(name="孙芳").exists()


def test_all_rows_are_imported_journaled_and_the_file_is_gone(li: Client, data: Path) -> None:
    apply, _text = check(li, GOOD)
    assert li.post(apply, {"decision": "all"}).status_code == 200
    assert Person.objects.filter(name="孙芳").count() == 1
    payload = json.loads(Entry.objects.get(kind="import.done").payload)
    assert (payload["workbook"], payload["left_out"]) == ("contacts", 0)
    assert list((data / "media" / "uploads").iterdir()) == []


def test_a_bad_row_is_named_by_row_and_column_and_only_good_rows_go_in_when_chosen(li: Client) -> None:
    apply, text = check(li, GOOD, BAD)
    assert "岗位" in text
    assert "村长" in text
    assert "Import only the 1 good row" in text
    li.post(apply, {"decision": "all"})
    assert not Person.objects.filter(name__in=["孙芳", "李四"]).exists()
    li.post(apply, {"decision": "good"})
    assert Person.objects.filter(name="孙芳").exists()
    assert not Person.objects.filter(name="李四").exists()


def test_a_township_cannot_import_into_its_neighbour(li: Client) -> None:
    apply, text = check(li, ELSEWHERE)
    assert "No row of this file can be imported." in text
    li.post(apply, {"decision": "good"})
    assert not Person.objects.filter(name="外人").exists()


def test_a_decision_sent_twice_imports_once(li: Client) -> None:
    apply, _text = check(li, GOOD)
    assert li.post(apply, {"decision": "all"}).status_code == 200
    assert li.post(apply, {"decision": "all"}).status_code == 404
    assert Entry.objects.filter(kind="import.done").count() == 1


def test_somebody_elses_upload_does_not_exist(li: Client, county: County) -> None:
    apply, _text = check(li, GOOD)
    assert county.client("Chen").post(apply, {"decision": "all"}).status_code == 404
    assert not Person.objects.filter(name="孙芳").exists()


def test_an_upload_is_forgotten_after_an_hour(li: Client, data: Path) -> None:
    apply, _text = check(li, GOOD)
    old = time.time() - uploads.KEPT_S - 1
    for path in (data / "media" / "uploads").iterdir():
        os.utime(path, (old, old))
    assert li.post(apply, {"decision": "all"}).status_code == 404
    assert list((data / "media" / "uploads").iterdir()) == []


def test_discarding_deletes_the_file(li: Client, data: Path) -> None:
    apply, _text = check(li, GOOD)
    li.post(apply, {"decision": "drop"})
    assert list((data / "media" / "uploads").iterdir()) == []


def test_what_is_no_workbook_is_said_in_a_sentence(li: Client) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    where = reverse("console:import_upload", args=["contacts"])
    file = SimpleUploadedFile("contacts.xlsx", b"name,phone\n")
    text = li.get(li.post(where, {"file": file})["Location"]).content.decode()
    assert "This is not an .xlsx workbook" in text
    assert li.post(where).status_code == 400


def test_a_kind_that_does_not_exist_and_one_without_the_right_are_refused(li: Client) -> None:
    assert li.get(reverse("console:import_template", args=["spells"])).status_code == 404
    assert li.get(reverse("console:import_template", args=["stations"])).status_code == 403


def test_uploads_are_readable_by_the_program_only(li: Client, data: Path) -> None:
    check(li, GOOD)
    modes: set[Any] = {path.stat().st_mode & 0o777 for path in (data / "media" / "uploads").iterdir()}
    assert modes == {0o600}
