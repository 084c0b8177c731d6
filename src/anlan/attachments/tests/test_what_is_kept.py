"""Files that people send: kept by content, under their digest, never more than is allowed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from anlan.attachments import services
from anlan.attachments.models import Attachment
from anlan.attachments.refusals import EmptyFile, TooLarge, UnknownContent
from anlan.journal.models import Entry
from anlan.journal.verify import verify
from anlan.testing import County


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Any) -> None:
    settings.ANLAN_DATA = tmp_path


def keep(county: County, *chunks: bytes, **more: Any) -> Attachment:
    where = county.divisions["Upper Willow"]
    return services.keep(chunks, subject="seat:1", division=where, by=county.by, at=county.now, **more)


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"\xff\xd8\xff\xe1 exif", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n rest", "image/png"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x18ftypheic rest", "image/heic"),
        (b"#!AMR\n rest", "audio/amr"),
        (b"ID3\x04 rest", "audio/mpeg"),
        (b"\xff\xfb\x90 rest", "audio/mpeg"),
        (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
        (b"\0\0\0\x20ftypM4A rest", "audio/mp4"),
        (b"%PDF-1.7 rest", "application/pdf"),
    ],
)
def test_the_type_is_what_the_content_is_whatever_the_name_says(
    county: County, body: bytes, media_type: str
) -> None:
    row = keep(county, body, name="照片.exe")
    assert (row.media_type, row.bytes, services.content(row)) == (media_type, len(body), body)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"<svg onload=x>",
        b"MZ\x90",
        b"GIF89a",
        b"#!/bin/sh",
        b"\xff\xd8",
        b"PK\x03\x04",
        b"RIFF\0\0\0\0AVI ",
    ],
)
def test_what_is_no_picture_recording_or_document_is_refused_and_leaves_nothing(
    county: County, body: bytes, tmp_path: Path
) -> None:
    with pytest.raises(UnknownContent):
        keep(county, body)
    assert not Attachment.objects.exists()
    assert not (tmp_path / "attachments").exists()


def test_too_many_bytes_are_refused_before_the_rest_is_read(county: County) -> None:
    read = []

    def endless() -> Any:
        while True:
            read.append(1)
            yield b"\xff\xd8\xff" + b"\0" * 1024 * 1024

    with pytest.raises(TooLarge):
        services.keep(endless(), subject="seat:1", division=None, by=county.by, at=county.now)
    assert len(read) <= services.MOST_BYTES // (1024 * 1024) + 1
    assert not Attachment.objects.exists()


def test_an_empty_file_is_refused(county: County) -> None:
    with pytest.raises(EmptyFile):
        keep(county)


def test_the_same_picture_twice_lies_once_on_the_disk_and_is_two_rows(county: County, tmp_path: Path) -> None:
    first, second = keep(county, b"\xff\xd8\xff a"), keep(county, b"\xff\xd8\xff ", b"a")
    assert first.sha256 == second.sha256
    assert first.pk != second.pk
    assert [path.name for path in (tmp_path / "attachments").rglob("*") if path.is_file()] == [first.sha256]


def test_the_journal_says_who_sent_what_and_holds_no_picture(county: County) -> None:
    row = keep(county, b"\xff\xd8\xff a", sender="赵春兰")
    entry = Entry.objects.get(kind="attachment.kept")
    assert row.sha256 in entry.payload
    assert "赵春兰" in entry.payload
    assert verify().problems == []


def test_a_name_cannot_lead_out_of_the_folder(county: County, tmp_path: Path) -> None:
    keep(county, b"\xff\xd8\xff a", name="../../etc/passwd")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert all((tmp_path / "attachments") in path.parents for path in files)


def test_files_of_one_subject_are_listed_in_the_order_in_which_they_came(county: County) -> None:
    first = keep(county, b"\xff\xd8\xff a")
    county.clock.advance(minutes=1)
    second = keep(county, b"\xff\xd8\xff b")
    assert services.attachments_of("seat:1") == [first, second]
    assert services.attachments_of("seat:2") == []
