"""Entries, chain heads, leased work and the runs that have a clock of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Self

from django.db import models

from anlan.kernel.actor import Actor
from anlan.kernel.ids import uuid7

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Entry(models.Model):
    """One fact or change of state. `seq` and `chain_hash` are given later by the sealer, never by the writer."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    origin = models.CharField(max_length=64)
    seq = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=80)
    subject_type = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=64)
    division_path = models.CharField(max_length=200, blank=True, default="")
    exercise_id = models.UUIDField(null=True)
    actor = models.CharField(max_length=120)
    cause = models.CharField(max_length=80, blank=True, default="")
    at = models.DateTimeField()
    #: Canonical JSON; "" once personal data was erased (the digest stays, so the chain still verifies).
    payload = models.TextField()
    payload_digest = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    chain_hash = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["origin", "seq"], name="journal_origin_seq")]
        indexes: ClassVar = [
            models.Index(fields=["id"], name="journal_unsealed", condition=models.Q(seq__isnull=True)),
            models.Index(fields=["subject_type", "subject_id"], name="journal_subject"),
            models.Index(fields=["seq"], name="journal_seq"),
        ]


class ChainHead(models.Model):
    """How far the chain of one origin goes. Only the sealer (or the relay, for others' chains) moves it."""

    origin = models.CharField(max_length=64, primary_key=True)
    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True, default="")


class Cursor(models.Model):
    """How far a reader of something outside the main database has come; moved in the transaction that used it."""

    name = models.CharField(max_length=80, primary_key=True)
    position = models.JSONField(default=dict)


class ExerciseRun(models.Model):
    """One drill with its own clock: `speed` seconds pass for each second on the wall, counted from `wall_start`.

    In a silent one nobody's telephone rings either: people play it around a table.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    scenario = models.CharField(max_length=80)
    seed = models.BigIntegerField(default=0)
    clock_start = models.DateTimeField()
    wall_start = models.DateTimeField()
    speed = models.FloatField(default=1.0)
    is_silent = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True)


class Leased(models.Model):
    """Work that one worker instance holds for a while. Leases run on the wall clock, also in an exercise.

    `lease_until` starts in the past and is never null, so one conditional UPDATE both tests and takes it.
    """

    lease_owner = models.CharField(max_length=80, blank=True, default="")
    lease_until = models.DateTimeField(default=LONG_AGO)

    class Meta:
        abstract = True


class Announcement(Leased):
    """One published event on its way to one reaction: the outbox row. A failing one stays visible and can be retried."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    event = models.CharField(max_length=80)
    event_version = models.PositiveSmallIntegerField(default=1)
    reaction = models.CharField(max_length=120)
    payload = models.JSONField()
    #: 1 comes first: the level of the warning that may follow, 5 for what only informs.
    priority = models.PositiveSmallIntegerField(default=5)
    exercise_id = models.UUIDField(null=True)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["priority", "due_at"],
                name="announcement_due",
                condition=models.Q(done_at__isnull=True),
            )
        ]


class WorkFailure(models.Model):
    """Something that failed while nobody watched: shown to people until it works again."""

    name = models.CharField(max_length=120)
    subject_id = models.CharField(max_length=64)
    error = models.TextField()
    count = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name", "subject_id"], name="work_failure_once")
        ]


class Journaled(models.Model):
    """A projected row: made, changed and moved only together with a journal entry in the same transaction.

    `journal_type` names it in the journal, `journal_fields` are what folding the journal must reproduce.
    """

    journal_type: ClassVar[str] = ""
    journal_fields: ClassVar[tuple[str, ...]] = ()
    #: Written in reality also by somebody inside a drill: the drill itself, one's own account.
    is_above_runs: ClassVar[bool] = False

    home_node = models.CharField(max_length=64, blank=True, default="")
    exercise_id = models.UUIDField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True

    def journal_path(self) -> str:
        """The division path that decides who may see entries about this row; "" means the whole node."""
        return ""

    def record(self, *, by: Actor, at: datetime, kind: str = "", cause: str = "") -> Self:
        """Insert this new row and journal it."""
        from anlan.journal.services import record_all

        record_all([self], by=by, at=at, kind=kind, cause=cause)
        return self

    def change(
        self,
        *,
        by: Actor,
        at: datetime,
        kind: str,
        cause: str = "",
        fields: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Self:
        """Set fields that are not a state, conditional on the version that was read. Raises `StaleRow`.

        `kind` is what the entry is called. A row may have a field of that name too: it comes in `fields`, as does whatever
        a caller only knows as a mapping.
        """
        from anlan.journal.services import change

        change(self, by=by, at=at, kind=kind, cause=cause, fields={**(fields or {}), **more})
        return self


class Advancing(Journaled):
    """A row with a state that moves only along `transitions`."""

    transitions: ClassVar[dict[str, frozenset[str]]] = {}

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    state = models.CharField(max_length=24)

    class Meta:
        abstract = True

    def advance(self, to: str, *, by: Actor, at: datetime, cause: str = "", **fields: Any) -> Self:
        """Move to state `to`, conditional on (state, version), and journal what changed.

        Raises `NoSuchTransition`, `StaleRow` (somebody was faster) or `NotHome`.
        """
        from anlan.journal.services import advance

        advance(self, to, by=by, at=at, cause=cause, fields=fields)
        return self


def journaled_models() -> Iterable[type[Journaled]]:
    """Every concrete projected model that is installed."""
    from django.apps import apps

    return [model for model in apps.get_models() if issubclass(model, Journaled)]


def subject_key(row: Journaled) -> tuple[str, str]:
    """How the journal names a row."""
    return row.journal_type, str(row.pk)
