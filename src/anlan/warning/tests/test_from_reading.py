"""What a crossing causes."""

from __future__ import annotations

from datetime import timedelta

from anlan.dissemination.models import Callout, CalloutSeat, Delivery
from anlan.journal.models import Entry
from anlan.journal.verify import verify
from anlan.kernel.ids import uuid7
from anlan.sensing.services import link_station
from anlan.vocab.stages import Stage
from anlan.warning.models import HazardWarning
from anlan.warning.services import draft_from_crossing, return_draft, sign_off, withdraw
from anlan.warning.tests.storm import BLUE, ORANGE, RED, YELLOW, Storm


def sign(storm: Storm, warning: HazardWarning, who: str = "Feng") -> HazardWarning:
    warning.refresh_from_db()
    return sign_off(warning, by=storm.county.actor(who), at=storm.now)


def test_a_crossing_makes_a_draft_that_carries_reading_rule_and_villages(storm: Storm) -> None:
    crossing = storm.falls(ORANGE)
    draft = storm.only_warning()
    assert (draft.state, draft.kind, draft.hazard_type, draft.level, draft.stage) == (
        "draft",
        "callout",
        "flash_flood",
        ORANGE,
        Stage.PREPARE,
    )
    assert (draft.crossing_id, draft.rule_id, draft.rule_version) == (crossing.pk, "R12", "1")
    assert draft.cause_sentence == crossing.explanation_zh
    assert draft.issuer == "云岭县防汛抗旱指挥部办公室"
    assert draft.body.startswith("山洪灾害叫应（准备转移）：08:00上柳站1小时雨量62.5毫米，请做好转移准备")
    because = {row.division.name: (row.because, row.detail) for row in draft.villages.all()}
    assert because == {"上柳村": ("zone", "柳河沟口"), "下柳村": ("link", "上柳站")}
    assert not Callout.objects.exists()


def test_the_duty_room_rings_for_a_draft(storm: Storm) -> None:
    storm.falls(ORANGE)
    draft = storm.only_warning()
    entry = Entry.objects.get(kind="alarm.raised")
    assert f"warning:{draft.pk}" in entry.payload


def test_yellow_and_blue_are_risk_notices_without_a_stage(storm: Storm) -> None:
    storm.falls(YELLOW)
    notice = storm.only_warning()
    assert (notice.kind, notice.stage) == ("risk_notice", "")
    assert "风险提示（黄色）" in notice.headline


def test_a_river_above_its_guaranteed_stage_is_a_call_out_about_the_river(storm: Storm) -> None:
    storm.falls(ORANGE, river=True)
    draft = storm.only_warning()
    assert (draft.hazard_type, draft.kind, draft.stage) == ("river_flood", "callout", "")
    assert "水位62.5米" in draft.body


def test_the_same_crossing_told_twice_makes_one_draft(storm: Storm) -> None:
    crossing = storm.falls(ORANGE)
    storm.told(crossing)
    assert storm.only_warning().version == 1


def test_a_late_reading_drafts_nothing(storm: Storm) -> None:
    storm.falls(RED, is_late=True)
    assert not HazardWarning.objects.exists()


def test_the_same_level_again_adds_nothing(storm: Storm) -> None:
    storm.falls(ORANGE)
    sign(storm, storm.only_warning())
    storm.later(minutes=10)
    storm.falls(ORANGE)
    storm.falls(BLUE)
    assert storm.only_warning().state == "issued"
    assert Callout.objects.count() == 1


def test_a_worse_reading_makes_the_waiting_draft_more_severe_instead_of_a_second_one(storm: Storm) -> None:
    storm.falls(YELLOW)
    due = storm.only_warning().review_due_at
    storm.county.clock.advance(minutes=1)
    crossing = storm.falls(RED)
    draft = storm.only_warning()
    assert (draft.state, draft.level, draft.stage, draft.kind) == (
        "draft",
        RED,
        Stage.EVACUATE_NOW,
        "callout",
    )
    assert draft.crossing_id == crossing.pk
    assert draft.review_due_at == due
    assert "立即转移" in draft.body


def test_a_worse_reading_replaces_what_is_in_force_and_calls_everybody_again(storm: Storm) -> None:
    storm.falls(ORANGE)
    old = sign(storm, storm.only_warning())
    storm.later(minutes=5)
    storm.falls(RED)
    old.refresh_from_db()
    draft = storm.only_warning(state="draft")
    assert (old.state, draft.replaces_id) == ("issued", old.pk)

    sign(storm, draft)
    old.refresh_from_db()
    assert (old.state, old.ended_at) == ("replaced", storm.now)
    new = Callout.objects.get(subject=f"warning:{draft.pk}")
    assert new.replaces_id == old.callout_id
    assert {seat.state for seat in CalloutSeat.objects.filter(callout__subject=f"warning:{old.pk}")} == {
        "released"
    }
    assert {seat.state for seat in new.seats.all()} == {"waiting"}


def test_a_village_linked_meanwhile_joins_the_draft(storm: Storm) -> None:
    storm.falls(ORANGE)
    link_station(storm.rain, storm.county.divisions["North Slope"], by=storm.county.by, at=storm.now)
    storm.county.clock.advance(minutes=1)
    storm.falls(ORANGE)
    assert storm.only_warning().villages.count() == 3


def test_a_village_with_its_own_thresholds_is_an_affair_of_its_own(storm: Storm) -> None:
    village = storm.county.divisions["North Slope"]
    thresholds = {(60, Stage.EVACUATE_NOW): 50.0}
    link_station(storm.rain, village, thresholds=thresholds, by=storm.county.by, at=storm.now)
    storm.falls(ORANGE)
    storm.falls(RED, binding=f"R12:{storm.rain.code}:{village.code}")
    levels = {
        warning.level: [row.division.name for row in warning.villages.all()]
        for warning in HazardWarning.objects.all()
    }
    assert levels[RED] == ["北坡村"]
    assert sorted(levels[ORANGE]) == ["上柳村", "下柳村"]


def test_a_station_without_linked_villages_concerns_the_village_where_it_stands(storm: Storm) -> None:
    storm.rain.links.all().delete()
    storm.falls(ORANGE)
    [row] = storm.only_warning().villages.all()
    assert row.division.name == "上柳村"


def test_a_returned_draft_stays_returned_for_the_same_level_and_comes_back_for_a_worse_one(
    storm: Storm,
) -> None:
    storm.falls(ORANGE)
    return_draft(storm.only_warning(), reason="雨量站在检修", by=storm.county.actor("Feng"), at=storm.now)
    storm.later(minutes=1)
    storm.falls(ORANGE)
    assert storm.only_warning().state == "returned"
    storm.falls(RED)
    draft = storm.only_warning()
    assert (draft.state, draft.level, draft.return_reason) == ("draft", RED, "")
    assert draft.review_due_at == storm.now + timedelta(minutes=3)


def test_after_a_withdrawn_draft_the_next_crossing_drafts_anew(storm: Storm) -> None:
    storm.falls(ORANGE)
    withdraw(storm.only_warning(), reason="误报", by=storm.county.actor("Chen"), at=storm.now)
    storm.later(minutes=30)
    storm.falls(ORANGE)
    assert sorted(HazardWarning.objects.values_list("state", flat=True)) == ["draft", "withdrawn"]


def test_a_reading_that_comes_down_proposes_lifting_and_lifts_nothing(storm: Storm) -> None:
    storm.falls(ORANGE)
    sign(storm, storm.only_warning())
    storm.later(minutes=90)
    down = storm.falls(None, direction="down")
    warning = storm.only_warning()
    assert (warning.state, warning.fell_crossing_id) == ("issued", down.pk)
    assert Callout.objects.get().state == "open"

    storm.told(down)
    assert Entry.objects.filter(kind="warning.reading_fell").count() == 1


def test_a_reading_that_rises_again_takes_the_proposal_back(storm: Storm) -> None:
    storm.falls(ORANGE)
    sign(storm, storm.only_warning())
    storm.later(minutes=60)
    storm.falls(None, direction="down")
    storm.later(minutes=20)
    storm.falls(ORANGE)
    warning = storm.only_warning()
    assert (warning.fell_crossing_id, warning.fell_at) == (None, None)


def test_falling_to_orange_proposes_nothing_for_an_orange_warning(storm: Storm) -> None:
    storm.falls(ORANGE)
    sign(storm, storm.only_warning())
    storm.later(minutes=60)
    storm.falls(ORANGE, direction="down")
    assert storm.only_warning().fell_at is None


def test_an_exercise_never_touches_the_real_warning_of_the_same_station(storm: Storm) -> None:
    storm.falls(ORANGE)
    draft_from_crossing(storm.crossing(RED, exercise_id=uuid7()), at=storm.now)
    real = storm.only_warning(exercise_id=None)
    drill = storm.only_warning(exercise_id__isnull=False)
    assert (real.level, drill.level) == (ORANGE, RED)
    assert "【演练】" in drill.body
    assert "【演练】" not in real.body


def test_everything_a_storm_did_can_be_folded_from_the_journal(storm: Storm) -> None:
    storm.pre_authorised_by_wang()
    storm.falls(YELLOW)
    storm.later(minutes=4)
    storm.falls(ORANGE)
    storm.later(minutes=2)
    storm.falls(RED)
    storm.later(hours=4)
    storm.falls(None, direction="down")
    assert Delivery.objects.exists()
    # Accounts of the fixture are journaled notes, not rows; every projected row must fold.
    assert verify().problems == []
