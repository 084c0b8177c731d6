"""What follows a warning: was it right, what was missed, and may people go home."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Advancing, Journaled
from anlan.kernel.ids import uuid7
from anlan.warning.models.warnings import HazardWarning


class VerdictKind(models.TextChoices):
    HIT = "hit"
    FALSE = "false"
    UNCLEAR = "unclear"


class WarningVerdict(Journaled):
    """A person's judgement afterwards. The newest of a warning counts; nothing is overwritten."""

    journal_type: ClassVar[str] = "warning_verdict"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "warning",
        "verdict",
        "words",
        "judged_by",
        "judged_by_person",
        "judged_at",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    warning = models.ForeignKey(HazardWarning, on_delete=models.PROTECT, related_name="verdicts")
    verdict = models.CharField(max_length=10, choices=VerdictKind.choices)
    words = models.CharField(max_length=300)
    judged_by = models.CharField(max_length=120)
    judged_by_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    judged_at = models.DateTimeField()

    def journal_path(self) -> str:
        return self.warning.division.path


class MissedWarning(Journaled):
    """Something happened of which nobody was warned in time: found afterwards, with the level it would have had."""

    journal_type: ClassVar[str] = "missed_warning"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "hazard_type",
        "level",
        "division",
        "happened_at",
        "words",
        "told_by",
        "told_at",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    hazard_type = models.CharField(max_length=24)
    level = models.PositiveSmallIntegerField()
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    happened_at = models.DateTimeField()
    words = models.CharField(max_length=300)
    told_by = models.CharField(max_length=120)
    told_at = models.DateTimeField()

    def journal_path(self) -> str:
        return self.division.path


class ReturnState(models.TextChoices):
    WAITING = "waiting"
    MAY_RETURN = "may_return"
    NOT_YET = "not_yet"


class ReturnDecision(Advancing):
    """Lifting a warning is not "you may go home" (K-11): each danger zone, or village without one, is decided after a check."""

    journal_type: ClassVar[str] = "return_decision"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "warning",
        "division",
        "zone",
        "zone_name",
        "households",
        "people",
        "checked_by",
        "checked_at",
        "words",
        "decided_by",
        "decided_by_person",
        "decided_at",
        "told",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "waiting": frozenset({"may_return", "not_yet"}),
        "not_yet": frozenset({"may_return", "not_yet"}),
        "may_return": frozenset(),
    }

    warning = models.ForeignKey(HazardWarning, on_delete=models.PROTECT, related_name="returns")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    zone = models.ForeignKey("risk.DangerZone", null=True, on_delete=models.PROTECT, related_name="+")
    zone_name = models.CharField(max_length=120, blank=True, default="")
    households = models.PositiveIntegerField(null=True)
    people = models.PositiveIntegerField(null=True)
    checked_by = models.CharField(max_length=120, blank=True, default="")
    checked_at = models.DateTimeField(null=True)
    words = models.CharField(max_length=300, blank=True, default="")
    decided_by = models.CharField(max_length=120, blank=True, default="")
    decided_by_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    #: How many addresses were told of the decision.
    told = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["warning", "division", "zone_name"], name="return_decision_once")
        ]

    def journal_path(self) -> str:
        return self.division.path
