"""Imports from the command line: the same kinds as on the desk, and the shapes that come as GeoJSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction

from anlan.documents.imports import (
    ImportKind,
    ImportReport,
    import_kind,
    import_kinds,
    run_import,
    write_kind_template,
)
from anlan.journal import clocks
from anlan.kernel.actor import system
from anlan.kernel.refusals import Refusal
from anlan.places.rivers import lines_of, store_rivers
from anlan.places.types import BoundaryReport
from anlan.sensing import services as sensing

BY = system("import")


class UnknownKind(Refusal):
    code = "import.unknown_kind"
    text = "There is no kind of workbook called %(kind)s."
    next_step = "Choose one of: %(known)s."


@dataclass(slots=True)
class FileReport:
    """What became of one file. `problems` are JSON objects with row, column, code and sentences."""

    kind: str
    counts: dict[str, int] = field(default_factory=dict)
    problems: list[dict[str, Any]] = field(default_factory=list)
    stored: bool = False
    dry_run: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            **self.counts,
            "stored": self.stored,
            "dry_run": self.dry_run,
            "problems": self.problems,
        }

    def lines(self) -> list[str]:
        """The report for a person at a terminal."""
        head = ", ".join(f"{number} {name}" for name, number in self.counts.items())
        lines = [f"{self.kind}: {head}"]
        lines += [f"row {one['row']}, column {one['column'] or '—'}: {one['en']}" for one in self.problems]
        if self.dry_run:
            lines.append("Nothing was stored (dry run).")
        elif not self.stored:
            lines.append("Nothing was stored. Mend the rows above, or take the good ones with --skip-bad.")
        return lines


def import_file(kind: str, path: Path, *, dry_run: bool = False, skip_bad: bool = False) -> FileReport:
    """Import a workbook, boundaries or rivers; all or nothing unless `skip_bad` takes the good rows."""
    if kind == "boundaries":
        return _boundaries(path, dry_run=dry_run)
    if kind == "rivers":
        return _rivers(path, dry_run=dry_run)
    with transaction.atomic():
        at = clocks.now(clocks.default_exercise_id())
        report = run_import(_kind(kind), path, by=BY, at=at, dry_run=dry_run, skip_bad=skip_bad)
    return _of_workbook(kind, report)


def write_template_file(kind: str, out: Path) -> None:
    """The empty workbook of one kind."""
    write_kind_template(_kind(kind), out)


def _kind(name: str) -> ImportKind:
    try:
        return import_kind(name)
    except KeyError:
        known = ", ".join(kind.name for kind in import_kinds())
        raise UnknownKind(kind=name, known=known) from None


def _of_workbook(kind: str, report: ImportReport) -> FileReport:
    counts = {"created": report.created, "changed": report.changed, "unchanged": report.unchanged}
    problems = [problem.to_json() for problem in report.problems]
    return FileReport(kind, counts, problems, report.stored, report.dry_run)


def _boundaries(path: Path, *, dry_run: bool) -> FileReport:
    from anlan.places.boundaries import load_boundaries  # brings shapely and NumPy

    with transaction.atomic():
        at = clocks.now(clocks.default_exercise_id())
        report: BoundaryReport = load_boundaries(path.read_bytes(), by=BY, at=at)
        if dry_run:
            transaction.set_rollback(True)
    problems = [_problem(code, "unknown", f"no division has the code {code}") for code in report.unknown]
    problems += [_problem(code, "invalid", why) for code, why in report.invalid]
    counts = {"changed": report.stored, "unchanged": report.unchanged}
    return FileReport("boundaries", counts, problems, not dry_run, dry_run)


def _problem(code: str, name: str, why: str) -> dict[str, Any]:
    return {"row": 0, "column": code, "code": f"boundary.{name}", "zh": why, "en": why}


def _rivers(path: Path, *, dry_run: bool) -> FileReport:
    data = path.read_bytes()
    if dry_run:
        return FileReport("rivers", {"lines": len(lines_of(data))}, dry_run=True)
    with transaction.atomic():
        at = clocks.now(clocks.default_exercise_id())
        lines = store_rivers(data, by=BY, at=at)
        joined = sensing.load_network(lines_of(data), by=BY, at=at)
    return FileReport("rivers", {"lines": lines, "joined": joined}, stored=True)
