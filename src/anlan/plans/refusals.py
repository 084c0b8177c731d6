"""What plans refuse."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class NoPlanTitle(Refusal):
    code = "plan.no_title"
    text = _("The plan has no title.")
    next_step = _("Write the title as it will stand on the cover.")


class UnknownPlanWord(Refusal):
    code = "plan.unknown_word"
    text = _("“%(given)s” is not in the list.")
    next_step = _("Choose one from the list.")


class DraftExists(Refusal):
    code = "plan.draft_exists"
    text = _("Version %(number)s of this plan is still being worked on.")
    next_step = _("Go on with that one, or have it decided first.")


class NotADraft(Refusal):
    code = "plan.not_a_draft"
    text = _("This version left the draft and does not change any more.")
    next_step = _("Make a new version of the plan.")


class NotSubmitted(Refusal):
    code = "plan.not_submitted"
    text = _("This version does not wait for a decision.")
    next_step = _("Its author submits it first.")


class EmptyPlan(Refusal):
    code = "plan.empty"
    text = _("There is nothing in this plan yet.")
    next_step = _("Write at least its purpose, a level or a task.")


class WroteItHimself(Refusal):
    code = "plan.wrote_it_himself"
    text = _("Whoever wrote in a version does not approve it.")
    next_step = _("Another person with the right to approve plans decides.")
    status = 403


class PlanReasonMissing(Refusal):
    code = "plan.reason_missing"
    text = _("It is not said why.")
    next_step = _("One sentence is enough; it stays in the record.")


class PlanWithdrawn(Refusal):
    code = "plan.withdrawn"
    text = _("This plan was withdrawn.")
    next_step = _("Make a new version to take it up again.")


class NotATemplate(Refusal):
    code = "plan.not_a_template"
    text = _("This plan is not a template that waits to be confirmed.")
    next_step = _("Look at its record.")


class BadLink(Refusal):
    code = "plan.bad_link"
    text = _("A plan is not linked with itself, nor twice with the same one.")
    next_step = _("Choose another plan.")


class BadParent(Refusal):
    code = "plan.bad_parent"
    text = _("A plan does not stand under itself, nor under a plan that stands under it.")
    next_step = _("Choose another plan above it.")


class StillUsed(Refusal):
    code = "plan.still_used"
    text = _("“%(title)s” is still used by: %(users)s.")
    next_step = _("Change those first.")


class ChangedMeanwhile(Refusal):
    code = "plan.changed_meanwhile"
    text = _("Somebody changed this entry while you were writing.")
    next_step = _("What you typed stands below; compare it with the entry and store it again.")


class InCircles(Refusal):
    code = "plan.in_circles"
    text = _("These would wait for each other: %(titles)s.")
    next_step = _("Take one of them out of the preconditions.")
