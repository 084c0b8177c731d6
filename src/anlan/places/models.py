"""Administrative divisions with an explicit parent, and the local places below a village."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Journaled
from anlan.vocab.divisions import LABELS, DivisionLevel


class Division(Journaled):
    """A county, township, village, hamlet, group, grid or enterprise.

    `code` has 12 digits down to the village (R27) and a local suffix below it. `path` lists the codes from the top down,
    joined by "/", and is what jurisdictions compare; it follows `parent`, never the digits of the code.
    `geometry` is a GeoJSON geometry in WGS84/CGCS2000 or empty; `lon`, `lat` are a point to show where there is none.
    """

    journal_type: ClassVar[str] = "division"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "name",
        "level",
        "parent",
        "path",
        "lon",
        "lat",
        "households",
        "population",
        "valid_from",
        "valid_to",
        "geometry",
        "trade",
    )

    code = models.CharField(max_length=24, primary_key=True)
    name = models.CharField(max_length=80)
    level = models.CharField(
        max_length=16, choices=[(level.value, LABELS[level][1]) for level in DivisionLevel]
    )
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    path = models.CharField(max_length=200, db_index=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    min_lon = models.FloatField(null=True)
    min_lat = models.FloatField(null=True)
    max_lon = models.FloatField(null=True)
    max_lat = models.FloatField(null=True)
    geometry = models.TextField(blank=True, default="")
    households = models.IntegerField(null=True)
    population = models.IntegerField(null=True)
    #: Of an enterprise: a code of `vocab.trades`.
    trade = models.CharField(max_length=20, blank=True, default="")
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)

    class Meta:
        ordering: ClassVar = ["code"]
        indexes: ClassVar = [models.Index(fields=["level"], name="division_level")]

    def __str__(self) -> str:
        return self.name

    def journal_path(self) -> str:
        return self.path
