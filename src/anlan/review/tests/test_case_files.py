"""A case file is whole, readable without the program, and shows any change to it."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from anlan.attachments.models import Attachment
from anlan.incidents.models import Incident
from anlan.kernel.refusals import NotFound
from anlan.papers.models import Paper
from anlan.review.casefile import building
from anlan.review.casefile.access import access_case_file, check_sees_whole
from anlan.review.casefile.building import build, folder, stored
from anlan.review.casefile.parts import CHUNK, Part
from anlan.review.casefile.state import read_state
from anlan.review.caserefusals import NoRoomForCaseFile, NotTheWholeFile
from anlan.review.models import CaseFile
from anlan.review.tests.richcase import made, rich, unpacked
from anlan.testing import County

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def own_data(settings: Any, tmp_path: Path) -> None:  # Any: pytest-django's
    settings.ANLAN_DATA = tmp_path / "data"


@pytest.fixture
def opened(county: County, tmp_path: Path) -> Path:
    """The archive of a rich incident, unpacked."""
    row = made(county, rich(county))
    return unpacked(stored(row.sha256), tmp_path / "opened")


def checked(where: Path) -> tuple[int, str]:
    """What the program inside the archive says, run by a bare Python."""
    answer = subprocess.run(
        [sys.executable, "-I", "check.py"], cwd=where, capture_output=True, text=True, check=False
    )
    return answer.returncode, answer.stdout.strip().splitlines()[-1]


def pages(where: Path) -> list[Path]:
    return sorted(where.rglob("*.html"))


def test_the_row_says_what_the_archive_is(county: County) -> None:
    row = made(county, rich(county))
    body = stored(row.sha256).read_bytes()
    assert hashlib.sha256(body).hexdigest() == row.sha256
    assert (len(body), row.made_by_name) == (row.bytes, "王建国")
    assert row.files > 40
    assert row.head_seq > 0
    assert len(row.head_hash) == 64


def test_its_manifest_names_every_file_with_size_and_digest(opened: Path) -> None:
    manifest = json.loads((opened / "manifest.json").read_text())
    for one in manifest["files"]:
        body = (opened / one["path"]).read_bytes()
        assert (hashlib.sha256(body).hexdigest(), len(body)) == (one["sha256"], one["bytes"])
        assert one["what"]
    names = {one["path"] for one in manifest["files"]}
    there = {path.relative_to(opened).as_posix() for path in opened.rglob("*") if path.is_file()}
    assert there == names | {"manifest.json", "SHA256SUMS"}
    assert manifest["missing"] == []


def test_the_usual_tool_checks_its_sums(opened: Path) -> None:
    answer = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=opened, check=False)
    assert answer.returncode == 0


def test_every_link_of_its_pages_leads_into_the_archive(opened: Path) -> None:
    found = 0
    for page in pages(opened):
        for target in re.findall(r'(?:href|src)="([^"]*)"', page.read_text()):
            assert not urlsplit(target).scheme
            assert not urlsplit(target).netloc
            assert (page.parent / target).resolve().is_file(), (page.name, target)
            found += 1
    assert found > 100


def test_it_runs_nothing_and_asks_nobody(opened: Path) -> None:
    for page in [*pages(opened), *opened.rglob("*.svg")]:
        text = page.read_text().replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert "<script" not in text
        assert not re.search(r"\son\w+=", text)
        assert "http" not in text, page
        assert "<三户>" not in text


def test_a_link_that_opens_an_order_without_a_log_in_is_not_handed_on(opened: Path) -> None:
    delivery = (opened / "tables/delivery.csv").read_text()
    assert "点开链接办理" in delivery
    assert "（办理链接，案卷中不列）" in delivery
    journal = (opened / "journal/entries.jsonl").read_text()
    assert "/o/" not in journal
    assert '"payload":""' in journal, "the chain holds without the words"


def test_it_holds_what_an_auditor_asks_for(opened: Path) -> None:
    names = {path.relative_to(opened).as_posix() for path in opened.rglob("*") if path.is_file()}
    for wanted in (
        "index.html", "README.txt", "check.py", "map/map.svg", "map/marks.geojson", "journal/entries.jsonl", "boards/boards.json",
        "roster/at_receipt.csv", "roster/shifts.csv", "rules/_rules.csv", "tables/delivery.csv", "tables/callout_seat.csv",
        "tables/_signed.csv", "tables/_timeline.csv", "tables/figure.csv", "tables/instruction.csv",
    ):  # fmt: skip
        assert wanted in names
    assert any(name.startswith("papers/") and name.endswith(".docx") for name in names)
    assert any(name.startswith("files/") and name.endswith(".jpg") for name in names)
    assert any(name.startswith("files/") and name.endswith(".amr") for name in names)
    index = (opened / "index.html").read_text()
    assert "柳河山洪" in index
    assert "个人信息" in index
    assert "南堤.jpg" in index
    assert "陈静" in (opened / "roster/shifts.csv").read_text()
    signed = (opened / "tables/_signed.csv").read_text()
    assert re.search(r"签发,预警,.*王建国", signed)
    assert "上柳小学" in (opened / "map/map.svg").read_text()
    rules = (opened / "rules/_rules.csv").read_text()
    assert "未确认" in rules


def test_its_tables_open_in_a_spreadsheet_and_run_nothing_there(opened: Path) -> None:
    body = (opened / "tables/instruction.csv").read_bytes()
    assert body.startswith(b"\xef\xbb\xbf")
    assert "'=立即转移" in body.decode("utf-8-sig")


def test_its_own_program_says_that_it_is_whole(opened: Path) -> None:
    assert checked(opened) == (0, "OK")


@pytest.mark.parametrize("name", ["index.html", "map/map.svg", "manifest.json", "journal/heads.json"])
def test_one_changed_byte_of_a_file_is_found(opened: Path, name: str) -> None:
    path = opened / name
    body = bytearray(path.read_bytes())
    body[-2] ^= 1
    path.write_bytes(body)
    assert checked(opened) == (1, "NOT OK")


def resealed(where: Path, name: str) -> None:
    """What a forger would do: put the new digest of a changed file into the manifest and the sums."""
    body = (where / name).read_bytes()
    manifest = json.loads((where / "manifest.json").read_text())
    for one in manifest["files"]:
        if one["path"] == name:
            one.update(sha256=hashlib.sha256(body).hexdigest(), bytes=len(body))
    (where / "manifest.json").write_text(json.dumps(manifest))
    files = sorted(path for path in where.rglob("*") if path.is_file() and path.name != "SHA256SUMS")
    sums = "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(where).as_posix()}\n"
        for path in files
    )
    (where / "SHA256SUMS").write_text(sums)


def test_a_forged_line_of_the_journal_is_found_although_every_sum_was_made_anew(opened: Path) -> None:
    path = opened / "journal/entries.jsonl"
    path.write_text(path.read_text().replace("柳河山洪", "柳河小水", 1))
    resealed(opened, "journal/entries.jsonl")
    assert checked(opened) == (1, "NOT OK")


@pytest.mark.parametrize("word", ["actor", "at", "kind"])
def test_a_forged_actor_or_time_is_found_as_well(opened: Path, word: str) -> None:
    path = opened / "journal/entries.jsonl"
    first, *others = path.read_text().splitlines()
    entry = json.loads(first)
    entry[word] = "user:999"
    path.write_text("\n".join([json.dumps(entry), *others]) + "\n")
    resealed(opened, "journal/entries.jsonl")
    assert checked(opened) == (1, "NOT OK")


def test_a_line_taken_out_of_the_journal_is_found(opened: Path) -> None:
    path = opened / "journal/entries.jsonl"
    path.write_text("\n".join(path.read_text().splitlines()[1:]) + "\n")
    resealed(opened, "journal/entries.jsonl")
    assert checked(opened) == (1, "NOT OK")


def test_a_digest_taken_out_of_the_chain_is_found(opened: Path) -> None:
    path = opened / "journal/chain-1.txt"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:3], *lines[4:]]) + "\n")
    resealed(opened, "journal/chain-1.txt")
    assert checked(opened) == (1, "NOT OK")


def test_the_same_state_of_the_journal_gives_the_same_bytes(county: County) -> None:
    row = rich(county)
    made(county, row)  # papers have their files now
    state = read_state(row)
    first = build(state)
    body = first.path.read_bytes()
    county.clock.advance(hours=3)
    again = build(read_state(Incident.objects.get(pk=row.pk)))
    assert again.sha256 == first.sha256
    assert again.path.read_bytes() == body
    assert len(list(folder().rglob("*.zip"))) == 2  # the one that was made first, and this


def test_a_full_disk_refuses_and_leaves_no_half_file(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    row = rich(county)
    asked = []

    def full(_archive: Any, part: Part) -> Any:
        asked.append(part.path)
        if len(asked) > 5:
            raise OSError(28, "No space left on device")
        return real(_archive, part)

    real = building._put
    monkeypatch.setattr(building, "_put", full)
    with pytest.raises(NoRoomForCaseFile):
        made(county, row)
    assert [path for path in folder().rglob("*") if path.is_file()] == []
    assert not CaseFile.objects.exists()


def test_a_large_film_is_copied_in_pieces(
    county: County, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = rich(county)
    large = Attachment.objects.filter(name="南堤.jpg").get()
    path = Path(settings.ANLAN_DATA) / "attachments" / large.sha256[:2] / large.sha256
    path.write_bytes(b"\xff\xd8\xff" + b"\0" * (5 * CHUNK))
    sizes: list[int] = []
    real = building._pieces

    def seen(chunks: Any) -> Any:
        for piece in real(chunks):
            sizes.append(len(piece))
            yield piece

    monkeypatch.setattr(building, "_pieces", seen)
    build(read_state(row))
    assert max(sizes) <= CHUNK
    assert sizes.count(CHUNK) >= 5


def test_a_file_that_is_gone_is_named_and_the_rest_is_made(
    county: County, settings: Any, tmp_path: Path
) -> None:
    row = rich(county)
    lost = Attachment.objects.get(name="来电.amr")
    (Path(settings.ANLAN_DATA) / "attachments" / lost.sha256[:2] / lost.sha256).unlink()
    where = unpacked(stored(made(county, row).sha256), tmp_path / "opened")
    assert "来电.amr" in (where / "index.html").read_text().split("未能放入案卷的")[1][:200]
    assert checked(where) == (0, "OK")


def test_word_files_that_nobody_asked_for_yet_are_made_for_it(county: County) -> None:
    row = rich(county)
    assert Paper.objects.get().docx_sha256 == ""
    made(county, row)
    assert Paper.objects.get().docx_sha256 != ""


def test_who_may_not_see_every_part_cannot_make_or_take_it(county: County) -> None:
    row = rich(county)
    file = made(county, row)
    check_sees_whole(county.actor("Zheng"), row)
    for name in ("Chen", "Li", "Liu"):  # no right to review, or another place
        with pytest.raises(NotTheWholeFile):
            check_sees_whole(county.actor(name), row)
    with pytest.raises(NotFound):
        access_case_file(county.actor("Liu"), row.pk, file.pk)
    assert access_case_file(county.actor("Wang"), row.pk, file.pk) == file


def test_a_restricted_part_closes_the_whole_file(county: County) -> None:
    row = rich(county)
    feng = county.actor("Feng")
    check_sees_whole(feng, row)
    Incident.objects.filter(pk=row.pk).update(is_restricted=True)
    row.refresh_from_db()
    without = type(feng)(feng.ref, feng.name, feng.person_id, frozenset(one for one in feng.grants if one[0] != "see_restricted"))  # fmt: skip
    with pytest.raises(NotTheWholeFile):
        check_sees_whole(without, row)
    check_sees_whole(feng, row)


def test_a_drill_says_on_the_first_page_that_it_is_one(county: County, tmp_path: Path) -> None:
    from anlan.journal.models import ExerciseRun

    row = rich(county)
    run = ExerciseRun.objects.create(scenario="test", clock_start=county.now, wall_start=county.now)
    Incident.objects.filter(pk=row.pk).update(exercise_id=run.pk)
    where = unpacked(build(read_state(Incident.objects.get(pk=row.pk))).path, tmp_path / "opened")
    assert "演练资料" in (where / "index.html").read_text()


def test_what_is_written_while_it_is_made_belongs_to_the_next_one(county: County) -> None:
    row = rich(county)
    state = read_state(row)
    Incident.objects.get(pk=row.pk)
    county.clock.advance(seconds=timedelta(minutes=1).total_seconds())
    made(county, row)
    assert [line.seq for line in state.lines if line.seq > state.head.seq] == []
    assert len(list(state.entries())) == len(state.lines)
