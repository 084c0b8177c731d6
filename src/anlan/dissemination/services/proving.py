"""An answer proves that a number works: the directory remembers when, and a mark of "dead number" goes."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db.models import Q

from anlan.directory.models import Contact
from anlan.directory.queries import in_use_at
from anlan.directory.services import verify_contact
from anlan.dissemination.services.mailbag import forms_of
from anlan.journal.refusals import StaleRow
from anlan.kernel.actor import Actor

#: A number that was proved less than this ago is not written again: a storm brings thousands of answers. Engineering choice.
OFTEN_ENOUGH = timedelta(days=1)


def prove_number(number: str, *, by: Actor, at: datetime, exercise_id: uuid.UUID | None) -> int:
    """Somebody answered from, or on, this number. Returns how many contacts were marked; nothing in an exercise."""
    if exercise_id is not None or not number:
        return 0
    old = Q(verified_at=None) | Q(verified_at__lt=at - OFTEN_ENOUGH) | Q(failed_at__isnull=False)
    rows = Contact.objects.filter(old, in_use_at(at), value__in={number, *forms_of(number)})
    marked = 0
    for contact in rows.select_related("person__division"):
        try:
            verify_contact(contact, by=by, at=at)
        except StaleRow:
            continue  # somebody edits it in this moment; the next answer proves it again
        marked += 1
    return marked
