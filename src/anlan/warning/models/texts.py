"""Texts as rows: the library that a county edits by version, and the texts of one warning in further languages."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Advancing, Journaled
from anlan.kernel.ids import uuid7


class TextForm(models.TextChoices):
    """What a text is for. `plain` is the message itself; the other forms follow from it by rule unless a row says otherwise."""

    PLAIN = "plain"
    SMS = "sms"
    LOUDSPEAKER = "loudspeaker"
    ACTION = "action"


class TextState(models.TextChoices):
    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    RETIRED = "retired"
    REJECTED = "rejected"


class ActionText(Advancing):
    """One text of the library: hazard × level × audience × language × form, with version and source.

    `hazard_type` is a code or "*", `level` 1 red … 4 blue, `audience` a code of `warning.texts.AUDIENCES`. At most one row of
    a key is in force; without one the package's own text holds. Whoever proposed a text does not approve it.
    """

    journal_type: ClassVar[str] = "action_text"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "hazard_type",
        "level",
        "audience",
        "language",
        "form",
        "text",
        "text_version",
        "source",
        "is_verified",
        "division",
        "proposed_by",
        "proposed_by_person",
        "proposed_at",
        "decided_by",
        "decided_by_person",
        "decided_at",
        "reason",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "proposed": frozenset({"in_force", "rejected"}),
        "in_force": frozenset({"retired"}),
        "retired": frozenset(),
        "rejected": frozenset(),
    }

    hazard_type = models.CharField(max_length=24)
    level = models.PositiveSmallIntegerField()
    audience = models.CharField(max_length=20)
    language = models.CharField(max_length=12, default="zh")
    form = models.CharField(max_length=12, choices=TextForm.choices)
    text = models.TextField()
    text_version = models.PositiveIntegerField()
    source = models.CharField(max_length=200)
    is_verified = models.BooleanField(default=False)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    proposed_by = models.CharField(max_length=120)
    proposed_by_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=120, blank=True, default="")
    decided_by_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["hazard_type", "level", "audience", "language", "form"],
                condition=models.Q(state="in_force"),
                name="one_action_text_in_force",
            ),
            models.UniqueConstraint(
                fields=["hazard_type", "level", "audience", "language", "form", "text_version"],
                name="action_text_version",
            ),
        ]

    def journal_path(self) -> str:
        return self.division.path


class WarningText(Journaled):
    """What one warning says in one language to one audience. The Chinese text for posts stands on the warning itself.

    A language that nobody wrote has no row: nothing is translated by a machine. A changed wording is a newer version of the row.
    """

    journal_type: ClassVar[str] = "warning_text"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "warning",
        "language",
        "audience",
        "headline",
        "body",
        "recommended_action",
        "voice_text",
        "plain_text",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    warning = models.ForeignKey("warning.HazardWarning", on_delete=models.PROTECT, related_name="texts")
    language = models.CharField(max_length=12)
    audience = models.CharField(max_length=20)
    headline = models.CharField(max_length=200)
    body = models.TextField(blank=True, default="")
    recommended_action = models.TextField(blank=True, default="")
    voice_text = models.TextField(blank=True, default="")
    plain_text = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["warning", "language", "audience"], name="warning_text_once")
        ]

    def journal_path(self) -> str:
        return self.warning.division.path
