"""Digital plans: versions of typed content, links, studies, filings, and what the check found."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Advancing, Journaled, Leased
from anlan.kernel.ids import uuid7


class PlanKind(models.TextChoices):
    """Who writes it (R23)."""

    OVERALL = "overall"
    SPECIAL = "special"
    DEPARTMENT = "department"
    TOWNSHIP = "township"
    VILLAGE = "village"
    ENTERPRISE = "enterprise"
    SITE = "site"


class ProtectedKind(models.TextChoices):
    """What a plan protects (E-08)."""

    NONE = "none"
    TARGET = "target"
    MAJOR_HAZARD = "major_hazard"
    EVENT = "event"
    INFRASTRUCTURE = "infrastructure"


class LinkKind(models.TextChoices):
    SUPERIOR = "superior"
    SUPPORTS = "supports"
    NEIGHBOUR = "neighbour"


class StudyKind(models.TextChoices):
    """What hangs on a plan (E-07)."""

    RISK_ASSESSMENT = "risk_assessment"
    SCENARIO = "scenario"
    RESOURCE_SURVEY = "resource_survey"
    CAPABILITY = "capability"


class Severity(models.TextChoices):
    STOP = "stop"
    WARN = "warn"
    NOTE = "note"


class Plan(Leased, Advancing):
    """An emergency plan: one title through all its versions. `current` is the version in force. `template` names the starter pack it came from; such a plan is a template until somebody confirms it."""

    journal_type: ClassVar[str] = "plan"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "number",
        "title",
        "kind",
        "event_types",
        "hazards",
        "division",
        "parent",
        "protected_kind",
        "protected_place",
        "protected_words",
        "current",
        "printed_on",
        "review_due_on",
        "template",
        "confirmed_at",
        "confirmed_by",
        "withdrawn_why",
        "opened_at",
        "named",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "draft": frozenset({"in_force", "withdrawn"}),
        "in_force": frozenset({"withdrawn"}),
        "withdrawn": frozenset({"draft"}),
    }

    number = models.CharField(max_length=32, unique=True)
    title = models.CharField(max_length=160)
    kind = models.CharField(max_length=24, choices=PlanKind.choices)
    #: Codes of `vocab.incidents.TYPES` that it is for; empty for an overall plan.
    event_types = models.JSONField(default=list)
    #: Codes of `vocab.hazards` whose warnings it answers.
    hazards = models.JSONField(default=list)
    #: Who owns it: the county, a department, township, village or enterprise.
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    protected_kind = models.CharField(max_length=24, choices=ProtectedKind.choices)
    protected_place = models.ForeignKey(
        "places.Division", null=True, on_delete=models.PROTECT, related_name="+"
    )
    protected_words = models.CharField(max_length=160, blank=True, default="")
    current = models.ForeignKey("plans.PlanVersion", null=True, on_delete=models.PROTECT, related_name="+")
    printed_on = models.DateField(null=True)
    review_due_on = models.DateField(null=True)
    template = models.CharField(max_length=40, blank=True, default="")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.CharField(max_length=120, blank=True, default="")
    withdrawn_why = models.CharField(max_length=300, blank=True, default="")
    #: When it is checked next; moved every night.
    check_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()
    #: Whom the version in force names (`plans.naming`): codes of divisions, and levels such as "township" for all affected ones.
    named = models.JSONField(default=list)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["check_at"], name="plan_check", condition=models.Q(check_at__isnull=False)),
            models.Index(fields=["kind", "state"], name="plan_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def journal_path(self) -> str:
        return self.division.path


class PlanVersion(Advancing):
    """One version of a plan. `content` is `plans.content.Content`; it never changes once the version left draft."""

    journal_type: ClassVar[str] = "plan_version"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "plan",
        "number",
        "content",
        "digest",
        "based_on",
        "why",
        "made_by",
        "made_by_name",
        "made_at",
        "submitted_at",
        "decided_by",
        "decided_by_name",
        "decided_at",
        "return_why",
        "source_name",
        "hands",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "draft": frozenset({"submitted"}),
        "submitted": frozenset({"in_force", "returned"}),
        "returned": frozenset({"draft"}),
        "in_force": frozenset({"superseded"}),
        "superseded": frozenset({"in_force"}),
    }

    plan = models.ForeignKey("plans.Plan", on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    content = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True, default="")
    based_on = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=300, blank=True, default="")
    made_by = models.CharField(max_length=120, blank=True, default="")
    made_by_name = models.CharField(max_length=60, blank=True, default="")
    made_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=120, blank=True, default="")
    decided_by_name = models.CharField(max_length=60, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    return_why = models.CharField(max_length=300, blank=True, default="")
    source_name = models.CharField(max_length=120, blank=True, default="")
    #: Everybody who wrote in it; none of them may approve it.
    hands = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "number"], name="plan_version_once"),
        ]

    def journal_path(self) -> str:
        return self.plan.division.path


class PlanLink(Journaled):
    """Two plans of different levels that must fit together."""

    journal_type: ClassVar[str] = "plan_link"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "plan",
        "other",
        "kind",
        "words",
        "made_at",
        "ended_at",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plan = models.ForeignKey("plans.Plan", on_delete=models.PROTECT, related_name="links")
    other = models.ForeignKey("plans.Plan", on_delete=models.PROTECT, related_name="linked_from")
    kind = models.CharField(max_length=24, choices=LinkKind.choices)
    words = models.CharField(max_length=200, blank=True, default="")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def journal_path(self) -> str:
        return self.plan.division.path


class PlanStudy(Journaled):
    """A risk assessment, scenario, resource survey or capability assessment of a plan (E-07); files hang on "plan_study:<id>"."""

    journal_type: ClassVar[str] = "plan_study"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "plan",
        "kind",
        "title",
        "summary",
        "done_on",
        "made_at",
        "ended_at",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plan = models.ForeignKey("plans.Plan", on_delete=models.PROTECT, related_name="studies")
    kind = models.CharField(max_length=24, choices=StudyKind.choices)
    title = models.CharField(max_length=160)
    summary = models.TextField(blank=True, default="")
    done_on = models.DateField(null=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def journal_path(self) -> str:
        return self.plan.division.path


class PlanFiling(Leased, Advancing):
    """The duty to file a version within 20 working days of printing (R23), what was handed in, and the answer. It lapses with the version."""

    journal_type: ClassVar[str] = "plan_filing"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "plan",
        "version_filed",
        "receiver",
        "receiver_words",
        "due_at",
        "remind_at",
        "submitted_at",
        "submitted_by",
        "explanation",
        "missing",
        "decided_at",
        "decided_by",
        "decided_by_name",
        "number",
        "return_why",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "due": frozenset({"submitted", "lapsed"}),
        "submitted": frozenset({"accepted", "returned"}),
        "returned": frozenset({"submitted", "lapsed"}),
        "accepted": frozenset(),
        "lapsed": frozenset(),
    }

    plan = models.ForeignKey("plans.Plan", on_delete=models.PROTECT, related_name="filings")
    version_filed = models.ForeignKey("plans.PlanVersion", on_delete=models.PROTECT, related_name="+")
    receiver = models.ForeignKey("places.Division", null=True, on_delete=models.PROTECT, related_name="+")
    receiver_words = models.CharField(max_length=120, blank=True, default="")
    due_at = models.DateTimeField(null=True)
    remind_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.CharField(max_length=120, blank=True, default="")
    explanation = models.TextField(blank=True, default="")
    missing = models.JSONField(default=list)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=120, blank=True, default="")
    decided_by_name = models.CharField(max_length=60, blank=True, default="")
    number = models.CharField(max_length=40, blank=True, default="")
    return_why = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["remind_at"], name="plan_filing_remind", condition=models.Q(remind_at__isnull=False)
            ),
        ]

    def journal_path(self) -> str:
        return self.plan.division.path


class PlanFinding(Advancing):
    """Something that the plan check found. `key` stays the same while the fault stays; `where` names the part of the content.

    `found_at` is when it was first found, or came back; `seen_at` when it got the words that it has now."""

    journal_type: ClassVar[str] = "plan_finding"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "plan",
        "version_checked",
        "code",
        "key",
        "severity",
        "where",
        "params",
        "found_at",
        "seen_at",
        "gone_at",
        "accepted_by",
        "accepted_why",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "open": frozenset({"gone", "accepted"}),
        "accepted": frozenset({"gone", "open"}),
        "gone": frozenset({"open"}),
    }

    plan = models.ForeignKey("plans.Plan", on_delete=models.PROTECT, related_name="findings")
    version_checked = models.ForeignKey("plans.PlanVersion", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=40)
    key = models.CharField(max_length=160)
    severity = models.CharField(max_length=24, choices=Severity.choices)
    where = models.CharField(max_length=120, blank=True, default="")
    params = models.JSONField(default=dict)
    found_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)
    accepted_by = models.CharField(max_length=120, blank=True, default="")
    accepted_why = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "key"], name="plan_finding_once"),
        ]

    def journal_path(self) -> str:
        return self.plan.division.path
