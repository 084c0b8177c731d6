from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from anlan.project.prepared import is_prepared, mark_of_migrations, note_prepared


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("ANLAN_DATABASE_URL", raising=False)
    (tmp_path / "catalogue.json").write_text("{}")
    mark(tmp_path, mark_of_migrations())
    note_prepared(tmp_path)
    return tmp_path


def mark(folder: Path, number: int) -> None:
    with contextlib.closing(sqlite3.connect(folder / "anlan.db")) as link:
        link.execute(f"PRAGMA user_version = {number}")


def test_a_folder_that_was_prepared_is_served_at_once(folder: Path) -> None:
    assert is_prepared(folder)


def test_a_new_folder_is_prepared_first(tmp_path: Path) -> None:
    assert not is_prepared(tmp_path)


def test_a_database_of_another_release_is_prepared_first(folder: Path) -> None:
    mark(folder, mark_of_migrations() ^ 1)
    assert not is_prepared(folder)


def test_changed_settings_are_written_into_the_catalogue_first(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANLAN_GATEWAY_TCP_PORT", "6511")
    assert not is_prepared(folder)


def test_who_starts_it_and_how_much_is_logged_changes_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANLAN_PARENT", "17")
    monkeypatch.setenv("ANLAN_LOG", "DEBUG")
    assert is_prepared(folder)


def test_a_database_server_is_asked_at_every_start(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANLAN_DATABASE_URL", "postgresql:///anlan")
    note_prepared(folder)
    assert not is_prepared(folder)
