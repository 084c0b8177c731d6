"""Which warning of others opens a draft, which an own call-out, which only informs: data with a source and a mark.

The package's table is `data/incoming.json`; a county overrides single entries in `incoming.json` of its data folder.
"""

from __future__ import annotations

import functools
import json
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import msgspec
from django.conf import settings

from anlan.kernel.refusals import BadSetting
from anlan.warning.authority import DATA, Parameter

FILE = "incoming.json"


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`groups` are beginnings of hazard codes, "*" is any; `tiers` those of the issuer. The first rule that fits acts."""

    name: str
    groups: list[str]
    levels: list[int]
    tiers: list[str]
    does: Literal["callout", "relay", "inform"]

    def fits(self, hazard: str, level: int, tier: str) -> bool:
        of_group = any(group == "*" or (hazard and hazard.startswith(group)) for group in self.groups)
        return of_group and level in self.levels and ("*" in self.tiers or tier in self.tiers)


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    rules: Parameter[list[Rule]]
    callout_hazard: Parameter[dict[str, str]]
    validity_h: Parameter[dict[str, dict[str, int]]]
    same_within_min: Parameter[int]
    same_unknown_within_h: Parameter[int]
    chain_within_h: Parameter[int]
    future_tolerance_min: Parameter[int]
    stale_after_h: Parameter[int]
    report_after_min: Parameter[int]
    report_retry_s: Parameter[list[int]]

    def rule_for(self, hazard: str, level: int, tier: str) -> Rule | None:
        return next((rule for rule in self.rules.value if rule.fits(hazard, level, tier)), None)

    def callout_hazard_of(self, hazard: str) -> str:
        """The hazard about which the county itself calls out, "" for none."""
        table = self.callout_hazard.value
        return table.get(hazard) or table.get(hazard[:3], "")

    def validity(self, hazard: str, level: int) -> timedelta:
        """How long it holds when it names no end (labelled assumption)."""
        known = self.validity_h.value
        hours = known.get(hazard, {}).get(str(level)) or known["*"][str(level)]
        return timedelta(hours=hours)

    def unverified(self) -> list[str]:
        return [
            name
            for name in self.__struct_fields__
            if isinstance(parameter := getattr(self, name), Parameter) and not parameter.is_verified
        ]


def table() -> Table:
    """The table that applies here: the package's, with the county's entries over it."""
    own = Path(settings.ANLAN_DATA) / FILE
    stamp = own.stat().st_mtime_ns if own.exists() else 0
    return _load(str(own), stamp)


@functools.lru_cache(maxsize=8)
def _load(own: str, stamp: int) -> Table:
    rows: dict[str, Any] = json.loads(
        (DATA / FILE).read_text(encoding="utf-8")
    )  # any JSON, checked right below
    if not stamp:
        return msgspec.convert(rows, Table)
    try:
        rows |= json.loads(Path(own).read_text(encoding="utf-8"))
        return msgspec.convert(rows, Table)
    except (ValueError, TypeError, msgspec.ValidationError) as error:
        example = '{"same_within_min": {"value": 10, "source": "…", "is_verified": true}}'
        raise BadSetting(name=own, why=str(error), example=example) from error
