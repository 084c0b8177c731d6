"""Drills: the calendar, scripts with injects, what observers saw, and drills held outside the system."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Advancing, Journaled, Leased
from anlan.kernel.ids import uuid7


class DrillKind(models.TextChoices):
    TABLETOP = "tabletop"
    FUNCTIONAL = "functional"
    COMPREHENSIVE = "comprehensive"


class Blindness(models.TextChoices):
    """Who knows of it (双盲)."""

    NONE = "none"
    SINGLE = "single"
    DOUBLE = "double"


class InjectKind(models.TextChoices):
    STATION = "station"
    CALLER = "caller"
    MESSAGE = "message"
    FAILURE = "failure"
    NOTE = "note"


class Verdict(models.TextChoices):
    RIGHT = "right"
    LATE = "late"
    WRONG = "wrong"
    MISSED = "missed"


class Drill(Advancing):
    """A drill in the calendar, played here (`run` is its clock) or recorded from outside. `script` is `drills.script.Script`."""

    journal_type: ClassVar[str] = "drill"
    is_above_runs: ClassVar[bool] = True
    journal_fields: ClassVar[tuple[str, ...]] = (
        "number",
        "title",
        "kind",
        "blindness",
        "event_type",
        "topic",
        "plan",
        "division",
        "planned_on",
        "held_on",
        "place_words",
        "people",
        "parties",
        "script",
        "scenario",
        "seed",
        "speed",
        "run",
        "is_outside",
        "summary",
        "findings",
        "started_at",
        "ended_at",
        "ended_why",
        "made_by",
        "made_by_name",
        "made_at",
        "scorecard",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "planned": frozenset({"running", "held", "cancelled"}),
        "running": frozenset({"held"}),
        "held": frozenset(),
        "cancelled": frozenset({"planned"}),
    }

    number = models.CharField(max_length=24, unique=True)
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=24, choices=DrillKind.choices)
    blindness = models.CharField(max_length=24, choices=Blindness.choices)
    event_type = models.CharField(max_length=32, blank=True, default="")
    topic = models.CharField(max_length=80, blank=True, default="")
    plan = models.ForeignKey("plans.Plan", null=True, on_delete=models.PROTECT, related_name="drills")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    planned_on = models.DateField(null=True)
    held_on = models.DateField(null=True)
    place_words = models.CharField(max_length=120, blank=True, default="")
    people = models.PositiveIntegerField(null=True)
    parties = models.JSONField(default=list)
    script = models.JSONField(default=dict)
    scenario = models.CharField(max_length=80, blank=True, default="")
    seed = models.PositiveIntegerField(default=0)
    speed = models.FloatField()
    run = models.ForeignKey("journal.ExerciseRun", null=True, on_delete=models.PROTECT, related_name="+")
    is_outside = models.BooleanField(default=False)
    summary = models.TextField(blank=True, default="")
    findings = models.TextField(blank=True, default="")
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=300, blank=True, default="")
    made_by = models.CharField(max_length=120, blank=True, default="")
    made_by_name = models.CharField(max_length=60, blank=True, default="")
    made_at = models.DateTimeField()
    scorecard = models.JSONField(default=dict)

    def journal_path(self) -> str:
        return self.division.path


class Inject(Leased, Advancing):
    """One line of a script in a running drill: given when `due_at` comes on the clock of the run."""

    journal_type: ClassVar[str] = "inject"
    is_above_runs: ClassVar[bool] = True
    journal_fields: ClassVar[tuple[str, ...]] = (
        "drill",
        "key",
        "position",
        "kind",
        "title",
        "payload",
        "due_at",
        "given_at",
        "expects",
        "outcome",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "waiting": frozenset({"given", "skipped", "failed"}),
        "failed": frozenset({"given", "skipped"}),
        "given": frozenset(),
        "skipped": frozenset(),
    }

    drill = models.ForeignKey("drills.Drill", on_delete=models.PROTECT, related_name="injects")
    key = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=24, choices=InjectKind.choices)
    title = models.CharField(max_length=120)
    payload = models.JSONField(default=dict)
    due_at = models.DateTimeField(null=True)
    given_at = models.DateTimeField(null=True)
    expects = models.JSONField(default=list)
    outcome = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="inject_due", condition=models.Q(due_at__isnull=False)),
        ]

    def journal_path(self) -> str:
        return self.drill.division.path


class DrillMark(Journaled):
    """What an observer saw of one step."""

    journal_type: ClassVar[str] = "drill_mark"
    is_above_runs: ClassVar[bool] = True
    journal_fields: ClassVar[tuple[str, ...]] = (
        "drill",
        "step",
        "verdict",
        "words",
        "by_name",
        "made_at",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    drill = models.ForeignKey("drills.Drill", on_delete=models.PROTECT, related_name="marks")
    step = models.CharField(max_length=80)
    verdict = models.CharField(max_length=24, choices=Verdict.choices)
    words = models.TextField(blank=True, default="")
    by_name = models.CharField(max_length=60, blank=True, default="")
    made_at = models.DateTimeField()

    def journal_path(self) -> str:
        return self.drill.division.path
