"""The 3个一 of a called party as rows: one message, one call, one video check (R30)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.dissemination.models.callouts import CalloutSeat
from anlan.dissemination.models.deliveries import Delivery
from anlan.journal.models import Advancing


class TaskKind(models.TextChoices):
    MESSAGE = "message"
    CALL = "call"
    VIDEO = "video"


class TaskState(models.TextChoices):
    OPEN = "open"
    DONE = "done"
    FAILED = "failed"
    WAIVED = "waived"


class CalloutTask(Advancing):
    """One sub-task of a seat. Message and call are done by the proofs of deliveries, the video check by the duty officer.

    `words` says how it went, or why it was waived; `evidence` is an attachment of `anlan.attachments`.
    """

    journal_type: ClassVar[str] = "callout_task"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "seat",
        "kind",
        "settled_at",
        "settled_by",
        "delivery",
        "words",
        "evidence_id",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "open": frozenset({"done", "failed", "waived"}),
        "failed": frozenset({"done", "waived"}),
        "done": frozenset(),
        "waived": frozenset({"done"}),
    }

    seat = models.ForeignKey(CalloutSeat, on_delete=models.PROTECT, related_name="tasks")
    kind = models.CharField(max_length=10, choices=TaskKind.choices)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=120, blank=True, default="")
    delivery = models.ForeignKey(Delivery, null=True, on_delete=models.PROTECT, related_name="+")
    words = models.CharField(max_length=300, blank=True, default="")
    evidence_id = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["seat", "kind"], name="task_once")]

    def journal_path(self) -> str:
        return self.seat.division.path
