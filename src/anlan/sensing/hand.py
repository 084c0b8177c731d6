"""The source "hand": how readings that people enter reach the gateway. Its token is made when the first one is entered."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from pathlib import Path
from typing import Any

from anlan.vocab.kinds import KINDS

SOURCE = "hand"
_FILE = "hand.token"


def ensure_token(data: Path) -> str:
    """The token of this data folder, made once, readable by its owner only. Whoever makes it first wins."""
    found = token(data)
    if found:
        return found
    target, own = data / _FILE, data / f"{_FILE}.{secrets.token_hex(4)}"
    with os.fdopen(os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(32))
        file.flush()
        os.fsync(file.fileno())
    try:
        with contextlib.suppress(FileExistsError):
            os.link(own, target)
    finally:
        own.unlink()
    return token(data)


def token(data: Path) -> str:
    """The token, "" while nobody has entered a reading here."""
    try:
        return (data / _FILE).read_text().strip()
    except FileNotFoundError:
        return ""


def catalogue_entry(data: Path) -> dict[str, Any] | None:
    """The source as the gateway knows it; None without a token.

    A person at a gauge does not make its silent sensor speak: only stations that are read by hand count as heard.
    """
    known = token(data)
    if not known:
        return None
    return {
        "name": SOURCE,
        "token_sha256": hashlib.sha256(known.encode()).hexdigest(),
        "stations": ["*"],
        "heard_kinds": sorted(kind.code for kind in KINDS.values() if kind.is_by_hand),
    }
