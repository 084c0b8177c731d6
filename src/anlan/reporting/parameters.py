"""Times of the duty room itself and the receivers of a new county, as data; a county replaces them by `report_chain.json`."""

from __future__ import annotations

import functools
import json
from datetime import timedelta
from pathlib import Path

import msgspec
from django.conf import settings

from anlan.kernel.refusals import BadSetting


class FirstReceiver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A receiver that a new county begins with; addresses are entered there."""

    code: str
    zh: str
    tier: str
    ways: list[str]
    from_grade: int | None = None
    classes: list[int] = []


class ChainTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Minutes and seconds as their names say; `retry_s` is the wait after each failed try of the machine."""

    version: str
    source: str
    is_verified: bool
    review_min: int
    sign_min: int
    chase_min: int
    chase_again_min: int
    retry_s: list[int]
    receivers: list[FirstReceiver]

    def retry_after(self, attempts: int) -> timedelta:
        return timedelta(seconds=self.retry_s[min(max(attempts, 1), len(self.retry_s)) - 1])


def chain_table() -> ChainTable:
    """The table that applies here."""
    own = Path(settings.ANLAN_DATA) / "report_chain.json"
    path = own if own.exists() else Path(__file__).parent / "data" / "chain.json"
    return _load(str(path), path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=8)
def _load(path: str, _stamp: int) -> ChainTable:
    try:
        return msgspec.convert(json.loads(Path(path).read_text(encoding="utf-8")), ChainTable)
    except (ValueError, msgspec.ValidationError) as error:
        raise BadSetting(
            name=path, why=str(error), example="the file reporting/data/chain.json of the package"
        ) from error
