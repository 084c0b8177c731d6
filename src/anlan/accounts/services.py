"""Accounts: made, given a new password, closed, opened again. Each step stands in the journal, no password ever does."""

from __future__ import annotations

import re
import secrets
import unicodedata
from datetime import datetime

from axes.models import AccessAttempt
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from anlan.accounts.models import User
from anlan.accounts.refusals import (
    AccountIsClosed,
    AccountIsOpen,
    BadUserName,
    HasAccount,
    NameTaken,
    WeakPassword,
)
from anlan.directory.models import Person
from anlan.journal.services import note
from anlan.kernel.actor import Actor

#: Letters and digits that nobody mistakes for another one when a password is read out over the telephone.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _IN_A_GROUP = 3, 4
_MOST_LETTERS = 150
#: Latin letters and Chinese characters: a letter of a third script looks like one of these and is another name.
_WRITTEN = re.compile(r"[A-Za-z0-9._@+\-\u3400-\u4dbf\u4e00-\u9fff]+")


def made_password() -> str:
    """A password to be told to somebody, such as "k7mp-x3fw-q9tn": 31 to the power of twelve of them."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_IN_A_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


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
    _check_name(name)
    existing = User.objects.filter(person=person).first()
    if existing is not None:
        raise HasAccount(person=person.name, username=existing.get_username())
    if any(name.casefold() == taken.casefold() for taken in User.objects.values_list("username", flat=True)):
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
    """An administrator set a password, which must be changed at the next sign-in; open sessions end.

    The wrong passwords that were tried before are forgotten: whoever is told the new one comes in at once.
    """
    if not user.is_active:
        raise AccountIsClosed(username=user.get_username())
    _check_strength(password, user)
    user.set_password(password)
    user.must_change_password = True
    with transaction.atomic(savepoint=False):
        user.save(update_fields=["password", "must_change_password"])
        _forget_wrong_passwords(user)
        journal_account(user, "account.password_reset", by=by, at=at)
    return user


def reopen_account(user: User, *, password: str, by: Actor, at: datetime) -> User:
    """Somebody who came back signs in again, with a new password that must be changed.

    The former password does not come back, and with it neither do the sessions that were open when the account was closed.
    """
    if user.is_active:
        raise AccountIsOpen(username=user.get_username())
    _check_strength(password, user)
    user.set_password(password)
    user.must_change_password = True
    user.is_active = True
    with transaction.atomic(savepoint=False):
        user.save(update_fields=["password", "must_change_password", "is_active"])
        _forget_wrong_passwords(user)
        journal_account(user, "account.reopened", by=by, at=at)
    return user


def close_account(user: User, *, by: Actor, at: datetime) -> User:
    """Nobody signs in with this account any more, open sessions end; what it did stays in the journal."""
    if not user.is_active:
        return user
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


def _forget_wrong_passwords(user: User) -> None:
    AccessAttempt.objects.filter(username__iexact=user.get_username()).delete()


def _check_name(name: str) -> None:
    try:
        User.username_validator(name)
    except ValidationError:
        raise BadUserName from None
    if len(name) > _MOST_LETTERS or not _WRITTEN.fullmatch(name):
        raise BadUserName


def _check_strength(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise WeakPassword(why=" ".join(error.messages)) from None
