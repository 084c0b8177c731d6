"""How much of what was expected arrived, and how late: counted from the hot store, a row a station and day."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.sensing.models.stations import Station


class ArrivalDay(models.Model):
    """Derived, so it stands in no journal: it can be counted again as long as the day's readings are hot.

    `day` is a day in Shanghai. `expected` and `received` count readings of the quantities that the kind must report, none
    counted twice; `expected` is null where nothing is expected (an alarm device). `delays` is a histogram: {"bucket": count}
    with the buckets of `sensing.arrivals`. `is_final` once the day is over and its stragglers are in.
    """

    day = models.DateField()
    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="arrival_days")
    expected = models.PositiveIntegerField(null=True)
    received = models.PositiveIntegerField(default=0)
    delays = models.JSONField(default=dict)
    counted_at = models.DateTimeField()
    is_final = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["day", "station"], name="arrival_day_once"),
        ]
