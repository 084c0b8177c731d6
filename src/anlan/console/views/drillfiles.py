"""Photos and papers of a drill: keep some, read one, through the drill's own door."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from anlan.attachments.refusals import EmptyFile
from anlan.attachments.uploading import bounded_uploads, check_uploads
from anlan.console.reportwords import sentence
from anlan.console.views.base import DeskRequest, desk
from anlan.console.views.files import as_it_is
from anlan.drills.access import access_drill, reads_script
from anlan.drills.files import files_of, keep_file
from anlan.journal import clocks
from anlan.kernel.refusals import NotFound, Refusal
from anlan.vocab.posts import Right

_SHOWN = ("image/jpeg", "image/png", "image/webp", "audio/", "video/")


@bounded_uploads
@require_POST
@desk
def add_files(request: DeskRequest, drill_id: uuid.UUID) -> HttpResponse:
    """All of them or none: a form that failed half is sent again whole."""
    row = access_drill(request.actor, drill_id, need=Right.RUN_DRILLS)
    try:
        check_uploads(request)
        files = request.FILES.getlist("file")
        if not files:
            raise EmptyFile
        with clocks.entered(clocks.folder_exercise_id()), transaction.atomic():
            for file in files:
                keep_file(row, file.chunks(), name=file.name or "", by=request.actor, at=clocks.wall_now())
    except Refusal as refusal:
        messages.error(request, sentence(refusal))
        return redirect("console:drill", row.pk)
    kept = len(files)
    messages.success(request, ngettext("%(n)s file is kept.", "%(n)s files are kept.", kept) % {"n": kept})
    return redirect("console:drill", row.pk)


@desk
@require_GET
def drill_file(request: DeskRequest, drill_id: uuid.UUID, drill_file_id: uuid.UUID) -> HttpResponse:
    """The bytes as what they are, never as a page: nothing inside them can run."""
    row = access_drill(request.actor, drill_id)
    if not reads_script(request.actor, row):
        raise NotFound  # a paper of a blind drill is a part of its script
    kept = next((one for one in files_of(row) if one.pk == drill_file_id), None)
    if kept is None:
        raise NotFound
    return as_it_is(kept, _SHOWN)
