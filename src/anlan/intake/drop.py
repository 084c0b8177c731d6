"""A folder into which letters and notes are put: by a scanner, a fax server, a script of a neighbouring room.

`ANLAN_DATA/drop/intake/` takes .eml and .txt. A file is moved to done/ or failed/ only after its row is stored; a crash in between
reads it again, and the digest in its reference keeps it from counting twice.
"""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

from django.conf import settings
from django.db import transaction

from anlan.intake import mail
from anlan.intake.guessing import guess_type, read_figures
from anlan.intake.services import take_intake
from anlan.intake.types import IntakeDetails
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import Refusal
from anlan.vocab.incidents import Informant
from anlan.warning.incoming.drop import Dropped, move_file, waiting_files

ENDINGS = (".eml", ".txt")
#: A note is text; more is no note. Engineering choice.
NOTE_BYTES = 64 * 1024
_BY = Actor(ref="source:folder", name="投递文件夹")


def folder() -> Path:
    return Path(settings.ANLAN_DATA) / "drop" / "intake"


def take_files(*, now_s: float | None = None) -> Dropped:
    """Take what lies in the folder; what cannot be taken goes to failed/ with the reason beside it."""
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
        except OSError:  # it was taken away, or cannot be read yet: it stays
            continue
        else:
            move_file(path, "done")
            taken += 1
    return Dropped(taken, failed)


def _take(path: Path) -> None:
    if path.suffix.lower() == ".eml":
        is_cut = path.stat().st_size > mail.MOST_BYTES
        with path.open("rb") as file:
            data = file.read(mail.CUT_BYTES if is_cut else mail.MOST_BYTES)
        if mail.take_mail(data, reference=_reference(path, data), is_cut=is_cut) is None:
            raise ValueError("a letter without words")
        return
    if path.stat().st_size > NOTE_BYTES:
        raise ValueError(f"more than {NOTE_BYTES} bytes")
    data = path.read_bytes()
    text = _text(data)
    run = clocks.default_exercise_id()
    at = clocks.now(run)
    details = IntakeDetails(
        source=Informant.OTHER.value,
        sender_name=f"文件 {path.name[:60]}",
        reference=_reference(path, data),
        text=text,
        received_at=at,
        event_type=guess_type(text),
        figures=read_figures(text),
    )
    with transaction.atomic():
        take_intake(details, by=_BY, at=at, exercise_id=run)


def _reference(path: Path, data: bytes) -> str:
    return f"{path.name[:60]}:{hashlib.sha256(data).hexdigest()[:32]}"


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")
