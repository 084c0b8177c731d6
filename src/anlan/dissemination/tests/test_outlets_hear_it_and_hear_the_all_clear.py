"""Broadcasts: to whom, again when the text changes, the all-clear to exactly those; hands, robots in a storm, and drills."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from anlan.dissemination import digest
from anlan.dissemination.channels.siren import signal_for, signals
from anlan.dissemination.models import Broadcast, Delivery, DeliveryState, HandReceipt, Outlet, OutletSign
from anlan.dissemination.refusals import (
    AlreadyConfirmed,
    EvidenceNeeded,
    NobodyDidIt,
    NobodyToTell,
    NotByHand,
    NotYetHappened,
    OutletExists,
)
from anlan.dissemination.services import broadcasting, hand, outlets
from anlan.dissemination.services.numbers import next_numbers
from anlan.dissemination.services.outlets import OutletDetails
from anlan.dissemination.tests.night import Night
from anlan.journal import clocks
from anlan.journal.models import ExerciseRun
from anlan.kernel.actor import system
from anlan.kernel.refusals import NotAllowed

pytestmark = pytest.mark.django_db
BY = system("test")


def outlet(
    night: Night, channel: str, place: str = "Upper Willow", address: str = "", keeper: str = ""
) -> Outlet:
    details = OutletDetails(
        channel,
        f"{channel} {place}",
        night.county.divisions[place],
        address or f"{channel}-{place}",
        night.person(keeper) if keeper else None,
    )
    return outlets.define_outlet(details, by=night.county.actor("He"), at=night.now)


def say(night: Night, *chosen: Outlet, **fields: object) -> Broadcast:
    given: dict[str, object] = {
        "subject": "warning:1", "text": "请立即转移。", "issuer": "云岭县", "title": "山洪红色", "level": 1,
        "division": night.county.division, "by": BY, "at": night.now,
    } | fields  # fmt: skip
    return broadcasting.broadcast(outlets=chosen, **given)  # type: ignore[arg-type]


def states(row: Broadcast) -> dict[str, str]:
    return {one.channel: one.state for one in Delivery.objects.filter(broadcast=row, person=None)}


def test_every_outlet_gets_the_text_in_its_own_way_and_the_keeper_a_task(night: Night) -> None:
    screen, gong = outlet(night, "display"), outlet(night, "gong", keeper="Zhao")
    siren, tv = outlet(night, "siren"), outlet(night, "tv", "Yunling", keeper="Chen")
    row = say(night, screen, gong, siren, tv)
    night.deliver()
    assert states(row) == {"display": "sent", "gong": "sent", "siren": "sent", "tv": "sent"}
    texts = {one.channel: one.text for one in Delivery.objects.filter(broadcast=row, person=None)}
    assert texts["display"] == "请立即转移。"
    assert "鸣锣" in texts["gong"]
    assert "鸣60秒，停30秒，反复2遍，共3分钟" in texts["siren"]
    told = night.twins["sms"].messages_to(night.number("Zhao"))
    assert len(told) == 1
    assert "/h/" in told[0].text


def test_an_update_reaches_those_who_had_the_old_text_and_ends_it(night: Night) -> None:
    screen, second = outlet(night, "display"), outlet(night, "portal", "Yunling")
    first = say(night, screen)
    night.deliver()
    update = say(night, second, text="扩大转移范围。", replaces=first)
    first.refresh_from_db()
    assert first.end_reason == "replaced"
    assert set(states(update)) == {"display", "portal"}


def test_the_all_clear_goes_to_exactly_the_outlets_that_had_it(night: Night) -> None:
    had, never = outlet(night, "display"), outlet(night, "loudspeaker")
    row = say(night, had, never)
    night.twins["loudspeaker"].is_down = True
    night.deliver()
    clear = broadcasting.end_broadcast(row, all_clear="警报解除。", reason="lifted", by=BY, at=night.now)
    assert clear is not None
    assert [one.outlet_id for one in Delivery.objects.filter(broadcast=clear)] == [had.pk]
    assert states(row)["loudspeaker"] == "cancelled"
    row.refresh_from_db()
    assert broadcasting.end_broadcast(row, all_clear="再一次", reason="lifted", by=BY, at=night.now) is None


def test_running_out_says_nothing(night: Night) -> None:
    row = say(night, outlet(night, "display"))
    night.deliver()
    assert broadcasting.end_broadcast(row, reason="expired", by=BY, at=night.now) is None
    assert Broadcast.objects.count() == 1


def test_a_broadcast_needs_somebody_to_tell(night: Night) -> None:
    with pytest.raises(NobodyToTell):
        say(night)


def test_outlets_of_an_area_are_those_that_stand_there_and_those_that_serve_it_from_above(
    night: Night,
) -> None:
    here, next_door = outlet(night, "loudspeaker"), outlet(night, "loudspeaker", "North Slope")
    television, group = outlet(night, "tv", "Yunling"), outlet(night, "wecom", "Willow River")
    square = outlet(night, "display", "Willow River")
    village = night.county.divisions["Upper Willow"]
    found = {one.pk for one in outlets.outlets_in([village])}
    assert found == {here.pk, television.pk, group.pk}
    assert next_door.pk not in found
    assert square.pk not in found
    assert [one.pk for one in outlets.outlets_in([village], channels=["tv"])] == [television.pk]


def test_an_outlet_is_defined_once_and_only_by_who_may(night: Night) -> None:
    outlet(night, "gong")
    with pytest.raises(OutletExists):
        outlet(night, "gong")
    details = OutletDetails("gong", "锣", night.county.divisions["North Slope"], "锣")
    with pytest.raises(NotAllowed):
        outlets.define_outlet(details, by=night.county.actor("Li"), at=night.now)


# --- by hand ---


def task(night: Night, channel: str = "gong", keeper: str = "Zhao") -> Delivery:
    row = say(night, outlet(night, channel, keeper=keeper))
    night.deliver()
    return Delivery.objects.get(broadcast=row, channel=channel)


def test_a_beaten_gong_is_delivered_and_never_read(night: Night) -> None:
    gong = task(night)
    receipt = hand.confirm(
        gong, done_by_name="赵春兰", happened_at=night.now, words="村口敲三遍", by=BY, at=night.now
    )
    assert (gong.state, gong.delivered_at, gong.read_at, gong.chase_at) == (
        "delivered",
        night.now,
        None,
        None,
    )
    assert receipt.done_by_name == "赵春兰"


def test_a_confirmation_says_who_and_when_and_nothing_impossible(night: Night) -> None:
    gong = task(night)
    for name, at, error in [
        (" ", night.now, NobodyDidIt),
        ("赵", night.now + timedelta(minutes=5), NotYetHappened),
        ("赵", night.now - timedelta(hours=30), NotYetHappened),
    ]:
        with pytest.raises(error):
            hand.confirm(gong, done_by_name=name, happened_at=at, by=BY, at=night.now)
    [told] = Delivery.objects.filter(broadcast=gong.broadcast, channel="sms")
    with pytest.raises(NotByHand):
        hand.confirm(told, done_by_name="赵", happened_at=night.now, by=BY, at=night.now)
    assert hand.task_of(told) == gong


def test_a_link_confirms_once(night: Night) -> None:
    gong = task(night)
    hand.confirm_by_link(gong, done_by_name="赵春兰", happened_at=night.now, by=BY, at=night.now)
    with pytest.raises(AlreadyConfirmed, match="赵春兰"):
        hand.confirm_by_link(gong, done_by_name="别人", happened_at=night.now, by=BY, at=night.now)
    hand.confirm(gong, done_by_name="值班员更正", happened_at=night.now, by=BY, at=night.now)
    assert HandReceipt.objects.filter(delivery=gong).count() == 2


def test_a_video_check_needs_a_picture_or_words(night: Night) -> None:
    check = task(night, "video")
    with pytest.raises(EvidenceNeeded):
        hand.confirm(check, done_by_name="陈静", happened_at=night.now, by=BY, at=night.now)
    hand.confirm(
        check, done_by_name="陈静", happened_at=night.now, photo_id=uuid.uuid4(), by=BY, at=night.now
    )
    assert check.state == DeliveryState.DELIVERED


def test_a_keeper_who_says_nothing_is_asked_again_twice_and_then_stays_overdue(night: Night) -> None:
    gong = task(night)
    for _ in range(4):
        night.pass_minutes(16)
    asked = night.twins["sms"].messages_to(night.number("Zhao"))
    assert len(asked) == 3
    assert "尚未收到" in asked[-1].text
    gong.refresh_from_db()
    assert (gong.state, gong.chase_at) == ("sent", None)


def test_nobody_is_chased_once_the_broadcast_is_over(night: Night) -> None:
    gong = task(night)
    assert gong.broadcast is not None
    broadcasting.end_broadcast(gong.broadcast, reason="lifted", by=BY, at=night.now)
    night.pass_minutes(40)
    assert len(night.twins["sms"].messages_to(night.number("Zhao"))) == 1


def test_siren_signals_are_those_of_the_rule_and_no_air_raid_is_ever_chosen() -> None:
    for one in signals().signals:
        last_pause = 0 if one.off_s == 0 else one.off_s
        assert one.times * (one.on_s + last_pause) == one.total_s
    assert signal_for(is_all_clear=True).words == "灾害解除警报：连续鸣响4分钟"


# --- displays ---


def test_a_display_that_asked_after_the_text_was_there_has_it(night: Night) -> None:
    screen = outlet(night, "display")
    row = say(night, screen)
    assert outlets.fetched(screen, [row.pk], at=night.now) == 0
    night.deliver()
    assert outlets.fetched(screen, [row.pk], at=night.now) == 1
    assert states(row) == {"display": "delivered"}
    outlets.saw_alive(screen)
    outlets.saw_alive(screen)
    assert OutletSign.objects.get(outlet=screen).seen_at


# --- a drill ---


def test_in_a_drill_of_a_live_county_only_telephones_ring(night: Night) -> None:
    run = ExerciseRun.objects.create(
        scenario="test", clock_start=night.now, wall_start=clocks.wall_now(), speed=1.0
    )
    row = say(
        night, outlet(night, "loudspeaker"), outlet(night, "tv", "Yunling"), outlet(night, "wecom", "Yunling"),
        outlet(night, "gong", keeper="Zhao"), exercise_id=run.pk,
    )  # fmt: skip
    night.deliver()
    for channel in ("loudspeaker", "tv", "wecom", "gong"):
        assert night.twins[channel].taken == []
    held = Delivery.objects.filter(broadcast=row, person=None)
    assert {(one.state, one.route) for one in held} == {("sent", "exercise")}
    assert len(night.twins["sms"].taken) == 1


def test_in_a_folder_that_is_an_exercise_everything_goes_to_its_simulators(
    night: Night, settings: pytest.FixtureRequest
) -> None:
    run = ExerciseRun.objects.create(
        scenario="test", clock_start=night.now, wall_start=clocks.wall_now(), speed=1.0
    )
    settings.ANLAN_EXERCISE = str(run.pk)  # type: ignore[attr-defined]
    say(night, outlet(night, "loudspeaker"), exercise_id=run.pk)
    night.deliver()
    assert len(night.twins["loudspeaker"].taken) == 1


# --- a storm in a chat group ---


def test_a_storm_in_a_group_becomes_few_messages_and_nothing_is_dropped(night: Night) -> None:
    group = outlet(night, "wecom", "Yunling", "group")
    limit = group_limit()
    rows = [
        say(night, group, title=f"第{n}号", level=4 if n else 1, subject=f"warning:{n}")
        for n in range(limit + 17)
    ]
    drain(night)
    taken = night.twins["wecom"].taken
    assert len(taken) == limit
    assert "第0号" in taken[0].text
    assert any(one.text.startswith("另有 18 条：") for one in taken)
    drain(night)
    assert {state for row in rows for state in states(row).values()} == {"sent"}
    assert not Delivery.objects.filter(channel="wecom", state="queued").exists()


def drain(night: Night) -> None:
    """The robot's own pace is some messages a second."""
    for _ in range(5):
        night.deliver()
        night.county.clock.advance(seconds=2)


def group_limit() -> int:
    from anlan.dissemination.channels import manifests

    limit = manifests()["wecom"].digest_over_min
    assert limit is not None
    return limit


def test_a_digest_waits_when_the_robot_may_not_speak_and_grows_meanwhile(night: Night) -> None:
    group = outlet(night, "wecom", "Yunling", "group")
    for n in range(group_limit()):
        say(night, group, title=f"第{n}号", subject=f"warning:{n}")
    drain(night)
    for n in range(5):
        say(night, group, title=f"后{n}号", subject=f"late:{n}")
        drain(night)
    assert len(night.twins["wecom"].taken) == group_limit()
    [waiting] = Delivery.objects.filter(role=digest.ROLE)
    assert waiting.text.startswith("另有 5 条：")
    Delivery.objects.exclude(handed_wall=None).update(handed_wall=1.0)  # a minute has passed on the wall
    night.pass_minutes(1)
    assert night.twins["wecom"].taken[-1].text.startswith("另有 5 条：")


def test_a_failed_digest_fails_for_all_that_it_said(night: Night) -> None:
    from anlan.dissemination.channels import ChannelRefused

    group = outlet(night, "wecom", "Yunling", "group")
    night.twins["wecom"].refused_addresses["group"] = ChannelRefused("errcode_45002")
    rows = [say(night, group, title=f"第{n}号", subject=f"warning:{n}") for n in range(group_limit() + 3)]
    drain(night)
    drain(night)
    assert {state for row in rows for state in states(row).values()} <= {"failed", "refused"}


def test_message_numbers_are_never_given_twice() -> None:
    first, second = next_numbers("ebm:x", 3), next_numbers("ebm:x", 2)
    assert [*first, *second] == [1, 2, 3, 4, 5]
    assert list(next_numbers("ebm:y", 1)) == [1]
