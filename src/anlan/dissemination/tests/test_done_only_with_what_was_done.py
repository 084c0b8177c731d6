"""Answered is not acting, acting is not done: "done" counts once it is said what was done (C-16)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.dissemination import services
from anlan.dissemination.models import Acknowledgement, Callout, CalloutSeat, Delivery
from anlan.dissemination.refusals import FeedbackOwed, PersonNeeded, UnknownMeasure
from anlan.dissemination.services import feedback
from anlan.dissemination.tests.night import Night, rung
from anlan.journal.models import Announcement
from anlan.journal.verify import verify
from anlan.kernel.actor import system

BOTH = (rung("A", "sms", "voice"), rung("B"))


@pytest.fixture
def callout(night: Night) -> Callout:
    found = night.callout("Upper Willow", rungs=BOTH, needs_feedback=True)
    night.deliver()
    return found


def seat(night: Night, callout: Callout) -> CalloutSeat:
    return night.seat(callout, "Upper Willow")


def asked() -> list[Delivery]:
    return list(Delivery.objects.filter(purpose="feedback").order_by("id"))


def test_done_without_measures_counts_as_acting_and_asks_for_them_once(
    night: Night, callout: Callout
) -> None:
    night.reply("Zhao", "3")
    night.reply("Zhao", "已完成")
    village = seat(night, callout)
    assert (village.state, village.claimed_done_at, village.done_at) == ("acting", night.now, None)
    [question] = asked()
    assert (question.channel, question.address) == ("sms", night.number("Zhao"))
    night.deliver()
    sent = night.twins["sms"].messages_to(night.number("Zhao"))[-1].text
    assert "Z 12 35" in sent
    assert "/a/" in sent
    assert verify().problems == []


def test_the_numbers_that_were_asked_for_make_it_done(night: Night, callout: Callout) -> None:
    night.reply("Zhao", "3")
    night.reply("Zhao", "Z 12 35")
    village = seat(night, callout)
    assert (village.state, village.households_moved, village.people_moved) == ("done", 12, 35)
    assert village.measures == ["people_moved"]
    assert village.feedback_due_at is None
    assert asked()[0].state == "cancelled"


def test_numbers_before_the_end_are_kept_and_end_nothing(night: Night, callout: Callout) -> None:
    night.reply("Zhao", "Z 12 35")
    assert seat(night, callout).state == "acting"
    night.reply("Zhao", "Z 20 61")
    assert (seat(night, callout).households_moved, seat(night, callout).people_moved) == (20, 61)
    night.reply("Zhao", "3")
    assert seat(night, callout).state == "done"
    assert asked() == []


def test_done_with_numbers_in_one_message_or_one_call_is_done(night: Night) -> None:
    for key, words in (("3*12*35#", ""), ("", "3 Z 12 35")):
        callout = night.callout("Upper Willow", rungs=BOTH, needs_feedback=True)
        night.deliver()
        if key:
            night.press(Delivery.objects.get(callout=callout, channel="voice"), key)
        else:
            night.reply("Zhao", words)
        village = seat(night, callout)
        assert (village.state, village.households_moved, village.people_moved) == ("done", 12, 35)


def test_words_that_leave_doubt_end_nothing(night: Night, callout: Callout) -> None:
    night.reply("Zhao", "3")
    night.reply("Zhao", "Z 12 35 还有几户没走")
    assert (seat(night, callout).state, seat(night, callout).households_moved) == ("acting", 12)
    night.reply("Zhao", "Z 15 44")
    assert seat(night, callout).state == "done"


def test_families_that_refuse_or_were_not_found_are_counted_and_are_no_measure(
    night: Night, callout: Callout
) -> None:
    night.reply("Zhao", "拒 2 失联 1")
    night.reply("Zhao", "3")
    village = seat(night, callout)
    assert (village.households_refused, village.households_missing) == (2, 1)
    assert village.state == "acting"


def test_what_is_owed_is_shown_as_missing_when_its_time_is_over(night: Night, callout: Callout) -> None:
    night.reply("Zhao", "3")
    night.deliver()
    assert not feedback.is_missing(seat(night, callout))
    night.county.clock.advance(seconds=feedback.parameters().feedback_within_s)
    night.tick_over()
    village = seat(night, callout)
    assert feedback.is_missing(village)
    assert village.state == "acting"
    assert len(asked()) == 1
    night.reply("Zhao", "Z 0 0")
    assert not feedback.is_missing(seat(night, callout))
    assert seat(night, callout).state == "done"


def test_whoever_claimed_it_on_a_page_is_asked_by_message_only_when_it_is_due(
    night: Night, callout: Callout
) -> None:
    by, delivery = night.county.actor("Zhao"), Delivery.objects.filter(callout=callout, channel="sms").get()
    person = night.county.people["Zhao"]
    services.acknowledge(
        seat(night, callout),
        meaning="done",
        via="link",
        person=person,
        delivery=delivery,
        by=by,
        at=night.now,
    )
    assert asked() == []
    night.county.clock.advance(minutes=30)
    night.tick_over()
    assert len(asked()) == 1
    assert not feedback.is_missing(seat(night, callout))
    night.county.clock.advance(minutes=30)
    night.tick_over()
    assert feedback.is_missing(seat(night, callout))


def test_a_tick_says_the_measures_the_place_and_who_could_not_be_moved(
    night: Night, callout: Callout
) -> None:
    services.tick(
        seat(night, callout),
        meaning="done",
        words="对讲机，02:14",
        measures=["told", "watch"],
        moved_to="村小学",
        refused=1,
        missing=0,
        by=night.county.actor("Chen"),
        at=night.now,
    )
    village = seat(night, callout)
    assert (village.state, village.measures, village.moved_to) == ("done", ["told", "watch"], "村小学")
    assert (village.households_refused, village.households_missing) == (1, 0)
    fact = Acknowledgement.objects.get()
    assert (fact.measures, fact.moved_to, fact.households_refused) == (["told", "watch"], "村小学", 1)
    assert verify().problems == []


def test_a_measure_that_is_not_on_the_list_is_refused_and_nothing_is_stored(
    night: Night, callout: Callout
) -> None:
    with pytest.raises(UnknownMeasure):
        services.tick(
            seat(night, callout),
            meaning="done",
            words="电台",
            measures=["prayed"],
            by=night.county.actor("Chen"),
            at=night.now,
        )
    assert not Acknowledgement.objects.exists()


def test_a_call_out_ends_with_every_villages_feedback_or_a_persons_reason(
    night: Night, callout: Callout
) -> None:
    night.reply("Zhao", "3")
    with pytest.raises(PersonNeeded):
        services.close_callout(callout, reason="到期", by=system("expiry"), at=night.now)
    chen = night.county.actor("Chen")
    with pytest.raises(FeedbackOwed) as refusal:
        services.close_callout(callout, by=chen, at=night.now)
    assert "上柳村" in refusal.value.sentence()
    night.reply("Zhao", "Z 3 9")
    services.close_callout(callout, by=chen, at=night.now)
    assert callout.state == "closed"


def test_a_persons_reason_closes_over_what_is_owed(night: Night, callout: Callout) -> None:
    night.reply("Zhao", "1")
    services.close_callout(callout, reason="县里已核实", by=night.county.actor("Chen"), at=night.now)
    assert (callout.state, seat(night, callout).state) == ("closed", "answered")


def test_a_cry_for_help_answers_and_rings(night: Night, callout: Callout) -> None:
    night.reply("Zhao", "求助 桥断了")
    assert seat(night, callout).state == "answered"
    [rings] = Announcement.objects.filter(event="dissemination.help_asked")
    assert rings.payload["words"] == "求助 桥断了"
    assert rings.priority == 1


def test_a_cry_for_help_after_the_end_still_rings(night: Night, callout: Callout) -> None:
    services.close_callout(callout, reason="结束", by=night.county.actor("Chen"), at=night.now)
    night.reply("Zhao", "求助！")
    assert Announcement.objects.filter(event="dissemination.help_asked").exists()
    assert seat(night, callout).state == "resolved"


def test_a_photo_may_come_later_and_answers_nothing(night: Night, callout: Callout) -> None:
    photo = night.county.people["Zhao"].pk  # any id: the picture itself is another app's matter
    services.acknowledge(
        seat(night, callout), meaning="note", via="link", photo_ids=[photo], by=night.county.by, at=night.now
    )
    assert seat(night, callout).state == "waiting"
    assert Acknowledgement.objects.get().photo_ids == [str(photo)]


def test_without_the_need_for_feedback_done_is_done(night: Night) -> None:
    callout = night.callout("Upper Willow", rungs=BOTH)
    night.deliver()
    night.reply("Zhao", "3")
    assert seat(night, callout).state == "done"
    assert asked() == []
    assert seat(night, callout).done_at - night.now == timedelta(0)  # type: ignore[operator]
