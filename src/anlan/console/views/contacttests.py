"""Contact tests: plan a round, look at its result, and the list of dead numbers."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.accounts.access import require_somewhere
from anlan.console.moments import parse_moment
from anlan.console.refusals import NoSuchMoment
from anlan.console.templatetags.anlan import is_chinese
from anlan.console.views.base import DeskRequest, desk
from anlan.directory.access import shown_number
from anlan.dissemination.access import access_test, dead_numbers, visible_tests
from anlan.dissemination.channels import Nature, manifests
from anlan.dissemination.models import ContactTest
from anlan.dissemination.services import contact_tests as services
from anlan.journal import clocks
from anlan.places.access import access_division
from anlan.vocab.posts import FACES, PostKind, Right

BEIJING = ZoneInfo("Asia/Shanghai")
#: Posts that are offered for a test, those of villages and townships first.
POSTS = (
    PostKind.INFORMATION_OFFICER,
    PostKind.VILLAGE_SECRETARY,
    PostKind.TOWNSHIP_DUTY,
    PostKind.TOWNSHIP_INFORMATION_OFFICER,
    PostKind.TOWNSHIP_LEADER,
    PostKind.DEPARTMENT_DUTY,
    PostKind.SITE_KEEPER,
    PostKind.ENTERPRISE_SAFETY_MANAGER,
    PostKind.COUNTY_DUTY,
    PostKind.DUTY_LEADER,
)
ROWS = 50


@desk
@require_GET
def contact_tests(request: DeskRequest) -> HttpResponse:
    """Rounds, newest first, the dead numbers of the jurisdiction, and the form for a new round."""
    require_somewhere(request.actor, Right.SEE)
    page: dict[str, Any] = {
        "tests": [(test, _counts(test)) for test in visible_tests(request.actor)[:ROWS]],
        "states": _states(),
        "dead": [
            (row, shown_number(request.actor, row.value, row.person.division.path))
            for row in dead_numbers(request.actor)
        ],
        "places": _places(request),
        "posts": [(str(kind), _post(kind)) for kind in POSTS],
        "channels": [
            (code, one.zh if is_chinese() else one.en)
            for code, one in manifests().items()
            if one.nature is Nature.PERSONAL and one.contact_kinds
        ],
        "start": (request.now + timedelta(minutes=5)).astimezone(BEIJING),
        "read_at": request.now,
    }
    return render(request, "console/followup/contact_tests.html", page)


@desk
@require_GET
def contact_test(request: DeskRequest, test_id: uuid.UUID) -> HttpResponse:
    """One round: who answered, who was only reached, who is dead."""
    test = access_test(request.actor, test_id)
    items = test.items.select_related("contact__person", "division", "delivery").order_by(
        "state", "division_id"
    )
    page = {
        "test": test,
        "counts": _counts(test),
        "states": _states(),
        "items": [
            (item, shown_number(request.actor, item.contact.value, item.division.path), _post(item.post))
            for item in items
            if request.actor.can(Right.SEE, item.division.path)
        ],
        "item_words": _item_words(),
        "can_cancel": test.state == "planned" and request.actor.can(Right.RUN_CALLOUT, test.division.path),
        "read_at": request.now,
    }
    return render(request, "console/followup/contact_test.html", page)


@desk
@require_POST
def plan(request: DeskRequest) -> HttpResponse:
    """Plan a round; it starts by itself."""
    division = access_division(request.actor, request.POST.get("division", ""), need=Right.RUN_CALLOUT)
    chosen = [PostKind(code) for code in request.POST.getlist("posts") if code in set(PostKind)]
    at = clocks.now(clocks.default_exercise_id())
    with transaction.atomic():
        test = services.plan_test(
            name=request.POST.get("name", ""),
            division=division,
            posts=chosen,
            channel=request.POST.get("channel", "sms"),
            starts_at=_moment(request.POST.get("starts_at", ""), at),
            minutes=_whole(request.POST.get("minutes", ""), 60),
            every_days=services.QUARTER_DAYS if request.POST.get("repeat") else None,
            by=request.actor,
            at=at,
            exercise_id=clocks.default_exercise_id(),
        )
    messages.success(request, _("The test is planned; it starts by itself."))
    return redirect("console:contact_test", test.pk)


@desk
@require_POST
def cancel(request: DeskRequest, test_id: uuid.UUID) -> HttpResponse:
    test = access_test(request.actor, test_id, need=Right.RUN_CALLOUT)
    with transaction.atomic():
        services.cancel_test(test, by=request.actor, at=clocks.now(test.exercise_id))
    messages.success(request, _("The test is cancelled."))
    return redirect("console:contact_tests")


def _counts(test: ContactTest) -> Counter[str]:
    return Counter(test.items.values_list("state", flat=True))


def _post(kind: str) -> str:
    face = FACES[PostKind(kind)]
    return face.zh if is_chinese() else face.en


def _states() -> dict[str, str]:
    return {
        "planned": _("planned"),
        "running": _("running"),
        "done": _("done"),
        "cancelled": _("cancelled"),
    }


def _item_words() -> dict[str, str]:
    return {
        "pending": _("waiting"),
        "answered": _("answered"),
        "reached": _("delivered, not answered"),
        "silent": _("no trace"),
        "dead": _("dead number"),
    }


def _places(request: DeskRequest) -> list[tuple[str, str]]:
    """Where the reader may test: his townships and his county."""
    from anlan.places.access import visible

    rows = visible(request.actor, Right.RUN_CALLOUT).filter(level__in=("county", "township", "village"))
    return list(rows.order_by("path").values_list("code", "name")[:400])


def _moment(text: str, at: datetime) -> datetime:
    """A local date and time of the form, UTC; empty or just over means now. A round rings the whole county, so a mistyped day is refused.

    Raises `NoSuchMoment`."""
    if not text:
        return at
    given = parse_moment(text)
    if given < at - timedelta(days=1):
        raise NoSuchMoment(value=text[:40])
    return max(given, at)


def _whole(text: str, default: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 5 else default
