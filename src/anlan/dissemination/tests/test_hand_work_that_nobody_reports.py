"""Overdue hand work: asked again, then announced to the duty room, once; until somebody reports it or the text is over."""

from __future__ import annotations

import pytest

from anlan.directory.services import end_contact
from anlan.dissemination.channels import ChannelRefused
from anlan.dissemination.models import Delivery
from anlan.dissemination.services import broadcasting, hand
from anlan.dissemination.tests.night import Night
from anlan.dissemination.tests.test_outlets_hear_it_and_hear_the_all_clear import BY, outlet, say
from anlan.events.published import HandWorkOverdue, HandWorkSettled
from anlan.journal.models import Entry
from anlan.kernel.actor import system

pytestmark = pytest.mark.django_db


def task(night: Night, channel: str, keeper: str = "") -> Delivery:
    row = say(night, outlet(night, channel, keeper=keeper))
    night.deliver()
    return Delivery.objects.get(broadcast=row, channel=channel)


def journal(delivery: Delivery) -> list[str]:
    rows = Entry.objects.filter(subject_id=str(delivery.pk)).order_by("id")
    return [kind.split(".")[1] for kind in rows.values_list("kind", flat=True)]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was announced, in order."""
    found: list[object] = []
    monkeypatch.setattr(hand, "announce", lambda event, **_: found.append(event))
    return found


def test_after_two_reminders_it_is_overdue_and_announced_once(night: Night, told: list[object]) -> None:
    gong = task(night, "gong", keeper="Zhao")
    waited = []
    for _ in range(8):
        night.pass_minutes(15)
        waited.append(len(told))
    assert told == [HandWorkOverdue(delivery_id=str(gong.pk))]
    assert waited == [0, 0, 1, 1, 1, 1, 1, 1]
    assert journal(gong).count("chased") == 2
    assert journal(gong).count("overdue") == 1


def test_where_nobody_can_be_asked_again_it_is_overdue_at_once_and_not_asked_for_ever(
    night: Night, told: list[object]
) -> None:
    siren = task(night, "siren")
    for _ in range(4):
        night.pass_minutes(15)
    assert told == [HandWorkOverdue(delivery_id=str(siren.pk))]
    assert journal(siren).count("chased") == 0


def test_a_partner_with_mail_only_is_reminded_by_mail(night: Night, told: list[object]) -> None:
    row = say(night, outlet(night, "tv", "Yunling", keeper="Chen"))
    tv = Delivery.objects.get(broadcast=row, channel="tv")
    Delivery.objects.filter(broadcast=row, channel="sms").update(
        channel="email", address="tv@example.invalid"
    )
    night.deliver()
    night.pass_minutes(21)
    assert [one.channel for one in Delivery.objects.filter(broadcast=row, role="chase")] == ["email"]
    night.pass_minutes(16)
    night.pass_minutes(16)
    assert told == [HandWorkOverdue(delivery_id=str(tv.pk))]


def test_a_partner_whose_desk_refused_the_text_is_overdue(night: Night, told: list[object]) -> None:
    night.twins["tv"].refused_addresses["tv-Yunling"] = ChannelRefused("http_400")
    row = say(night, outlet(night, "tv", "Yunling", keeper="Chen"))
    night.deliver()
    tv = Delivery.objects.get(broadcast=row, channel="tv")
    night.pass_minutes(21)
    assert tv.pk
    assert told == [HandWorkOverdue(delivery_id=str(tv.pk))]


def test_a_report_settles_it_also_after_it_was_overdue(night: Night, told: list[object]) -> None:
    gong = task(night, "gong", keeper="Zhao")
    for _ in range(3):
        night.pass_minutes(16)
    gong.refresh_from_db()
    hand.confirm(gong, done_by_name="赵春兰", happened_at=night.now, by=BY, at=night.now)
    assert told[1:] == [HandWorkSettled(delivery_id=str(gong.pk), is_done=True)]
    night.pass_minutes(40)
    assert len(told) == 2


def test_the_end_of_the_text_settles_what_is_overdue_and_nothing_else(
    night: Night, told: list[object]
) -> None:
    gong = task(night, "gong", keeper="Zhao")
    for _ in range(3):
        night.pass_minutes(16)
    assert gong.broadcast is not None
    broadcasting.end_broadcast(gong.broadcast, reason="lifted", by=system("test"), at=night.now)
    assert told[1:] == [HandWorkSettled(delivery_id=str(gong.pk), is_done=False)]


def test_a_keeper_without_a_number_counts_as_nobody(night: Night, told: list[object]) -> None:
    for contact in night.county.people["Zhao"].contacts.all():
        end_contact(contact, by=night.county.actor("He"), at=night.now)
    gong = task(night, "gong", keeper="Zhao")
    night.pass_minutes(16)
    assert told == [HandWorkOverdue(delivery_id=str(gong.pk))]
