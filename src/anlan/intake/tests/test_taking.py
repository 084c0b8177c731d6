"""Calls and messages are taken once, whatever is unknown, and nothing impossible is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from anlan.duty.models import Alarm
from anlan.incidents.models import Incident
from anlan.incidents.queries import figures_of
from anlan.incidents.refusals import InTheFuture, NoPlace, OutOfOrder, UnknownType
from anlan.intake import queries, services
from anlan.intake.models import Intake, IntakeSender
from anlan.intake.refusals import (
    AboutAnotherCounty,
    BadPoint,
    FoundFalse,
    NothingSaid,
    TypeMissing,
    UnknownSource,
    WordsMissing,
)
from anlan.intake.types import IntakeDetails
from anlan.journal.deadlines import run_deadlines, run_reactions
from anlan.journal.models import Entry
from anlan.journal.refusals import NoSuchTransition
from anlan.testing import County


def take(county: County, text: str = "上柳村河边进水，2人被困", **more: Any) -> Intake:  # Any: details
    fields: dict[str, Any] = {
        "source": "110",
        "received_at": county.now,
        "division": county.divisions["Upper Willow"],
        "event_type": "flash_flood",
    }
    details = IntakeDetails(text=text, **(fields | more))
    return services.take_intake(details, by=county.actor("Chen"), at=county.now)[0]


def test_a_message_without_time_and_place_is_taken_and_belongs_to_the_desk_of_the_county(
    county: County,
) -> None:
    row = take(county, division=None, event_type="")
    assert (row.state, row.occurred_at, row.division, row.path) == (
        "received",
        None,
        None,
        county.division.path,
    )
    assert queries.open_count(county.actor("Chen")) == 1
    assert queries.open_count(county.actor("Li")) == 0


def test_the_same_message_again_counts_once(county: County) -> None:
    by, at = county.actor("Chen"), county.now
    details = IntakeDetails(source="110", text="进水", received_at=at, reference="20260701-1")
    first, is_new = services.take_intake(details, by=by, at=at)
    again, is_new_again = services.take_intake(details, by=by, at=at)
    assert (is_new, is_new_again, first.pk) == (True, False, again.pk)
    assert Intake.objects.count() == 1


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"text": "  "}, NothingSaid),
        ({"source": "114"}, UnknownSource),
        ({"event_type": "meteor"}, UnknownType),
        ({"lon": 102.9}, BadPoint),
        ({"lon": float("nan"), "lat": 27.4}, BadPoint),
        ({"received_at": timedelta(minutes=10)}, InTheFuture),
        ({"occurred_at": timedelta(minutes=5)}, InTheFuture),
        ({"received_at": timedelta(minutes=-60), "occurred_at": timedelta(minutes=-30)}, OutOfOrder),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(
    county: County, more: dict[str, Any], refusal: type[Exception]
) -> None:
    before = Entry.objects.count()
    known = {name: value for name, value in more.items() if not isinstance(value, timedelta)}
    moments: dict[str, Any] = {
        name: county.now + value for name, value in more.items() if isinstance(value, timedelta)
    }
    with pytest.raises(refusal):
        take(county, **known, **moments)
    assert Entry.objects.count() == before


def test_it_is_verified_level_by_level_and_the_caller_is_told(county: County) -> None:
    row = take(county)
    chen, at = county.actor("Chen"), county.now
    services.ask_to_verify(row, division=county.divisions["Upper Willow"], words="到现场看", by=chen, at=at)
    assert (row.state, row.level) == ("verifying", "village")
    services.answer_verification(row, finding="unclear", words="桥断，过不去", by=county.actor("Zhao"), at=at)
    services.ask_to_verify(row, division=county.divisions["Willow River"], by=chen, at=at)
    services.answer_verification(row, finding="found_true", words="两户进水", by=county.actor("Li"), at=at)
    services.verify_intake(row, result="属实", by=chen, at=at)
    services.feed_back(row, way="phone", words="已派人", by=chen, at=at)
    assert row.state == "fed_back"
    kinds = [(step.kind, step.level) for step in row.steps.order_by("pk")]
    assert kinds == [
        ("asked", "village"), ("unclear", "village"), ("asked", "township"), ("found_true", "township"), ("fed_back", ""),
    ]  # fmt: skip


def test_the_caller_is_not_told_before_anything_was_found_out(county: County) -> None:
    row = take(county)
    with pytest.raises(NoSuchTransition):
        services.feed_back(row, way="phone", words="已派人", by=county.actor("Chen"), at=county.now)
    with pytest.raises(WordsMissing):
        services.find_intake_not_true(row, reason=" ", by=county.actor("Chen"), at=county.now)


def test_a_false_place_is_corrected_and_the_former_one_stays_in_the_record(county: County) -> None:
    row = take(county, place_words="上柳小学")
    services.correct_place(
        row,
        division=county.divisions["Lower Willow"],
        place_words="下柳桥头",
        by=county.actor("Chen"),
        at=county.now,
    )
    assert (row.division_id, row.path) == ("999901101202", county.divisions["Lower Willow"].path)
    assert "上柳村；上柳小学 → 下柳村下柳桥头" in row.steps.get().words
    entry = Entry.objects.get(kind="intake.taken")
    assert "999901101201" in entry.payload


def test_a_caller_who_gave_a_false_place_is_found_not_true_and_opens_no_incident(county: County) -> None:
    row = take(county)
    services.find_intake_not_true(row, reason="现场无此事", by=county.actor("Chen"), at=county.now)
    with pytest.raises(FoundFalse):
        services.open_from_intake(row, by=county.actor("Chen"), at=county.now)
    assert Incident.objects.count() == 0


def test_a_report_for_another_county_is_kept_handed_on_and_opens_nothing_here(county: County) -> None:
    row = take(county, division=None, foreign_code="530521100201")
    with pytest.raises(AboutAnotherCounty, match="Hand it on"):
        services.open_from_intake(row, by=county.actor("Chen"), at=county.now)
    services.hand_on(row, to="邻县值班室 张", by=county.actor("Chen"), at=county.now)
    assert (row.state, row.handed_to) == ("handed_on", "邻县值班室 张")


def test_a_point_far_outside_the_county_marks_it_as_elsewhere(county: County) -> None:
    assert take(county, division=None, lon=105.0, lat=30.0).elsewhere == "105.0000, 30.0000"
    assert take(county, division=None, lon=102.93, lat=27.41).elsewhere == ""


def test_one_key_opens_an_incident_whose_clocks_run_from_the_time_of_receipt(county: County) -> None:
    row = take(county, figures={"trapped": "2"}, received_at=county.now - timedelta(minutes=7))
    incident = services.open_from_intake(row, by=county.actor("Chen"), at=county.now)
    assert (incident.known_at, incident.informant, incident.course) == (row.received_at, "110", row.text)
    [figure] = figures_of(incident)
    assert (figure.code, int(figure.value), figure.source, figure.state) == (
        "trapped",
        2,
        "110 报警 上柳村",
        "claimed",
    )
    assert queries.intakes_of(incident) == [row]
    assert queries.first_known_at(incident) == row.received_at


def test_without_place_or_type_no_incident_is_opened(county: County) -> None:
    by, at = county.actor("Chen"), county.now
    with pytest.raises(NoPlace):
        services.open_from_intake(take(county, division=None), by=by, at=at)
    with pytest.raises(TypeMissing):
        services.open_from_intake(take(county, event_type=""), by=by, at=at)


def test_of_public_health_only_the_count_goes_into_the_incident(county: County) -> None:
    row = take(
        county, "学校多名学生呕吐", event_type="public_health", figures={"persons": "12", "deaths": "1"}
    )
    assert row.is_restricted
    incident = services.open_from_intake(row, by=county.actor("Chen"), at=county.now)
    assert (incident.course, incident.reference, incident.is_restricted) == ("", row.number, True)
    assert [figure.code for figure in figures_of(incident)] == ["persons"]


def test_two_townships_that_report_the_same_event_are_suggested_linked_and_counted_once(
    county: County,
) -> None:
    chen, at = county.actor("Chen"), county.now
    first = take(county, "三岔河大桥塌方，道路中断", source="township", division=county.divisions["Willow River"],
                 lon=102.93, lat=27.42, event_type="collapse")  # fmt: skip
    second = take(county, "三岔河大桥塌方，车辆不能通行", source="township", sender_name="石桥镇",
                  division=county.divisions["Stone Bridge"], lon=102.931, lat=27.421, event_type="collapse")  # fmt: skip
    [likely] = queries.likely_duplicates(chen, queries.described(second), but=second)
    assert (likely.id, likely.is_incident) == (first.pk, False)
    incident = services.open_from_intake(first, by=chen, at=at)
    services.link_duplicate(second, first, by=chen, at=at)
    assert (second.duplicate_of_id, second.incident_id) == (first.pk, incident.pk)
    assert queries.intakes_of(incident) == [first, second]
    assert Incident.objects.count() == 1
    services.unlink_duplicate(second, reason="是两处", by=chen, at=at)
    assert second.duplicate_of_id is None
    services.take_out(second, reason="是两处", by=chen, at=at)
    assert queries.intakes_of(incident) == [first]


def test_what_happened_far_away_is_never_suggested_however_alike_the_words(county: County) -> None:
    chen = county.actor("Chen")
    take(county, "村口路边山体滑坡堵路", lon=102.92, lat=27.41)
    other = take(
        county, "村口路边山体滑坡堵路", division=county.divisions["North Slope"], lon=103.5, lat=27.9
    )
    assert queries.likely_duplicates(chen, queries.described(other), but=other) == []


def test_an_open_incident_is_suggested_too(county: County) -> None:
    chen = county.actor("Chen")
    incident = services.open_from_intake(take(county), by=chen, at=county.now)
    later = take(county, "上柳村河边进水有人被困")
    kinds = {one.id for one in queries.likely_duplicates(chen, queries.described(later), but=later)}
    assert incident.pk in kinds


def test_verifying_the_first_message_verifies_its_duplicates(county: County) -> None:
    chen, at = county.actor("Chen"), county.now
    first, second = take(county), take(county)
    services.link_duplicate(second, first, by=chen, at=at)
    services.verify_intake(first, by=chen, at=at)
    second.refresh_from_db()
    assert second.state == "verified"


def test_a_message_by_machine_rings_until_the_desk_acts_and_one_typed_at_the_desk_does_not(
    county: County,
) -> None:
    take(county)
    details = IntakeDetails(source="12345", text="路断了", received_at=county.now)
    from anlan.kernel.actor import Actor

    row, _new = services.take_intake(details, by=Actor(ref="sender:1", name="热线"), at=county.now)
    run_reactions(owner="test")
    [alarm] = Alarm.objects.filter(kind="intake_waits")
    assert alarm.subject == f"intake:{row.pk}"
    services.verify_intake(row, by=county.actor("Chen"), at=county.now)
    alarm.refresh_from_db()
    assert alarm.state == "cleared"


def line_of(county: County) -> IntakeSender:
    he = county.actor("He")
    return services.list_sender(
        name="值班一号线", kind="line", source="phone", division=county.division, by=he, at=county.now
    )[0]


def test_a_ringing_line_sounds_is_taken_by_saving_and_missed_when_nobody_does(county: County) -> None:
    line, chen = line_of(county), county.actor("Chen")
    ring, is_new = services.ring(line, call_id="a", number="10000000012", by=chen, at=county.now)
    again = services.ring(line, call_id="a", number="10000000012", by=chen, at=county.now)
    assert (is_new, again) == (True, (ring, False))
    alarm = Alarm.objects.get(kind="line_rings")
    assert "1000" not in alarm.text_zh
    row = take(county, caller_number="10000000012")
    services.take_ring(ring, row, by=chen, at=county.now)
    services.end_ring(ring, recording="rec-1.wav", by=chen, at=county.now)
    row.refresh_from_db()
    assert (ring.state, row.recording) == ("taken", "rec-1.wav")
    other, _new = services.ring(line, call_id="b", number="10000000012", by=chen, at=county.now)
    county.clock.advance(minutes=11)
    run_deadlines(owner="test")
    other.refresh_from_db()
    assert other.state == "missed"


def test_a_call_that_is_hung_up_before_anybody_answers_is_missed_at_once(county: County) -> None:
    ring, _new = services.ring(line_of(county), call_id="a", number="1", by=county.by, at=county.now)
    services.end_ring(ring, by=county.by, at=county.now)
    assert ring.state == "missed"


def test_many_calls_about_one_incident_are_one_suggestion(county: County) -> None:
    chen = county.actor("Chen")
    first = take(county, text="上柳村后山滑坡，埋了房子")
    incident = services.open_from_intake(first, by=chen, at=county.now)
    for _number in range(3):
        more = take(county, text="上柳村滑坡了，有房子被埋")
        services.add_to_incident(more, incident, by=chen, at=county.now)
    last = take(county, text="上柳村后面垮了，埋了房子")
    [likely] = queries.likely_duplicates(chen, queries.described(last), but=last)
    assert (likely.is_incident, likely.id) == (True, incident.pk)


def test_what_was_found_not_true_is_named_to_whoever_hears_it_again(county: County) -> None:
    chen = county.actor("Chen")
    first = take(county, text="上柳村山上冒烟，怕是着火")
    services.find_intake_not_true(first, reason="是雾", by=chen, at=county.now)
    again = take(county, text="看见上柳村山头有烟")
    assert [one.id for one in queries.likely_duplicates(chen, queries.described(again), but=again)] == [
        first.pk
    ]


def test_a_callers_lower_number_of_dead_is_left_out_and_noted_for_it_explains_nothing(county: County) -> None:
    chen = county.actor("Chen")
    first = take(county, text="上柳村滑坡，死亡3人", figures={"deaths": "3"})
    incident = services.open_from_intake(first, by=chen, at=county.now)
    county.clock.advance(minutes=5)
    again = take(county, text="上柳村滑坡，死亡2人", figures={"deaths": "2"})
    services.add_to_incident(again, incident, by=chen, at=county.now)
    assert [one.value for one in figures_of(incident) if one.code == "deaths"] == [3]
    assert again.steps.filter(kind="left_out", words__contains="2").exists()
