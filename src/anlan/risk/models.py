"""Danger zones and the households that live in them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Journaled
from anlan.kernel.ids import uuid7


class DangerZone(Journaled):
    """An area that a hazard reaches. `geometry` is GeoJSON (WGS84); the bounding box serves the first test."""

    journal_type: ClassVar[str] = "danger_zone"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "code",
        "name",
        "hazard_type",
        "division",
        "geometry",
        "household_count",
        "people_count",
        "is_active",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    hazard_type = models.CharField(max_length=24)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="danger_zones")
    geometry = models.TextField()
    min_lon = models.FloatField()
    min_lat = models.FloatField()
    max_lon = models.FloatField()
    max_lat = models.FloatField()
    household_count = models.PositiveIntegerField(null=True)
    people_count = models.PositiveIntegerField(null=True)
    #: False once the zone was dissolved; its history stays.
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["code"]

    def journal_path(self) -> str:
        return self.division.path


class ExposedSite(Journaled):
    """A school, site camp, scenic spot, reservoir … that is called like a village. `place` is its own division of level SITE.

    People are counted by day and by night where known, since a school is empty at three in the morning.
    """

    journal_type: ClassVar[str] = "exposed_site"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "place",
        "kind",
        "people_day",
        "people_night",
        "needing_help",
        "is_active",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    place = models.OneToOneField("places.Division", on_delete=models.PROTECT, related_name="exposed_site")
    kind = models.CharField(max_length=20)
    people_day = models.PositiveIntegerField(null=True)
    people_night = models.PositiveIntegerField(null=True)
    needing_help = models.PositiveIntegerField(null=True)
    is_active = models.BooleanField(default=True)

    def journal_path(self) -> str:
        return self.place.path


class HazardSite(Journaled):
    """A place from which danger comes (隐患点): a slope, a flood-prone spot. The watcher is called with the village (R11)."""

    journal_type: ClassVar[str] = "hazard_site"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "code",
        "name",
        "kind",
        "division",
        "lon",
        "lat",
        "threat_households",
        "threat_people",
        "watcher",
        "is_active",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="hazard_sites")
    lon = models.FloatField()
    lat = models.FloatField()
    threat_households = models.PositiveIntegerField(null=True)
    threat_people = models.PositiveIntegerField(null=True)
    watcher = models.ForeignKey("directory.Person", null=True, on_delete=models.PROTECT, related_name="+")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["code"]

    def journal_path(self) -> str:
        return self.division.path


class Household(Journaled):
    """A family in a danger zone; who helps them is named. Personal data: every look at a list is journaled."""

    journal_type: ClassVar[str] = "household"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "zone",
        "head",
        "members",
        "phone",
        "needs_assistance",
        "helper",
        "lon",
        "lat",
        "is_active",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    zone = models.ForeignKey(DangerZone, on_delete=models.PROTECT, related_name="households")
    head = models.CharField(max_length=60)
    members = models.PositiveIntegerField()
    phone = models.CharField(max_length=20, blank=True, default="")
    needs_assistance = models.BooleanField(default=False)
    helper = models.CharField(max_length=60, blank=True, default="")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    #: False once the family moved away.
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["zone", "head", "phone"], name="household_once")
        ]

    def journal_path(self) -> str:
        return self.zone.division.path


class HouseholdMove(Journaled):
    """A fact: a family was moved, refused, or was not found, during one event. A correction is a newer row; the newest counts.

    `subject` is what it was about ("seat:<uuid>"); this floor never looks inside. `told_by_name` says who reported it, in words.
    """

    journal_type: ClassVar[str] = "household_move"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "household",
        "subject",
        "outcome",
        "people",
        "told_by",
        "told_by_name",
        "told_at",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="moves")
    subject = models.CharField(max_length=80, db_index=True)
    #: A code of `risk.types.Outcome`.
    outcome = models.CharField(max_length=12)
    #: Members of the family at that time; a later change of the register does not change what was moved.
    people = models.PositiveIntegerField()
    told_by = models.ForeignKey("directory.Person", null=True, on_delete=models.PROTECT, related_name="+")
    told_by_name = models.CharField(max_length=60, blank=True, default="")
    told_at = models.DateTimeField()

    def journal_path(self) -> str:
        return self.household.zone.division.path
