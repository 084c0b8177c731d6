"""A call-out of thousands of places is opened in batches: the most dangerous first, none twice, none lost when the worker dies."""

from __future__ import annotations

import pytest

from anlan.dissemination import queries, services
from anlan.dissemination.models import Callout, CalloutSeat, Delivery, SeatingBatch
from anlan.dissemination.refusals import StillOpening
from anlan.dissemination.services import seating
from anlan.dissemination.tests.night import Night, rung
from anlan.journal.deadlines import run_deadlines
from anlan.journal.verify import verify

LADDER = (rung("A"), rung("township_duty"))
VILLAGES = ("North Slope", "Upper Willow", "Lower Willow")


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """One seat at once and one a batch, so that three villages are a province."""
    monkeypatch.setattr(seating, "FIRST", 1)
    monkeypatch.setattr(seating, "BATCH", 1)


def seated(callout: Callout) -> list[str]:
    rows = CalloutSeat.objects.filter(callout=callout).order_by("id").select_related("division")
    return [row.division.name for row in rows]


def test_the_first_places_are_called_in_the_opening_and_the_others_by_the_worker_in_order(
    night: Night,
) -> None:
    callout = night.callout(*VILLAGES, rungs=LADDER)
    assert seated(callout) == ["北坡村"]
    board = queries.board(callout, night.county.actor("Chen"))
    assert (board.progress.total, board.progress.opening, queries.progress(callout).opening) == (1, 2, 2)
    assert night.deliver() == 1
    run_deadlines(owner="worker-1")
    assert seated(callout) == ["北坡村", "上柳村", "下柳村"]
    assert seating.still_opening(callout) == 0
    assert night.deliver() == 2
    assert verify().problems == []


def test_a_worker_that_dies_between_two_batches_loses_and_doubles_nothing(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    callout = night.callout(*VILLAGES, rungs=LADDER)
    honest, calls = seating.seat_some, [0]

    def dies(*args: object, **named: object) -> object:
        calls[0] += 1
        if calls[0] == 1:
            raise RuntimeError("killed")
        return honest(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(seating, "seat_some", dies)
    run_deadlines(owner="worker-1")
    assert len(seated(callout)) == 2
    run_deadlines(owner="worker-2")
    assert sorted(seated(callout)) == sorted(["北坡村", "上柳村", "下柳村"])
    assert Delivery.objects.filter(callout=callout).count() == 3
    run_deadlines(owner="worker-2")
    assert len(seated(callout)) == 3


def test_a_batch_that_is_opened_again_by_a_second_worker_seats_nobody_twice(night: Night) -> None:
    callout = night.callout(*VILLAGES, rungs=LADDER)
    entries = [(code, None) for code in [night.county.divisions[name].pk for name in VILLAGES]]
    for _ in range(2):
        seating.seat_some(callout, entries, {}, by=night.county.by, at=night.now)
    assert len(seated(callout)) == 3


def test_a_call_out_does_not_close_while_places_wait_to_be_opened(night: Night) -> None:
    callout = night.callout(*VILLAGES, rungs=LADDER)
    with pytest.raises(StillOpening):
        services.close_callout(callout, reason="结束", by=night.county.actor("Chen"), at=night.now)
    callout.refresh_from_db()
    assert callout.state == "open"


def test_after_the_all_clear_nobody_else_is_called(night: Night) -> None:
    callout = night.callout(*VILLAGES, rungs=LADDER)
    night.deliver()
    services.lift_callout(callout, text="解除", reason="雨停", by=night.county.actor("Chen"), at=night.now)
    run_deadlines(owner="worker-1")
    assert seated(callout) == ["北坡村"]
    assert SeatingBatch.objects.filter(due_at__isnull=False).count() == 0
    assert verify().problems == []


def test_a_worse_call_out_takes_over_what_the_old_one_had_not_opened(night: Night) -> None:
    old = night.callout(*VILLAGES, rungs=LADDER)
    new = night.callout(*VILLAGES, rungs=LADDER, replaces=old)
    run_deadlines(owner="worker-1")
    old.refresh_from_db()
    assert (old.state, old.close_reason) == ("closed", "replaced")
    assert (len(seated(old)), len(seated(new))) == (1, 3)
    assert verify().problems == []


def test_widening_while_opening_counts_those_that_wait(night: Night) -> None:
    callout = night.callout("North Slope", "Upper Willow", rungs=LADDER)
    villages = [night.county.divisions[name] for name in VILLAGES]
    services.widen_callout(callout, villages=villages, by=night.county.by, at=night.now)
    run_deadlines(owner="worker-1")
    assert sorted(seated(callout)) == sorted(["北坡村", "上柳村", "下柳村"])
    callout.refresh_from_db()
    assert callout.seats_planned == 3
