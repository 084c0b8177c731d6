"""Call-outs, their seats, each attempt to reach somebody, and what came back.

Sent, delivered, read, answered, acting and done are different facts; lost contact is a seventh state of its own.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Advancing, Journaled, Leased
from anlan.kernel.ids import uuid7


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
    `skipped` lists rungs that nobody could be called on: {"rung", "to", "why": "no_holder" | "no_number"}.
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

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["callout", "division"], name="seat_once")]
        indexes: ClassVar = [
            models.Index(
                fields=["escalate_at"], name="seat_escalate", condition=models.Q(escalate_at__isnull=False)
            ),
            models.Index(fields=["callout", "state"], name="seat_callout_state"),
        ]

    def journal_path(self) -> str:
        return self.division.path


class DeliveryState(models.TextChoices):
    QUEUED = "queued"
    HANDING = "handing"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    REFUSED = "refused"
    FAILED = "failed"
    CANCELLED = "cancelled"


class DeliveryPurpose(models.TextChoices):
    """`call` and `escalation` ask for an answer and are pointless once it came; the others are sent in any case."""

    CALL = "call"
    ESCALATION = "escalation"
    ALL_CLEAR = "all_clear"
    NOTICE = "notice"


class Delivery(Leased, Advancing):
    """One message to one address on one channel: it *is* its outbox row. `due_at` is null once nothing is left to do.

    `handing` is stored before the message leaves the house. A crash in between leaves it there: the attempt is uncertain,
    is asked about where the channel can be asked, else repeated with `may_be_repeated` set and shown as "possibly twice".
    `send_key` goes to the provider as client_ref and comes back with receipts; a repeat keeps it.
    `answer_token` opens the answer page without a log-in; it is a secret and therefore not in the journal.
    """

    journal_type: ClassVar[str] = "delivery"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "callout",
        "seat",
        "purpose",
        "subject",
        "person",
        "role",
        "channel",
        "address",
        "text",
        "rung",
        "send_key",
        "attempts",
        "is_uncertain",
        "may_be_repeated",
        "provider_ref",
        "due_at",
        "handed_at",
        "delivered_at",
        "read_at",
        "ended_at",
        "last_error",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        # Back in the queue after "provider down", a receipt may still prove that the attempt had gone out.
        "queued": frozenset({"handing", "cancelled", "sent", "delivered", "read", "failed"}),
        "handing": frozenset({"sent", "queued", "refused", "failed", "delivered", "read"}),
        "sent": frozenset({"delivered", "read", "failed"}),
        "delivered": frozenset({"read"}),
        "read": frozenset(),
        "refused": frozenset(),
        "failed": frozenset({"delivered", "read"}),
        "cancelled": frozenset(),
    }

    callout = models.ForeignKey(Callout, null=True, on_delete=models.PROTECT, related_name="deliveries")
    seat = models.ForeignKey(CalloutSeat, null=True, on_delete=models.PROTECT, related_name="deliveries")
    purpose = models.CharField(max_length=12, choices=DeliveryPurpose.choices, default=DeliveryPurpose.CALL)
    #: What it is about when there is no call-out: "alarm:<uuid>", "review:<uuid>".
    subject = models.CharField(max_length=80, blank=True, default="", db_index=True)
    person = models.ForeignKey("directory.Person", null=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=40, blank=True, default="")
    channel = models.CharField(max_length=20)
    address = models.CharField(max_length=120, db_index=True)
    text = models.TextField()
    rung = models.SmallIntegerField(default=0)
    send_key = models.CharField(max_length=40, unique=True)
    answer_token = models.CharField(max_length=64, blank=True, default="", db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    is_uncertain = models.BooleanField(default=False)
    may_be_repeated = models.BooleanField(default=False)
    provider_ref = models.CharField(max_length=80, blank=True, default="", db_index=True)
    due_at = models.DateTimeField(null=True)
    handed_at = models.DateTimeField(null=True)
    #: Unix time at which the provider took the first attempt; for measuring latency only.
    handed_wall = models.FloatField(null=True)
    delivered_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="delivery_due", condition=models.Q(due_at__isnull=False)),
            models.Index(fields=["seat", "state"], name="delivery_seat_state"),
        ]

    def journal_path(self) -> str:
        if self.seat is not None:
            return self.seat.division.path
        return self.callout.division.path if self.callout is not None else ""


class Acknowledgement(Journaled):
    """A fact: somebody answered something about a seat, at a time, by a means. Kept also when the seat was closed already.

    `meaning` is one of answered, acting, done, note; `via` one of reply, key, link, tick, page.
    """

    journal_type: ClassVar[str] = "acknowledgement"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "seat",
        "delivery",
        "person",
        "person_name",
        "meaning",
        "via",
        "words",
        "answered_at",
        "households",
        "people",
        "came_late",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    seat = models.ForeignKey(CalloutSeat, on_delete=models.PROTECT, related_name="acknowledgements")
    delivery = models.ForeignKey(
        Delivery, null=True, on_delete=models.PROTECT, related_name="acknowledgements"
    )
    person = models.ForeignKey("directory.Person", null=True, on_delete=models.PROTECT, related_name="+")
    person_name = models.CharField(max_length=60, blank=True, default="")
    meaning = models.CharField(max_length=12)
    via = models.CharField(max_length=12)
    words = models.CharField(max_length=300, blank=True, default="")
    answered_at = models.DateTimeField()
    households = models.PositiveIntegerField(null=True)
    people = models.PositiveIntegerField(null=True)
    #: The seat had been closed (call-out over) when this came.
    came_late = models.BooleanField(default=False)

    def journal_path(self) -> str:
        return self.seat.division.path


class InboundEvent(Journaled):
    """What a provider told us, once per its event id: a receipt, a reply or a pressed key, and how it was treated.

    `treatment`: matched, second_answer, came_late, unknown_number, unknown_delivery, ambiguous, not_an_answer, failed.
    """

    journal_type: ClassVar[str] = "inbound_event"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "provider",
        "event_id",
        "kind",
        "from_address",
        "words",
        "status",
        "delivery",
        "treatment",
        "happened_at",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.CharField(max_length=40)
    event_id = models.CharField(max_length=80)
    kind = models.CharField(max_length=12)
    from_address = models.CharField(max_length=40, blank=True, default="")
    words = models.CharField(max_length=300, blank=True, default="")
    status = models.CharField(max_length=20, blank=True, default="")
    delivery = models.ForeignKey(Delivery, null=True, on_delete=models.PROTECT, related_name="inbound_events")
    treatment = models.CharField(max_length=24)
    happened_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="inbound_once")
        ]
