"""What each reader sees."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from anlan.kernel.ids import uuid7
from anlan.kernel.refusals import NotAllowed, NotFound
from anlan.vocab.posts import Right
from anlan.warning import queries
from anlan.warning.access import access_warning
from anlan.warning.models import HazardWarning
from anlan.warning.services import sign_off
from anlan.warning.tests.storm import ORANGE, RED, YELLOW, Storm


@pytest.fixture
def warning(storm: Storm) -> HazardWarning:
    """An orange call-out in force for Upper and Lower Willow."""
    storm.falls(ORANGE)
    return sign_off(storm.only_warning(), by=storm.county.actor("Feng"), at=storm.now)


def test_a_township_sees_a_county_warning_that_concerns_its_villages(
    storm: Storm, warning: HazardWarning
) -> None:
    assert queries.in_force(storm.county.actor("Li"), storm.now) == [warning]
    assert access_warning(storm.county.actor("Li"), warning.pk) == warning


def test_a_village_officer_sees_the_warning_of_his_own_village(storm: Storm, warning: HazardWarning) -> None:
    assert queries.in_force(storm.county.actor("Zhao"), storm.now) == [warning]


@pytest.mark.parametrize("who", ["Liu", "Wu", "Guo"])
def test_for_neighbours_and_strangers_the_warning_does_not_exist(
    storm: Storm, warning: HazardWarning, who: str
) -> None:
    actor = storm.county.actor(who)
    assert queries.in_force(actor, storm.now) == []
    with pytest.raises(NotFound):
        access_warning(actor, warning.pk)
    with pytest.raises(NotFound):
        queries.warning_detail(actor, warning.pk)


def test_a_name_that_does_not_exist_looks_the_same_as_one_that_may_not_be_seen(storm: Storm) -> None:
    with pytest.raises(NotFound):
        access_warning(storm.county.actor("Chen"), uuid.uuid4())


def test_a_township_reads_the_warning_and_may_do_nothing_with_it(
    storm: Storm, warning: HazardWarning
) -> None:
    for need in (Right.SIGN_OFF, Right.DRAFT, Right.RUN_CALLOUT):
        with pytest.raises(NotAllowed):
            access_warning(storm.county.actor("Li"), warning.pk, need)


def test_a_draft_is_seen_by_those_who_draft_and_sign_only(storm: Storm) -> None:
    storm.falls(ORANGE)
    draft = storm.only_warning()
    for who in ("Chen", "Feng", "Zheng", "Wang"):
        assert queries.drafts_for(storm.county.actor(who)) == [draft]
    for who in ("Li", "Zhao", "He"):
        assert queries.drafts_for(storm.county.actor(who)) == []
        with pytest.raises(NotFound):
            access_warning(storm.county.actor(who), draft.pk)


def test_drafts_come_the_most_severe_first(storm: Storm) -> None:
    storm.falls(YELLOW)
    storm.falls(RED, river=True)
    assert [draft.level for draft in queries.drafts_for(storm.county.actor("Feng"))] == [RED, YELLOW]


def test_past_its_validity_a_warning_is_not_in_force_even_before_the_worker_has_looked(
    storm: Storm, warning: HazardWarning
) -> None:
    assert queries.in_force(storm.county.actor("Chen"), storm.now + timedelta(hours=3)) == []


def test_what_may_be_lifted_is_listed_and_still_in_force(storm: Storm, warning: HazardWarning) -> None:
    assert queries.may_be_lifted(storm.county.actor("Feng")) == []
    storm.later(minutes=60)
    storm.falls(None, direction="down")
    assert queries.may_be_lifted(storm.county.actor("Feng")) == [warning]
    assert queries.in_force(storm.county.actor("Feng"), storm.now) == [warning]


def test_a_drill_shows_nothing_among_the_real_warnings(storm: Storm, warning: HazardWarning) -> None:
    run = uuid7()
    HazardWarning.objects.update(exercise_id=run)
    actor = storm.county.actor("Chen")
    assert queries.in_force(actor, storm.now) == []
    assert queries.in_force(actor, storm.now, exercise_id=run) == [warning]


def test_the_detail_tells_cause_villages_people_and_progress(storm: Storm, warning: HazardWarning) -> None:
    detail = queries.warning_detail(storm.county.actor("Chen"), warning.pk, at=storm.now)
    assert detail.crossing == warning.crossing
    lines = {line.name: line for line in detail.villages}
    assert (lines["上柳村"].zones, lines["上柳村"].households, lines["上柳村"].people) == (
        ("柳河沟口",),
        12,
        41,
    )
    assert (lines["下柳村"].zones, lines["下柳村"].households, lines["下柳村"].people) == ((), 100, 400)
    assert lines["上柳村"].township == "柳河镇"
    assert (detail.villages_total, detail.households, detail.people) == (2, 112, 441)
    assert detail.progress is not None
    assert detail.sms_segments == 2
    assert len(detail.unverified) == 4


def test_a_village_officer_sees_only_his_own_village_among_those_concerned(
    storm: Storm, warning: HazardWarning
) -> None:
    detail = queries.warning_detail(storm.county.actor("Zhao"), warning.pk)
    assert [line.name for line in detail.villages] == ["上柳村"]
    assert detail.villages_total == 2


@pytest.mark.parametrize(
    ("who", "why_not"),
    [
        pytest.param("Chen", queries.NEEDS_RIGHT, id="drafts, does not sign"),
        pytest.param("Feng", "", id="signs"),
    ],
)
def test_the_review_page_says_who_can_sign_and_why_not(storm: Storm, who: str, why_not: str) -> None:
    storm.falls(ORANGE)
    detail = queries.warning_detail(storm.county.actor(who), storm.only_warning().pk)
    assert (detail.can_sign, detail.why_not) == (why_not == "", why_not)


def test_the_drafter_reads_why_he_cannot_sign(storm: Storm) -> None:
    draft = storm.drafted_by_chen()
    HazardWarning.objects.update(drafted_by_person=storm.county.people["Feng"])
    detail = queries.warning_detail(storm.county.actor("Feng"), draft.pk)
    assert (detail.can_sign, detail.why_not) == (False, queries.IS_DRAFTER)
