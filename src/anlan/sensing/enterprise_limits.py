"""How long an enterprise has to acknowledge and to explain, by kind of station and level; data that the regulator confirms."""

from __future__ import annotations

import functools
import json
from datetime import timedelta
from pathlib import Path

import msgspec
from django.conf import settings

from anlan.kernel.refusals import BadSetting
from anlan.vocab.happenings import happening_kind
from anlan.vocab.levels import Level

_ANY = "*"


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Minutes from the moment that the alarm came to its level. `kind` is a kind of station or "*"."""

    kind: str
    level: int
    acknowledge_min: int
    explain_min: int

    @property
    def acknowledge(self) -> timedelta:
        return timedelta(minutes=self.acknowledge_min)

    @property
    def explain(self) -> timedelta:
        return timedelta(minutes=self.explain_min)


class LimitTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`happenings` are the levels of what devices report; `other_ringing` is that of any other kind that rings."""

    version: str
    source: str
    is_verified: bool
    limits: list[Limit]
    happenings: dict[str, int]
    other_ringing: int
    reason: str = ""

    def of(self, kind: str, level: int) -> Limit:
        """The row of the kind, else that of all kinds. A table without such a row gives that of the most severe level."""
        rows = {(one.kind, one.level): one for one in self.limits}
        return rows.get((kind, level)) or rows.get((_ANY, level)) or rows[_ANY, Level.RED]

    def level_of(self, happening: str) -> int | None:
        """The level of an alarm about such a report; None for one that an enterprise need not answer for."""
        ringing = self.other_ringing if happening_kind(happening).rings else None
        return self.happenings.get(happening, ringing)


def limits() -> LimitTable:
    """The table that applies here: the county's own file in the data folder, else the package's."""
    own = Path(settings.ANLAN_DATA) / "enterprise-limits.json"
    path = own if own.exists() else Path(__file__).parent / "enterprise_limits.json"
    return _load(str(path), path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=8)
def _load(path: str, _stamp: int) -> LimitTable:
    try:
        table = msgspec.convert(json.loads(Path(path).read_text(encoding="utf-8")), LimitTable)
        table.of("", Level.RED)
    except (ValueError, msgspec.ValidationError, KeyError) as error:
        raise BadSetting(
            name=path, why=str(error), example="the file sensing/enterprise_limits.json of the package"
        ) from error
    return table
