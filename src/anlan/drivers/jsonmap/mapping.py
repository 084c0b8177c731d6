"""The mapping itself: what an administrator writes as JSON and nobody writes as code. Unknown fields are refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

import msgspec

from anlan.drivers.jsonmap.lines import line_of
from anlan.drivers.jsonmap.paths import holes, segments
from anlan.drivers.jsonmap.units import canonical, convert, is_known
from anlan.vocab.happenings import HAPPENINGS
from anlan.vocab.quantities import QUANTITIES

#: Names of secrets that a connector may ask for: nothing else of the environment is within its reach.
SECRET_NAME = re.compile(r"ANLAN_CONNECT_[A-Z0-9_]{1,60}")
MAX_MAPPING_BYTES = 64 << 10
_ONE = Decimal(1)
_UNKNOWN = re.compile(r"unknown field `([^`]+)`")


class BadMapping(ValueError):
    """`line` counts from 1; 0 where no line can be named."""

    def __init__(self, sentence: str, line: int = 0) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.line = line


class ZMeaning(StrEnum):
    UTC = "utc"
    BEIJING = "beijing"
    #: Decided by each device's live readings; see `times`.
    BY_ARRIVAL = "by_arrival"


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    pass


class TimeRule(_Strict, frozen=True, rename={"source": "from"}):
    """`format`: iso, epoch_s, epoch_ms, or a pattern of strptime. `label`: the time names the end or the start of a period."""

    source: str
    format: str = "iso"
    zone: str = "Asia/Shanghai"
    z_is: ZMeaning = ZMeaning.UTC
    label: Literal["end", "start"] = "end"
    period_s: int = 0


class QuantityRule(_Strict, frozen=True, rename={"source": "from"}):
    """One field to one quantity.

    `to` is a code of vocab.quantities, with "@point" where one device has several measuring points; both may hold `{names}`.
    `unit` is the sender's unit; `unit_from` names the field that tells it and then counts before `unit`. `words` turns state
    words into numbers. `missing` lists what the sender writes for "no reading"; null and "" always do.
    """

    source: str
    to: str
    unit: str = ""
    unit_from: str = ""
    when: dict[str, str | list[str]] = {}
    words: dict[str, str | int] = {}
    missing: list[str] = []
    required: bool = False


class HappeningRule(_Strict, frozen=True, rename={"source": "from"}):
    """A record that says what happened. `words` turns the sender's word in `from` into a kind of vocab.happenings."""

    source: str
    words: dict[str, str]
    when: dict[str, str | list[str]] = {}
    #: Fields to keep beside it: own name → where it stands.
    fields: dict[str, str] = {}


class Part(_Strict, frozen=True):
    """One kind of record in the document."""

    records: str | list[str]
    station: str
    time: TimeRule
    readings: list[QuantityRule] = []
    happenings: list[HappeningRule] = []


class Sealed(_Strict, frozen=True):
    """A field that holds an encrypted JSON text, opened before anything else. The two names are of secrets, never the secrets."""

    field: str
    key_secret: str
    iv_secret: str
    cipher: Literal["sm4-cbc"] = "sm4-cbc"
    encoding: Literal["hex", "base64"] = "hex"


class Mapping(_Strict, frozen=True):
    parts: list[Part]
    title_zh: str = ""
    title_en: str = ""
    #: What was assumed and by whom it can be confirmed; shown beside the mapping.
    notes: str = ""
    sealed: Sealed | None = None


def parse_mapping(text: str) -> Mapping:
    """A checked mapping. Raises BadMapping with a sentence and the line."""
    if len(text) > MAX_MAPPING_BYTES:
        raise BadMapping(f"The mapping is longer than {MAX_MAPPING_BYTES >> 10} KiB.")
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadMapping(f"This is not JSON: {error.msg}, column {error.colno}.", error.lineno) from None
    except RecursionError:
        raise BadMapping("The JSON is nested too deeply.") from None
    try:
        mapping = msgspec.convert(data, Mapping)
    except msgspec.ValidationError as error:
        sentence, _, where = str(error).partition(" - at `")
        unknown = _UNKNOWN.search(sentence)
        place = (where.rstrip("`") or "$") + (f".{unknown[1]}" if unknown else "")
        raise BadMapping(f"{sentence}.", line_of(text, place)) from None
    for place, sentence in _problems(mapping):
        raise BadMapping(sentence, line_of(text, place))
    return mapping


def _problems(mapping: Mapping) -> Iterator[tuple[str, str]]:
    """(place, sentence) of everything that is shaped well and cannot work."""
    if not mapping.parts:
        yield "$.parts", "The mapping has no part, so nothing would be read."
    if mapping.sealed:
        for name in ("key_secret", "iv_secret"):
            if not SECRET_NAME.fullmatch(getattr(mapping.sealed, name)):
                yield (
                    f"$.sealed.{name}",
                    "Name a secret such as ANLAN_CONNECT_DUST_KEY; the secret itself never stands here.",
                )
    for number, part in enumerate(mapping.parts):
        yield from _of_part(f"$.parts[{number}]", part)


def _of_part(place: str, part: Part) -> Iterator[tuple[str, str]]:
    try:
        segments(part.records)
    except ValueError as error:
        yield f"{place}.records", f"{error}."
    if not part.station.strip():
        yield f"{place}.station", "Say where the station's code stands, such as {device}."
    if not part.readings and not part.happenings:
        yield place, "The part has neither readings nor happenings."
    yield from _of_time(f"{place}.time", part.time)
    for number, rule in enumerate(part.readings):
        yield from _of_reading(f"{place}.readings[{number}]", rule)
    for number, happening in enumerate(part.happenings):
        unknown = [kind for kind in happening.words.values() if kind not in HAPPENINGS]
        if unknown:
            yield f"{place}.happenings[{number}].words", f"There is no happening {unknown[0]!r}."


def _of_time(place: str, rule: TimeRule) -> Iterator[tuple[str, str]]:
    if rule.zone not in available_timezones():
        yield f"{place}.zone", f"There is no time zone {rule.zone!r}; Asia/Shanghai is usual."
    else:
        ZoneInfo(rule.zone)
    if rule.label == "start" and rule.period_s <= 0:
        yield (
            f"{place}.label",
            "A time that names the start of a period needs period_s, the length in seconds.",
        )
    if rule.format not in ("iso", "epoch_s", "epoch_ms"):
        sample = datetime(2026, 7, 1, 8, 5, 9).strftime(rule.format)  # noqa: DTZ001 - only to try the pattern
        if sample == rule.format:
            yield (
                f"{place}.format",
                "The format is iso, epoch_s, epoch_ms, or a pattern such as %Y%m%d%H%M%S.",
            )


def _of_reading(place: str, rule: QuantityRule) -> Iterator[tuple[str, str]]:
    quantity = rule.to.partition("@")[0]
    if holes(quantity):
        return  # decided row by row
    known = QUANTITIES.get(quantity)
    if known is None:
        yield f"{place}.to", f"There is no quantity {quantity[:40]!r}."
    elif known.unit and not rule.unit and not rule.unit_from:
        yield place, f"Say in which unit {rule.source!r} comes; {quantity} is kept in {known.unit}."
    elif rule.unit and canonical(rule.unit) != canonical(known.unit):
        if not is_known(rule.unit):
            yield f"{place}.unit", f"The unit {rule.unit[:20]!r} is not known."
        else:
            try:
                convert(_ONE, rule.unit, known.unit)
            except ValueError as error:
                yield f"{place}.unit", str(error)
