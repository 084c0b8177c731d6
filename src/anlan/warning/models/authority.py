"""Who may issue what, as the county corrected it: one row a hazard (or group of signals) and level."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Advancing


class IssuingRight(Advancing):
    """`hazard` is a hazard type, an event code, the first letters of a group of codes ("11B"), or "*".

    `tier` is county, city, province or country: the lowest tier that issues it. Of several rows the longest `hazard` that fits
    wins; without a row the package's table holds. Whoever proposed a row does not approve it.
    """

    journal_type: ClassVar[str] = "issuing_right"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "hazard",
        "level",
        "tier",
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

    hazard = models.CharField(max_length=24)
    level = models.PositiveSmallIntegerField()
    tier = models.CharField(max_length=12)
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
                fields=["hazard", "level"],
                condition=models.Q(state="in_force"),
                name="one_issuing_right_in_force",
            )
        ]

    def journal_path(self) -> str:
        return self.division.path
