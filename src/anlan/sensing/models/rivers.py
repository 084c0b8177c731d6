"""The river network: reaches that flow into one another."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Journaled
from anlan.kernel.ids import uuid7


class RiverReach(Journaled):
    """One line of a river from its source to its mouth. `line` is [[lon, lat], …] in the direction in which water flows.

    `downstream` is the reach that it joins, null where it leaves the county or nobody drew what it joins; `joins_at_m` is
    where along that reach, counted from its source in metres.
    """

    journal_type: ClassVar[str] = "river_reach"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "name",
        "line",
        "length_m",
        "downstream",
        "joins_at_m",
        "is_active",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=80, blank=True, default="")
    line = models.JSONField()
    length_m = models.PositiveIntegerField()
    downstream = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="upstream")
    joins_at_m = models.PositiveIntegerField(null=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["name", "id"]

    def __str__(self) -> str:
        return self.name
