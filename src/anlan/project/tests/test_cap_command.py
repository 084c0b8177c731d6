"""`anlan cap validate|show`: one JSON document on standard output, verdicts in input order."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from anlan.cap.tests.samples import GOOD, document
from anlan.drivers.tests.vectors import vector_file
from anlan.project.cli import main


def test_the_vector_file_is_judged_as_stated_in_its_order(capsys: pytest.CaptureFixture[str]) -> None:
    path = vector_file("cap")
    if not path.is_file():
        pytest.skip("the cap vectors are not beside this checkout")
    assert main(["cap", "validate", "--json", str(path)]) == 0
    results = json.loads(capsys.readouterr().out)
    stated = json.loads(path.read_text(encoding="utf-8"))
    assert [result["id"] for result in results] == [row["id"] for row in stated]
    for result, row in zip(results, stated, strict=True):
        # Large documents are listed without their text: nothing is claimed about them.
        assert result["ok"] is (row["valid"] if row.get("text") else None), result
        assert bool(result["reasons"]) is (result["ok"] is not True)


def test_single_files_are_judged_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good.cap", tmp_path / "bad.xml"
    good.write_text(document(), encoding="utf-8")
    bad.write_text(document()[:-9], encoding="utf-8")
    assert main(["cap", "validate", "--json", str(good), str(bad)]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert (first["id"], first["ok"], first["alerts"]) == ("good.cap", True, [GOOD.identifier])
    assert (second["id"], second["ok"]) == ("bad.xml", False)
    assert second["reasons"][0].startswith("cap.not_well_formed: ")


@pytest.mark.parametrize(("language", "word"), [("zh", "防御指南"), ("en", "what to do")])
def test_a_message_is_shown_in_either_language(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str, word: str
) -> None:
    path = tmp_path / "good.cap"
    path.write_text(document(), encoding="utf-8")
    assert main(["cap", "show", "--lang", language, str(path)]) == 0
    assert f"{word}: 停止户外作业。" in capsys.readouterr().out


def test_a_file_that_is_not_there_or_a_wrong_option_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cap", "validate", str(tmp_path / "none.xml")]) == 2
    assert "none.xml" in capsys.readouterr().err
    path = tmp_path / "good.cap"
    path.write_text(document(), encoding="utf-8")
    assert main(["cap", "validate", "--trust", str(path), str(path)]) == 2
    assert "certificate" in capsys.readouterr().err
    assert main(["cap", "validate", "--at", "now", str(path)]) == 2
