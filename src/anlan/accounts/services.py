"""Accounts: made, given a new password, closed. Each step stands in the journal, no password ever does."""

from __future__ import annotations

import unicodedata
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from anlan.accounts.models import User
from anlan.accounts.refusals import HasAccount, NameTaken, WeakPassword
from anlan.directory.models import Person
from anlan.journal.services import note
from anlan.kernel.actor import Actor


def create_account(
    person: Person,
    *,
    username: str,
    password: str,
    must_change: bool = True,
    by: Actor,
    at: datetime,
) -> User:
    """A sign-in for a person. `must_change` asks for a new password before anything else."""
    name = unicodedata.normalize("NFKC", username.strip())
    existing = User.objects.filter(person=person).first()
    if existing is not None:
        raise HasAccount(person=person.name, username=existing.get_username())
    if User.objects.filter(username__iexact=name).exists():
        raise NameTaken(username=name)
    user = User(username=name, person=person, must_change_password=must_change)
    _check_strength(password, user)
    user.set_password(password)
    with transaction.atomic(savepoint=False):
        user.save()
        journal_account(user, "account.created", by=by, at=at, username=name, person=str(person.pk))
    return user


def change_password(user: User, *, password: str, by: Actor, at: datetime) -> User:
    """A person chose a new password."""
    _check_strength(password, user)
    user.set_password(password)
    user.must_change_password = False
    with transaction.atomic(savepoint=False):
        user.save(update_fields=["password", "must_change_password"])
        journal_account(user, "account.password_changed", by=by, at=at)
    return user


def reset_password(user: User, *, password: str, by: Actor, at: datetime) -> User:
    """An administrator set a password, which must be changed at the next sign-in; open sessions end."""
    _check_strength(password, user)
    user.set_password(password)
    user.must_change_password = True
    with transaction.atomic(savepoint=False):
        user.save(update_fields=["password", "must_change_password"])
        journal_account(user, "account.password_reset", by=by, at=at)
    return user


def close_account(user: User, *, by: Actor, at: datetime) -> User:
    """Nobody signs in with this account any more; what it did stays in the journal."""
    with transaction.atomic(savepoint=False):
        user.is_active = False
        user.save(update_fields=["is_active"])
        journal_account(user, "account.closed", by=by, at=at)
    return user


def choose_language(user: User, language: str) -> None:
    """Remember the language that a person reads."""
    User.objects.filter(pk=user.pk).update(language=language)


def journal_account(user: User, kind: str, *, by: Actor, at: datetime, **payload: object) -> None:
    """An entry about an account, seen by those who see the person's division."""
    path = user.person.division.path if user.person is not None else ""
    note(kind=kind, subject=("account", str(user.pk)), payload=payload, by=by, at=at, path=path)


def journal_failed_sign_in(user: User | None, *, by: Actor, at: datetime) -> None:
    """An entry about a wrong password; where nobody has the name, only that somebody tried."""
    if user is None:
        note(kind="account.sign_in_failed", subject=("account", ""), payload={}, by=by, at=at)
    else:
        journal_account(user, "account.sign_in_failed", by=by, at=at)


def _check_strength(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise WeakPassword(why=" ".join(error.messages)) from None
