"""What keeps readings from being stored stands on every page, and what the gateway refused can be looked up."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from anlan.console import gatewaywords
from anlan.sensing.hot.refused import RefusedFrame, RefusedTable
from anlan.testing import County


def state(county: County, data: Path, **more: Any) -> None:
    at = (county.now - timedelta(seconds=2)).isoformat()
    (data / "run").mkdir(exist_ok=True)
    (data / "run" / "gateway.json").write_text(json.dumps({"at": at, "started_at": at, **more}))


@pytest.mark.parametrize("page", ["/", "/stations/", "/callouts/", "/banner/"])
def test_a_full_disk_of_the_gateway_is_said_on_every_page(county: County, data: Path, page: str) -> None:
    state(county, data, store_problem="disk full")
    assert "Readings cannot be stored." in county.client("Chen").get(page).content.decode()
    state(county, data, store_problem="")
    assert "Readings cannot be stored." not in county.client("Chen").get(page).content.decode()


def test_a_gateway_that_does_not_report_is_said(county: County, data: Path) -> None:
    state(county, data)
    county.clock.advance(minutes=1)
    assert "The gateway does not report." in county.client("Chen").get("/").content.decode()


def test_a_disk_that_fills_up_is_said_before_it_is_full(
    county: County, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gatewaywords, "LOW_DISK", 2**70)
    assert "MB are free on the disk" in county.client("Li").get("/banner/").content.decode()


def test_a_stranger_is_told_nothing_of_it(county: County, data: Path) -> None:
    state(county, data, store_problem="disk full")
    assert "Readings" not in county.client("Guo").get("/banner/").content.decode()


def test_the_county_sees_what_was_refused_and_from_where(county: County, data: Path) -> None:
    (data / "hot").mkdir()
    table = RefusedTable(data / "hot" / "refused.db")
    received = int(county.now.timestamp() * 1000)
    table.add(RefusedFrame(received, "10.0.0.9:4021", "frame.crc", "<b>wrong</b>", b"\x7e\x7e"))
    table.close()
    state(county, data, refused_by_code={"frame.crc": 3}, connections_cut_no_frame=1)
    page = county.client("Chen").get("/stations/").content.decode()
    assert "10.0.0.9:4021" in page
    assert "7e7e" in page
    assert "&lt;b&gt;wrong" in page
    assert "connections cut: sent no frame" in page
    assert "10.0.0.9" not in county.client("Li").get("/stations/").content.decode()
