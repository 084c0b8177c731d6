"""What the gateway must know, as one file: stations, bindings, sources, the clock of the run, ports and limits.

The gateway has no database connection; it re-reads `catalogue.json` when it changes. The file is replaced as a whole, only
when its content differs, and its version only grows. It holds digests of tokens, never a token.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from msgspec import to_builtins

from anlan.journal import clocks
from anlan.journal.models import ExerciseRun
from anlan.kernel import canonical
from anlan.ruleset import Binding
from anlan.ruleset.quality import quality_defaults, stage_limits
from anlan.ruleset.tables import SettingsTable
from anlan.sensing import hand
from anlan.sensing.gateway_settings import gateway_settings
from anlan.sensing.models import (
    ON_THE_WAY,
    Amendment,
    Connector,
    IngestSource,
    MaintenanceWindow,
    Receiver,
    Station,
    StationCommand,
    StationLink,
)
from anlan.sensing.rules.book import rules_now
from anlan.sensing.rules.inforce import Rulebook
from anlan.sensing.rules.work import ensure_watch

#: Mechanisms of the gateway that a drill may switch off; escalation is switched off on this side.
_SABOTAGE = frozenset({"dedup", "hysteresis", "quality"})

#: Granted windows stay in the file for this long after their end: flags of the last two days can still change.
_WINDOW_KEPT = timedelta(days=3)


def build() -> dict[str, Any]:
    """The catalogue without its version, as plain data; equal county, equal catalogue.

    It is the folder's own run that the gateway serves, also when somebody in a drill beside it caused the writing.
    """
    with clocks.entered(clocks.folder_exercise_id()):
        return _build()


def _build() -> dict[str, Any]:
    stations = list(Station.objects.filter(is_active=True).select_related("division").order_by("code"))
    links = _links_by_station()
    rules = rules_now()
    bindings = [
        binding for station in stations for binding in rules.bindings(station, links.get(station.pk, []))
    ]
    return {
        "node": settings.ANLAN_NODE,
        "exercise": _exercise(),
        "stations": [_watched(_station(station), rules.settings(station)) for station in stations],
        "bindings": [binding.to_json() for binding in bindings],
        "connectors": [_connector(row) for row in Connector.objects.filter(is_active=True).order_by("name")],
        "receivers": [_receiver(row) for row in Receiver.objects.filter(is_active=True).order_by("name")],
        "sources": _sources(),
        "commands": [_command(row) for row in _commands()],
        "quality": {name: to_builtins(one.rule) for name, one in sorted(quality_defaults().items())},
        "maintenance": [_maintenance(row) for row in _windows()],
        "amendments": [_amendment(row) for row in _amendments()],
        "sabotage": sorted(settings.ANLAN_SABOTAGE & _SABOTAGE),
        **gateway_settings(),
    }


def bindings_of(station: Station, links: list[StationLink], rules: Rulebook | None = None) -> list[Binding]:
    """The rules that watch one station, of those in force now or of the given ones."""
    return (rules or rules_now()).bindings(station, links)


def write_catalogue(path: Path | None = None) -> bool:
    """Write the file if its content would differ; True when it was written. One writer at a time, so no older one wins."""
    path = path or settings.ANLAN_DATA / "catalogue.json"
    with _locked(path.with_suffix(".lock")):
        content = build()
        present = _read(path)
        version = present.pop("version", 0)
        if present and canonical.digest(present) == canonical.digest(content):
            return False
        _replace(path, {"version": version + 1, **content})
    ensure_watch()
    return True


def refresh_after_commit() -> None:
    """Have the file written once after the present transaction, however often this is called in it.

    A failure is logged and does not undo what was committed; the worker writes the file again by itself.
    """
    waiting = transaction.get_connection().run_on_commit
    if not any(_refresh in entry for entry in waiting):
        transaction.on_commit(_refresh, robust=True)


def _refresh() -> None:
    write_catalogue()


def _links_by_station() -> dict[Any, list[StationLink]]:
    found: dict[Any, list[StationLink]] = {}
    for link in StationLink.objects.filter(is_active=True).order_by("division_id"):
        found.setdefault(link.station_id, []).append(link)
    return found


def _station(station: Station) -> dict[str, Any]:
    return {
        "code": station.code,
        "name": station.name,
        "kind": station.kind,
        "owner": station.owner,
        "division": station.division_id,
        "silent_after_s": station.silent_after_s,
        "ranges": _plausible(station),
        "protocol": station.protocol,
        "address": station.address,
        "settings": {name: str(value) for name, value in station.settings.items()},
    }


def _plausible(station: Station) -> dict[str, list[float | None]]:
    """What a stage of this gauge can be, from its own marks; a county's approved rule overrides it."""
    marks = [station.warning_stage, station.guaranteed_stage, station.historic_max_stage]
    limits = stage_limits([float(mark) for mark in marks if mark is not None])
    return {"stage": list(limits)} if limits else {}


def _watched(entry: dict[str, Any], settings: SettingsTable) -> dict[str, Any]:
    """The entry with what an approved rule says about watching this station; the register says the rest."""
    if settings.silent_after_s is not None:
        entry["silent_after_s"] = settings.silent_after_s
    entry["ranges"] = {**entry["ranges"], **settings.ranges}
    if settings.quality:
        entry["quality"] = {name: to_builtins(rule) for name, rule in sorted(settings.quality.items())}
    return entry


def _source(source: IngestSource) -> dict[str, Any]:
    return {"name": source.name, "token_sha256": source.token_sha256, "stations": source.stations}


def _windows() -> list[MaintenanceWindow]:
    """Granted ones; those that ended long ago keep their flags and need not be named any more."""
    now = clocks.now(clocks.default_exercise_id())
    rows = MaintenanceWindow.objects.filter(
        state="granted", ends_at__gt=now - _WINDOW_KEPT, exercise_id=clocks.default_exercise_id()
    )
    return list(rows.select_related("station").order_by("starts_at", "pk"))


def _maintenance(row: MaintenanceWindow) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "station": row.station.code,
        "start": int(row.starts_at.timestamp()),
        "end": int(row.ends_at.timestamp()),
        "quantities": row.quantities,
    }


def _amendments() -> list[Amendment]:
    rows = Amendment.objects.filter(state="pending", exercise_id=clocks.default_exercise_id())
    return list(rows.select_related("station").order_by("decided_at", "pk"))


def _sources() -> list[dict[str, Any]]:
    """Those with a token of the county, and the house's own for what people read."""
    own = hand.catalogue_entry(settings.ANLAN_DATA)
    rows = IngestSource.objects.filter(is_active=True).order_by("name")
    return [*(_source(source) for source in rows), *([own] if own else [])]


def _amendment(row: Amendment) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "station": row.station.code,
        "quantity": row.quantity,
        "t": int(row.phenomenon_time.timestamp()),
        "v": row.value,
        "is_accepted": row.is_accepted,
    }


def _commands() -> list[StationCommand]:
    """Those that the gateway has something to do with, the oldest first."""
    rows = StationCommand.objects.filter(
        state__in=ON_THE_WAY, station__is_active=True, exercise_id=clocks.default_exercise_id()
    )
    return list(rows.select_related("station").order_by("asked_at", "pk"))


def _command(row: StationCommand) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "station": row.station.code,
        "command": row.command,
        "arguments": row.arguments,
        "asked_by": row.asked_by,
        "released_by": row.released_by,
        "expires_at": row.expires_at.isoformat(),
        "attempts": row.attempts,
    }


def _connector(row: Connector) -> dict[str, Any]:
    names = ("name", "kind", "version", "settings", "mapping", "token_sha256", "secret_name", "stations")
    return {name: getattr(row, name) for name in names}


def _receiver(row: Receiver) -> dict[str, Any]:
    names = ("name", "kind", "version", "settings", "wanted", "secret_name", "for_exercises")
    return {name: getattr(row, name) for name in names}


def _exercise() -> dict[str, Any] | None:
    exercise_id = clocks.default_exercise_id()
    if exercise_id is None:
        return None
    run = ExerciseRun.objects.get(pk=exercise_id)
    data: dict[str, Any] = json.loads(
        canonical.dumps(
            {
                "id": run.pk,
                "clock_start": run.clock_start,
                "wall_start": run.wall_start,
                "speed": float(run.speed),
            }
        )
    )
    return data


def _read(path: Path) -> dict[str, Any]:
    """The present file; {} when there is none or it cannot be read (then it is written anew)."""
    try:
        data = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _replace(path: Path, data: dict[str, Any]) -> None:
    """A reader sees the old file or the new one, whole, also after a power cut."""
    temporary = path.with_suffix(".new")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode())
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
