"""The matrix of sources (A-29): when each was last heard, how much came today, which one is silent."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
from django.conf import settings
from django.db.models import Count, Sum

from anlan.intake.access import desk_intakes
from anlan.intake.models import NilReport
from anlan.intake.types import SourceRow
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.kernel.refusals import BadSetting
from anlan.places.access import within
from anlan.vocab.incidents import Informant
from anlan.vocab.posts import Right


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`silent_after_h` null: nobody expects it to be heard regularly."""

    source: Informant
    silent_after_h: float | None


class SourceTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: str
    is_verified: bool
    sources: list[Limit]


def source_table() -> SourceTable:
    """The county's own `sources.json` in its data folder, else the package's."""
    own = Path(settings.ANLAN_DATA) / "sources.json"
    path = own if own.exists() else Path(__file__).parent / "data" / "sources.json"
    return _load(str(path), path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=8)
def _load(path: str, _stamp: int) -> SourceTable:
    try:
        return msgspec.convert(json.loads(Path(path).read_text(encoding="utf-8")), SourceTable)
    except (ValueError, msgspec.ValidationError) as error:
        raise BadSetting(
            name=path, why=str(error), example="the file intake/data/sources.json of the package"
        ) from error


def matrix(actor: Actor, *, at: datetime) -> list[SourceRow]:
    """One row a source, in the order of the table. One query for the day, two short ones a source."""
    exercise_id = clocks.default_exercise_id()
    midnight = at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    mine = desk_intakes(actor).filter(exercise_id=exercise_id)
    counted = mine.filter(received_at__gte=midnight).values("source").annotate(n=Count("pk")).order_by()
    today = {row["source"]: row["n"] for row in counted}
    nils = NilReport.objects.filter(
        within(actor, "division__path", Right.TAKE_REPORTS), exercise_id=exercise_id
    )
    rows = []
    for limit in source_table().sources:
        code = limit.source.value
        heard = _last(
            mine.filter(source=code).order_by("-received_at").values_list("received_at", flat=True)[:1]
        )
        nil = _last(
            nils.filter(source=code).order_by("-reported_at").values_list("reported_at", flat=True)[:1]
        )
        last = max((one for one in (heard, nil) if one is not None), default=None)
        is_silent = limit.silent_after_h is not None and (
            last is None or at - last > timedelta(hours=limit.silent_after_h)
        )
        rows.append(SourceRow(code, heard, nil, today.get(code, 0), is_silent, limit.silent_after_h))
    return rows


def _last(rows: Iterable[datetime]) -> datetime | None:
    return next(iter(rows), None)


def rewards(actor: Actor) -> tuple[Decimal, Decimal]:
    """Promised and paid for safety complaints (D-04)."""
    sums = desk_intakes(actor).filter(source=Informant.C12350, exercise_id=clocks.default_exercise_id())
    found = sums.aggregate(promised=Sum("reward_promised"), paid=Sum("reward_paid"))
    cents = Decimal("0.01")  # one database sums 500.00 to 500
    return (found["promised"] or Decimal(0)).quantize(cents), (found["paid"] or Decimal(0)).quantize(cents)
