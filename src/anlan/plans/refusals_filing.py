"""What filing, findings and studies of plans refuse."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class EssentialMissing(Refusal):
    code = "plan_filing.essential_missing"
    text = _("Without this it cannot be handed in: %(parts)s.")
    next_step = _("Attach the printed plan and write the explanation.")


class FilingIncomplete(Refusal):
    code = "plan_filing.incomplete"
    text = _("It is not complete, still missing: %(parts)s.")
    next_step = _("Return it and say what is missing.")


class NotHandedIn(Refusal):
    code = "plan_filing.not_handed_in"
    text = _("This filing does not wait for an answer.")
    next_step = _("Look at its record; the owner hands it in first.")


class FilingClosed(Refusal):
    code = "plan_filing.closed"
    text = _("This filing cannot be changed any more.")
    next_step = _("A newer version of the plan has a filing of its own.")


class FiledItHimself(Refusal):
    code = "plan_filing.filed_it_himself"
    text = _("Whoever handed it in does not accept it.")
    next_step = _("Another person with the right to approve filings decides.")
    status = 403


class UnknownPart(Refusal):
    code = "plan_filing.unknown_part"
    text = _("“%(given)s” is no part of a filing.")
    next_step = _("Choose one from the list.")


class NoStudyTitle(Refusal):
    code = "plan_study.no_title"
    text = _("The study has no title.")
    next_step = _("Write the title of the report.")


class StudyInTheFuture(Refusal):
    code = "plan_study.in_the_future"
    text = _("The study cannot have been done on a day that is still to come.")
    next_step = _("Correct the day, or leave it empty.")


class FindingGone(Refusal):
    code = "plan_finding.gone"
    text = _("This finding is not open.")
    next_step = _("Run the check again to see how the plan stands.")
