"""Setting up connectors and receivers: what is refused, what the gateway is told, what is journaled."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from anlan.drivers.jsonmap.examples import example
from anlan.gateway.catalogue import parse_catalogue
from anlan.journal.models import Entry
from anlan.kernel.refusals import Refusal
from anlan.sensing import catalogue
from anlan.sensing.models import Connector, Receiver
from anlan.sensing.queries import connect as queries
from anlan.sensing.services.connectors import (
    ConnectorDetails,
    ReceiverDetails,
    change_connector,
    create_connector,
    create_receiver,
    renew_connector_token,
    switch_connector,
)
from anlan.sensing.tests.world import BY, T0, World

POND = example("tailings_pond")


def details(**changes: Any) -> ConnectorDetails:
    given = {"name": "pond", "kind": "http_push", "settings": "{}", "mapping": POND, **changes}
    return ConnectorDetails(**given)


def test_the_gateway_is_told_of_a_connector_and_never_of_its_token(world: World, data: Path) -> None:
    row, token = create_connector(details(stations=(world.rain.code,)), by=BY, at=T0)
    catalogue.write_catalogue()
    written = (data / "catalogue.json").read_bytes()
    assert token.encode() not in written
    found = parse_catalogue(written).connectors[0]
    assert (found.name, found.kind, found.version, found.stations) == (
        "pond",
        "http_push",
        1,
        [world.rain.code],
    )
    assert found.token_sha256 == hashlib.sha256(token.encode()).hexdigest()
    assert found.mapping == json.loads(POND)
    change_connector(row, details(), by=BY, at=T0)
    catalogue.write_catalogue()
    assert parse_catalogue((data / "catalogue.json").read_bytes()).connectors[0].version == 2
    switch_connector(row, is_active=False, by=BY, at=T0)
    catalogue.write_catalogue()
    assert parse_catalogue((data / "catalogue.json").read_bytes()).connectors == []


def test_a_receiver_is_told_with_its_choice_of_stations(world: World, data: Path) -> None:
    settings = '{"host": "192.0.2.1", "port": 6510, "protocol": "sl651"}'
    create_receiver(ReceiverDetails("city", "tcp_raw", settings, '{"kinds": ["rain"]}'), by=BY, at=T0)
    catalogue.write_catalogue()
    found = parse_catalogue((data / "catalogue.json").read_bytes()).receivers[0]
    assert (found.name, found.wanted, found.for_exercises) == ("city", {"kinds": ["rain"]}, False)


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"name": "Pond 1"}, "connector.bad_name", "Pond 1"),
        ({"kind": "fax"}, "connector.bad_name", "pond"),
        ({"settings": "{\n\"colour\": 1}"}, "connector.bad_settings", "colour"),
        ({"settings": "{\n"}, "connector.bad_settings", "line 2"),
        ({"settings": "[]"}, "connector.bad_settings", "braces"),
        ({"kind": "mqtt", "settings": '{"host": "x"}'}, "connector.bad_settings", "topics"),
        ({"mapping": POND.replace('"unit_from"', '"colour"', 1)}, "connector.bad_mapping", "line"),
        ({"mapping": "{}"}, "connector.bad_mapping", "parts"),
        ({"secret_name": "ANLAN_SECRET_KEY"}, "connector.bad_secret", "ANLAN_SECRET_KEY"),
        ({"stations": ("0000000000",)}, "source.unknown_stations", "0000000000"),
        ({"kind": "sql_pull", "settings": '{"driver": "sqlite", "database": "x", "station_table": "a; DROP TABLE b"}'}, "connector.bad_settings", "line"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused_before_anything_is_saved(
    world: World, changes: dict[str, Any], code: str, words: str
) -> None:
    before = Entry.objects.count()
    with pytest.raises(Refusal) as caught:
        create_connector(details(**changes), by=BY, at=T0)
    assert caught.value.code == code
    assert words in caught.value.sentence()
    assert (Connector.objects.count(), Entry.objects.count()) == (0, before)


def test_a_name_is_taken_once_and_a_new_token_replaces_the_old(world: World) -> None:
    row, token = create_connector(details(), by=BY, at=T0)
    with pytest.raises(Refusal, match="already one"):
        create_connector(details(), by=BY, at=T0)
    fresh = renew_connector_token(row, by=BY, at=T0)
    assert fresh != token
    kinds = list(Entry.objects.filter(subject_type="connector").order_by("id").values_list("kind", flat=True))
    assert kinds == ["connector.created", "connector.token_renewed"]
    assert token not in "".join(Entry.objects.values_list("payload", flat=True))
    assert Receiver.objects.count() == 0


def test_a_day_stays_until_every_receiver_in_use_has_all_of_it(world: World, data: Path) -> None:
    from anlan.gateway.connect.forward import Places
    from anlan.sensing.hot.files import DayFile
    from anlan.sensing.hot.types import RawFrame
    from anlan.sensing.passing import held_for_receivers

    settings = '{"host": "192.0.2.1", "port": 6510}'
    create_receiver(ReceiverDetails("city", "tcp_raw", settings), by=BY, at=T0)
    (data / "hot").mkdir()
    path = data / "hot" / "obs-2026-07-01.db"
    day = DayFile(path)
    day.begin()
    day.add_raw([RawFrame(1, "tcp:x", "A", b"1")])
    day.commit()
    day.close()
    assert held_for_receivers(data, path) == ""
    places = Places(data / "hot" / "forward.db")
    places.begin("city")
    assert "city" in held_for_receivers(data, path)
    places.move("city", path.stem, "1")
    assert held_for_receivers(data, path) == ""
    places.close()


def test_a_sample_shows_its_readings_and_stores_nothing(world: World, data: Path) -> None:
    text = json.dumps({"pond": world.rain.code, "data": [
        {"item": "库水位", "value": 512345, "unit": "mm", "time": "2026-07-01 08:00:00"}, {"item": "?"}]})  # fmt: skip
    found = queries.try_sample(POND, text, topic="", at=T0)
    assert [(r.station, r.quantity, str(r.value), r.is_known) for r in found.readings] == [
        (world.rain.code, "pond_level", "512.345", True)
    ]
    assert [row.code for row in found.refused] == ["row.no_rule"]
    assert [row.code for row in queries.try_sample(POND, "{", topic="", at=T0).refused] == [
        "document.malformed"
    ]
    assert not (data / "hot").exists()
