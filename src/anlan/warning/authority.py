"""Who may issue what, and the parameters of review and validity: data with a source and a visible mark where unverified.

The package's table is `data/authority.json`; a county overrides single entries in `authority.json` of its data folder,
for example {"signal_tier_by_level": {"value": {…}, "source": "省级预案…", "is_verified": true}}.
"""

from __future__ import annotations

import functools
import json
from datetime import timedelta
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec
from django.conf import settings

from anlan.directory.models import Organisation
from anlan.kernel.refusals import BadSetting
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.event_codes import event_code
from anlan.vocab.hazards import FACES, HazardType
from anlan.vocab.levels import Level
from anlan.vocab.posts import PostKind
from anlan.warning.models import IssuingRight, WarningKind
from anlan.warning.refusals import OnlyRelay

T = TypeVar("T")

DATA = Path(__file__).parent / "data"


class Parameter(msgspec.Struct, Generic[T], frozen=True, forbid_unknown_fields=True):
    value: T
    source: str
    is_verified: bool


class Authority(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Keys of the level tables are "1" red … "4" blue."""

    version: str
    own_tier: str
    own_hazards: Parameter[list[str]]
    own_kinds: Parameter[list[WarningKind]]
    signal_groups: Parameter[list[str]]
    signal_tier_by_level: Parameter[dict[str, str]]
    kind_by_level: Parameter[dict[str, WarningKind]]
    hazard_by_rule: Parameter[dict[str, str]]
    staged_hazards: Parameter[list[str]]
    office_by_hazard: Parameter[dict[str, str]]
    review_within_s: Parameter[int]
    review_posts: Parameter[list[PostKind]]
    validity_min_by_level: Parameter[dict[str, int]]
    longest_pre_authorisation_days: Parameter[int]
    languages: Parameter[list[str]]
    shortest_validity_min: Parameter[int]
    spill_over_share: Parameter[float]

    @property
    def review_within(self) -> timedelta:
        return timedelta(seconds=self.review_within_s.value)

    def validity(self, level: int) -> timedelta:
        """How long a warning of this level stays in force when nobody names an end."""
        return timedelta(minutes=self.validity_min_by_level.value[str(level)])

    def is_signal(self, hazard_type: str) -> bool:
        """A public weather signal, which has its own issuing authority for each level."""
        return any(hazard_type.startswith(group) for group in self.signal_groups.value)

    def unverified(self) -> list[str]:
        """Names of the parameters that somebody still has to confirm."""
        return [
            name
            for name in self.__struct_fields__
            if isinstance(parameter := getattr(self, name), Parameter) and not parameter.is_verified
        ]


def authority() -> Authority:
    """The table that applies here: the package's, with the county's entries over it."""
    own = Path(settings.ANLAN_DATA) / "authority.json"
    stamp = own.stat().st_mtime_ns if own.exists() else 0
    return _load(str(own), stamp)


@functools.lru_cache(maxsize=8)
def _load(own: str, stamp: int) -> Authority:
    table: dict[str, Any] = json.loads((DATA / "authority.json").read_text(encoding="utf-8"))
    if not stamp:
        return msgspec.convert(table, Authority)
    try:
        table |= json.loads(Path(own).read_text(encoding="utf-8"))
        return msgspec.convert(table, Authority)
    except (ValueError, msgspec.ValidationError) as error:
        raise BadSetting(
            name=own,
            why=str(error),
            example='{"review_within_s": {"value": 180, "source": "…", "is_verified": true}}',
        ) from error


#: From the lowest tier that may issue something to the highest.
TIERS: dict[str, tuple[str, str]] = {
    "county": ("县级", "county"),
    "city": ("市级", "city"),
    "province": ("省级", "province"),
    "country": ("国家级", "country"),
}


def issuing_tier(hazard_type: str, level: int) -> str:
    """Which tier issues this: "county" for what the county makes itself, "" for a hazard nobody assigned to it.

    The county's rows in force come first, the one that names the hazard most exactly; then the package's table.
    """
    row = issuing_right(hazard_type, level)
    if row is not None:
        return row.tier
    return packaged_tier(hazard_type, level)


def issuing_right(hazard_type: str, level: int) -> IssuingRight | None:
    """The county's own row in force for this, None where the package's table holds."""
    names = {hazard_type, hazard_type[:3], "*"}
    rows = IssuingRight.objects.filter(state="in_force", level=level, hazard__in=names)
    return max(rows, key=lambda row: (row.hazard == hazard_type, row.hazard != "*"), default=None)


def packaged_tier(hazard_type: str, level: int) -> str:
    """The same by the package's table (and what the data folder puts over it)."""
    table = authority()
    if table.is_signal(hazard_type):
        return table.signal_tier_by_level.value[str(level)]
    return table.own_tier if hazard_type in table.own_hazards.value else ""


def may_issue(hazard_type: str, level: int) -> bool:
    """Whether the county may make this by itself; what it may not, it relays."""
    return issuing_tier(hazard_type, level) == authority().own_tier


def check_may_issue(kind: str, hazard_type: str, level: int) -> None:
    """Raise `OnlyRelay` for a kind × hazard × level that is not the county's. Relaying is always allowed."""
    if kind == WarningKind.RELAY:
        return
    if kind not in authority().own_kinds.value or not may_issue(hazard_type, level):
        raise OnlyRelay(hazard=hazard_words(hazard_type)[0], tier=issuing_tier(hazard_type, level) or "—")


def hazard_words(hazard_type: str) -> tuple[str, str]:
    """Chinese and English name of one of our hazard types, or of an event code of R26 (unknown ones show themselves)."""
    if hazard_type in set(HazardType):
        face = FACES[HazardType(hazard_type)]
        return face.zh, face.en
    code = event_code(hazard_type)
    return code.zh, code.en


def county_of(division: Division) -> Division:
    """The county that a place lies in; the place itself where the tree has none above it."""
    if division.level == DivisionLevel.COUNTY:
        return division
    above = division.path.split("/")
    return Division.objects.filter(code__in=above, level=DivisionLevel.COUNTY).first() or division


def office(county: Division, hazard_type: str) -> str:
    """The county's office that speaks about a hazard: an organisation of the directory that ends so, else the usual name."""
    names = authority().office_by_hazard.value
    ending = names.get(hazard_type) or names.get(hazard_type[:3]) or names["*"]
    known = Organisation.objects.filter(division=county, name__endswith=ending).order_by("name").first()
    return known.name if known is not None else f"{county.name}{ending}"


def kind_for(level: int) -> WarningKind:
    """Call-out or risk notice for a level (labelled assumption)."""
    return authority().kind_by_level.value[str(level)]


def level_words(level: int) -> str:
    return Level(level).face.zh
