"""Stock as depots say it; a newer report counts, nothing is taken back."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from decimal import Decimal

from anlan.kernel.actor import Actor
from anlan.resources.models import StockReport
from anlan.resources.refusals import BadQuantity, StockInTheFuture
from anlan.resources.services.checking import among, tidy_name
from anlan.resources.types import StockDetails
from anlan.vocab.skills import ITEMS

#: Clocks differ a little. Engineering choice.
SLACK = timedelta(minutes=2)
#: As the store keeps it, so that the journal says the same: 120 and 120.00 are two texts.
_PLACES = Decimal("0.01")


def report_stock(
    details: StockDetails, *, by: Actor, at: datetime, exercise_id: uuid.UUID | None = None
) -> StockReport:
    """Keep what a depot says it has. Raises `BadQuantity` below zero, `StockInTheFuture` for a later time."""
    zh, _en, unit = ITEMS[among(details.item, ITEMS)]
    if not details.quantity.is_finite() or details.quantity < 0:
        raise BadQuantity(name=zh, value=details.quantity)
    if details.as_of > at + SLACK:
        raise StockInTheFuture
    return StockReport(
        depot=tidy_name(details.depot),
        division=details.division,
        item=details.item,
        name=(details.name.strip() or zh)[:120],
        quantity=details.quantity.quantize(_PLACES),
        unit=(details.unit.strip() or unit)[:12],
        as_of=details.as_of,
        recorded_at=at,
        source=(details.source.strip() or by.name)[:120],
        exercise_id=exercise_id,
    ).record(by=by, at=at, kind="reported")
