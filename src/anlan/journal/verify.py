"""`anlan verify`: the chain is whole, and folding the journal gives every projected row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from anlan.journal.models import Entry, Journaled, journaled_models
from anlan.journal.services import entry_digest, projection
from anlan.kernel import canonical


@dataclass(slots=True)
class Report:
    """`problems` is empty when everything holds."""

    entries: int = 0
    unsealed: int = 0
    rows: int = 0
    erased: int = 0
    heads: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.problems


def verify() -> Report:
    """Check the chains and fold the journal."""
    report = Report()
    _check_chains(report)
    _check_fold(report)
    return report


def _check_chains(report: Report) -> None:
    last: dict[str, tuple[int, str]] = {}
    for entry in Entry.objects.filter(seq__isnull=False).order_by("origin", "seq").iterator(2_000):
        report.entries += 1
        seq, link = last.get(entry.origin, (0, ""))
        if entry.seq != seq + 1:
            report.problems.append(f"{entry.origin}: entry {seq + 1} is missing")
        if entry.digest != entry_digest(entry) or entry.chain_hash != canonical.chain(link, entry.digest):
            report.problems.append(f"{entry.origin}: entry {entry.seq} was changed after it was sealed")
        if entry.payload == "":
            report.erased += 1
        elif canonical.digest(json.loads(entry.payload)) != entry.payload_digest:
            report.problems.append(f"{entry.origin}: the content of entry {entry.seq} was changed")
        last[entry.origin] = (entry.seq or 0, entry.chain_hash)
    report.heads = {origin: f"{seq}:{link}" for origin, (seq, link) in last.items()}
    report.unsealed = Entry.objects.filter(seq__isnull=True).count()


def folded() -> dict[tuple[str, str], dict[str, Any]]:
    """The present state as the journal alone tells it, by (type, id). Entries of one row apply in order of version."""
    changes: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for subject_type, subject_id, payload in _payloads():
        if "set" in payload:
            changes.setdefault((subject_type, subject_id), []).append(payload["set"])
    state: dict[tuple[str, str], dict[str, Any]] = {}
    for key, sets in changes.items():
        row: dict[str, Any] = {}
        for fields in sorted(sets, key=lambda one: int(one.get("version", 0))):
            row.update(fields)
        state[key] = row
    return state


def _payloads() -> Iterator[tuple[str, str, dict[str, Any]]]:
    entries = Entry.objects.exclude(payload="").values_list("subject_type", "subject_id", "payload")
    for subject_type, subject_id, payload in entries.iterator(5_000):
        yield subject_type, subject_id, json.loads(payload)


def _check_fold(report: Report) -> None:
    told = folded()
    for model in journaled_models():
        for row in model._default_manager.all().iterator(2_000):
            report.rows += 1
            _compare(report, row, told.pop((model.journal_type, str(row.pk)), None))
    kept = {model.journal_type for model in journaled_models()}
    for subject_type, subject_id in told:
        if subject_type in kept:
            report.problems.append(f"{subject_type} {subject_id} is in the journal and not in the database")


def _compare(report: Report, row: Journaled, told: dict[str, Any] | None) -> None:
    name = f"{row.journal_type} {row.pk}"
    if told is None:
        report.problems.append(f"{name} is in the database and not in the journal")
        return
    actual = projection(row)
    different = [field for field, value in actual.items() if told.get(field) != value]
    if different:
        report.problems.append(f"{name} differs from the journal in {', '.join(sorted(different))}")
