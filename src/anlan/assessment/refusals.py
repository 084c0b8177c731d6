"""What assessment refuses."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class BadPeriod(Refusal):
    code = "assessment.bad_period"
    text = _("“%(given)s” is no period.")
    next_step = _("Choose a month, a quarter, or a first and a last day.")
    status = 400


class PeriodNotOver(Refusal):
    code = "assessment.period_not_over"
    text = _("This period is not over yet.")
    next_step = _("Draft the bulletin after its last day; until then the page shows the present state.")


class BulletinFixed(Refusal):
    code = "assessment.bulletin_fixed"
    text = _("A signed bulletin is not changed.")
    next_step = _("Send it back to the drafter, or withdraw it and draft another one.")


class NoText(Refusal):
    code = "assessment.no_text"
    text = _("The bulletin has no text.")
    next_step = _("Write what it says.")


class WhyNeeded(Refusal):
    code = "assessment.why_needed"
    text = _("The reason is missing.")
    next_step = _("Say why in a few words.")


class NoSuchDeduction(Refusal):
    code = "assessment.no_such_deduction"
    text = _("This deduction is not in the bulletin.")
    next_step = _("Reload the page.")
