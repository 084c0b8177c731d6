"""Which quality parameters the stored flags were made with, so that a change is noticed also across a restart."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from anlan.ruleset.quality import QualityRule
from anlan.sensing.engine.qualifier import Qualifier
from anlan.sensing.engine.types import EngineSettings, MaintenanceSpan
from anlan.sensing.hot.streams import StreamKey


class _Kept(msgspec.Struct, frozen=True):
    """Lists of pairs, because JSON has no keys of two parts."""

    ranges: list[tuple[str, str, float | None, float | None]] = []
    by_quantity: dict[str, QualityRule] = {}
    by_stream: list[tuple[str, str, QualityRule]] = []
    maintenance: list[MaintenanceSpan] = []


class ParametersMemo:
    """One small file for each run. Lost or unreadable, nothing is judged again: the flags stay as they were."""

    def __init__(self, root: Path, settings: EngineSettings) -> None:
        name = f"quality-{settings.exercise}.json" if settings.exercise else "quality.json"
        self._path = root / name
        self._settings = settings
        self._data = msgspec.json.encode(_kept(settings))
        self._before = self._path.read_bytes() if self._path.exists() else None

    def streams_that_differ(self, qualifier: Qualifier, keys: Mapping[int, StreamKey]) -> list[int]:
        """Streams that the present parameters judge in another way than those before."""
        if self._before is None or self._before == self._data or not keys:
            return []
        try:
            kept = msgspec.json.decode(self._before, type=_Kept)
        except ValueError:
            return []
        old = qualifier.with_settings(_settings(self._settings, kept))
        old.resize(max(keys) + 1)
        old.learn(keys)
        return [number for number in keys if old.signature(number) != qualifier.signature(number)]

    def keep(self) -> None:
        """Remember the present parameters; called when the flags follow them."""
        if self._before == self._data:
            return
        temporary = self._path.with_suffix(".new")
        temporary.write_bytes(self._data)
        os.replace(temporary, self._path)


def _kept(settings: EngineSettings) -> _Kept:
    return _Kept(
        ranges=[(*key, *limits) for key, limits in sorted(settings.ranges.items())],
        by_quantity=settings.quality.by_quantity,
        by_stream=[
            (*key, rule) for key, rule in sorted(settings.quality.by_stream.items(), key=lambda one: one[0])
        ],
        maintenance=sorted(settings.maintenance, key=lambda span: span.id),
    )


def _settings(present: EngineSettings, kept: _Kept) -> EngineSettings:
    return EngineSettings(
        ranges={(station, quantity): (low, high) for station, quantity, low, high in kept.ranges},
        quality=msgspec.structs.replace(
            present.quality,
            by_quantity=kept.by_quantity,
            by_stream={(station, quantity): rule for station, quantity, rule in kept.by_stream},
        ),
        maintenance=kept.maintenance,
    )
