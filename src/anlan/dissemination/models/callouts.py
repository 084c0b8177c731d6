"""Call-outs and their seats. Answered, acting and done are different facts; lost contact is a state of its own."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Advancing, Leased


class CalloutState(models.TextChoices):
    OPEN = "open"
    CLOSED = "closed"


class Callout(Leased, Advancing):
    """Calling everybody responsible about one subject until each has answered. `ladder` is a copy, so later edits of
    the preset do not change a running call-out. `subject` is "warning:<uuid>" or "alarm:<uuid>"; this floor never looks inside.
    """

    journal_type: ClassVar[str] = "callout"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "subject",
        "title",
        "text",
        "voice_text",
        "issuer",
        "level",
        "hazard_type",
        "division",
        "ladder",
        "ladder_name",
        "started_at",
        "expires_at",
        "closed_at",
        "close_reason",
        "closed_by",
        "replaces",
        "audience",
        "texts",
        "needs_feedback",
        "seats_planned",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {"open": frozenset({"closed"})}

    subject = models.CharField(max_length=80, db_index=True)
    title = models.CharField(max_length=200)
    text = models.TextField()
    voice_text = models.TextField(blank=True, default="")
    issuer = models.CharField(max_length=120)
    level = models.PositiveSmallIntegerField(null=True)
    hazard_type = models.CharField(max_length=24, blank=True, default="")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    ladder = models.JSONField()
    ladder_name = models.CharField(max_length=60)
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    close_reason = models.TextField(blank=True, default="")
    closed_by = models.CharField(max_length=120, blank=True, default="")
    replaces = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    #: Whom it is for, as chosen: area, kinds of places, posts, labels, skills; for the record and for widening.
    audience = models.JSONField(default=dict, blank=True)
    #: The same message in other languages and for other audiences: {"en": {"text": …, "voice_text": …}}.
    texts = models.JSONField(default=dict, blank=True)
    #: A seat is done only with the measures taken; "done" without them counts as acting and asks for them.
    needs_feedback = models.BooleanField(default=True)
    #: Seats in all, also those that are still being opened in batches (`SeatingBatch`); counts what `widen_callout` adds.
    seats_planned = models.PositiveIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "started_at"], name="callout_state_started")]

    def journal_path(self) -> str:
        return self.division.path


class SeatState(models.TextChoices):
    WAITING = "waiting"
    ANSWERED = "answered"
    ACTING = "acting"
    DONE = "done"
    UNANSWERED = "unanswered"
    LOST_CONTACT = "lost_contact"
    RESOLVED = "resolved"
    RELEASED = "released"


_ANSWERS = frozenset({"answered", "acting", "done", "resolved", "released"})


class CalloutSeat(Leased, Advancing):
    """One village (or office) that has to answer. `escalate_at` is the next deadline: the ladder's next rung.

    `unanswered` means that the ladder is used up and `escalated_to` names the person who has it now; an answer still counts.
    `released` means that the call-out was lifted or replaced before the seat answered: told, not silent.
    `skipped` lists rungs that nobody could be called on: {"rung", "to", "why"} with a reason of `dissemination.audience.Gap`.
    `note` is the latest remark of a person; all of them are acknowledgements with the meaning "note".
    """

    journal_type: ClassVar[str] = "callout_seat"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "callout",
        "division",
        "rung",
        "trying_person",
        "trying_role",
        "trying_channel",
        "waiting_since",
        "escalate_at",
        "answered_at",
        "answered_by",
        "answered_by_name",
        "answered_via",
        "acting_at",
        "done_at",
        "households_moved",
        "people_moved",
        "escalated_to",
        "escalated_to_name",
        "resolve_reason",
        "lost_contact_at",
        "last_contact",
        "skipped",
        "note",
        "party",
        "measures",
        "measures_words",
        "moved_to",
        "households_refused",
        "households_missing",
        "claimed_done_at",
        "feedback_due_at",
        "reassigned_to",
        "lost_signs",
        "order_to_go",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "waiting": _ANSWERS | {"unanswered", "lost_contact"},
        "unanswered": _ANSWERS | {"lost_contact", "waiting"},
        "lost_contact": _ANSWERS | {"waiting"},
        "answered": frozenset({"acting", "done", "resolved", "released"}),
        "acting": frozenset({"done", "resolved", "released"}),
        "done": frozenset(),
        "resolved": frozenset({"answered", "acting", "done"}),
        "released": frozenset({"answered", "acting", "done"}),
    }

    callout = models.ForeignKey(Callout, on_delete=models.PROTECT, related_name="seats")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    rung = models.SmallIntegerField(default=0)
    trying_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    trying_role = models.CharField(max_length=40, blank=True, default="")
    trying_channel = models.CharField(max_length=20, blank=True, default="")
    waiting_since = models.DateTimeField()
    escalate_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey("directory.Person", null=True, on_delete=models.PROTECT, related_name="+")
    answered_by_name = models.CharField(max_length=60, blank=True, default="")
    answered_via = models.CharField(max_length=20, blank=True, default="")
    acting_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    households_moved = models.PositiveIntegerField(null=True)
    people_moved = models.PositiveIntegerField(null=True)
    escalated_to = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    escalated_to_name = models.CharField(max_length=120, blank=True, default="")
    resolve_reason = models.TextField(blank=True, default="")
    #: When contact was declared lost, and in words when and how somebody was last heard (失联 is not "unanswered").
    lost_contact_at = models.DateTimeField(null=True)
    last_contact = models.CharField(max_length=300, blank=True, default="")
    skipped = models.JSONField(default=list, blank=True)
    note = models.TextField(blank=True, default="")
    #: One called person where the audience names people (a post, label or skill); null for a village, site or enterprise.
    party = models.ForeignKey("directory.Person", null=True, on_delete=models.PROTECT, related_name="+")
    #: What was done there: codes of `vocab.measures`, words, where people went, and who could not be moved.
    measures = models.JSONField(default=list, blank=True)
    measures_words = models.CharField(max_length=300, blank=True, default="")
    moved_to = models.CharField(max_length=120, blank=True, default="")
    households_refused = models.PositiveIntegerField(null=True)
    households_missing = models.PositiveIntegerField(null=True)
    #: Somebody said "done" and the measures are still owed; chased at `feedback_due_at`.
    claimed_done_at = models.DateTimeField(null=True)
    feedback_due_at = models.DateTimeField(null=True)
    #: Who was given the seat by hand, before anybody the ladder names.
    reassigned_to = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    #: Why contact may be lost: [{"sign": "station_silent", "detail": …, "at": …}]; a person decides.
    lost_signs = models.JSONField(default=list, blank=True)
    #: Who goes there to look, when, by which way.
    order_to_go = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["callout", "division"], condition=models.Q(party__isnull=True), name="seat_once"
            ),
            models.UniqueConstraint(
                fields=["callout", "division", "party"],
                condition=models.Q(party__isnull=False),
                name="seat_once_a_person",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["escalate_at"], name="seat_escalate", condition=models.Q(escalate_at__isnull=False)
            ),
            models.Index(fields=["callout", "state"], name="seat_callout_state"),
            models.Index(
                fields=["feedback_due_at"],
                name="seat_feedback",
                condition=models.Q(feedback_due_at__isnull=False),
            ),
        ]

    def journal_path(self) -> str:
        return self.division.path
