"""Accounts on the desk: who may sign in, and the account of one person made, given a new password, closed, opened again."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from anlan.accounts import services
from anlan.accounts.access import require_somewhere
from anlan.accounts.administering import access_account_holder, account_of, visible_accounts, with_posts
from anlan.accounts.models import User
from anlan.accounts.refusals import HasNoAccount, NameTaken
from anlan.console.refusals import NotConfirmed
from anlan.console.views.base import DeskRequest, desk
from anlan.console.views.directory import person_page
from anlan.directory.models import Person
from anlan.kernel.refusals import NotFound, Refusal
from anlan.vocab.posts import Right

ROWS = 100


@desk
def accounts(request: DeskRequest) -> HttpResponse:
    """Everybody with an account at home where the reader administers, or those that some words fit."""
    require_somewhere(request.actor, Right.ADMINISTER)
    words = request.GET.get("q", "").replace("\0", "").strip()[:80]
    number = request.GET.get("page", "")
    page_number = max(1, int(number)) if number.isdecimal() and len(number) < 5 else 1
    start = (page_number - 1) * ROWS
    found = list(visible_accounts(request.actor, words)[start : start + ROWS + 1])
    page = {
        "lines": with_posts(found[:ROWS], at=request.now),
        "words": words,
        "former": page_number - 1,
        "further": page_number + 1 if len(found) > ROWS else 0,
        "read_at": request.now,
    }
    return render(request, "console/directory/accounts.html", page)


@desk
@require_POST
def act_on_account(request: DeskRequest, person_id: uuid.UUID) -> HttpResponse:
    """Make, reset, close, open again. A password is made here and shown in this one answer, nowhere else."""
    person = access_account_holder(request.actor, person_id, at=request.now)
    verb = request.POST.get("verb", "")
    if verb not in ("make", "reset", "close", "reopen"):
        raise NotFound
    try:
        if verb == "close":
            return _close(request, person)
        user, password = _open(request, person, verb)
    except IntegrityError:  # the same form, or the same name, came twice in this moment
        taken = NameTaken(username=request.POST.get("username", "")[:40])
        return person_page(request, person, error=taken, error_verb=verb, typed=request.POST)
    except Refusal as refusal:
        return person_page(request, person, error=refusal, error_verb=verb, typed=request.POST)
    page = {
        "person": person,
        "user": user,
        "password": password,
        "address": request.build_absolute_uri(reverse("accounts:sign_in")),
    }
    answer = render(request, "console/directory/password.html", page)
    answer["Cache-Control"] = "no-store"
    return answer


def _open(request: DeskRequest, person: Person, verb: str) -> tuple[User, str]:
    """The account with a new password, in its own transaction."""
    password, by, at = services.made_password(), request.actor, request.now
    with transaction.atomic(durable=True):
        if verb == "make":
            name = request.POST.get("username", "").replace("\0", "")
            return services.create_account(person, username=name, password=password, by=by, at=at), password
        change = services.reset_password if verb == "reset" else services.reopen_account
        return change(_account(person), password=password, by=by, at=at), password


def _close(request: DeskRequest, person: Person) -> HttpResponse:
    if request.POST.get("sure") != "1":
        raise NotConfirmed
    with transaction.atomic(durable=True):
        services.close_account(_account(person), by=request.actor, at=request.now)
    messages.success(request, _("The account is closed. What was open in a browser ends at the next click."))
    return redirect("console:directory_person", person.pk)


def _account(person: Person) -> User:
    found = account_of(person)
    if found is None:
        raise HasNoAccount(person=person.name)
    return found
