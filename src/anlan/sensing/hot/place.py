"""Where readings are kept: day files in the data folder, or partitions on PostgreSQL. Told by the environment.

`ANLAN_READINGS` is "files" (the default) or "database"; the latter uses `ANLAN_DATABASE_URL`. `ANLAN_GATEWAYS` says how many
gateways share the stations; more than one needs the database. `ANLAN_READINGS_SCHEMA` names the schema.
"""

from __future__ import annotations

import os
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from anlan.kernel.refusals import BadSetting

_MOST_GATEWAYS = 64


@dataclass(frozen=True, slots=True)
class Place:
    """`dsn` is "" for day files. `shard` is this gateway's number of `gateways`."""

    dsn: str = ""
    schema: str = "readings"
    shard: int = 0
    gateways: int = 1

    @property
    def is_database(self) -> bool:
        return bool(self.dsn)

    def owner_of(self, station: str) -> int:
        """The gateway that stores and evaluates a station."""
        return owner_of(station, self.gateways)

    def root_of(self, data: Path, shard: int | None = None) -> Path:
        """The folder of a gateway's own small files, by default of this one."""
        number = self.shard if shard is None else shard
        return data / "hot" / f"g{number}" if self.gateways > 1 else data / "hot"

    def run_files(self, data: Path, name: str) -> list[Path]:
        """What every gateway writes about itself: `gateway.json`, or `gateway-0.json` and so on."""
        names = [f"{name}-{shard}" for shard in range(self.gateways)] if self.gateways > 1 else [name]
        return [data / "run" / f"{one}.json" for one in names]


def owner_of(station: str, gateways: int) -> int:
    """The same on every machine and in every release: a change would move all stations at once."""
    return zlib.crc32(station.encode()) % gateways if gateways > 1 else 0


def place_of_readings() -> Place:
    """What the environment says; BadSetting names the variable that is wrong."""
    kind = os.environ.get("ANLAN_READINGS") or "files"
    gateways = _gateways()
    if kind == "files":
        if gateways > 1:
            raise BadSetting(
                name="ANLAN_GATEWAYS",
                why="several gateways need ANLAN_READINGS=database",
                example="1",
            )
        return Place()
    url = os.environ.get("ANLAN_DATABASE_URL") or ""
    if kind != "database" or not url:
        raise BadSetting(
            name="ANLAN_READINGS",
            why="it is files, or database together with ANLAN_DATABASE_URL",
            example="database",
        )
    schema = os.environ.get("ANLAN_READINGS_SCHEMA") or "readings"
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", schema):
        raise BadSetting(name="ANLAN_READINGS_SCHEMA", why=f"{schema!r} is no plain name", example="readings")
    shard = os.environ.get("ANLAN_GATEWAY_SHARD") or "0"
    if not shard.isdigit() or int(shard) >= gateways:
        raise BadSetting(
            name="ANLAN_GATEWAY_SHARD", why=f"{shard!r} is no number below {gateways}", example="0"
        )
    return Place(url, schema, int(shard), gateways)


def _gateways() -> int:
    text = os.environ.get("ANLAN_GATEWAYS") or "1"
    if not text.isdigit() or not 1 <= int(text) <= _MOST_GATEWAYS:
        raise BadSetting(name="ANLAN_GATEWAYS", why=f"{text!r} is not 1 to {_MOST_GATEWAYS}", example="2")
    return int(text)
