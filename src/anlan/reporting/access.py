"""The one door to reports, clocks, deliveries and decisions: the jurisdiction first, then restricted reading."""

from __future__ import annotations

import uuid
from typing import TypeVar

from django.db.models import Q, QuerySet

from anlan.accounts.access import find, narrow, require, within
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound
from anlan.reporting.models import (
    LowerNode,
    ReportClock,
    ReportDelivery,
    ReportingFinding,
    ReportReceiver,
    UpwardReport,
)
from anlan.vocab.incidents import RESTRICTED, TYPES
from anlan.vocab.posts import Right

R = TypeVar("R", UpwardReport, ReportClock)
_RESTRICTED_TYPES = [code for code, face in TYPES.items() if face.event_class in RESTRICTED]


def visible_reports(actor: Actor) -> QuerySet[UpwardReport]:
    """Reports of the actor's places; those about a restricted incident only with the right to read such."""
    rows = UpwardReport.objects.filter(within(actor, "division__path") & _readable(actor) & _untaken(actor))
    return rows.select_related("incident", "division", "former").defer("division__geometry")


def access_report(actor: Actor, report_id: uuid.UUID, *, need: Right = Right.SEE) -> UpwardReport:
    return _one(visible_reports(actor), actor, report_id, need)


def visible_clocks(actor: Actor) -> QuerySet[ReportClock]:
    rows = ReportClock.objects.filter(within(actor, "division__path") & _readable(actor))
    return rows.select_related("incident", "report", "division").defer("division__geometry")


def access_clock(actor: Actor, clock_id: uuid.UUID, *, need: Right = Right.SEE) -> ReportClock:
    return _one(visible_clocks(actor), actor, clock_id, need)


def access_delivery(actor: Actor, delivery_id: uuid.UUID, *, need: Right = Right.SEE) -> ReportDelivery:
    """A delivery through its report's door."""
    rows = ReportDelivery.objects.select_related("report__incident", "report__division", "receiver")
    row = rows.filter(pk=delivery_id, report__in=visible_reports(actor).values("pk")).first()
    if row is None:
        raise NotFound
    require(actor, need, row.report.division.path)
    return row


def access_finding(actor: Actor, finding_id: uuid.UUID, *, need: Right = Right.SEE) -> ReportingFinding:
    rows = ReportingFinding.objects.filter(_readable(actor)).select_related("incident", "division")
    return find(rows, actor, finding_id, need=need)


def visible_receivers(actor: Actor) -> QuerySet[ReportReceiver]:
    rows = ReportReceiver.objects.select_related("division").defer("division__geometry")
    return narrow(rows, actor).order_by("-is_active", "tier", "name")


def access_receiver(actor: Actor, receiver_id: uuid.UUID, *, need: Right = Right.SEE) -> ReportReceiver:
    return find(ReportReceiver.objects.select_related("division"), actor, receiver_id, need=need)


def access_node(actor: Actor, node_id: uuid.UUID, *, need: Right = Right.ADMINISTER) -> LowerNode:
    return find(LowerNode.objects.select_related("division"), actor, node_id, need=need)


def _readable(actor: Actor) -> Q:
    open_to_all = Q(incident=None) | Q(incident__is_restricted=False)
    return open_to_all | within(actor, "incident__division__path", Right.SEE_RESTRICTED)


def _untaken(actor: Actor) -> Q:
    """What no incident stands behind yet goes by the type that it names; whoever wrote it reads it."""
    free = Q(facts__event_type__isnull=True) | ~Q(facts__event_type__in=_RESTRICTED_TYPES)
    free |= Q(incident__isnull=False) | within(actor, "division__path", Right.SEE_RESTRICTED)
    return free if actor.person_id is None else free | Q(drafted_by_person_id=actor.person_id)


def _one(rows: QuerySet[R], actor: Actor, pk: uuid.UUID, need: Right) -> R:
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NotFound
    require(actor, need, row.division.path)
    return row
