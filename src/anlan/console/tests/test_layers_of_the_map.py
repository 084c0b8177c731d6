"""GeoJSON of the map island."""

from __future__ import annotations

import json
from pathlib import Path

from django.test import Client
from django.urls import reverse

from anlan.console.tests import scenes
from anlan.console.tests.scenes import RAIN, readings, store
from anlan.dissemination.models import CalloutSeat
from anlan.dissemination.services import acknowledge
from anlan.places.rivers import store_rivers
from anlan.sensing.models import Station
from anlan.testing import County

_SQUARE = {
    "type": "Polygon",
    "coordinates": [[[102.9, 27.4], [102.94, 27.4], [102.94, 27.43], [102.9, 27.43], [102.9, 27.4]]],
}


def features(client: Client, name: str, query: str = "") -> list[dict]:  # type: ignore[type-arg]  # GeoJSON
    answer = client.get(reverse(f"console:{name}") + query)
    assert answer.status_code == 200
    return list(json.loads(answer.content)["features"])


def test_a_village_shows_the_state_of_its_seat(county: County, data: Path) -> None:
    callout = scenes.callout(county, "Upper Willow", "North Slope")
    seat = CalloutSeat.objects.get(callout=callout, division=county.divisions["Upper Willow"])
    acknowledge(seat, meaning="answered", via="link", by=county.by, at=county.now)
    found = features(county.client("Chen"), "map_callouts", f"?callout={callout.pk}")
    states = {one["properties"]["name"]: one["properties"]["state"] for one in found}
    assert states == {"上柳村": "answered", "北坡村": "waiting"}
    assert found[0]["geometry"] == {"type": "Point", "coordinates": [102.92, 27.41]}
    assert found[0]["properties"]["level"] == 2


def test_a_village_called_twice_shows_the_seat_that_still_owes_an_answer(county: County, data: Path) -> None:
    first = scenes.callout(county, "Upper Willow")
    acknowledge(first.seats.get(), meaning="done", via="link", by=county.by, at=county.now)
    scenes.callout(county, "Upper Willow")
    (feature,) = features(county.client("Chen"), "map_callouts")
    assert feature["properties"]["state"] == "waiting"


def test_a_lost_village_is_drawn_as_lost_and_a_released_one_as_done(county: County, data: Path) -> None:
    callout = scenes.callout(county, "Upper Willow", "Lower Willow")
    states = {"Upper Willow": "lost_contact", "Lower Willow": "released"}
    for name, state in states.items():
        seat = callout.seats.get(division=county.divisions[name])
        seat.advance(state, by=county.by, at=county.now)
    found = features(county.client("Li"), "map_callouts")
    assert {one["properties"]["state"] for one in found} == {"lost", "done"}


def test_a_call_out_of_the_neighbour_does_not_exist(county: County, data: Path) -> None:
    callout = scenes.callout(county, "North Slope")
    answer = county.client("Li").get(reverse("console:map_callouts") + f"?callout={callout.pk}")
    assert answer.status_code == 404


def test_a_station_carries_its_reading_and_the_address_of_its_page(
    county: County, stations: dict[str, Station], data: Path
) -> None:
    store(data, RAIN, "rain_5min", readings(["1.0"] * 12, until=county.now))
    found = features(county.client("Li"), "map_stations")
    by_code = {one["properties"]["code"]: one["properties"] for one in found}
    assert by_code[RAIN]["url"] == reverse("console:station", args=[RAIN])
    assert by_code[RAIN]["reading"] == "12.0 mm/h"


def test_an_unchanged_layer_is_not_sent_again_and_a_changed_one_is(county: County, data: Path) -> None:
    village = county.divisions["Upper Willow"]
    village.change(by=county.by, at=county.now, kind="bounded", geometry=json.dumps(_SQUARE))
    client, where = county.client("Chen"), reverse("console:map_divisions")
    first = client.get(where)
    assert len(json.loads(first.content)["features"]) == 1
    again = client.get(where, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    village.change(by=county.by, at=county.now, kind="renamed", name="新上柳村")
    changed = client.get(where, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert "新上柳村" in changed.content.decode()


def test_rivers_are_empty_until_somebody_loads_them(county: County, data: Path) -> None:
    assert features(county.client("Li"), "map_rivers") == []
    line = {
        "type": "Feature",
        "properties": {"name": "柳河", "secret": "x"},
        "geometry": {"type": "LineString", "coordinates": [[102.9, 27.4], [102.95, 27.45]]},
    }
    text = json.dumps({"type": "FeatureCollection", "features": [line]}).encode()
    assert store_rivers(text, by=county.by, at=county.now) == 1
    (feature,) = features(county.client("Li"), "map_rivers")
    assert feature["properties"] == {"name": "柳河"}


def test_a_danger_zone_is_drawn_without_a_level_until_its_village_is_warned(
    county: County, data: Path
) -> None:
    from shapely.geometry import shape

    from anlan.risk import services as risk
    from anlan.risk.types import ZoneDetails
    from anlan.vocab.hazards import HazardType
    from anlan.warning import services as warning

    details = ZoneDetails(
        "上柳沟口", HazardType.FLASH_FLOOD, county.divisions["Upper Willow"], shape(_SQUARE)
    )
    risk.define_zone("Z1", details, by=county.by, at=county.now)
    client = county.client("Li")
    assert [one["properties"]["level"] for one in features(client, "map_zones")] == [None]
    chen, wang = county.actor("Chen"), county.actor("Wang")
    village = county.divisions["Upper Willow"].code
    draft = warning.draft_by_hand(
        hazard_type="flash_flood", level=1, villages=[village], by=chen, at=county.now
    )
    assert [one["properties"]["level"] for one in features(client, "map_zones")] == [None]
    warning.sign_off(draft, by=wang, at=county.now)
    assert [one["properties"]["level"] for one in features(client, "map_zones")] == [1]
