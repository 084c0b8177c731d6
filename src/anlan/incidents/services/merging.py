"""Merge two incidents that are one, and split them again. Both originals stay; only links and states change."""

from __future__ import annotations

import uuid
from datetime import datetime

from anlan.events.published import IncidentMoved
from anlan.incidents.models import Incident, MergeLink
from anlan.incidents.refusals import IsClosed, MixedReading, NotMerged, ReasonMissing, SameIncident
from anlan.incidents.services.grading import regrade
from anlan.journal.services import announce
from anlan.kernel.actor import Actor


def merge_incident(incident: Incident, main: Incident, *, reason: str, by: Actor, at: datetime) -> MergeLink:
    """`incident` is the same as `main`: its figures count there, its reports are read there. Undone by `split_incident`.

    What was merged into `incident` before moves along and comes back with it. The legal clock of the whole is the earliest
    moment of knowing of any of them (R05: from the moment of knowing); reporting reads it from the links.
    """
    if incident.pk == main.pk or main.state in ("merged", "not_true"):
        raise SameIncident
    if main.state == "closed":
        raise IsClosed
    if incident.is_restricted != main.is_restricted or incident.exercise_id != main.exercise_id:
        raise MixedReading
    if not reason.strip():
        raise ReasonMissing
    link = MergeLink(
        incident=incident,
        main=main,
        reason=reason.strip()[:300],
        made_at=at,
        made_by=by.ref,
        exercise_id=incident.exercise_id,
    ).record(by=by, at=at, kind="made")
    incident.advance(
        "merged",
        by=by,
        at=at,
        cause=f"merge_link:{link.pk}",
        merged_into_id=main.pk,
        before_merge=incident.state,
    )
    for child in incident.merged_from.all():
        child.change(by=by, at=at, kind="moved_along", cause=f"merge_link:{link.pk}", merged_into_id=main.pk)
    regrade(main, by=by, at=at)
    for one in (incident, main):
        announce(IncidentMoved(str(one.pk), state=one.state), at=at, exercise_id=one.exercise_id)
    return link


def split_incident(incident: Incident, *, reason: str, by: Actor, at: datetime) -> Incident:
    """They were two after all: everything stands as before the merge, with what each was given meanwhile."""
    link = (
        MergeLink.objects.filter(incident=incident, undone_at=None)
        .select_related("main")
        .order_by("-made_at")
        .first()
    )
    if incident.state != "merged" or link is None:
        raise NotMerged
    if not reason.strip():
        raise ReasonMissing
    main = incident.merged_into or link.main
    link.change(by=by, at=at, kind="undone", undone_at=at, undone_by=by.ref, undone_why=reason.strip()[:300])
    incident.advance(
        incident.before_merge,
        by=by,
        at=at,
        cause=f"merge_link:{link.pk}",
        merged_into_id=None,
        before_merge="",
    )
    for child in Incident.objects.filter(pk__in=_below(incident.pk), state="merged"):
        child.change(
            by=by, at=at, kind="moved_along", cause=f"merge_link:{link.pk}", merged_into_id=incident.pk
        )
    for one in (incident, main):
        regrade(one, by=by, at=at)
        announce(IncidentMoved(str(one.pk), state=one.state), at=at, exercise_id=one.exercise_id)
    return incident


def _below(root: uuid.UUID) -> set[uuid.UUID]:
    """Everything that was merged into it, and into that, and so on."""
    found: set[uuid.UUID] = set()
    new = {root}
    while new:
        links = MergeLink.objects.filter(main__in=new, undone_at=None)
        new = set(links.values_list("incident_id", flat=True)) - found
        found |= new
    return found
