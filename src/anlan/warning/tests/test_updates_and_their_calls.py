"""What an update does to people: a wider area calls only the new village, a worse level everybody, a milder one tells."""

from __future__ import annotations

from anlan.dissemination.models import Callout, CalloutSeat, Delivery
from anlan.journal.verify import verify
from anlan.warning.models import HazardWarning
from anlan.warning.services import draft_by_hand, sign_off, update_warning
from anlan.warning.tests.storm import Storm

UPPER, LOWER = "999901101201", "999901101202"


def issued(storm: Storm, *villages: str) -> HazardWarning:
    draft = draft_by_hand(
        hazard_type="flash_flood", level=2, villages=villages, by=storm.county.actor("Chen"), at=storm.now
    )
    return sign_off(draft, by=storm.county.actor("Wang"), at=storm.now)


def updated(storm: Storm, former: HazardWarning, **change: object) -> HazardWarning:
    storm.county.clock.advance(minutes=1)
    draft = update_warning(former, by=storm.county.actor("Chen"), at=storm.now, **change)  # type: ignore[arg-type]
    return sign_off(draft, by=storm.county.actor("Wang"), at=storm.now)


def answer(storm: Storm, warning: HazardWarning) -> None:
    from anlan.dissemination import services

    seat = CalloutSeat.objects.get(callout=warning.callout_id, division=UPPER)
    services.tick(seat, meaning="answered", words="对讲机", by=storm.county.actor("Chen"), at=storm.now)


def test_a_wider_area_at_the_same_level_keeps_the_call_out_and_calls_only_the_new_village(
    storm: Storm,
) -> None:
    first = issued(storm, UPPER)
    answer(storm, first)
    second = updated(storm, first, villages=[UPPER, LOWER])
    assert second.callout_id == first.callout_id
    callout = Callout.objects.get(pk=str(second.callout_id))
    assert (callout.subject, callout.title, callout.state) == (
        f"warning:{second.pk}",
        second.headline,
        "open",
    )
    states = dict(CalloutSeat.objects.filter(callout=callout).values_list("division_id", "state"))
    assert states == {UPPER: "answered", LOWER: "waiting"}
    assert verify().problems == []


def test_a_worse_level_opens_a_new_call_out_that_calls_everybody_again(storm: Storm) -> None:
    first = issued(storm, UPPER)
    answer(storm, first)
    second = updated(storm, first, level=1)
    assert second.callout_id != first.callout_id
    assert Callout.objects.get(pk=str(first.callout_id)).state == "closed"
    assert CalloutSeat.objects.get(callout=second.callout_id).state == "waiting"


def test_a_milder_level_keeps_the_call_out_and_tells_who_answered(storm: Storm) -> None:
    first = issued(storm, UPPER, LOWER)
    Delivery.objects.filter(callout=first.callout_id).update(state="sent", handed_at=storm.now, due_at=None)
    answer(storm, first)
    second = updated(storm, first, level=3)
    assert second.callout_id == first.callout_id
    callout = Callout.objects.get(pk=str(second.callout_id))
    assert callout.level == 3
    told = Delivery.objects.filter(callout=callout, purpose="notice").values_list(
        "seat__division_id", flat=True
    )
    assert set(told) == {UPPER}
    states = dict(CalloutSeat.objects.filter(callout=callout).values_list("division_id", "state"))
    assert states == {UPPER: "answered", LOWER: "waiting"}


def test_after_everybody_answered_and_the_call_out_was_closed_an_update_calls_again(storm: Storm) -> None:
    from anlan.dissemination import services

    first = issued(storm, UPPER)
    answer(storm, first)
    callout = Callout.objects.get(pk=str(first.callout_id))
    services.close_callout(callout, reason="都已应答", by=storm.county.actor("Chen"), at=storm.now)
    second = updated(storm, first, villages=[UPPER, LOWER])
    assert second.callout_id != first.callout_id
    assert CalloutSeat.objects.filter(callout=second.callout_id).count() == 2
