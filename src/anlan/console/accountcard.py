"""The account of a person, as whoever administers there finds it on the person's page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from anlan.accounts.administering import account_of, check_may_administer
from anlan.accounts.models import User
from anlan.directory.models import Person
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import Refusal
from anlan.vocab.posts import Right


@dataclass(frozen=True, slots=True)
class AccountCard:
    """The account if there is one, and why the reader cannot change it; nothing in the way is None."""

    user: User | None
    why_not: Refusal | None


def account_card(actor: Actor, person: Person, *, at: datetime) -> AccountCard | None:
    """None for everybody who does not administer where the person is at home."""
    if not actor.can(Right.ADMINISTER, person.division.path):
        return None
    try:
        check_may_administer(actor, person, at=at)
    except Refusal as refusal:
        return AccountCard(account_of(person), refusal)
    return AccountCard(account_of(person), None)
