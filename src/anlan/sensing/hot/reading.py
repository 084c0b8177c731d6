"""Opens the reading end of the hot store where the county keeps its readings; loads neither NumPy nor, for day files, psycopg."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, Union

from anlan.sensing.hot.place import Place, place_of_readings
from anlan.sensing.hot.reader import HotReader

if TYPE_CHECKING:
    from anlan.sensing.hot.pg.reader import PgHotReader

AnyReader: TypeAlias = Union[HotReader, "PgHotReader"]


def open_reader(data: Path) -> AnyReader:
    """The reader for pages and the worker; `data` is the data folder."""
    return _opened(data, place_of_readings())


@lru_cache(maxsize=8)
def _opened(data: Path, place: Place) -> AnyReader:
    """One a place, because it keeps connections."""
    if not place.is_database:
        return HotReader(data / "hot")
    from anlan.sensing.hot.pg.reader import PgHotReader

    return PgHotReader(data, place.dsn, place.schema)
