"""What a person read or measured: a reading with an author, on its way to where all readings are stored."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Advancing, Leased
from anlan.sensing.models.stations import Station


class ManualReading(Leased, Advancing):
    """`author` is who entered it; `reporter` the name of whoever told it by phone, "" when the author read it.

    It is delivered to the gateway, which judges and evaluates it like any other. `waiting` until the gateway has stored it;
    `refused` says why in `outcome`. `due_at` is the next attempt, null once nothing is left to do. `value` is in the unit of
    the quantity; `entry_key` is equal for the same reading entered twice.
    """

    journal_type: ClassVar[str] = "manual_reading"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "station",
        "quantity",
        "value",
        "phenomenon_time",
        "author",
        "author_name",
        "reporter",
        "words",
        "recorded_at",
        "outcome",
        "stored_at",
        "entry_key",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "waiting": frozenset({"stored", "refused"}),
        "stored": frozenset(),
        "refused": frozenset(),
    }

    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="manual_readings")
    quantity = models.CharField(max_length=80)
    value = models.DecimalField(max_digits=14, decimal_places=4)
    phenomenon_time = models.DateTimeField()
    author = models.CharField(max_length=120)
    author_name = models.CharField(max_length=60, blank=True, default="")
    reporter = models.CharField(max_length=60, blank=True, default="")
    words = models.CharField(max_length=300, blank=True, default="")
    recorded_at = models.DateTimeField()
    outcome = models.CharField(max_length=200, blank=True, default="")
    stored_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    entry_key = models.CharField(max_length=64, unique=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["station", "phenomenon_time"], name="manual_station_time"),
            models.Index(fields=["due_at"], name="manual_due", condition=models.Q(due_at__isnull=False)),
        ]

    def journal_path(self) -> str:
        return self.station.division.path
