"""Incidents, their figures as facts, links between merged ones, leaders' remarks and chase orders."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Advancing, Journaled, Leased
from anlan.kernel.ids import uuid7
from anlan.vocab.incidents import CLASS_LABELS, TYPES, EventClass, IncidentKind, Informant


class IncidentState(models.TextChoices):
    RECEIVED = "received"
    VERIFIED = "verified"
    CLOSED = "closed"
    NOT_TRUE = "not_true"
    MERGED = "merged"


class Incident(Leased, Advancing):
    """Something that happened or threatens. `known_at` is the moment of knowing, from which the legal clocks run (R05).

    `grade` is 1 to 4 or null (class 4 may have none, R01). `graded_by` is "rule" or an actor's ref where a person set it;
    `grade_why` lists the reasons as {"zh", "en", "rule", "level"}. `regrade_at` is when missing people count as dead (R03).
    `before_merge` is the state to which a split brings it back.
    """

    journal_type: ClassVar[str] = "incident"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "number",
        "title",
        "event_class",
        "event_type",
        "kind",
        "occurred_at",
        "known_at",
        "place_words",
        "division",
        "lon",
        "lat",
        "unit",
        "unit_head_knew_at",
        "informant",
        "course",
        "cause_words",
        "measures",
        "trend",
        "reference",
        "is_sensitive",
        "sensitive_why",
        "is_restricted",
        "grade",
        "grade_why",
        "graded_by",
        "grade_reason",
        "tags",
        "merged_into",
        "before_merge",
        "regrade_at",
        "opened_by_person",
        "closed_at",
        "closed_why",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "received": frozenset({"verified", "not_true", "merged"}),
        "verified": frozenset({"closed", "not_true", "merged"}),
        "closed": frozenset({"verified", "merged"}),
        "not_true": frozenset({"received"}),
        "merged": frozenset({"received", "verified", "closed"}),
    }

    number = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=120)
    event_class = models.PositiveSmallIntegerField(
        choices=[(one.value, CLASS_LABELS[one][1]) for one in EventClass]
    )
    event_type = models.CharField(max_length=32, choices=[(code, face.en) for code, face in TYPES.items()])
    kind = models.CharField(
        max_length=8, choices=[(one.value, one.value) for one in IncidentKind], default=IncidentKind.IMPACT
    )
    occurred_at = models.DateTimeField(null=True)
    known_at = models.DateTimeField()
    place_words = models.CharField(max_length=200, blank=True, default="")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    #: The enterprise that it happened at, and when its head knew: the start of the chain of R04.
    unit = models.ForeignKey("places.Division", null=True, on_delete=models.PROTECT, related_name="+")
    unit_head_knew_at = models.DateTimeField(null=True)
    informant = models.CharField(max_length=16, choices=[(one.value, one.value) for one in Informant])
    course = models.TextField(blank=True, default="")
    cause_words = models.TextField(blank=True, default="")
    measures = models.TextField(blank=True, default="")
    trend = models.TextField(blank=True, default="")
    #: Of class 3 and 4: the number under which the responsible system keeps it.
    reference = models.CharField(max_length=120, blank=True, default="")
    is_sensitive = models.BooleanField(default=False)
    sensitive_why = models.CharField(max_length=200, blank=True, default="")
    is_restricted = models.BooleanField(default=False)
    grade = models.PositiveSmallIntegerField(null=True)
    grade_why = models.JSONField(default=list)
    graded_by = models.CharField(max_length=120, blank=True, default="")
    grade_reason = models.CharField(max_length=300, blank=True, default="")
    tags = models.JSONField(default=list)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged_from")
    before_merge = models.CharField(max_length=24, blank=True, default="")
    regrade_at = models.DateTimeField(null=True)
    opened_by_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True)
    closed_why = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-known_at", "-id"], name="incident_latest"),
            models.Index(fields=["state", "-known_at"], name="incident_state"),
            models.Index(fields=["event_type", "-known_at"], name="incident_type"),
            models.Index(
                fields=["regrade_at"], name="incident_regrade", condition=models.Q(regrade_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def journal_path(self) -> str:
        return self.division.path


class NumberCounter(models.Model):
    """The next serial number of a series and year; moved in the transaction that uses it. No gaps, no repeats on one node."""

    series = models.CharField(max_length=40, primary_key=True)
    value = models.PositiveIntegerField(default=0)


class FigureState(models.TextChoices):
    CLAIMED = "claimed"
    VERIFIED = "verified"
    WITHDRAWN = "withdrawn"


class Figure(Advancing):
    """One value that one source gave at one time for one place. Never overwritten: a newer one is a newer row.

    `code` is of `vocab.figures`; `scope` is the place that was counted (the incident's own unless a part was); `source` is
    who counted, in words that stay the same from report to report. `why` explains a fall, or people found.
    """

    journal_type: ClassVar[str] = "figure"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "incident",
        "code",
        "value",
        "scope",
        "source",
        "as_of",
        "recorded_at",
        "why",
        "replaces",
        "verified_at",
        "verified_by",
        "withdrawn_why",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "claimed": frozenset({"verified", "withdrawn"}),
        "verified": frozenset({"withdrawn"}),
        "withdrawn": frozenset(),
    }

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="figures")
    code = models.CharField(max_length=32)
    value = models.DecimalField(max_digits=18, decimal_places=2)
    scope = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=80)
    as_of = models.DateTimeField()
    recorded_at = models.DateTimeField()
    why = models.CharField(max_length=300, blank=True, default="")
    #: The former value of the same source that this one takes the place of.
    replaces = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    verified_at = models.DateTimeField(null=True)
    verified_by = models.CharField(max_length=120, blank=True, default="")
    withdrawn_why = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["incident", "code", "as_of"], name="figure_of")]

    def journal_path(self) -> str:
        return self.incident.division.path


class MergeLink(Journaled):
    """`incident` was taken to be the same as `main`. Undone, not deleted, when that was wrong; both originals are kept."""

    journal_type: ClassVar[str] = "merge_link"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "incident",
        "main",
        "reason",
        "made_at",
        "made_by",
        "undone_at",
        "undone_by",
        "undone_why",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="merge_links")
    main = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=120)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=120, blank=True, default="")
    undone_why = models.CharField(max_length=300, blank=True, default="")

    def journal_path(self) -> str:
        return self.incident.division.path


class Remark(Journaled):
    """What a leader wrote or said about an incident (批示). `way` is "written" or "phone"; recorded by whoever noted it."""

    journal_type: ClassVar[str] = "remark"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "incident",
        "leader",
        "leader_post",
        "words",
        "way",
        "said_at",
        "recorded_by",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="remarks")
    leader = models.CharField(max_length=60)
    leader_post = models.CharField(max_length=80, blank=True, default="")
    words = models.TextField()
    way = models.CharField(max_length=8, default="written")
    said_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=120)

    def journal_path(self) -> str:
        return self.incident.division.path


class ChaseOrder(Leased, Advancing):
    """督办: somebody must do something by a time and say so. Overdue it rings, and rings again at each `remind_at`."""

    journal_type: ClassVar[str] = "chase_order"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "number",
        "incident",
        "remark",
        "addressee",
        "division",
        "task",
        "issued_at",
        "issued_by",
        "due_at",
        "remind_at",
        "acknowledged_at",
        "acknowledged_by",
        "answer",
        "answered_at",
        "answered_by",
        "closed_at",
        "is_late",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "issued": frozenset({"acknowledged", "answered", "closed"}),
        "acknowledged": frozenset({"answered", "closed"}),
        "answered": frozenset({"acknowledged", "closed"}),
        "closed": frozenset(),
    }

    number = models.CharField(max_length=40, unique=True)
    incident = models.ForeignKey(Incident, null=True, on_delete=models.PROTECT, related_name="chases")
    remark = models.ForeignKey(Remark, null=True, on_delete=models.PROTECT, related_name="chases")
    addressee = models.CharField(max_length=120)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    task = models.TextField()
    issued_at = models.DateTimeField()
    issued_by = models.CharField(max_length=120)
    due_at = models.DateTimeField()
    remind_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=120, blank=True, default="")
    answer = models.TextField(blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=120, blank=True, default="")
    closed_at = models.DateTimeField(null=True)
    is_late = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["remind_at"], name="chase_remind", condition=models.Q(remind_at__isnull=False)
            )
        ]

    def journal_path(self) -> str:
        return self.division.path
