"""Each quarter every number is rung; the dead ones are named, and a real night is never disturbed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.directory.models import Contact
from anlan.dissemination.channels import ChannelRefused
from anlan.dissemination.models import ContactTest, ContactTestItem, Delivery
from anlan.dissemination.refusals import NoSuchTestChannel, RoundTooShort
from anlan.dissemination.services.contact_tests import cancel_test, plan_test
from anlan.dissemination.tests.night import Night, rung
from anlan.journal.verify import verify
from anlan.kernel.refusals import NotAllowed
from anlan.vocab.posts import PostKind

OFFICERS = (PostKind.INFORMATION_OFFICER,)


def plan(night: Night, *, by: str = "Chen", where: str = "Yunling", **more: object) -> ContactTest:
    details: dict[str, object] = {
        "name": "",
        "division": night.county.divisions[where] if where != "Yunling" else night.county.division,
        "posts": OFFICERS,
        "channel": "sms",
        "starts_at": night.now + timedelta(minutes=1),
        "minutes": 60,
        "every_days": None,
        "by": night.county.actor(by),
        "at": night.now,
    }
    return plan_test(**(details | more))  # type: ignore[arg-type]


def states(test: ContactTest) -> dict[str, str]:
    rows = ContactTestItem.objects.filter(test=test).select_related("contact__person")
    return {row.contact.person.name: row.state for row in rows}


def test_a_planned_round_rings_everybody_of_the_chosen_posts_once_and_asks_for_no_seat(night: Night) -> None:
    test = plan(night)
    night.pass_minutes(2)
    sent = Delivery.objects.filter(purpose="test")
    assert sorted(sent.values_list("address", flat=True)) == sorted(
        night.number(name) for name in ("Zhao", "Qian", "Zhou", "Wu")
    )
    assert all(one.seat_id is None and "不是预警" in one.text for one in sent)
    assert set(states(test).values()) == {"pending"}


def test_an_answer_verifies_the_number_a_refused_one_is_dead_and_the_rest_left_no_trace(night: Night) -> None:
    dead = night.number("Wu")
    night.twins["sms"].refused_addresses[dead] = ChannelRefused("bad_number")
    test = plan(night)
    night.pass_minutes(2)
    night.reply("Zhao", "1")
    night.pass_minutes(2)
    assert Contact.objects.get(value=night.number("Zhao")).verified_at is not None
    marked = Contact.objects.get(value=dead)
    assert (marked.failed_at is not None, marked.failed_why) == (True, "bad_number")
    night.pass_minutes(60)
    assert states(test) == {"赵春兰": "answered", "钱进": "silent", "周平": "silent", "吴军": "dead"}
    test.refresh_from_db()
    assert test.state == "done"
    assert verify().ok


def test_who_is_being_called_out_is_not_tested(night: Night) -> None:
    night.callout("Upper Willow", rungs=[rung("A", "sms")])
    night.deliver()
    test = plan(night)
    night.pass_minutes(2)
    test.refresh_from_db()
    assert test.passed_over == 1
    assert "赵春兰" not in states(test)


def test_the_next_round_is_planned_when_one_begins(night: Night) -> None:
    test = plan(night, every_days=91)
    night.pass_minutes(2)
    following = ContactTest.objects.get(follows=test)
    assert following.starts_at == test.starts_at + timedelta(days=91)
    cancel_test(following, by=night.county.actor("Chen"), at=night.now)
    assert following.state == "cancelled"


def test_a_township_tests_its_own_numbers_and_no_others(night: Night) -> None:
    own = plan(night, by="Li", where="Willow River")
    night.pass_minutes(2)
    assert set(states(own)) == {"赵春兰", "钱进", "周平"}
    with pytest.raises(NotAllowed):
        plan(night, by="Li", where="Stone Bridge")


def test_a_test_needs_a_channel_to_people_and_time_to_answer(night: Night) -> None:
    with pytest.raises(NoSuchTestChannel):
        plan(night, channel="smoke")
    with pytest.raises(RoundTooShort):
        plan(night, minutes=1)
    assert not ContactTest.objects.exists()
