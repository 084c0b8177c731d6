"""Coordinating bodies, activations of response levels, their notices, joint duty and the mode of the county."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Advancing, Journaled, Leased
from anlan.kernel.ids import uuid7


class BodyRole(models.TextChoices):
    CHIEF = "chief"
    DEPUTY = "deputy"
    MEMBER = "member"
    SECRETARY = "secretary"


class Mode(models.TextChoices):
    """平时 / 战时."""

    ROUTINE = "routine"
    EMERGENCY = "emergency"


class NoticeKind(models.TextChoices):
    START = "start"
    CHANGE = "change"
    END = "end"


class CoordinatingBody(Journaled):
    """A standing body (安委会, 减灾委, 防指, 森防指, 抗震指) or joint command. `event_types` are those it leads."""

    journal_type: ClassVar[str] = "coordinating_body"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "code",
        "name",
        "division",
        "event_types",
        "duties",
        "secretariat",
        "secretariat_words",
        "template",
        "confirmed_at",
        "formed_at",
        "dissolved_at",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    event_types = models.JSONField(default=list)
    duties = models.TextField(blank=True, default="")
    secretariat = models.ForeignKey("places.Division", null=True, on_delete=models.PROTECT, related_name="+")
    secretariat_words = models.CharField(max_length=120, blank=True, default="")
    template = models.CharField(max_length=40, blank=True, default="")
    confirmed_at = models.DateTimeField(null=True)
    formed_at = models.DateTimeField()
    dissolved_at = models.DateTimeField(null=True)

    def journal_path(self) -> str:
        return self.division.path


class BodyMember(Journaled):
    """A unit and its person in a body from joined_at to left_at."""

    journal_type: ClassVar[str] = "body_member"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "body",
        "unit",
        "unit_words",
        "person",
        "title",
        "role",
        "duties",
        "group_words",
        "joined_at",
        "left_at",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    body = models.ForeignKey("response.CoordinatingBody", on_delete=models.PROTECT, related_name="members")
    unit = models.ForeignKey("places.Division", null=True, on_delete=models.PROTECT, related_name="+")
    unit_words = models.CharField(max_length=120, blank=True, default="")
    person = models.ForeignKey("directory.Person", null=True, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=80, blank=True, default="")
    role = models.CharField(max_length=24, choices=BodyRole.choices)
    duties = models.TextField(blank=True, default="")
    group_words = models.CharField(max_length=80, blank=True, default="")
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    def journal_path(self) -> str:
        return self.body.division.path


class Activation(Leased, Advancing):
    """One plan opened for one incident at a level (1 is the highest). The version it runs with stays.

    `reasons` are {"zh", "en", "rule", "level"}. On an active one `proposed_level` is what the rules suggest instead; 0 is to end it.
    """

    journal_type: ClassVar[str] = "activation"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "incident",
        "plan",
        "plan_version",
        "division",
        "level",
        "reasons",
        "proposed_by",
        "proposed_at",
        "proposed_level",
        "remind_at",
        "started_at",
        "decided_by",
        "decided_by_name",
        "is_pre_authorised",
        "body",
        "affected",
        "ended_at",
        "end_why",
        "declined_why",
        "declined_level",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "proposed": frozenset({"active", "declined"}),
        "active": frozenset({"ended"}),
        "declined": frozenset({"active"}),
        "ended": frozenset(),
    }

    incident = models.ForeignKey("incidents.Incident", on_delete=models.PROTECT, related_name="activations")
    plan = models.ForeignKey("plans.Plan", on_delete=models.PROTECT, related_name="activations")
    plan_version = models.ForeignKey("plans.PlanVersion", on_delete=models.PROTECT, related_name="+")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField()
    reasons = models.JSONField(default=list)
    proposed_by = models.CharField(max_length=120, blank=True, default="")
    proposed_at = models.DateTimeField(null=True)
    proposed_level = models.PositiveSmallIntegerField(null=True)
    remind_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=120, blank=True, default="")
    decided_by_name = models.CharField(max_length=60, blank=True, default="")
    is_pre_authorised = models.BooleanField(default=False)
    body = models.ForeignKey(
        "response.CoordinatingBody", null=True, on_delete=models.PROTECT, related_name="+"
    )
    #: Codes of the townships and villages that "affected" means, as they were chosen at the last decision.
    affected = models.JSONField(default=list)
    ended_at = models.DateTimeField(null=True)
    end_why = models.CharField(max_length=300, blank=True, default="")
    declined_why = models.CharField(max_length=300, blank=True, default="")
    #: The graver level that was last put aside while the response runs at its present one.
    declined_level = models.PositiveSmallIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["remind_at"], name="activation_remind", condition=models.Q(remind_at__isnull=False)
            ),
            models.Index(fields=["incident", "state"], name="activation_of"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["incident", "plan"],
                condition=models.Q(state__in=["proposed", "active"]),
                name="activation_once",
            ),
        ]

    def journal_path(self) -> str:
        return self.division.path


class LevelChange(Journaled):
    """The response level of an activation was opened, raised, lowered or ended, and why. A null level means none."""

    journal_type: ClassVar[str] = "level_change"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "activation",
        "from_level",
        "to_level",
        "happened_at",
        "by_ref",
        "by_name",
        "why",
        "opened",
        "closed",
        "kept",
        "read_faults",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    activation = models.ForeignKey("response.Activation", on_delete=models.PROTECT, related_name="changes")
    from_level = models.PositiveSmallIntegerField(null=True)
    to_level = models.PositiveSmallIntegerField(null=True)
    happened_at = models.DateTimeField()
    by_ref = models.CharField(max_length=120, blank=True, default="")
    by_name = models.CharField(max_length=60, blank=True, default="")
    why = models.CharField(max_length=300, blank=True, default="")
    opened = models.PositiveIntegerField(default=0)
    closed = models.PositiveIntegerField(default=0)
    #: Started orders of a graver level that go on until they are finished.
    kept = models.PositiveIntegerField(default=0)
    #: Keys of the faults of severity "stop" that the decider ticked as read.
    read_faults = models.JSONField(default=list)

    def journal_path(self) -> str:
        return self.activation.division.path


class StandingConsent(Journaled):
    """Somebody entitled agreed beforehand that a plan opens at a level by rule alone."""

    journal_type: ClassVar[str] = "standing_consent"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "plan",
        "level",
        "given_by",
        "given_by_name",
        "given_at",
        "ends_at",
        "revoked_at",
        "revoked_by",
        "words",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plan = models.ForeignKey("plans.Plan", on_delete=models.PROTECT, related_name="consents")
    level = models.PositiveSmallIntegerField()
    given_by = models.CharField(max_length=120, blank=True, default="")
    given_by_name = models.CharField(max_length=60, blank=True, default="")
    given_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=120, blank=True, default="")
    words = models.CharField(max_length=300, blank=True, default="")

    def journal_path(self) -> str:
        return self.plan.division.path


class ResponseNotice(Advancing):
    """The official notice of a start, change or end (文号, 签发人, 主送) and its short text for phones."""

    journal_type: ClassVar[str] = "response_notice"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "activation",
        "level_change",
        "kind",
        "number",
        "title",
        "body",
        "phone_text",
        "main_to",
        "signer_name",
        "signed_by",
        "signed_at",
        "sent_at",
        "subject",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "draft": frozenset({"signed", "withdrawn"}),
        "signed": frozenset({"sent"}),
        "sent": frozenset(),
        "withdrawn": frozenset(),
    }

    activation = models.ForeignKey("response.Activation", on_delete=models.PROTECT, related_name="notices")
    level_change = models.ForeignKey("response.LevelChange", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=24, choices=NoticeKind.choices)
    number = models.CharField(max_length=40, blank=True, default="")
    title = models.CharField(max_length=160)
    body = models.TextField(blank=True, default="")
    phone_text = models.CharField(max_length=500, blank=True, default="")
    main_to = models.JSONField(default=list)
    signer_name = models.CharField(max_length=60, blank=True, default="")
    signed_by = models.CharField(max_length=120, blank=True, default="")
    signed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    subject = models.CharField(max_length=80, blank=True, default="")

    def journal_path(self) -> str:
        return self.activation.division.path


class JointDuty(Journaled):
    """A period of joint duty (联合值守) with its seats."""

    journal_type: ClassVar[str] = "joint_duty"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "title",
        "activation",
        "division",
        "place_words",
        "starts_at",
        "ends_at",
        "ended_why",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    title = models.CharField(max_length=120)
    activation = models.ForeignKey(
        "response.Activation", null=True, on_delete=models.PROTECT, related_name="+"
    )
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    place_words = models.CharField(max_length=120, blank=True, default="")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=300, blank=True, default="")

    def journal_path(self) -> str:
        return self.division.path


class DutySeat(Journaled):
    """A seat (席位) of a unit in a joint duty, and who sits there."""

    journal_type: ClassVar[str] = "duty_seat"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "joint_duty",
        "unit",
        "name",
        "person",
        "person_words",
        "duties",
        "taken_at",
        "left_at",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    joint_duty = models.ForeignKey("response.JointDuty", on_delete=models.PROTECT, related_name="seats")
    unit = models.ForeignKey("places.Division", null=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    person = models.ForeignKey("directory.Person", null=True, on_delete=models.PROTECT, related_name="+")
    person_words = models.CharField(max_length=60, blank=True, default="")
    duties = models.CharField(max_length=300, blank=True, default="")
    taken_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)

    def journal_path(self) -> str:
        return self.joint_duty.division.path


class ModeSwitch(Journaled):
    """Somebody set the county to routine or emergency mode by hand; the newest counts until an activation starts or the last ends."""

    journal_type: ClassVar[str] = "mode_switch"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "mode",
        "division",
        "happened_at",
        "by_name",
        "why",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    mode = models.CharField(max_length=24, choices=Mode.choices)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    happened_at = models.DateTimeField()
    by_name = models.CharField(max_length=60, blank=True, default="")
    why = models.CharField(max_length=300, blank=True, default="")

    def journal_path(self) -> str:
        return self.division.path


class PartnerShare(Leased, Advancing):
    """An incident shared with a partner (the fire service), what was asked of it, and its own state as it came back."""

    journal_type: ClassVar[str] = "partner_share"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "incident",
        "partner",
        "key",
        "shared_by",
        "shared_at",
        "asked_at",
        "asked_words",
        "their_number",
        "their_state",
        "their_words",
        "heard_at",
        "sent_at",
        "attempts",
        "send_at",
        "last_error",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "shared": frozenset({"asked", "closed"}),
        "asked": frozenset({"accepted", "refused", "moving", "arrived", "closed"}),
        "accepted": frozenset({"moving", "arrived", "refused", "closed"}),
        "moving": frozenset({"arrived", "closed"}),
        "arrived": frozenset({"closed"}),
        "refused": frozenset({"asked", "closed"}),
        "closed": frozenset(),
    }

    incident = models.ForeignKey("incidents.Incident", on_delete=models.PROTECT, related_name="shares")
    partner = models.CharField(max_length=40)
    key = models.CharField(max_length=64, unique=True)
    shared_by = models.CharField(max_length=120, blank=True, default="")
    shared_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    asked_words = models.CharField(max_length=300, blank=True, default="")
    their_number = models.CharField(max_length=64, blank=True, default="")
    their_state = models.CharField(max_length=64, blank=True, default="")
    their_words = models.CharField(max_length=300, blank=True, default="")
    heard_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    send_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["send_at"], name="partner_share_send", condition=models.Q(send_at__isnull=False)
            ),
        ]

    def journal_path(self) -> str:
        return self.incident.division.path
