"""The form of a new data call, read without scripts: rows of figures of the register or new ones."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict

from anlan.datacalls.models import FigureKind
from anlan.datacalls.pages import as_id
from anlan.datacalls.refusals import BadDefinition, BadRepeat, DueInThePast
from anlan.datacalls.services.asking import MOST_FIGURES
from anlan.datacalls.types import CallDetails, FigureDetails
from anlan.incidents.refusals import Words
from anlan.kernel.clock import SHANGHAI
from anlan.kernel.refusals import NotFound
from anlan.places.models import Division

ROWS, MORE = 4, 4
_SPLIT = re.compile(r"[、,，;；\s]+")
_PARTS = ("reg", "name", "unit", "kind", "choices", "min", "max", "valid")


def shown_rows(given: QueryDict) -> int:
    """How many rows of figures the page has; "more" adds some."""
    text = given.get("rows", "")
    count = int(text) if text.isdecimal() and len(text) < 3 else ROWS
    if given.get("verb") == "more":
        count += MORE
    return max(ROWS, min(count, MOST_FIGURES))


def row_values(given: QueryDict | dict[str, str], count: int) -> list[dict[str, Any]]:
    """What stands in each row, to be shown again."""
    return [{"n": n, **{part: _text(given, f"{part}-{n}") for part in _PARTS}} for n in range(count)]


def _text(given: QueryDict | dict[str, str], name: str) -> str:
    """What was typed; a NUL, which one of the databases cannot keep, is left out."""
    return str(given.get(name, "")).replace("\x00", "")


def read_call(given: QueryDict, *, asker: Division, places: dict[str, list[Division]]) -> CallDetails:
    """The details. Raises the refusals of data calls; `places` are what may be chosen."""
    allowed = {place.code for rows in places.values() for place in rows}
    chosen = [code for code in given.getlist("target") if code in allowed]
    for name, rows in places.items():
        if given.get(f"all-{name}"):
            chosen += [place.code for place in rows]
    due_at = moment(given.get("due_at", ""))
    if due_at is None:
        raise DueInThePast
    hours = given.get("repeat_hours", "").strip()
    if hours and not (hours.isdecimal() and len(hours) < 4):
        raise BadRepeat
    return CallDetails(
        title=_text(given, "title"),
        division=asker,
        figures=tuple(_figures(given)),
        targets=tuple(dict.fromkeys(chosen)),
        due_at=due_at,
        words=_text(given, "words"),
        allows_nil=bool(given.get("allows_nil")),
        repeat_every_hours=int(hours) if hours and int(hours) else None,
        repeat_until=moment(given.get("repeat_until", "")),
    )


def moment(text: str) -> datetime | None:
    """A local time as a browser's field gives it."""
    try:
        return datetime.fromisoformat(text.strip()[:19]).replace(tzinfo=SHANGHAI).astimezone(UTC)
    except ValueError:
        return None
    except OverflowError:
        return None


def _figures(given: QueryDict) -> list[uuid.UUID | FigureDetails]:
    found: list[uuid.UUID | FigureDetails] = []
    for row in row_values(given, MOST_FIGURES):
        known = as_id(row["reg"]) if row["reg"] else None
        if row["reg"] and known is None:
            raise NotFound
        if known is not None:
            found.append(known)
        elif row["name"].strip():
            found.append(_new_figure(row))
    return found


def _new_figure(row: dict[str, Any]) -> FigureDetails:
    name, kind = row["name"].strip(), row["kind"] or FigureKind.INTEGER.value
    valid = row["valid"].strip() or "120"
    if not (valid.isdecimal() and len(valid) < 6):
        raise BadDefinition(
            name=name[:60], why=Words("有效分钟数不是整数", "its minutes are no whole number")
        )
    return FigureDetails(
        name=name,
        kind=kind,
        unit=row["unit"].strip(),
        choices=tuple(one for one in _SPLIT.split(row["choices"].strip()) if one)
        if kind == FigureKind.CHOICE
        else (),
        minimum=_bound(name, row["min"]),
        maximum=_bound(name, row["max"]),
        valid_for_min=int(valid),
    )


def _bound(name: str, text: str) -> Decimal | None:
    if not text.strip():
        return None
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= 10**12:
        raise BadDefinition(name=name[:60], why=Words("最小、最大值要填数", "its least and most are numbers"))
    return number.quantize(Decimal("0.001"))
