"""A folder into which warnings are put: by a scanner, a fax server, a USB stick, a script.

`ANLAN_DATA/drop/warnings/` takes .eml, .txt, .xml, .cap and .json. A file is moved to done/ or failed/ only after its row is
stored; a crash in between reads it again, and the digest in its reference keeps it from counting twice.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction

from anlan.kernel.actor import Actor
from anlan.kernel.refusals import Refusal
from anlan.warning.incoming import mail
from anlan.warning.services.incoming import MOST_BYTES, run_of_now, take

log = logging.getLogger("anlan.incoming")

ENDINGS = (".eml", ".txt", ".xml", ".cap", ".json")
#: A file that changed so recently may still be being written, seconds. Engineering choice.
SETTLED_S = 1.0
#: Files taken in one round, so that a thousand of them do not hold the loop.
TOGETHER = 20
_BY = Actor(ref="source:folder", name="drop folder")


@dataclass(frozen=True, slots=True)
class Dropped:
    taken: int = 0
    failed: int = 0


def folder() -> Path:
    return Path(settings.ANLAN_DATA) / "drop" / "warnings"


def take_files(*, now_s: float | None = None) -> Dropped:
    """Take what lies in the folder. Links are not followed. A file that cannot be taken goes to failed/ with the reason beside it."""
    place = folder()
    if not place.is_dir():
        return Dropped()
    taken = failed = 0
    for path in waiting_files(place, time.time() if now_s is None else now_s, ENDINGS):
        try:
            _take(path)
        except (Refusal, ValueError) as error:
            move_file(path, "failed", why=f"{type(error).__name__}: {error}")
            failed += 1
        except OSError as error:  # it was taken away, or cannot be read yet: it stays
            log.warning("dropped_file_unreadable", extra={"error": type(error).__name__})
        else:
            move_file(path, "done")
            taken += 1
    return Dropped(taken, failed)


def waiting_files(place: Path, now_s: float, endings: tuple[str, ...]) -> Iterator[Path]:
    """Files that are no longer being written, at most a round's worth."""
    found = sorted(
        path for path in place.iterdir() if path.suffix.lower() in endings and not path.is_symlink()
    )
    settled = (path for path in found if path.is_file() and now_s - path.stat().st_mtime >= SETTLED_S)
    for number, path in enumerate(settled):
        if number == TOGETHER:
            return
        yield path


def _take(path: Path) -> None:
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"more than {MOST_BYTES} bytes")
    data = path.read_bytes()
    reference = f"{path.name[:120]}:{hashlib.sha256(data).hexdigest()[:32]}"
    if path.suffix.lower() == ".eml":
        mail.take_mail(data, reference=reference)
        return
    in_own_transaction(data, source="folder", source_name=path.name[:120], reference=reference)


def in_own_transaction(data: bytes, *, source: str, source_name: str, reference: str) -> None:
    """Take a message; when another way in took the same warning in this moment, it is compared once more."""
    exercise_id, at = run_of_now()
    for attempt in (1, 2):
        try:
            with transaction.atomic():
                take(
                    data,
                    source=source,
                    source_name=source_name,
                    reference=reference,
                    by=_BY,
                    at=at,
                    exercise_id=exercise_id,
                )
            return
        except IntegrityError:
            if attempt == 2:
                raise


def move_file(path: Path, to: str, *, why: str = "") -> None:
    """Never over a file that is there already."""
    target = path.parent / to
    target.mkdir(exist_ok=True)
    goal = target / path.name
    number = 1
    while goal.exists():
        goal = target / f"{path.stem}.{number}{path.suffix}"
        number += 1
    path.rename(goal)
    if why:
        goal.with_name(f"{goal.name}.why").write_text(why[:500], encoding="utf-8")
