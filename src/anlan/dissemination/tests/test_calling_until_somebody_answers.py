"""Seats climb their ladder by deadline until somebody answers or a named person has them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from anlan.directory import services as directory
from anlan.directory.models import HoldingRole
from anlan.dissemination.channels import ChannelRefused
from anlan.dissemination.models import CalloutSeat, Delivery
from anlan.dissemination.refusals import NobodyToCall
from anlan.dissemination.tests.night import Night, rung
from anlan.journal.models import Announcement, Entry
from anlan.journal.reactions import reactions_to
from anlan.journal.verify import verify
from anlan.vocab.posts import PostKind

A_THEN_B = (rung("A"), rung("B"))


def test_the_first_rung_is_queued_when_the_call_out_opens(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=[rung("A", "sms", "voice")])
    queued = Delivery.objects.filter(callout=callout)
    assert {(one.channel, one.address, one.state) for one in queued} == {
        ("sms", "10000000008", "queued"),
        ("voice", "10000000008", "queued"),
    }
    assert night.seat(callout, "Upper Willow").trying_person_id == night.person("Zhao")


def test_an_unanswered_seat_moves_to_the_deputy_after_ten_minutes(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=A_THEN_B)
    night.deliver()
    night.pass_minutes(9.9)
    assert night.seat(callout, "Upper Willow").trying_person_id == night.person("Zhao")
    night.pass_minutes(0.1)
    seat = night.seat(callout, "Upper Willow")
    assert (seat.trying_person_id, seat.trying_role, seat.rung) == (night.person("Qian"), "B", 1)
    assert night.calls_to("Zhao") == 1
    assert night.calls_to("Qian") == 1


def test_an_answered_seat_does_not_move_on(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=A_THEN_B)
    night.deliver()
    night.reply("Zhao", "1")
    night.pass_minutes(60)
    assert night.seat(callout, "Upper Willow").state == "answered"
    assert night.calls_to("Qian") == 0


def test_a_rung_without_a_person_is_skipped_at_once_and_noted(night: Night) -> None:
    callout = night.callout("Lower Willow", rungs=[rung("B"), rung("secretary"), rung("A")])
    seat = night.seat(callout, "Lower Willow")
    assert (seat.rung, seat.trying_person_id) == (2, night.person("Zhou"))
    assert seat.skipped == [
        {"rung": 0, "to": "B", "why": "no_holder"},
        {"rung": 1, "to": "secretary", "why": "no_holder"},
    ]


def test_a_person_without_a_number_is_skipped_at_once_and_noted(night: Night) -> None:
    directory.end_contact(night.county.people["Zhao"].contacts.get(), by=night.county.by, at=night.now)
    night.county.clock.advance(seconds=1)
    callout = night.callout("Upper Willow", rungs=A_THEN_B)
    seat = night.seat(callout, "Upper Willow")
    assert seat.trying_person_id == night.person("Qian")
    assert seat.skipped == [{"rung": 0, "to": "A", "why": "no_number"}]


def test_a_used_up_ladder_hands_the_village_to_the_township_duty_officer(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=[rung("A")])
    night.deliver()
    night.pass_minutes(10)
    seat = night.seat(callout, "Upper Willow")
    assert (seat.state, seat.escalated_to_id, seat.escalated_to_name) == (
        "unanswered",
        night.person("Li"),
        "李梅",
    )
    assert seat.escalate_at is None
    told = Delivery.objects.filter(seat=seat, purpose="escalation")
    assert [(one.person_id, one.state) for one in told] == [(night.person("Li"), "sent")]
    assert "上柳村" in told[0].text
    assert Entry.objects.filter(kind="callout_seat.unanswered", subject_id=str(seat.pk)).count() == 1


def test_a_used_up_ladder_without_a_township_duty_officer_goes_to_the_county(night: Night) -> None:
    directory.end_holding(night.county.holdings["Li"], by=night.county.by, at=night.now)
    night.county.clock.advance(seconds=1)
    callout = night.callout("Upper Willow", rungs=[rung("A")])
    night.pass_minutes(10)
    assert night.seat(callout, "Upper Willow").escalated_to_id == night.person("Chen")


def test_a_village_with_nobody_at_all_is_unanswered_from_the_start_and_never_silent(night: Night) -> None:
    for name in ("Wu", "Liu", "Chen"):
        directory.end_holding(night.county.holdings[name], by=night.county.by, at=night.now)
    night.county.clock.advance(seconds=1)
    callout = night.callout("North Slope", rungs=A_THEN_B)
    seat = night.seat(callout, "North Slope")
    assert (seat.state, seat.escalated_to_name) == ("unanswered", "云岭县值班室")
    assert [one["why"] for one in seat.skipped] == ["no_holder", "no_holder"]


def test_an_overdue_seat_is_announced(night: Night) -> None:
    before = Announcement.objects.filter(event="dissemination.seat_overdue").count()
    night.callout("Upper Willow", "Lower Willow", rungs=[rung("A")])
    night.pass_minutes(10)
    after = Announcement.objects.filter(event="dissemination.seat_overdue").count()
    assert after - before == 2 * len(reactions_to("dissemination.seat_overdue"))


def test_a_refused_number_moves_the_seat_on_at_once(night: Night) -> None:
    night.twins["voice"].refused_addresses[night.number("Zhao")] = ChannelRefused("no_such_number")
    callout = night.callout("Upper Willow", rungs=A_THEN_B)
    night.deliver()
    assert night.seat(callout, "Upper Willow").trying_person_id == night.person("Qian")
    assert night.calls_to("Qian") == 1


@pytest.mark.parametrize("status", ["failed", "no_answer", "busy"])
def test_the_last_failed_call_of_a_rung_moves_the_seat_on_at_once(night: Night, status: str) -> None:
    callout = night.callout("Upper Willow", rungs=[rung("A", "sms", "voice"), rung("B")])
    night.deliver()
    call, message = (Delivery.objects.get(callout=callout, channel=one) for one in ("voice", "sms"))
    night.receipt(call, status)
    assert night.seat(callout, "Upper Willow").rung == 0  # the SMS may still be answered
    night.receipt(message, "failed")
    assert night.seat(callout, "Upper Willow").trying_person_id == night.person("Qian")


def test_a_late_failure_of_an_earlier_rung_changes_nothing(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=[rung("A"), rung("B"), rung("township_duty")])
    night.deliver()
    first = Delivery.objects.get(callout=callout)
    night.pass_minutes(10)
    night.receipt(first, "no_answer")
    assert night.seat(callout, "Upper Willow").rung == 1


def test_a_deputy_appointed_during_the_call_out_is_called(night: Night) -> None:
    callout = night.callout("Lower Willow", rungs=A_THEN_B)
    post = night.county.posts[PostKind.INFORMATION_OFFICER, "Lower Willow"]
    deputy = night.county.people["Guo"]
    directory.appoint(post, deputy, role=HoldingRole.B, by=night.county.by, at=night.now)
    night.pass_minutes(10)
    assert night.seat(callout, "Lower Willow").trying_person_id == night.person("Guo")


def test_a_call_out_without_villages_is_refused_and_nothing_is_stored(night: Night) -> None:
    with pytest.raises(NobodyToCall):
        night.callout(rungs=[rung("A")])
    assert not CalloutSeat.objects.exists()


def test_opening_takes_the_same_number_of_queries_for_one_and_three_villages(night: Night) -> None:
    with CaptureQueriesContext(connection) as one:
        night.callout("Upper Willow", rungs=[rung("A")])
    with CaptureQueriesContext(connection) as three:
        night.callout("Upper Willow", "Lower Willow", "North Slope", rungs=[rung("A")])
    assert len(three) == len(one)


def test_seats_due_in_the_same_second_move_together(night: Night) -> None:
    callout = night.callout(
        "Upper Willow", "Lower Willow", "North Slope", rungs=[rung("A"), rung("township_duty")]
    )
    night.pass_minutes(10)
    called = CalloutSeat.objects.filter(callout=callout).values_list("rung", "trying_role")
    assert list(called) == [(1, "township_duty")] * 3


def test_one_seat_that_cannot_move_does_not_hold_the_others(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    from anlan.dissemination.audience import Audience

    callout = night.callout("Upper Willow", "North Slope", rungs=A_THEN_B)
    honest = Audience.reaches

    def broken(self: Audience, division: object, step: object) -> object:
        if getattr(division, "name", "") == "北坡村":
            raise RuntimeError("broken")
        return honest(self, division, step)  # type: ignore[arg-type]

    monkeypatch.setattr(Audience, "reaches", broken)
    night.pass_minutes(10)
    assert night.seat(callout, "Upper Willow").rung == 1
    assert night.seat(callout, "North Slope").rung == 0


def test_with_escalation_sabotaged_nothing_moves(night: Night, settings: pytest.FixtureRequest) -> None:
    settings.ANLAN_SABOTAGE = frozenset({"escalation"})  # type: ignore[attr-defined]
    callout = night.callout("Upper Willow", rungs=A_THEN_B)
    night.pass_minutes(60)
    assert night.seat(callout, "Upper Willow").rung == 0


def test_a_newer_call_out_releases_the_villages_it_calls_again_and_leaves_the_others(night: Night) -> None:
    old = night.callout("Upper Willow", "North Slope", rungs=A_THEN_B)
    night.callout("Upper Willow", rungs=A_THEN_B, replaces=old)
    old.refresh_from_db()
    assert night.seat(old, "Upper Willow").state == "released"
    assert night.seat(old, "North Slope").state == "waiting"
    assert old.state == "open"


def test_a_newer_call_out_for_all_villages_closes_the_old_one(night: Night) -> None:
    old = night.callout("Upper Willow", rungs=A_THEN_B)
    night.callout("Upper Willow", "North Slope", rungs=A_THEN_B, replaces=old)
    night.deliver()
    old.refresh_from_db()
    assert (old.state, old.close_reason) == ("closed", "replaced")
    assert night.calls_to("Zhao") == 1


def test_the_journal_folds_back_to_the_rows_after_a_whole_night(night: Night) -> None:
    callout = night.callout("Upper Willow", "Lower Willow", "North Slope")
    night.deliver()
    night.reply("Zhou", "2")
    for _ in range(6):
        night.pass_minutes(5)
    assert night.seat(callout, "North Slope").state == "unanswered"
    assert verify().problems == []
