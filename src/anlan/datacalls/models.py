"""Data calls (收数): who is asked which named figures by when, what was filed, and every former value."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from anlan.journal.models import Advancing, Journaled, Leased
from anlan.kernel.ids import uuid7


class FigureKind(models.TextChoices):
    INTEGER = "integer"
    DECIMAL = "decimal"
    TEXT = "text"
    CHOICE = "choice"


class CallState(models.TextChoices):
    OPEN = "open"
    ENDED = "ended"
    CANCELLED = "cancelled"


class SeatState(models.TextChoices):
    ASKED = "asked"
    LATE = "late"
    FILED = "filed"
    NIL = "nil"
    MISSED = "missed"
    RELEASED = "released"


def of_run(exercise_id: uuid.UUID | None) -> models.Q:
    """The register as it is in a run: a drill asks for the real figures and its own, reality knows only the real ones."""
    real = models.Q(exercise_id=None)
    return real if exercise_id is None else real | models.Q(exercise_id=exercise_id)


class FigureDefinition(Journaled):
    """A named figure of the county's register. It never changes its shape: another shape is another figure.

    A value stays good for `valid_for_min` minutes: whoever asks the same figure of the same place within that time is
    offered it instead of asking again.
    """

    journal_type: ClassVar[str] = "figure_definition"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "name",
        "unit",
        "kind",
        "choices",
        "minimum",
        "maximum",
        "valid_for_min",
        "division",
        "defined_at",
        "retired_at",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=60)
    unit = models.CharField(max_length=20, blank=True, default="")
    kind = models.CharField(max_length=8, choices=FigureKind.choices)
    choices = models.JSONField(default=list)
    minimum = models.DecimalField(max_digits=18, decimal_places=3, null=True)
    maximum = models.DecimalField(max_digits=18, decimal_places=3, null=True)
    valid_for_min = models.PositiveIntegerField(default=120)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    defined_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["name"], name="figure_definition_name")]

    def __str__(self) -> str:
        return self.name

    def journal_path(self) -> str:
        return self.division.path

    @property
    def is_number(self) -> bool:
        return self.kind in (FigureKind.INTEGER, FigureKind.DECIMAL)


class DataCall(Leased, Advancing):
    """One question to many places. `division` is who asks: the county's desk, or the department in whose name it asks.

    `figures` are ids of the register in the order of the form, `targets` codes of townships and departments. A call that
    repeats opens a round each `repeat_every_min`; every round is due `due_after_min` after it was to open.
    """

    journal_type: ClassVar[str] = "data_call"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "number",
        "title",
        "words",
        "division",
        "figures",
        "targets",
        "allows_nil",
        "opened_at",
        "opened_by",
        "opened_by_name",
        "due_after_min",
        "repeat_every_min",
        "repeat_until",
        "round",
        "next_round_at",
        "ended_at",
        "ended_why",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "open": frozenset({"ended", "cancelled"}),
        "ended": frozenset(),
        "cancelled": frozenset(),
    }

    number = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=80)
    words = models.CharField(max_length=500, blank=True, default="")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    figures = models.JSONField(default=list)
    targets = models.JSONField(default=list)
    allows_nil = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=120)
    opened_by_name = models.CharField(max_length=60, blank=True, default="")
    due_after_min = models.PositiveIntegerField()
    repeat_every_min = models.PositiveIntegerField(null=True)
    repeat_until = models.DateTimeField(null=True)
    round = models.PositiveIntegerField(default=0)
    next_round_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-opened_at", "-id"], name="data_call_latest"),
            models.Index(
                fields=["next_round_at"],
                name="data_call_round",
                condition=models.Q(next_round_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def journal_path(self) -> str:
        return self.division.path


class DataSeat(Leased, Advancing):
    """One place that owes one round of one call. A village asked by its township has the township's seat as `parent`.

    `due_at` is a deadline while the state is asked; `is_late` follows from `due_at` and `first_filed_at` alone, so that a
    server that was down marks nobody late who was not. `signed_at` is the township's own sign-off of its villages' sum.
    """

    journal_type: ClassVar[str] = "data_seat"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "call",
        "round",
        "division",
        "parent",
        "asked_at",
        "due_at",
        "remind_at",
        "chases",
        "escalated_at",
        "passed_on_at",
        "first_filed_at",
        "filed_at",
        "filed_by",
        "filed_by_name",
        "is_late",
        "signed_at",
        "corrections",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "asked": frozenset({"late", "filed", "nil", "missed", "released"}),
        "late": frozenset({"filed", "nil", "missed"}),
        "filed": frozenset({"nil"}),
        "nil": frozenset({"filed"}),
        "missed": frozenset(),
        "released": frozenset(),
    }

    call = models.ForeignKey(DataCall, on_delete=models.PROTECT, related_name="seats")
    round = models.PositiveIntegerField()
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="villages")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    remind_at = models.DateTimeField(null=True)
    chases = models.PositiveSmallIntegerField(default=0)
    escalated_at = models.DateTimeField(null=True)
    passed_on_at = models.DateTimeField(null=True)
    first_filed_at = models.DateTimeField(null=True)
    filed_at = models.DateTimeField(null=True)
    filed_by = models.CharField(max_length=120, blank=True, default="")
    filed_by_name = models.CharField(max_length=60, blank=True, default="")
    is_late = models.BooleanField(default=False)
    signed_at = models.DateTimeField(null=True)
    corrections = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["call", "round", "division"], name="data_seat_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="data_seat_due", condition=models.Q(state="asked")),
            models.Index(
                fields=["remind_at"], name="data_seat_remind", condition=models.Q(remind_at__isnull=False)
            ),
            models.Index(fields=["division", "asked_at"], name="data_seat_of"),
            models.Index(fields=["state", "division"], name="data_seat_state"),
        ]

    def journal_path(self) -> str:
        return self.division.path

    @property
    def is_open(self) -> bool:
        return self.state in (SeatState.ASKED, SeatState.LATE)


class Filing(Journaled):
    """One value that one place gave for one figure of one seat. Never overwritten: a correction is a newer one that names it.

    `shared_from` is the filing of another call that was confirmed instead of being asked again. `key` is the form's own, so
    that a form that arrives twice counts once.
    """

    journal_type: ClassVar[str] = "filing"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "seat",
        "figure",
        "division",
        "number",
        "words",
        "is_nil",
        "as_of",
        "recorded_at",
        "filed_by",
        "filed_by_name",
        "way",
        "replaces",
        "why",
        "shared_from",
        "key",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    seat = models.ForeignKey(DataSeat, on_delete=models.PROTECT, related_name="filings")
    figure = models.ForeignKey(FigureDefinition, on_delete=models.PROTECT, related_name="+")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    number = models.DecimalField(max_digits=18, decimal_places=3, null=True)
    words = models.CharField(max_length=200, blank=True, default="")
    is_nil = models.BooleanField(default=False)
    as_of = models.DateTimeField()
    recorded_at = models.DateTimeField()
    filed_by = models.CharField(max_length=120)
    filed_by_name = models.CharField(max_length=60, blank=True, default="")
    #: "page", "field", "phone" (the desk wrote it down), "villages" (the sum of the villages).
    way = models.CharField(max_length=8, default="page")
    replaces = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=200, blank=True, default="")
    shared_from = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["seat", "figure", "recorded_at"], name="filing_of_seat"),
            models.Index(fields=["division", "figure", "-recorded_at"], name="filing_of_place"),
            models.Index(fields=["key"], name="filing_key", condition=~models.Q(key="")),
        ]

    def journal_path(self) -> str:
        return self.division.path
