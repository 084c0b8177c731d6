"""Official papers as they were made, the templates of the county, and the times at which a brief is drafted by itself."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Advancing, Journaled, Leased
from anlan.kernel.ids import uuid7


class Body(models.Model):
    """What a paper says, under the digest that the journal keeps. Written once, never changed."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    content = models.TextField()


class TemplateState(models.TextChoices):
    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    REFUSED = "refused"
    RETIRED = "retired"


class PaperTemplate(Advancing):
    """One version of a county's own Word template for a kind of paper ("" = every kind). A second person puts it into force."""

    journal_type: ClassVar[str] = "paper_template"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "division",
        "kind",
        "serial",
        "name",
        "sha256",
        "bytes",
        "proposed_at",
        "proposed_by",
        "proposed_by_person",
        "decided_at",
        "decided_by",
        "why",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "proposed": frozenset({"in_force", "refused"}),
        "in_force": frozenset({"retired"}),
        "refused": frozenset(),
        "retired": frozenset(),
    }

    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=24, blank=True, default="")
    serial = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    bytes = models.PositiveIntegerField()
    proposed_at = models.DateTimeField()
    proposed_by = models.CharField(max_length=120)
    proposed_by_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=120, blank=True, default="")
    why = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["kind", "state"], name="paper_template_of")]

    def journal_path(self) -> str:
        return self.division.path


class PaperState(models.TextChoices):
    DRAFT = "draft"
    SIGNED = "signed"
    ISSUED = "issued"
    DISCARDED = "discarded"


class Paper(Advancing):
    """One paper. `content` is the digest of its frozen body; the files are made from it and their digests kept.

    `subject` is what it is about ("incident:<uuid>"); an incident's paper is seen by whoever sees the incident.
    Papers that nobody signs are issued when they are made; others are drafts until the leader signs.
    """

    journal_type: ClassVar[str] = "paper"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "kind",
        "number",
        "title",
        "subject",
        "incident",
        "division",
        "is_restricted",
        "period_from",
        "period_to",
        "content",
        "template",
        "made_at",
        "made_by",
        "made_by_person",
        "signed_at",
        "signed_by",
        "signed_by_person",
        "docx_sha256",
        "pdf_sha256",
        "why",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "draft": frozenset({"signed", "discarded"}),
        "signed": frozenset(),
        "issued": frozenset({"discarded"}),
        "discarded": frozenset(),
    }

    kind = models.CharField(max_length=24)
    number = models.CharField(max_length=60, blank=True, default="")
    title = models.CharField(max_length=200)
    subject = models.CharField(max_length=80, blank=True, default="")
    incident = models.ForeignKey("incidents.Incident", null=True, on_delete=models.PROTECT, related_name="+")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    #: Holds something of a restricted incident although it is about none alone: a log, a handover.
    is_restricted = models.BooleanField(default=False)
    period_from = models.DateTimeField(null=True)
    period_to = models.DateTimeField(null=True)
    content = models.CharField(max_length=64)
    template = models.ForeignKey(PaperTemplate, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=120)
    made_by_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    signed_at = models.DateTimeField(null=True)
    signed_by = models.CharField(max_length=120, blank=True, default="")
    signed_by_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    #: Of the files as they were made the first time; "" until then, and for a PDF where no Chinese font was found.
    docx_sha256 = models.CharField(max_length=64, blank=True, default="")
    pdf_sha256 = models.CharField(max_length=64, blank=True, default="")
    why = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-made_at", "-id"], name="paper_latest"),
            models.Index(fields=["kind", "-made_at"], name="paper_kind"),
            models.Index(fields=["subject"], name="paper_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}".strip()

    def journal_path(self) -> str:
        return self.division.path


class BriefSchedule(Leased, Journaled):
    """When a paper is drafted by itself each day. It rings nobody; `next_at` is null while it is switched off."""

    journal_type: ClassVar[str] = "brief_schedule"
    journal_fields: ClassVar[tuple[str, ...]] = ("division", "kind", "hour", "minute", "next_at")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=24)
    hour = models.PositiveSmallIntegerField()
    minute = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["division", "kind", "exercise_id"], name="brief_schedule_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], name="brief_due", condition=models.Q(next_at__isnull=False))
        ]

    def journal_path(self) -> str:
        return self.division.path
