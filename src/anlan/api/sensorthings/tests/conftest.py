"""A county with a rain station and a river gauge whose readings lie in a settled day, two hot days and a gap."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from anlan.sensing.hot.pg.tests.conftest import database as database  # a fixture
from anlan.sensing.hot.types import StoreUnavailable

if TYPE_CHECKING:
    from django.test import Client

    from anlan.sensing.history.tests.world import House
    from anlan.sensing.tests.world import World

ROOT = "/api/sta/v1.1"
RAIN, RIVER = "00999A0001", "0099020001"
RAIN_ID, STAGE_ID = f"{RAIN}:rain_5min", f"{RIVER}:stage"


@dataclass
class Sta:
    """Somebody who asks with a read token."""

    browser: Client
    token: str
    house: House
    world: World

    def ask(self, path: str = "", *, status: int = 200, token: str | None = None, **options: str) -> Any:
        """The JSON behind a path or a whole link; options by their name without the dollar sign."""
        if path.startswith("http"):
            address = path.removeprefix("http://testserver")
        else:
            query = "&".join(f"${name}={quote(value)}" for name, value in options.items())
            address = f"{ROOT}{path}" + (f"?{query}" if query else "")
        headers = {"Authorization": f"Bearer {self.token if token is None else token}"}
        answer = self.browser.get(address, headers=headers)
        assert answer.status_code == status, (answer.status_code, answer.content[:500])
        return json.loads(answer.content) if answer.content else None

    def walk(self, path: str, **options: str) -> list[Any]:
        """All pages of a collection."""
        found: list[Any] = []
        page = self.ask(path, status=200, token=None, **options)
        while True:
            found += page["value"]
            if "@iot.nextLink" not in page:
                return found
            page = self.ask(page["@iot.nextLink"])


@pytest.fixture
def sta(
    transactional_db: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Sta]:
    from django.test import Client

    from anlan.api.sensorthings import world as module
    from anlan.journal.clocks import set_wall_clock
    from anlan.kernel.clock import ManualClock
    from anlan.sensing.history.tests.world import House, every
    from anlan.sensing.hot.streams import StreamKey
    from anlan.sensing.services.readtokens import create_read_token
    from anlan.sensing.tests.world import BY, T0, build_world

    settings.ANLAN_DATA = tmp_path
    former = set_wall_clock(ManualClock(datetime(2026, 6, 10, tzinfo=UTC)))
    built = build_world()
    house = House(tmp_path)
    rain, stage = StreamKey(RAIN, "rain_5min"), StreamKey(RIVER, "stage")
    house.tell(*every(5, range(288), rain), *every(60, [9_500], stage, start=60))
    house.tell((stage, 120, None), (stage, 180, 9_700))
    house.settle()
    # After a gap of days; 1,200 mm in five minutes is out of range.
    house.tell(*every(5, range(10), rain, start=4 * 1440 + 5), (rain, 4 * 1440 + 600, 12_000))
    house.tell(*every(60, [9_900, 10_100], stage, start=4 * 1440 + 60))
    house.tell(*every(5, [1, 2, 3], rain, start=5 * 1440 + 5))
    late = (rain, 12, 5), datetime(2026, 6, 6, tzinfo=UTC)
    try:
        house.tell(late[0], now=late[1])  # for the settled day
    except StoreUnavailable:  # on PostgreSQL the station sends it again
        house.tell(late[0], now=late[1])
    house.engine.close()
    monkeypatch.setattr(module, "History", lambda _data: house.history)
    _row, token = create_read_token("qgis", division=built.county, by=BY, at=T0)
    yield Sta(Client(), token, house, built)
    set_wall_clock(former)
