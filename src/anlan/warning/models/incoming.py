"""What others warn of, as it came in, what was read from it, and what became of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Advancing, Journaled, Leased
from anlan.kernel.ids import uuid7


class IncomingSource(models.TextChoices):
    """How a warning of somebody else reached us."""

    PASTE = "paste"
    MAIL = "mail"
    SMS = "sms"
    CAP_FEED = "cap_feed"
    NATIONAL_JSON = "national_json"
    FAX = "fax"
    WECHAT = "wechat"
    PHONE = "phone"
    FOLDER = "folder"
    PUSH = "push"


class IncomingMessage(Journaled):
    """One arrival: the bytes as they came, before anybody understood them. One message may hold several warnings.

    `raw` is the text (what is no text is kept as base64, `is_binary`); it is not journaled, its digest is. `sender` is a number
    or address as the channel gave it. `is_listed` says that the sender is one of ours (`WarningSender`, `FeedSource`, a person at
    the desk); what an unlisted one says never acts by rule. `may_act` lets a rule issue under a pre-authorisation.
    """

    journal_type: ClassVar[str] = "incoming_message"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "source",
        "source_name",
        "sender",
        "is_listed",
        "may_act",
        "raw_sha256",
        "raw_bytes",
        "is_binary",
        "division",
        "received_at",
        "reference",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.CharField(max_length=16, choices=IncomingSource.choices)
    source_name = models.CharField(max_length=120, blank=True, default="")
    sender = models.CharField(max_length=200, blank=True, default="")
    is_listed = models.BooleanField(default=False)
    may_act = models.BooleanField(default=False)
    raw = models.TextField(blank=True, default="")
    raw_sha256 = models.CharField(max_length=64, db_index=True)
    raw_bytes = models.PositiveIntegerField(default=0)
    is_binary = models.BooleanField(default=False)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField()
    #: What the way in calls it: a Message-ID, a file name, an event id; the same one is taken once.
    reference = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source", "reference"],
                condition=~models.Q(reference=""),
                name="incoming_message_once",
            )
        ]

    def journal_path(self) -> str:
        return self.division.path


class IncomingState(models.TextChoices):
    """`informed`: a rule decided that nobody need act. `lift_proposed`: it ends what we relayed, and a person decides."""

    RECEIVED = "received"
    DRAFTED = "drafted"
    CALLED_OUT = "called_out"
    INFORMED = "informed"
    LIFT_PROPOSED = "lift_proposed"
    NEEDS_PERSON = "needs_person"
    DUPLICATE = "duplicate"
    SUPERSEDED = "superseded"
    IGNORED = "ignored"
    ENDED = "ended"


class IncomingWarning(Advancing):
    """One warning of somebody else.

    `read` keeps every field with its value, how sure it is and which characters of the raw text it came from. The columns beside
    it are what a rule acted on; an empty one was not understood. `affair` is issuer × hazard × level × action: arrivals of one
    affair at about one time are the same warning, whatever way they came; the later ones point to the first by `same_as`.
    `follows` is the earlier warning that this one updates or ends. `once` is unique while it is the first of its kind.
    """

    journal_type: ClassVar[str] = "incoming_warning"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "message",
        "number",
        "issuer",
        "issuer_tier",
        "hazard",
        "hazard_words",
        "level",
        "action",
        "issued_at",
        "expires_at",
        "villages",
        "read",
        "identifier",
        "sender",
        "sent",
        "msg_type",
        "status",
        "references",
        "affair",
        "once",
        "content_sha256",
        "same_as",
        "follows",
        "reason",
        "rule",
        "draft",
        "callout_draft",
        "division",
        "received_at",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "received": frozenset(
            {
                "drafted",
                "called_out",
                "informed",
                "lift_proposed",
                "needs_person",
                "duplicate",
                "superseded",
                "ignored",
                "ended",
            }
        ),
        "needs_person": frozenset(
            {"drafted", "called_out", "duplicate", "ignored", "superseded", "ended", "lift_proposed"}
        ),
        "informed": frozenset({"drafted", "called_out", "duplicate", "ignored", "superseded", "ended"}),
        "drafted": frozenset({"called_out", "superseded", "ended"}),
        "called_out": frozenset({"superseded", "ended"}),
        "lift_proposed": frozenset({"ended", "ignored"}),
        "duplicate": frozenset(),
        "superseded": frozenset(),
        "ignored": frozenset({"drafted"}),
        "ended": frozenset(),
    }

    message = models.ForeignKey(IncomingMessage, on_delete=models.PROTECT, related_name="warnings")
    number = models.PositiveSmallIntegerField(default=0)
    issuer = models.CharField(max_length=120, blank=True, default="")
    issuer_tier = models.CharField(max_length=12, blank=True, default="")
    #: An event code of R26 or one of our hazard types; "" with the sender's own words where it is none of them.
    hazard = models.CharField(max_length=24, blank=True, default="")
    hazard_words = models.CharField(max_length=80, blank=True, default="")
    level = models.PositiveSmallIntegerField(null=True)
    action = models.CharField(max_length=12, default="issue")
    issued_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    villages = models.JSONField(default=list, blank=True)
    read = models.JSONField(default=dict, blank=True)
    identifier = models.CharField(max_length=200, blank=True, default="")
    sender = models.CharField(max_length=200, blank=True, default="")
    sent = models.CharField(max_length=40, blank=True, default="")
    msg_type = models.CharField(max_length=12, blank=True, default="")
    status = models.CharField(max_length=12, blank=True, default="")
    references = models.JSONField(default=list, blank=True)
    affair = models.CharField(max_length=200, blank=True, default="", db_index=True)
    once = models.CharField(max_length=64, blank=True, default="")
    content_sha256 = models.CharField(max_length=64, db_index=True)
    same_as = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="copies")
    follows = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="followed_by")
    #: Why it is in this state, in Chinese as the desk reads it: a sentence of `data/incoming_reasons.json` or of a person.
    reason = models.TextField(blank=True, default="")
    rule = models.CharField(max_length=60, blank=True, default="")
    draft = models.ForeignKey("HazardWarning", null=True, on_delete=models.PROTECT, related_name="incoming")
    callout_draft = models.ForeignKey("HazardWarning", null=True, on_delete=models.PROTECT, related_name="+")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["once"], condition=~models.Q(once=""), name="incoming_warning_once"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "received_at"], name="incoming_state_received"),
            models.Index(fields=["identifier"], name="incoming_identifier"),
        ]

    def journal_path(self) -> str:
        return self.division.path


class WarningSender(Journaled):
    """A number, address or token from which warnings come. `kind`: sms, mail or token (then `value` is its SHA-256).

    `may_act`: what comes from it may start a call-out under a pre-authorisation without a person; else a draft waits.
    """

    journal_type: ClassVar[str] = "warning_sender"
    journal_fields: ClassVar[tuple[str, ...]] = ("kind", "value", "name", "may_act", "is_active", "division")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=8)
    value = models.CharField(max_length=200)
    name = models.CharField(max_length=120)
    may_act = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "value"], name="warning_sender_once")
        ]

    def journal_path(self) -> str:
        return self.division.path


class FeedSource(Leased, Journaled):
    """A feed of CAP, ATOM, RSS or national JSON that is asked every `every_s` seconds.

    `etag`, `last_modified`, `next_poll_at`, `last_*` and `misses` are how the asking went; they change with every poll and are not
    journaled, while the first miss, the return and every change of the source are.
    """

    journal_type: ClassVar[str] = "feed_source"
    journal_fields: ClassVar[tuple[str, ...]] = ("name", "url", "every_s", "may_act", "is_active", "division")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=60, unique=True)
    url = models.CharField(max_length=500)
    every_s = models.PositiveIntegerField(default=60)
    may_act = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    etag = models.CharField(max_length=200, blank=True, default="")
    last_modified = models.CharField(max_length=60, blank=True, default="")
    next_poll_at = models.DateTimeField(null=True, db_index=True)
    last_poll_at = models.DateTimeField(null=True)
    last_good_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True, default="")
    misses = models.PositiveIntegerField(default=0)
    taken = models.PositiveIntegerField(default=0)

    def journal_path(self) -> str:
        return self.division.path


class BackWay(models.TextChoices):
    API = "api"
    PAPER = "paper"
    PHONE = "phone"
    FAX = "fax"


class BackReport(Leased, Advancing):
    """That we passed a warning on, told to whoever issued it (or to the warning centre).

    `stage`: first (some time after it went out) or final (after it ended). `figures` are those of the call-out when it was told.
    By interface: due → sent → confirmed, or failed and visible until a person tells it another way. Without one: due until a
    person notes by which way, to whom and who confirmed it. `due_at` is the deadline, `next_try_at` the next attempt.
    """

    journal_type: ClassVar[str] = "back_report"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "incoming",
        "warning",
        "stage",
        "way",
        "due_at",
        "next_try_at",
        "attempts",
        "last_error",
        "figures",
        "told_at",
        "told_by",
        "told_to",
        "confirmed_by",
        "confirmed_at",
        "receipt",
        "note",
        "division",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "due": frozenset({"sent", "confirmed", "failed", "recorded"}),
        "failed": frozenset({"sent", "confirmed", "recorded", "due"}),
        "sent": frozenset({"confirmed", "recorded"}),
        "recorded": frozenset({"confirmed"}),
        "confirmed": frozenset(),
    }

    incoming = models.ForeignKey(IncomingWarning, on_delete=models.PROTECT, related_name="back_reports")
    warning = models.ForeignKey("HazardWarning", on_delete=models.PROTECT, related_name="back_reports")
    stage = models.CharField(max_length=8, default="first")
    way = models.CharField(max_length=8, choices=BackWay.choices, blank=True, default="")
    due_at = models.DateTimeField()
    next_try_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True, default="")
    figures = models.JSONField(default=dict, blank=True)
    told_at = models.DateTimeField(null=True)
    told_by = models.CharField(max_length=120, blank=True, default="")
    told_to = models.CharField(max_length=120, blank=True, default="")
    confirmed_by = models.CharField(max_length=120, blank=True, default="")
    confirmed_at = models.DateTimeField(null=True)
    receipt = models.CharField(max_length=120, blank=True, default="")
    note = models.TextField(blank=True, default="")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["warning", "stage"], name="back_report_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["next_try_at"], name="back_report_try", condition=models.Q(next_try_at__isnull=False)
            )
        ]

    def journal_path(self) -> str:
        return self.division.path
