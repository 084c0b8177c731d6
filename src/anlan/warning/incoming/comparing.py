"""Whether a warning is one that we have already, and which earlier one it updates or ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet

from anlan.warning.incoming.rules import Table
from anlan.warning.incoming.told import voice_of
from anlan.warning.models import IncomingWarning

#: States of warnings that a later message can update or end.
_ALIVE = ("drafted", "called_out", "informed", "needs_person", "received")


@dataclass(frozen=True, slots=True)
class Found:
    """`same`: the first copy of this very warning. `conflict`: its identifier with other content. `earlier`: what it follows."""

    same: IncomingWarning | None = None
    conflict: IncomingWarning | None = None
    earlier: IncomingWarning | None = None


def compare(row: IncomingWarning, rules: Table) -> Found:
    """By identifier, sender and time for messages that have them; by affair and time, then by words, for all."""
    firsts = IncomingWarning.objects.filter(exercise_id=row.exercise_id, same_as=None).select_related(
        "message"
    )
    if row.identifier:
        known = list(firsts.filter(identifier=row.identifier, sender=row.sender).order_by("received_at"))
        for one in known:
            if one.sent == row.sent and one.content_sha256 == row.content_sha256:
                return Found(same=one)
        if known:
            return Found(
                conflict=known[0], earlier=known[0] if row.msg_type in ("Update", "Cancel") else None
            )
    same = _same_affair(row, firsts, rules) or _same_words(row, firsts, rules)
    if same is not None:
        return Found(same=same)
    return Found(earlier=_earlier(row, firsts, rules))


def _same_affair(
    row: IncomingWarning, firsts: QuerySet[IncomingWarning], rules: Table
) -> IncomingWarning | None:
    """The same issuer, hazard, level and verb at about the same time, on whatever way."""
    if not row.affair or row.issued_at is None:
        return None
    near = timedelta(minutes=rules.same_within_min.value)
    span = (row.issued_at - near, row.issued_at + near)
    rows = firsts.filter(affair=row.affair, issued_at__range=span).exclude(state="ignored")
    if row.identifier:  # two identified messages are one only if one of them is but a sentence
        rows = rows.filter(identifier="")
    return rows.order_by("received_at").first()


def _same_words(
    row: IncomingWarning, firsts: QuerySet[IncomingWarning], rules: Table
) -> IncomingWarning | None:
    """Word for word, not long ago."""
    since = row.received_at - timedelta(hours=rules.same_unknown_within_h.value)
    rows = firsts.filter(
        content_sha256=row.content_sha256,
        received_at__gte=since,
        hazard=row.hazard,
        level=row.level,
        identifier="",
    )
    return rows.exclude(state="ignored").order_by("received_at").first()


def _earlier(row: IncomingWarning, firsts: QuerySet[IncomingWarning], rules: Table) -> IncomingWarning | None:
    """By reference where the message names one; else the newest of the same voice and hazard within the chain's time."""
    if row.references:
        wanted = Q()
        for reference in row.references:
            sender, _comma, identifier = str(reference).partition(",")
            wanted |= Q(sender=sender, identifier=identifier)
        return firsts.filter(wanted).exclude(state="duplicate").order_by("-received_at").first()
    if not row.issuer or not (row.hazard or row.hazard_words):
        return None
    since = row.received_at - timedelta(hours=rules.chain_within_h.value)
    rows = firsts.filter(state__in=_ALIVE, received_at__gte=since).exclude(action="lift")
    rows = rows.filter(hazard=row.hazard) if row.hazard else rows.filter(hazard_words=row.hazard_words)
    if row.action == "lift" and row.level is not None:
        rows = rows.filter(Q(level=row.level) | Q(level=None))
    voice = voice_of(row.issuer)
    alike = (one for one in rows.order_by("-received_at")[:50] if voice_of(one.issuer) == voice)
    return next(alike, None)
