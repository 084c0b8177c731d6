"""Whether this data folder is ready for this release, known without loading the framework: it saves a start two seconds.

The mark of the migrations stands in the database file itself, so a restored backup brings its own. The mark of the
settings stands beside the catalogue that was written from them. A database server carries no mark and is always prepared.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import zlib
from importlib.util import find_spec
from pathlib import Path

#: Packages whose migrations `anlan serve` applies; the two foreign ones by their release.
_HOUSE = Path(__file__).resolve().parent.parent
_FOREIGN = ("django", "axes")
#: Variables that differ from start to start and change nothing in the folder.
_PASSING = frozenset({"ANLAN_OWNER", "ANLAN_DEAD_OWNERS", "ANLAN_PARENT", "ANLAN_LOG"})


def is_prepared(data: Path) -> bool:
    """True when neither the migrations nor the settings changed since the folder was prepared."""
    database, catalogue = data / "anlan.db", data / "catalogue.json"
    if os.environ.get("ANLAN_DATABASE_URL") or not (database.exists() and catalogue.exists()):
        return False
    try:
        is_same = _mark_file(data).read_text() == _mark_of_settings()
        with contextlib.closing(sqlite3.connect(database, timeout=5)) as link:
            return is_same and link.execute("PRAGMA user_version").fetchone()[0] == mark_of_migrations()
    except (OSError, sqlite3.Error):
        return False


def note_prepared(data: Path) -> None:
    """Keep the mark of the settings; the caller wrote the one of the migrations into the database."""
    _mark_file(data).parent.mkdir(parents=True, exist_ok=True)
    _mark_file(data).write_text(_mark_of_settings())


def mark_of_migrations() -> int:
    """A number of 31 bits that changes with any migration of the house and any release of the framework."""
    mark = 0
    for path in sorted(_HOUSE.glob("*/migrations/*.py")):
        mark = zlib.crc32(f"{path.parent.parent.name}/{path.name}".encode() + path.read_bytes(), mark)
    for name in _FOREIGN:
        spec = find_spec(name)
        mark = zlib.crc32(Path(spec.origin).read_bytes() if spec and spec.origin else b"", mark)
    return mark & 0x7FFFFFFF


def _mark_of_settings() -> str:
    own = sorted(
        f"{key}={value}"
        for key, value in os.environ.items()
        if key.startswith("ANLAN_") and key not in _PASSING
    )
    return hashlib.sha256("\n".join(own).encode()).hexdigest()


def _mark_file(data: Path) -> Path:
    return data / "run" / "prepared"
