"""The rows of assessment: bulletins. Live scores are computed and never stored."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Advancing


class BulletinState(models.TextChoices):
    DRAFT = "draft"
    SIGNED = "signed"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class ScoreBulletin(Advancing):
    """通报: the scores of one period as they stood when it was drafted, with a text that people may change until it is signed.

    `lines` are the places in order, each with its marks and deductions as {"code", "name", …, "deductions": […]};
    `struck` are deductions that do not count, "place/rule/subject" to the reason.
    """

    journal_type: ClassVar[str] = "score_bulletin"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "number",
        "title",
        "division",
        "period",
        "period_from",
        "period_to",
        "rule_version",
        "rules_verified",
        "lines",
        "struck",
        "text",
        "drafted_at",
        "drafted_by",
        "drafted_by_person",
        "signed_at",
        "signed_by",
        "signed_name",
        "published_at",
        "published_by",
        "withdrawn_why",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "draft": frozenset({"signed", "withdrawn"}),
        "signed": frozenset({"published", "draft", "withdrawn"}),
        "published": frozenset({"withdrawn"}),
        "withdrawn": frozenset(),
    }

    number = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=120)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    period = models.CharField(max_length=32)
    period_from = models.DateTimeField()
    period_to = models.DateTimeField()
    rule_version = models.CharField(max_length=20)
    rules_verified = models.BooleanField(default=False)
    lines = models.JSONField(default=list)
    struck = models.JSONField(default=dict)
    text = models.TextField()
    drafted_at = models.DateTimeField()
    drafted_by = models.CharField(max_length=120)
    drafted_by_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    signed_at = models.DateTimeField(null=True)
    signed_by = models.CharField(max_length=120, blank=True, default="")
    signed_name = models.CharField(max_length=60, blank=True, default="")
    published_at = models.DateTimeField(null=True)
    published_by = models.CharField(max_length=120, blank=True, default="")
    withdrawn_why = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-drafted_at", "-id"], name="bulletin_latest")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def journal_path(self) -> str:
        return self.division.path
