"""Accounts from the command line: the first administrator, one for a person with a post, and what is done to one by its name."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from anlan.accounts.administering import AccountLine, visible_accounts, with_posts
from anlan.accounts.models import User
from anlan.accounts.refusals import UnknownAccount
from anlan.accounts.services import (
    close_account,
    create_account,
    made_password,
    reopen_account,
    reset_password,
)
from anlan.directory import services as directory
from anlan.directory.models import HoldingRole, Person
from anlan.kernel.actor import Actor
from anlan.places.queries import division
from anlan.vocab.posts import PostKind


def first_administrator(county_code: str, username: str, *, by: Actor, at: datetime) -> str:
    """The password of the county's first account, made once; "" when there is an account already."""
    if User.objects.exists():
        return ""
    return add_account(
        username,
        name="系统管理员",
        division_code=county_code.ljust(12, "0"),
        kind=PostKind.ADMINISTRATOR,
        password=None,
        by=by,
        at=at,
    )


def add_account(
    username: str,
    *,
    name: str,
    division_code: str,
    kind: PostKind,
    password: str | None,
    by: Actor,
    at: datetime,
) -> str:
    """Make an account for the named person, who gets the post if nobody of that name holds it. Returns the password.

    A password that was made here must be changed at the first sign-in.
    """
    place = division(division_code)
    with transaction.atomic():
        held = Person.objects.filter(
            name=name, holdings__post__kind=kind, holdings__post__division=place, holdings__held_to=None
        ).first()
        if held is None:
            held = directory.create_person(name, division=place, by=by, at=at)
            post = directory.ensure_post(kind, division=place, by=by, at=at)
            directory.appoint(post, held, role=HoldingRole.A, by=by, at=at)
        chosen = password or secrets.token_urlsafe(9)
        create_account(held, username=username, password=chosen, must_change=password is None, by=by, at=at)
    return chosen


def accounts(words: str, *, by: Actor, at: datetime) -> list[AccountLine]:
    return with_posts(list(visible_accounts(by, words)), at=at)


def reset(username: str, *, by: Actor, at: datetime) -> str:
    """A new password for an account, returned once; it must be changed at the next sign-in."""
    password = made_password()
    with transaction.atomic():
        reset_password(_account(username), password=password, by=by, at=at)
    return password


def reopen(username: str, *, by: Actor, at: datetime) -> str:
    """The same for an account that was closed, which is open from now on."""
    password = made_password()
    with transaction.atomic():
        reopen_account(_account(username), password=password, by=by, at=at)
    return password


def close(username: str, *, by: Actor, at: datetime) -> None:
    with transaction.atomic():
        close_account(_account(username), by=by, at=at)


def _account(username: str) -> User:
    found = User.objects.select_related("person__division").filter(username__iexact=username).first()
    if found is None:
        raise UnknownAccount(username=username)
    return found
