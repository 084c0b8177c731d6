"""`anlan casefile` writes the archive of an incident by its number, and never over another file."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from anlan.project.cli import main
from anlan.review.models import CaseFile
from anlan.review.tests.richcase import rich
from anlan.testing import County

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_data(settings: Any, tmp_path: Path) -> None:  # Any: pytest-django's
    settings.ANLAN_DATA = tmp_path / "data"


def test_the_archive_of_an_incident_is_written_by_its_number(
    county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row, out = rich(county), tmp_path / "案卷.zip"
    assert main(["casefile", row.number, "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    [kept] = CaseFile.objects.all()
    assert (told["sha256"], told["files"]) == (kept.sha256, kept.files)
    assert out.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(out) as archive:
        assert "check.py" in archive.namelist()


def test_nothing_is_written_over_and_an_unknown_number_is_said(
    county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "a.zip"
    assert main(["casefile", "没有", "--out", str(out)]) == 2
    assert "There is no incident" in capsys.readouterr().err
    out.write_bytes(b"kept")
    assert main(["casefile", rich(county).number, "--out", str(out)]) == 2
    assert out.read_bytes() == b"kept"
    assert not CaseFile.objects.exists()
