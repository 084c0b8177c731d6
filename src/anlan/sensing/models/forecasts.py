"""Forecasts as they were issued; none is ever changed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Journaled
from anlan.kernel.ids import uuid7
from anlan.sensing.models.stations import Station


class ForecastIssue(Journaled):
    """One issue of one source for a station or for a whole division.

    `values` are [valid_from, valid_to, value] with ISO times in UTC and the value as text in `unit`. Of one source and target
    the newest `issued_at` counts, among equal ones the one that came last; the others stay. `series_key` names source, target
    and quantity, `content_key` also the content, so that the same issue sent twice is one.
    """

    journal_type: ClassVar[str] = "forecast_issue"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "source",
        "quantity",
        "station",
        "division",
        "issued_at",
        "valid_from",
        "valid_to",
        "values",
        "unit",
        "recorded_at",
        "recorded_by",
        "series_key",
        "content_key",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.CharField(max_length=60)
    #: "rain" for the rain of each interval, else a code of `vocab.quantities`.
    quantity = models.CharField(max_length=40)
    station = models.ForeignKey(Station, on_delete=models.PROTECT, null=True, related_name="forecasts")
    division = models.ForeignKey(
        "places.Division", on_delete=models.PROTECT, null=True, related_name="forecasts"
    )
    issued_at = models.DateTimeField()
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    values = models.JSONField()
    unit = models.CharField(max_length=20, blank=True, default="")
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=120)
    series_key = models.CharField(max_length=200)
    content_key = models.CharField(max_length=64)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["station", "quantity", "issued_at"], name="forecast_station"),
            models.Index(fields=["division", "quantity", "issued_at"], name="forecast_division"),
            models.Index(fields=["series_key", "issued_at"], name="forecast_series"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["content_key"], name="forecast_once", condition=models.Q(exercise_id__isnull=True)
            ),
            models.CheckConstraint(
                condition=models.Q(station__isnull=False, division__isnull=True)
                | models.Q(station__isnull=True, division__isnull=False),
                name="forecast_of_one_target",
            ),
        ]

    def journal_path(self) -> str:
        place = self.division if self.station is None else self.station.division
        return "" if place is None else place.path
