"""Inside a drill beside reality the journal refuses every way of writing a row that is not of that drill."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from anlan.duty.models import Alarm
from anlan.journal import clocks
from anlan.journal.models import Entry
from anlan.journal.refusals import OutOfReach
from anlan.journal.together import Move, move_all
from anlan.kernel.actor import system

NOW = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)
BY = system("test")
DRILL, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)
pytestmark = pytest.mark.django_db


def an_alarm(run: uuid.UUID | None = None) -> Alarm:
    alarm = Alarm(
        state="ringing", kind="test", subject=f"seat:{run}", text_zh="响", text_en="rings", raised_at=NOW,
        exercise_id=run,
    )  # fmt: skip
    return alarm.record(by=BY, at=NOW)


#: Every way in which a row that is there is changed.
WAYS: dict[str, Callable[[Alarm], object]] = {
    "moved": lambda row: row.advance("confirmed", by=BY, at=NOW),
    "changed": lambda row: row.change(by=BY, at=NOW, kind="reworded", text_en="rings on"),
    "moved with others": lambda row: move_all([Move(row, "", {}, to="confirmed")], by=BY, at=NOW),
    "made": lambda row: an_alarm(row.exercise_id),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("run", [None, OTHER])
def test_a_row_of_reality_or_of_another_drill_stays_as_it_is(way: str, run: uuid.UUID | None) -> None:
    alarm = an_alarm(run)
    before = Entry.objects.count()
    with clocks.played(DRILL), pytest.raises(OutOfReach):
        WAYS[way](alarm)
    alarm.refresh_from_db()
    assert (alarm.state, alarm.version, Entry.objects.count()) == ("ringing", 1, before)


@pytest.mark.parametrize("way", [way for way in WAYS if way != "made"])
def test_a_row_of_the_drill_is_written(way: str) -> None:
    alarm = an_alarm(DRILL)
    with clocks.played(DRILL):
        WAYS[way](alarm)
    alarm.refresh_from_db()
    assert alarm.version == 2


def test_a_worker_and_a_verb_that_enters_reality_by_name_are_not_bound() -> None:
    alarm = an_alarm()
    with clocks.entered(DRILL):
        alarm.change(by=BY, at=NOW, kind="reworded", text_en="once")
    with clocks.played(DRILL), clocks.entered(None):
        alarm.change(by=BY, at=NOW, kind="reworded", text_en="twice")
    assert alarm.version == 3


def test_a_folder_that_is_one_drill_as_a_whole_has_no_reality_to_protect(settings: Any) -> None:
    alarm = an_alarm()
    settings.ANLAN_EXERCISE = str(DRILL)
    with clocks.played(OTHER):
        alarm.change(by=BY, at=NOW, kind="reworded", text_en="on")
    assert alarm.version == 2
