"""Times, words and forms of responses as data; a county replaces them by `response.json` in its data folder.

Nothing in it was found in a rule of the state: every value is a template to be confirmed by the county.
"""

from __future__ import annotations

import functools
import json
from datetime import timedelta
from pathlib import Path

import msgspec
from django.conf import settings

from anlan.kernel.refusals import BadSetting


class Partner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another service that incidents are shared with. Without an address it is told by phone. Its token lies in the settings."""

    code: str
    zh: str
    en: str
    address: str = ""


class NoticeWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Forms of the official notice; `{names}` are filled in."""

    number: str
    title: str
    body: str
    phone: str


class ResponseTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Minutes and days as the names say. `event_words` name a response by the type of incident; `event_type_of_hazard` says
    which type of incident a warning threatens, by the code of the hazard or by its first three letters.
    `overall_steps_back`: an overall plan is proposed only where no special plan answers the incident at that level or a graver one.
    """

    version: str
    source: str
    is_verified: bool
    remind_min: int
    special_command_grade: int
    retry_s: list[int]
    event_words: dict[str, str]
    event_type_of_hazard: dict[str, str]
    start: NoticeWords
    change: NoticeWords
    end: NoticeWords
    partners: list[Partner]
    overall_steps_back: bool = True

    @property
    def remind_after(self) -> timedelta:
        return timedelta(minutes=self.remind_min)

    def retry_after(self, attempts: int) -> timedelta:
        return timedelta(seconds=self.retry_s[min(max(attempts, 1), len(self.retry_s)) - 1])

    def event_type(self, hazard: str) -> str:
        """The type of incident that a warning threatens; "" where nobody said."""
        known = self.event_type_of_hazard
        return known.get(hazard) or known.get(hazard[:3], "")


def table() -> ResponseTable:
    """The table that applies here."""
    own = Path(settings.ANLAN_DATA) / "response.json"
    path = own if own.exists() else Path(__file__).parent / "data" / "response.json"
    return _load(str(path), path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=8)
def _load(path: str, _stamp: int) -> ResponseTable:
    try:
        return msgspec.convert(json.loads(Path(path).read_text(encoding="utf-8")), ResponseTable)
    except (ValueError, msgspec.ValidationError) as error:
        raise BadSetting(
            name=path, why=str(error), example="the file response/data/response.json of the package"
        ) from error
