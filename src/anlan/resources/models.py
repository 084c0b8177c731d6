"""Teams, vehicles, equipment, experts, and stock as it was last reported."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Journaled
from anlan.kernel.ids import uuid7


class TeamKind(models.TextChoices):
    FIRE = "fire"
    PROFESSIONAL = "professional"
    MILITIA = "militia"
    SOCIAL = "social"
    ENTERPRISE = "enterprise"
    MEDICAL = "medical"
    TOWNSHIP = "township"
    VILLAGE = "village"
    ARMY = "army"
    OTHER = "other"


class Readiness(models.TextChoices):
    READY = "ready"
    LIMITED = "limited"
    NOT_READY = "not_ready"


class AssetKind(models.TextChoices):
    VEHICLE = "vehicle"
    EQUIPMENT = "equipment"


class AssetState(models.TextChoices):
    USABLE = "usable"
    AWAY = "away"
    REPAIR = "repair"


class Team(Journaled):
    """A rescue team. Whether it is free is read from its jobs (`dispatch`), never kept here. Skills are codes of `vocab.skills`."""

    journal_type: ClassVar[str] = "team"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "code",
        "name",
        "kind",
        "division",
        "owner_words",
        "leader",
        "deputy",
        "strength",
        "skills",
        "lon",
        "lat",
        "readiness",
        "readiness_why",
        "ready_in_min",
        "readiness_at",
        "registered_at",
        "retired_at",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=24, choices=TeamKind.choices)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    owner_words = models.CharField(max_length=120, blank=True, default="")
    leader = models.ForeignKey("directory.Person", null=True, on_delete=models.PROTECT, related_name="+")
    deputy = models.ForeignKey("directory.Person", null=True, on_delete=models.PROTECT, related_name="+")
    strength = models.PositiveIntegerField(default=0)
    skills = models.JSONField(default=list)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    readiness = models.CharField(max_length=24, choices=Readiness.choices)
    readiness_why = models.CharField(max_length=200, blank=True, default="")
    ready_in_min = models.PositiveIntegerField(null=True)
    readiness_at = models.DateTimeField(null=True)
    registered_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    def journal_path(self) -> str:
        return self.division.path


class Asset(Journaled):
    """A vehicle or a kind of equipment. `tracker` is the station that reports its place (JT/T 808)."""

    journal_type: ClassVar[str] = "asset"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "code",
        "name",
        "kind",
        "category",
        "count",
        "unit",
        "team",
        "division",
        "tracker",
        "lon",
        "lat",
        "asset_state",
        "state_why",
        "state_at",
        "registered_at",
        "retired_at",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=24, choices=AssetKind.choices)
    category = models.CharField(max_length=40, blank=True, default="")
    count = models.PositiveIntegerField(default=0)
    unit = models.CharField(max_length=12, blank=True, default="")
    team = models.ForeignKey("resources.Team", null=True, on_delete=models.PROTECT, related_name="assets")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    tracker = models.CharField(max_length=64, blank=True, default="")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    asset_state = models.CharField(max_length=24, choices=AssetState.choices)
    state_why = models.CharField(max_length=200, blank=True, default="")
    state_at = models.DateTimeField(null=True)
    registered_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    def journal_path(self) -> str:
        return self.division.path


class Expert(Journaled):
    """Somebody whose advice is asked, by kinds of incidents and fields."""

    journal_type: ClassVar[str] = "expert"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "person",
        "title",
        "unit_words",
        "event_types",
        "fields",
        "note",
        "registered_at",
        "retired_at",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey("directory.Person", on_delete=models.PROTECT, related_name="expertise")
    title = models.CharField(max_length=80, blank=True, default="")
    unit_words = models.CharField(max_length=120, blank=True, default="")
    event_types = models.JSONField(default=list)
    fields = models.JSONField(default=list)
    note = models.CharField(max_length=300, blank=True, default="")
    registered_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    def journal_path(self) -> str:
        return self.person.division.path


class StockReport(Journaled):
    """How much of an item a depot said it has at a time; the newest counts."""

    journal_type: ClassVar[str] = "stock_report"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "depot",
        "division",
        "item",
        "name",
        "quantity",
        "unit",
        "as_of",
        "recorded_at",
        "source",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    depot = models.CharField(max_length=120)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    item = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    quantity = models.DecimalField(max_digits=14, decimal_places=2)
    unit = models.CharField(max_length=12)
    as_of = models.DateTimeField()
    recorded_at = models.DateTimeField()
    source = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["item", "depot", "-as_of"], name="stock_report_of"),
        ]

    def journal_path(self) -> str:
        return self.division.path
