"""Each attempt to reach somebody or something: one row is one message to one address on one channel."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.dissemination.models.callouts import Callout, CalloutSeat
from anlan.journal.models import Advancing, Leased


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
    #: To an outlet, a partner or the public: no answer is asked for.
    BROADCAST = "broadcast"
    #: "What did you do?" to somebody who answered.
    FEEDBACK = "feedback"
    #: A contact test (R34).
    TEST = "test"


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
        "outlet",
        "broadcast",
        "chase_at",
        "cancels",
        "route",
        "priority",
        "recipient",
        "language",
        "bundled_in",
        "receipt_due_at",
        "repeats",
        "instead_of",
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
    #: The loudspeaker, display, partner or hand tool that it goes to; null for a person.
    outlet = models.ForeignKey("Outlet", null=True, on_delete=models.PROTECT, related_name="deliveries")
    #: The provider's number of the message that this one takes back, where the channel has such numbers.
    cancels = models.CharField(max_length=80, blank=True, default="")
    #: When a keeper or partner is asked again who has not said that it was done.
    chase_at = models.DateTimeField(null=True)
    #: What was said to all outlets; null for an outlet that was told by itself.
    broadcast = models.ForeignKey("Broadcast", null=True, on_delete=models.PROTECT, related_name="deliveries")
    #: The gateway that took it, where a channel has several; asked first when an attempt is uncertain.
    route = models.CharField(max_length=40, blank=True, default="")
    #: Danger first where a channel may take only so many a second: 1 red … 4 blue, 5 what only informs.
    priority = models.PositiveSmallIntegerField(default=5)
    #: Who it is for in words where no person of the directory is (a household, a partner's desk).
    recipient = models.CharField(max_length=60, blank=True, default="")
    language = models.CharField(max_length=12, blank=True, default="")
    #: Said in one message with another delivery to the same address; its fate follows that one.
    bundled_in = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="bundle")
    #: A gateway that took it and says nothing by then is not believed: the next route or rung follows.
    receipt_due_at = models.DateTimeField(null=True)
    #: How often it was handed over again although it may have arrived; bounded, for a telephone rings each time.
    repeats = models.PositiveSmallIntegerField(default=0)
    #: The attempt whose gateway took it and never proved anything; this one says the same by another route.
    instead_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="again")

    class Meta:
        indexes: ClassVar = [
            # The order in which one channel of one run takes its queue; a claim reads its first rows only.
            models.Index(
                fields=["exercise_id", "channel", "priority", "due_at", "id"],
                name="delivery_queue",
                condition=models.Q(due_at__isnull=False),
            ),
            models.Index(fields=["seat", "state"], name="delivery_seat_state"),
            models.Index(
                fields=["chase_at"], name="delivery_chase", condition=models.Q(chase_at__isnull=False)
            ),
            models.Index(
                fields=["receipt_due_at"],
                name="delivery_receipt",
                condition=models.Q(receipt_due_at__isnull=False),
            ),
        ]

    def journal_path(self) -> str:
        if self.seat is not None:
            return self.seat.division.path
        if self.outlet is not None:
            return self.outlet.division.path
        return self.callout.division.path if self.callout is not None else ""


class RouteDoubt(models.Model):
    """A gateway that took messages and proved nothing: other routes are preferred while the row stands.

    It goes once something comes in over the route again. The journal keeps both as notes ("route.doubted", "route.trusted").
    """

    channel = models.CharField(max_length=20)
    route = models.CharField(max_length=40)
    doubted_at = models.DateTimeField()
    #: Messages without any sign that led to it.
    silent = models.PositiveIntegerField()
    #: What had come in over the route by then; more than that means that it speaks again.
    told = models.PositiveIntegerField(default=0)
    exercise_id = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["channel", "route"], name="route_doubted_once")
        ]
