"""Alarms that an enterprise itself must answer for."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Advancing, Leased
from anlan.sensing.models.stations import Station

#: States in which the alarm is not over.
OPEN_ALARM = ("open", "acknowledged", "explained", "restored")


class EnterpriseAlarm(Leased, Advancing):
    """A limit was crossed, or a device reported something, at a station of an enterprise: it acknowledges, explains, restores.

    `affair` is the binding, or the kind of report at the station: one open alarm each; a worse level raises it and asks for
    a new acknowledgement. `due_at` is when the enterprise must have taken its next step; after it the regulator's duty is
    told once (`escalated_at`), and it is null until the enterprise has moved. `fell_at` says that the value is below the
    limits again, which closes nothing by itself. `source` is "crossing:<id>" or "station_happening:<id>".
    """

    journal_type: ClassVar[str] = "enterprise_alarm"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "station",
        "division",
        "affair",
        "source",
        "level",
        "text_zh",
        "text_en",
        "opened_at",
        "raised_at",
        "due_at",
        "fell_at",
        "acknowledged_by",
        "acknowledged_at",
        "explain_by",
        "cause_words",
        "measure",
        "explained_at",
        "restored_at",
        "restored_by",
        "escalated_at",
        "closed_by",
        "closed_at",
        "close_reason",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "open": frozenset({"acknowledged", "closed"}),
        "acknowledged": frozenset({"open", "explained", "closed"}),
        "explained": frozenset({"open", "restored", "closed"}),
        "restored": frozenset({"open", "closed"}),
        "closed": frozenset(),
    }

    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="enterprise_alarms")
    #: Where the station stands: the enterprise itself, or a place where nobody of an enterprise can answer.
    division = models.ForeignKey(
        "places.Division", on_delete=models.PROTECT, related_name="enterprise_alarms"
    )
    affair = models.CharField(max_length=160)
    source = models.CharField(max_length=80)
    level = models.PositiveSmallIntegerField()
    text_zh = models.CharField(max_length=400)
    text_en = models.CharField(max_length=400)
    opened_at = models.DateTimeField()
    #: When it came to its present level; the limits count from here.
    raised_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    fell_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=120, blank=True, default="")
    acknowledged_at = models.DateTimeField(null=True)
    #: When the explanation is due; fixed with the level.
    explain_by = models.DateTimeField()
    cause_words = models.CharField(max_length=500, blank=True, default="")
    measure = models.CharField(max_length=500, blank=True, default="")
    explained_at = models.DateTimeField(null=True)
    restored_at = models.DateTimeField(null=True)
    restored_by = models.CharField(max_length=120, blank=True, default="")
    escalated_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=120, blank=True, default="")
    closed_at = models.DateTimeField(null=True)
    close_reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"], name="enterprise_alarm_due", condition=models.Q(due_at__isnull=False)
            ),
            models.Index(fields=["state", "raised_at"], name="enterprise_alarm_state"),
        ]
        constraints: ClassVar = [
            # Two, because the embedded database takes every null for a different value.
            models.UniqueConstraint(
                fields=["affair"],
                name="enterprise_alarm_once",
                condition=models.Q(exercise_id__isnull=True, state__in=OPEN_ALARM),
            ),
            models.UniqueConstraint(
                fields=["affair", "exercise_id"],
                name="enterprise_alarm_once_a_run",
                condition=models.Q(exercise_id__isnull=False, state__in=OPEN_ALARM),
            ),
        ]

    def journal_path(self) -> str:
        return self.division.path
