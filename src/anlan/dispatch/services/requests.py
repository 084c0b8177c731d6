"""Requests for supplies: asked, approved, sent, received, with the quantity of each step beside the one before."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from anlan.dispatch.jobparameters import team_table
from anlan.dispatch.jobwords import REQUEST_STATES
from anlan.dispatch.models import SupplyLine, SupplyRequest
from anlan.dispatch.refusals_teams import (
    BadAmount,
    JobWhyMissing,
    MoreThanBefore,
    NothingAsked,
    NothingSent,
    RequestMoved,
)
from anlan.dispatch.services.jobtelling import chase_receipt, tell_request
from anlan.dispatch.services.teams import check_incident
from anlan.incidents.models import Incident
from anlan.incidents.numbering import next_number
from anlan.incidents.refusals import Words
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.vocab.skills import ITEMS

#: A quantity has so many digits before the point at most.
MOST = Decimal(10) ** 9
MOST_LINES = 40


@dataclass(frozen=True, slots=True)
class Wanted:
    """One line: an item of `vocab.skills` or a name and unit of one's own, and how many."""

    quantity: Decimal
    item: str = ""
    name: str = ""
    unit: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Amount:
    """What one step says of a line; `why` where it is more than the step before."""

    quantity: Decimal
    why: str = ""


Amounts = Mapping[uuid.UUID, Amount]


def ask_supplies(
    *,
    incident: Incident,
    lines: Sequence[Wanted],
    division: Division,
    why: str = "",
    place_words: str = "",
    needed_by: datetime | None = None,
    by: Actor,
    by_name: str,
    at: datetime,
    scene_id: uuid.UUID | None = None,
) -> SupplyRequest:
    """Ask for things at a place. Whoever sends supplies must approve it within the limit of the table."""
    check_incident(incident)
    wanted = [line for line in lines if line.quantity != 0 or line.item or line.name.strip()]
    if not wanted or len(wanted) > MOST_LINES:
        raise NothingAsked
    made = [_line(one) for one in wanted]
    row = SupplyRequest(
        state="asked",
        number=next_number("supply_request", at, form="资{year}-{serial:04d}"),
        incident=incident,
        scene_id=scene_id,
        division=division,
        place_words=place_words.strip()[:160],
        why=why.strip()[:300],
        asked_by=by.ref,
        asked_by_name=by_name.strip()[:60],
        asked_at=at,
        needed_by=needed_by,
        rise_at=at + team_table().minutes("approve_within_min"),
        exercise_id=incident.exercise_id,
    ).record(by=by, at=at, kind="asked")
    for line in made:
        line.request, line.exercise_id = row, row.exercise_id
    record_all(made, by=by, at=at, kind="asked")
    tell_request(row, "asked", at)
    return row


def approve_request(
    row: SupplyRequest, amounts: Amounts, *, by: Actor, by_name: str, at: datetime
) -> SupplyRequest:
    """Grant it, in the quantities given; a line that is not named is granted as asked. More than asked needs the reason."""
    _may(row, "approved")
    lines = _lines(row)
    _set(lines, "approved", "asked", amounts, by=by, at=at)
    rise_at = at + team_table().minutes("send_within_min")
    if row.needed_by is not None:
        rise_at = max(at, min(rise_at, row.needed_by))
    row.advance(
        "approved", by=by, at=at, approved_at=at, approved_by=by.ref, approved_by_name=by_name.strip()[:60],
        rise_at=rise_at, risen=0,
    )  # fmt: skip
    tell_request(row, "approved", at)
    return row


def refuse_request(row: SupplyRequest, *, why: str, by: Actor, by_name: str, at: datetime) -> SupplyRequest:
    """Not granted, with the reason; it may be asked again."""
    _may(row, "refused")
    row.advance(
        "refused", by=by, at=at, refused_why=_reason(why), approved_by=by.ref, approved_by_name=by_name.strip()[:60],
        rise_at=None,
    )  # fmt: skip
    tell_request(row, "refused", at)
    return row


def ask_again(row: SupplyRequest, *, why: str, by: Actor, at: datetime) -> SupplyRequest:
    """Ask a refused one once more, with a better reason."""
    _may(row, "asked")
    row.advance(
        "asked",
        by=by,
        at=at,
        why=_reason(why),
        rise_at=at + team_table().minutes("approve_within_min"),
        risen=0,
    )
    tell_request(row, "asked", at)
    return row


def cancel_request(row: SupplyRequest, *, why: str, by: Actor, at: datetime) -> SupplyRequest:
    """It is not needed any more, and nothing has gone out."""
    _may(row, "cancelled")
    row.advance("cancelled", by=by, at=at, refused_why=_reason(why), rise_at=None)
    tell_request(row, "cancelled", at)
    return row


def send_supplies(
    row: SupplyRequest,
    amounts: Amounts,
    *,
    from_words: str = "",
    by: Actor,
    by_name: str,
    at: datetime,
    sent_at: datetime | None = None,
) -> SupplyRequest:
    """What goes out now. Sent in parts, the quantities add up; together more than approved needs the reason."""
    _may(row, "sent")
    lines = _lines(row)
    if not any(one.quantity > 0 for one in amounts.values()):
        raise NothingSent
    _set(lines, "sent", "approved", amounts, by=by, at=at, adds_up=True)
    row.advance(
        "sent", by=by, at=at, sent_at=min(sent_at or at, at), sent_by_name=by_name.strip()[:60],
        from_words=from_words.strip()[:160] or row.from_words, rise_at=at + team_table().minutes("receive_within_min"),
        risen=0,
    )  # fmt: skip
    tell_request(row, "sent", at)
    return row


def receive_supplies(
    row: SupplyRequest,
    amounts: Amounts,
    *,
    by: Actor,
    by_name: str,
    at: datetime,
    received_at: datetime | None = None,
) -> SupplyRequest:
    """What came, counted where it came. More than was sent needs the reason; less shows as missing on the page."""
    _may(row, "received")
    _set(_lines(row), "received", "sent", amounts, by=by, at=at)
    row.advance(
        "received", by=by, at=at, received_at=min(received_at or at, at), received_by_name=by_name.strip()[:60],
        rise_at=None,
    )  # fmt: skip
    tell_request(row, "received", at)
    return row


def mark_request_late(row: SupplyRequest, *, by: Actor, at: datetime) -> SupplyRequest:
    """Nobody took the next step in time. What is on the way is asked after where it should have come."""
    table = team_table()
    risen = row.risen + 1
    rise_at = at + table.minutes("again_min") if risen < table.most_rises else None
    row.change(by=by, at=at, kind="late", risen=risen, rise_at=rise_at)
    if row.state == "sent":
        chase_receipt(row, by=by, at=at)
    tell_request(row, "late", at)
    return row


def _line(one: Wanted) -> SupplyLine:
    zh, _en, unit = ITEMS.get(one.item, ("", "", ""))
    name = one.name.strip()[:120] or zh
    if not name:
        raise NothingAsked
    if one.quantity <= 0:
        raise BadAmount(name=name, value=one.quantity)
    return SupplyLine(
        item=one.item if one.item in ITEMS else "",
        name=name,
        unit=(one.unit.strip() or unit or "件")[:12],
        asked=_sound(name, one.quantity),
        note=one.note.strip()[:200],
    )


def _lines(row: SupplyRequest) -> list[SupplyLine]:
    return list(row.lines.select_related("request__incident__division").order_by("id"))


def _set(
    lines: list[SupplyLine],
    step: str,
    before: str,
    amounts: Amounts,
    *,
    by: Actor,
    at: datetime,
    adds_up: bool = False,
) -> None:
    """Check every line, then write all of them: nothing is half written when one is refused."""
    found = []
    for line in lines:
        former = getattr(line, before) or Decimal(0)
        already = (getattr(line, step) or Decimal(0)) if adds_up else Decimal(0)
        given = amounts.get(line.pk, Amount(Decimal(0) if adds_up else former))
        value = already + _sound(line.name, given.quantity)
        if value > former and not given.why.strip():
            raise MoreThanBefore(name=line.name, value=_plain(value), former=_plain(former))
        found.append((line, value, given.why.strip()))
    for line, value, why in found:
        note = "；".join(part for part in (line.note, why) if part)[:200]
        fields: dict[str, Any] = {step: value, "note": note}
        line.change(by=by, at=at, kind=step, fields=fields)


def _sound(name: str, value: Decimal) -> Decimal:
    if not value.is_finite() or value < 0 or value >= MOST:
        raise BadAmount(name=name, value=value)
    return value.quantize(Decimal("0.01"))


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _reason(why: str) -> str:
    if not why.strip():
        raise JobWhyMissing
    return why.strip()[:300]


def _may(row: SupplyRequest, to: str) -> None:
    if to not in row.transitions[row.state]:
        raise RequestMoved(
            number=row.number, old=Words(*REQUEST_STATES[row.state]), new=Words(*REQUEST_STATES[to])
        )
