"""Limits and thresholds as labelled data; a county replaces values by `losses.json` in its data folder."""

from __future__ import annotations

import functools
import json
from datetime import timedelta
from pathlib import Path

import msgspec
from django.conf import settings

from anlan.kernel.refusals import BadSetting


class Parameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One number with its source; `value` null where the source names none: then the rule does not run."""

    name: str
    value: float | None
    unit: str
    zh: str
    en: str
    source: str
    verified: bool


class ParameterTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    parameters: list[Parameter]

    def find(self, name: str) -> Parameter:
        """A county's own table may be older than a parameter: then the package's row serves."""
        found = {one.name: one for one in self.parameters}.get(name)
        return found if found is not None else {one.name: one for one in _of_the_package().parameters}[name]

    def number(self, name: str) -> float | None:
        return self.find(name).value

    def need(self, name: str) -> float:
        value = self.find(name).value
        if value is None:
            raise BadSetting(name=name, why="empty", example="a number")
        return value

    def minutes(self, name: str) -> timedelta:
        return timedelta(minutes=self.need(name))


def parameters() -> ParameterTable:
    """The table that applies here."""
    own = Path(settings.ANLAN_DATA) / "losses.json"
    path = own if own.exists() else _package_path()
    return _load(str(path), path.stat().st_mtime_ns)


def _package_path() -> Path:
    return Path(__file__).parent / "data" / "parameters.json"


def _of_the_package() -> ParameterTable:
    path = _package_path()
    return _load(str(path), path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=8)
def _load(path: str, _stamp: int) -> ParameterTable:
    try:
        return msgspec.convert(json.loads(Path(path).read_text(encoding="utf-8")), ParameterTable)
    except (ValueError, msgspec.ValidationError) as error:
        raise BadSetting(
            name=path, why=str(error), example="the file losses/data/parameters.json of the package"
        ) from error
