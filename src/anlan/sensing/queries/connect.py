"""How connectors and receivers stand, as the gateway told last, and what a sample would give."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from django.conf import settings

from anlan.drivers.jsonmap import BadDocument, RefusedRow, map_document, open_document, parse_mapping
from anlan.drivers.types import Happening
from anlan.kernel.clock import parse_instant
from anlan.sensing.hot.place import place_of_readings
from anlan.sensing.models import Connector, Station
from anlan.vocab.quantities import Quantity, quantity_of

#: Proposals that a page shows at once.
SHOWN = 100


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One reading that a sample would give. `known` is False where no such station is registered."""

    station: str
    quantity: str
    meaning: Quantity
    phenomenon_time: datetime
    value: Decimal | None
    is_known: bool


@dataclass(frozen=True, slots=True)
class Sample:
    readings: tuple[SampleRow, ...]
    happenings: tuple[Happening, ...]
    refused: tuple[RefusedRow, ...]


def states() -> dict[str, Any]:
    """What the gateway wrote last, by group and name; `at` says when. `{}` before its first start."""
    found: dict[str, Any] = {}
    for path in place_of_readings().run_files(settings.ANLAN_DATA, "connect"):
        try:
            told = json.loads(path.read_bytes())
        except (OSError, ValueError):
            continue
        if isinstance(told, dict):
            found = _joined(found, told) if found else told
    return found


def _joined(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Two gateways' word: a receiver is up when both reach it, a connector as the first says, counts are added."""
    joined: dict[str, Any] = {"at": min(one["at"], other["at"])}
    for group in ("connectors", "receivers"):
        book = dict(one.get(group, {}))
        for name, state in other.get(group, {}).items():
            book[name] = _both(book[name], state) if name in book else state
        joined[group] = book
    return joined


def _both(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    both = dict(one)
    is_same_day = one["day"] == other["day"] or not other["day"]
    for name in ("messages", "rows", "duplicates", "not_stored"):
        both[name] = one[name] + other[name] if is_same_day else max(one, other, key=lambda s: s["day"])[name]
    both["day"] = max(one["day"], other["day"])
    both["backlog"] = one["backlog"] + other["backlog"]
    both["backlog_since"] = min(filter(None, (one["backlog_since"], other["backlog_since"])), default="")
    both["last_message"] = max(one["last_message"], other["last_message"])
    both["is_up"] = one["is_up"] and other["is_up"]
    both["problem"] = one["problem"] or other["problem"]
    both["refused"] = dict(Counter(one["refused"]) + Counter(other["refused"]))
    both["newest_refused"] = [*one["newest_refused"], *other["newest_refused"]]
    return both


def told_at(found: dict[str, Any]) -> datetime | None:
    return parse_instant(found["at"]) if found.get("at") else None


def try_sample(mapping: str, text: str, *, topic: str, at: datetime) -> Sample:
    """The readings that a document would give, stored nowhere. Raises BadMapping.

    Keys are on the machine of the gateway only: of an encrypted document the opened text is pasted, field and all.
    """
    parsed = msgspec.structs.replace(parse_mapping(mapping), sealed=None)
    try:
        document = open_document(parsed, text.encode())
    except BadDocument as bad:
        return Sample((), (), (RefusedRow("$", bad.code, str(bad)),))
    found = map_document(parsed, document, arrival=at, topic=topic)
    codes = {reading.station for reading in found.readings}
    known = set(Station.objects.filter(code__in=codes).values_list("code", flat=True))
    known |= set(Station.objects.filter(address__in=codes).values_list("address", flat=True))
    rows = tuple(
        SampleRow(
            r.station, r.quantity, quantity_of(r.quantity), r.phenomenon_time, r.value, r.station in known
        )
        for r in found.readings
    )
    return Sample(rows, tuple(found.happenings), tuple(found.refused))


def proposals(connector: Connector) -> list[dict[str, str]]:
    """Stations that the other side's register has and ours has not, by code."""
    path = settings.ANLAN_DATA / "hot" / "pull.db"
    if not path.exists():
        return []
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as link:
        rows = link.execute(
            "SELECT fields FROM proposal WHERE connector=? ORDER BY code", (connector.name,)
        ).fetchall()
    found: list[dict[str, str]] = [json.loads(row[0]) for row in rows]
    codes = Station.objects.filter(code__in=[one["code"] for one in found]).values_list("code", flat=True)
    ours = set(codes)
    return [one for one in found if one["code"] not in ours]
