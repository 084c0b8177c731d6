"""What the county says about a danger: drafted, reviewed by a second person, issued, updated, lifted or expired."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Advancing, Journaled, Leased
from anlan.kernel.ids import uuid7


class WarningKind(models.TextChoices):
    """What the law lets the county make by itself (call-out, risk notice) and what it may only pass on (relay)."""

    CALLOUT = "callout"
    RISK_NOTICE = "risk_notice"
    RELAY = "relay"


class WarningState(models.TextChoices):
    DRAFT = "draft"
    RETURNED = "returned"
    ISSUED = "issued"
    REPLACED = "replaced"
    LIFTED = "lifted"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class HazardWarning(Leased, Advancing):
    """A draft carries the reading, rule, version and villages that caused it.

    `affair` names what it is about: one binding (a rule on a station for certain villages) in one run; at most one draft and
    one warning in force exist for an affair, so a worse reading upgrades instead of doubling. It is "" for drafts made by hand.
    `review_due_at` is when the next reviewer is rung; `review_rung` counts them. `issuer` is the legal issuer shown in every text;
    `relayed_by` is the county's office when it only passes the issuer's warning on. `body` is the message as it is sent, after
    the sender's name; what the reviewer reads is what people get.
    `fell_crossing` is the downward crossing that proposes lifting; a person lifts.
    `pre_authorisation` is set when it was issued without a second person, under a signed and bounded permission.
    """

    journal_type: ClassVar[str] = "warning"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "kind",
        "hazard_type",
        "level",
        "stage",
        "affair",
        "issuer",
        "relayed_by",
        "headline",
        "body",
        "recommended_action",
        "voice_text",
        "division",
        "crossing",
        "rule_id",
        "rule_version",
        "cause_sentence",
        "drafted_by",
        "drafted_by_person",
        "drafted_at",
        "review_due_at",
        "review_rung",
        "reviewer",
        "return_reason",
        "signed_by",
        "signed_by_person",
        "issued_at",
        "pre_authorisation",
        "expires_at",
        "fell_crossing",
        "fell_at",
        "ended_at",
        "end_reason",
        "ended_by",
        "replaces",
        "callout_id",
        "area",
        "area_source",
        "audience",
        "cap_identifier",
        "origin",
        "was_mistake",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "draft": frozenset({"issued", "returned", "withdrawn", "expired", "replaced"}),
        "returned": frozenset({"draft", "withdrawn", "expired"}),
        "issued": frozenset({"replaced", "lifted", "expired"}),
        "replaced": frozenset(),
        "lifted": frozenset(),
        "expired": frozenset(),
        "withdrawn": frozenset(),
    }

    kind = models.CharField(max_length=12, choices=WarningKind.choices, default=WarningKind.CALLOUT)
    hazard_type = models.CharField(max_length=24)
    level = models.PositiveSmallIntegerField()
    stage = models.CharField(max_length=16, blank=True, default="")
    affair = models.CharField(max_length=130, blank=True, default="")
    issuer = models.CharField(max_length=120)
    relayed_by = models.CharField(max_length=120, blank=True, default="")
    headline = models.CharField(max_length=200)
    body = models.TextField()
    recommended_action = models.TextField(blank=True, default="")
    voice_text = models.TextField(blank=True, default="")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    crossing = models.ForeignKey(
        "sensing.Crossing", null=True, on_delete=models.PROTECT, related_name="warnings"
    )
    rule_id = models.CharField(max_length=20, blank=True, default="")
    rule_version = models.CharField(max_length=20, blank=True, default="")
    cause_sentence = models.TextField(blank=True, default="")
    drafted_by = models.CharField(max_length=120)
    drafted_by_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    drafted_at = models.DateTimeField()
    review_due_at = models.DateTimeField(null=True)
    review_rung = models.PositiveSmallIntegerField(default=0)
    reviewer = models.ForeignKey("directory.Person", null=True, on_delete=models.PROTECT, related_name="+")
    return_reason = models.TextField(blank=True, default="")
    signed_by = models.CharField(max_length=120, blank=True, default="")
    signed_by_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    issued_at = models.DateTimeField(null=True)
    pre_authorisation = models.ForeignKey(
        "PreAuthorisation", null=True, on_delete=models.PROTECT, related_name="uses"
    )
    expires_at = models.DateTimeField(null=True)
    fell_crossing = models.ForeignKey(
        "sensing.Crossing", null=True, on_delete=models.PROTECT, related_name="+"
    )
    fell_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.TextField(blank=True, default="")
    ended_by = models.CharField(max_length=120, blank=True, default="")
    replaces = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    callout_id = models.UUIDField(null=True)
    #: The area as drawn or chosen: a GeoJSON geometry in WGS84, "" where only villages were named.
    area = models.TextField(blank=True, default="")
    #: Where the area comes from: drawn, circle, divisions, saved:<id>, zones, downstream:<station>, incoming:<id>.
    area_source = models.CharField(max_length=80, blank=True, default="")
    #: Whom it is for beside the villages: {"kinds": […], "posts": […], "labels": […], "skills": […], …}.
    audience = models.JSONField(default=dict, blank=True)
    #: The identifier under which it went out as CAP; never reused.
    cap_identifier = models.CharField(max_length=120, blank=True, default="", db_index=True)
    #: What it was made from when no reading caused it: "incoming:<uuid>".
    origin = models.CharField(max_length=80, blank=True, default="", db_index=True)
    #: True where it was ended because it should never have gone out; those told hear that, not an all-clear.
    was_mistake = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["affair"],
                condition=models.Q(state__in=["draft", "returned"]) & ~models.Q(affair=""),
                name="one_draft_an_affair",
            ),
            models.UniqueConstraint(
                fields=["affair"],
                condition=models.Q(state="issued") & ~models.Q(affair=""),
                name="one_in_force_an_affair",
            ),
            models.UniqueConstraint(
                fields=["replaces"],
                condition=models.Q(state__in=["draft", "returned"]),
                name="one_waiting_update",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "drafted_at"], name="warning_state_drafted"),
            models.Index(
                fields=["review_due_at"],
                name="warning_review",
                condition=models.Q(review_due_at__isnull=False),
            ),
            models.Index(
                fields=["expires_at"], name="warning_expiry", condition=models.Q(expires_at__isnull=False)
            ),
        ]

    def journal_path(self) -> str:
        return self.division.path


class WarningVillage(Journaled):
    """A village that a warning concerns and why: "link" (the station speaks for it), "zone" (it also has a danger zone, named
    in `detail`), "station" (no village is linked; the station stands here) or "chosen" (a person chose it).
    """

    journal_type: ClassVar[str] = "warning_village"
    journal_fields: ClassVar[tuple[str, ...]] = ("warning", "division", "because", "detail")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    warning = models.ForeignKey(HazardWarning, on_delete=models.PROTECT, related_name="villages")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    because = models.CharField(max_length=12)
    detail = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["warning", "division"], name="warning_village_once")
        ]

    def journal_path(self) -> str:
        return self.division.path


class PreAuthorisation(Journaled):
    """A named, bounded, expiring permission to issue without waiting: who signed it, which hazard, up to which level, where.

    `worst_level` is the most severe level it covers (1 covers all four). It ends at `valid_to` or when revoked.
    """

    journal_type: ClassVar[str] = "pre_authorisation"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "name",
        "signed_by",
        "signed_by_person",
        "signed_at",
        "hazard_type",
        "worst_level",
        "mildest_level",
        "division",
        "valid_from",
        "valid_to",
        "revoked_at",
        "revoked_by",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=120)
    signed_by = models.CharField(max_length=120)
    signed_by_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    signed_at = models.DateTimeField()
    hazard_type = models.CharField(max_length=24)
    worst_level = models.PositiveSmallIntegerField(default=1)
    mildest_level = models.PositiveSmallIntegerField(default=4)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=120, blank=True, default="")

    def journal_path(self) -> str:
        return self.division.path
