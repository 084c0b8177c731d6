"""What the duty officer sees: unanswered first, then the longest waiting, numbers by right, and never more queries for more villages."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from anlan.dissemination import queries, services
from anlan.dissemination.access import access_callout, access_seat
from anlan.dissemination.channels import ChannelUncertain
from anlan.dissemination.models import Delivery
from anlan.dissemination.tests.night import Night, rung
from anlan.kernel.refusals import NotAllowed, NotFound
from anlan.vocab.posts import Right

LADDER = (rung("A", "sms"), rung("B"), rung("township_duty"))


def test_unanswered_villages_stand_first_then_waiting_then_answered(night: Night) -> None:
    callout = night.callout("Upper Willow", "Lower Willow", "North Slope", rungs=[rung("A"), rung("B")])
    night.deliver()
    night.reply("Zhou", "1")
    night.pass_minutes(10)
    rows = queries.board(callout, night.county.actor("Chen")).rows
    assert [(row.village, row.state) for row in rows] == [
        ("北坡村", "unanswered"),
        ("上柳村", "waiting"),
        ("下柳村", "answered"),
    ]


def test_a_row_says_who_is_tried_how_long_it_waits_and_what_comes_next(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=LADDER)
    night.deliver()
    night.county.clock.advance(seconds=90)
    [row] = queries.board(callout, night.county.actor("Chen")).rows
    assert (row.person, row.role, row.channel, row.address) == ("赵春兰", "A", "sms", "10000000008")
    assert (row.waiting_s, row.next_step, row.late_s) == (90, "B", 0)
    assert row.next_step_at is not None
    assert (row.next_step_at - night.now).total_seconds() == 510
    assert row.last_fact is not None
    assert (row.last_fact.code, row.last_fact.who) == ("sent", "赵春兰")
    assert row.township == "柳河镇"


def test_a_late_step_shows_even_when_every_timer_is_dead(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=LADDER)
    night.county.clock.advance(seconds=660)
    [row] = queries.board(callout, night.county.actor("Chen")).rows
    assert row.late_s == 60


def test_numbers_are_masked_for_those_without_the_right(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=LADDER)
    [row] = queries.board(callout, night.county.actor("Zhao")).rows
    assert row.address == "100****0008"
    delivery = Delivery.objects.get(callout=callout)
    assert queries.shown_address(delivery, night.county.actor("Zhao")) == "100****0008"
    assert queries.shown_address(delivery, night.county.actor("Li")) == "10000000008"


def test_progress_and_township_tabs_count_the_states(night: Night) -> None:
    callout = night.callout("Upper Willow", "Lower Willow", "North Slope", rungs=LADDER)
    night.deliver()
    night.reply("Zhou", "2")
    board = queries.board(callout, night.county.actor("Chen"))
    assert (board.progress.total, board.progress.heard, board.progress.silent) == (3, 1, 2)
    assert [(tab.name, tab.progress.total, tab.progress.heard) for tab in board.townships] == [
        ("柳河镇", 2, 1),
        ("石桥镇", 1, 0),
    ]
    assert queries.progress(callout) == board.progress


def test_a_ring_that_may_have_come_twice_is_marked_on_the_board(night: Night) -> None:
    night.twins["sms"].can_be_asked = False
    night.twins["sms"].failures.append(ChannelUncertain("cut"))
    callout = night.callout("Upper Willow", rungs=LADDER)
    night.deliver()
    night.county.clock.advance(seconds=2)
    night.deliver()
    [row] = queries.board(callout, night.county.actor("Chen")).rows
    assert row.possibly_twice


def test_a_township_sees_its_own_villages_and_no_others(night: Night) -> None:
    callout = night.callout("Upper Willow", "North Slope", rungs=LADDER)
    rows = queries.board(callout, night.county.actor("Li")).rows
    assert [row.village for row in rows] == ["上柳村"]
    [(shown, progress)] = queries.open_callouts(night.county.actor("Li"))
    assert (shown, progress.total) == (callout, 1)


def test_a_neighbour_finds_neither_call_out_nor_seat(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=LADDER)
    neighbour = night.county.actor("Liu")
    assert queries.open_callouts(neighbour) == []
    with pytest.raises(NotFound):
        access_callout(neighbour, callout.pk)
    with pytest.raises(NotFound):
        access_seat(neighbour, night.seat(callout, "Upper Willow").pk)


def test_a_stranger_without_a_post_finds_nothing(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=LADDER)
    with pytest.raises(NotFound):
        access_callout(night.county.actor("Guo"), callout.pk)


def test_a_township_works_on_its_seat_but_does_not_run_the_countys_call_out(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=LADDER)
    li = night.county.actor("Li")
    assert access_callout(li, callout.pk) == callout
    assert access_seat(li, night.seat(callout, "Upper Willow").pk, need=Right.RUN_CALLOUT)
    with pytest.raises(NotAllowed):
        access_callout(li, callout.pk, need=Right.RUN_CALLOUT)
    with pytest.raises(NotAllowed):
        access_seat(
            night.county.actor("Zhao"), night.seat(callout, "Upper Willow").pk, need=Right.RUN_CALLOUT
        )


def test_the_board_asks_the_database_as_often_for_three_villages_as_for_one(night: Night) -> None:
    chen = night.county.actor("Chen")
    small = night.callout("Upper Willow", rungs=LADDER)
    large = night.callout("Upper Willow", "Lower Willow", "North Slope", rungs=LADDER)
    night.deliver()
    with CaptureQueriesContext(connection) as one:
        queries.board(small, chen)
    with CaptureQueriesContext(connection) as three:
        queries.board(large, chen)
    assert len(three) == len(one) <= 5


def test_everybody_who_can_be_called_about_a_village_is_listed_once(night: Night) -> None:
    seat = night.seat(night.callout("Upper Willow", rungs=LADDER), "Upper Willow")
    people = queries.people_for_seat(seat, night.county.actor("Chen"))
    assert [(one.name, one.role) for one in people] == [
        ("赵春兰", "A"),
        ("钱进", "B"),
        ("李梅", "A"),
        ("陈静", "A"),
    ]


def test_the_story_of_a_seat_holds_every_attempt_and_every_answer(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=[rung("A"), rung("B")])
    night.deliver()
    night.pass_minutes(10)
    night.reply("Qian", "路断了")
    night.reply("Qian", "1")
    attempts, answers = queries.seat_facts(night.seat(callout, "Upper Willow"))
    assert [one.role for one in attempts] == ["A", "B"]
    assert [(one.meaning, one.words) for one in answers] == [("note", "路断了"), ("answered", "1")]


def test_what_is_overdue_is_listed_for_the_desk_until_it_is_answered(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=[rung("A")])
    chen = night.county.actor("Chen")
    assert queries.overdue_seats(chen) == []
    night.pass_minutes(10)
    assert [seat.division.name for seat in queries.overdue_seats(chen)] == ["上柳村"]
    services.resolve_seat(night.seat(callout, "Upper Willow"), reason="已入户", by=chen, at=night.now)
    assert queries.overdue_seats(chen) == []
