"""Areas that a county draws once and uses again."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Journaled
from anlan.kernel.ids import uuid7


class SavedArea(Journaled):
    """A named area. `geometry` is GeoJSON in WGS84; `is_active` is False once somebody put it away."""

    journal_type: ClassVar[str] = "saved_area"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "name",
        "division",
        "geometry",
        "saved_by",
        "saved_by_person",
        "saved_at",
        "is_active",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=80)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    geometry = models.TextField()
    saved_by = models.CharField(max_length=120)
    saved_by_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    saved_at = models.DateTimeField()
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["division", "name"], condition=models.Q(is_active=True), name="saved_area_once"
            )
        ]

    def journal_path(self) -> str:
        return self.division.path
