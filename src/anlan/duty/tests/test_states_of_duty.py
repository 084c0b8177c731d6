"""The state tables of the duty room, walked at random."""

from __future__ import annotations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.directory.models import Shift
from anlan.duty.models import (
    CarriedNote,
    CheckIn,
    Handover,
    RollCall,
    RollCallSeat,
    RoomLink,
    ShiftSwap,
    SpecialPeriod,
)
from anlan.duty.services.swaps import (
    accept_swap,
    approve_swap,
    ask_swap,
    decline_swap,
    refuse_swap,
    withdraw_swap,
)
from anlan.duty.tests.rooms import Rooms
from anlan.journal.models import Advancing
from anlan.kernel.refusals import Refusal
from anlan.vocab.posts import PostKind

MODELS: tuple[type[Advancing], ...] = (
    CarriedNote, CheckIn, Handover, RollCall, RollCallSeat, RoomLink, ShiftSwap, SpecialPeriod,
)  # fmt: skip


@pytest.mark.parametrize("model", MODELS)
def test_every_state_is_known_and_some_state_is_the_end(model: type[Advancing]) -> None:
    known = set(model.transitions)
    assert set().union(*model.transitions.values()) <= known
    assert any(not following for following in model.transitions.values())


VERBS = ("accept", "decline", "approve", "refuse", "withdraw")
PEOPLE = ("Feng", "Zheng", "Wang", "Chen")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(VERBS), st.sampled_from(PEOPLE)), max_size=6))
def test_a_shift_changes_hands_only_after_the_colleague_accepted_and_a_third_approved(
    rooms: Rooms, steps: list[tuple[str, str]]
) -> None:
    """Feng asks Zheng; Wang may approve, and Chen has no right to. Whatever else is tried changes nothing."""
    with transaction.atomic():
        at, people = rooms.now, rooms.county.people
        shift = rooms.shift("Feng", PostKind.COUNTY_DUTY_CHIEF)
        swap = ask_swap(shift, people["Zheng"], reason="有事", by=rooms.county.actor("Feng"), at=at)
        state = "asked"
        for verb, who in steps:
            may = {
                "accept": state == "asked" and who == "Zheng",
                "decline": state == "asked" and who == "Zheng",
                "approve": state == "accepted" and who == "Wang",
                "refuse": state == "accepted" and who == "Wang",
                "withdraw": state in ("asked", "accepted") and who in ("Feng", "Zheng", "Wang"),
            }[verb]
            done = _try(verb, swap, who, rooms)
            assert done == may, (verb, who, state)
            if done:
                state = {
                    "accept": "accepted",
                    "decline": "declined",
                    "approve": "approved",
                    "refuse": "refused",
                }.get(verb, "withdrawn")
        [now] = Shift.objects.filter(cancelled_at=None)
        assert now.person_id == people["Zheng" if state == "approved" else "Feng"].pk
        assert ShiftSwap.objects.get().state == state
        transaction.set_rollback(True)


def _try(verb: str, swap: ShiftSwap, who: str, rooms: Rooms) -> bool:
    by, at = rooms.county.actor(who), rooms.now
    try:
        with transaction.atomic():
            match verb:
                case "accept":
                    accept_swap(swap, by=by, at=at)
                case "decline":
                    decline_swap(swap, by=by, at=at)
                case "approve":
                    approve_swap(swap, by=by, at=at)
                case "refuse":
                    refuse_swap(swap, why="人手不足", by=by, at=at)
                case _:
                    withdraw_swap(swap, by=by, at=at)
    except Refusal:
        swap.refresh_from_db()
        return False
    return True
