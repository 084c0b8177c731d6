"""`anlan verify`: every settled day is on disk as the journal says. Reads whole files; no Parquet reader is needed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from anlan.sensing.history.paths import edition_folder
from anlan.sensing.history.segments import number_of_day
from anlan.sensing.models import HistorySegment, SegmentState


def problems(data: Path) -> Iterator[str]:
    """One sentence for each file that is missing or was changed."""
    for segment in HistorySegment.objects.filter(state=SegmentState.CURRENT).order_by("day"):
        table = "".join(f"{name} {segment.files[name]}\n" for name in sorted(segment.files))
        if hashlib.sha256(table.encode()).hexdigest() != segment.sha256:
            yield f"settled day {segment.day}: its table of files was changed"
        number = number_of_day(segment.day)
        folder = edition_folder(data, number, segment.edition)
        for name, known in segment.files.items():
            yield from _problem(folder / name, known, str(segment.day))


def _problem(path: Path, known: str, day: str) -> Iterator[str]:
    if not path.exists():
        yield f"settled day {day}: {path.name} is missing"
        return
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != known:
            yield f"settled day {day}: {path.name} was changed after it was settled"
