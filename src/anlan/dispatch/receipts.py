"""What became of the messages that carried orders: shown beside each order, never stronger than the channel proved."""

from __future__ import annotations

from collections.abc import Iterable

from anlan.dispatch.models import Instruction
from anlan.dispatch.services.ordertelling import subject_of
from anlan.dispatch.types import Told
from anlan.dissemination.models import Delivery

#: The strongest proof first.
_RANK = ("read", "delivered", "sent", "handing", "queued", "failed", "refused", "cancelled")


def receipts_of(row: Instruction) -> list[Told]:
    """Messages to the addressee since the order went out, the oldest first."""
    return _since(row, _told([subject_of(row)]).get(subject_of(row), []))


def best_of(rows: Iterable[Instruction]) -> dict[str, str]:
    """For each order (by id as text) the strongest state of its messages; "" where none was made. One query."""
    listed = [row for row in rows if row.state != "waiting"]
    told = _told({subject_of(row) for row in listed}) if listed else {}
    return {str(row.pk): _best(_since(row, told.get(subject_of(row), []))) for row in listed}


def _best(told: list[Told]) -> str:
    return min((one.state for one in told), key=_RANK.index, default="")


def _since(row: Instruction, told: list[Told]) -> list[Told]:
    if row.issued_at is None:
        return []
    return [one for one in told if one.handed_at is None or one.handed_at >= row.issued_at]


def _told(subjects: Iterable[str]) -> dict[str, list[Told]]:
    found: dict[str, list[Told]] = {}
    rows = Delivery.objects.filter(subject__in=list(subjects)).select_related("person").order_by("id")
    for row in rows:
        who = "" if row.person is None else row.person.name
        found.setdefault(row.subject, []).append(
            Told(
                row.channel, row.state, who, row.handed_at, row.delivered_at, row.read_at, row.may_be_repeated
            )
        )
    return found
