"""A step of a drill that was missed, late or wrong becomes a lesson that somebody owes, in the drill's own review."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from anlan.console import reviewforms as forms
from anlan.console.reportwords import sentence
from anlan.console.views.base import DeskRequest, desk
from anlan.drills.access import access_drill
from anlan.drills.models import Drill
from anlan.journal import clocks
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.review import services
from anlan.review.access import access_review
from anlan.review.models import Review
from anlan.vocab.posts import Right


@require_POST
@desk
def add_drill_lesson(request: DeskRequest, drill_id: uuid.UUID) -> HttpResponse:
    """The newest review of the drill takes it; without one a review is opened."""
    drill = access_drill(request.actor, drill_id, need=Right.REVIEW_INCIDENTS)
    here, given = clocks.folder_exercise_id(), request.POST
    try:
        with clocks.entered(here), transaction.atomic():
            review = _review(request, drill)
            services.add_lesson(
                review,
                forms.owner_of(request.actor, given.get("owner", "")),
                given.get("words", ""),
                forms.day(given.get("due_on", "")),
                given.get("owner_words", ""),
                plan=drill.plan,
                by=request.actor,
                at=clocks.now(here),
            )
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        messages.error(request, sentence(refusal))
        return redirect("console:drill", drill.pk)
    messages.success(request, _("The lesson stands in the review of the drill."))
    return redirect("console:drill", drill.pk)


def _review(request: DeskRequest, drill: Drill) -> Review:
    known = Review.objects.filter(drill=drill).order_by("-made_at", "-pk").first()
    row = known or services.open_review(
        drill=drill,
        by=request.actor,
        by_name=request.actor.name,
        at=clocks.now(clocks.folder_exercise_id()),
    )
    # The door asks for every incident of the run; without it the reader opened what he may not read.
    return access_review(request.actor, row.pk)
