"""Opens the writing end of the hot store where the county keeps its readings. PostgreSQL's driver is loaded only when it is used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, Union

from anlan.sensing.hot.latest import LatestTable
from anlan.sensing.hot.place import place_of_readings
from anlan.sensing.hot.refused import RefusedTable
from anlan.sensing.hot.store import HotStore
from anlan.sensing.hot.streams import StreamRegistry

if TYPE_CHECKING:
    from anlan.sensing.hot.files import DayFile
    from anlan.sensing.hot.pg.files import PgDay
    from anlan.sensing.hot.pg.store import PgHotStore
    from anlan.sensing.hot.pg.streams import PgLatestTable, PgRefusedTable, PgStreamRegistry

AnyDay: TypeAlias = Union["DayFile", "PgDay"]
AnyStore: TypeAlias = Union[HotStore, "PgHotStore"]
AnyStreams: TypeAlias = Union[StreamRegistry, "PgStreamRegistry"]
AnyLatest: TypeAlias = Union[LatestTable, "PgLatestTable"]
AnyRefused: TypeAlias = Union[RefusedTable, "PgRefusedTable"]


def open_store(root: Path, exercise: str) -> tuple[AnyStore, AnyStreams, AnyLatest]:
    """Store, stream numbers and newest values of this gateway. Raises StoreUnavailable when the database does not answer."""
    place = place_of_readings()
    if not place.is_database:
        store = HotStore(root)
        return store, StreamRegistry(root / "streams.db", exercise), LatestTable(root / "latest.db")
    from anlan.sensing.hot.pg.store import PgHotStore
    from anlan.sensing.hot.pg.streams import PgLatestTable, PgLink, PgStreamRegistry

    root.mkdir(parents=True, exist_ok=True)  # the engine keeps small notes of its own there
    on_database = PgHotStore(place.dsn, place.schema, shard=place.shard)
    streams = PgStreamRegistry(PgLink(place.dsn, place.schema), exercise)
    return on_database, streams, PgLatestTable(PgLink(place.dsn, place.schema), place.shard)


def open_refused(root: Path) -> AnyRefused:
    """Where refused frames go."""
    place = place_of_readings()
    if not place.is_database:
        return RefusedTable(root / "refused.db")
    from anlan.sensing.hot.pg.streams import PgLink, PgRefusedTable

    return PgRefusedTable(PgLink(place.dsn, place.schema))
