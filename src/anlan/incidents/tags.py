"""The controlled tags (标签) of this county: shipped ones, replaced entry by entry in `tags.json` of the data folder."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import msgspec
from django.conf import settings

from anlan.kernel.refusals import BadSetting

DATA = Path(__file__).parent / "data" / "tags.json"


class Tag(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`group` gathers tags on the form: cause, place, people, handling."""

    zh: str
    en: str
    group: str


def known_tags() -> dict[str, Tag]:
    """Code to tag, in the order of the list."""
    own = Path(settings.ANLAN_DATA) / "tags.json"
    return _load(str(own), own.stat().st_mtime_ns if own.exists() else 0)


@functools.lru_cache(maxsize=8)
def _load(own: str, stamp: int) -> dict[str, Tag]:
    table = json.loads(DATA.read_text(encoding="utf-8"))["tags"]
    try:
        if stamp:
            table |= json.loads(Path(own).read_text(encoding="utf-8"))["tags"]
        return msgspec.convert(table, dict[str, Tag])
    except (ValueError, KeyError, msgspec.ValidationError) as error:
        raise BadSetting(
            name=own,
            why=str(error),
            example='{"tags": {"school": {"zh": "涉校", "en": "school", "group": "place"}}}',
        ) from error
