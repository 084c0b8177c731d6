"""Who may make and take a case file: whoever may see all of it, since it is the same for everybody."""

from __future__ import annotations

import uuid

from anlan.command.trail import Subjects, subjects_of
from anlan.incidents.access import access_incident
from anlan.incidents.models import Incident
from anlan.intake.models import Intake
from anlan.journal.models import Entry
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound
from anlan.review.caserefusals import NotTheWholeFile
from anlan.review.folding import CHUNK
from anlan.review.models import CaseFile
from anlan.vocab.posts import Right

#: A case file holds numbers of people in full and entries of the journal.
NEEDED = (Right.REVIEW_INCIDENTS, Right.SEE_NUMBERS, Right.SEE_JOURNAL)


def may_make(actor: Actor, incident: Incident) -> bool:
    """By the rights alone; whether everything is seen is asked when it is made."""
    return all(actor.can(right, incident.division.path) for right in NEEDED)


def access_case_file(actor: Actor, incident_id: uuid.UUID, file_id: uuid.UUID) -> CaseFile:
    """One case file of an incident that the actor sees, to take it away."""
    incident = access_incident(actor, incident_id, need=Right.REVIEW_INCIDENTS)
    row = CaseFile.objects.filter(pk=file_id, incident=incident).first()
    if row is None:
        raise NotFound
    check_sees_whole(actor, incident)
    return row


def check_sees_whole(actor: Actor, incident: Incident) -> None:
    """Refuse whoever may not see a part: numbers, entries, something restricted, rows of other places."""
    if not may_make(actor, incident):
        raise NotTheWholeFile
    subjects = subjects_of(incident)
    if _is_closed(incident, subjects) and not actor.can(Right.SEE_RESTRICTED, incident.division.path):
        raise NotTheWholeFile
    if not all(actor.sees(path) for path in _paths(subjects)):
        raise NotTheWholeFile


def _is_closed(incident: Incident, subjects: Subjects) -> bool:
    ids = sorted(subjects.get("incident", set()) | {str(incident.pk)})
    if Incident.objects.filter(pk__in=ids, is_restricted=True).exists():
        return True
    intakes = sorted(subjects.get("intake", ()))
    return any(
        Intake.objects.filter(pk__in=intakes[start : start + CHUNK], is_restricted=True).exists()
        for start in range(0, len(intakes), CHUNK)
    )


def _paths(subjects: Subjects) -> set[str]:
    """The places that entries of these rows belong to; "" is the node's own and names no place."""
    found: set[str] = set()
    for kind, keys in subjects.items():
        listed = sorted(keys)
        for start in range(0, len(listed), CHUNK):
            rows = Entry.objects.filter(subject_type=kind, subject_id__in=listed[start : start + CHUNK])
            found |= set(rows.order_by().values_list("division_path", flat=True).distinct())
    return found - {""}
