"""Rules that the county made or changed, and what the worker keeps in mind about those it evaluates itself."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Advancing, Leased
from anlan.kernel.ids import uuid7


class RuleState(models.TextChoices):
    DRAFT = "draft"
    PROPOSED = "proposed"
    APPROVED = "approved"
    IN_FORCE = "in_force"
    RETIRED = "retired"


class RuleDefinition(Leased, Advancing):
    """One version of one rule: proposed by one person, approved by another, in force from a moment on.

    `division` bounds where it holds. `scope` narrows it further: {"stations": [codes], "kinds": [codes], "catchment": name};
    empty lists leave it at that. `table` and `parameters` are plain data of the evaluator's types (`ruleset.tables`).
    `rule_version` is the shipped version and the county's count behind it ("1.3"). `ended_at` null = still counts.
    """

    journal_type: ClassVar[str] = "rule"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "rule_id",
        "rule_version",
        "base",
        "name_zh",
        "name_en",
        "division",
        "scope",
        "evaluator",
        "table",
        "parameters",
        "hazard",
        "purpose",
        "source",
        "verified",
        "replaces",
        "reason",
        "proposed_by",
        "proposed_at",
        "approved_by",
        "approved_at",
        "decision",
        "effective_from",
        "retire_asked_by",
        "retire_reason",
        "ended_at",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "draft": frozenset({"proposed", "retired"}),
        "proposed": frozenset({"approved", "draft"}),
        "approved": frozenset({"in_force", "retired"}),
        "in_force": frozenset({"retired"}),
        "retired": frozenset(),
    }

    rule_id = models.CharField(max_length=20)
    rule_version = models.CharField(max_length=20)
    #: The shipped pack that it was made from, or overrides.
    base = models.CharField(max_length=20)
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    scope = models.JSONField(default=dict)
    evaluator = models.CharField(max_length=24)
    table = models.JSONField()
    parameters = models.JSONField(default=list)
    hazard = models.CharField(max_length=24, blank=True, default="")
    purpose = models.CharField(max_length=12, default="warn")
    source = models.TextField()
    verified = models.BooleanField(default=False)
    replaces = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    reason = models.CharField(max_length=500)
    proposed_by = models.CharField(max_length=120)
    proposed_at = models.DateTimeField(null=True)
    approved_by = models.CharField(max_length=120, blank=True, default="")
    approved_at = models.DateTimeField(null=True)
    #: What the approver said, or why it was sent back.
    decision = models.CharField(max_length=500, blank=True, default="")
    effective_from = models.DateTimeField(null=True)
    retire_asked_by = models.CharField(max_length=120, blank=True, default="")
    retire_reason = models.CharField(max_length=500, blank=True, default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rule_id", "rule_version"], name="rule_version_once")
        ]
        indexes: ClassVar = [models.Index(fields=["state", "effective_from"], name="rule_effective")]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.rule_version}"

    def journal_path(self) -> str:
        return self.division.path


class RuleWork(Leased):
    """Something that the worker does for a rule when its time comes: derived from the rules in force, can be made anew.

    `watches` are codes of stations whose crossings wake it. `memory` belongs to the evaluator. `said_*`: what it found last.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(max_length=120)
    exercise_id = models.UUIDField(null=True)
    evaluator = models.CharField(max_length=24)
    rule_id = models.CharField(max_length=20, blank=True, default="")
    rule_version = models.CharField(max_length=20, blank=True, default="")
    station = models.ForeignKey("sensing.Station", null=True, on_delete=models.CASCADE, related_name="+")
    watches = models.JSONField(default=list)
    due_at = models.DateTimeField()
    memory = models.JSONField(default=dict)
    level = models.PositiveSmallIntegerField(null=True)
    is_incomplete = models.BooleanField(default=False)
    said_zh = models.TextField(blank=True, default="")
    said_en = models.TextField(blank=True, default="")
    looked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["key"], name="rule_work_once", condition=models.Q(exercise_id__isnull=True)
            ),
            models.UniqueConstraint(
                fields=["key", "exercise_id"],
                name="rule_work_once_a_run",
                condition=models.Q(exercise_id__isnull=False),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["due_at"], name="rule_work_due")]
