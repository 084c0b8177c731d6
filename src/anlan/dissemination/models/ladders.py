"""A county's own ladders, which ladder is used when, and the seats of a large call-out that are still being opened."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.dissemination.models.callouts import Callout
from anlan.journal.models import Advancing, Journaled, Leased
from anlan.kernel.ids import uuid7

_TRANSITIONS = {
    "proposed": frozenset({"in_force", "returned"}),
    "returned": frozenset(),
    "in_force": frozenset({"retired"}),
    "retired": frozenset(),
}


class LadderVersion(Advancing):
    """One version of a county's ladder. `body` is the plain form of `ladders.Ladder`; call-outs keep a copy of their own.

    Proposed by one person, put into force by another. Of several versions in force the latest `effective_from` counts.
    """

    journal_type: ClassVar[str] = "ladder"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "name",
        "number",
        "division",
        "body",
        "reason",
        "proposed_by",
        "proposed_by_person",
        "proposed_at",
        "approved_by",
        "approved_by_person",
        "approved_at",
        "decision",
        "effective_from",
        "retired_at",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = _TRANSITIONS

    name = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    body = models.JSONField()
    reason = models.CharField(max_length=500)
    proposed_by = models.CharField(max_length=120)
    proposed_by_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField()
    approved_by = models.CharField(max_length=120, blank=True, default="")
    approved_by_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True)
    #: What the approver said, or why it was sent back or ended.
    decision = models.CharField(max_length=500, blank=True, default="")
    effective_from = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["division", "name", "number"], name="ladder_version_once")
        ]

    def journal_path(self) -> str:
        return self.division.path


class LadderAssignment(Advancing):
    """A county's word on which ladder is used: empty `kind`, `hazard_type`, null `level` and empty hours mean "any".

    `from_hour` and `to_hour` are "HH:MM" in Asia/Shanghai; the interval may go over midnight. The most exact one in force wins.
    """

    journal_type: ClassVar[str] = "ladder_assignment"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "division",
        "kind",
        "level",
        "hazard_type",
        "from_hour",
        "to_hour",
        "ladder_name",
        "reason",
        "proposed_by",
        "proposed_by_person",
        "proposed_at",
        "approved_by",
        "approved_by_person",
        "approved_at",
        "decision",
        "retired_at",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = _TRANSITIONS

    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, blank=True, default="")
    level = models.PositiveSmallIntegerField(null=True)
    hazard_type = models.CharField(max_length=24, blank=True, default="")
    from_hour = models.CharField(max_length=5, blank=True, default="")
    to_hour = models.CharField(max_length=5, blank=True, default="")
    ladder_name = models.CharField(max_length=60)
    reason = models.CharField(max_length=500)
    proposed_by = models.CharField(max_length=120)
    proposed_by_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField()
    approved_by = models.CharField(max_length=120, blank=True, default="")
    approved_by_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=500, blank=True, default="")
    retired_at = models.DateTimeField(null=True)

    def journal_path(self) -> str:
        return self.division.path


class SeatingBatch(Leased, Journaled):
    """Seats of a large call-out that wait to be opened: a province has 50,000. `entries` are [division code, person or null].

    The worker opens a batch at `due_at`, the most dangerous first; null once it is opened or nobody needs it any more.
    """

    journal_type: ClassVar[str] = "seating_batch"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "callout",
        "number",
        "entries",
        "size",
        "due_at",
        "opened_at",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    callout = models.ForeignKey(Callout, on_delete=models.PROTECT, related_name="seating_batches")
    number = models.PositiveIntegerField()
    entries = models.JSONField()
    size = models.PositiveIntegerField()
    due_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["callout", "number"], name="seating_batch_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="seating_due", condition=models.Q(due_at__isnull=False))
        ]

    def journal_path(self) -> str:
        return self.callout.division.path
