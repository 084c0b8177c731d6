"""Broadcast logs (EBMBrdLog): which terminal received, plays, finished or failed which message. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

from anlan.dissemination.channels.loudspeaker.codes import codes
from anlan.dissemination.channels.loudspeaker.numbers import is_number
from anlan.dissemination.channels.loudspeaker.package import BadPackage, Package
from anlan.kernel.clock import SHANGHAI

ITEMS_MAX = 5_000
_STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


@dataclass(frozen=True, slots=True)
class BroadcastLog:
    """One line. `state` is received, playing, finished or failed; `volume` in percent where it is told; `at` aware, UTC."""

    number: str
    terminal: str
    state: str
    volume: int | None
    at: datetime | None


def read_log(package: Package) -> list[BroadcastLog]:
    """Every line that names a message of ours and a known state; raises `BadPackage` for too many."""
    items = package.root.findall("EBMBrdLog/EBMBrdItem")
    if len(items) > ITEMS_MAX:
        raise BadPackage("too_many_items")
    return [row for item in items if (row := _row(item)) is not None]


def words_of(row: BroadcastLog) -> str:
    """How a line is kept with the event that it became; `line_of` reads it again."""
    return f"{row.state} {row.terminal}"


def line_of(words: str, number: str, at: datetime) -> BroadcastLog | None:
    """The line of a kept event; None where the words are none of ours."""
    state, _, terminal = words.partition(" ")
    if state not in codes().terminal_states.values() or not terminal:
        return None
    return BroadcastLog(number, terminal, state, None, at)


def counts(rows: Iterable[BroadcastLog]) -> Counter[str]:
    """Terminals by state, the newest line of each terminal counting: what stands beside a village."""
    last = {(row.number, row.terminal): row.state for row in rows}
    return Counter(last.values())


def _row(item: etree._Element) -> BroadcastLog | None:
    def text(path: str) -> str:
        return (item.findtext(path) or "").strip()

    number = text("EBM/EBMID")
    state = codes().terminal_states.get(text("Terminal/BrdStateCode"))
    if not is_number(number) or state is None:
        return None
    volume = text("Terminal/Volume")
    return BroadcastLog(
        number,
        text("Terminal/EBRID")[:80],
        state,
        int(volume) if volume.isdigit() and int(volume) <= 100 else None,
        _time(text("Terminal/BrdTime")),
    )


def _time(text: str) -> datetime | None:
    """Without a zone it is Beijing time."""
    if not _STAMP.fullmatch(text):
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI).astimezone(UTC)
    except ValueError:
        return None
