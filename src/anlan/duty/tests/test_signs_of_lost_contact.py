"""A silent village where power is down or the station silent rings as possibly lost; a slow one does not."""

from __future__ import annotations

import pytest

from anlan.dissemination import services as dissemination
from anlan.dissemination.models import CalloutSeat
from anlan.duty import losing
from anlan.duty.models import Alarm
from anlan.duty.refusals import OutageIsOver, UnknownOutage
from anlan.duty.tests.desk import Desk
from anlan.events.published import SeatOverdue
from anlan.kernel.refusals import NotAllowed
from anlan.testing import County


def silent_seat(county: County) -> CalloutSeat:
    callout = dissemination.open_callout(
        subject="warning:test",
        title="山洪橙色叫应",
        text="请立即转移。",
        voice_text="",
        issuer="云岭县应急指挥部",
        level=2,
        hazard_type="flash_flood",
        division=county.division,
        villages=[county.divisions["Upper Willow"]],
        ladder_name="",
        by=county.by,
        at=county.now,
    )
    seat = CalloutSeat.objects.select_related("division", "callout").get(callout=callout)
    return seat.change(by=county.by, at=county.now, kind="moved_on", rung=1)


def outage(desk: Desk, kind: str = "power", where: str = "Willow River") -> object:
    return losing.report_outage(
        kind=kind,
        division=desk.county.divisions[where],
        since=desk.county.now,
        words="供电所来电",
        by=desk.county.actor("Chen"),
        at=desk.county.now,
    )


def ringing() -> list[str]:
    return list(
        Alarm.objects.filter(kind="contact_may_be_lost", state="ringing").values_list("text_zh", flat=True)
    )


def test_an_outage_above_a_silent_village_rings_and_is_kept_as_a_sign(desk: Desk) -> None:
    seat = silent_seat(desk.county)
    outage(desk)
    assert ringing() == ["疑似失联：上柳村（断电：柳河镇）"]
    seat.refresh_from_db()
    assert (seat.state, seat.lost_signs[0]["sign"]) == ("waiting", "power")


def test_a_cut_road_is_no_sign_of_silence(desk: Desk) -> None:
    silent_seat(desk.county)
    outage(desk, kind="road")
    assert ringing() == []


def test_a_village_that_is_only_slow_gets_no_sign(desk: Desk) -> None:
    seat = silent_seat(desk.county)
    desk.hears(SeatOverdue(seat_id=str(seat.pk)))
    assert ringing() == []


def test_a_silent_station_there_is_a_sign_when_the_ladder_is_used_up(desk: Desk) -> None:
    seat = silent_seat(desk.county)
    station = desk.station()
    station.division = seat.division
    station.state = "silent"
    station.save()
    desk.hears(SeatOverdue(seat_id=str(seat.pk)))
    assert len(ringing()) == 1
    assert "测站离线" in ringing()[0]


def test_an_outage_ends_once_and_only_for_who_may(desk: Desk) -> None:
    row = outage(desk)
    with pytest.raises(NotAllowed):
        losing.end_outage(row, by=desk.county.actor("Liu"), at=desk.county.now)  # type: ignore[arg-type]
    losing.end_outage(row, by=desk.county.actor("Li"), at=desk.county.now)  # type: ignore[arg-type]
    with pytest.raises(OutageIsOver):
        losing.end_outage(row, by=desk.county.actor("Li"), at=desk.county.now)  # type: ignore[arg-type]
    with pytest.raises(UnknownOutage):
        outage(desk, kind="water")
