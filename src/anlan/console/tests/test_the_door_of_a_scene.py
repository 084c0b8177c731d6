"""Whoever commands a scene, or mans the desk of its place, comes into the room of an incident elsewhere, to that scene alone."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache

from anlan.command import services
from anlan.command.models import Scene
from anlan.command.tests import room
from anlan.incidents.models import Incident
from anlan.journal.models import Entry
from anlan.testing import County

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh() -> None:
    cache.clear()


def elsewhere(county: County) -> tuple[Incident, Scene, Scene]:
    """A landslide at Stone Bridge with a scene there and one in Willow River."""
    row, by, at = room.incident(county, "North Slope", title="北坡滑坡"), county.actor("Chen"), county.now
    there = services.open_scene(row, name="北坡沟口", by=by, at=at)
    here = services.open_scene(row, name="柳河渡口", division=county.divisions["Willow River"], by=by, at=at)
    return row, there, here


def test_the_desk_of_the_scenes_place_sees_and_writes_its_scene_and_no_other(county: County) -> None:
    row, there, here = elsewhere(county)
    services.make_decision(row, words="封闭省道", by=county.actor("Chen"), at=county.now)
    li = county.client("Li")
    page = li.get(f"/incidents/{row.pk}/room/").content.decode()
    assert "北坡滑坡" in page
    assert "柳河渡口" in page
    assert "北坡沟口" not in page
    assert "封闭省道" not in page
    done = li.post(
        f"/incidents/{row.pk}/room/act/", {"verb": "move_scene", "scene": str(here.pk), "to": "working"}
    )
    assert done.status_code == 302
    here.refresh_from_db()
    assert here.state == "working"
    shown = li.get(done["Location"].partition("#")[0]).content.decode()
    assert "work goes on" in shown
    assert Entry.objects.filter(subject_id=str(here.pk)).last().actor == county.actor("Li").ref  # type: ignore[union-attr]  # there is one
    refused = li.post(
        f"/incidents/{row.pk}/room/act/", {"verb": "move_scene", "scene": str(there.pk), "to": "working"}
    )
    assert refused.status_code == 403
    other = li.post(f"/incidents/{row.pk}/room/act/", {"verb": "make_decision", "words": "不该有"})
    assert other.status_code == 403
    for part in ("room/head/", "room/timeline/", "room/board/orders/", "leader/", "", "plot.json"):
        assert li.get(f"/incidents/{row.pk}/{part}").status_code == 404, part


def test_a_refused_form_shows_the_scenes_again_with_what_was_typed(county: County) -> None:
    row, _there, here = elsewhere(county)
    form = {
        "verb": "edit_scene",
        "edit": str(here.pk),
        "name": "渡口",
        "note": "水位已退",
        "lon": "东边",
        "lat": "27.4",
    }
    answer = county.client("Li").post(f"/incidents/{row.pk}/room/act/", form)
    page = answer.content.decode()
    assert answer.status_code >= 400
    assert "水位已退" in page
    assert "北坡沟口" not in page


def test_a_commander_comes_in_with_the_transfer_and_goes_with_the_next(county: County) -> None:
    row, there, _here = elsewhere(county)
    zhao, by = county.client("Zhao"), county.actor("Chen")
    assert zhao.get(f"/incidents/{row.pk}/room/").status_code == 404
    services.transfer_command(
        row, role="scene_commander", scene=there, name="赵春兰", person=county.people["Zhao"], why="就近", by=by,
        at=county.now,
    )  # fmt: skip
    assert "北坡沟口" in zhao.get(f"/incidents/{row.pk}/room/").content.decode()
    assert f"/incidents/{row.pk}/room/" in zhao.get("/").content.decode()
    county.clock.advance(minutes=5)
    services.transfer_command(
        row, role="scene_commander", scene=there, name="吴军", person=county.people["Wu"], why="换班", by=by,
        at=county.now,
    )  # fmt: skip
    cache.clear()
    assert zhao.get(f"/incidents/{row.pk}/room/").status_code == 404
    act = {"verb": "move_scene", "scene": str(there.pk), "to": "working"}
    assert zhao.post(f"/incidents/{row.pk}/room/act/", act).status_code == 404
    assert f"/incidents/{row.pk}/room/" not in zhao.get("/").content.decode()


def test_a_restricted_incident_has_no_door_for_a_scene(county: County) -> None:
    row, _there, _here = elsewhere(county)
    Incident.objects.filter(pk=row.pk).update(is_restricted=True)
    assert county.client("Li").get(f"/incidents/{row.pk}/room/").status_code == 404
    assert f"/incidents/{row.pk}/room/" not in county.client("Li").get("/").content.decode()


def test_strangers_stay_outside(county: County) -> None:
    row, _there, _here = elsewhere(county)
    for who in ("Zhao", "Zhou", "Guo"):
        assert county.client(who).get(f"/incidents/{row.pk}/room/").status_code in (403, 404), who


def test_the_page_of_the_scene_speaks_chinese(county: County) -> None:
    row, _there, _here = elsewhere(county)
    page = county.client("Li", language="zh-hans").get(f"/incidents/{row.pk}/room/").content.decode()
    body = re.sub(r"<script.*?</script>|<[^>]+>", " ", page[page.index("<main") :], flags=re.S)
    assert not set(re.findall(r"[A-Za-z_]{3,}", body)) - {"English"}
