"""The roll is called, and the video link of each room beats."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.duty.models.rooms import DutyRoom
from anlan.journal.models import Advancing, Journaled, Leased
from anlan.kernel.ids import uuid7


class RollCall(Leased, Advancing):
    """点名: at `starts_at` everybody on duty in the chosen rooms is called; `next_at` is the next thing to do.

    A random one keeps the window and the seed from which its moment was drawn; those who are called do not see it before.
    """

    journal_type: ClassVar[str] = "roll_call"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "division",
        "title",
        "is_random",
        "window_from",
        "window_to",
        "seed",
        "rooms",
        "starts_at",
        "answer_within_s",
        "absent_after_s",
        "next_at",
        "called_at",
        "closed_at",
        "planned_by",
        "cancelled_why",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "planned": frozenset({"calling", "cancelled"}),
        "calling": frozenset({"closed"}),
        "closed": frozenset(),
        "cancelled": frozenset(),
    }

    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=80)
    is_random = models.BooleanField(default=False)
    window_from = models.DateTimeField(null=True)
    window_to = models.DateTimeField(null=True)
    seed = models.CharField(max_length=32, blank=True, default="")
    #: Ids of the rooms.
    rooms = models.JSONField(default=list)
    starts_at = models.DateTimeField()
    answer_within_s = models.PositiveIntegerField()
    absent_after_s = models.PositiveIntegerField()
    next_at = models.DateTimeField(null=True)
    called_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    planned_by = models.CharField(max_length=120)
    cancelled_why = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["next_at"], name="roll_call_next", condition=models.Q(next_at__isnull=False)
            ),
            models.Index(fields=["-starts_at"], name="roll_call_latest"),
        ]

    def journal_path(self) -> str:
        return self.division.path


class RollCallSeat(Advancing):
    """One person of one post who is called. `answered_s` is how long it took from the call."""

    journal_type: ClassVar[str] = "roll_call_seat"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "roll_call",
        "room",
        "post_kind",
        "person",
        "called_at",
        "reached",
        "answered_at",
        "answered_s",
        "way",
        "words",
        "marked_by",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "called": frozenset({"answered", "late", "absent"}),
        "answered": frozenset(),
        "late": frozenset(),
        "absent": frozenset(),
    }

    roll_call = models.ForeignKey(RollCall, on_delete=models.PROTECT, related_name="seats")
    room = models.ForeignKey(DutyRoom, on_delete=models.PROTECT, related_name="+")
    post_kind = models.CharField(max_length=40, blank=True, default="")
    #: Nobody where the room had nobody on duty: absent from the first second.
    person = models.ForeignKey("directory.Person", null=True, on_delete=models.PROTECT, related_name="+")
    #: The link in the message; whoever holds it answers. Not journaled.
    token = models.CharField(max_length=43, unique=True)
    called_at = models.DateTimeField()
    reached = models.BooleanField(default=False)
    answered_at = models.DateTimeField(null=True)
    answered_s = models.PositiveIntegerField(null=True)
    #: "link", "page", "sms", "voice" or "video".
    way = models.CharField(max_length=8, blank=True, default="")
    words = models.CharField(max_length=200, blank=True, default="")
    marked_by = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person", "state"], name="roll_seat_person"),
            models.Index(fields=["room", "called_at"], name="roll_seat_room"),
        ]

    def journal_path(self) -> str:
        return self.room.division.path


class RoomLink(Leased, Advancing):
    """The video link of a room (视联网). Not heard for `every_s` times the table's number, it is silent and rings.

    `heard_at` and `silent_at` move with every beat and are not journaled; that it fell silent and came back is.
    """

    journal_type: ClassVar[str] = "room_link"
    journal_fields: ClassVar[tuple[str, ...]] = ("room", "name", "every_s", "token_sha256", "ended_at")
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "unheard": frozenset({"up", "silent", "ended"}),
        "up": frozenset({"silent", "ended"}),
        "silent": frozenset({"up", "ended"}),
        "ended": frozenset(),
    }

    room = models.ForeignKey(DutyRoom, on_delete=models.PROTECT, related_name="links")
    name = models.CharField(max_length=60)
    every_s = models.PositiveIntegerField()
    token_sha256 = models.CharField(max_length=64, unique=True)
    heard_at = models.DateTimeField(null=True)
    silent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["silent_at"], name="room_link_silent", condition=models.Q(silent_at__isnull=False)
            )
        ]

    def journal_path(self) -> str:
        return self.room.division.path


class LinkGap(Journaled):
    """A link was not heard during [since, until); open while `until` is null."""

    journal_type: ClassVar[str] = "link_gap"
    journal_fields: ClassVar[tuple[str, ...]] = ("link", "since", "until")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    link = models.ForeignKey(RoomLink, on_delete=models.PROTECT, related_name="gaps")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["link"], condition=models.Q(until__isnull=True), name="one_open_gap"
            )
        ]

    def journal_path(self) -> str:
        return self.link.room.division.path
