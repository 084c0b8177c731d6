"""Writes: record, change and advance rows together with their journal entries; announce events."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction

from anlan.events.base import Event
from anlan.journal import reactions
from anlan.journal.models import Advancing, Announcement, Entry, Journaled
from anlan.journal.refusals import NoSuchTransition, NotHome, StaleRow
from anlan.kernel import canonical
from anlan.kernel.actor import Actor
from anlan.kernel.ids import uuid7

J = TypeVar("J", bound=Journaled)

#: Priority of what only informs; the levels of warnings (1 to 4) come before it.
ORDINARY = 5

_DIGESTED = (
    "id",
    "origin",
    "kind",
    "subject_type",
    "subject_id",
    "division_path",
    "exercise_id",
    "actor",
    "cause",
    "at",
    "payload_digest",
)


def entry_digest(entry: Entry) -> str:
    """The digest that the chain covers: every field but the payload, of which only its digest counts."""
    return canonical.digest({name: getattr(entry, name) for name in _DIGESTED})


def make_entry(
    *,
    kind: str,
    subject: tuple[str, str],
    payload: dict[str, Any],
    by: Actor,
    at: datetime,
    path: str = "",
    exercise_id: Any = None,
    cause: str = "",
) -> Entry:
    """An unsaved entry with its digests."""
    body = canonical.dumps(payload)
    entry = Entry(
        id=uuid7(),
        origin=settings.ANLAN_NODE,
        kind=kind,
        subject_type=subject[0],
        subject_id=subject[1],
        division_path=path,
        exercise_id=exercise_id,
        actor=by.ref,
        cause=cause,
        at=at,
        payload=body.decode(),
        payload_digest=canonical.digest(json.loads(body)),
    )
    entry.digest = entry_digest(entry)
    return entry


def note(
    *,
    kind: str,
    subject: tuple[str, str],
    payload: dict[str, Any],
    by: Actor,
    at: datetime,
    path: str = "",
    exercise_id: Any = None,
    cause: str = "",
) -> Entry:
    """Append an entry that changes no row: a log-in, an export, a look at a personal list, a step of the clock."""
    entry = make_entry(
        kind=kind,
        subject=subject,
        payload=payload,
        by=by,
        at=at,
        path=path,
        exercise_id=exercise_id,
        cause=cause,
    )
    entry.save(force_insert=True)
    return entry


def stored(row: Journaled, field: str) -> Any:
    """The value of one journaled field in the form in which the journal keeps it."""
    column = row._meta.get_field(field)
    value = getattr(row, getattr(column, "attname", field))
    if value is None or type(value) in (str, int, bool):
        return value  # is its own canonical form; most fields are, and a call-out stores thousands of them
    return json.loads(canonical.dumps(value))


def projection(row: Journaled) -> dict[str, Any]:
    """What folding the journal must give for this row."""
    fields = {field: stored(row, field) for field in row.journal_fields}
    if isinstance(row, Advancing):
        fields["state"] = row.state
    fields["version"] = row.version
    return fields


def _entry_for(
    row: Journaled, *, kind: str, fields: dict[str, Any], by: Actor, at: datetime, cause: str
) -> Entry:
    return make_entry(
        kind=f"{row.journal_type}.{kind}",
        subject=(row.journal_type, str(row.pk)),
        payload={"set": fields},
        by=by,
        at=at,
        path=row.journal_path(),
        exercise_id=row.exercise_id,
        cause=cause,
    )


def record_all(rows: Sequence[J], *, by: Actor, at: datetime, kind: str = "", cause: str = "") -> Sequence[J]:
    """Insert new rows of one model and journal each; two statements whatever the number."""
    if not rows:
        return rows
    for row in rows:
        row.home_node = row.home_node or settings.ANLAN_NODE
        row.version = 1
    with transaction.atomic(savepoint=False):
        model = type(rows[0])
        model._default_manager.bulk_create(rows, batch_size=400)
        entries = [
            _entry_for(row, kind=kind or "recorded", fields=projection(row), by=by, at=at, cause=cause)
            for row in rows
        ]
        Entry.objects.bulk_create(entries, batch_size=400)
    return rows


def change(row: Journaled, *, by: Actor, at: datetime, kind: str, cause: str, fields: dict[str, Any]) -> None:
    """Set fields if nobody changed the row since it was read, and journal them."""
    _write(row, {"version": row.version}, fields, kind=kind, by=by, at=at, cause=cause)


def advance(row: Advancing, to: str, *, by: Actor, at: datetime, cause: str, fields: dict[str, Any]) -> None:
    """Move the state along the table of transitions, conditional on (state, version)."""
    if to not in row.transitions.get(row.state, frozenset()):
        raise NoSuchTransition(old=row.state, new=to)
    condition = {"state": row.state, "version": row.version}
    _write(row, condition, {**fields, "state": to}, kind=to, by=by, at=at, cause=cause)


def _write(
    row: Journaled,
    condition: dict[str, Any],
    fields: dict[str, Any],
    *,
    kind: str,
    by: Actor,
    at: datetime,
    cause: str,
) -> None:
    if row.home_node != settings.ANLAN_NODE:
        raise NotHome(home=row.home_node)
    fields = {**fields, "version": row.version + 1}
    with transaction.atomic(savepoint=False):
        updated = type(row)._default_manager.filter(pk=row.pk, **condition).update(**fields)
        if updated == 1:
            for name, value in fields.items():
                setattr(row, name, value)
            kept = {_plain(row, name): stored(row, name) for name in fields if _is_projected(row, name)}
            _entry_for(row, kind=kind, fields=kept, by=by, at=at, cause=cause).save(force_insert=True)
    if updated != 1:  # nothing was written, so the caller's transaction stays usable
        raise StaleRow


def entry_of_change(
    row: Journaled, *, kind: str, names: Iterable[str], by: Actor, at: datetime, cause: str
) -> Entry:
    """The entry for fields that were set together with other rows; `row` shows the new values already."""
    kept = {_plain(row, name): stored(row, name) for name in names if _is_projected(row, name)}
    return _entry_for(row, kind=kind, fields=kept, by=by, at=at, cause=cause)


def _plain(row: Journaled, name: str) -> str:
    """The field's name, also where the caller gave the key of a related row ("person_id" → "person")."""
    return row._meta.get_field(name).name


def _is_projected(row: Journaled, name: str) -> bool:
    plain = name.removesuffix("_id")
    return name in ("state", "version") or name in row.journal_fields or plain in row.journal_fields


def announce(event: Event, *, at: datetime, exercise_id: Any = None, priority: int = ORDINARY) -> None:
    """Put one outbox row per reaction to this event, in the caller's transaction; a worker runs them after commit.

    Reactions run in the order of `priority` (1 first): the levels of warnings, then everything ordinary.
    """
    rows = [
        Announcement(
            event=event.name,
            event_version=event.version,
            reaction=reaction.name,
            priority=priority,
            payload=event.to_payload(),
            exercise_id=exercise_id,
            due_at=at,
        )
        for reaction in reactions.reactions_to(event.name)
    ]
    Announcement.objects.bulk_create(rows)


def erase_payload(entries: Iterable[Entry]) -> int:
    """Remove personal data from entries; their digests stay, so the chain still verifies."""
    return Entry.objects.filter(pk__in=[entry.pk for entry in entries]).update(payload="")
