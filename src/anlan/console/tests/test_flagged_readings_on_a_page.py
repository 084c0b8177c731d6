"""A flagged reading from the store to the desk, a person's word about it back to the store, and what then follows."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import numpy as np

from anlan.console.tests.scenes import RIVER
from anlan.gateway.catalogue import parse_catalogue
from anlan.sensing.catalogue import write_catalogue
from anlan.sensing.engine.engine import Engine
from anlan.sensing.engine.types import Incoming
from anlan.sensing.hot.reading import open_reader
from anlan.sensing.hot.streams import StreamKey
from anlan.sensing.models import Amendment, Station
from anlan.sensing.services import take_signals
from anlan.testing import County
from anlan.vocab.quality import UNUSABLE
from anlan.vocab.quantities import quantity_of


def tell(engine: Engine, value: str, at: datetime) -> None:
    """One stage as the gateway would hand it over."""
    number = engine.numbers([StreamKey(RIVER, "stage")])
    t = np.array([int(at.timestamp())], np.int64)
    v = np.array([quantity_of("stage").to_stored(Decimal(value))], np.int64)
    engine.commit(Incoming(t, number, v, t * 1000, t.astype(np.float64)), [], now=at)
    engine.flush_latest()


def test_an_implausible_stage_is_listed_with_its_reason_and_counts_once_a_person_vouches_for_it(
    county: County, stations: dict[str, Station], data: Path
) -> None:
    write_catalogue()
    path = data / "catalogue.json"
    engine = Engine(data / "hot", parse_catalogue(path.read_bytes()).engine_settings(), now=county.now)
    tell(engine, "812.5", county.now)
    take_signals(open_reader(data), at=county.now)
    assert not [s for s in engine.store.signals() if s.kind == "crossing"]
    desk = county.client("Chen")
    page = desk.get("/quality/").content.decode()
    assert "柳河水位站" in page
    assert "812.5" in page

    refused = county.client("Li").post(
        f"/stations/at/{RIVER}/readings/judge/",
        {"quantity": "stage", "t": int(county.now.timestamp()), "value": 812500},
    )
    assert refused.status_code in (403, 404)
    desk.post(
        f"/stations/at/{RIVER}/readings/judge/",
        {
            "quantity": "stage",
            "t": int(county.now.timestamp()),
            "value": 812500,
            "verdict": "accept",
            "reason": "现场核实，堰塞湖水位",
        },
    )
    assert Amendment.objects.get().state == "pending"
    write_catalogue()
    engine.amend(parse_catalogue(path.read_bytes()).amendments, now=county.now)
    engine.flush_latest()
    take_signals(open_reader(data), at=county.now)
    assert Amendment.objects.get().state == "applied"
    point = open_reader(data).series(RIVER, "stage", county.now, county.now.replace(year=2100))[-1]
    assert not point.flag & UNUSABLE
    assert [s.body["level"] for s in engine.store.signals() if s.kind == "crossing"] == [1]
    write_catalogue()
    assert parse_catalogue(path.read_bytes()).amendments == []
    engine.close()
