"""`anlan account` and `anlan source` beside `add`: listed, given something new, closed; what cannot be done is a sentence and 2."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from anlan.accounts.models import User
from anlan.project.cli import main
from anlan.sensing.models import IngestSource
from anlan.testing import PASSWORD, County


@pytest.fixture(autouse=True)
def _data(tmp_path: Path, settings: Any) -> None:
    settings.ANLAN_DATA = tmp_path


def test_accounts_are_listed_by_words(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["account", "list"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == User.objects.count()
    assert main(["account", "list", "上柳村", "赵"]) == 0
    [line] = capsys.readouterr().out.splitlines()
    assert line.split()[:2] == ["zhao", "赵春兰"]
    assert "hazard information officer at 上柳村" in line
    assert main(["account", "list", "nobody-at-all"]) == 0
    assert "no such account" in capsys.readouterr().out


def test_an_account_is_reset_closed_and_opened_again(
    county: County, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["account", "reset", "chen"]) == 0
    told = capsys.readouterr().out.split()[-1]
    chen = User.objects.get(username="chen")
    assert (chen.check_password(told), chen.must_change_password) == (True, True)
    assert main(["account", "close", "chen"]) == 0
    chen.refresh_from_db()
    assert not chen.is_active
    assert main(["account", "close", "chen"]) == 0, "closing twice is harmless"
    assert main(["account", "reopen", "chen"]) == 0
    again = capsys.readouterr().out.split()[-1]
    chen.refresh_from_db()
    assert (chen.is_active, chen.check_password(again), chen.check_password(told)) == (True, True, False)


def test_an_account_is_added_as_before(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--name", "孙芳", "--division", "999901101202", "--post", "village_secretary"]
    assert main(["account", "add", "sun", *given]) == 0
    assert "sun may sign in with the password " in capsys.readouterr().out
    assert main(["account", "add", "sun2", *given, "--password", PASSWORD]) == 2
    assert User.objects.get(username="sun").person.name == "孙芳"  # type: ignore[union-attr]  # made with a person


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["account", "reset", "nobody"], "There is no account “nobody”."),
        (["account", "close", "nobody"], "There is no account “nobody”."),
        (["account", "reopen", "chen"], "The account “chen” is open already."),
        (["source", "renew", "nobody"], "There is no source called nobody."),
        (["source", "revoke", "nobody"], "There is no source called nobody."),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    county: County, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert (said.out, sentence in said.err) == ("", True)


def test_a_source_is_listed_renewed_and_revoked(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["source", "list"]) == 0
    assert "Nobody posts readings" in capsys.readouterr().out
    assert main(["source", "add", "water-bureau"]) == 0
    first = capsys.readouterr().out.strip()
    assert main(["source", "renew", "water-bureau"]) == 0
    second = capsys.readouterr().out.strip()
    assert (len(first), len(second), first != second) == (43, 43, True)
    assert main(["source", "revoke", "water-bureau"]) == 0
    assert not IngestSource.objects.get().is_active
    capsys.readouterr()
    assert main(["source", "list"]) == 0
    assert capsys.readouterr().out.split() == ["water-bureau", "*", "revoked"]
