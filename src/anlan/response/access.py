"""The one door to responses, their notices, bodies, joint duties and consents."""

from __future__ import annotations

import uuid

from django.db.models import Q, QuerySet

from anlan.accounts.access import find, narrow, require, within
from anlan.dispatch.models import Instruction
from anlan.incidents.access import visible_incidents
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound
from anlan.response.models import (
    Activation,
    BodyMember,
    CoordinatingBody,
    DutySeat,
    JointDuty,
    PartnerShare,
    ResponseNotice,
    StandingConsent,
)
from anlan.vocab.posts import Right


def visible_activations(actor: Actor) -> QuerySet[Activation]:
    """Responses of the actor's places, and those that gave an order to one of them; of incidents closed to him none."""
    ordered = Instruction.objects.filter(within(actor, "addressee__path")).exclude(activation_id=None)
    rows = Activation.objects.filter(
        within(actor, "division__path") | Q(pk__in=ordered.values("activation_id"))
    )
    open_to_him = Q(incident__is_restricted=False) | Q(incident__in=visible_incidents(actor).values("pk"))
    return (
        rows.filter(open_to_him)
        .select_related(
            "plan", "plan_version", "division", "incident", "incident__division", "incident__unit", "body"
        )
        .defer("division__geometry", "incident__division__geometry", "incident__unit__geometry")
    )


def access_activation(actor: Actor, activation_id: uuid.UUID, *, need: Right = Right.SEE) -> Activation:
    """One response. Whoever sees it through an order only may read it and nothing else."""
    row = visible_activations(actor).filter(pk=activation_id).first()
    if row is None:
        raise NotFound
    if need is not Right.SEE:
        require(actor, need, row.division.path)
    return row


def access_notice(actor: Actor, notice_id: uuid.UUID) -> ResponseNotice:
    """A notice is read by whoever sees its response."""
    row = (
        ResponseNotice.objects.filter(pk=notice_id)
        .select_related(
            "activation__division", "activation__incident__division", "activation__plan",
            "activation__plan_version", "activation__body", "level_change",
        )
        .first()
    )  # fmt: skip
    if row is None or not visible_activations(actor).filter(pk=row.activation_id).exists():
        raise NotFound
    return row


def visible_bodies(actor: Actor) -> QuerySet[CoordinatingBody]:
    return narrow(CoordinatingBody.objects.select_related("division", "secretariat"), actor).order_by("code")


def access_body(actor: Actor, body_id: uuid.UUID, *, need: Right = Right.SEE) -> CoordinatingBody:
    return find(visible_bodies(actor), actor, body_id, need=need)


def access_member(actor: Actor, member_id: uuid.UUID) -> BodyMember:
    rows = BodyMember.objects.select_related("body", "body__division", "unit", "person")
    return find(rows, actor, member_id, need=Right.EDIT_PLANS, path_field="body__division__path")


def visible_duties(actor: Actor) -> QuerySet[JointDuty]:
    return narrow(JointDuty.objects.select_related("division", "activation"), actor)


def access_duty(actor: Actor, duty_id: uuid.UUID, *, need: Right = Right.SEE) -> JointDuty:
    return find(visible_duties(actor), actor, duty_id, need=need)


def access_seat(actor: Actor, seat_id: uuid.UUID) -> DutySeat:
    rows = DutySeat.objects.select_related("joint_duty__division", "unit", "person")
    return find(rows, actor, seat_id, need=Right.MANAGE_DUTY, path_field="joint_duty__division__path")


def visible_consents(actor: Actor) -> QuerySet[StandingConsent]:
    rows = StandingConsent.objects.select_related("plan", "plan__division", "plan__current")
    return narrow(rows, actor, path_field="plan__division__path")


def access_consent(actor: Actor, consent_id: uuid.UUID) -> StandingConsent:
    return find(
        visible_consents(actor),
        actor,
        consent_id,
        need=Right.DECIDE_RESPONSE,
        path_field="plan__division__path",
    )


def access_share(actor: Actor, share_id: uuid.UUID, *, need: Right = Right.TAKE_REPORTS) -> PartnerShare:
    rows = PartnerShare.objects.select_related("incident", "incident__division")
    return find(rows, actor, share_id, need=need, path_field="incident__division__path")
