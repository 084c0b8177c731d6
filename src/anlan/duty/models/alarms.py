"""What rings in the duty room until a person confirms it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Advancing, Journaled, Leased
from anlan.kernel.ids import uuid7


class AlarmState(models.TextChoices):
    RINGING = "ringing"
    LEADER_CALLED = "leader_called"
    CONFIRMED = "confirmed"
    CLEARED = "cleared"


class Alarm(Leased, Advancing):
    """A red item that sounds at the desk. Unconfirmed at `leader_call_at`, the leader on duty is called.

    `leader_rung` counts the people called so far; `leader_post` is the post of the last one, which is not "duty_leader" when
    nobody held that post or nobody there could be reached.

    `subject` is what it is about ("warning:<uuid>", "seat:<uuid>", "station:<uuid>"); one open alarm a subject and kind.
    """

    journal_type: ClassVar[str] = "alarm"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "kind",
        "subject",
        "text_zh",
        "text_en",
        "level",
        "division",
        "raised_at",
        "leader_call_at",
        "leader_rung",
        "leader_called",
        "leader_called_at",
        "leader_post",
        "ended_at",
        "end_reason",
        "confirmed_at",
        "confirmed_by",
        "confirmed_by_person",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "ringing": frozenset({"leader_called", "confirmed", "cleared"}),
        "leader_called": frozenset({"confirmed", "cleared"}),
        "confirmed": frozenset(),
        "cleared": frozenset(),
    }

    kind = models.CharField(max_length=32)
    subject = models.CharField(max_length=80)
    text_zh = models.CharField(max_length=300)
    text_en = models.CharField(max_length=300)
    level = models.PositiveSmallIntegerField(null=True)
    division = models.ForeignKey("places.Division", null=True, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    leader_call_at = models.DateTimeField(null=True)
    leader_called = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    leader_rung = models.PositiveSmallIntegerField(default=0)
    leader_called_at = models.DateTimeField(null=True)
    leader_post = models.CharField(max_length=40, blank=True, default="")
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=200, blank=True, default="")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.CharField(max_length=120, blank=True, default="")
    confirmed_by_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=models.Q(state__in=["ringing", "leader_called"]),
                name="one_open_alarm",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "raised_at"], name="alarm_state_raised"),
            models.Index(
                fields=["leader_call_at"],
                name="alarm_leader",
                condition=models.Q(leader_call_at__isnull=False),
            ),
        ]

    def journal_path(self) -> str:
        return self.division.path if self.division is not None else ""


class Outage(Journaled):
    """Network, power or road down in a place for a while (三断), as somebody told the desk. Open while `until` is null."""

    journal_type: ClassVar[str] = "outage"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "kind",
        "division",
        "since",
        "until",
        "words",
        "told_by",
        "ended_by",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=12)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    words = models.CharField(max_length=200, blank=True, default="")
    told_by = models.CharField(max_length=120)
    ended_by = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["until", "since"], name="outage_open")]

    def journal_path(self) -> str:
        return self.division.path
