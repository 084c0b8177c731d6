"""Rows out of a document. One bad row never costs a good one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from anlan.drivers.jsonmap.mapping import HappeningRule, Mapping, Part, QuantityRule
from anlan.drivers.jsonmap.paths import AbsentField, Astray, Missing, Scope, match, plain, segments, walk
from anlan.drivers.jsonmap.times import BadTime, read_time
from anlan.drivers.jsonmap.units import BadUnit, canonical, convert
from anlan.drivers.types import Happening, Reading
from anlan.vocab.quantities import QUANTITIES

#: Rows of one document; more are refused as a whole, since a part of them must not look like all.
MAX_ROWS = 50_000
_LONGEST = 40
_LONGEST_POINT = 60


class RefusedRow(NamedTuple):
    """`place` is where the row stands in the document; `station` is "" where not even that was readable."""

    place: str
    code: str
    reason: str
    station: str = ""


@dataclass(slots=True)
class Memory:
    """What earlier documents taught: the unit of each stream, and what each device means by Z. The caller keeps it."""

    units: dict[tuple[str, str], str] = field(default_factory=dict)
    zones: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Mapped:
    readings: list[Reading] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)


class _Bad(Exception):
    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


def map_document(
    mapping: Mapping, document: object, *, arrival: datetime, topic: str = "", memory: Memory | None = None
) -> Mapped:
    """`arrival` is aware UTC. Never raises for what is in the document; `memory` learns as it goes."""
    memory = memory if memory is not None else Memory()
    found = Mapped()
    rows = 0
    parts = tuple(topic.split("/")) if topic else ()
    for part in mapping.parts:
        for record in walk(document, segments(part.records), parts):
            rows += 1
            if rows > MAX_ROWS:
                return Mapped(
                    refused=[RefusedRow("$", "document.too_many_rows", f"More than {MAX_ROWS} rows.")]
                )
            if isinstance(record, Astray):
                found.refused.append(RefusedRow(record.place, "row.misshapen", record.reason))
            else:
                _Row(part, record, arrival, memory, found).read()
    if rows == 0:
        found.refused.append(
            RefusedRow("$", "document.no_rows", "Nothing stands where the mapping looks for rows.")
        )
    return found


class _Row:
    """One record being read."""

    def __init__(self, part: Part, scope: Scope, arrival: datetime, memory: Memory, found: Mapped) -> None:
        self._part, self._scope, self._arrival = part, scope, arrival
        self._memory, self._found = memory, found
        self._station = ""

    def read(self) -> None:
        try:
            self._station = self._name(self._part.station, _LONGEST)
            rules = list(self._fitting())
            if not rules:
                raise _Bad("row.no_rule", "No rule of the mapping fits this row.")
            time = self._time()
        except _Bad as bad:
            self._refuse(bad)
            return
        for rule, scope in rules:
            try:
                if isinstance(rule, QuantityRule):
                    self._read_quantity(rule, scope, time)
                else:
                    self._read_happening(rule, scope, time)
            except _Bad as bad:
                self._refuse(bad, rule.source)

    def _fitting(self) -> Iterator[tuple[QuantityRule | HappeningRule, Scope]]:
        """The rules that fit and whose field is there; a required field that is absent is a refused row."""
        rules: list[QuantityRule | HappeningRule] = [*self._part.readings, *self._part.happenings]
        for rule in rules:
            captured = self._matches(rule.when)
            if captured is None:
                continue
            scope = self._scope.with_names(captured)
            if not isinstance(scope.find(rule.source), Missing):
                yield rule, scope
            elif isinstance(rule, QuantityRule) and rule.required:
                self._refuse(_Bad("field.missing", f"The field {rule.source!r} is missing."), rule.source)

    def _matches(self, when: dict[str, str | list[str]]) -> dict[str, str] | None:
        captured: dict[str, str] = {}
        for expression, wanted in when.items():
            text = plain(self._scope.find(expression))
            patterns = [wanted] if isinstance(wanted, str) else wanted
            fits = (match(pattern, text) for pattern in patterns) if text is not None else iter(())
            first = next((one for one in fits if one is not None), None)
            if first is None:
                return None
            captured |= first
        return captured

    def _time(self) -> datetime:
        value = self._scope.find(self._part.time.source)
        try:
            return read_time(
                value, self._part.time, arrival=self._arrival, device=self._station, zones=self._memory.zones
            )
        except BadTime as bad:
            raise _Bad(bad.code, str(bad)) from None

    def _name(self, template: str, longest: int, scope: Scope | None = None) -> str:
        try:
            text = (scope or self._scope).fill(template)
        except AbsentField as absent:
            raise _Bad("field.missing", f"The field {str(absent)!r} is missing or empty.") from None
        if not text.isprintable() or not 0 < len(text) <= longest:
            raise _Bad("name.unusable", f"{text[:20]!r} cannot be a name.")
        return text

    def _read_quantity(self, rule: QuantityRule, scope: Scope, time: datetime) -> None:
        to = self._name(rule.to, _LONGEST_POINT, scope)
        known = QUANTITIES.get(to.partition("@")[0])
        if known is None:
            raise _Bad("quantity.unknown", f"There is no quantity {to[:40]!r}.")
        value = _number(rule, scope.find(rule.source))
        if known.unit and not rule.words:
            unit = self._unit(rule, scope, to)
            try:
                converted = convert(value if value is not None else Decimal(0), unit, known.unit)
            except BadUnit as bad:
                raise _Bad(bad.code, str(bad)) from None
            value = None if value is None else converted
            if rule.unit_from:
                self._memory.units.setdefault((self._station, to), canonical(unit))
        self._found.readings.append(Reading(self._station, to, time, value, rule.source[:_LONGEST]))

    def _unit(self, rule: QuantityRule, scope: Scope, to: str) -> str:
        """The unit of this row. A stream whose sender names another unit than before is refused, not silently scaled."""
        told = plain(scope.find(rule.unit_from)) if rule.unit_from else ""
        unit = told or rule.unit
        if not unit:
            raise _Bad("unit.missing", f"The row does not say in which unit {rule.source!r} is.")
        if not rule.unit_from:
            return unit
        before = self._memory.units.get((self._station, to), canonical(unit))
        if before != canonical(unit):
            raise _Bad("unit.changed", f"{to} came in {before} until now and now says {unit[:20]!r}.")
        return unit

    def _read_happening(self, rule: HappeningRule, scope: Scope, time: datetime) -> None:
        word = plain(scope.find(rule.source))
        kind = rule.words.get(word) if word is not None else None
        if kind is None:
            raise _Bad("word.unknown", f"The mapping has no meaning for {str(word)[:40]!r}.")
        kept = {name: plain(scope.find(where)) for name, where in rule.fields.items()}
        fields: dict[str, object] = {name: text[:400] for name, text in kept.items() if text}
        self._found.happenings.append(Happening(self._station, kind, time, fields))

    def _refuse(self, bad: _Bad, source: str = "") -> None:
        place = f"{self._scope.place}.{source}" if source and source != "." else self._scope.place
        self._found.refused.append(RefusedRow(place[:200], bad.code, bad.reason, self._station))


def _number(rule: QuantityRule, value: object) -> Decimal | None:
    """None is "no reading"."""
    if value is None:
        return None
    text = plain(value)
    if text is None:
        raise _Bad("value.not_a_number", "The value is neither number nor text.")
    if rule.words:
        word = rule.words.get(text)
        if word is not None:
            return Decimal(word)
    if text == "" or text in rule.missing:
        return None
    if isinstance(value, bool) or rule.words:
        raise _Bad("word.unknown", f"The mapping has no meaning for {text[:40]!r}.")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise _Bad("value.not_a_number", f"{text[:40]!r} is no number.") from None
    if not number.is_finite():
        raise _Bad("value.not_a_number", f"{text[:40]!r} is no finite number.")
    return number
