"""Kinds of import and the one way they run: read, dry run, then all rows, or the good ones where a person chose so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Protocol

from anlan.documents.problems import Problem, add_sentences
from anlan.documents.workbook import Column, SheetRow, Source, read_sheet
from anlan.kernel.actor import Actor
from anlan.kernel.registry import Registry
from anlan.vocab.posts import Right


@dataclass(slots=True)
class ImportReport:
    """Counts of rows by what happened (or, in a dry run, would happen) to them, and what is wrong with the others."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    #: What a person should look at although the row is imported.
    warnings: list[Problem] = field(default_factory=list)
    dry_run: bool = False
    #: False where nothing was stored: a dry run, or a bad row while nobody chose to skip bad rows.
    stored: bool = False

    @property
    def ok(self) -> bool:
        return not self.problems

    def to_json(self) -> dict[str, object]:
        return {
            "created": self.created,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "dry_run": self.dry_run,
            "stored": self.stored,
            "problems": [problem.to_json() for problem in self.problems],
            "warnings": [warning.to_json() for warning in self.warnings],
        }


class Apply(Protocol):
    """Stores rows inside the caller's transaction and counts them. A bad row is reported and wholly left out.

    With `dry_run` it reports and counts the same and writes nothing.
    """

    def __call__(
        self, rows: Sequence[SheetRow], *, by: Actor, at: datetime, dry_run: bool
    ) -> ImportReport: ...


@dataclass(frozen=True, slots=True)
class ImportKind:
    """`title` is (Chinese, English); `need` is the right that a person must have; `sentences` words its own problems."""

    name: str
    title: tuple[str, str]
    columns: tuple[Column, ...]
    apply: Apply
    need: Right = Right.EDIT_DIRECTORY
    examples: tuple[Mapping[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    sentences: Mapping[str, tuple[str, str]] = field(default_factory=dict)


_kinds: Registry[ImportKind] = Registry("kind of import", needs=("columns", "apply", "title"))


def register(kind: ImportKind) -> ImportKind:
    """Add a kind at start-up; a second one of the same name raises ValueError."""
    add_sentences(kind.sentences)
    return _kinds.add(kind.name, kind)


def import_kind(name: str) -> ImportKind:
    """The kind; an unknown name raises KeyError."""
    return _kinds.get(name)


def import_kinds() -> list[ImportKind]:
    return _kinds.values()


def run_import(
    kind: ImportKind,
    source: Source,
    *,
    by: Actor,
    at: datetime,
    dry_run: bool = False,
    skip_bad: bool = False,
) -> ImportReport:
    """Import one workbook inside the caller's transaction.

    The rows are first tried without writing. If anything is wrong nothing is stored, unless `skip_bad` was chosen and the
    header could be understood; then the good rows are stored.
    """
    sheet = read_sheet(source, kind.columns)
    if not sheet.readable:
        return ImportReport(problems=sheet.problems, dry_run=dry_run)
    tried = kind.apply(sheet.rows, by=by, at=at, dry_run=True)
    tried.dry_run = dry_run
    tried.problems = _ordered([*sheet.problems, *tried.problems])
    if dry_run or (tried.problems and not skip_bad):
        return tried
    bad = {problem.row for problem in tried.problems}
    report = kind.apply([row for row in sheet.rows if row.number not in bad], by=by, at=at, dry_run=False)
    report.problems = _ordered([*tried.problems, *report.problems])
    report.stored = True
    return report


def write_kind_template(kind: ImportKind, path: str | Path | IO[bytes]) -> None:
    """The template of one kind."""
    from anlan.documents.templates import write_template  # openpyxl only where a workbook is written

    write_template(kind.columns, path, kind.examples, notes=kind.notes)


def refuse_repeats(
    rows: Sequence[SheetRow], key: Callable[[SheetRow], object], column: str
) -> tuple[list[SheetRow], list[Problem]]:
    """The rows whose key appears once, and a problem for each later row with a key that was there before."""
    first: dict[object, int] = {}
    kept, problems = [], []
    for row in rows:
        other = first.setdefault(key(row), row.number)
        if other == row.number:
            kept.append(row)
        else:
            problems.append(Problem(row.number, column, "row.twice", {"other": other}))
    return kept, problems


def _ordered(problems: list[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda problem: (problem.row, problem.column))
