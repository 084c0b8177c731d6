"""Plotting on the desk: by the map's JSON and by a table without scripts; who is told, and who sees nothing."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from anlan.command.models import PlotMark, Scene
from anlan.dispatch.models import PositionFix, TeamJob
from anlan.incidents import services as incidents
from anlan.incidents.models import Incident
from anlan.incidents.types import IncidentDetails
from anlan.journal.models import Entry
from anlan.resources.models import Team
from anlan.testing import County

pytestmark = pytest.mark.django_db
POINT = {"type": "Point", "coordinates": [102.92, 27.41]}


def landslide(county: County) -> Incident:
    details = IncidentDetails(
        "上柳村滑坡", "landslide", county.divisions["Upper Willow"], "village", county.now
    )
    return incidents.open_incident(details, by=county.actor("Chen"), at=county.now)


def act(county: County, row: Incident, who: str = "Chen", **given: Any) -> Any:
    return county.client(who).post(
        f"/incidents/{row.pk}/plot/act/", json.dumps(given), content_type="application/json"
    )


def layers(county: County, row: Incident, who: str = "Chen") -> Any:
    return json.loads(county.client(who).get(f"/incidents/{row.pk}/plot.json").content)


def job(county: County, row: Incident, **fields: Any) -> TeamJob:
    by, at = county.by, county.now
    team = Team(
        code="T1", name="柳河民兵应急排", kind="militia", division=county.divisions["Willow River"],
        readiness="ready", registered_at=at, lon=102.91, lat=27.40,
    ).record(by=by, at=at)  # fmt: skip
    return TeamJob(
        number="D1", incident=row, team=team, division=row.division, told_at=at,
        **{"state": "left", "arrive_by": at + timedelta(minutes=30), **fields},
    ).record(by=by, at=at)  # fmt: skip


def fix(county: County, one: TeamJob, lon: float, minutes: int) -> None:
    at = county.now - timedelta(minutes=minutes)
    PositionFix.objects.create(
        job=one, team=one.team, lon=lon, lat=27.4, happened_at=at, received_at=at, source="phone"
    )


def test_a_mark_is_drawn_dragged_and_removed_by_the_map(county: County) -> None:
    row = landslide(county)
    drawn = act(county, row, verb="place", symbol="shelter", geometry=POINT, label="柳河小学").json()["mark"]
    assert (drawn["properties"]["name"], drawn["properties"]["word"]) == ("柳河小学", "shelter")
    key = drawn["properties"]["id"]
    moved = {"type": "Point", "coordinates": [102.93, 27.41]}
    assert act(county, row, verb="move", mark=key, version=1, geometry=moved).status_code == 200
    shown = layers(county, row)["marks"]["features"]
    assert [one["geometry"] for one in shown] == [moved]
    assert act(county, row, verb="remove", mark=key, version=2).status_code == 200
    assert layers(county, row)["marks"]["features"] == []


def test_the_second_of_two_who_drag_is_told_and_gets_the_place_of_the_first(county: County) -> None:
    row = landslide(county)
    key = act(county, row, verb="place", symbol="team", geometry=POINT).json()["mark"]["properties"]["id"]
    first = {"type": "Point", "coordinates": [102.93, 27.41]}
    act(county, row, verb="move", mark=key, version=1, geometry=first)
    late = act(county, row, "Feng", verb="move", mark=key, version=1, geometry=POINT)
    assert late.status_code == 409
    told = late.json()
    assert told["refused"]["sentence"] == "Somebody else changed this mark while you held it."
    assert (told["mark"]["geometry"], told["mark"]["properties"]["version"]) == (first, 2)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"\xff", b'{"verb":"fly"}', b'{"verb":"move","mark":"x"}', b"9" * 300_001]
)
def test_what_asks_for_nothing_finds_nothing(county: County, body: bytes) -> None:
    row = landslide(county)
    answer = county.client("Chen").post(
        f"/incidents/{row.pk}/plot/act/", body, content_type="application/json"
    )
    assert answer.status_code == 404
    assert not PlotMark.objects.exists()


def test_who_may_not_command_draws_nothing_and_a_neighbour_sees_nothing(county: County) -> None:
    row = landslide(county)
    place = {"verb": "place", "symbol": "shelter", "geometry": POINT}
    assert act(county, row, "Zhao", **place).status_code == 403
    assert act(county, row, "Liu", **place).status_code == 404
    assert county.client("Liu").get(f"/incidents/{row.pk}/plot.json").status_code == 404
    page = county.client("Zhao").get(f"/incidents/{row.pk}/plot/").content.decode()
    assert "Add by coordinates" not in page
    assert not PlotMark.objects.exists()


def test_without_scripts_a_mark_is_typed_changed_and_removed(county: County) -> None:
    row, chen = landslide(county), county.client("Chen")
    address = f"/incidents/{row.pk}/plot/"
    key = re.search(r'name="key" value="([^"]+)"', chen.get(address).content.decode())
    assert key is not None
    form = {"verb": "place", "symbol": "danger_area", "label": "滑坡体", "key": key[1]}
    form["place"] = "102.91 27.40; 102.92 27.40\n102.92，27.41"
    for _time in range(2):
        assert chen.post(address, form).status_code == 302
    mark = PlotMark.objects.get()
    assert json.loads(mark.geometry)["coordinates"][0][2] == [102.92, 27.41]
    held = chen.get(f"{address}?mark={mark.pk}").content.decode()
    assert "102.91 27.4; 102.92 27.4; 102.92 27.41" in held
    moved = {
        "verb": "move",
        "mark": mark.pk,
        "version": "1",
        "place": "102.9 27.4; 102.92 27.4; 102.92 27.42",
    }
    assert chen.post(address, moved).status_code == 302
    assert chen.post(address, moved).status_code == 409  # the version he held is over
    assert chen.post(address, {"verb": "remove", "mark": mark.pk, "version": "2"}).status_code == 302
    mark.refresh_from_db()
    assert mark.removed_by_name


def test_a_refused_form_keeps_what_was_typed(county: County) -> None:
    row = landslide(county)
    answer = county.client("Chen").post(
        f"/incidents/{row.pk}/plot/",
        {"verb": "place", "symbol": "shelter", "label": "柳河小学", "place": "27.41 102.92"},
    )
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "This lies far outside the county." in page
    assert 'value="柳河小学"' in page
    assert "27.41 102.92" in page
    assert not PlotMark.objects.exists()


def test_a_team_stands_where_it_was_heard_last_with_its_track(county: County) -> None:
    row = landslide(county)
    one = job(county, row)
    team = layers(county, row)["teams"]["features"][0]
    assert (team["properties"]["how"], team["geometry"]["coordinates"]) == ("base", [102.91, 27.4])
    for number in range(130):
        fix(county, one, 102.9 + number / 10_000, minutes=110 - number * 100 // 130)
    fix(county, one, 102.95, minutes=5)
    fix(county, one, 102.8, minutes=500)
    county.clock.advance(minutes=1)  # what is shared by readers is not shared over time
    found = layers(county, row, "Feng")
    assert found["teams"]["features"][0]["geometry"]["coordinates"] == [102.95, 27.4]
    assert found["teams"]["features"][0]["properties"]["how"] == "fix"
    track = found["tracks"]["features"][0]["geometry"]["coordinates"]
    assert len(track) <= 60
    assert track[-1] == [102.95, 27.4]
    assert [102.8, 27.4] not in track


def test_the_map_names_scenes_teams_and_marks_in_chinese(county: County) -> None:
    row = landslide(county)
    job(county, row, state="arrived", arrived_at=county.now, lon=102.93, lat=27.42)
    Scene(
        incident=row, number=1, name="滑坡现场", priority=1, division=row.division, lon=102.92, lat=27.41,
        opened_at=county.now, state="working",
    ).record(by=county.by, at=county.now)  # fmt: skip
    act(
        county,
        row,
        verb="place",
        symbol="cordon",
        geometry={"type": "LineString", "coordinates": [[102.9, 27.4], [102.91, 27.4]]},
    )
    chen = county.client("Chen", language="zh-hans")
    found = chen.get(f"/incidents/{row.pk}/plot.json").json()
    assert found["marks"]["features"][0]["properties"]["name"] == "警戒线"
    assert found["teams"]["features"][0]["properties"]["how"] == "place"
    assert found["scenes"]["features"][0]["properties"]["name"] == "滑坡现场"
    assert not re.search("[a-z]", found["teams"]["features"][0]["properties"]["state_text"])
    assert not re.search("[a-z]", found["scenes"]["features"][0]["properties"]["state_text"])
    page = chen.get(f"/incidents/{row.pk}/plot/").content.decode()
    assert "警戒线" in page


def test_an_unchanged_map_is_not_sent_again(county: County) -> None:
    row, chen = landslide(county), county.client("Chen")
    first = chen.get(f"/incidents/{row.pk}/plot.json")
    again = chen.get(f"/incidents/{row.pk}/plot.json", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304


def scene(county: County, row: Incident, **fields: Any) -> Scene:
    from anlan.command import services

    given = {"name": "后山沟口", "lon": 102.92, "lat": 27.41, **fields}
    return services.open_scene(row, by=county.actor("Chen"), at=county.now, **given)


def test_a_scene_is_dragged_to_its_place_and_everybody_sees_it_there(county: County) -> None:
    row = landslide(county)
    one = scene(county, row)
    (shown,) = layers(county, row)["scenes"]["features"]
    moved = {"type": "Point", "coordinates": [102.931, 27.4205]}
    verb = {"verb": "move_scene", "scene": str(one.pk), "version": shown["properties"]["version"]}
    assert act(county, row, geometry=moved, **verb).status_code == 200
    (now,) = layers(county, row, "Feng")["scenes"]["features"]
    assert now["geometry"] == moved
    entry = Entry.objects.filter(subject_id=str(one.pk)).order_by("id").last()
    assert entry is not None
    assert (entry.kind, entry.actor) == ("scene.placed", county.actor("Chen").ref)
    late = act(county, row, "Feng", geometry=POINT, **verb)  # he still held the place of before
    assert late.status_code == 409
    assert late.json()["refused"]["code"] == "plot.scene_moved_by_another"
    (still,) = layers(county, row)["scenes"]["features"]
    assert still["geometry"] == moved


def test_a_scene_is_not_put_outside_the_county_and_a_closed_one_not_at_all(county: County) -> None:
    from anlan.command import services

    row = landslide(county)
    one = scene(county, row)
    verb = {"verb": "move_scene", "scene": str(one.pk)}
    exchanged = {"type": "Point", "coordinates": [27.41, 102.92]}
    assert act(county, row, geometry=exchanged, **verb).json()["refused"]["code"] == "plot.far_away"
    line = {"type": "LineString", "coordinates": [[102.9, 27.4], [102.91, 27.4]]}
    assert act(county, row, geometry=line, **verb).status_code == 400
    services.move_scene(one, "working", by=county.actor("Chen"), at=county.now)
    services.move_scene(one, "closed", why="完毕", by=county.actor("Chen"), at=county.now)
    assert act(county, row, geometry=POINT, **verb).status_code == 409


def test_whoever_may_not_write_a_scene_does_not_drag_it_and_its_commander_does(county: County) -> None:
    from anlan.command import services

    row = landslide(county)
    one = scene(county, row)
    verb = {
        "verb": "move_scene",
        "scene": str(one.pk),
        "geometry": {"type": "Point", "coordinates": [102.93, 27.41]},
    }
    assert act(county, row, "Zhao", **verb).status_code == 403
    assert act(county, row, "Liu", **verb).status_code == 404
    assert (
        "ownScenes&quot;: []" not in county.client("Zhao").get(f"/incidents/{row.pk}/plot/").content.decode()
    )
    services.transfer_command(
        row, role="scene_commander", scene=one, name="赵春兰", person=county.people["Zhao"], why="就近",
        by=county.actor("Chen"), at=county.now,
    )  # fmt: skip
    assert act(county, row, "Zhao", **verb).status_code == 200
    assert str(one.pk) in county.client("Zhao").get(f"/incidents/{row.pk}/plot/").content.decode()


def test_without_scripts_the_form_of_the_scene_takes_its_place(county: County) -> None:
    row = landslide(county)
    one = scene(county, row)
    form = {"verb": "edit_scene", "edit": str(one.pk), "name": one.name, "lon": "102.94", "lat": "27.42"}
    assert county.client("Chen").post(f"/incidents/{row.pk}/room/act/", form).status_code == 302
    (shown,) = layers(county, row)["scenes"]["features"]
    assert shown["geometry"]["coordinates"] == [102.94, 27.42]
