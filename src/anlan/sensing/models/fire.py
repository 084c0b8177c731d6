"""Fire devices: what stands at each address of a transmission device, and in which building."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Journaled
from anlan.kernel.ids import uuid7


class FireDevice(Journaled):
    """A component of a building's fire equipment, known by the point under which its transmission device reports it.

    `station` is the transmission device. `point` is "system.address.component.address" in the codes of GB/T 26875.3, "system.address"
    for a system, "" for the transmission device itself; other protocols use their own points.
    """

    journal_type: ClassVar[str] = "fire_device"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "station",
        "point",
        "component_type",
        "building",
        "floor",
        "room",
        "description",
        "is_active",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    station = models.ForeignKey("sensing.Station", on_delete=models.PROTECT, related_name="fire_devices")
    point = models.CharField(max_length=40, blank=True, default="")
    #: Table 5 of GB/T 26875.3; null where nobody said.
    component_type = models.PositiveSmallIntegerField(null=True)
    building = models.CharField(max_length=80)
    floor = models.CharField(max_length=20, blank=True, default="")
    room = models.CharField(max_length=60, blank=True, default="")
    description = models.CharField(max_length=120, blank=True, default="")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["building", "floor", "point"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["station", "point"], name="fire_device_once_a_point")
        ]

    def __str__(self) -> str:
        return f"{self.building} {self.point}"

    def journal_path(self) -> str:
        return self.station.division.path
