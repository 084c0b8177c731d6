"""Kinds of alarms as data: wording, whether they sound, and when the leader is called.

The package's table is `data/alarms.json`; a county replaces it by `alarms.json` in its data folder.
"""

from __future__ import annotations

import functools
import json
from datetime import timedelta
from pathlib import Path

import msgspec
from django.conf import settings

from anlan.kernel.refusals import BadSetting
from anlan.vocab.posts import PostKind


class AlarmKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`leader_after_s` is null for alarms that never call anybody. `sounds` is false for what is only shown."""

    kind: str
    zh: str
    en: str
    sounds: bool
    leader_after_s: int | None

    @property
    def leader_after(self) -> timedelta | None:
        return None if self.leader_after_s is None else timedelta(seconds=self.leader_after_s)


class AlarmTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`leader_line` are the posts that are called, in order; calls within `join_within_s` seconds are one call."""

    version: str
    source: str
    is_verified: bool
    leader_line: list[PostKind]
    join_within_s: int
    kinds: list[AlarmKind]

    @property
    def join_within(self) -> timedelta:
        return timedelta(seconds=self.join_within_s)

    def of(self, kind: str) -> AlarmKind:
        """The description of a kind. A county's own table may be older than a kind: then the package's row serves.

        A kind that nobody describes raises KeyError, for kinds are named in code.
        """
        found = {row.kind: row for row in self.kinds}.get(kind)
        return found if found is not None else {row.kind: row for row in _of_the_package().kinds}[kind]

    def silent_kinds(self) -> list[str]:
        return [row.kind for row in self.kinds if not row.sounds]


def alarms() -> AlarmTable:
    """The table that applies here."""
    own = Path(settings.ANLAN_DATA) / "alarms.json"
    path = own if own.exists() else Path(__file__).parent / "data" / "alarms.json"
    return _load(str(path), path.stat().st_mtime_ns)


def _of_the_package() -> AlarmTable:
    path = Path(__file__).parent / "data" / "alarms.json"
    return _load(str(path), path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=8)
def _load(path: str, _stamp: int) -> AlarmTable:
    try:
        table = msgspec.convert(json.loads(Path(path).read_text(encoding="utf-8")), AlarmTable)
        for kind in ("draft_waiting", "issued_without_review", "seat_overdue", "station_silent"):
            table.of(kind)
    except (ValueError, msgspec.ValidationError, KeyError) as error:
        raise BadSetting(
            name=path, why=str(error), example="the file duty/data/alarms.json of the package"
        ) from error
    return table
