"""A county of two townships, a rain station and a river station; a hot store in memory. The fixtures are in conftest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from anlan.kernel.actor import Actor, grants, system
from anlan.kernel.ids import uuid7
from anlan.places.models import Division
from anlan.sensing import services
from anlan.sensing.hot.types import Signal
from anlan.sensing.models import Station
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.kinds import StationKind
from anlan.vocab.posts import Right

T0 = datetime(2026, 7, 1, 0, 0, tzinfo=UTC)
BY = system("test")


@dataclass
class World:
    """Places by short names; `rain` and `river` stand in Upper Willow."""

    county: Division
    township: Division
    neighbour: Division
    upper_willow: Division
    lower_willow: Division
    far_village: Division
    rain: Station
    river: Station

    def actor(self, *divisions: Division, rights: tuple[Right, ...] = (Right.SEE,)) -> Actor:
        return Actor(ref="user:1", grants=grants(rights, *(one.path for one in divisions)))


def division(code: str, name: str, level: DivisionLevel, parent: Division | None, lon: float) -> Division:
    path = f"{parent.path}/{code}" if parent else code
    row = Division(code=code, name=name, level=level, parent=parent, path=path, lon=lon, lat=25.0)
    return row.record(by=BY, at=T0)


def rain_station(code: str, at: Division, *, lon: float = 99.01) -> Station:
    return services.register_station(
        code=code,
        name=f"{at.name}雨量站",
        kind=StationKind.RAIN,
        division=at,
        lon=lon,
        lat=25.01,
        by=BY,
        at=T0,
    )


def build_world() -> World:
    county = division("999901000000", "云岭县", DivisionLevel.COUNTY, None, 99.0)
    township = division("999901100000", "柳河镇", DivisionLevel.TOWNSHIP, county, 99.0)
    neighbour = division("999901101000", "石桥乡", DivisionLevel.TOWNSHIP, county, 99.2)
    upper = division("999901100201", "上柳村", DivisionLevel.VILLAGE, township, 99.01)
    lower = division("999901100202", "下柳村", DivisionLevel.VILLAGE, township, 99.02)
    far = division("999901101201", "石桥村", DivisionLevel.VILLAGE, neighbour, 99.2)
    rain = rain_station("00999A0001", upper)
    river = services.register_station(
        code="0099020001",
        name="柳河水位站",
        kind=StationKind.RIVER,
        division=upper,
        lon=99.015,
        lat=25.0,
        warning_stage=Decimal("10"),
        guaranteed_stage=Decimal("11"),
        historic_max_stage=Decimal("12"),
        by=BY,
        at=T0,
    )
    return World(county, township, neighbour, upper, lower, far, rain, river)


@dataclass
class FakeHot:
    """Signals as the hot store hands them out: by day file, numbered from 1."""

    signals: list[Signal] = field(default_factory=list)

    def add(self, kind: str, /, *, at: datetime = T0, day: str = "2026-07-01", **body: Any) -> Signal:
        n = sum(one.day == day for one in self.signals) + 1
        self.signals.append(Signal(str(uuid7()), kind, at, body, day, n))
        return self.signals[-1]

    def crossing(self, station: str = "00999A0001", **given: Any) -> Signal:
        body: dict[str, Any] = {
            "binding": f"R12:{station}",
            "station": station,
            "quantity": "rain_5min",
            "rule_id": "R12",
            "rule_version": "1",
            "direction": "up",
            "level": 2,
            "previous_level": None,
            "window_min": 60,
            "value": "61.5",
            "threshold": "60",
            "phenomenon_time": T0.isoformat(),
            "received_at": (T0 + timedelta(seconds=2)).isoformat(),
            "received_wall": 1782864002.5,
            "missing_slots": 1,
            "explanation_zh": "1小时雨量61.5毫米",
            "explanation_en": "1-hour rain of 61.5 mm",
        }
        return self.add("crossing", **body | given)

    def signals_after(self, cursor: dict[str, int]) -> Iterator[Signal]:
        for signal in self.signals:
            if signal.n > cursor.get(signal.day, 0):
                yield signal
