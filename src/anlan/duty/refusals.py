"""What the duty room refuses."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class OnlyAPerson(Refusal):
    code = "alarm.only_a_person"
    text = _("Only a named person at the desk can confirm an alarm.")
    next_step = _("Sign in with an account that belongs to a person.")
    status = 403


class UnknownOutage(Refusal):
    code = "outage.unknown_kind"
    text = _("“%(kind)s” is nothing that can be reported as cut.")
    next_step = _("Choose network, power or road.")


class OutageIsOver(Refusal):
    code = "outage.is_over"
    text = _("This outage was ended already.")
    next_step = _("Report a new one if it is down again.")
