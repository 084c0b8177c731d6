"""Stranger and neighbour at every route of stations, map, directory, imports and journal."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from anlan.console import urls_more
from anlan.console.tests import scenes
from anlan.console.tests.scenes import RAIN
from anlan.directory.models import Contact
from anlan.sensing.models import Station
from anlan.testing import County

#: Routes that take something of Upper Willow, which the neighbouring township must not know of: (name, method).
_OF_A_VILLAGE = {
    "station": "get",
    "station_series": "get",
    "station_by_id": "get",
    "division": "get",
    "directory_list": "get",
    "directory_appoint": "post",
    "directory_person": "get",
    "directory_set_contact": "post",
    "directory_describe": "post",
    "directory_end_holding": "post",
    "directory_end_contact": "post",
    "directory_verify_contact": "post",
}
_LISTS = (
    "stations",
    "stations_fragment",
    "map_divisions",
    "map_rivers",
    "map_zones",
    "map_stations",
    "map_callouts",
    "directory",
    "directory_checks",
    "imports",
)
_OF_THE_COUNTY = ("journal", "journal_retry")
_OF_AN_UPLOAD = ("import_check", "import_apply")
_OF_A_KIND = ("import_template", "import_upload")


def address(county: County, stations: dict[str, Station], name: str) -> str:
    holding = county.holdings["Zhao"]
    keys: dict[str, Any] = {
        "code": RAIN if name.startswith("station") else county.divisions["Upper Willow"].code,
        "station_id": stations[RAIN].pk,
        "person_id": county.people["Zhao"].pk,
        "holding_id": holding.pk,
        "contact_id": Contact.objects.get(person=county.people["Zhao"]).pk,
        "announcement_id": uuid.uuid4(),
        "token": "A" * 32,
        "kind_name": "contacts",
    }
    route = next(route for route in urls_more.urlpatterns if route.name == name)
    wanted = {key: keys[key] for key in route.pattern.converters}
    return reverse(f"console:{name}", kwargs=wanted)


def test_the_walk_below_knows_every_route() -> None:
    walked = {*_OF_A_VILLAGE, *_LISTS, *_OF_THE_COUNTY, *_OF_AN_UPLOAD, *_OF_A_KIND}
    assert {route.name for route in urls_more.urlpatterns} == walked


@pytest.mark.parametrize("name", [str(route.name) for route in urls_more.urlpatterns])
def test_a_stranger_is_sent_to_sign_in(county: County, stations: dict[str, Station], name: str) -> None:
    where = address(county, stations, name)
    for answer in (Client().get(where), Client().post(where)):
        assert answer.status_code in (302, 405)
    found = Client().get(where)
    assert found.status_code == 302
    assert found["Location"].startswith(reverse("accounts:sign_in"))


@pytest.mark.parametrize(("name", "method"), _OF_A_VILLAGE.items())
def test_the_neighbouring_township_finds_nothing_of_upper_willow(
    county: County, stations: dict[str, Station], name: str, method: str
) -> None:
    before = Contact.objects.count()
    answer = getattr(county.client("Liu"), method)(address(county, stations, name))
    assert answer.status_code == 404
    assert Contact.objects.count() == before


@pytest.mark.parametrize("name", _LISTS)
def test_lists_of_the_neighbouring_township_leave_upper_willow_out(
    county: County, stations: dict[str, Station], name: str
) -> None:
    scenes.callout(county, "Upper Willow", "North Slope")
    answer = county.client("Liu").get(address(county, stations, name))
    assert answer.status_code == 200
    assert "上柳" not in answer.content.decode()


@pytest.mark.parametrize("name", _OF_THE_COUNTY)
def test_the_journal_is_refused_to_a_post_without_the_right(
    county: County, stations: dict[str, Station], name: str
) -> None:
    where = address(county, stations, name)
    method = "post" if name == "journal_retry" else "get"
    assert getattr(county.client("Li"), method)(where).status_code == 403


@pytest.mark.parametrize("name", _OF_AN_UPLOAD)
def test_an_upload_of_somebody_else_does_not_exist(
    county: County, stations: dict[str, Station], name: str
) -> None:
    where = address(county, stations, name)
    assert county.client("Liu").post(where).status_code in (404, 405)
    assert county.client("Liu").get(where).status_code in (404, 405)


@pytest.mark.parametrize("name", _OF_A_KIND)
def test_a_village_officer_imports_nothing(county: County, stations: dict[str, Station], name: str) -> None:
    where = address(county, stations, name)
    method = "post" if name == "import_upload" else "get"
    assert getattr(county.client("Zhao"), method)(where).status_code == 403


def test_somebody_without_a_post_sees_no_feature_on_the_map(
    county: County, stations: dict[str, Station]
) -> None:
    scenes.callout(county, "Upper Willow")
    for name in ("map_divisions", "map_rivers", "map_zones", "map_stations", "map_callouts"):
        answer = county.client("Guo").get(address(county, stations, name))
        assert json.loads(answer.content)["features"] == []
