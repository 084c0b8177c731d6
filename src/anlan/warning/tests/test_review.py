"""Review by a second person, with a clock."""

from __future__ import annotations

import dataclasses

import pytest
from django.conf import settings
from django.db import transaction

from anlan.directory.services import end_contact, end_holding
from anlan.dissemination.models import Callout, Delivery
from anlan.journal.models import Entry
from anlan.journal.refusals import NoSuchTransition, StaleRow
from anlan.kernel.actor import grants, system
from anlan.kernel.refusals import NotAllowed
from anlan.vocab.posts import FACES, PostKind
from anlan.warning.models import HazardWarning
from anlan.warning.refusals import DrafterCannotSign, PersonNeeded, ReasonMissing
from anlan.warning.services import resubmit, return_draft, sign_off, withdraw
from anlan.warning.tests.storm import ORANGE, RED, Storm


def rung_people(storm: Storm) -> list[str]:
    """Who was rung for review so far, in order."""
    names = {person.pk: name for name, person in storm.county.people.items()}
    rings = Delivery.objects.filter(subject__startswith="review:", channel="sms").order_by("id")
    return [names[person_id] for person_id in rings.values_list("person_id", flat=True)]


def test_a_draft_nobody_looks_at_for_three_minutes_rings_the_next_reviewer(storm: Storm) -> None:
    draft = storm.drafted_by_chen()
    storm.later(minutes=2, seconds=59)
    assert rung_people(storm) == []
    storm.later(seconds=1)
    assert rung_people(storm) == ["Feng"]
    draft.refresh_from_db()
    assert draft.reviewer == storm.county.people["Feng"]
    text = Delivery.objects.get(channel="sms", subject=f"review:{draft.pk}").text
    assert f"{settings.ANLAN_BASE_URL}/f/review/{draft.pk}" in text
    assert "已等待3分钟" in text


def test_the_line_of_reviewers_is_walked_round_and_round_and_every_ring_is_journaled(storm: Storm) -> None:
    storm.drafted_by_chen()
    for _ in range(5):
        storm.later(minutes=3)
    assert rung_people(storm) == ["Feng", "Zheng", "Wang", "Feng", "Zheng"]
    assert Entry.objects.filter(kind="warning.reviewer_rung").count() == 5


def test_drafts_that_come_due_together_are_one_ring_that_says_how_many_wait(storm: Storm) -> None:
    storm.falls(ORANGE)
    storm.falls(RED, river=True)
    storm.later(minutes=3)
    assert rung_people(storm) == ["Feng"]
    assert "（另有1份）" in Delivery.objects.get(channel="sms", subject__startswith="review:").text
    assert Entry.objects.filter(kind="warning.reviewer_rung").count() == 2
    storm.later(minutes=3)
    assert rung_people(storm) == ["Feng", "Zheng"]


def test_a_reviewer_without_a_number_is_passed_over(storm: Storm) -> None:
    for contact in storm.county.people["Feng"].contacts.all():
        end_contact(contact, by=storm.county.by, at=storm.now)
    storm.drafted_by_chen()
    storm.later(minutes=3)
    storm.later(minutes=3)
    assert rung_people(storm) == ["Zheng", "Wang"]


def test_with_nobody_to_ring_the_journal_says_so_and_the_line_is_tried_again(storm: Storm) -> None:
    for name in ("Feng", "Zheng", "Wang"):
        end_holding(storm.county.holdings[name], by=storm.county.by, at=storm.now)
    draft = storm.drafted_by_chen()
    storm.later(minutes=3)
    storm.later(minutes=3)
    assert Entry.objects.filter(kind="warning.nobody_to_ring").count() == 2
    draft.refresh_from_db()
    assert (draft.state, draft.review_due_at is not None) == ("draft", True)


def test_the_drafter_is_not_rung_to_approve_his_own_draft(storm: Storm) -> None:
    storm.drafted_by_chen()
    HazardWarning.objects.update(drafted_by_person=storm.county.people["Feng"])
    storm.later(minutes=3)
    assert rung_people(storm) == ["Zheng"]


def test_a_signed_draft_rings_nobody(storm: Storm) -> None:
    sign_off(storm.drafted_by_chen(), by=storm.county.actor("Feng"), at=storm.now)
    storm.later(minutes=30)
    assert rung_people(storm) == []


def test_a_second_person_signs_and_the_call_out_starts(storm: Storm) -> None:
    warning = sign_off(storm.drafted_by_chen(), by=storm.county.actor("Feng"), at=storm.now)
    assert (warning.state, warning.issued_at, warning.review_due_at) == ("issued", storm.now, None)
    assert warning.signed_by_person == storm.county.people["Feng"]
    callout = Callout.objects.get(subject=f"warning:{warning.pk}")
    assert (callout.subject, callout.text, callout.issuer) == (
        f"warning:{warning.pk}",
        warning.body,
        "云岭县防汛抗旱指挥部办公室",
    )
    assert [seat.division.name for seat in callout.seats.all()] == ["上柳村"]


def test_the_drafter_cannot_approve_his_own_draft_not_even_by_calling_the_service_directly(
    storm: Storm,
) -> None:
    draft = storm.drafted_by_chen()
    chen = storm.county.actor("Chen")
    promoted = dataclasses.replace(chen, grants=storm.county.actor("Wang").grants)
    with pytest.raises(DrafterCannotSign):
        sign_off(draft, by=promoted, at=storm.now)
    draft.refresh_from_db()
    assert draft.state == "draft"
    assert not Callout.objects.exists()


def test_whoever_reworked_a_returned_draft_counts_as_its_drafter(storm: Storm) -> None:
    draft = storm.drafted_by_chen()
    feng = storm.county.actor("Feng")
    return_draft(draft, reason="写清集合点", by=feng, at=storm.now)
    resubmit(draft, body="请到村小学集合。", by=feng, at=storm.now)
    with pytest.raises(DrafterCannotSign):
        sign_off(draft, by=feng, at=storm.now)
    assert sign_off(draft, by=storm.county.actor("Wang"), at=storm.now).body == "请到村小学集合。"


def test_of_two_who_approve_at_once_one_wins_and_the_other_is_told(storm: Storm) -> None:
    draft = storm.drafted_by_chen()
    same = HazardWarning.objects.get(pk=draft.pk)
    sign_off(draft, by=storm.county.actor("Feng"), at=storm.now)
    with pytest.raises(StaleRow), transaction.atomic():
        sign_off(same, by=storm.county.actor("Wang"), at=storm.now)
    assert storm.only_warning().signed_by_person == storm.county.people["Feng"]
    assert Callout.objects.count() == 1


def test_nobody_signs_a_draft_that_became_more_severe_since_he_read_it(storm: Storm) -> None:
    storm.falls(ORANGE)
    read = storm.only_warning().version
    storm.county.clock.advance(minutes=1)
    storm.falls(RED)
    with pytest.raises(StaleRow):
        sign_off(storm.only_warning(), seen_version=read, by=storm.county.actor("Feng"), at=storm.now)
    assert storm.only_warning().state == "draft"


@pytest.mark.parametrize(
    ("who", "why"),
    [
        pytest.param("Chen", NotAllowed, id="the duty officer drafts and does not sign"),
        pytest.param("Li", NotAllowed, id="a township does not sign"),
        pytest.param("He", NotAllowed, id="the administrator does not sign"),
        pytest.param("Guo", NotAllowed, id="the public does not sign"),
    ],
)
def test_only_county_posts_sign(storm: Storm, who: str, why: type[Exception]) -> None:
    storm.falls(ORANGE)
    with pytest.raises(why):
        sign_off(storm.only_warning(), by=storm.county.actor(who), at=storm.now)
    assert storm.only_warning().state == "draft"


def test_the_right_of_another_county_does_not_sign_here(storm: Storm) -> None:
    elsewhere = dataclasses.replace(
        storm.county.actor("Wang"), grants=grants(FACES[PostKind.COMMANDER].rights, "888801000000")
    )
    storm.falls(ORANGE)
    with pytest.raises(NotAllowed):
        sign_off(storm.only_warning(), by=elsewhere, at=storm.now)


def test_the_program_itself_never_signs_as_a_reviewer(storm: Storm) -> None:
    storm.falls(ORANGE)
    robot = dataclasses.replace(system("robot"), grants=storm.county.actor("Wang").grants)
    with pytest.raises(PersonNeeded):
        sign_off(storm.only_warning(), by=robot, at=storm.now)


def test_a_returned_draft_carries_the_reason_and_rings_nobody(storm: Storm) -> None:
    draft = return_draft(
        storm.drafted_by_chen(), reason="范围太大", by=storm.county.actor("Feng"), at=storm.now
    )
    storm.later(minutes=10)
    draft.refresh_from_db()
    assert (draft.state, draft.return_reason, rung_people(storm)) == ("returned", "范围太大", [])
    with pytest.raises(NoSuchTransition):
        sign_off(draft, by=storm.county.actor("Wang"), at=storm.now)


def test_returning_and_withdrawing_need_a_reason(storm: Storm) -> None:
    draft = storm.drafted_by_chen()
    with pytest.raises(ReasonMissing):
        return_draft(draft, reason="  ", by=storm.county.actor("Feng"), at=storm.now)
    with pytest.raises(ReasonMissing):
        withdraw(draft, reason="", by=storm.county.actor("Chen"), at=storm.now)
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_a_withdrawn_draft_is_over_and_its_alarm_falls_silent(storm: Storm) -> None:
    draft = storm.drafted_by_chen()
    storm.work()
    withdraw(draft, reason="误报", by=storm.county.actor("Chen"), at=storm.now)
    storm.work()
    assert Entry.objects.filter(kind="alarm.cleared").count() == 1
    with pytest.raises(NoSuchTransition):
        sign_off(draft, by=storm.county.actor("Feng"), at=storm.now)
