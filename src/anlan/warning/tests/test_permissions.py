"""Pre-authorisation: issue at once, under a name, within limits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.dissemination.models import Callout, Delivery
from anlan.journal.models import Entry
from anlan.kernel.ids import uuid7
from anlan.kernel.refusals import NotAllowed
from anlan.vocab.hazards import HazardType
from anlan.warning.models import HazardWarning, PreAuthorisation
from anlan.warning.refusals import AlreadyEnded, BadLevels, EndMissing, OnlyRelay, TooLong
from anlan.warning.services import (
    draft_from_crossing,
    revoke_pre_authorisation,
    sign_off,
    sign_pre_authorisation,
)
from anlan.warning.tests.storm import ORANGE, RED, YELLOW, Storm


def test_a_covered_crossing_is_issued_in_the_same_step_and_the_text_names_who_signed(storm: Storm) -> None:
    permission = storm.pre_authorised_by_wang()
    draft_from_crossing(storm.crossing(RED), at=storm.now)
    warning = storm.only_warning()
    assert (warning.state, warning.issued_at, warning.pre_authorisation) == ("issued", storm.now, permission)
    assert warning.signed_by_person == storm.county.people["Wang"]
    assert warning.body.endswith("（王建国预授权）")
    callout = Callout.objects.get()
    assert callout.text == warning.body
    assert Delivery.objects.filter(callout=callout, state="queued").exists()


def test_the_duty_room_hears_of_what_was_issued_without_review(storm: Storm) -> None:
    storm.pre_authorised_by_wang()
    storm.falls(RED)
    entry = Entry.objects.get(kind="alarm.raised")
    assert "issued_without_review" in entry.payload
    assert "王建国" in entry.payload


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        pytest.param({"hazard_type": HazardType.RIVER_FLOOD}, "another hazard", id="another hazard"),
        pytest.param({"worst_level": ORANGE}, "red is beyond it", id="a worse level"),
        pytest.param({"valid_from_in": 1}, "not begun", id="begins tomorrow"),
        pytest.param({"place": "Stone Bridge"}, "another township", id="another township"),
        pytest.param({"place": "Upper Willow"}, "only one of two villages", id="one of two villages"),
        pytest.param({"exercise": True}, "of a drill", id="signed for a drill"),
    ],
)
def test_outside_its_limits_a_permission_issues_nothing(
    storm: Storm, changes: dict[str, object], why: str
) -> None:
    if place := changes.pop("place", None):
        changes["division"] = storm.county.divisions[str(place)]
    if changes.pop("valid_from_in", None):
        changes["valid_from"] = storm.now + timedelta(days=1)
    if changes.pop("exercise", None):
        changes["exercise_id"] = uuid7()
    storm.pre_authorised_by_wang(**changes)
    storm.falls(RED)
    assert storm.only_warning().state == "draft", why
    assert not Callout.objects.exists()


def test_a_pre_authorisation_that_ended_yesterday_issues_nothing(storm: Storm) -> None:
    storm.pre_authorised_by_wang(valid_to=storm.now + timedelta(days=1))
    storm.county.clock.advance(days=2)
    storm.falls(RED)
    assert storm.only_warning().state == "draft"


def test_its_last_moment_is_the_moment_before_it_ends(storm: Storm) -> None:
    ends = storm.now + timedelta(hours=1)
    storm.pre_authorised_by_wang(valid_to=ends)
    storm.county.clock.advance(hours=1)
    storm.falls(RED)
    assert storm.only_warning().state == "draft"


def test_a_revoked_pre_authorisation_issues_nothing(storm: Storm) -> None:
    permission = storm.pre_authorised_by_wang()
    revoke_pre_authorisation(permission, by=storm.county.actor("Wang"), at=storm.now)
    storm.falls(RED)
    assert storm.only_warning().state == "draft"
    with pytest.raises(AlreadyEnded):
        revoke_pre_authorisation(permission, by=storm.county.actor("Wang"), at=storm.now)


def test_a_waiting_draft_that_becomes_covered_is_issued_at_once(storm: Storm) -> None:
    storm.pre_authorised_by_wang()
    storm.falls(YELLOW)
    assert storm.only_warning().state == "draft"
    storm.county.clock.advance(minutes=1)
    storm.falls(ORANGE)
    assert storm.only_warning().state == "issued"


def test_an_upgrade_under_a_permission_replaces_the_signed_warning(storm: Storm) -> None:
    storm.falls(ORANGE)
    old = sign_off(storm.only_warning(), by=storm.county.actor("Feng"), at=storm.now)
    storm.pre_authorised_by_wang()
    storm.later(minutes=1)
    storm.falls(RED)
    old.refresh_from_db()
    assert old.state == "replaced"
    assert storm.only_warning(state="issued").replaces_id == old.pk


def test_a_reading_that_has_fallen_since_waits_for_a_person_whatever_was_signed(storm: Storm) -> None:
    storm.pre_authorised_by_wang()
    up = storm.crossing(RED, at=storm.now - timedelta(minutes=30))
    down = storm.falls(None, direction="down")
    storm.told(up)
    warning = storm.only_warning()
    assert (warning.state, warning.fell_crossing_id) == ("draft", down.pk)


def test_a_permission_needs_an_end_in_the_future(storm: Storm) -> None:
    for end in (None, storm.now, storm.now - timedelta(days=1)):
        with pytest.raises(EndMissing):
            storm.pre_authorised_by_wang(valid_to=end)
    assert not PreAuthorisation.objects.exists()


def test_a_permission_lasts_a_year_at_most(storm: Storm) -> None:
    storm.pre_authorised_by_wang(valid_to=storm.now + timedelta(days=366))
    with pytest.raises(TooLong):
        storm.pre_authorised_by_wang(valid_to=storm.now + timedelta(days=367))


def test_levels_of_a_permission_run_from_worse_to_milder(storm: Storm) -> None:
    with pytest.raises(BadLevels):
        storm.pre_authorised_by_wang(worst_level=YELLOW, mildest_level=RED)


def test_nobody_signs_in_advance_what_the_county_may_not_issue(storm: Storm) -> None:
    with pytest.raises(OnlyRelay):
        storm.pre_authorised_by_wang(hazard_type="11B03")
    assert not PreAuthorisation.objects.exists()


@pytest.mark.parametrize("who", ["Chen", "Feng", "Zheng", "Li", "Guo"])
def test_only_the_commander_signs_in_advance(storm: Storm, who: str) -> None:
    with pytest.raises(NotAllowed):
        sign_pre_authorisation(
            name="x",
            hazard_type=HazardType.FLASH_FLOOD,
            worst_level=RED,
            mildest_level=RED,
            division=storm.county.division.code,
            valid_to=storm.now + timedelta(days=1),
            by=storm.county.actor(who),
            at=storm.now,
        )
    assert not HazardWarning.objects.exists()
