from __future__ import annotations

import json
from pathlib import Path

import pytest

from anlan.drivers.hj212.tests.make import MN, message
from anlan.project.commands.decode import run


@pytest.fixture
def captured(tmp_path: Path) -> Path:
    """A good line as a logger shows it, without its line end, and one that is cut off."""
    file = tmp_path / "captured.txt"
    good = message().decode("ascii").strip()
    file.write_text(f"{good}\n{good[:40]}\n", encoding="utf-8")
    return file


def test_standard_output_holds_one_json_list_and_nothing_else(
    captured: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--protocol", "hj212", "--json", str(captured)]) == 0
    good, bad = json.loads(capsys.readouterr().out)
    assert (good["id"], good["ok"], good["MN"]) == ("1", True, MN)
    assert (bad["id"], bad["ok"], bad["code"]) == ("2", False, "hj212.truncated")
    assert "spans" not in good


@pytest.mark.parametrize(("language", "words"), [("zh", "化学需氧量"), ("en", "chemical oxygen demand")])
def test_an_explanation_is_read_in_chinese_or_english(
    captured: Path, capsys: pytest.CaptureFixture[str], language: str, words: str
) -> None:
    assert run(["--protocol", "hj212", "--explain", "--lang", language, str(captured)]) == 0
    shown = capsys.readouterr().out
    assert words in shown
    assert "1 decoded, 1 refused" in shown


def test_an_explanation_as_json_has_the_spans_of_every_message(
    captured: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--protocol", "hj212", "--explain", "--json", str(captured)]) == 0
    good, bad = json.loads(capsys.readouterr().out)
    assert bytes.fromhex("".join(span["hex"] for span in good["spans"])) == message()
    assert bad["spans"]
