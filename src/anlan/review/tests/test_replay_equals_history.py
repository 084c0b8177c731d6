"""Replay equals history: the boards of a running drill, saved live at random minutes, are rebuilt from the journal field by field."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from anlan.drills.services import end_drill
from anlan.journal.models import Entry
from anlan.journal.sealer import seal_everything
from anlan.review import keeping
from anlan.review.boards import Boards, boards_at, live_boards
from anlan.review.folding import fold_of
from anlan.review.keeping import past_of
from anlan.review.tests.playing import Played
from anlan.testing import County

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept() -> Any:
    keeping.forget()
    yield
    keeping.forget()


def differences(one: Boards, other: Boards) -> list[str]:
    return [field.name for field in fields(Boards) if getattr(one, field.name) != getattr(other, field.name)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_saved_minute_of_a_running_drill_is_rebuilt_field_by_field(county: County, seed: int) -> None:
    drill = Played(county, seed).play(45)
    assert drill.incident.exercise_id == drill.run_id
    assert drill.refused < 30
    assert len(drill.saved) > 12
    fold = fold_of(drill.incident)
    for at, state, boards in drill.saved:
        then = fold.at(at)
        for kind in state:
            assert then.get(kind) == state[kind], (at, kind)
        assert differences(boards_at(drill.incident, at), boards) == [], at
    last = drill.saved[-1][2]
    assert last.orders
    assert last.level is not None


def test_a_drill_that_is_over_is_replayed_as_it_ended(county: County) -> None:
    drill = Played(county, 5).play(25)
    drill.save()
    last = drill.saved[-1]
    end_drill(drill.drill, by=county.actor("Wang"), at=county.now)
    county.clock.advance(hours=5)
    assert boards_at(drill.incident, last[0]) == last[2]
    assert live_boards(drill.incident, drill.at).orders == last[2].orders


def test_what_was_kept_and_learned_entry_by_entry_is_what_is_read_at_once(county: County) -> None:
    drill = Played(county, 6)
    kinds = ("instruction", "scene", "decision", "instruction_step", "team_job", "plot_mark")
    for turn in range(6):
        drill.play(4)
        if turn % 2 == 0:
            seal_everything()
        kept, cold = past_of(drill.incident, drill.at), fold_of(drill.incident)
        assert kept.at(drill.at) == cold.at(drill.at)
        assert kept.moments() == cold.moments()
        assert len(kept.lines) == len(cold.lines)
        assert {kind: len(keys) for kind, keys in kept.keys().items() if kind in kinds} == {
            kind: len(keys) for kind, keys in cold.keys().items() if kind in kinds
        }


def test_an_entry_that_is_missing_is_noticed(county: County) -> None:
    """The comparison can fail: without the entries of one order the boards differ, and it says in what."""
    drill = Played(county, 7).play(25)
    at, _state, boards = drill.saved[-1]
    order = boards.orders[0]
    Entry.objects.filter(subject_id=str(order.id)).delete()
    assert differences(boards_at(drill.incident, at), boards) == ["orders"]
