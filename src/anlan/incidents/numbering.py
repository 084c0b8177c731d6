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


def next_numbers(series: str, at: datetime, count: int, *, form: str = "{year}-{serial:04d}") -> list[str]:
    """So many numbers in a row, with the statements of one."""
    year = at.astimezone(SHANGHAI).year
    last = next_serial(f"{series}:{year}", step=count)
    return [form.format(year=year, serial=serial) for serial in range(last - count + 1, last + 1)]


def next_serial(series: str, *, step: int = 1) -> int:
    """Count up, also when two processes begin the series in the same moment; the last of the `step` numbers taken."""
    if not NumberCounter.objects.filter(pk=series).update(value=F("value") + step):
        try:
            with transaction.atomic():
                NumberCounter.objects.create(series=series, value=step)
        except IntegrityError:
            NumberCounter.objects.filter(pk=series).update(value=F("value") + step)
    return NumberCounter.objects.values_list("value", flat=True).get(pk=series)
