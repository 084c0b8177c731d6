"""Wording and numbers of what follows a warning: data with a source, replaced entry by entry in `followup.json` of the data folder."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import msgspec
from django.conf import settings

from anlan.kernel.refusals import BadSetting

DATA = Path(__file__).parent / "data" / "followup.json"


class Wording(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text with named places, where it comes from, and whether somebody confirmed it."""

    value: str
    source: str
    is_verified: bool


class Aftermath(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    notice_number: Wording
    may_return: Wording
    not_yet: Wording


def aftermath() -> Aftermath:
    own = Path(settings.ANLAN_DATA) / "followup.json"
    return _load(str(own), own.stat().st_mtime_ns if own.exists() else 0)


def notice_number(*, year: int, serial: int) -> str:
    return aftermath().notice_number.value.format(year=year, serial=serial)


def return_words(place: str, *, may_return: bool, words: str) -> str:
    """What people hear about going home."""
    table = aftermath()
    chosen = table.may_return if may_return else table.not_yet
    return chosen.value.format(place=place, words=words.rstrip("。"))


@functools.lru_cache(maxsize=8)
def _load(own: str, stamp: int) -> Aftermath:
    table = json.loads(DATA.read_text(encoding="utf-8"))
    try:
        if stamp:
            table |= json.loads(Path(own).read_text(encoding="utf-8"))
        return msgspec.convert(table, Aftermath)
    except (ValueError, msgspec.ValidationError) as error:
        raise BadSetting(
            name=own,
            why=str(error),
            example='{"notice_number": {"value": "云应急险提〔{year}〕{serial}号", "source": "…", "is_verified": true}}',
        ) from error
