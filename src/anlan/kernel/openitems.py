"""What a shift must hand over: every floor says what of its own is still open, and the handover sheet asks all of them.

A provider is registered in `apps.ready` of its app. It says what is open in a place at a moment; it never leaves out something
because it is old. An item is the same item from shift to shift by its `key`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from anlan.kernel.registry import Registry


@dataclass(frozen=True, slots=True)
class OpenItem:
    """One thing that is not done. `key` is "<subject>:<id>", the same as long as it is open; `path` is where it lies.

    `group` is the code of the provider. A restricted item shows its words only to those who may read restricted incidents.
    """

    key: str
    group: str
    title: str
    since: datetime
    path: str
    state_zh: str = ""
    state_en: str = ""
    due_at: datetime | None = None
    is_restricted: bool = False


#: (path of the room's division, moment, run) -> what is open there and below.
Provider = Callable[[str, datetime, uuid.UUID | None], Iterable[OpenItem]]


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of open thing; `zh` and `en` head its part of the sheet."""

    code: str
    zh: str
    en: str
    provide: Provider


_registry: Registry[Source] = Registry("source of open items", needs=("provide",))


def open_items(code: str, *, zh: str, en: str) -> Callable[[Provider], Provider]:
    """Register a provider; the sheet shows its items under the heading."""

    def keep(function: Provider) -> Provider:
        _registry.add(code, Source(code, zh, en, function))
        return function

    return keep


def sources() -> list[Source]:
    """Every registered source, in order of registration."""
    return _registry.values()
