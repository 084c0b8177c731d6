"""A drill that is really played: started with its script, on the clock of its run, through the verbs that people use. What the boards
showed is saved live at random minutes, to be compared with what the journal gives for them later.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from anlan.command import services as command
from anlan.command.models import CommandGroup, Decision, PlotMark, Scene
from anlan.command.services import plotting
from anlan.command.trail import subjects_of
from anlan.dispatch import services as dispatch
from anlan.dispatch.models import Instruction, SupplyRequest, TeamJob
from anlan.dispatch.services.positions import Fix
from anlan.dispatch.tests.forcescenes import team as a_team
from anlan.dispatch.types import Sent
from anlan.drills import services as drills
from anlan.drills.script import Script, ScriptLine
from anlan.incidents import services as incidents
from anlan.incidents.models import Incident
from anlan.incidents.types import FigureDetails, IncidentDetails
from anlan.journal import clocks
from anlan.journal.deadlines import run_deadlines, run_reactions
from anlan.kernel.refusals import Refusal
from anlan.response import services as response
from anlan.response.models import Activation
from anlan.response.tests.scenes import a_plan
from anlan.response.types import Decided
from anlan.review.boards import Boards, live_boards
from anlan.review.thawing import live_state
from anlan.testing import County

SPEED = 10.0
SCRIPT = Script(
    lines=tuple(
        ScriptLine(
            key=f"L{number}", at_min=at_min, kind="caller", title="群众来电",
            payload={"source": "110", "text": text, "caller_name": "郭群众"},
        )
        for number, (at_min, text) in enumerate(((1, "河水漫堤"), (25, "南堤管涌"), (60, "有人被困")))
    )
)  # fmt: skip


class Played:
    """One drill. `saved` holds what was seen live: (moment of the run, rows, boards)."""

    def __init__(self, county: County, seed: int) -> None:
        self.county, self.dice = county, random.Random(seed)
        wang = county.actor("Wang")
        plan = a_plan(county)
        self.teams = [a_team(county, f"救援{number}队") for number in range(4)]
        details = drills.DrillDetails(title="防汛演练", kind="functional", division=county.division)
        drill = drills.plan_drill(details, by=wang, by_name="王建国", at=county.now)
        drills.write_script(drill, SCRIPT, by=wang, at=county.now)
        self.drill = drills.start_drill(drill, speed=SPEED, by=wang, at=county.now)
        self.run_id = self.drill.run_id
        self.saved: list[tuple[datetime, Any, Boards]] = []
        self.refused = 0
        self.wait()
        opened = IncidentDetails(
            "柳河洪水", "flood", county.division, "township", self.at, lon=102.92, lat=27.41
        )
        with clocks.entered(self.run_id):
            self.incident = incidents.open_incident(opened, by=self.by, at=self.at, exercise_id=self.run_id)
            self.wait()
            affected = Decided(affected=(county.divisions["Willow River"].pk,), has_read_faults=True)
            self.activation = response.activate(
                self.incident, plan, 3, by=wang, by_name="王建国", at=self.at, why="雨还在下", decided=affected
            )  # fmt: skip
        self.save()

    @property
    def at(self) -> datetime:
        """What the clock of the run shows."""
        return clocks.now(self.run_id)

    @property
    def by(self) -> Any:
        return self.county.actor("Chen")

    def wait(self) -> None:
        """Time passes on the wall; ten times as much in the drill. What is due happens."""
        self.county.clock.advance(seconds=self.dice.randint(1, 25))
        run_deadlines(owner="test")
        run_reactions(owner="test")

    def play(self, steps: int) -> Played:
        verbs: list[Callable[[], object]] = [
            self.count, self.grade, self.answer, self.answer, self.answer, self.order, self.send, self.move, self.move, self.position,
            self.check, self.ask, self.supply, self.scene, self.phase, self.decide, self.group, self.draw, self.consult, self.level, self.lead,
        ]  # fmt: skip
        for _step in range(steps):
            self.wait()
            with clocks.entered(self.run_id):
                try:
                    with transaction.atomic():
                        self.dice.choice(verbs)()
                except Refusal:
                    self.refused += 1
            if self.dice.random() < 0.6:
                if self.dice.random() < 0.5:
                    self.county.clock.advance(milliseconds=self.dice.randint(1, 4_000))
                self.save()
        return self

    def save(self) -> None:
        self.incident = Incident.objects.select_related("division").get(pk=self.incident.pk)
        subjects = subjects_of(self.incident, with_messages=False)
        self.saved.append((self.at, live_state(subjects), live_boards(self.incident, self.at)))

    def some(self, rows: Any) -> Any:
        listed = list(rows.filter(incident=self.incident).order_by("pk"))
        return self.dice.choice(listed) if listed else None

    def earlier(self) -> datetime:
        """A time that lies up to half an hour back: what is told late."""
        return self.at - timedelta(minutes=self.dice.randint(0, 30))

    def said(self) -> dict[str, Any]:
        return {"by": self.by, "by_name": "陈静", "at": self.at}

    def count(self) -> None:
        code = self.dice.choice(("trapped", "missing", "evacuated"))
        details = FigureDetails(
            code,
            Decimal(self.dice.randint(0, 90)),
            self.dice.choice(("柳河镇", "水利局")),
            self.earlier(),
            why="核实",
        )
        incidents.add_figure(self.incident, details, by=self.by, at=self.at)

    def grade(self) -> None:
        incidents.set_grade(self.incident, self.dice.randint(1, 4), reason="研判", by=self.by, at=self.at)

    def order(self) -> None:
        dispatch.issue_instruction(
            incident=self.incident, title="转移沿河群众", words="天黑前完成", addressee=self.county.divisions["Upper Willow"], origin="free",
            limit_min=self.dice.randint(20, 90), **self.said(),
        )  # fmt: skip

    def answer(self) -> None:
        row = self.some(Instruction.objects.exclude(state__in=("waiting", "finished", "withdrawn")))
        if row is None:
            return
        told = {
            **self.said(),
            "via": "phone",
            "words": f"第{self.dice.randint(1, 99)}次",
            "sent": Sent(happened_at=self.earlier()),
        }
        verb = self.dice.choice((
            dispatch.acknowledge_instruction, dispatch.start_instruction, dispatch.report_instruction, dispatch.finish_instruction,
            dispatch.could_not_instruction,
        ))  # fmt: skip
        verb(row, **told)

    def send(self) -> None:
        dispatch.send_team(
            self.dice.choice(self.teams), incident=self.incident, words="转移群众", division=self.county.divisions["Upper Willow"],
            lon=102.93, lat=27.42, check_every_min=15, **self.said(),
        )  # fmt: skip

    def a_job(self) -> Any:
        return self.some(TeamJob.objects.filter(state__in=("told", "left", "arrived", "working", "done")))

    def move(self) -> None:
        job = self.a_job()
        if job is not None:
            to = self.dice.choice(sorted(TeamJob.transitions[job.state]))
            dispatch.move_job(
                job,
                to,
                via="phone",
                words="按令",
                happened_at=max(job.told_at, self.earlier()),
                **self.said(),
            )

    def position(self) -> None:
        job = self.a_job()
        if job is not None:
            fix = Fix(102.9 + self.dice.random() / 20, 27.4, max(job.told_at, self.earlier()))
            dispatch.note_position(job, [fix], at=self.at)

    def check(self) -> None:
        job = self.a_job()
        if job is not None:
            dispatch.check_in(job, is_well=True, via="phone", people=12, **self.said())

    def ask(self) -> None:
        wanted = [dispatch.Wanted(Decimal(200), name="棉被", unit="床")]
        dispatch.ask_supplies(
            incident=self.incident,
            lines=wanted,
            division=self.county.divisions["Upper Willow"],
            why="安置",
            **self.said(),
        )

    def supply(self) -> None:
        row = self.some(SupplyRequest.objects.exclude(state__in=("received", "cancelled")))
        if row is None:
            return
        amounts = {line.pk: dispatch.Amount(Decimal(self.dice.randint(1, 200))) for line in row.lines.all()}
        verbs: dict[str, Callable[[], object]] = {
            "asked": lambda: dispatch.approve_request(row, amounts, **self.said()),
            "approved": lambda: dispatch.send_supplies(row, amounts, from_words="县库", **self.said()),
            "sent": lambda: dispatch.receive_supplies(row, amounts, **self.said()),
            "refused": lambda: dispatch.ask_again(row, why="仍缺", by=self.by, at=self.at),
        }
        if row.state == "asked" and self.dice.random() < 0.3:
            dispatch.refuse_request(row, why="库存不足", **self.said())
        else:
            verbs[row.state]()

    def scene(self) -> None:
        command.open_scene(
            self.incident,
            name=f"现场{self.dice.randint(1, 999)}",
            lon=102.92,
            lat=27.41,
            by=self.by,
            at=self.at,
        )

    def phase(self) -> None:
        row = self.some(Scene.objects.all())
        if row is not None:
            command.move_scene(
                row,
                self.dice.choice(sorted(Scene.transitions[row.state])),
                why="已处置",
                by=self.by,
                at=self.at,
            )

    def decide(self) -> None:
        row = self.some(Decision.objects.filter(made_at=None, dropped_why=""))
        if row is None or self.dice.random() < 0.4:
            command.ask_decision(
                self.incident,
                words=f"是否分洪{self.dice.randint(1, 99)}",
                needed_by=self.at + timedelta(minutes=10),
                by=self.by,
                at=self.at,
            )
        elif self.dice.random() < 0.7:
            command.decide(row, by_name="王建国", why="水位上涨", by=self.by, at=self.at)
        else:
            command.drop_decision(row, why="水退了", by=self.by, at=self.at)

    def group(self) -> None:
        row = self.some(CommandGroup.objects.filter(closed_at=None))
        if row is not None and self.dice.random() < 0.4:
            command.close_group(row, by=self.by, at=self.at)
        else:
            command.open_group(self.incident, name=f"组{self.dice.randint(1, 99)}", by=self.by, at=self.at)

    def draw(self) -> None:
        point = {"type": "Point", "coordinates": [102.9 + self.dice.random() / 10, 27.4]}
        mark = self.some(PlotMark.objects.filter(removed_at=None))
        if mark is None or self.dice.random() < 0.5:
            plotting.place_mark(
                self.incident, symbol="team", geometry=point, by=self.by, by_name="陈静", at=self.at
            )
        elif self.dice.random() < 0.6:
            plotting.move_mark(mark, geometry=point, by=self.by, at=self.at)
        else:
            plotting.remove_mark(mark, by=self.by, by_name="陈静", at=self.at)

    def consult(self) -> None:
        command.plan_consultation(
            self.incident,
            title="会商",
            starts_at=self.at + timedelta(minutes=5),
            attendees=("水利局",),
            by=self.by,
            at=self.at,
        )

    def level(self) -> None:
        row = Activation.objects.select_related("plan", "plan_version", "division", "incident").get(
            pk=self.activation.pk
        )
        to = self.dice.choice([one for one in (2, 3, 4) if one != row.level])
        decided = Decided(affected=(self.county.divisions["Willow River"].pk,), has_read_faults=True)
        response.change_level(
            row,
            to,
            by=self.county.actor("Wang"),
            by_name="王建国",
            at=self.at,
            why="情况变化",
            decided=decided,
        )

    def lead(self) -> None:
        command.transfer_command(
            self.incident, role="commander", name=self.dice.choice(("王建国", "郑国安")), why="轮换", happened_at=self.earlier(), by=self.by,
            at=self.at,
        )  # fmt: skip
