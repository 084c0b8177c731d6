"""Replay equals history: what is rebuilt for a minute is, field by field, what stood there in that minute."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from anlan.command.models import CommandGroup, CommandTransfer, Decision, PlotMark, Scene
from anlan.command.services import plotting
from anlan.command.trail import subjects_of
from anlan.dispatch.boards import requests_of, teams_of
from anlan.dispatch.models import (
    Instruction,
    InstructionStep,
    PositionFix,
    SupplyLine,
    SupplyRequest,
    TeamJob,
)
from anlan.dispatch.orderboard import orders_of
from anlan.incidents import services as incidents
from anlan.incidents.models import Incident
from anlan.incidents.queries import rolling_of
from anlan.incidents.types import FigureDetails, IncidentDetails
from anlan.journal.models import Entry
from anlan.journal.services import make_entry
from anlan.kernel.ids import uuid7
from anlan.resources.models import Team
from anlan.review import keeping, reading
from anlan.review.boards import Boards, boards_at, boards_of, live_boards
from anlan.review.folding import Fold, Step, fold_of
from anlan.review.keeping import past_of, state_at
from anlan.review.thawing import live_state
from anlan.testing import County

pytestmark = pytest.mark.django_db


class Night:
    """A scripted incident that changes at random, and the boards and rows saved after each change."""

    def __init__(self, county: County, seed: int) -> None:
        self.county, self.dice = county, random.Random(seed)
        details = IncidentDetails(
            "柳河洪水", "flood", county.divisions["Willow River"], "township", county.now
        )
        self.incident = incidents.open_incident(details, by=county.actor("Chen"), at=county.now)
        self.by = county.actor("Chen")
        self.saved: list[tuple[datetime, Any, Boards]] = []
        self.number = 0

    @property
    def at(self) -> datetime:
        return self.county.now

    def run(self, steps: int) -> None:
        self.save()
        for _step in range(steps):
            self.county.clock.advance(seconds=self.dice.randint(1, 240))
            self.dice.choice(self.verbs())()
            self.save()

    def save(self) -> None:
        subjects = subjects_of(self.incident, with_messages=False)
        self.saved.append((self.at, live_state(subjects), live_boards(self.incident, self.at)))

    def verbs(self) -> list[Callable[[], object]]:
        return [self.count, self.mark, self.move, self.scene, self.decide, self.order, self.answer, self.send,
                self.step, self.ask, self.supply, self.group, self.grade]  # fmt: skip

    def some(self, rows: Any) -> Any:
        listed = list(rows.order_by("pk"))
        return self.dice.choice(listed) if listed else None

    def made(self, row: Any, **fields: Any) -> Any:
        row.exercise_id = self.incident.exercise_id
        return row.record(by=self.by, at=self.at, **fields)

    def count(self) -> None:
        details = FigureDetails("trapped", Decimal(self.dice.randint(1, 900)), "柳河镇", self.at, why="核实")
        incidents.add_figure(self.incident, details, by=self.by, at=self.at)

    def grade(self) -> None:
        row = Incident.objects.get(pk=self.incident.pk)
        incidents.set_grade(row, self.dice.randint(1, 4), reason="研判", by=self.by, at=self.at)

    def point(self) -> dict[str, Any]:
        return {"type": "Point", "coordinates": [102.9 + self.dice.random() / 10, 27.4]}

    def mark(self) -> None:
        plotting.place_mark(
            self.incident, symbol="team", geometry=self.point(), by=self.by, by_name="陈静", at=self.at
        )

    def move(self) -> None:
        mark = self.some(PlotMark.objects.filter(removed_at=None))
        if mark is not None and self.dice.random() < 0.7:
            plotting.move_mark(mark, geometry=self.point(), by=self.by, at=self.at)
        elif mark is not None:
            plotting.remove_mark(mark, by=self.by, by_name="陈静", at=self.at)

    def scene(self) -> None:
        row = self.some(Scene.objects.all())
        if row is not None and row.state != "closed":
            row.advance(self.dice.choice(sorted(Scene.transitions[row.state])), by=self.by, at=self.at)
            return
        self.number += 1
        self.made(
            Scene(incident=self.incident, number=self.number, name="南堤", priority=self.number,
                  division=self.incident.division, opened_at=self.at, state="reported", lon=102.9, lat=27.4)
        )  # fmt: skip

    def decide(self) -> None:
        row = self.some(Decision.objects.filter(made_at=None))
        if row is None:
            self.made(
                Decision(incident=self.incident, words="是否分洪", needed_by=self.at + timedelta(minutes=5))
            )
        else:
            row.change(by=self.by, at=self.at, kind="made", made_at=self.at, made_by_name="王建国")

    def group(self) -> None:
        self.made(
            CommandGroup(
                incident=self.incident,
                key="rescue",
                name="抢险组",
                source="free",
                opened_at=self.at,
                members=[{"name": "李梅"}],
            )
        )
        self.made(CommandTransfer(incident=self.incident, role="commander", name="王建国", happened_at=self.at, recorded_at=self.at))  # fmt: skip

    def order(self) -> None:
        self.number += 1
        self.made(
            Instruction(number=f"Z{self.number}", incident=self.incident, origin="free", title="转移", state="issued",
                        addressee=self.county.divisions["Upper Willow"], planned_at=self.at, issued_at=self.at,
                        acknowledge_by=self.at + timedelta(minutes=10), due_at=self.at + timedelta(minutes=60))
        )  # fmt: skip

    def answer(self) -> None:
        row = self.some(Instruction.objects.exclude(state__in=["finished", "withdrawn"]))
        if row is None:
            return
        to = self.dice.choice(sorted(Instruction.transitions[row.state]))
        row.advance(to, by=self.by, at=self.at, result=f"到{to}")
        self.made(
            InstructionStep(instruction=row, step="reported", words=f"已{to}", happened_at=self.at,
                            recorded_at=self.at, via="desk")
        )  # fmt: skip

    def send(self) -> None:
        self.number += 1
        team = Team(
            code=f"T{self.number}", name=f"民兵{self.number}排", kind="militia", division=self.incident.division,
            readiness="ready", registered_at=self.at, lon=102.9, lat=27.4,
        ).record(by=self.by, at=self.at)  # fmt: skip
        self.made(
            TeamJob(number=f"D{self.number}", incident=self.incident, team=team, division=self.incident.division,
                    told_at=self.at, state="told", arrive_by=self.at + timedelta(minutes=30), lon=102.9, lat=27.4)
        )  # fmt: skip

    def step(self) -> None:
        row = self.some(TeamJob.objects.filter(state__in=["told", "left", "arrived", "working"]))
        if row is None:
            return
        PositionFix.objects.create(job=row, team=row.team, lon=102.9 + self.dice.random(), lat=27.4,
                                   happened_at=self.at, received_at=self.at, source="phone")  # fmt: skip
        row.advance(self.dice.choice(sorted(TeamJob.transitions[row.state])), by=self.by, at=self.at)

    def ask(self) -> None:
        self.number += 1
        row = self.made(SupplyRequest(number=f"Q{self.number}", incident=self.incident, asked_at=self.at,
                                      division=self.incident.division, state="asked"))  # fmt: skip
        self.made(SupplyLine(request=row, name="编织袋", unit="条", asked=Decimal("200.00")))

    def supply(self) -> None:
        line = self.some(SupplyLine.objects.filter(approved=None))
        if line is not None:
            line.change(by=self.by, at=self.at, kind="approved", approved=Decimal("150.00"))
            line.request.advance("approved", by=self.by, at=self.at, approved_at=self.at)


def saved_at(night: Night, moment: datetime) -> tuple[Any, Boards]:
    _at, state, boards = [one for one in night.saved if one[0] <= moment][-1]
    return state, boards


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_any_minute_of_a_night_is_rebuilt_field_by_field(county: County, seed: int) -> None:
    night = Night(county, seed)
    night.run(60)
    fold = fold_of(night.incident, subjects=subjects_of(night.incident, with_messages=False))
    dice = random.Random(seed)
    first, last = night.saved[0][0], night.saved[-1][0]
    for _time in range(40):
        moment = first + (last - first) * dice.random()
        state, boards = saved_at(night, moment)
        assert fold.at(moment) == state
    for at, state, boards in night.saved:
        assert fold.at(at) == state
        assert boards_at(night.incident, at) == boards


def test_the_boards_of_now_are_those_that_the_room_shows(county: County) -> None:
    night = Night(county, 7)
    night.run(60)
    boards = boards_at(night.incident, county.now)
    assert boards == live_boards(night.incident, county.now)
    assert list(boards.orders) == orders_of(night.incident, county.now)
    by_number = sorted(teams_of(night.incident), key=lambda row: row.number)
    assert list(boards.teams) == by_number
    assert list(boards.requests) == sorted(requests_of(night.incident), key=lambda row: row.number)
    assert boards.figures == rolling_of(night.incident)
    assert boards.orders
    assert boards.teams
    assert boards.requests
    assert boards.marks


def test_before_the_incident_was_known_there_is_nothing(county: County) -> None:
    night = Night(county, 1)
    night.run(5)
    before = night.saved[0][0] - timedelta(seconds=1)
    assert state_at(night.incident, before) == {}
    assert boards_of(night.incident.pk, {}, before).orders == ()


def test_a_row_never_goes_back_in_time_though_its_entries_did(county: County) -> None:
    noon = county.now
    steps = [
        Step("scene", "a", noon, {"version": 1, "state": "reported"}),
        Step("scene", "a", noon - timedelta(hours=1), {"version": 2, "state": "working"}),
        Step("scene", "a", noon + timedelta(hours=1), {"version": 3, "state": "closed"}),
    ]
    fold = Fold(reversed(steps))
    assert fold.at(noon - timedelta(minutes=30)) == {}
    assert fold.at(noon)["scene"]["a"]["state"] == "working"
    assert fold.at(noon + timedelta(hours=2))["scene"]["a"]["state"] == "closed"
    assert fold.moments() == [noon, noon + timedelta(hours=1)]
    assert [fields["state"] for _at, fields in fold.history("scene", "a")] == [
        "reported",
        "working",
        "closed",
    ]


def test_the_past_is_read_once_until_the_journal_moves_on(county: County) -> None:
    night = Night(county, 1)
    night.run(5)
    keeping.forget()
    past_of(night.incident, county.now)
    with CaptureQueriesContext(connection) as asked:
        past_of(night.incident, county.now)
    assert len(asked) == 2  # whether the journal moved on
    earlier = night.saved[0][0]
    night.mark()
    county.clock.advance(minutes=30)
    assert "plot_mark" in state_at(night.incident, county.now)
    kept = past_of(night.incident, county.now)
    night.mark()
    assert past_of(night.incident, earlier) is kept
    later = past_of(night.incident, county.now)
    assert later is not kept
    assert later.entries == kept.entries + 1
    keeping.forget()


def many(county: County, rows: int, changes: int) -> set[str]:
    """A six-hour incident of rows x changes entries, as bulky as real orders."""
    keys = [str(uuid7()) for _row in range(rows)]
    fields = {
        name: "转移上柳村沿河居民" if "words" in name else "x" * 12 for name in Instruction.journal_fields
    }
    entries = [
        make_entry(
            kind="instruction.changed", subject=("instruction", key), by=county.by,
            payload={"set": {**fields, "version": 1} if number == 0 else {"state": "started", "progress": number, "version": number + 1}},
            at=county.now + timedelta(seconds=(number * rows + place) * 21_600 // (rows * changes)),
        )
        for number in range(changes)
        for place, key in enumerate(keys)
    ]  # fmt: skip
    Entry.objects.bulk_create(entries, batch_size=500)
    return set(keys)


def test_twenty_thousand_entries_are_folded_with_few_questions(county: County) -> None:
    subjects = {"instruction": many(county, 2_000, 10)}
    with CaptureQueriesContext(connection) as asked:
        began = time.process_time()
        fold = Fold.of(reading.read(subjects))
        folded = time.process_time() - began
        state = fold.at(county.now + timedelta(hours=3, minutes=1))
    began = time.process_time()
    fold.at(county.now + timedelta(hours=4))
    warm = time.process_time() - began
    print(f"cold {folded * 1000:.0f} ms, warm {warm * 1000:.1f} ms of processor time")
    assert len(asked) == 1
    assert fold.entries == 20_000
    assert len(state["instruction"]) == 2_000
    assert {fields["progress"] for fields in state["instruction"].values()} <= {4, 5}
    assert folded < 1.5  # a fence; the budget of 300 ms is for a quiet machine
    assert warm < 0.1
