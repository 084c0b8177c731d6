"""Duty rooms, who came to his shift, swaps, periods, calendars and the state of the machine's clock."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Advancing, Journaled, Leased
from anlan.kernel.ids import uuid7
from anlan.vocab.shifts import LABELS, ShiftKind

KIND_CHOICES = [(one.value, LABELS[one][1]) for one in ShiftKind]


class DutyRoom(Journaled):
    """The duty room of a county, township, department or village, with its 24-hour phone and when that was last tried."""

    journal_type: ClassVar[str] = "duty_room"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "division",
        "name",
        "phone",
        "phone_tested_at",
        "phone_works",
        "phone_words",
        "checks_in",
        "opened_at",
        "closed_at",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    division = models.OneToOneField("places.Division", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    phone = models.CharField(max_length=40, blank=True, default="")
    phone_tested_at = models.DateTimeField(null=True)
    phone_works = models.BooleanField(null=True)
    phone_words = models.CharField(max_length=120, blank=True, default="")
    #: Whether somebody who does not come to a shift here is called.
    checks_in = models.BooleanField(default=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    def journal_path(self) -> str:
        return self.division.path


class CheckIn(Leased, Advancing):
    """Whether the person of one shift came. `expected_at` is the start of the shift; every delay is counted from it.

    `step` counts who was told: 1 the person, 2 whoever steps in, 3 the chief. `told` are their names.
    """

    journal_type: ClassVar[str] = "check_in"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "shift",
        "room",
        "person",
        "expected_at",
        "next_at",
        "step",
        "told",
        "checked_at",
        "late_s",
        "way",
        "words",
        "checked_by",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "expected": frozenset({"present", "missing", "excused"}),
        "missing": frozenset({"present", "excused"}),
        "present": frozenset(),
        "excused": frozenset(),
    }

    shift = models.OneToOneField("directory.Shift", on_delete=models.PROTECT, related_name="+")
    room = models.ForeignKey(DutyRoom, on_delete=models.PROTECT, related_name="check_ins")
    person = models.ForeignKey("directory.Person", on_delete=models.PROTECT, related_name="+")
    expected_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    step = models.PositiveSmallIntegerField(default=0)
    told = models.JSONField(default=list)
    checked_at = models.DateTimeField(null=True)
    late_s = models.PositiveIntegerField(null=True)
    #: "page", "phone" or "hand" (seen or heard by another, who wrote it down).
    way = models.CharField(max_length=8, blank=True, default="")
    words = models.CharField(max_length=200, blank=True, default="")
    checked_by = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["next_at"], name="check_in_next", condition=models.Q(next_at__isnull=False)),
            models.Index(fields=["room", "expected_at"], name="check_in_room"),
        ]

    def journal_path(self) -> str:
        return self.room.division.path


class ShiftSwap(Advancing):
    """Somebody asks a colleague to take his shift, or to exchange it for `other_shift`; a third person approves."""

    journal_type: ClassVar[str] = "shift_swap"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "shift",
        "other_shift",
        "asker",
        "colleague",
        "reason",
        "asked_at",
        "accepted_at",
        "decided_at",
        "decided_by",
        "decided_by_person",
        "why",
        "new_shift",
        "new_other",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "asked": frozenset({"accepted", "declined", "withdrawn"}),
        "accepted": frozenset({"approved", "refused", "withdrawn"}),
        "approved": frozenset(),
        "refused": frozenset(),
        "declined": frozenset(),
        "withdrawn": frozenset(),
    }

    shift = models.ForeignKey("directory.Shift", on_delete=models.PROTECT, related_name="+")
    other_shift = models.ForeignKey("directory.Shift", null=True, on_delete=models.PROTECT, related_name="+")
    asker = models.ForeignKey("directory.Person", on_delete=models.PROTECT, related_name="+")
    colleague = models.ForeignKey("directory.Person", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=120, blank=True, default="")
    decided_by_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    why = models.CharField(max_length=200, blank=True, default="")
    new_shift = models.ForeignKey("directory.Shift", null=True, on_delete=models.PROTECT, related_name="+")
    new_other = models.ForeignKey("directory.Shift", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["shift"],
                condition=models.Q(state__in=["asked", "accepted"]),
                name="one_open_swap",
            )
        ]

    def journal_path(self) -> str:
        return self.shift.post.division.path


class SpecialPeriod(Advancing):
    """A holiday, a special or joint period: how rooms are manned from then until then. Somebody else approves it."""

    journal_type: ClassVar[str] = "special_period"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "division",
        "kind",
        "title",
        "starts_at",
        "ends_at",
        "reason",
        "departments",
        "proposed_by",
        "proposed_by_person",
        "proposed_at",
        "decided_at",
        "decided_by",
        "why",
        "stopped_at",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "proposed": frozenset({"approved", "refused", "withdrawn"}),
        "approved": frozenset({"stopped"}),
        "refused": frozenset(),
        "withdrawn": frozenset(),
        "stopped": frozenset(),
    }

    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=KIND_CHOICES)
    title = models.CharField(max_length=80)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    #: Codes of the departments and townships that sit together in a joint period.
    departments = models.JSONField(default=list)
    proposed_by = models.CharField(max_length=120)
    proposed_by_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=120, blank=True, default="")
    why = models.CharField(max_length=300, blank=True, default="")
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "ends_at"], name="period_state_ends")]

    def journal_path(self) -> str:
        return self.division.path


class CalendarFeed(Journaled):
    """The shifts of one person or one room for a calendar programme: whoever holds the link reads it, until it is revoked."""

    journal_type: ClassVar[str] = "calendar_feed"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "room",
        "person",
        "token_sha256",
        "made_for",
        "made_at",
        "revoked_at",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    room = models.ForeignKey(DutyRoom, null=True, on_delete=models.PROTECT, related_name="feeds")
    person = models.ForeignKey("directory.Person", null=True, on_delete=models.PROTECT, related_name="+")
    token_sha256 = models.CharField(max_length=64, unique=True)
    made_for = models.ForeignKey("directory.Person", null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="feed_of_room_or_person",
                condition=models.Q(room__isnull=False, person__isnull=True)
                | models.Q(room__isnull=True, person__isnull=False),
            )
        ]

    def journal_path(self) -> str:
        if self.room is not None:
            return self.room.division.path
        return self.person.division.path if self.person is not None else ""


class ClockSync(Leased, Journaled):
    """Whether the clock of this machine follows a time source, looked at again at `next_at`; journaled when it changes."""

    journal_type: ClassVar[str] = "clock_sync"
    journal_fields: ClassVar[tuple[str, ...]] = ("node", "sync", "since")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    node = models.CharField(max_length=64, unique=True)
    #: "synced", "unsynced" or "unknown".
    sync = models.CharField(max_length=10)
    since = models.DateTimeField()
    next_at = models.DateTimeField()
