"""A photo or recording that somebody sent about a place, for whoever may see that place."""

from __future__ import annotations

import uuid

from django.http import HttpResponse

from anlan.accounts.access import find
from anlan.attachments import services
from anlan.attachments.models import Attachment
from anlan.console.views.base import DeskRequest, desk
from anlan.incidents.access import access_incident
from anlan.kernel.refusals import NotFound
from anlan.vocab.posts import Right

#: Shown in the page; everything else is handed over as a file.
SHOWN = ("image/jpeg", "image/png", "image/webp", "audio/")


def as_it_is(row: Attachment, shown: tuple[str, ...] = SHOWN) -> HttpResponse:
    """The bytes of a file that somebody may read, for every door of files: nothing inside them can run."""
    try:
        body = services.content(row)
    except OSError:
        raise NotFound from None
    answer = HttpResponse(body, content_type=row.media_type)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "private, max-age=3600"
    if not row.media_type.startswith(shown):
        answer.headers["Content-Disposition"] = "attachment"
    return answer


@desk
def attachment(request: DeskRequest, file_id: uuid.UUID) -> HttpResponse:
    """The bytes as what they are, never as a page: nothing inside them can run."""
    row = find(Attachment.objects.select_related("division"), request.actor, file_id, need=Right.SEE)
    kind, _colon, key = row.subject.partition(":")
    if kind == "incident":
        access_incident(request.actor, uuid.UUID(key))  # restricted later, its files are closed with it
    return as_it_is(row)
