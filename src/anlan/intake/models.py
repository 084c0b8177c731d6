"""What reaches the duty room: calls and messages, the steps of checking them, who sends, ringing lines, landmarks."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Advancing, Journaled, Leased
from anlan.kernel.ids import uuid7
from anlan.vocab.incidents import Informant


class IntakeState(models.TextChoices):
    RECEIVED = "received"
    VERIFYING = "verifying"
    VERIFIED = "verified"
    NOT_TRUE = "not_true"
    FED_BACK = "fed_back"
    HANDED_ON = "handed_on"


#: States in which the desk still owes the next step.
OPEN = (IntakeState.RECEIVED, IntakeState.VERIFYING)


class IntakeSender(Journaled):
    """Somebody whose messages are known as his: a system with a token, a mail address, a telephone line, a unit's link.

    Of a token only the digest is kept. `division` is the place whose desk hears of it (a department, a township, an
    enterprise, the county).
    """

    journal_type: ClassVar[str] = "intake_sender"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "name",
        "kind",
        "value",
        "source",
        "division",
        "is_active",
        "listed_at",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=80)
    #: "token", "mail", "line" or "link".
    kind = models.CharField(max_length=8)
    value = models.CharField(max_length=200)
    source = models.CharField(max_length=16, choices=[(one.value, one.value) for one in Informant])
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    is_active = models.BooleanField(default=True)
    listed_at = models.DateTimeField()
    #: When its last message came; kept outside the journal, which has the messages.
    heard_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "value"], name="intake_sender_once")]

    def __str__(self) -> str:
        return self.name

    def journal_path(self) -> str:
        return self.division.path


class Intake(Advancing):
    """One call or message, taken once. `path` is the place whose desk keeps it: the division's, or the county's while no place is known.

    `reference` names the message of its sender; the same one again is the same message. `level` is who is asked to find out
    whether it is true ("village", "township", "county"), `asked_path` where. `signed_at` is of a township's report, which
    is the township's own only once its leader signed it (`needs_signature`).
    """

    journal_type: ClassVar[str] = "intake"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "number",
        "source",
        "reference",
        "sender",
        "sender_name",
        "received_at",
        "occurred_at",
        "caller_name",
        "caller_post",
        "caller_number",
        "place_words",
        "division",
        "path",
        "elsewhere",
        "lon",
        "lat",
        "text",
        "event_type",
        "casualties",
        "figures",
        "told",
        "call_id",
        "recording",
        "recorder",
        "recorder_name",
        "reporter_person",
        "unit",
        "unit_head_knew_at",
        "is_restricted",
        "needs_signature",
        "signed_at",
        "signed_by",
        "signed_name",
        "level",
        "asked_path",
        "incident",
        "duplicate_of",
        "result",
        "handed_to",
        "fed_back_at",
        "feedback_way",
        "feedback_words",
        "feedback_by",
        "reward_promised",
        "reward_paid",
        "receipt",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "received": frozenset({"verifying", "verified", "not_true", "handed_on"}),
        "verifying": frozenset({"verified", "not_true", "handed_on"}),
        "verified": frozenset({"verifying", "not_true", "fed_back"}),
        "not_true": frozenset({"verifying", "fed_back"}),
        "handed_on": frozenset({"received", "fed_back"}),
        "fed_back": frozenset({"verifying"}),
    }

    number = models.CharField(max_length=24, unique=True)
    source = models.CharField(max_length=16, choices=[(one.value, one.value) for one in Informant])
    reference = models.CharField(max_length=160, null=True, unique=True)  # noqa: DJ001 - null where nothing names it
    sender = models.ForeignKey(IntakeSender, null=True, on_delete=models.PROTECT, related_name="intakes")
    sender_name = models.CharField(max_length=80, blank=True, default="")
    received_at = models.DateTimeField()
    occurred_at = models.DateTimeField(null=True)
    caller_name = models.CharField(max_length=60, blank=True, default="")
    caller_post = models.CharField(max_length=60, blank=True, default="")
    caller_number = models.CharField(max_length=40, blank=True, default="")
    place_words = models.CharField(max_length=200, blank=True, default="")
    division = models.ForeignKey("places.Division", null=True, on_delete=models.PROTECT, related_name="+")
    path = models.CharField(max_length=200)
    #: Why it seems to be about another county; "" where it does not.
    elsewhere = models.CharField(max_length=120, blank=True, default="")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    text = models.TextField()
    event_type = models.CharField(max_length=32, blank=True, default="")
    casualties = models.CharField(max_length=200, blank=True, default="")
    #: {code of vocab.figures: number as text}
    figures = models.JSONField(default=dict)
    told = models.CharField(max_length=200, blank=True, default="")
    call_id = models.CharField(max_length=80, blank=True, default="")
    recording = models.CharField(max_length=200, blank=True, default="")
    recorder = models.CharField(max_length=120)
    recorder_name = models.CharField(max_length=60, blank=True, default="")
    reporter_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    unit = models.ForeignKey("places.Division", null=True, on_delete=models.PROTECT, related_name="+")
    unit_head_knew_at = models.DateTimeField(null=True)
    is_restricted = models.BooleanField(default=False)
    needs_signature = models.BooleanField(default=False)
    signed_at = models.DateTimeField(null=True)
    signed_by = models.CharField(max_length=120, blank=True, default="")
    signed_name = models.CharField(max_length=60, blank=True, default="")
    level = models.CharField(max_length=12, blank=True, default="")
    asked_path = models.CharField(max_length=200, blank=True, default="")
    incident = models.ForeignKey(
        "incidents.Incident", null=True, on_delete=models.PROTECT, related_name="intakes"
    )
    duplicate_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="duplicates")
    result = models.CharField(max_length=300, blank=True, default="")
    handed_to = models.CharField(max_length=120, blank=True, default="")
    fed_back_at = models.DateTimeField(null=True)
    feedback_way = models.CharField(max_length=16, blank=True, default="")
    feedback_words = models.CharField(max_length=300, blank=True, default="")
    feedback_by = models.CharField(max_length=120, blank=True, default="")
    #: Of a safety complaint: what its teller was promised and what he was paid (D-04), yuan.
    reward_promised = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    reward_paid = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    #: Digest of the number under which a member of the public asks what became of it.
    receipt = models.CharField(max_length=64, blank=True, default="", db_index=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-received_at", "-id"], name="intake_latest"),
            models.Index(fields=["state", "-received_at"], name="intake_state"),
            models.Index(fields=["source", "-received_at"], name="intake_source"),
            models.Index(fields=["caller_number", "-received_at"], name="intake_caller"),
            models.Index(fields=["reporter_person", "-received_at"], name="intake_reporter"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def title(self) -> str:
        """One short line for lists."""
        return (self.text.strip().splitlines() or [""])[0][:60]

    def journal_path(self) -> str:
        return self.path


class IntakeStep(Journaled):
    """One fact of checking a message: who was asked, what he found, where the place was corrected, who was called back."""

    journal_type: ClassVar[str] = "intake_step"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "intake",
        "kind",
        "level",
        "division",
        "words",
        "by",
        "by_name",
        "at",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    intake = models.ForeignKey(Intake, on_delete=models.PROTECT, related_name="steps")
    #: "asked", "found_true", "found_false", "unclear", "corrected", "linked", "unlinked", "incident", "handed_on", "signed", "fed_back".
    kind = models.CharField(max_length=16)
    level = models.CharField(max_length=12, blank=True, default="")
    division = models.ForeignKey("places.Division", null=True, on_delete=models.PROTECT, related_name="+")
    words = models.CharField(max_length=400, blank=True, default="")
    by = models.CharField(max_length=120)
    by_name = models.CharField(max_length=60, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["intake", "at"], name="intake_step_of")]

    def journal_path(self) -> str:
        return self.intake.path


class NilReport(Journaled):
    """A source says that nothing happened: it was heard, and there is nothing to take."""

    journal_type: ClassVar[str] = "nil_report"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "source",
        "sender",
        "division",
        "reported_at",
        "words",
        "reference",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.CharField(max_length=16)
    sender = models.ForeignKey(IntakeSender, null=True, on_delete=models.PROTECT, related_name="+")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()
    words = models.CharField(max_length=200, blank=True, default="")
    reference = models.CharField(max_length=160, null=True, unique=True)  # noqa: DJ001 - null where nothing names it

    class Meta:
        indexes: ClassVar = [models.Index(fields=["source", "-reported_at"], name="nil_report_source")]

    def journal_path(self) -> str:
        return self.division.path


class RingEvent(Leased, Advancing):
    """A line rings. It is taken when a form was saved for it, missed when it ended, or went on too long, before anybody did."""

    journal_type: ClassVar[str] = "ring"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "line",
        "division",
        "call_id",
        "number",
        "called",
        "rang_at",
        "answered_at",
        "ended_at",
        "recording",
        "missed_at",
        "intake",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "ringing": frozenset({"taken", "missed"}),
        "missed": frozenset({"taken"}),
        "taken": frozenset(),
    }

    line = models.ForeignKey(IntakeSender, on_delete=models.PROTECT, related_name="rings")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    call_id = models.CharField(max_length=80)
    number = models.CharField(max_length=40, blank=True, default="")
    called = models.CharField(max_length=40, blank=True, default="")
    rang_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    recording = models.CharField(max_length=200, blank=True, default="")
    #: While it rings: when it counts as missed.
    missed_at = models.DateTimeField(null=True)
    intake = models.ForeignKey(Intake, null=True, on_delete=models.PROTECT, related_name="rings")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["line", "call_id"], name="ring_once")]
        indexes: ClassVar = [
            models.Index(
                fields=["missed_at"], name="ring_missed", condition=models.Q(missed_at__isnull=False)
            ),
            models.Index(fields=["state", "-rang_at"], name="ring_state"),
        ]

    def journal_path(self) -> str:
        return self.division.path


class Landmark(Journaled):
    """地标: a name that people say on the phone (a bridge, a crossing, a temple) with the place where it is."""

    journal_type: ClassVar[str] = "landmark"
    journal_fields: ClassVar[tuple[str, ...]] = ("name", "division", "lon", "lat", "is_active")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=80, db_index=True)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["division", "name"], name="landmark_once")]

    def journal_path(self) -> str:
        return self.division.path
