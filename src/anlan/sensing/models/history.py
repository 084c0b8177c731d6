"""Which closed days are read from Parquet."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Advancing


class SegmentState(models.TextChoices):
    CURRENT = "current"
    REPLACED = "replaced"


class HistorySegment(Advancing):
    """One edition of a settled UTC day; the current one is what readers use instead of the hot files in `sources`.

    `files` are SHA-256 by file name and `sha256` the digest of that table; both are journaled, so that a changed segment is
    noticed. `digest` is the content's own, computed from the source before and from the Parquet after.
    """

    journal_type: ClassVar[str] = "history_segment"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "day",
        "edition",
        "rows",
        "superseded",
        "frames",
        "signals",
        "digest",
        "files",
        "sha256",
        "sources",
        "settled_at",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        SegmentState.CURRENT: frozenset({SegmentState.REPLACED}),
    }

    #: ISO date of the UTC day.
    day = models.CharField(max_length=10)
    edition = models.PositiveIntegerField(default=1)
    rows = models.PositiveBigIntegerField()
    superseded = models.PositiveBigIntegerField(default=0)
    frames = models.PositiveBigIntegerField(default=0)
    signals = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64)
    files = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64)
    sources = models.JSONField(default=list)
    settled_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["day", "edition"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["day", "edition"], name="history_segment_once"),
            models.UniqueConstraint(
                fields=["day"], name="history_segment_one_current", condition=models.Q(state="current")
            ),
        ]
