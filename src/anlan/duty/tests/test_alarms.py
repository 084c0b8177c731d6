"""What rings, until when, and whom it calls."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction

from anlan.directory.services import end_contact, end_holding
from anlan.dissemination.models import Delivery
from anlan.dissemination.services import acknowledge
from anlan.duty import queries
from anlan.duty.access import access_alarm
from anlan.duty.models import Alarm
from anlan.duty.parameters import alarms
from anlan.duty.refusals import OnlyAPerson
from anlan.duty.services import confirm_alarm, confirm_alarms
from anlan.duty.tests.desk import Desk
from anlan.events.published import (
    SeatAnswered,
    SeatOverdue,
    StationFellSilent,
    StationHappened,
    StationHeardAgain,
    WarningDrafted,
    WarningEnded,
)
from anlan.journal.models import Entry, ExerciseRun
from anlan.journal.refusals import NoSuchTransition, StaleRow
from anlan.journal.verify import verify
from anlan.kernel.actor import Actor, grants, system
from anlan.kernel.ids import uuid7
from anlan.kernel.refusals import BadSetting, NotAllowed, NotFound
from anlan.sensing.models import StationHappening
from anlan.vocab import happenings
from anlan.vocab.happenings import HappeningKind, Severity
from anlan.vocab.posts import Right


def test_a_waiting_draft_rings_until_a_person_at_the_desk_confirms(desk: Desk) -> None:
    desk.drafted()
    alarm = desk.alarm()
    assert (alarm.state, alarm.kind, alarm.level) == ("ringing", "draft_waiting", 1)
    assert alarm.text_zh == "待签发：云岭县防汛抗旱指挥部办公室山洪灾害叫应（立即转移）"
    assert alarm.text_en == "Waiting for sign-off: red flash flood call-out"
    assert queries.sounds(alarm)
    confirm_alarm(alarm, by=desk.county.actor("Chen"), at=desk.county.now)
    assert (alarm.state, alarm.confirmed_by_person) == ("confirmed", desk.county.people["Chen"])
    assert queries.ringing(desk.county.actor("Chen")) == []
    assert queries.recent(desk.county.actor("Chen")) == [alarm]


def test_an_alarm_nobody_confirms_for_three_minutes_calls_the_leader_on_duty(desk: Desk) -> None:
    desk.drafted()
    desk.later(minutes=2, seconds=59)
    assert desk.called() == []
    desk.later(seconds=1)
    assert desk.called() == ["Zheng"]
    alarm = desk.alarm()
    assert (alarm.state, alarm.leader_called, alarm.leader_post) == (
        "leader_called",
        desk.county.people["Zheng"],
        "duty_leader",
    )
    assert "3分钟无人确认" in Delivery.objects.get(channel="sms", subject=f"alarm:{alarm.pk}").text
    assert queries.ringing(desk.county.actor("Chen")) == [alarm]


def test_a_confirmed_alarm_calls_nobody(desk: Desk) -> None:
    desk.drafted()
    confirm_alarm(desk.alarm(), by=desk.county.actor("Chen"), at=desk.county.now)
    desk.later(minutes=30)
    assert desk.called() == []


def test_after_the_leader_was_called_the_desk_can_still_confirm(desk: Desk) -> None:
    desk.drafted()
    desk.later(minutes=3)
    alarm = confirm_alarm(desk.alarm(), by=desk.county.actor("Zheng"), at=desk.county.now)
    assert alarm.state == "confirmed"


def test_with_nobody_on_the_leaders_post_the_commander_is_called_and_told_why(desk: Desk) -> None:
    end_holding(desk.county.holdings["Zheng"], by=desk.county.by, at=desk.county.now)
    desk.drafted()
    desk.later(minutes=3)
    assert desk.called() == ["Wang"]
    assert desk.alarm().leader_post == "commander"
    assert "无带班领导可呼，改呼指挥长" in Delivery.objects.get(channel="sms").text


def test_a_leader_without_a_number_is_passed_over(desk: Desk) -> None:
    for contact in desk.county.people["Zheng"].contacts.all():
        end_contact(contact, by=desk.county.by, at=desk.county.now)
    desk.drafted()
    desk.later(minutes=3)
    assert desk.called() == ["Wang"]


def test_with_nobody_to_call_the_desk_keeps_ringing_and_the_next_holder_is_called(desk: Desk) -> None:
    for name in ("Zheng", "Wang"):
        end_holding(desk.county.holdings[name], by=desk.county.by, at=desk.county.now)
    desk.drafted()
    desk.later(minutes=3)
    alarm = desk.alarm()
    assert (alarm.state, alarm.leader_call_at) == ("ringing", desk.county.now + timedelta(minutes=3))
    assert Entry.objects.filter(kind="alarm.nobody_to_call").count() == 1


def test_the_leader_is_whoever_holds_the_post_at_that_minute(desk: Desk) -> None:
    from anlan.directory.models import HoldingRole
    from anlan.directory.services import appoint

    desk.drafted()
    post = desk.county.holdings["Zheng"].post
    end_holding(desk.county.holdings["Zheng"], by=desk.county.by, at=desk.county.now)
    appoint(post, desk.county.people["Guo"], role=HoldingRole.A, by=desk.county.by, at=desk.county.now)
    desk.later(minutes=3)
    assert desk.called() == ["Guo"]


def test_three_silent_villages_are_one_call_to_the_leader_not_three(desk: Desk) -> None:
    for seat in desk.called_out("Upper Willow", "Lower Willow", "North Slope"):
        desk.hears(SeatOverdue(seat_id=str(seat.pk)))
    assert Alarm.objects.count() == 3
    desk.later(minutes=3)
    assert desk.called() == ["Zheng"]
    assert "另有2项未确认" in Delivery.objects.get(channel="sms", subject__startswith="alarm:").text
    assert {alarm.state for alarm in Alarm.objects.all()} == {"leader_called"}


def test_an_alarm_long_after_the_call_is_called_for_itself(desk: Desk) -> None:
    first, second = desk.called_out("Upper Willow", "Lower Willow")
    desk.hears(SeatOverdue(seat_id=str(first.pk)))
    desk.later(minutes=3)
    desk.county.clock.advance(minutes=1)
    desk.hears(SeatOverdue(seat_id=str(second.pk)))
    desk.later(minutes=3)
    assert desk.called() == ["Zheng", "Zheng"]


def test_a_silent_village_rings_until_it_answers(desk: Desk) -> None:
    [seat] = desk.called_out("Upper Willow")
    desk.hears(SeatOverdue(seat_id=str(seat.pk)))
    alarm = desk.alarm()
    assert (alarm.kind, alarm.subject, alarm.division) == ("seat_overdue", f"seat:{seat.pk}", seat.division)
    desk.hears(SeatAnswered(seat_id=str(seat.pk)))
    alarm.refresh_from_db()
    assert (alarm.state, alarm.end_reason, alarm.leader_call_at) == ("cleared", "已应答", None)


def test_a_village_that_answered_meanwhile_does_not_begin_to_ring(desk: Desk) -> None:
    [seat] = desk.called_out("Upper Willow")
    person = desk.county.people["Zhao"]
    acknowledge(seat, meaning="answered", via="reply", person=person, by=desk.county.by, at=desk.county.now)
    desk.hears(SeatOverdue(seat_id=str(seat.pk)))
    assert not Alarm.objects.exists()


def test_what_was_issued_without_review_rings_in_place_of_the_draft(desk: Desk) -> None:
    warning = desk.drafted()
    desk.issued(warning, authorised_by="王建国")
    states = dict(Alarm.objects.values_list("kind", "state"))
    assert states == {"draft_waiting": "cleared", "issued_without_review": "ringing"}
    assert "王建国" in desk.alarm(kind="issued_without_review").text_zh


def test_a_reviewed_warning_rings_no_more(desk: Desk) -> None:
    warning = desk.drafted()
    desk.issued(warning)
    assert desk.alarm().state == "cleared"


@pytest.mark.parametrize("state", ["returned", "withdrawn", "replaced", "lifted", "expired"])
def test_nothing_rings_for_a_warning_that_ended(desk: Desk, state: str) -> None:
    warning = desk.drafted()
    desk.hears(WarningEnded(warning_id=str(warning), state=state))
    assert desk.alarm().state == "cleared"


def test_the_end_of_a_warning_silences_released_villages_and_not_the_silent_ones(desk: Desk) -> None:
    warning = desk.drafted()
    released, silent = desk.called_out("Upper Willow", "Lower Willow", subject=f"warning:{warning}")
    for seat in (released, silent):
        desk.hears(SeatOverdue(seat_id=str(seat.pk)))
    released.advance("released", by=desk.county.by, at=desk.county.now)
    desk.hears(WarningEnded(warning_id=str(warning), state="expired"))
    assert desk.alarm(subject=f"seat:{released.pk}").state == "cleared"
    assert desk.alarm(subject=f"seat:{silent.pk}").state == "ringing"


def test_a_silent_station_is_shown_without_sound_and_calls_nobody(desk: Desk) -> None:
    station = desk.station()
    desk.hears(StationFellSilent(station_id=str(station.pk)))
    alarm = desk.alarm()
    assert (alarm.text_zh, alarm.level, queries.sounds(alarm)) == (
        "测站离线：上柳站（0099010001）",
        None,
        False,
    )
    desk.later(hours=5)
    assert desk.called() == []
    desk.hears(StationHeardAgain(station_id=str(station.pk)))
    alarm.refresh_from_db()
    assert alarm.state == "cleared"


def test_the_same_subject_rings_once_and_a_worse_draft_takes_the_milder_texts_place(desk: Desk) -> None:
    warning = desk.drafted(level=3)
    desk.drafted(level=3, warning_id=warning)
    assert desk.alarm().version == 1
    desk.drafted(level=1, warning_id=warning)
    assert (desk.alarm().level, desk.alarm().text_en) == (1, "Waiting for sign-off: red flash flood call-out")


def test_a_draft_that_becomes_worse_after_it_was_confirmed_rings_again(desk: Desk) -> None:
    warning = desk.drafted(level=3)
    confirm_alarm(desk.alarm(), by=desk.county.actor("Chen"), at=desk.county.now)
    desk.drafted(level=1, warning_id=warning)
    assert sorted(Alarm.objects.values_list("state", flat=True)) == ["confirmed", "ringing"]


def test_the_most_severe_and_longest_ringing_comes_first(desk: Desk) -> None:
    desk.hears(StationFellSilent(station_id=str(desk.station().pk)))
    desk.drafted(level=3)
    desk.county.clock.advance(seconds=10)
    desk.drafted(level=1)
    assert [alarm.level for alarm in queries.ringing(desk.county.actor("Chen"))] == [1, 3, None]


@pytest.mark.parametrize(
    ("who", "sees", "confirms"),
    [
        pytest.param("Chen", True, True, id="county duty officer"),
        pytest.param("Li", True, True, id="duty officer of the township"),
        pytest.param("Zhao", True, False, id="the village officer sees it only"),
        pytest.param("Liu", False, False, id="duty officer of the neighbour"),
        pytest.param("Guo", False, False, id="a stranger"),
    ],
)
def test_an_alarm_is_confirmed_by_a_desk_in_whose_jurisdiction_it_rings(
    desk: Desk, who: str, sees: bool, confirms: bool
) -> None:
    [seat] = desk.called_out("Upper Willow")
    desk.hears(SeatOverdue(seat_id=str(seat.pk)))
    alarm, actor = desk.alarm(), desk.county.actor(who)
    assert queries.ringing(actor) == ([alarm] if sees else [])
    if confirms:
        assert access_alarm(actor, alarm.pk) == alarm
        confirm_alarm(alarm, by=actor, at=desk.county.now)
        return
    with pytest.raises(NotAllowed if sees else NotFound):
        access_alarm(actor, alarm.pk)
    with pytest.raises(NotAllowed):
        confirm_alarm(alarm, by=actor, at=desk.county.now)
    alarm.refresh_from_db()
    assert alarm.state == "ringing"


def test_the_neighbours_desk_cannot_confirm_by_calling_the_service_directly(desk: Desk) -> None:
    [seat] = desk.called_out("Upper Willow")
    desk.hears(SeatOverdue(seat_id=str(seat.pk)))
    with pytest.raises(NotAllowed):
        confirm_alarm(desk.alarm(), by=desk.county.actor("Liu"), at=desk.county.now)


def test_a_program_cannot_confirm(desk: Desk) -> None:
    desk.drafted()
    robot = Actor(ref="system:robot", grants=grants([Right.SEE, Right.CONFIRM_ALARM], ""))
    with pytest.raises(OnlyAPerson):
        confirm_alarm(desk.alarm(), by=robot, at=desk.county.now)


def test_of_two_who_confirm_at_once_one_is_told_that_the_other_was_faster(desk: Desk) -> None:
    desk.drafted()
    mine, same = desk.alarm(), desk.alarm()
    confirm_alarm(mine, by=desk.county.actor("Chen"), at=desk.county.now)
    with pytest.raises(StaleRow), transaction.atomic():
        confirm_alarm(same, by=desk.county.actor("Feng"), at=desk.county.now)
    assert desk.alarm().confirmed_by_person == desk.county.people["Chen"]
    with pytest.raises(NoSuchTransition):
        confirm_alarm(mine, by=desk.county.actor("Feng"), at=desk.county.now)


def test_several_are_confirmed_at_once_and_one_that_another_took_does_not_hinder(desk: Desk) -> None:
    desk.drafted()
    desk.drafted()
    rows = list(Alarm.objects.select_related("division"))
    confirm_alarm(Alarm.objects.get(pk=rows[0].pk), by=desk.county.actor("Feng"), at=desk.county.now)
    assert confirm_alarms(rows, by=desk.county.actor("Chen"), at=desk.county.now) == 1


def test_a_drill_rings_on_its_own_clock_and_its_calls_say_so(desk: Desk) -> None:
    run = ExerciseRun.objects.create(
        scenario="storm", clock_start=desk.county.now, wall_start=desk.county.now, speed=60
    )
    desk.hears(
        WarningDrafted(
            warning_id="00000000-0000-7000-8000-000000000001",
            kind="callout",
            hazard_type="flash_flood",
            level=1,
            headline="山洪灾害叫应",
            division=desk.county.division.code,
            exercise_id=str(run.pk),
        ),
        exercise_id=run.pk,
    )
    assert queries.ringing(desk.county.actor("Chen")) == []
    assert len(queries.ringing(desk.county.actor("Chen"), exercise_id=run.pk)) == 1
    desk.later(seconds=3)
    text = Delivery.objects.get(channel="sms", exercise_id=run.pk).text
    assert text.startswith("【演练】")


@pytest.mark.parametrize("rings", [True, False])
def test_only_a_happening_of_a_kind_that_rings_sounds_and_a_station_heard_again_does_not_silence_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, rings: bool
) -> None:
    kind = HappeningKind("gas_leak", "燃气泄漏", "gas leak", Severity.SEVERE, rings=rings)
    monkeypatch.setitem(happenings.HAPPENINGS, kind.code, kind)
    station = desk.station()
    row = StationHappening(
        id=uuid7(),
        station=station,
        kind="gas_leak",
        received_at=desk.county.now,
        recorded_at=desk.county.now,
        report_key="k",
    ).record(by=system("gateway"), at=desk.county.now)
    desk.hears(StationHappened(happening_id=str(row.pk), kind="gas_leak"))
    desk.hears(StationHeardAgain(station_id=str(station.pk)))
    alarms = list(Alarm.objects.filter(kind="station_happening").values_list("state", "text_zh"))
    assert alarms == ([("ringing", f"燃气泄漏：{station.name}（{station.code}）")] if rings else [])


def test_a_county_decides_that_a_silent_station_sounds_and_calls(
    desk: Desk, settings: object, tmp_path: Path
) -> None:
    table = json.loads((Path(__file__).parents[1] / "data" / "alarms.json").read_text(encoding="utf-8"))
    [silent] = [row for row in table["kinds"] if row["kind"] == "station_silent"]
    silent |= {"sounds": True, "leader_after_s": 600}
    (tmp_path / "alarms.json").write_text(json.dumps(table), encoding="utf-8")
    settings.ANLAN_DATA = tmp_path  # type: ignore[attr-defined]  # pytest-django's settings
    desk.hears(StationFellSilent(station_id=str(desk.station().pk)))
    desk.later(minutes=10)
    assert desk.called() == ["Zheng"]


def test_a_table_that_lacks_a_kind_is_refused_by_name(settings: object, tmp_path: Path) -> None:
    settings.ANLAN_DATA = tmp_path  # type: ignore[attr-defined]
    (tmp_path / "alarms.json").write_text("{}", encoding="utf-8")
    with pytest.raises(BadSetting, match=r"alarms\.json"):
        alarms()


def test_everything_that_rang_can_be_folded_from_the_journal(desk: Desk) -> None:
    warning = desk.drafted()
    for seat in desk.called_out("Upper Willow", "North Slope"):
        desk.hears(SeatOverdue(seat_id=str(seat.pk)))
    desk.later(minutes=3)
    desk.issued(warning, authorised_by="王建国")
    confirm_alarm(desk.alarm(kind="issued_without_review"), by=desk.county.actor("Chen"), at=desk.county.now)
    assert verify().problems == []
