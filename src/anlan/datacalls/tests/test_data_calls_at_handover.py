"""What was asked and has not come, and what a place owes itself, stand on the handover sheet until they are filed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.datacalls import services
from anlan.datacalls.tests import scenes
from anlan.duty.services.handovers import offer_handover
from anlan.duty.services.rooms import open_room
from anlan.kernel.openitems import OpenItem, sources
from anlan.testing import County

pytestmark = pytest.mark.django_db


def open_at(county: County, place: str) -> list[OpenItem]:
    source = next(one for one in sources() if one.code == "data_calls")
    return list(source.provide(county.divisions[place].path, county.now, None))


def test_the_county_hands_over_what_it_asked_and_a_township_what_it_owes(county: County) -> None:
    call = scenes.ask(county)
    (asked,) = open_at(county, "Yunling")
    assert (asked.key, asked.state_zh) == (f"data_call:{call.pk}", "2处未报")
    (owed,) = open_at(county, "Willow River")
    assert owed.state_zh == "本单位未报"
    assert owed.due_at == call.seats.get(division=county.divisions["Willow River"]).due_at
    assert open_at(county, "Upper Willow") == []
    scenes.fill(county, scenes.seat_of(call, county.divisions["Willow River"]), 3, 0)
    assert open_at(county, "Willow River") == []
    assert open_at(county, "Yunling")[0].state_zh == "1处未报"
    scenes.fill(county, scenes.seat_of(call, county.divisions["Stone Bridge"]), 0, 0, who="Liu")
    assert open_at(county, "Yunling") == []


def test_the_sheet_of_the_room_names_the_call(county: County) -> None:
    call = scenes.ask(county)
    room = open_room(county.division, phone="10000000099", by=county.actor("Feng"), at=county.now)
    sheet = offer_handover(
        room,
        shift_from=county.now - timedelta(hours=8),
        shift_to=county.now,
        summary="",
        by=county.actor("Chen"),
        at=county.now,
    )
    (line,) = [item for item in sheet.items if item["key"] == f"data_call:{call.pk}"]
    assert call.number in line["title"]


def test_what_was_cancelled_is_handed_over_no_more(county: County) -> None:
    call = scenes.ask(county)
    services.cancel_call(call, why="改期", by=county.actor("Chen"), at=county.now)
    assert open_at(county, "Yunling") == []
    assert open_at(county, "Willow River") == []
