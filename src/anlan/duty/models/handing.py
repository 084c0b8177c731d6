"""Handing over: a sheet that two people sign, and notes that stay on it until they are done."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.duty.models.rooms import DutyRoom
from anlan.journal.models import Advancing


class Handover(Advancing):
    """One person hands a room over, another takes it. What was open is kept as it stood at each of the two signatures.

    `items` are the open things as they were handed over and, once taken, as they were taken; `done` was on the sheet before
    and is closed. The head of the journal at each signature is printed, so that the chain is anchored on paper.
    """

    journal_type: ClassVar[str] = "handover"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "room",
        "serial",
        "shift_from",
        "shift_to",
        "summary",
        "items",
        "done",
        "given_by",
        "given_at",
        "given_seq",
        "given_hash",
        "taken_by",
        "taken_at",
        "taken_seq",
        "taken_hash",
        "taken_words",
        "clock_sync",
        "ended_at",
        "ended_why",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "offered": frozenset({"taken", "returned", "withdrawn"}),
        "taken": frozenset(),
        "returned": frozenset(),
        "withdrawn": frozenset(),
    }

    room = models.ForeignKey(DutyRoom, on_delete=models.PROTECT, related_name="handovers")
    serial = models.PositiveIntegerField()
    shift_from = models.DateTimeField()
    shift_to = models.DateTimeField()
    summary = models.TextField(blank=True, default="")
    items = models.JSONField(default=list)
    done = models.JSONField(default=list)
    given_by = models.ForeignKey("directory.Person", on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    given_seq = models.BigIntegerField(default=0)
    given_hash = models.CharField(max_length=64, blank=True, default="")
    taken_by = models.ForeignKey("directory.Person", null=True, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(null=True)
    taken_seq = models.BigIntegerField(default=0)
    taken_hash = models.CharField(max_length=64, blank=True, default="")
    taken_words = models.CharField(max_length=300, blank=True, default="")
    clock_sync = models.CharField(max_length=10, default="unknown")
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["room", "serial"], name="handover_serial"),
            models.UniqueConstraint(
                fields=["room"], condition=models.Q(state="offered"), name="one_open_handover"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["room", "-given_at"], name="handover_latest")]

    def journal_path(self) -> str:
        return self.room.division.path


class CarriedNote(Advancing):
    """Something to be done that has no page of its own: on every sheet of the room until somebody says it is done."""

    journal_type: ClassVar[str] = "carried_note"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "room",
        "text",
        "written_by",
        "written_at",
        "due_at",
        "done_at",
        "done_by",
        "done_words",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {"open": frozenset({"done"}), "done": frozenset()}

    room = models.ForeignKey(DutyRoom, on_delete=models.PROTECT, related_name="notes")
    text = models.CharField(max_length=300)
    written_by = models.CharField(max_length=120)
    written_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=120, blank=True, default="")
    done_words = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["room", "state"], name="carried_note_open")]

    def journal_path(self) -> str:
        return self.room.division.path
