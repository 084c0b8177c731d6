"""What the desk itself declines to do."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class NoWorkbook(Refusal):
    code = "console.no_workbook"
    text = _("No workbook was chosen.")
    next_step = _("Choose an .xlsx file and upload it again.")
    status = 400


class WorkbookTooLarge(Refusal):
    code = "console.workbook_too_large"
    text = _("The file is larger than %(limit_mb)s MB.")
    next_step = _("Split it into several files and import them one after the other.")
    status = 413


class BeyondOwnRights(Refusal):
    code = "console.beyond_own_rights"
    text = _("This post gives rights that you do not hold yourself.")
    next_step = _("Ask the administrator, or somebody who holds these rights.")
    status = 403


class NoSuchMoment(Refusal):
    code = "console.no_such_moment"
    text = _("“%(value)s” is not a time.")
    next_step = _("Write it as 2026-07-01T02:14.")
    status = 400


class NobodyChosen(Refusal):
    code = "console.nobody_chosen"
    text = _("Nobody was chosen.")
    next_step = _("Choose a person from the list or write a name.")
    status = 400


class NotConfirmed(Refusal):
    code = "console.not_confirmed"
    text = _("Nothing was done: it was not confirmed.")
    next_step = _("Tick the box, then press the button again.")
    status = 400
