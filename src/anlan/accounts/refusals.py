"""What accounts refuse."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class NameTaken(Refusal):
    code = "accounts.name_taken"
    text = _("There is already an account “%(username)s”.")
    next_step = _("Choose another name.")


class HasAccount(Refusal):
    code = "accounts.has_account"
    text = _("%(person)s has the account “%(username)s” already.")
    next_step = _("Set a new password for that account instead.")


class WeakPassword(Refusal):
    code = "accounts.weak_password"
    text = _("This password is too weak: %(why)s")
    next_step = _("Choose at least ten characters that are neither a common word nor the name.")
    status = 400


class BadUserName(Refusal):
    code = "accounts.bad_user_name"
    text = _("This is no user name.")
    next_step = _("Use letters, digits and . _ - without spaces.")
    status = 400


class AccountIsClosed(Refusal):
    code = "accounts.is_closed"
    text = _("The account “%(username)s” is closed.")
    next_step = _("Open it again: that gives a new password too.")


class AccountIsOpen(Refusal):
    code = "accounts.is_open"
    text = _("The account “%(username)s” is open already.")
    next_step = _("Give a new password if the former one is lost.")


class HasNoAccount(Refusal):
    code = "accounts.has_no_account"
    text = _("%(person)s has no account.")
    next_step = _("Make one first.")


class UnknownAccount(Refusal):
    code = "accounts.unknown"
    text = _("There is no account “%(username)s”.")
    next_step = _("`anlan account list` shows all of them.")
    status = 404


class OwnAccount(Refusal):
    code = "accounts.own"
    text = _("This is your own account.")
    next_step = _("Change your password yourself; another administrator closes the account.")
    status = 403


class AnswersElsewhere(Refusal):
    code = "accounts.answers_elsewhere"
    text = _("%(person)s holds a post outside the places that you administer.")
    next_step = _("Ask an administrator of the wider place.")
    status = 403


class RealInADrill(Refusal):
    code = "accounts.real_in_a_drill"
    text = _("You are inside a drill, and accounts are real.")
    next_step = _("Leave the drill, then do it again.")
