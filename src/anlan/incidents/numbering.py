"""Serial numbers of a series and year, without gaps or repeats on one node."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from anlan.incidents.models import NumberCounter
from anlan.kernel.clock import SHANGHAI


def next_number(series: str, at: datetime, *, form: str = "{year}-{serial:04d}") -> str:
    """The next number of the series in the local year of `at`; rolled back together with what it was for."""
    year = at.astimezone(SHANGHAI).year
    return form.format(year=year, serial=next_serial(f"{series}:{year}"))


def next_serial(series: str) -> int:
    """Count one up, also when two processes begin the series in the same moment."""
    if not NumberCounter.objects.filter(pk=series).update(value=F("value") + 1):
        try:
            with transaction.atomic():
                NumberCounter.objects.create(series=series, value=1)
        except IntegrityError:
            NumberCounter.objects.filter(pk=series).update(value=F("value") + 1)
    return NumberCounter.objects.values_list("value", flat=True).get(pk=series)
