"""What stations reported that is no number."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Journaled
from anlan.sensing.models.stations import Station


class StationHappening(Journaled):
    """A fact: a device reported something once. Its id is the signal's; `report_key` recognises a repeated report.

    `kind` is a code of `vocab.happenings`, which also says how much it matters. `phenomenon_time` is the device's; null without one.
    """

    journal_type: ClassVar[str] = "station_happening"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "station",
        "kind",
        "protocol",
        "fields",
        "phenomenon_time",
        "received_at",
        "report_key",
    )

    id = models.UUIDField(primary_key=True, editable=False)
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="happenings")
    kind = models.CharField(max_length=40)
    protocol = models.CharField(max_length=20, blank=True, default="")
    fields = models.JSONField(default=dict)
    phenomenon_time = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    #: SHA-256 of run, protocol and the driver's duplicate key.
    report_key = models.CharField(max_length=64, unique=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["station", "received_at"], name="happening_station_time")]

    def journal_path(self) -> str:
        return self.station.division.path
