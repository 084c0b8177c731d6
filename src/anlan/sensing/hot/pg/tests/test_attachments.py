"""Files that came with messages, on PostgreSQL as in day files."""

from __future__ import annotations

from pathlib import Path

import pytest

from anlan.sensing.hot.opening import open_store
from anlan.sensing.hot.pg.tests.conftest import Database
from anlan.sensing.hot.reading import open_reader
from anlan.sensing.hot.types import RawAttachment

DAY = 20_635


def keep(data: Path) -> None:
    store, streams, latest = open_store(data / "hot", "")
    picture = RawAttachment(DAY * 86_400_000, DAY * 86_400, "A1", "image/jpeg", b"\xff\xd8\x00picture")
    timeless = RawAttachment(DAY * 86_400_000 + 1000, None, "A1", "image/png", b"\x89PNG")
    for _ in range(2):
        store.file_in_transaction(DAY).add_attachments([picture, timeless, picture, timeless])
        store.commit()
    for one in (latest, streams, store):
        one.close()


def check(data: Path) -> None:
    keep(data)
    reader = open_reader(data)
    lines = reader.attachments("A1")
    assert [(line.media_type, line.size, line.phenomenon_time is None) for line in lines] == [
        ("image/png", 4, True),
        ("image/jpeg", 10, False),
    ]
    found = reader.attachment(lines[1].id)
    assert found is not None
    assert found == (lines[1], b"\xff\xd8\x00picture")
    assert reader.attachments("A2") == []
    assert len(reader.attachments("A1", 1)) == 1
    for wrong in ("", "pg.", "pg.x", "pg.99999999999999999999999", "..", f"{lines[0].id}9"):
        assert reader.attachment(wrong) is None


def test_day_files_keep_each_file_once_and_hand_it_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANLAN_READINGS", "files")
    check(tmp_path)


@pytest.mark.database
def test_the_database_keeps_each_file_once_and_hands_it_out(database: Database, tmp_path: Path) -> None:
    check(tmp_path)
