"""TAK clients are registered by whoever gives orders there; a key is shown once; a client of a drill stays in its drill."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from anlan.command.models import TakClient
from anlan.command.takclients import of_key
from anlan.testing import County

pytestmark = pytest.mark.django_db


def test_a_key_is_shown_once_and_opens_a_line_until_it_is_revoked(county: County) -> None:
    chen = county.client("Chen")
    given = {"name": "tablet-1", "division": county.division.code, "may_send": "1"}
    page = chen.post("/tak/", given)
    row = TakClient.objects.get()
    key = page.context["key"]
    assert key in page.content.decode()
    assert key not in chen.get("/tak/").content.decode()
    assert of_key("tablet-1", key) == row
    assert (row.may_send, row.added_by_name) == (True, "陈静")
    chen.post(f"/tak/{row.pk}/revoke/")
    assert of_key("tablet-1", key) is None


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"name": "Not A Name"}, 422),
        ({"name": "ok", "fingerprint": "zz"}, 422),
        ({"name": "taken"}, 409),
    ],
)
def test_what_cannot_be_registered_is_refused_with_the_reason(
    county: County, given: dict[str, str], status: int
) -> None:
    chen = county.client("Chen")
    chen.post("/tak/", {"name": "taken", "division": county.division.code})
    answer = chen.post("/tak/", {"division": county.division.code, **given})
    assert answer.status_code == status
    assert TakClient.objects.count() == 1


def test_the_page_says_who_is_connected_and_forgets_a_process_that_is_gone(
    county: County, settings: Any, tmp_path: Path
) -> None:
    settings.ANLAN_DATA = tmp_path
    chen = county.client("Chen")
    seal = "AB:" * 31 + "AB"
    chen.post("/tak/", {"name": "tablet-1", "division": county.division.code, "fingerprint": seal})
    assert TakClient.objects.get().certificate_sha256 == "ab" * 32
    assert "not connected" in chen.get("/tak/").content.decode()
    (tmp_path / "run").mkdir()
    told = tmp_path / "run" / "cot.json"
    told.write_text(json.dumps({"port": 8089, "lines": [{"name": "tablet-1", "since": ""}]}))
    shown = chen.get("/tak/").content.decode()
    assert ">connected<" in shown
    assert "8089" in shown
    os.utime(told, (0, 0))
    assert "the line is off" in chen.get("/tak/").content.decode()
