"""TAK clients see the same picture and draw on it; who is not known is listed and believed nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from anlan.command import cot, plotting
from anlan.command.models import PlotMark, Scene
from anlan.dispatch.models import PositionFix, TeamJob
from anlan.documents.cot import CotEvent, decode, encode, split, stream
from anlan.incidents import services as incidents
from anlan.incidents.models import Incident
from anlan.incidents.types import IncidentDetails
from anlan.resources.models import Asset, Team
from anlan.sensing.services.readtokens import create_read_token
from anlan.testing import County

pytestmark = pytest.mark.django_db
CORNERS = ((102.91, 27.4), (102.92, 27.4), (102.92, 27.41), (102.91, 27.4))


def landslide(county: County, **fields: Any) -> Incident:
    details = IncidentDetails(
        "上柳村滑坡", "landslide", county.divisions["Upper Willow"], "village", county.now, lon=102.92, lat=27.41, **fields
    )  # fmt: skip
    return incidents.open_incident(details, by=county.actor("Chen"), at=county.now)


def sent_team(county: County, row: Incident) -> TeamJob:
    by, at = county.by, county.now
    team = Team(code="LH-01", name="柳河民兵应急排", kind="militia", division=row.division, readiness="ready",
                registered_at=at).record(by=by, at=at)  # fmt: skip
    Asset(code="C1", name="越野车", kind="vehicle", team=team, division=row.division, tracker="ANDROID-7",
          asset_state="usable", registered_at=at).record(by=by, at=at)  # fmt: skip
    return TeamJob(
        number="D1", incident=row, team=team, division=row.division, told_at=at, state="left"
    ).record(by=by, at=at)


def event(county: County, **fields: Any) -> CotEvent:
    at = county.now
    given = {"uid": "ANDROID-7", "type": "a-f-G-U-C", "time": at, "start": at, "stale": at + timedelta(minutes=5),
             "lon": 102.93, "lat": 27.42}  # fmt: skip
    return CotEvent(**{**given, **fields})


def take(county: County, row: Incident, *events: CotEvent) -> cot.Taken:
    return cot.take_events(events, incident=row, by=county.actor("Chen"), by_name="TAK", at=county.now)


def test_the_picture_shows_incident_scenes_teams_and_marks_and_reads_back(county: County) -> None:
    row = landslide(county)
    job, chen = sent_team(county, row), county.actor("Chen")
    Scene(incident=row, number=1, name="南坡", priority=1, division=row.division, lon=102.92, lat=27.41,
          opened_at=county.now, state="working").record(by=chen, at=county.now)  # fmt: skip
    area = {"type": "Polygon", "coordinates": [[list(one) for one in CORNERS]]}
    plotting.place_mark(
        row, symbol="danger_area", geometry=area, label="滑坡体", by=chen, by_name="陈静", at=county.now
    )
    PositionFix.objects.create(job=job, team=job.team, lon=102.94, lat=27.43, happened_at=county.now,
                               received_at=county.now, source="phone", accuracy_m=6.5)  # fmt: skip
    events = cot.picture(row, at=county.now)
    assert [one.callsign for one in events] == ["上柳村滑坡", "1 南坡", "柳河民兵应急排", "滑坡体"]
    assert [decode(data) for data in split(stream(events))[0]] == events
    team, drawing = events[2], events[3]
    assert (team.type, team.uid, team.lon, team.ce_m) == ("a-f-G-U", "anlan.team.LH-01", 102.94, 6.5)
    assert (drawing.corners, drawing.is_closed, drawing.symbol) == (CORNERS, True, "danger_area")


def test_a_team_that_was_heard_nowhere_is_shown_nowhere(county: County) -> None:
    row = landslide(county)
    sent_team(county, row)
    assert [one.type for one in cot.picture(row, at=county.now)] == ["b-m-p-s-m"]


@pytest.mark.parametrize(
    "fields", [{}, {"uid": "x", "callsign": "LH-01"}, {"uid": "x", "callsign": "柳河民兵应急排"}]
)
def test_a_client_that_stands_for_a_team_moves_it_once(county: County, fields: dict[str, str]) -> None:
    row = landslide(county)
    job = sent_team(county, row)
    said = event(county, **fields)
    assert take(county, row, said).positions == [said.uid]
    assert take(county, row, said).known == [said.uid]
    fix = PositionFix.objects.get()
    assert (fix.job, fix.source, fix.tracker, fix.lon) == (job, "cot", said.uid, 102.93)


def test_who_is_not_known_is_listed_and_stored_nowhere(county: County) -> None:
    row = landslide(county)
    sent_team(county, row)
    other = landslide(county)
    strangers = [
        event(county, uid="ANDROID-8"),
        event(county, uid="c", type="b-t-f"),
        event(county, uid="p", type="t-x-c-t"),
    ]
    assert take(county, row, *strangers).unknown == ["ANDROID-8", "c", "p"]
    assert take(county, other, event(county)).unknown == ["ANDROID-7"]  # its team has no job there
    assert take(county, row, event(county, uid="anlan.team.LH-01")).known == ["anlan.team.LH-01"]
    assert not PositionFix.objects.exists()
    assert not PlotMark.objects.exists()


def test_a_drawing_becomes_one_mark_that_follows_its_uid(county: County) -> None:
    row = landslide(county)
    drawn = event(county, uid="7e1c", type="u-d-f", corners=CORNERS, is_closed=True, callsign="Shape 1")
    assert take(county, row, drawn).placed == ["7e1c"]
    assert take(county, row, drawn).known == ["7e1c"]
    mark = PlotMark.objects.get()
    assert (mark.symbol, mark.label, mark.uid) == ("area", "Shape 1", "7e1c")
    county.clock.advance(minutes=5)
    wider = ((102.91, 27.4), (102.93, 27.4), (102.92, 27.41), (102.91, 27.4))
    assert take(
        county, row, event(county, uid="7e1c", type="u-d-f", corners=wider, is_closed=True)
    ).moved == ["7e1c"]
    assert take(county, row, drawn).known == ["7e1c"]  # an echo of what stood before
    assert "102.93" in PlotMark.objects.get().geometry
    gone = event(county, uid="x", type="t-x-d-d", removes="7e1c")
    assert take(county, row, gone).removed == ["7e1c"]
    assert take(
        county, row, gone, event(county, uid="7e1c", type="u-d-f", corners=wider, is_closed=True)
    ).known == ["7e1c", "7e1c"]
    assert not plotting.marks_of(row).exists()


def test_a_client_moves_our_own_mark_and_it_keeps_its_symbol(county: County) -> None:
    row, chen = landslide(county), county.actor("Chen")
    point = {"type": "Point", "coordinates": [102.92, 27.41]}
    mark = plotting.place_mark(row, symbol="shelter", geometry=point, by=chen, by_name="陈静", at=county.now)
    shown = next(one for one in cot.picture(row, at=county.now) if one.symbol == "shelter")
    assert take(county, row, decode(encode(shown))).known == [f"anlan.mark.{mark.pk}"]
    moved = event(county, uid=shown.uid, type="b-m-p-s-m", callsign="柳河小学")
    assert take(county, row, moved).moved == [shown.uid]
    mark.refresh_from_db()
    assert (mark.symbol, mark.label) == ("shelter", "柳河小学")
    assert "102.93" in mark.geometry


def test_a_bad_drawing_is_refused_and_stops_no_other(county: County) -> None:
    row = landslide(county)
    far = event(county, uid="far", type="b-m-p-s-m", lon=-0.12, lat=51.5)
    good = event(county, uid="good", type="b-m-p-w", callsign="水位标")
    taken = take(county, row, far, good)
    assert taken.refused == [("far", "plot.far_away")]
    assert taken.placed == ["good"]
    with pytest.raises(cot.TooManyEvents):
        take(county, row, *[good] * 501)


def test_the_interface_reads_with_a_token_and_takes_only_from_who_commands(county: County) -> None:
    from django.test import Client

    row = landslide(county)
    sent_team(county, row)
    address = f"/api/cot/v1/events?incident={row.pk}"
    _row, token = create_read_token("tak", division=county.division, by=county.by, at=county.now)
    _far, far = create_read_token(
        "far", division=county.divisions["Stone Bridge"], by=county.by, at=county.now
    )
    shown = Client().get(address, headers={"Authorization": f"Bearer {token}"})
    assert [decode(one).callsign for one in split(shown.content)[0]] == ["上柳村滑坡"]
    body = stream([event(county), event(county, uid="7e1c", type="b-m-p-s-m", callsign="积水")])

    def post(client: Client, data: bytes = body, **headers: str) -> Any:
        return client.post(address, data, content_type="application/xml", headers=headers)

    assert Client().get(address).status_code == 401
    assert post(Client()).status_code == 401
    assert Client().get(address, headers={"Authorization": f"Bearer {far}"}).status_code == 404
    assert post(Client(), Authorization=f"Bearer {token}").status_code == 403
    assert post(county.client("Liu")).status_code == 404
    assert not PlotMark.objects.exists()
    told = post(county.client("Chen")).json()
    assert (told["positions"], told["placed"], told["refused"]) == (["ANDROID-7"], ["7e1c"], {})
    assert post(county.client("Chen"), b"<event/>" + body).json()["unreadable"] == 1
    assert post(county.client("Chen"), b"hello").status_code == 400
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(county.users["Chen"], backend="django.contrib.auth.backends.ModelBackend")
    assert post(strict).status_code == 403
