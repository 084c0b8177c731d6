"""What other programs get: entities, links, pages, filters, and a refusal in a sentence."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest

from anlan.api.sensorthings.tests.conftest import RAIN, RAIN_ID, RIVER, ROOT, STAGE_ID, Sta
from anlan.sensing.hot.pg.tests.conftest import Database
from anlan.sensing.services.readtokens import create_read_token, revoke_read_token
from anlan.sensing.tests.world import BY, T0

#: 287 of the settled day (the last of 288 falls on the next midnight), that one, one late, 11 and 3.
RAIN_COUNT = 288 + 1 + 11 + 3
STAGE_COUNT = 5


def test_the_root_names_eight_entity_sets_and_what_is_conformed_to(sta: Sta) -> None:
    root = sta.ask()
    assert [one["name"] for one in root["value"]] == [
        "Things", "Locations", "HistoricalLocations", "Datastreams",
        "Sensors", "ObservedProperties", "Observations", "FeaturesOfInterest",
    ]  # fmt: skip
    assert root["value"][0]["url"] == f"http://testserver{ROOT}/Things"
    claimed = root["serverSettings"]["conformance"]
    assert all(one.startswith("http://www.opengis.net/spec/iot_sensing/1.1/req/") for one in claimed)
    assert not [one for one in claimed if "create" in one or "mqtt" in one or "batch" in one]


def test_every_link_of_every_entity_leads_somewhere(sta: Sta) -> None:
    for entry in sta.ask()["value"]:
        page = sta.ask(entry["url"] + "?$top=2")
        assert page["value"], entry
        for entity in page["value"]:
            alone = sta.ask(entity["@iot.selfLink"])
            assert alone["@iot.id"] == entity["@iot.id"]
            for name, address in entity.items():
                if name.endswith("@iot.navigationLink"):
                    sta.ask(address)


def test_a_thing_has_a_place_and_a_datastream_for_each_quantity(sta: Sta) -> None:
    thing = sta.ask(f"/Things('{RAIN}')", expand="Locations,Datastreams/ObservedProperty,Datastreams/Sensor")
    assert thing["Locations"][0]["location"] == {"type": "Point", "coordinates": [99.01, 25.01]}
    stream = thing["Datastreams"][0]
    assert stream["@iot.id"] == RAIN_ID
    assert stream["unitOfMeasurement"] == {"name": "mm", "symbol": "mm", "definition": None}
    assert stream["ObservedProperty"]["name"] == "5分钟雨量"
    assert stream["Sensor"]["properties"] == {"kind": "rain", "protocol": "any"}


def test_a_datastream_says_from_when_to_when_it_has_readings(sta: Sta) -> None:
    alone = sta.ask(f"/Datastreams('{RAIN_ID}')")
    assert alone["phenomenonTime"] == "2026-06-01T00:05:00Z/2026-06-06T00:15:00Z"
    assert sta.ask(f"/Datastreams('{RAIN_ID}')/phenomenonTime") == {"phenomenonTime": alone["phenomenonTime"]}
    assert "phenomenonTime" not in sta.ask("/Datastreams")["value"][0]
    listed = sta.ask("/Datastreams", select="id,phenomenonTime")["value"]
    assert listed[1] == {"@iot.id": RAIN_ID, "phenomenonTime": alone["phenomenonTime"]}


def test_a_property_its_bare_value_and_references(sta: Sta) -> None:
    assert sta.ask(f"/Things('{RIVER}')/name") == {"name": "柳河水位站"}
    answer = sta.browser.get(
        f"{ROOT}/Things('{RIVER}')/name/$value", headers={"Authorization": f"Bearer {sta.token}"}
    )
    assert (answer.content.decode(), answer["Content-Type"]) == ("柳河水位站", "text/plain; charset=utf-8")
    link = f"http://testserver{ROOT}/Datastreams('{STAGE_ID}')"
    assert sta.ask(f"/Things('{RIVER}')/Datastreams/$ref")["value"] == [{"@iot.selfLink": link}]
    null = sta.ask(f"/Observations('{STAGE_ID}:{1780279200}')")
    assert (null["result"], null["resultQuality"]["names"]) == (None, ["MISSING"])
    sta.ask(f"/Observations('{STAGE_ID}:{1780279200}')/result", status=204)


def test_paging_gives_each_observation_of_hot_and_settled_days_exactly_once(sta: Sta) -> None:
    one = sta.walk(f"/Datastreams('{RAIN_ID}')/Observations", top="7")
    times = [row["phenomenonTime"] for row in one]
    assert len(times) == RAIN_COUNT
    assert times == sorted(set(times))
    back = sta.walk(f"/Datastreams('{RAIN_ID}')/Observations", top="50", orderby="phenomenonTime desc")
    assert [row["@iot.id"] for row in back] == [row["@iot.id"] for row in reversed(one)]
    everything = sta.walk("/Observations", top="100")
    assert len({row["@iot.id"] for row in everything}) == len(everything) == RAIN_COUNT + STAGE_COUNT
    assert {row["@iot.id"] for row in one} < {row["@iot.id"] for row in everything}
    down = sta.walk("/Observations", top="9", orderby="phenomenonTime desc")
    assert [row["@iot.id"] for row in down] == [row["@iot.id"] for row in reversed(everything)]
    assert "rows" in sta.house.client.asked  # part of it lies in Parquet


def test_what_arrives_while_somebody_pages_moves_nothing(sta: Sta) -> None:
    page = sta.ask(f"/Datastreams('{STAGE_ID}')/Observations", top="2")
    from anlan.sensing.history.tests.world import House
    from anlan.sensing.hot.streams import StreamKey

    late = House(sta.house.data)
    late.tell((StreamKey(RIVER, "stage"), 30, 9_400), now=datetime(2026, 6, 9, tzinfo=UTC))
    late.engine.close()
    seen = [row["@iot.id"] for row in page["value"]]
    while "@iot.nextLink" in page:
        page = sta.ask(page["@iot.nextLink"])
        seen += [row["@iot.id"] for row in page["value"]]
    assert len(seen) == len(set(seen)) == STAGE_COUNT


def test_a_reading_with_an_unbelievable_date_is_among_them_and_says_so(sta: Sta) -> None:
    from anlan.sensing.history.tests.world import House
    from anlan.sensing.hot.streams import StreamKey

    odd = House(sta.house.data)
    odd.tell((StreamKey(RIVER, "stage"), 40_000_000, 9_900), now=datetime(2026, 6, 9, tzinfo=UTC))
    odd.engine.close()
    newest = sta.ask(f"/Datastreams('{STAGE_ID}')/Observations", orderby="phenomenonTime desc", top="1")[
        "value"
    ][0]
    assert newest["phenomenonTime"].startswith("2102-")
    assert newest["resultQuality"]["names"] == ["FUTURE"]
    assert not newest["resultQuality"]["usable"]
    assert len(sta.walk("/Observations")) == RAIN_COUNT + STAGE_COUNT + 1
    usable = sta.walk("/Observations", filter="resultQuality/usable eq true")
    assert newest["@iot.id"] not in {row["@iot.id"] for row in usable}


@pytest.mark.database
def test_readings_kept_in_a_database_are_answered_in_the_same_way(database: Database, sta: Sta) -> None:
    assert len(sta.ask("/Datastreams")["value"]) == 2
    assert len(sta.walk("/Observations")) == RAIN_COUNT + STAGE_COUNT
    newest = sta.ask(f"/Datastreams('{STAGE_ID}')/Observations", orderby="phenomenonTime desc", top="1")
    assert newest["value"][0]["result"] == 10.1


def test_the_newest_reading_of_each_datastream_is_one_question(sta: Sta) -> None:
    newest = (
        "Datastreams($expand=Observations($top=1;$orderby=phenomenonTime desc;$select=result;$count=true))"
    )
    things = sta.ask("/Things", expand=newest)["value"]
    found = {thing["@iot.id"]: thing["Datastreams"][0] for thing in things}
    assert found[RIVER]["Observations"] == [{"result": 10.1}]
    assert found[RIVER]["Observations@iot.count"] == STAGE_COUNT
    further = sta.ask(found[RIVER]["Observations@iot.nextLink"])
    assert further["value"] == [{"result": 9.9}]


FILTERS = [
    ("result gt 9.8", 2),
    ("result eq null", 1),
    ("not (result gt 9.8)", 3),
    ("phenomenonTime ge 2026-06-05T00:00:00Z", 2),
    ("phenomenonTime ge 2026-06-05T00:00:00Z and phenomenonTime lt 2026-06-05T02:00:00Z", 1),
    ("phenomenonTime eq 2026-06-05T09:00:00+08:00", 1),
    ("during(phenomenonTime, 2026-06-01T00:00:00Z/2026-06-02T00:00:00Z)", 3),
    ("resultTime lt now() sub duration'P6D'", 3),
    ("year(phenomenonTime) eq 2026 and day(phenomenonTime) eq 5", 2),
    ("hour(phenomenonTime) eq 1 or hour(phenomenonTime) eq 2", 4),
    ("resultQuality/usable eq false", 1),
    ("resultQuality/flag eq 0 and result mul 10 le 97", 2),
    ("Datastream/ObservedProperty/@iot.id eq 'rain_5min'", 0),
    ("substringof('柳河', Datastream/name)", STAGE_COUNT),
    ("geo.distance(FeatureOfInterest/feature, geography'POINT(99.015 25.0)') lt 0.001", STAGE_COUNT),
]  # fmt: skip


def test_readings_are_filtered(sta: Sta) -> None:
    for text, count in FILTERS:
        page = sta.ask(f"/Datastreams('{STAGE_ID}')/Observations", filter=text, count="true")
        assert (page["@iot.count"], len(page["value"])) == (count, count), text


THINGS = [
    ("startswith(name, '柳河')", [RIVER]),
    ("endswith(name,'雨量站') and properties/kind eq 'rain'", [RAIN]),
    ("st_within(Locations/location, geography'POLYGON((99.012 24.9,99.1 24.9,99.1 25.1,99.012 25.1,99.012 24.9))')", [RIVER]),
    ("Datastreams/unitOfMeasurement/name eq 'mm'", [RAIN]),
    ("tolower(id) eq '00999a0001' and length(name) gt 3", [RAIN]),
    ("name eq 'it''s'", []),
]  # fmt: skip


def test_things_are_filtered_also_by_what_hangs_on_them(sta: Sta) -> None:
    for text, ids in THINGS:
        assert [one["@iot.id"] for one in sta.ask("/Things", filter=text)["value"]] == ids, text


def test_what_qgis_asks_before_it_draws_points(sta: Sta) -> None:
    kind = "location/type eq 'Point' or location/geometry/type eq 'Point'"
    empty = sta.ask("/Locations", filter=kind, top="0", count="true")
    assert empty == {"@iot.count": 2, "value": []}
    assert (
        sta.ask("/Locations", filter="location/type eq 'Polygon'", top="0", count="true")["@iot.count"] == 0
    )
    assert sta.ask("/Datastreams", filter="observedArea/type eq 'Polygon'", count="true")["@iot.count"] == 0
    extent = f"geo.intersects(location, geography'Polygon ((99.012 24, 100 24, 100 26, 99.012 26, 99.012 24))') and ({kind})"
    drawn = sta.ask("/Locations", filter=extent, top="200", expand="Things($expand=Datastreams($top=2))")
    assert [one["@iot.id"] for one in drawn["value"]] == [RIVER]
    assert drawn["value"][0]["Things"][0]["Datastreams"][0]["@iot.id"] == STAGE_ID


def test_a_filter_on_what_is_expanded_leaves_the_parents_alone(sta: Sta) -> None:
    things = sta.ask("/Things", expand="Datastreams($filter=unitOfMeasurement/name eq 'm')")["value"]
    assert [len(one["Datastreams"]) for one in things] == [1, 0]


def test_an_hour_of_readings_is_not_looked_for_in_a_year(sta: Sta) -> None:
    seen: list[Any] = []
    honest = sta.house.history.readings

    def watched(keys: Any, low: int, high: int, exercise: str | None = None) -> Any:
        seen.append((low, high))
        return honest(keys, low, high, exercise)

    sta.house.history.readings = watched  # type: ignore[method-assign]
    between = "phenomenonTime ge 2026-06-05T00:00:00Z and phenomenonTime le 2026-06-05T01:00:00Z"
    assert len(sta.ask("/Observations", filter=between)["value"]) == 11
    assert sum(high - low for low, high in seen) <= 3600 + 4


def test_a_question_that_would_read_too_much_is_refused_with_a_sentence(
    sta: Sta, monkeypatch: pytest.MonkeyPatch
) -> None:
    from anlan.api.sensorthings import world as module
    from anlan.api.sensorthings.walk import Budget

    monkeypatch.setattr(module, "Budget", lambda: Budget(rows=50))
    error = sta.ask("/Observations", orderby="result", status=400)
    assert "shorter phenomenonTime" in error["message"]


def test_values_as_arrays(sta: Sta) -> None:
    address = f"http://testserver{ROOT}/Datastreams('{STAGE_ID}')/Observations?resultFormat=dataArray&$top=2&$count=true"
    page = sta.ask(address)
    assert page["@iot.count"] == STAGE_COUNT
    (group,) = page["value"]
    assert group["components"] == ["id", "phenomenonTime", "resultTime", "result", "resultQuality"]
    assert group["dataArray@iot.count"] == 2
    assert [row[3] for row in group["dataArray"]] == [9.5, None]
    assert group["Datastream@iot.navigationLink"].endswith(f"/Datastreams('{STAGE_ID}')")
    assert len(sta.ask(page["@iot.nextLink"])["value"][0]["dataArray"]) == 2
    narrow = sta.ask(address + "&$select=result,phenomenonTime")
    assert narrow["value"][0]["components"] == ["phenomenonTime", "result"]


BAD: list[tuple[str, dict[str, str]]] = [
    ("/Things", {"filter": "name eq"}),
    ("/Things", {"filter": "nonsense eq 1"}),
    ("/Things", {"filter": "Datastreams/Observations/result gt 1"}),
    ("/Things", {"filter": "name"}),
    ("/Things", {"orderby": "Datastreams/name"}),
    ("/Things", {"top": "-1"}),
    ("/Things", {"count": "yes"}),
    ("/Things", {"expand": "Sensors"}),
    ("/Things", {"expand": "Datastreams($top=1"}),
    ("/Things", {"expand": "Datastreams/Thing/Datastreams/Thing/Datastreams/Thing/Datastreams"}),
    ("/Things", {"select": "secret"}),
    ("/Things", {"search": "x"}),
    ("/Observations", {"skiptoken": "x"}),
    (f"/Things('{RAIN}')", {"filter": "name eq 'a'"}),
]


def test_a_bad_option_is_answered_with_400_and_a_sentence(sta: Sta) -> None:
    for path, options in BAD:
        error = sta.ask(path, status=400, **options)
        assert (error["code"], error["type"]) == (400, "error")
        assert error["message"].endswith("."), error


NOWHERE = [
    "/Stations", "/Things('nobody')", "/Things(1)", f"/Things('{RAIN}')/Datastreams('{STAGE_ID}')", "/Things/name",
    f"/Things('{RAIN}')/Sensor", f"/Things('{RAIN}')/$value", "/Things('x", f"/Datastreams('{RAIN_ID}')/Thing('a')",
    f"/Datastreams('{RAIN_ID}')/Observations('{STAGE_ID}:1780275600')", f"/Observations('{RAIN_ID}:17')",
    "/Observations('nonsense')", "/Things('a')/Things('a')/Things('a')", "/" + "Things/" * 300,
]  # fmt: skip


def test_what_is_not_there_is_answered_with_404(sta: Sta) -> None:
    for path in NOWHERE:
        assert sta.ask(path, status=404)["code"] == 404, path


def test_writing_is_answered_as_not_implemented(sta: Sta) -> None:
    paths = ("/Things", f"/Things('{RAIN}')", "/CreateObservations", "")
    for path, method in product(paths, ("post", "patch", "put", "delete")):
        answer = getattr(sta.browser, method)(ROOT + path, headers={"Authorization": f"Bearer {sta.token}"})
        assert (answer.status_code, answer.json()["type"]) == (501, "error")


def test_a_stranger_and_a_wrong_or_revoked_token_get_nothing(sta: Sta) -> None:
    for headers in (
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic ???"},
        {"Authorization": "Digest x"},
    ):
        answer = sta.browser.get(f"{ROOT}/Things", headers=headers)
        assert (answer.status_code, answer["WWW-Authenticate"][:5]) == (401, "Basic")
    row, token = create_read_token("brief", division=sta.world.county, by=BY, at=T0)
    basic = base64.b64encode(f"anybody:{token}".encode()).decode()
    assert sta.browser.get(f"{ROOT}/Things", headers={"Authorization": f"Basic {basic}"}).status_code == 200
    revoke_read_token(row, by=BY, at=T0)
    sta.ask("/Things", token=token, status=401)


def test_a_token_of_one_township_shows_nothing_of_another(sta: Sta) -> None:
    _row, token = create_read_token("next-door", division=sta.world.neighbour, by=BY, at=T0)
    assert token not in repr(_row.__dict__)
    for name in ("Things", "Locations", "HistoricalLocations", "Datastreams", "Sensors", "ObservedProperties", "Observations", "FeaturesOfInterest"):  # fmt: skip
        assert sta.ask(f"/{name}", token=token)["value"] == [], name
    sta.ask(f"/Things('{RAIN}')", token=token, status=404)
    sta.ask(f"/Observations('{STAGE_ID}:1780275600')", token=token, status=404)
    # A read token is for reading here, not for the desk.
    answer = sta.browser.get("/stations/", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 302
