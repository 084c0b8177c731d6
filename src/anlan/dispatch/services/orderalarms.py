"""What rings at the county's desk about orders: late ones, those that could not be done, those that reached nobody.

One alarm for each addressee of an incident, not one for each order.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from anlan.dispatch.models import Instruction
from anlan.dispatch.services.ordertelling import name_of, subject_of
from anlan.duty.parameters import alarms
from anlan.duty.services import clear_subject, raise_alarm
from anlan.kernel.actor import Actor
from anlan.places.queries import county

OPEN = ("issued", "acknowledged", "started")


def late(at: datetime) -> Q:
    """Not acknowledged, or not finished, in time."""
    return Q(state="issued", acknowledge_by__lte=at) | Q(state__in=OPEN, due_at__lte=at)


def ring_late(rows: Sequence[Instruction], *, by: Actor, at: datetime) -> None:
    """Late orders of one addressee."""
    _ring("order_late", rows[0], _said(rows), by=by, at=at)


def ring_could_not(row: Instruction, *, by: Actor, at: datetime) -> None:
    _ring("order_could_not", row, f"{_said([row])}：{row.result}"[:200], by=by, at=at)


def ring_unreached(rows: Sequence[Instruction], *, by: Actor, at: datetime) -> None:
    for row in rows:
        _ring("order_unreached", row, _said([row]), by=by, at=at)


def settle(row: Instruction, *, by: Actor, at: datetime) -> None:
    """What rings about this addressee stops once none of its orders is late any more."""
    same = Instruction.objects.filter(token_digest=row.token_digest)
    if not same.filter(late(at)).exists():
        clear_subject(_subject(row), reason="已处理", by=by, at=at, kinds=["order_late", "order_unreached"])
    if not same.filter(state="could_not").exists():
        clear_subject(_subject(row), reason="已处理", by=by, at=at, kinds=["order_could_not"])


def _subject(row: Instruction) -> str:
    return subject_of(row)[:80]


def _said(rows: Sequence[Instruction]) -> str:
    first = rows[0]
    more = "" if len(rows) == 1 else f"（{len(rows)}）"
    return f"{name_of(first)} {first.number} {first.title}{more}"


def _ring(kind: str, row: Instruction, what: str, *, by: Actor, at: datetime) -> None:
    face = alarms().of(kind)
    raise_alarm(
        kind,
        subject=_subject(row),
        text_zh=face.zh.format(what=what)[:300],
        text_en=face.en.format(what=what)[:300],
        level=None,
        division=county() or row.incident.division,
        by=by,
        at=at,
        exercise_id=row.exercise_id,
        cause=f"instruction:{row.pk}",
    )
