"""Connectors and receivers on the desk, as the administrator sets them up."""

from __future__ import annotations

import json
import re
from pathlib import Path

from django.urls import reverse

from anlan.console.tests.scenes import RAIN
from anlan.drivers.jsonmap.examples import example
from anlan.sensing.models import Connector, Receiver, Station
from anlan.testing import County

POND = example("tailings_pond")


def form(**changes: str) -> dict[str, str]:
    given = {
        "kind": "http_push",
        "name": "pond",
        "settings": "{}",
        "mapping": POND,
        "stations": "*",
        "verb": "save",
    }
    return given | changes


def sample(station: str) -> str:
    row = {"item": "库水位", "value": 51234.5, "unit": "cm", "time": "2026-07-01 08:00:00"}
    return json.dumps({"pond": station, "data": [row, {**row, "unit": "尺"}]}, ensure_ascii=False)


def test_a_pasted_sample_shows_the_readings_it_would_give_and_saves_nothing(
    county: County, stations: dict[str, Station]
) -> None:
    answer = county.client("He").post(reverse("console:new_connector"), form(verb="try", sample=sample(RAIN)))
    text = answer.content.decode()
    assert "512.345 m" in text
    assert "unit.changed" not in text
    assert "尺" in text.split("refused")[1]
    assert Connector.objects.count() == 0
    assert "库水位" in text  # the form keeps what was typed


def test_an_unregistered_station_in_a_sample_is_marked(county: County, stations: dict[str, Station]) -> None:
    answer = county.client("He").post(reverse("console:new_connector"), form(verb="try", sample=sample("X1")))
    assert "not registered" in answer.content.decode()


def test_a_mistake_in_the_mapping_is_named_with_its_line_and_the_form_keeps_everything(
    county: County,
) -> None:
    broken = POND.replace('"records"', '"recrods"', 1)
    line = broken[: broken.index('"recrods"')].count("\n") + 1
    answer = county.client("He").post(reverse("console:new_connector"), form(mapping=broken))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert re.search(rf"line {line}\b.*recrods", text)
    assert "&quot;recrods&quot;" in text
    assert Connector.objects.count() == 0


def test_the_token_is_shown_once(county: County) -> None:
    client = county.client("He")
    shown = client.post(reverse("console:new_connector"), form()).content.decode()
    token = re.search(r"<code class=\"wrap-anywhere\">([\w-]{40,})</code>", shown)
    assert token
    page = client.get(reverse("console:connector", args=["pond"])).content.decode()
    assert token[1] not in page
    fresh = client.post(reverse("console:connector", args=["pond"]), {"verb": "renew"}).content.decode()
    assert token[1] not in fresh
    assert "wrap-anywhere" in fresh


def test_the_lists_tell_state_last_message_rows_refusals_and_what_waits(county: County, data: Path) -> None:
    client = county.client("He")
    client.post(reverse("console:new_connector"), form())
    settings = '{"host": "192.0.2.1", "port": 6510}'
    client.post(
        reverse("console:new_receiver"),
        {"kind": "tcp_raw", "name": "city", "settings": settings, "wanted": "{}"},
    )
    assert Receiver.objects.get().settings["port"] == 6510
    at = county.now.isoformat()
    state = {
        "is_up": False,
        "since": at,
        "problem": "the broker closed the line",
        "last_message": at,
        "rows": 41,
    }
    told = {
        "at": at,
        "connectors": {"pond": {**state, "refused": {"unit.changed": 3}, "newest_refused": [
            {"place": "$.data[1].value", "code": "unit.changed", "reason": "came in m until now", "station": "WKK01", "at": at}]}},
        "receivers": {"city": {**state, "backlog": 17, "backlog_since": at}},
    }  # fmt: skip
    (data / "run").mkdir(exist_ok=True)
    (data / "run" / "connect.json").write_text(json.dumps(told))
    text = client.get(reverse("console:connect")).content.decode()
    for words in ("does not work", "The broker closed the line.", "41", "the unit changed 3", "17"):
        assert words in text, words
    page = client.get(reverse("console:connector", args=["pond"])).content.decode()
    assert "came in m until now" in page
    assert "$.data[1].value" in page
    assert client.get(reverse("console:receiver", args=["city"])).status_code == 200


def test_a_stopped_connector_says_so_and_can_be_started_again(county: County) -> None:
    client = county.client("He")
    client.post(reverse("console:new_connector"), form())
    where = reverse("console:connector", args=["pond"])
    client.post(where, {"verb": "stop"})
    assert "stopped" in client.get(reverse("console:connect_fragment")).content.decode()
    client.post(where, {"verb": "start"})
    assert Connector.objects.get().is_active


def test_nobody_without_the_right_to_administer_learns_which_connectors_there_are(county: County) -> None:
    county.client("He").post(reverse("console:new_connector"), form())
    for who in ("Chen", "Li", "Guo"):
        for name in ("pond", "nothing"):
            assert county.client(who).get(reverse("console:connector", args=[name])).status_code == 403


def test_the_way_to_the_connectors_is_on_the_stations_page_for_whoever_may_go_it(county: County) -> None:
    where = reverse("console:connect")
    assert where in county.client("He").get(reverse("console:stations")).content.decode()
    assert where not in county.client("Chen").get(reverse("console:stations")).content.decode()


def test_a_station_of_the_other_side_is_registered_at_the_place_a_person_chose(
    county: County, data: Path
) -> None:
    from anlan.gateway.connect.store import ConnectStore

    client = county.client("He")
    settings = '{"driver": "sqlite", "database": "/nowhere.db"}'
    client.post(
        reverse("console:new_connector"),
        form(kind="sql_pull", name="water", settings=settings, mapping=example("sl323")),
    )
    store = ConnectStore(data / "hot" / "pull.db")
    store.propose(
        "water", [{"code": "61519999", "STNM": "上柳站", "STTP": "PP", "LGTD": "102.92", "LTTD": "27.41"}]
    )
    store.close()
    assert "上柳站" in client.get(reverse("console:connector", args=["water"])).content.decode()
    upper = county.divisions["Upper Willow"]
    client.post(
        reverse("console:register_proposal", args=["water"]), {"code": "61519999", "division": upper.code}
    )
    station = Station.objects.get(code="61519999")
    assert (station.name, station.kind, station.division_id) == ("上柳站", "rain", upper.code)
    assert "上柳站" not in client.get(reverse("console:connector", args=["water"])).content.decode()
