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
