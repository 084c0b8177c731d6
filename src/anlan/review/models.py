"""After-action reviews with findings and lessons, the case library, case files."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Advancing, Journaled, Leased
from anlan.kernel.ids import uuid7


class FindingKind(models.TextChoices):
    GOOD = "good"
    LATE = "late"
    MISSED = "missed"
    WRONG = "wrong"
    GAP = "gap"


class Review(Advancing):
    """The review (复盘) of an incident or drill. `computed` is what the journal says: times per step, limits broken."""

    journal_type: ClassVar[str] = "review"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "incident",
        "drill",
        "division",
        "title",
        "computed",
        "computed_at",
        "summary",
        "made_by_name",
        "made_at",
        "finished_at",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "draft": frozenset({"final"}),
        "final": frozenset({"draft"}),
    }

    incident = models.ForeignKey(
        "incidents.Incident", null=True, on_delete=models.PROTECT, related_name="reviews"
    )
    drill = models.ForeignKey("drills.Drill", null=True, on_delete=models.PROTECT, related_name="reviews")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=160)
    computed = models.JSONField(default=dict)
    computed_at = models.DateTimeField()
    summary = models.TextField(blank=True, default="")
    made_by_name = models.CharField(max_length=60, blank=True, default="")
    made_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    def journal_path(self) -> str:
        return self.division.path


class ReviewFinding(Journaled):
    """What went well or not; `happened_at` leads to that minute of the replay."""

    journal_type: ClassVar[str] = "review_finding"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "review",
        "kind",
        "words",
        "happened_at",
        "code",
        "made_by_name",
        "made_at",
        "dropped_at",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    review = models.ForeignKey("review.Review", on_delete=models.PROTECT, related_name="findings")
    kind = models.CharField(max_length=24, choices=FindingKind.choices)
    words = models.TextField(blank=True, default="")
    happened_at = models.DateTimeField(null=True)
    code = models.CharField(max_length=60, blank=True, default="")
    made_by_name = models.CharField(max_length=60, blank=True, default="")
    made_at = models.DateTimeField()
    dropped_at = models.DateTimeField(null=True)

    def journal_path(self) -> str:
        return self.review.division.path


class Lesson(Leased, Advancing):
    """Something to be mended, with who and until when."""

    journal_type: ClassVar[str] = "lesson"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "review",
        "finding",
        "plan",
        "words",
        "owner",
        "owner_words",
        "due_on",
        "remind_at",
        "done_at",
        "done_words",
        "dropped_why",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "open": frozenset({"done", "dropped"}),
        "done": frozenset({"open"}),
        "dropped": frozenset({"open"}),
    }

    review = models.ForeignKey("review.Review", null=True, on_delete=models.PROTECT, related_name="lessons")
    finding = models.ForeignKey("review.ReviewFinding", null=True, on_delete=models.PROTECT, related_name="+")
    #: The plan that has to be revised.
    plan = models.ForeignKey("plans.Plan", null=True, on_delete=models.PROTECT, related_name="lessons")
    words = models.TextField(blank=True, default="")
    owner = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    owner_words = models.CharField(max_length=60, blank=True, default="")
    due_on = models.DateField(null=True)
    remind_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    done_words = models.CharField(max_length=300, blank=True, default="")
    dropped_why = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["remind_at"], name="lesson_remind", condition=models.Q(remind_at__isnull=False)
            ),
        ]

    def journal_path(self) -> str:
        return self.owner.path


class CaseRecord(Journaled):
    """A case in the library, our own or from elsewhere, found by hazard, place and tag."""

    journal_type: ClassVar[str] = "case_record"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "title",
        "event_type",
        "happened_on",
        "place_words",
        "division",
        "incident",
        "review",
        "tags",
        "summary",
        "course",
        "lessons",
        "source",
        "added_by_name",
        "added_at",
        "retired_at",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    title = models.CharField(max_length=160)
    event_type = models.CharField(max_length=32)
    happened_on = models.DateField(null=True)
    place_words = models.CharField(max_length=160, blank=True, default="")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    incident = models.ForeignKey("incidents.Incident", null=True, on_delete=models.PROTECT, related_name="+")
    review = models.ForeignKey("review.Review", null=True, on_delete=models.PROTECT, related_name="+")
    tags = models.JSONField(default=list)
    summary = models.TextField(blank=True, default="")
    course = models.TextField(blank=True, default="")
    lessons = models.TextField(blank=True, default="")
    source = models.CharField(max_length=300, blank=True, default="")
    added_by_name = models.CharField(max_length=60, blank=True, default="")
    added_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    def journal_path(self) -> str:
        return self.division.path


class CaseFile(Journaled):
    """One archive of an incident (案卷): its digest and what it holds."""

    journal_type: ClassVar[str] = "case_file"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "incident",
        "sha256",
        "bytes",
        "files",
        "head_seq",
        "head_hash",
        "made_at",
        "made_by_name",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    incident = models.ForeignKey("incidents.Incident", on_delete=models.PROTECT, related_name="case_files")
    sha256 = models.CharField(max_length=64)
    bytes = models.PositiveBigIntegerField(default=0)
    files = models.PositiveIntegerField(default=0)
    head_seq = models.PositiveIntegerField(default=0)
    head_hash = models.CharField(max_length=64, blank=True, default="")
    made_at = models.DateTimeField()
    made_by_name = models.CharField(max_length=60, blank=True, default="")

    def journal_path(self) -> str:
        return self.incident.division.path
