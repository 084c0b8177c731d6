"""Stations, the villages they speak for, and the facts that their readings gave rise to."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Journaled
from anlan.kernel.ids import uuid7


class StationState(models.TextChoices):
    NEVER = "never"
    REPORTING = "reporting"
    SILENT = "silent"


class Station(Journaled):
    """A monitoring station (OGC Thing). `code` names it in this county.

    `protocol` and `address` say how it is known on the wire; an empty address is the code itself, an empty protocol any.
    `settings` are what its driver must know, by name ({"crc": "modbus"}); `attributes` are facts of its kind by name, such as
    {"slope_height_m": 210}. `division` is a place or an enterprise; enterprises stand in the division tree too.

    Stages are metres above the station's datum; null where the owner gave none. Silence is counted on the gateway.
    """

    journal_type: ClassVar[str] = "station"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "code",
        "name",
        "kind",
        "division",
        "lon",
        "lat",
        "owner",
        "protocol",
        "address",
        "settings",
        "attributes",
        "silent_after_s",
        "warning_stage",
        "guaranteed_stage",
        "historic_max_stage",
        "state",
        "state_since",
        "is_active",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    #: A code of `vocab.kinds`.
    kind = models.CharField(max_length=32)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="stations")
    lon = models.FloatField()
    lat = models.FloatField()
    owner = models.CharField(max_length=120, blank=True, default="")
    protocol = models.CharField(max_length=20, blank=True, default="")
    address = models.CharField(max_length=40, blank=True, default="")
    settings = models.JSONField(default=dict, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    silent_after_s = models.PositiveIntegerField(default=1800)
    warning_stage = models.DecimalField(max_digits=9, decimal_places=3, null=True)
    guaranteed_stage = models.DecimalField(max_digits=9, decimal_places=3, null=True)
    historic_max_stage = models.DecimalField(max_digits=9, decimal_places=3, null=True)
    state = models.CharField(max_length=12, choices=StationState.choices, default=StationState.NEVER)
    state_since = models.DateTimeField(null=True)
    #: False once it was taken down: no longer watched for silence, its facts stay.
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return self.name

    def journal_path(self) -> str:
        return self.division.path


class StationLink(Journaled):
    """A station speaks for a village. `thresholds` may hold own rain thresholds, else the pack's table applies:
    {"prepare": {"60": 45.0, …}, "evacuate_now": {"60": 60.0, …}}, keys are minutes, values mm.
    """

    journal_type: ClassVar[str] = "station_link"
    journal_fields: ClassVar[tuple[str, ...]] = ("station", "division", "thresholds", "is_active")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="links")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="station_links")
    thresholds = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["station", "division"], name="station_link_once")
        ]

    def journal_path(self) -> str:
        return self.division.path


class Crossing(Journaled):
    """A fact from the shard that stores the station: its id is the signal's, so reading it twice changes nothing.

    `level` is null when the value fell below every threshold. `window_min` is the rain window, null for a stage.
    `received_wall` is the Unix time at which the causing frame arrived; it serves to measure latency only.
    """

    journal_type: ClassVar[str] = "crossing"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "station",
        "quantity",
        "binding",
        "rule_id",
        "rule_version",
        "purpose",
        "direction",
        "level",
        "previous_level",
        "window_min",
        "value",
        "threshold",
        "missing_slots",
        "phenomenon_time",
        "received_at",
        "explanation_zh",
        "explanation_en",
    )

    id = models.UUIDField(primary_key=True, editable=False)
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="crossings")
    quantity = models.CharField(max_length=80)
    binding = models.CharField(max_length=120)
    rule_id = models.CharField(max_length=20)
    rule_version = models.CharField(max_length=20)
    #: `warn` drafts a warning, `enterprise` is the enterprise's to explain, `condition` only feeds other rules.
    purpose = models.CharField(max_length=12, default="warn")
    direction = models.CharField(max_length=4)
    level = models.PositiveSmallIntegerField(null=True)
    previous_level = models.PositiveSmallIntegerField(null=True)
    window_min = models.PositiveIntegerField(null=True)
    value = models.DecimalField(max_digits=12, decimal_places=3)
    threshold = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    missing_slots = models.PositiveIntegerField(default=0)
    is_late = models.BooleanField(default=False)
    phenomenon_time = models.DateTimeField()
    received_at = models.DateTimeField()
    received_wall = models.FloatField(default=0.0)
    recorded_at = models.DateTimeField()
    explanation_zh = models.TextField(blank=True, default="")
    explanation_en = models.TextField(blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["station", "phenomenon_time"], name="crossing_station_time")
        ]

    def journal_path(self) -> str:
        return self.station.division.path


class BindingState(models.Model):
    """How one binding stands now in one run: derived from crossings and gap signals, so that a list need not search them.

    `level` is null below every threshold; `is_uncertain` means that gaps forbid calling it safe.
    """

    binding = models.CharField(max_length=120)
    exercise_id = models.UUIDField(null=True)
    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="binding_states")
    level = models.PositiveSmallIntegerField(null=True)
    level_since = models.DateTimeField(null=True)
    is_uncertain = models.BooleanField(default=False)
    uncertain_since = models.DateTimeField(null=True)
    #: Rain windows with too many gaps, minutes.
    uncertain_windows_min = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [
            # Two, because the embedded database takes every null for a different value.
            models.UniqueConstraint(
                fields=["binding"], name="binding_state_once", condition=models.Q(exercise_id__isnull=True)
            ),
            models.UniqueConstraint(
                fields=["binding", "exercise_id"],
                name="binding_state_once_a_run",
                condition=models.Q(exercise_id__isnull=False),
            ),
        ]


class IngestSource(Journaled):
    """Somebody who may post readings over HTTP; only the SHA-256 of the token is kept. `stations` are codes, or ["*"]."""

    journal_type: ClassVar[str] = "ingest_source"
    journal_fields: ClassVar[tuple[str, ...]] = ("name", "token_sha256", "stations", "is_active")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=60, unique=True)
    token_sha256 = models.CharField(max_length=64)
    stations = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)
