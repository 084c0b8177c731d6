"""The doors to warnings of others, their sources and the reports back."""

from __future__ import annotations

import uuid

from django.db.models import Case, Count, IntegerField, QuerySet, Value, When

from anlan.accounts.access import find, narrow
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.vocab.posts import Right
from anlan.warning.models import BackReport, FeedSource, IncomingWarning, WarningSender

_WITH = ("message", "division", "draft", "callout_draft", "same_as__message", "follows")


def visible_incoming(actor: Actor) -> QuerySet[IncomingWarning]:
    """Those of the actor's places and of the run of this folder: what needs a person first, then the newest; copies are counted."""
    first = Case(When(state="needs_person", then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = narrow(IncomingWarning.objects.select_related(*_WITH), actor)
    rows = rows.filter(exercise_id=clocks.default_exercise_id()).defer("message__raw")
    return rows.annotate(urgency=first, sources=Count("copies")).order_by("urgency", "-received_at", "-id")


def access_incoming(actor: Actor, incoming_id: uuid.UUID, need: Right = Right.SEE) -> IncomingWarning:
    return find(IncomingWarning.objects.select_related(*_WITH), actor, incoming_id, need=need)


def visible_reports(actor: Actor) -> QuerySet[BackReport]:
    return narrow(BackReport.objects.select_related("incoming", "warning", "division"), actor)


def access_report(actor: Actor, report_id: uuid.UUID, need: Right = Right.SEE) -> BackReport:
    return find(
        BackReport.objects.select_related("incoming", "warning", "division"), actor, report_id, need=need
    )


def visible_feeds(actor: Actor) -> QuerySet[FeedSource]:
    return narrow(FeedSource.objects.select_related("division"), actor).order_by("name")


def access_feed(actor: Actor, feed_id: uuid.UUID, need: Right = Right.ADMINISTER) -> FeedSource:
    return find(FeedSource.objects.select_related("division"), actor, feed_id, need=need)


def visible_senders(actor: Actor) -> QuerySet[WarningSender]:
    return narrow(WarningSender.objects.select_related("division"), actor).order_by("kind", "name")


def access_sender(actor: Actor, sender_id: uuid.UUID, need: Right = Right.ADMINISTER) -> WarningSender:
    return find(WarningSender.objects.select_related("division"), actor, sender_id, need=need)
