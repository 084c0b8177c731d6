"""Risk notices and the rectification reports that answer them: numbered, paired, with a closing date (B-11, B-12)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Advancing, Journaled, Leased
from anlan.kernel.ids import uuid7


class NoticeState(models.TextChoices):
    DRAFT = "draft"
    ISSUED = "issued"
    ANSWERED = "answered"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class RiskNotice(Leased, Advancing):
    """A numbered notice of a risk to somebody who must act. `reply_due_at` is the next deadline while a report is owed."""

    journal_type: ClassVar[str] = "risk_notice"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "year",
        "serial",
        "number",
        "title",
        "body",
        "demands",
        "hazard_type",
        "level",
        "issuer",
        "division",
        "addressee",
        "addressee_place",
        "warning",
        "drafted_by",
        "drafted_by_person",
        "drafted_at",
        "signed_by",
        "signed_by_person",
        "issued_at",
        "reply_due_at",
        "reply_by",
        "overdue_at",
        "closed_at",
        "closed_by",
        "close_words",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "draft": frozenset({"issued", "withdrawn"}),
        "issued": frozenset({"answered", "closed"}),
        "answered": frozenset({"issued", "closed"}),
        "closed": frozenset(),
        "withdrawn": frozenset(),
    }

    year = models.PositiveIntegerField(null=True)
    serial = models.PositiveIntegerField(null=True)
    number = models.CharField(max_length=80, blank=True, default="")
    title = models.CharField(max_length=200)
    body = models.TextField()
    demands = models.TextField(blank=True, default="")
    hazard_type = models.CharField(max_length=24, blank=True, default="")
    level = models.PositiveSmallIntegerField(null=True)
    issuer = models.CharField(max_length=120)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    addressee = models.CharField(max_length=120)
    #: The township, village, site or enterprise that must act, where it has a place of its own.
    addressee_place = models.ForeignKey(
        "places.Division", null=True, on_delete=models.PROTECT, related_name="+"
    )
    warning = models.ForeignKey("HazardWarning", null=True, on_delete=models.PROTECT, related_name="notices")
    drafted_by = models.CharField(max_length=120)
    drafted_by_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    drafted_at = models.DateTimeField()
    signed_by = models.CharField(max_length=120, blank=True, default="")
    signed_by_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    issued_at = models.DateTimeField(null=True)
    #: The day by which the report is asked for; stays when it is over.
    reply_by = models.DateTimeField(null=True)
    reply_due_at = models.DateTimeField(null=True)
    overdue_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=120, blank=True, default="")
    close_words = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["division", "year", "serial"],
                condition=models.Q(serial__isnull=False),
                name="risk_notice_number",
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["reply_due_at"],
                name="risk_notice_due",
                condition=models.Q(reply_due_at__isnull=False),
            )
        ]

    def journal_path(self) -> str:
        return self.division.path


class RectificationReport(Journaled):
    """The report back: what was done. A returned one names why, and a newer one follows."""

    journal_type: ClassVar[str] = "rectification_report"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "notice",
        "number",
        "body",
        "finished_on",
        "reported_by",
        "reported_by_person",
        "reported_at",
        "attachment_ids",
        "verdict",
        "verdict_words",
        "verdict_by",
        "verdict_at",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    notice = models.ForeignKey(RiskNotice, on_delete=models.PROTECT, related_name="reports")
    number = models.CharField(max_length=80)
    body = models.TextField()
    finished_on = models.DateField(null=True)
    reported_by = models.CharField(max_length=120)
    reported_by_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    reported_at = models.DateTimeField()
    attachment_ids = models.JSONField(default=list, blank=True)
    #: "" while nobody looked, "accepted" or "returned".
    verdict = models.CharField(max_length=10, blank=True, default="")
    verdict_words = models.CharField(max_length=300, blank=True, default="")
    verdict_by = models.CharField(max_length=120, blank=True, default="")
    verdict_at = models.DateTimeField(null=True)

    def journal_path(self) -> str:
        return self.notice.division.path
