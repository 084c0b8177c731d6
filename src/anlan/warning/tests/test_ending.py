"""Update, lift, expire."""

from __future__ import annotations

import pytest

from anlan.dissemination.models import Callout, CalloutSeat, Delivery
from anlan.dissemination.services import acknowledge, close_callout
from anlan.journal.models import Entry
from anlan.kernel.refusals import NotAllowed
from anlan.warning.models import HazardWarning
from anlan.warning.refusals import NotInForce, ReasonMissing, UpdateWaiting, VillagesDropped
from anlan.warning.services import lift_warning, sign_off, update_warning
from anlan.warning.tests.storm import ORANGE, RED, YELLOW, Storm


def in_force(storm: Storm, level: int = ORANGE) -> HazardWarning:
    return sign_off(storm.drafted_by_chen(level), by=storm.county.actor("Feng"), at=storm.now)


def hand_over_everything(storm: Storm) -> None:
    """As the outbox does after commit."""
    for delivery in Delivery.objects.filter(state="queued"):
        delivery.advance("handing", by=storm.county.by, at=storm.now)
        delivery.advance("sent", by=storm.county.by, at=storm.now, handed_at=storm.now)


def everybody_answers(storm: Storm, *, is_done: bool = False) -> None:
    """Every village answers; done means with what was done."""
    told = {"measures": ["people_moved"], "households": 3, "people": 11} if is_done else {}
    for seat in CalloutSeat.objects.select_related("callout"):
        acknowledge(
            seat,
            meaning="done" if is_done else "answered",
            via="page" if is_done else "reply",
            person=storm.county.people["Zhao"],
            by=storm.county.by,
            at=storm.now,
            **told,  # type: ignore[arg-type]  # what `acknowledge` takes
        )


def test_an_update_waits_for_a_second_person_while_the_old_warning_stays_in_force(storm: Storm) -> None:
    old = in_force(storm)
    villages = [place.code for place in storm.county.villages]
    draft = update_warning(old, level=RED, villages=villages, by=storm.county.actor("Chen"), at=storm.now)
    old.refresh_from_db()
    assert (old.state, draft.state, draft.replaces_id) == ("issued", "draft", old.pk)
    sign_off(draft, by=storm.county.actor("Feng"), at=storm.now)
    old.refresh_from_db()
    assert (old.state, Callout.objects.get(subject=f"warning:{draft.pk}").seats.count()) == ("replaced", 3)


def test_a_new_level_never_keeps_the_old_words(storm: Storm) -> None:
    old = in_force(storm)
    draft = update_warning(old, level=RED, body=old.body, by=storm.county.actor("Chen"), at=storm.now)
    assert "立即转移" in draft.body


def test_a_warning_has_one_waiting_update_at_a_time(storm: Storm) -> None:
    old = in_force(storm)
    update_warning(old, level=RED, by=storm.county.actor("Chen"), at=storm.now)
    with pytest.raises(UpdateWaiting):
        update_warning(old, level=YELLOW, by=storm.county.actor("Chen"), at=storm.now)
    assert HazardWarning.objects.count() == 2


def test_an_update_cannot_drop_a_village_which_would_never_hear_an_all_clear(storm: Storm) -> None:
    old = in_force(storm)
    other = storm.county.divisions["North Slope"].code
    with pytest.raises(VillagesDropped, match="上柳村"):
        update_warning(old, villages=[other], by=storm.county.actor("Chen"), at=storm.now)
    assert HazardWarning.objects.count() == 1


def test_lifting_gives_the_all_clear_to_those_who_heard_and_releases_the_silent(storm: Storm) -> None:
    warning = in_force(storm)
    hand_over_everything(storm)
    told = set(Delivery.objects.filter(state="sent").values_list("address", flat=True))
    lift_warning(warning, reason="雨停，水位回落", by=storm.county.actor("Feng"), at=storm.now)
    assert (warning.state, warning.ended_at, warning.end_reason) == ("lifted", storm.now, "雨停，水位回落")
    clear = Delivery.objects.filter(state="queued", purpose="all_clear")
    assert set(clear.values_list("address", flat=True)) == told
    assert "已解除" in clear[0].text
    assert Callout.objects.get().state == "closed"
    assert CalloutSeat.objects.get().state == "released"


def test_the_all_clear_also_goes_out_when_the_call_out_was_closed_before(storm: Storm) -> None:
    warning = in_force(storm)
    hand_over_everything(storm)
    everybody_answers(storm, is_done=True)
    close_callout(Callout.objects.get(), by=storm.county.actor("Chen"), at=storm.now)
    lift_warning(warning, reason="雨停", by=storm.county.actor("Feng"), at=storm.now)
    assert warning.state == "lifted"
    assert Delivery.objects.filter(state="queued", text__contains="已解除").exists()


def test_lifting_needs_a_reason_and_the_right_to_sign(storm: Storm) -> None:
    warning = in_force(storm)
    with pytest.raises(ReasonMissing):
        lift_warning(warning, reason=" ", by=storm.county.actor("Feng"), at=storm.now)
    with pytest.raises(NotAllowed):
        lift_warning(warning, reason="雨停", by=storm.county.actor("Chen"), at=storm.now)
    warning.refresh_from_db()
    assert warning.state == "issued"


def test_what_a_worse_draft_would_replace_cannot_be_lifted_under_it(storm: Storm) -> None:
    storm.falls(ORANGE)
    warning = sign_off(storm.only_warning(), by=storm.county.actor("Feng"), at=storm.now)
    storm.later(minutes=1)
    storm.falls(RED)
    with pytest.raises(UpdateWaiting):
        lift_warning(warning, reason="雨停", by=storm.county.actor("Feng"), at=storm.now)


def test_a_lifted_warning_is_not_lifted_twice(storm: Storm) -> None:
    warning = lift_warning(in_force(storm), reason="雨停", by=storm.county.actor("Feng"), at=storm.now)
    with pytest.raises(NotInForce):
        lift_warning(warning, reason="雨停", by=storm.county.actor("Wang"), at=storm.now)


def test_a_warning_expires_and_the_call_out_goes_on_for_the_silent_villages_and_says_so(storm: Storm) -> None:
    warning = in_force(storm)
    storm.later(hours=2, minutes=59)
    warning.refresh_from_db()
    assert warning.state == "issued"
    storm.later(minutes=1)
    warning.refresh_from_db()
    assert (warning.state, warning.end_reason) == ("expired", "有效期满；1个村尚未应答，叫应继续。")
    assert Callout.objects.get().state == "open"


def test_with_every_village_done_the_call_out_closes_when_the_warning_expires(storm: Storm) -> None:
    warning = in_force(storm)
    everybody_answers(storm, is_done=True)
    storm.later(hours=3)
    warning.refresh_from_db()
    assert (warning.state, warning.end_reason) == ("expired", "有效期满。")
    assert Callout.objects.get().state == "closed"


def test_a_village_that_answered_and_told_no_measures_keeps_the_call_out_open_at_expiry(storm: Storm) -> None:
    warning = in_force(storm)
    everybody_answers(storm)
    storm.later(hours=3)
    warning.refresh_from_db()
    assert (warning.state, Callout.objects.get().state) == ("expired", "open")


def test_a_warning_whose_rain_has_not_come_down_is_prolonged_instead_of_expiring(storm: Storm) -> None:
    storm.falls(ORANGE)
    warning = sign_off(storm.only_warning(), by=storm.county.actor("Feng"), at=storm.now)
    storm.later(hours=3)
    warning.refresh_from_db()
    assert warning.state == "issued"
    assert warning.expires_at is not None
    assert warning.expires_at > storm.now
    assert Entry.objects.filter(kind="warning.prolonged").count() == 1

    storm.falls(None, direction="down", at=storm.now)
    storm.later(hours=3)
    warning.refresh_from_db()
    assert warning.state == "expired"
