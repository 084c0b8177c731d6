"""Cameras as a registered catalogue: where they stand, what they see, who shares them. Video itself stays with a media server."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Journaled
from anlan.kernel.ids import uuid7


class CameraState(models.TextChoices):
    ONLINE = "online"
    OFFLINE = "offline"
    UNKNOWN = "unknown"


class Camera(Journaled):
    """`code` has 20 digits (GB/T 28181). Degrees are clockwise from north; null where nobody said.

    `azimuth_deg` is where it looks and `angle_deg` how wide, `range_m` how far. `hazard_areas` are codes of `vocab.cameras`,
    `trade` one of `vocab.trades`; `division` is a place or an enterprise. An agreement without an end has no `shared_until`.
    """

    journal_type: ClassVar[str] = "camera"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "code",
        "name",
        "division",
        "lon",
        "lat",
        "azimuth_deg",
        "angle_deg",
        "range_m",
        "hazard_areas",
        "shelter",
        "trade",
        "owner",
        "shared_with",
        "shared_until",
        "state",
        "is_active",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="cameras")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    azimuth_deg = models.FloatField(null=True)
    angle_deg = models.FloatField(null=True)
    range_m = models.FloatField(null=True)
    hazard_areas = models.JSONField(default=list, blank=True)
    shelter = models.CharField(max_length=80, blank=True, default="")
    trade = models.CharField(max_length=20, blank=True, default="")
    owner = models.CharField(max_length=120, blank=True, default="")
    shared_with = models.CharField(max_length=120, blank=True, default="")
    shared_until = models.DateField(null=True)
    state = models.CharField(max_length=12, choices=CameraState.choices, default=CameraState.UNKNOWN)
    #: When a catalogue last called it on line. Not journaled: thousands of cameras say it again with each catalogue.
    last_seen = models.DateTimeField(null=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return self.name

    def journal_path(self) -> str:
        return self.division.path
