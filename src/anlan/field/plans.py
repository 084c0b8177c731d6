"""The pocket cards of a person: what each plan in force asks of the posts that he holds, one card on one screen."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from anlan.directory.models import Holding
from anlan.field.views import FieldRequest
from anlan.journal import clocks
from anlan.kernel.refusals import NotFound
from anlan.plans.access import access_plan
from anlan.plans.content import read
from anlan.plans.listing import HeldPost, held_posts, posts_of
from anlan.plans.manuals import phone_card
from anlan.plans.triggers import ROMAN


def _held(request: FieldRequest) -> list[HeldPost]:
    """The posts that the person holds now."""
    if request.actor.person_id is None:
        return []
    rows = Holding.objects.filter(person_id=request.actor.person_id, held_from__lte=request.now)
    rows = rows.filter(Q(held_to=None) | Q(held_to__gt=request.now))
    return held_posts(rows.values_list("post__kind", "post__division_id"))


@login_required
@never_cache
@require_GET
def cards(request: FieldRequest) -> HttpResponse:
    """The cards of this person, plan by plan."""
    found = posts_of(request.actor, _held(request), clocks.default_exercise_id())
    return render(request, "field/plan_cards.html", {"cards": found})


@login_required
@never_cache
@require_GET
def card(request: FieldRequest, plan_id: uuid.UUID, plan_post: str) -> HttpResponse:
    """One card; of every post of a plan that the reader may see."""
    row = access_plan(request.actor, plan_id)
    version = row.current or row.versions.order_by("-number").first()
    if version is None or (row.current is None and not request.actor.sees(row.division.path)):
        raise NotFound
    found = phone_card(read(version.content), plan_post, row.title)
    if found is None:
        raise NotFound
    return render(
        request,
        "field/plan_card.html",
        {"card": found, "plan": row, "version": version, "steps": _steps(found)},
    )


def _steps(card: Any) -> list[tuple[str, Any]]:
    return [(_("level %(level)s") % {"level": ROMAN[level]}, steps) for level, steps in card.steps]
