"""From a station that says nothing to the alarm at the desk: gateway, signal, bell, worker's step, reaction. And back."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from anlan.console.context import ringing
from anlan.drivers.sl651.tests import make
from anlan.duty.models import Alarm
from anlan.gateway.service import Gateway
from anlan.journal.deadlines import run_reactions
from anlan.kernel.bell import Bell
from anlan.kernel.clock import ManualClock
from anlan.project.runtime import worker_bell
from anlan.sensing import services
from anlan.sensing.catalogue import write_catalogue
from anlan.sensing.hot.reader import HotReader
from anlan.sensing.models import StationState
from anlan.testing import County
from anlan.vocab.kinds import StationKind


@contextmanager
def on_duty(data: Path, clock: ManualClock) -> Iterator[Gateway]:
    """A gateway in a thread of its own, which counts silence on `clock`."""
    gateway, started, loop = Gateway(data), threading.Event(), asyncio.new_event_loop()
    stopping = asyncio.Event()

    async def serve() -> None:
        await gateway.start()
        gateway.writer.clock = clock
        started.set()
        await stopping.wait()
        await gateway.stop()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert started.wait(20)
    try:
        yield gateway
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join(20)
        loop.close()


@pytest.fixture
def data(tmp_path: Path, settings: Any) -> Path:
    settings.ANLAN_DATA = tmp_path
    return tmp_path


def work(data: Path, at: ManualClock) -> None:
    """What the worker does when the bell rings."""
    services.take_signals(HotReader(data / "hot"), at=at.now())
    run_reactions(owner="worker-1")


def test_a_silent_station_rings_at_the_desk_until_it_is_heard_again(county: County, data: Path) -> None:
    upper = county.divisions["Upper Willow"]
    station = services.register_station(
        code=make.STATION, name="上柳雨量站", kind=StationKind.RAIN, division=upper, lon=102.92, lat=27.41,
        silent_after_s=1800, by=county.by, at=county.now,
    )  # fmt: skip
    write_catalogue(data / "catalogue.json")
    described = json.loads((data / "catalogue.json").read_text())
    described["ports"] = {"tcp": 0, "http": 0}
    (data / "catalogue.json").write_text(json.dumps(described))
    bell = Bell(worker_bell(data))
    with on_duty(data, ManualClock(county.now)) as gateway:
        clock = gateway.writer.clock
        assert isinstance(clock, ManualClock)
        gateway.writer._silence.watch({make.STATION: 1800}, now=clock.now())
        assert not bell.wait(0.3)
        clock.advance(minutes=31)
        county.clock.advance(minutes=31)
        assert bell.wait(20)
        work(data, county.clock)
        station.refresh_from_db()
        assert station.state == StationState.SILENT
        alarm = Alarm.objects.get(kind="station_silent")
        assert alarm.subject == f"station:{station.pk}"
        assert "上柳雨量站" in alarm.text_zh
        assert [shown["id"] for shown in ringing(county.actor("Chen"))] == [alarm.pk]
        assert ringing(county.actor("Liu")) == []

        county.clock.advance(minutes=1)
        clock.advance(minutes=1)
        with socket.create_connection(("127.0.0.1", gateway.ports["tcp"]), timeout=20) as link:
            link.sendall(make.report("2219000025", observed="2607010830", sent="260701083200"))
            assert link.recv(4096)
        assert bell.wait(20)
        work(data, county.clock)
    bell.close()
    alarm.refresh_from_db()
    station.refresh_from_db()
    assert (alarm.state, station.state) == ("cleared", StationState.REPORTING)
    assert ringing(county.actor("Chen")) == []
