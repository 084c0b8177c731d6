"""`anlan casefile INCIDENT --out FILE`: make the case file (案卷) of an incident by its number; for large ones and for archives' own machines."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import uuid
from pathlib import Path

from anlan.kernel.refusals import Refusal
from anlan.project.cli import use_django


class NoSuchIncident(Refusal):
    code = "casefile.no_such_incident"
    text = "There is no incident %(given)s."
    next_step = "Give its number as the list of incidents shows it, or its id."


class FileExists(Refusal):
    code = "casefile.file_exists"
    text = "%(path)s is there already."
    next_step = "Choose another name; a case file is never written over."


def run(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    if options.out.exists():
        raise FileExists(path=options.out)
    use_django()
    from anlan.incidents.models import Incident
    from anlan.journal import clocks
    from anlan.kernel.actor import system
    from anlan.review.casefile.building import stored
    from anlan.review.services import make_case_file

    rows = Incident.objects.select_related("division")
    key = _key(options.incident)
    incident = (rows.filter(pk=key) if key is not None else rows.filter(number=options.incident)).first()
    if incident is None:
        raise NoSuchIncident(given=options.incident)
    at = clocks.now(incident.exercise_id)
    row = make_case_file(incident, by=system("casefile"), by_name="", at=at)
    _copy(stored(row.sha256), options.out)
    found = {
        "incident": incident.number, "file": str(options.out), "sha256": row.sha256, "bytes": row.bytes, "files": row.files,
        "head_seq": row.head_seq, "head_hash": row.head_hash,
    }  # fmt: skip
    if options.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        print(f"{options.out}: {row.files} files, {row.bytes} bytes, journal up to {row.head_seq}")
        print(f"sha256 {row.sha256}")
        print("It holds names, numbers and addresses of people. Unpack it and run check.py in its folder.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="anlan casefile", description="Make the case file of an incident.")
    parser.add_argument("incident", help="number or id of the incident")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the archive to write (.zip)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    return parser


def _key(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _copy(source: Path, target: Path) -> None:
    """Complete or not at all, readable by its owner only."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with (
            source.open("rb") as file,
            os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out,
        ):
            shutil.copyfileobj(file, out, 1 << 20)
        part.replace(target)
    except OSError:
        part.unlink(missing_ok=True)
        raise
