"""Writes: record, change and advance rows together with their journal entries; announce events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import transaction

from anlan.events.base import Event
from anlan.journal import clocks, inserting, reactions
from anlan.journal.models import Advancing, Announcement, Entry, Journaled
from anlan.journal.refusals import NoSuchTransition, NotHome, OutOfReach, StaleRow
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
    again = body if canonical.is_settled(payload) else canonical.dumps(canonical.settled(payload))
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
        payload_digest=canonical.digest_of(again),
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
    return canonical.settled(value)


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
    """Insert new rows of one model and journal each; a few statements whatever the number."""
    if not rows:
        return rows
    require_reach(rows)
    for row in rows:
        row.home_node = row.home_node or settings.ANLAN_NODE
        row.version = 1
    with transaction.atomic(savepoint=False):
        try:
            _record_many(rows, kind=kind or "recorded", by=by, at=at, cause=cause)
        except inserting.Unusual:
            _record_few(rows, kind=kind or "recorded", by=by, at=at, cause=cause)
    return rows


def require_reach(rows: Iterable[Journaled]) -> None:
    """Whoever plays in a drill writes its rows alone, except of what is above all runs."""
    for row in rows:
        if not row.is_above_runs and clocks.is_out_of_reach(row.exercise_id):
            raise OutOfReach(row.journal_type)


def _record_few(rows: Sequence[Journaled], *, kind: str, by: Actor, at: datetime, cause: str) -> None:
    type(rows[0])._default_manager.bulk_create(rows, batch_size=inserting.BATCH)
    entries = [_entry_for(row, kind=kind, fields=projection(row), by=by, at=at, cause=cause) for row in rows]
    Entry.objects.bulk_create(entries, batch_size=inserting.BATCH)


def _record_many(rows: Sequence[Journaled], *, kind: str, by: Actor, at: datetime, cause: str) -> None:
    """The same by columns. Raises `Unusual`, with nothing written, where only the ordinary way is sure."""
    columns = inserting.columns_of(rows)
    kept = _kept_columns(rows[0], columns)
    inserting.insert_columns(type(rows[0]), columns)
    inserting.insert_columns(Entry, _entry_columns(rows, columns, kept, kind=kind, by=by, at=at, cause=cause))
    inserting.show_stored(rows)


def _kept_columns(row: Journaled, columns: inserting.Columns) -> inserting.Columns:
    """The columns that `projection` keeps, by the names that it gives them."""
    names = {field: getattr(row._meta.get_field(field), "attname", field) for field in row.journal_fields}
    if isinstance(row, Advancing):
        names["state"] = "state"
    names["version"] = "version"
    if not columns.keys() >= set(names.values()):
        raise inserting.Unusual
    return {name: columns[attname] for name, attname in names.items()}


def _entry_columns(
    rows: Sequence[Journaled],
    columns: inserting.Columns,
    kept: inserting.Columns,
    *,
    kind: str,
    by: Actor,
    at: datetime,
    cause: str,
) -> inserting.Columns:
    """What `_entry_for` makes of each row, as columns of `Entry`."""
    count, first = len(rows), rows[0]
    bodies = [f'{{"set":{fields}}}' for fields in _documents(kept)]
    made: dict[str, Sequence[Any]] = {
        "id": [uuid7() for _ in rows],
        "origin": [settings.ANLAN_NODE] * count,
        "kind": [f"{first.journal_type}.{kind}"] * count,
        "subject_type": [first.journal_type] * count,
        "subject_id": [str(key) for key in columns[first._meta.pk.attname]],
        "division_path": [row.journal_path() for row in rows],
        "exercise_id": columns["exercise_id"],
        "actor": [by.ref] * count,
        "cause": [cause] * count,
        "at": [at] * count,
        "payload_digest": [canonical.digest_of(body.encode()) for body in bodies],
    }
    digests = [canonical.digest_of(text.encode()) for text in _documents(made)]
    return {
        **made, "seq": [None] * count, "payload": bodies, "digest": digests, "chain_hash": [""] * count,
    }  # fmt: skip


def _documents(columns: Mapping[str, Sequence[Any]]) -> list[str]:
    """One canonical JSON object for each row of some columns; what is the same in all rows is written once."""
    parts, varying, count = [], [], 0
    for name, values in sorted(columns.items()):
        head, count = canonical.text(name) + ":", len(values)
        if inserting.same(values):
            parts.append((head + _fragment(values[0])).replace("%", "%%"))
        else:
            parts.append(head.replace("%", "%%") + "%s")
            varying.append(inserting.each_once(values, _fragment))
    form = "{" + ",".join(parts) + "}"
    return [form % row for row in zip(*varying, strict=True)] if varying else [form % ()] * count


def _fragment(value: object) -> str:
    """The canonical form of one value as the journal keeps it."""
    if type(value) is UUID:
        return f'"{value}"'
    return canonical.text(value if canonical.is_settled(value) else canonical.settled(value))


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
    require_reach([row])
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
    announce_all([event], at=at, exercise_id=exercise_id, priority=priority)


def announce_all(
    events: Sequence[Event], *, at: datetime, exercise_id: Any = None, priority: int = ORDINARY
) -> None:
    """The same for many events, with one statement."""
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
        for event in events
        for reaction in reactions.reactions_to(event.name)
    ]
    Announcement.objects.bulk_create(rows)


def erase_payload(entries: Iterable[Entry]) -> int:
    """Remove personal data from entries; their digests stay, so the chain still verifies."""
    return Entry.objects.filter(pk__in=[entry.pk for entry in entries]).update(payload="")
