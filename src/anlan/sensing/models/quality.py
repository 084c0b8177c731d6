"""What persons decide about readings: accepted or withdrawn ones, and windows in which a station is being worked on."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Advancing
from anlan.sensing.models.stations import Station


class Amendment(Advancing):
    """Somebody vouches for a flagged reading or withdraws one. `value` is the stored integer that the person looked at.

    `pending` until the gateway that stores the reading has put it into force; `failed` says why it could not (`outcome`).
    """

    journal_type: ClassVar[str] = "amendment"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "station",
        "quantity",
        "phenomenon_time",
        "value",
        "is_accepted",
        "reason",
        "decided_by",
        "decided_at",
        "outcome",
        "flag_before",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "pending": frozenset({"applied", "failed"}),
        "applied": frozenset(),
        "failed": frozenset(),
    }

    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="amendments")
    quantity = models.CharField(max_length=80)
    phenomenon_time = models.DateTimeField()
    value = models.BigIntegerField()
    is_accepted = models.BooleanField()
    reason = models.CharField(max_length=300)
    decided_by = models.CharField(max_length=120)
    decided_at = models.DateTimeField()
    outcome = models.CharField(max_length=20, blank=True, default="")
    flag_before = models.PositiveIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state"], name="amendment_state")]

    def journal_path(self) -> str:
        return self.station.division.path


class MaintenanceWindow(Advancing):
    """A span in which readings of a station (of some `quantities`, all when empty) count for nothing.

    Asked for by whoever works there, granted by the one who supervises or judges; only a granted one has an effect.
    """

    journal_type: ClassVar[str] = "maintenance_window"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "station",
        "quantities",
        "starts_at",
        "ends_at",
        "reason",
        "asked_by",
        "asked_at",
        "decided_by",
        "decided_at",
        "decision",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "asked": frozenset({"granted", "declined", "withdrawn"}),
        "granted": frozenset({"withdrawn"}),
        "declined": frozenset(),
        "withdrawn": frozenset(),
    }

    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="maintenance_windows")
    quantities = models.JSONField(default=list)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    asked_by = models.CharField(max_length=120)
    asked_at = models.DateTimeField()
    decided_by = models.CharField(max_length=120, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    #: What the decision says, a sentence.
    decision = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "ends_at"], name="maintenance_state_end")]

    def journal_path(self) -> str:
        return self.station.division.path
