"""Messages of the county to its stations, and who wanted them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from anlan.journal.models import Advancing, Leased
from anlan.sensing.models.stations import Station

#: States in which the gateway has something to do.
ON_THE_WAY = ("released", "sent", "uncertain")


class StationCommand(Leased, Advancing):
    """One message to one station, moved by what people decide and by what the gateway tells.

    `needs_release` was read from the driver when it was asked for: such a command changes the station for good, and the database itself
    refuses to hold it released by the person who asked. `uncertain`: it left, or may have left, and nobody knows whether it arrived.
    `due_at` is the time at which it is given up; null once that is settled.
    """

    journal_type: ClassVar[str] = "station_command"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "station",
        "protocol",
        "command",
        "arguments",
        "needs_release",
        "asked_by",
        "asked_by_person",
        "asked_at",
        "released_by",
        "released_by_person",
        "released_at",
        "attempts",
        "sent_at",
        "answered_at",
        "answer",
        "reason_code",
        "reason",
        "expires_at",
        "due_at",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "proposed": frozenset({"released", "withdrawn", "expired"}),
        "released": frozenset({"sent", "uncertain", "answered", "failed", "withdrawn", "expired"}),
        "sent": frozenset({"answered", "uncertain", "failed"}),
        "uncertain": frozenset({"sent", "answered", "failed"}),
        "answered": frozenset(),
        "failed": frozenset(),
        "withdrawn": frozenset(),
        "expired": frozenset(),
    }

    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="commands")
    protocol = models.CharField(max_length=20)
    command = models.CharField(max_length=40)
    arguments = models.JSONField(default=dict)
    needs_release = models.BooleanField(default=False)
    asked_by = models.CharField(max_length=120)
    asked_by_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField()
    released_by = models.CharField(max_length=120, blank=True, default="")
    released_by_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    released_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answer = models.JSONField(default=dict)
    #: Why it failed: a code that pages have words for, and what the driver or the gateway said.
    reason_code = models.CharField(max_length=40, blank=True, default="")
    reason = models.CharField(max_length=300, blank=True, default="")
    expires_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="command_two_persons",
                condition=Q(needs_release=False)
                | Q(state__in=["proposed", "withdrawn", "expired"])
                | (~Q(released_by="") & ~Q(released_by=F("asked_by"))),
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["station", "asked_at"], name="command_station_time"),
            models.Index(fields=["state"], name="command_state"),
        ]

    def journal_path(self) -> str:
        return self.station.division.path
