"""The directory: who is responsible where, now or at a past minute, and how they are reached; edited where one is responsible."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import Enum
from itertools import groupby
from typing import Any, TypeVar

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from anlan.accounts.access import require, require_somewhere
from anlan.console import people
from anlan.console.accountcard import account_card
from anlan.console.moments import input_moment, parse_moment
from anlan.console.refusals import NobodyChosen
from anlan.console.templatetags.anlan import is_chinese
from anlan.console.views.base import DeskRequest, back, desk, shared_text
from anlan.directory import services
from anlan.directory.access import (
    access_contact,
    access_holding,
    access_person,
    sees_numbers_of,
    visible_people,
)
from anlan.directory.checks import run_checks
from anlan.directory.models import HoldingRole, Person
from anlan.kernel.refusals import NotFound, fill
from anlan.places import queries as places
from anlan.places.access import access_division
from anlan.places.models import Division
from anlan.vocab.posts import PostKind, Right

E = TypeVar("E", bound=Enum)


@desk
def directory(request: DeskRequest) -> HttpResponse:
    """Every township of the jurisdiction with its villages and whom a call-out would reach there."""
    require_somewhere(request.actor, Right.SEE)
    at, is_past = _moment(request)

    def make() -> str:
        return render_to_string("console/directory/_tree.html", {"branches": people.tree(request.actor, at)})

    page = {
        "tree": shared_text(request, f"directory:{at if is_past else ''}", make),
        "at": at,
        "is_past": is_past,
        "at_input": input_moment(at),
        "may_administer": request.actor.can_somewhere(Right.ADMINISTER),
    }
    return render(request, "console/directory/directory.html", page)


@desk
def division(request: DeskRequest, code: str) -> HttpResponse:
    """One village, township or county: its posts, who holds them, since when and by whose hand."""
    place = access_division(request.actor, code)
    at, is_past = _moment(request)
    may_edit = request.actor.can(Right.EDIT_DIRECTORY, place.path) and not is_past
    page = {
        "place": place,
        "trail": [
            {"code": step.code, "name": step.name, "is_seen": request.actor.sees(step.path)}
            for step in places.breadcrumb(place)
        ],
        "children": place.children.defer("geometry").order_by("code"),
        "posts": people.posts_of(place, request.actor, at, may_edit=may_edit),
        "candidates": Person.objects.filter(division=place).order_by("name") if may_edit else (),
        "may_edit": may_edit,
        "sees_numbers": request.actor.can(Right.SEE_NUMBERS, place.path),
        "at": at,
        "is_past": is_past,
        "at_input": input_moment(at),
    }
    return render(request, "console/directory/division.html", page)


@desk
def person(request: DeskRequest, person_id: uuid.UUID) -> HttpResponse:
    """One person: numbers, posts, labels, and everything that changed about them."""
    return person_page(request, access_person(request.actor, person_id, at=request.now))


def person_page(
    request: DeskRequest, found: Person, **more: Any
) -> HttpResponse:  # Any: what the template shows
    """The page of somebody the reader may see, also after a form on it was refused."""
    is_full = sees_numbers_of(request.actor, found, at=request.now)
    page = {
        "person": found,
        "contacts": people.contacts_of(found, is_full=is_full),
        "holdings": people.holdings_of(found),
        "labels": people.label_words(is_chinese()),
        "may_edit": request.actor.can(Right.EDIT_DIRECTORY, found.division.path),
        "sees_numbers": is_full,
        "account": account_card(request.actor, found, at=request.now),
        **more,
    }
    error = more.get("error")
    status = 200 if error is None else error.status
    return render(request, "console/directory/person.html", page, status=status)


@desk
def contact_list(request: DeskRequest, code: str) -> HttpResponse:
    """All numbers at and below a division on one sheet."""
    place = access_division(request.actor, code)
    with transaction.atomic():
        lines = people.contact_list(place, request.actor, request.now)
    page = {"place": place, "lines": lines, "sees_numbers": request.actor.can(Right.SEE_NUMBERS, place.path)}
    return render(request, "console/directory/list.html", page)


@desk
def checks(request: DeskRequest) -> HttpResponse:
    """Everything in the directory that would leave a village uncalled tonight, grouped, with the page that mends it."""
    require_somewhere(request.actor, Right.SEE)

    def make() -> str:
        return render_to_string("console/directory/_checks.html", _checked(request))

    content = shared_text(request, "directory_checks", make)
    return render(request, "console/directory/checks.html", {"content": content})


def _checked(request: DeskRequest) -> dict[str, Any]:
    found = run_checks(request.actor, request.now)
    groups = []
    for code, members in groupby(found, key=lambda finding: finding.code):
        lines = [{"finding": one, "sentence": fill(_(one.text), one.data)} for one in members]
        groups.append({"code": code, "title": check_titles().get(code, code), "lines": lines})
    return {"groups": groups, "total": len(found), "now": request.now}


def check_titles() -> dict[str, str]:
    """Headings of the checks of R34 in the reader's language."""
    return {
        "village.no_officer": _("Villages without an information officer"),
        "person.no_number": _("People on a post without a number"),
        "post.same_number": _("A and B role on one number"),
        "township.no_deputy": _("Townships without a B role"),
        "number.shared": _("One number used by several people"),
        "officer.several_villages": _("Officers of several villages"),
        "number.never_verified": _("Numbers that were never verified"),
        "number.verified_long_ago": _("Numbers not verified for a quarter"),
    }


@desk
@require_POST
def appoint(request: DeskRequest, code: str) -> HttpResponse:
    """Put a person of the division, or a new one, on a post from now on."""
    place = access_division(request.actor, code, need=Right.EDIT_DIRECTORY)
    kind = _choice(PostKind, request.POST.get("kind", ""))
    role = _choice(HoldingRole, request.POST.get("role", "A"))
    people.check_may_fill(request.actor, kind, place)
    by, at = request.actor, request.now
    with transaction.atomic():
        chosen = _chosen_person(request, place)
        post = services.ensure_post(kind, division=place, by=by, at=at)
        services.appoint(post, chosen, role=role, by=by, at=at)
        if request.POST.get("mobile", "").strip():
            # Somebody of another township may serve here; his numbers are kept where he is at home.
            require(request.actor, Right.EDIT_DIRECTORY, chosen.division.path)
            services.set_contact(chosen, kind="mobile", value=request.POST["mobile"], by=by, at=at)
    messages.success(request, _("%(name)s is responsible from now on.") % {"name": chosen.name})
    return back(request, "console:division", place.code)


def _chosen_person(request: DeskRequest, place: Division) -> Person:
    """Somebody from the list, else the person of that name in this division, else a new one.

    Sending the same form twice therefore finds the person of the first time.
    """
    key = request.POST.get("person", "")
    if key:
        return _visible_person(request, key)
    name = request.POST.get("name", "").strip()[:60]
    if not name:
        raise NobodyChosen
    known = Person.objects.filter(division=place, name=name).select_related("division").first()
    return known or services.create_person(name, division=place, by=request.actor, at=request.now)


def _visible_person(request: DeskRequest, key: str) -> Person:
    try:
        found = visible_people(request.actor, at=request.now).filter(pk=uuid.UUID(key)).first()
    except ValueError:
        raise NotFound from None
    if found is None:
        raise NotFound
    return found


@desk
@require_POST
def end_holding(request: DeskRequest, holding_id: uuid.UUID) -> HttpResponse:
    """The person leaves the post now."""
    holding = access_holding(request.actor, holding_id)
    people.check_may_fill(request.actor, PostKind(holding.post.kind), holding.post.division)
    with transaction.atomic():
        services.end_holding(holding, by=request.actor, at=request.now)
    return back(request, "console:division", holding.post.division_id)


@desk
@require_POST
def set_contact(request: DeskRequest, person_id: uuid.UUID) -> HttpResponse:
    """A new number or address; it counts at once, the former one ends."""
    found = access_person(request.actor, person_id, at=request.now, need=Right.EDIT_DIRECTORY)
    kind = request.POST.get("kind", "")
    if kind not in {"mobile", "landline", "email", "satellite"}:
        raise NotFound
    with transaction.atomic():
        value = request.POST.get("value", "")[:120]
        services.set_contact(found, kind=kind, value=value, by=request.actor, at=request.now)
    messages.success(request, _("The number counts from now on."))
    return back(request, "console:directory_person", found.pk)


@desk
@require_POST
def end_contact(request: DeskRequest, contact_id: uuid.UUID) -> HttpResponse:
    """The number is no longer used."""
    contact = access_contact(request.actor, contact_id)
    with transaction.atomic():
        services.end_contact(contact, by=request.actor, at=request.now)
    return back(request, "console:directory_person", contact.person_id)


@desk
@require_POST
def verify_contact(request: DeskRequest, contact_id: uuid.UUID) -> HttpResponse:
    """Somebody called the number and the right person answered."""
    contact = access_contact(request.actor, contact_id)
    with transaction.atomic():
        services.verify_contact(contact, by=request.actor, at=request.now)
    return back(request, "console:directory_person", contact.person_id)


@desk
@require_POST
def describe(request: DeskRequest, person_id: uuid.UUID) -> HttpResponse:
    """Name, duty labels, skills and the number in the national register."""
    found = access_person(request.actor, person_id, at=request.now, need=Right.EDIT_DIRECTORY)
    skills = [part.strip() for part in request.POST.get("skills", "").replace(",", "、").split("、")]
    with transaction.atomic():
        if request.POST.get("name", "").strip() not in ("", found.name):
            services.rename_person(found, name=request.POST["name"][:60], by=request.actor, at=request.now)
        services.set_labels(
            found,
            labels=request.POST.getlist("labels"),
            skills=[skill[:40] for skill in skills if skill][:20],
            registration_no=request.POST.get("registration_no", "").strip()[:40],
            by=request.actor,
            at=request.now,
        )
    return redirect("console:directory_person", found.pk)


def _choice(kinds: type[E], value: str) -> E:
    """A member of an enumeration by its code; a form with another one is nothing we made."""
    try:
        return kinds(value)
    except ValueError:
        raise NotFound from None


def _moment(request: DeskRequest) -> tuple[datetime, bool]:
    """The minute that the page is about, and whether it is a past one."""
    text = request.GET.get("at", "")
    if not text:
        return request.now, False
    moment = parse_moment(text)
    return moment, moment < request.now
