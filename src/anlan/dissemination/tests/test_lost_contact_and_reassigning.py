"""A silent village is given to somebody else, or somebody is sent there; the program gathers signs and decides nothing."""

from __future__ import annotations

import pytest

from anlan.directory.services import set_contact
from anlan.dissemination import services
from anlan.dissemination.refusals import NotThisPerson, PersonNeeded, ReasonNeeded
from anlan.dissemination.services import losing
from anlan.dissemination.tests.night import Night, rung
from anlan.journal.verify import verify
from anlan.kernel.actor import system

LADDER = (rung("A", "sms", wait_s=300),)
SIGN = {"sign": "power", "detail": "断电：上柳村", "at": ""}


def test_a_village_whose_ladder_is_used_up_waits_again_for_the_person_it_was_given_to(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=LADDER)
    night.pass_minutes(6)
    seat = night.seat(callout, "Upper Willow")
    assert seat.state == "unanswered"
    services.reassign_seat(
        seat, person_id=night.person("Qian"), reason="甲岗外出", by=night.county.actor("Chen"), at=night.now
    )
    night.deliver()
    assert seat.state == "waiting"
    assert seat.reassigned_to_id == night.person("Qian")
    assert night.twins["voice"].messages_to(night.number("Qian"))
    night.pass_minutes(6)
    assert night.seat(callout, "Upper Willow").state == "unanswered"
    assert verify().ok


def test_a_village_is_given_only_to_somebody_of_its_own_line(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=LADDER)
    seat = night.seat(callout, "Upper Willow")
    with pytest.raises(NotThisPerson):
        services.reassign_seat(
            seat, person_id=night.person("Wu"), reason="就近", by=night.county.actor("Chen"), at=night.now
        )
    with pytest.raises(ReasonNeeded):
        services.reassign_seat(
            seat, person_id=night.person("Qian"), reason=" ", by=night.county.actor("Chen"), at=night.now
        )
    assert night.seat(callout, "Upper Willow").reassigned_to_id is None


def test_signs_are_kept_once_and_leave_the_state_alone(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=LADDER)
    seat = night.seat(callout, "Upper Willow")
    assert services.note_signs(seat, [SIGN], by=system("duty"), at=night.now)
    assert not services.note_signs(seat, [SIGN], by=system("duty"), at=night.now)
    assert (seat.state, seat.lost_signs) == ("waiting", [SIGN])


def test_an_order_to_go_tells_the_person_and_stands_on_the_seat(night: Night) -> None:
    callout = night.callout("Upper Willow", "Lower Willow", rungs=LADDER)
    night.deliver()
    night.reply("Zhou", "1")
    seat = night.seat(callout, "Upper Willow")
    services.mark_lost_contact(
        seat, last_contact="02:10 电话中断", by=night.county.actor("Chen"), at=night.now
    )
    [nearest] = losing.near_by(seat)
    assert (nearest.name, nearest.who) == ("下柳村", "周平")
    assert nearest.km == pytest.approx(2.27, abs=0.1)
    services.order_to_go(
        seat,
        words="周平骑摩托车从村道前往，03:00前回报",
        person_id=nearest.person_id,
        by=night.county.actor("Chen"),
        at=night.now,
    )
    night.deliver()
    told = [one.text for one in night.twins["sms"].messages_to(night.number("Zhou"))]
    assert "上柳村失联" in told[-1]
    assert "骑摩托车" in night.seat(callout, "Upper Willow").order_to_go
    with pytest.raises(PersonNeeded):
        services.order_to_go(seat, words="去看", by=system("x"), at=night.now)


def test_satellite_phones_of_the_village_and_its_township_are_named(night: Night) -> None:
    set_contact(
        night.county.people["Li"],
        kind="satellite",
        value="10099990001",
        by=night.county.actor("Chen"),
        at=night.now,
    )
    seat = night.seat(night.callout("Upper Willow", rungs=LADDER), "Upper Willow")
    assert losing.satellite_phones(seat, at=night.now, sees_numbers=True) == [("李梅", "10099990001")]
    [(_, masked)] = losing.satellite_phones(seat, at=night.now, sees_numbers=False)
    assert "*" in masked


def test_the_last_trace_of_a_village_is_the_newest_of_answers_and_events(night: Night) -> None:
    former = night.callout("Upper Willow", rungs=LADDER)
    night.deliver()
    assert losing.last_heard(night.seat(former, "Upper Willow")) is None
    night.reply("Zhao", "1")
    answered_at = night.now
    night.pass_minutes(30)
    seat = night.seat(night.callout("Upper Willow", rungs=LADDER), "Upper Willow")
    heard = losing.last_heard(seat)
    assert heard is not None
    assert heard.at == answered_at
