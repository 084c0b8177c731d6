"""Letters, the drop folder, workbooks and what words say by themselves."""

from __future__ import annotations

import email.policy
import io
import os
import zipfile
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.console.tests.scenes import workbook
from anlan.documents.imports import import_kind, run_import
from anlan.intake import drop, mail, services
from anlan.intake.files import files_of
from anlan.intake.guessing import guess_type, read_figures
from anlan.intake.landmarks import resolve
from anlan.intake.models import Intake, Landmark
from anlan.intake.similarity import alike, bigrams, of_paths, score
from anlan.testing import County


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Any) -> None:
    settings.ANLAN_DATA = tmp_path


def letter(text: str = "上柳村发生山洪，2人失踪。", *, sender: str = "duty@water.example") -> EmailMessage:
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"] = f"县水务局 <{sender}>"
    message["Subject"] = "汛情"
    message["Message-ID"] = "<1@water.example>"
    message.set_content(text)
    return message


def macros() -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as parts:
        for name in ("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"):
            parts.writestr(name, "x")
    return body.getvalue()


def list_mail(county: County) -> None:
    services.list_sender(
        name="县水务局", kind="mail", value="Duty@water.example", source="department", division=county.division,
        by=county.actor("He"), at=county.now,
    )  # fmt: skip


def test_a_letter_is_one_message_of_its_listed_sender_however_often_it_comes(county: County) -> None:
    list_mail(county)
    for _time in range(2):
        mail.take_mail(letter().as_bytes())
    row = Intake.objects.get()
    assert (row.source, row.sender_name, row.event_type) == ("department", "县水务局", "flash_flood")
    assert row.text == "汛情\n上柳村发生山洪，2人失踪。"
    assert row.figures == {"missing": "2"}


def test_a_letter_of_an_unlisted_address_is_taken_and_marked(county: County) -> None:
    mail.take_mail(letter(sender="who@nowhere.example").as_bytes())
    row = Intake.objects.get()
    assert (row.source, row.sender_name) == ("other", "县水务局（未登记邮箱）")


def test_a_document_with_macros_is_refused_in_one_sentence_and_the_letter_is_kept(county: County) -> None:
    message = letter()
    message.add_attachment(macros(), maintype="application", subtype="octet-stream", filename="情况.docx")
    message.add_attachment(b"\xff\xd8\xff photo", maintype="image", subtype="jpeg", filename="现场.jpg")
    mail.take_mail(message.as_bytes())
    row = Intake.objects.get()
    assert [one.name for one in files_of(row)] == ["现场.jpg"]
    [step] = row.steps.all()
    assert step.kind == "refused"
    assert step.words.startswith("附件“情况.docx”未收：")


def test_of_a_letter_that_is_too_large_the_words_are_kept_and_the_rest_is_not_read(
    county: County, tmp_path: Path
) -> None:
    """300 MB of attachment in the drop folder: a sparse file, read no further than its beginning."""
    message = letter()
    message.add_attachment(b"\0" * 1000, maintype="video", subtype="mp4", filename="v.mp4")
    folder = tmp_path / "drop" / "intake"
    folder.mkdir(parents=True)
    path = folder / "large.eml"
    path.write_bytes(message.as_bytes())
    os.truncate(path, 300 * 1024 * 1024)
    os.utime(path, (1, 1))
    assert drop.take_files().taken == 1
    row = Intake.objects.get()
    assert "上柳村发生山洪" in row.text
    assert files_of(row) == []
    assert "30 MB" in row.steps.get().words
    assert not path.exists()


def test_a_note_in_the_folder_is_taken_once_and_a_foreign_file_stays(county: County, tmp_path: Path) -> None:
    folder = tmp_path / "drop" / "intake"
    folder.mkdir(parents=True)
    for name, body in (
        ("a.txt", "石桥路口翻车，3人受伤".encode("gb18030")),
        ("b.exe", b"MZ"),
        ("c.txt", b""),
    ):
        (folder / name).write_bytes(body)
        os.utime(folder / name, (1, 1))
    found = drop.take_files()
    assert (found.taken, found.failed) == (1, 1)
    row = Intake.objects.get()
    assert (row.event_type, row.figures) == ("road_traffic", {"injured": "3"})
    assert (folder / "b.exe").exists()
    assert (folder / "failed" / "c.txt.why").exists()


HEADERS = ["来源", "编号", "接报时间", "内容", "区划代码", "类型"]


def test_a_workbook_is_tried_first_and_then_each_row_is_taken_once(county: County) -> None:
    kind, by = import_kind("intakes"), county.actor("Chen")
    rows: list[list[object]] = [
        ["110 报警", "1", "2026-07-01 07:30", "进水", "999901101201", "山洪"],
        ["119 消防", "2", "2026-07-01 07:31", "着火", None, None],
    ]
    fields: dict[str, Any] = {"by": by, "at": county.now}
    tried = run_import(kind, workbook(HEADERS, rows), dry_run=True, **fields)
    assert (tried.created, tried.problems, Intake.objects.count()) == (2, [], 0)
    done = run_import(kind, workbook(HEADERS, rows), **fields)
    again = run_import(kind, workbook(HEADERS, rows), **fields)
    assert (done.created, again.created, again.unchanged, Intake.objects.count()) == (2, 0, 2, 2)


def test_a_row_of_the_future_or_of_an_unknown_place_is_reported_and_nothing_is_stored(county: County) -> None:
    rows = [
        ["110 报警", "1", "2026-07-01 09:30", "进水", None, None],
        ["110 报警", "2", "2026-07-01 07:30", "进水", "530521100201", None],
        ["110 报警", "3", "昨天", "进水", None, None],
        ["报社", "4", "2026-07-01 07:30", "进水", None, None],
    ]
    report = run_import(
        import_kind("intakes"), workbook(HEADERS, rows), by=county.actor("Chen"), at=county.now
    )
    assert len({problem.row for problem in report.problems}) == 4
    assert Intake.objects.count() == 0


def test_landmarks_are_imported_and_found_in_what_a_caller_says(county: County) -> None:
    rows = [["三岔河大桥", "999901101202", "102.91", "27.41"]]
    report = run_import(
        import_kind("landmarks"),
        workbook(["名称", "区划代码", "经度", "纬度"], rows),
        by=county.actor("Li"),
        at=county.now,
    )
    assert (report.created, Landmark.objects.get().lon) == (1, 102.91)
    [found] = resolve(county.actor("Chen"), "就在三岔河大桥桥头")
    assert (found.kind, found.division.name) == ("landmark", "下柳村")


@pytest.mark.parametrize(
    ("words", "places"),
    [
        ("上柳村", ["上柳村"]),
        ("上柳", ["上柳村"]),
        ("我在下柳桥边", ["下柳村"]),
        ("上柳村（柳河镇）", ["上柳村"]),
        ("邻县", []),
        ("", []),
    ],
)
def test_a_place_is_understood_as_people_say_it(county: County, words: str, places: list[str]) -> None:
    assert [one.name for one in resolve(county.actor("Chen"), words)] == places


def test_nobody_finds_places_of_a_neighbour(county: County) -> None:
    assert resolve(county.actor("Liu"), "上柳村") == []


@pytest.mark.parametrize(
    ("text", "kind", "figures"),
    [
        ("上柳村山洪，2人失踪", "flash_flood", {"missing": "2"}),
        ("死亡1人，受伤3人", "", {"deaths": "1", "injured": "3"}),
        ("三名工人被困", "", {"trapped": "3"}),
        ("翻车，重伤两人，轻伤5人", "road_traffic", {"serious_injuries": "2", "injured": "5"}),
        ("转移群众十二人", "", {}),
        ("2026年7月1日山体滑坡", "landslide", {}),
        ("已转移40人", "", {"evacuated": "40"}),
        ("", "", {}),
    ],
)
def test_words_say_their_type_and_their_figures(text: str, kind: str, figures: dict[str, str]) -> None:
    assert guess_type(text) == kind
    assert read_figures(text) == figures


@given(st.text(max_size=60), st.text(max_size=60))
def test_likeness_is_the_same_from_both_sides_and_between_nothing_and_all(first: str, second: str) -> None:
    a, b = bigrams(first), bigrams(second)
    assert alike(a, b) == alike(b, a)
    assert 0.0 <= alike(a, b) <= 1.0
    assert not a or alike(a, a) == 1.0


def test_a_village_and_its_hamlet_are_one_place_and_two_villages_of_a_township_are_near() -> None:
    assert of_paths("c/t/v", "c/t/v/h") == 1.0
    assert of_paths("c/t/v", "c/t/w") == 0.6
    assert of_paths("c/t", "c/u") == 0.0
    assert score(place=None, time=1.0, words=1.0) == 1.0
