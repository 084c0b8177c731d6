"""Several targets at once, retries, hours of the day, key people first, the roster, outlets, sites and single people."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from anlan.directory import rostering
from anlan.directory import services as directory
from anlan.directory.models import HoldingRole
from anlan.dissemination import queries, services
from anlan.dissemination.audience import Audience
from anlan.dissemination.channels import ChannelRefused
from anlan.dissemination.ladders import Hours, Ladder, Rung, ladder_named
from anlan.dissemination.models import Callout, CalloutSeat, Delivery, Outlet
from anlan.dissemination.planning import Party, plan
from anlan.dissemination.tests.night import Night, ladder, rung
from anlan.journal.models import Entry
from anlan.journal.verify import verify
from anlan.places.models import Division
from anlan.places.services import load_divisions
from anlan.places.types import DivisionRow
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import PostKind


def called(callout: Callout) -> list[tuple[str, str]]:
    rows = Delivery.objects.filter(callout=callout).order_by("id").select_related("person")
    return [(row.person.name if row.person else row.recipient, row.channel) for row in rows]


def site(
    night: Night, code: str, level: DivisionLevel = DivisionLevel.SITE, parent: str = "Upper Willow"
) -> Division:
    row = DivisionRow(code, "柳河小学", night.county.divisions[parent].code, level, lon=102.92, lat=27.41)
    load_divisions([row], by=night.county.by, at=night.now)
    return Division.objects.get(pk=code)


def keeper(
    night: Night, place: Division, name: str, phone: str, role: HoldingRole = HoldingRole.A
) -> uuid.UUID:
    kind = PostKind.SITE_KEEPER if place.level == DivisionLevel.SITE else PostKind.ENTERPRISE_SAFETY_MANAGER
    by, at = night.county.by, night.now
    person = directory.create_person(name, division=place, by=by, at=at)
    directory.set_contact(person, kind="mobile", value=phone, by=by, at=at)
    directory.appoint(
        directory.ensure_post(kind, division=place, by=by, at=at), person, role=role, by=by, at=at
    )
    return person.pk


# --- one rung, several targets ---


def test_the_whole_chain_is_called_at_once(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=[Rung(("A", "B", "township_duty"), ("voice",), 300)])
    assert called(callout) == [("赵春兰", "voice"), ("钱进", "voice"), ("李梅", "voice")]
    assert night.seat(callout, "Upper Willow").trying_role == "A+B+township_duty"


def test_one_answer_of_the_chain_answers_the_seat(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=[Rung(("A", "B"), ("voice",), 300)])
    night.deliver()
    night.press(Delivery.objects.get(callout=callout, person=night.person("Qian")), "1")
    assert night.seat(callout, "Upper Willow").state == "answered"


def test_a_target_that_reaches_nobody_is_noted_while_the_others_are_called(night: Night) -> None:
    callout = night.callout("Lower Willow", rungs=[Rung(("A", "B"), ("voice",), 300)])
    assert called(callout) == [("周平", "voice")]
    assert night.seat(callout, "Lower Willow").skipped == [{"rung": 0, "to": "B", "why": "no_holder"}]


def test_key_people_are_called_by_voice_before_the_whole_chain(night: Night) -> None:
    callout = night.callout(
        "Upper Willow", rungs=[Rung(("A", "B", "township_duty"), ("sms",), 300, key_first_s=60)]
    )
    assert called(callout) == [("赵春兰", "voice")]
    night.deliver()
    night.pass_minutes(1)
    assert called(callout)[1:] == [("赵春兰", "sms"), ("钱进", "sms"), ("李梅", "sms")]


# --- retries ---


def test_a_busy_line_is_rung_again_at_its_time_and_not_three_times_in_a_minute(night: Night) -> None:
    callout = night.callout(
        "Upper Willow", rungs=[Rung("A", ("voice",), 300, repeats=2, every_s=100), rung("B")]
    )
    for tries in (1, 2, 3):
        night.deliver()
        assert night.calls_to("Zhao") == tries
        night.receipt(Delivery.objects.filter(callout=callout).order_by("-id")[0], "busy")
        if tries < 3:
            night.pass_minutes(1.5)
            assert night.calls_to("Zhao") == tries
            night.pass_minutes(0.2)
    assert night.seat(callout, "Upper Willow").trying_person_id == night.person("Qian")


def test_a_number_that_is_refused_for_good_is_not_tried_again(night: Night) -> None:
    night.twins["voice"].refused_addresses[night.number("Zhao")] = ChannelRefused("no_such_number")
    callout = night.callout(
        "Upper Willow", rungs=[Rung("A", ("voice",), 300, repeats=2, every_s=100), rung("B")]
    )
    night.deliver()
    assert night.seat(callout, "Upper Willow").trying_person_id == night.person("Qian")


def test_mianxian_calls_four_times_in_eight_minutes_and_then_a_named_person_has_it(night: Night) -> None:
    callout = night.callout("Upper Willow", name="mianxian_3min")
    night.deliver()
    for _ in range(36):  # a look every 15 s, so each step may be that much late
        night.pass_minutes(0.25)
    assert night.calls_to("Zhao") == 4
    assert night.seat(callout, "Upper Willow").escalated_to_id == night.person("Li")


# --- hours of the day ---


@pytest.mark.parametrize(("hours_later", "first"), [(0, "sms"), (15, "voice")])
def test_at_night_the_voice_comes_first(night: Night, hours_later: int, first: str) -> None:
    night.county.clock.advance(hours=hours_later)
    rungs = [
        Rung("A", ("voice",), 60, only_between=Hours("22:00", "06:00")),
        Rung("A", ("sms",), 60, only_between=Hours("06:00", "22:00")),
    ]
    callout = night.callout("Upper Willow", rungs=rungs)
    assert called(callout) == [("赵春兰", first)]
    assert night.seat(callout, "Upper Willow").skipped == []


# --- the roster ---


def test_an_officer_who_is_away_is_passed_over_with_the_reason_and_the_deputy_is_called(night: Night) -> None:
    rostering.record_absence(
        night.county.people["Zhao"], away_from=night.now, away_to=night.now + timedelta(days=1),
        by=night.county.by, at=night.now,
    )  # fmt: skip
    callout = night.callout("Upper Willow", rungs=[rung("A"), rung("B")])
    assert called(callout) == [("钱进", "voice")]
    assert night.seat(callout, "Upper Willow").skipped == [{"rung": 0, "to": "A", "why": "off_duty"}]


def test_the_township_officer_on_shift_is_called_and_has_the_silence(night: Night) -> None:
    post = night.county.posts[PostKind.TOWNSHIP_DUTY, "Willow River"]
    rostering.plan_shift(
        post, night.county.people["Zhou"], starts_at=night.now, ends_at=night.now + timedelta(hours=8),
        by=night.county.by, at=night.now,
    )  # fmt: skip
    callout = night.callout("Upper Willow", rungs=[rung("township_duty")])
    assert called(callout) == [("周平", "voice")]
    night.pass_minutes(10)
    assert night.seat(callout, "Upper Willow").escalated_to_name == "周平"


def test_a_village_whose_everybody_is_off_duty_still_has_a_named_owner(night: Night) -> None:
    for name in ("Wu", "Liu", "Chen"):
        rostering.record_absence(
            night.county.people[name], away_from=night.now, away_to=night.now + timedelta(days=1),
            by=night.county.by, at=night.now,
        )  # fmt: skip
    callout = night.callout("North Slope", rungs=[rung("A"), rung("township_duty")])
    seat = night.seat(callout, "North Slope")
    assert (seat.state, seat.escalated_to_name) == ("unanswered", "刘强")
    assert {one["why"] for one in seat.skipped} == {"off_duty"}


# --- outlets ---


def test_loudspeaker_and_door_come_before_a_person_owns_the_silence(night: Night) -> None:
    outlet = Outlet(
        channel="gong", name="村口铜锣", division=night.county.divisions["Upper Willow"], address="gong-1",
        keeper=night.county.people["Zhao"],
    ).record(by=night.county.by, at=night.now)  # fmt: skip
    chain = replace(ladder(rung("A", wait_s=60)), escalate_to=("township_duty", "outlets", "county_duty"))
    night.ladders["chain"] = chain
    callout = night.callout("Upper Willow", name="chain")
    night.deliver()
    night.pass_minutes(1)
    assert called(callout)[-1] == ("李梅", "voice")
    night.pass_minutes(3)
    last = Delivery.objects.filter(callout=callout).order_by("-id")[0]
    assert (last.outlet_id, last.channel, last.purpose) == (outlet.pk, "gong", "broadcast")
    night.pass_minutes(3)
    seat = night.seat(callout, "Upper Willow")
    assert (seat.state, seat.escalated_to_id) == ("unanswered", night.person("Chen"))


def test_a_village_without_an_outlet_goes_on_at_once_and_says_so(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=[Rung("outlets", ("gong", "door"), 300), rung("A")])
    assert night.seat(callout, "Upper Willow").skipped == [{"rung": 0, "to": "outlets", "why": "no_outlet"}]
    assert called(callout) == [("赵春兰", "voice")]


# --- sites, enterprises, single people ---

SITE_LADDER = (rung("A"), rung("B"), rung("township_duty"))


def test_a_school_has_a_seat_and_its_own_person_is_called_first_then_the_village_officer(
    night: Night,
) -> None:
    place = site(night, "999901101201-S1")
    keeper(night, place, "校长", "10000000031")
    callout = night.callout(villages=[place], rungs=SITE_LADDER)
    night.deliver()
    night.pass_minutes(10)
    night.pass_minutes(10)
    assert called(callout) == [("校长", "voice"), ("赵春兰", "voice"), ("李梅", "voice")]


def test_the_deputy_of_an_enterprise_comes_before_the_village_officer(night: Night) -> None:
    place = site(night, "999901101201-Q1", DivisionLevel.ENTERPRISE)
    keeper(night, place, "安全员", "10000000031")
    keeper(night, place, "副手", "10000000032", HoldingRole.B)
    callout = night.callout(villages=[place], rungs=[Rung("self", ("voice",), 60), *SITE_LADDER[1:]])
    night.deliver()
    night.pass_minutes(10)
    assert called(callout) == [("安全员", "voice"), ("副手", "voice")]


def test_a_site_without_a_keeper_is_the_village_officers(night: Night) -> None:
    callout = night.callout(villages=[site(night, "999901101201-S1")], rungs=SITE_LADDER)
    assert called(callout) == [("赵春兰", "voice")]


def test_a_single_person_has_a_seat_of_his_own_beside_his_village(night: Night) -> None:
    upper = night.county.divisions["Upper Willow"]
    night.ladders["test"] = ladder(*SITE_LADDER)
    callout = services.open_callout(
        subject="warning:test", title="t", text="t", voice_text="", issuer="县指挥部", level=2, hazard_type="flash_flood",
        division=night.county.division, villages=[upper], parties={upper.pk: [night.person("Guo"), night.person("Guo")]},
        ladder_name="test", by=night.county.by, at=night.now,
    )  # fmt: skip
    seats = CalloutSeat.objects.filter(callout=callout).order_by("id")
    assert [(seat.division_id, seat.party_id) for seat in seats] == [
        (upper.pk, None),
        (upper.pk, night.person("Guo")),
    ]
    rows = queries.board(callout, night.county.actor("Chen")).rows
    assert sorted((row.village, row.party, row.next_step) for row in rows) == [
        ("上柳村", "", "B"),
        ("上柳村", "郭小明", "B"),
    ]
    night.deliver()
    night.reply("Guo", "1")
    assert [seat.state for seat in seats.all()] == ["waiting", "answered"]
    night.pass_minutes(10)
    assert night.calls_to("Qian") == 1
    assert verify().problems == []


def test_a_person_who_is_away_is_replaced_by_whoever_stands_in(night: Night) -> None:
    upper = night.county.divisions["Upper Willow"]
    rostering.record_absence(
        night.county.people["Guo"], away_from=night.now, away_to=night.now + timedelta(days=1),
        deputy=night.county.people["Wu"], by=night.county.by, at=night.now,
    )  # fmt: skip
    audience = Audience.of([upper], at=night.now, parties=[night.person("Guo")])
    found = audience.reaches_of(upper, rung("self"), night.person("Guo"))
    assert [reach.name for reach in found.reaches] == ["吴军"]


# --- the plan is what happens ---


@pytest.mark.parametrize(
    "name", ["anlan_default", "anlan_night", "anlan_whole_chain", "mianxian_3min", "r30_135_minutes"]
)
def test_what_the_page_foretells_is_what_the_engine_does(night: Night, name: str) -> None:
    upper = night.county.divisions["Upper Willow"]
    chosen: Ladder = ladder_named(name)
    foretold = plan(
        Party(upper), chosen, lambda at: Audience.of([upper], at=at, ladder=chosen.expanded()), night.now
    )
    start = night.now
    callout = night.callout("Upper Willow", name=name)
    for _ in range(60 * 40 // 10):
        night.county.clock.advance(seconds=10)
        night.tick_over()
    happened = [
        (round((made_at - start).total_seconds()), row.address)
        for row, made_at in _made(callout)
        if row.purpose != "escalation"
    ]
    expected = [(one.after_s, reach.address) for one in foretold.turns for reach in one.turn.reaches]
    assert happened == expected
    assert foretold.owner is not None
    assert night.seat(callout, "Upper Willow").escalated_to_name == foretold.owner.name


def _made(callout: Callout) -> list[tuple[Delivery, datetime]]:
    """The deliveries with the run's time at which they were queued, from the journal."""
    at = dict(Entry.objects.filter(kind="delivery.queued").values_list("subject_id", "at"))
    return [(row, at[str(row.pk)]) for row in Delivery.objects.filter(callout=callout).order_by("id")]
