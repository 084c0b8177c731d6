"""Reports upward: the chain of each incident, who must have it by when, to whom it went, and what was decided about it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from anlan.journal.models import Advancing, Journaled, Leased
from anlan.kernel.ids import uuid7
from anlan.reporting.words import FINDINGS, KINDS, TIERS, WAYS


class ReportReceiver(Journaled):
    """An office that reports go to. `ways` lists what it takes, the preferred one first, each with its address.

    It is proposed for incidents of `classes` (empty: every class) from grade `from_grade` on (4 ordinary … 1; null: any grade),
    and of sensitive ones regardless of grade. `code` names the token of its interface among the settings.
    """

    journal_type: ClassVar[str] = "report_receiver"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "name",
        "code",
        "tier",
        "division",
        "ways",
        "classes",
        "from_grade",
        "is_active",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=80)
    code = models.SlugField(max_length=40, unique=True)
    tier = models.CharField(max_length=20, choices=[(code, face[1]) for code, face in TIERS.items()])
    #: Whose register it stands in: the county's.
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    ways = models.JSONField(default=list)
    classes = models.JSONField(default=list)
    from_grade = models.PositiveSmallIntegerField(null=True)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name

    def journal_path(self) -> str:
        return self.division.path


class LowerNode(Journaled):
    """A lower node that passes reports up to us. Only the digest of its token is kept."""

    journal_type: ClassVar[str] = "lower_node"
    journal_fields: ClassVar[tuple[str, ...]] = ("name", "division", "token_sha256", "is_active")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=80, unique=True)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    token_sha256 = models.CharField(max_length=64, unique=True)
    is_active = models.BooleanField(default=True)

    def journal_path(self) -> str:
        return self.division.path


class UpwardReport(Leased, Advancing):
    """One report of a chain. `division` is who reports: the county, or a township whose report the county takes in.

    `serial` numbers follow-ups from 1 and is given when it is signed, so that numbers have no gap; `chain_key` holds the place
    in the chain once. `snapshot` is the incident as it stood at signing, `changes` what differs from the report before.
    `step_at` is the internal deadline of whoever has it now. `signed_way` is "page" or "word"; of a signature by word of mouth
    `word` says who recorded it, when, and the masked number.
    """

    journal_type: ClassVar[str] = "upward_report"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "incident",
        "division",
        "kind",
        "serial",
        "chain_key",
        "number",
        "title",
        "is_direct",
        "target_tier",
        "known_at",
        "facts",
        "elements",
        "unknown",
        "missing",
        "text",
        "snapshot",
        "changes",
        "former",
        "drafted_at",
        "drafted_by",
        "drafted_by_person",
        "step_at",
        "reviewed_at",
        "reviewed_by",
        "signed_at",
        "signed_by",
        "signed_way",
        "word",
        "returned_at",
        "returned_by",
        "returned_why",
        "returned_count",
        "sent_at",
        "origin",
        "origin_id",
        "received_at",
        "taken_at",
        "taken_by",
        "period_from",
        "period_to",
        "withdrawn_why",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "draft": frozenset({"in_review", "signed", "sent", "withdrawn"}),
        "in_review": frozenset({"reviewed", "returned", "signed", "withdrawn"}),
        "reviewed": frozenset({"returned", "signed", "withdrawn"}),
        "returned": frozenset({"in_review", "withdrawn"}),
        "signed": frozenset({"sent"}),
        "sent": frozenset({"taken"}),
        "received": frozenset({"taken"}),
        "taken": frozenset(),
        "withdrawn": frozenset(),
    }

    incident = models.ForeignKey("incidents.Incident", null=True, on_delete=models.PROTECT, related_name="+")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=[(code, face[1]) for code, face in KINDS.items()])
    serial = models.PositiveSmallIntegerField(default=0)
    chain_key = models.CharField(max_length=120, blank=True, default="")
    number = models.CharField(max_length=40, blank=True, default="")
    title = models.CharField(max_length=160)
    is_direct = models.BooleanField(default=False)
    target_tier = models.CharField(max_length=20, blank=True, default="")
    #: When the reporting place knew of it.
    known_at = models.DateTimeField(null=True)
    #: Of a report without an incident here: type, place and times as the sender gave them.
    facts = models.JSONField(default=dict)
    elements = models.JSONField(default=dict)
    unknown = models.JSONField(default=list)
    missing = models.JSONField(default=list)
    text = models.TextField(blank=True, default="")
    snapshot = models.JSONField(default=dict)
    changes = models.JSONField(default=dict)
    former = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    drafted_by = models.CharField(max_length=120)
    drafted_by_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    step_at = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.CharField(max_length=120, blank=True, default="")
    signed_at = models.DateTimeField(null=True)
    signed_by = models.CharField(max_length=120, blank=True, default="")
    signed_way = models.CharField(max_length=8, blank=True, default="")
    word = models.JSONField(default=dict)
    returned_at = models.DateTimeField(null=True)
    returned_by = models.CharField(max_length=120, blank=True, default="")
    returned_why = models.CharField(max_length=300, blank=True, default="")
    returned_count = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    #: The node that passed it up, "" for our own, and its id there.
    origin = models.CharField(max_length=80, blank=True, default="")
    origin_id = models.CharField(max_length=80, blank=True, default="")
    received_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True)
    taken_by = models.CharField(max_length=120, blank=True, default="")
    period_from = models.DateTimeField(null=True)
    period_to = models.DateTimeField(null=True)
    withdrawn_why = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["origin", "origin_id"], condition=~Q(origin=""), name="report_once_from_origin"
            ),
            models.UniqueConstraint(
                fields=["chain_key"], condition=~Q(chain_key=""), name="place_in_chain_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["incident", "drafted_at"], name="report_chain"),
            models.Index(fields=["state", "-drafted_at"], name="report_state"),
            models.Index(fields=["-drafted_at"], name="report_latest"),
            models.Index(fields=["step_at"], name="report_step", condition=Q(step_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.title

    def journal_path(self) -> str:
        return self.division.path


class ReportDelivery(Leased, Advancing):
    """One report to one receiver by one way. `handed_at` is when it truly left or arrived, which is what meets a clock.

    `next_try_at` is the work of the machine (API, e-mail), `chase_at` that of people: nobody has confirmed receipt yet.
    """

    journal_type: ClassVar[str] = "report_delivery"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "report",
        "receiver",
        "name",
        "tier",
        "way",
        "address",
        "is_informing",
        "asked_at",
        "handed_at",
        "handed_by",
        "confirmed_at",
        "confirmed_by",
        "recorded_by",
        "chase_at",
        "chased",
        "next_try_at",
        "first_try_at",
        "attempts",
        "error",
        "receipt",
        "is_doubtful",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "waiting": frozenset({"handed", "confirmed", "failed", "cancelled"}),
        "failed": frozenset({"waiting", "handed", "confirmed", "cancelled"}),
        "handed": frozenset({"confirmed"}),
        "confirmed": frozenset(),
        "cancelled": frozenset(),
    }

    report = models.ForeignKey(UpwardReport, on_delete=models.PROTECT, related_name="deliveries")
    receiver = models.ForeignKey(ReportReceiver, null=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    tier = models.CharField(max_length=20)
    way = models.CharField(max_length=10, choices=[(code, face[1]) for code, face in WAYS.items()])
    address = models.CharField(max_length=200, blank=True, default="")
    #: A level between that a direct report passes by and which is told at the same time.
    is_informing = models.BooleanField(default=False)
    asked_at = models.DateTimeField()
    handed_at = models.DateTimeField(null=True)
    handed_by = models.CharField(max_length=120, blank=True, default="")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.CharField(max_length=80, blank=True, default="")
    recorded_by = models.CharField(max_length=120, blank=True, default="")
    chase_at = models.DateTimeField(null=True)
    chased = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    first_try_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True, default="")
    receipt = models.CharField(max_length=80, blank=True, default="")
    is_doubtful = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "name", "way"], name="delivery_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["chase_at"], name="receipt_due", condition=Q(chase_at__isnull=False)),
            models.Index(fields=["next_try_at"], name="forward_due", condition=Q(next_try_at__isnull=False)),
        ]

    def journal_path(self) -> str:
        return self.report.division.path


class ReportClock(Leased, Advancing):
    """One obligation of one incident: by when which level must know what. Computed again whenever facts change, never deleted.

    `nth` numbers repeated ones (daily follow-ups). `next_at` is the next moment at which something happens to it: the warning,
    then the limit. `is_late` follows from `met_at` (or the present) and `due_at` alone, so it is right after any stop.
    `is_ours` is false for limits that bind others (the unit head, the city), which are shown and do not ring.
    """

    journal_type: ClassVar[str] = "report_clock"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "incident",
        "report",
        "division",
        "code",
        "tier",
        "nth",
        "label_zh",
        "label_en",
        "starts_at",
        "due_at",
        "warn_at",
        "next_at",
        "warned_at",
        "met_at",
        "met_by",
        "is_late",
        "is_ours",
        "closed_why",
        "source",
        "is_verified",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "open": frozenset({"met", "closed"}),
        "met": frozenset({"open", "closed"}),
        "closed": frozenset({"open", "met"}),
    }

    incident = models.ForeignKey("incidents.Incident", null=True, on_delete=models.PROTECT, related_name="+")
    #: Of a township's own report, which may have no incident yet.
    report = models.ForeignKey(UpwardReport, null=True, on_delete=models.PROTECT, related_name="clocks")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=40)
    tier = models.CharField(max_length=20, blank=True, default="")
    nth = models.PositiveSmallIntegerField(default=0)
    label_zh = models.CharField(max_length=120)
    label_en = models.CharField(max_length=120)
    starts_at = models.DateTimeField()
    due_at = models.DateTimeField()
    warn_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    met_at = models.DateTimeField(null=True)
    met_by = models.CharField(max_length=120, blank=True, default="")
    is_late = models.BooleanField(default=False)
    is_ours = models.BooleanField(default=True)
    closed_why = models.CharField(max_length=200, blank=True, default="")
    source = models.CharField(max_length=200, blank=True, default="")
    is_verified = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["incident", "code", "tier", "nth"], name="clock_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], name="clock_next", condition=Q(next_at__isnull=False)),
            models.Index(fields=["state", "due_at"], name="clock_open"),
            models.Index(fields=["is_late", "-due_at"], name="clock_late"),
        ]

    def journal_path(self) -> str:
        return self.division.path


class ClockMeeting(Journaled):
    """A person said that an obligation was met in a way that this program did not see: who, when, how."""

    journal_type: ClassVar[str] = "clock_meeting"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "incident",
        "code",
        "tier",
        "nth",
        "met_at",
        "words",
        "recorded_at",
        "recorded_by",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    incident = models.ForeignKey("incidents.Incident", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=40)
    tier = models.CharField(max_length=20, blank=True, default="")
    nth = models.PositiveSmallIntegerField(default=0)
    met_at = models.DateTimeField()
    words = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=120)

    def journal_path(self) -> str:
        return self.incident.division.path


class ChainReopening(Journaled):
    """After the final report something happened again: the chain goes on with follow-ups."""

    journal_type: ClassVar[str] = "chain_reopening"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "incident",
        "division",
        "final",
        "reason",
        "reopened_at",
        "reopened_by",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    incident = models.ForeignKey("incidents.Incident", on_delete=models.PROTECT, related_name="+")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    final = models.OneToOneField(UpwardReport, on_delete=models.PROTECT, related_name="reopening")
    reason = models.CharField(max_length=300)
    reopened_at = models.DateTimeField()
    reopened_by = models.CharField(max_length=120)

    def journal_path(self) -> str:
        return self.division.path


class ReportingFinding(Journaled):
    """A decision that a place omitted, falsified or concealed something (漏报, 谎报, 瞒报), with its evidence; the newest counts.

    `is_upheld` false takes an earlier decision of the same kind back.
    """

    journal_type: ClassVar[str] = "reporting_finding"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "incident",
        "division",
        "kind",
        "is_upheld",
        "evidence",
        "decided_at",
        "decided_by",
        "takes_back",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    incident = models.ForeignKey("incidents.Incident", on_delete=models.PROTECT, related_name="+")
    #: Who is said to have done it.
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=[(code, face[1]) for code, face in FINDINGS.items()])
    is_upheld = models.BooleanField(default=True)
    evidence = models.TextField()
    decided_at = models.DateTimeField()
    decided_by = models.CharField(max_length=120)
    takes_back = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["incident", "decided_at"], name="finding_of")]

    def journal_path(self) -> str:
        return self.division.path
