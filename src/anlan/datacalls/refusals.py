"""What data calls refuse."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class NoTitle(Refusal):
    code = "datacall.no_title"
    text = _("It is not said what is asked.")
    next_step = _("Write one short line.")


class NoFigures(Refusal):
    code = "datacall.no_figures"
    text = _("The form asks for no figure.")
    next_step = _("Choose a figure of the register or name a new one.")


class TooManyFigures(Refusal):
    code = "datacall.too_many_figures"
    text = _("A data call asks for %(most)s figures at most.")
    next_step = _("Ask only for what is decided on tonight.")


class NoTargets(Refusal):
    code = "datacall.no_targets"
    text = _("Nobody is asked.")
    next_step = _("Choose townships or departments.")


class WrongTarget(Refusal):
    code = "datacall.wrong_target"
    text = _("%(place)s cannot be asked by a data call.")
    next_step = _("Choose townships and departments; a township asks its villages itself.")


class DueInThePast(Refusal):
    code = "datacall.due_in_the_past"
    text = _("The time by which it must be filed is over already.")
    next_step = _("Choose a later time.")


class BadRepeat(Refusal):
    code = "datacall.bad_repeat"
    text = _("The rounds do not fit: each must be due before the next begins, and there must be an end.")
    next_step = _("Choose 1 to 168 hours, an end after the first deadline, and a deadline within one round.")


class BadDefinition(Refusal):
    code = "datacall.bad_definition"
    text = _("The figure “%(name)s” is not described well: %(why)s.")
    next_step = _("A figure has a name, a kind, and for a choice at least two options.")


class NameTaken(Refusal):
    code = "datacall.name_taken"
    text = _("“%(name)s” is in the register already, with another unit or kind.")
    next_step = _("Take the one of the register, or give the new figure another name.")


class UnknownFigure(Refusal):
    code = "datacall.unknown_figure"
    text = _("A figure of the form is not in the register, or no longer in use.")
    next_step = _("Choose again from the list.")


class BadValue(Refusal):
    code = "datacall.bad_value"
    text = _("%(figure)s cannot be “%(value)s”.")
    next_step = _("Expected: %(expected)s.")


class NothingFiled(Refusal):
    code = "datacall.nothing_filed"
    text = _("Nothing was filled in.")
    next_step = _("Fill in the figures, or report nil where that is allowed.")


class NilNotAllowed(Refusal):
    code = "datacall.nil_not_allowed"
    text = _("%(call)s does not take a nil report.")
    next_step = _("Fill in the figures; zero is a number.")


class CorrectionNeedsReason(Refusal):
    code = "datacall.correction_needs_reason"
    text = _("%(figure)s was %(former)s and is now %(value)s; nobody said why.")
    next_step = _("Write the reason: counted twice, a late report, a slip of the pen.")


class CallOver(Refusal):
    code = "datacall.over"
    text = _("%(call)s is over and takes no new filing.")
    next_step = _("Tell the county's duty desk by phone.")


class NotATownship(Refusal):
    code = "datacall.not_a_township"
    text = _("Only a township that owes its own filing passes the question on to its villages.")
    next_step = _("Look at what is asked of you.")


class ReasonMissing(Refusal):
    code = "datacall.reason_missing"
    text = _("Say why.")
    next_step = _("One sentence is enough; it stays in the record.")


class NothingGiven(Refusal):
    code = "datacall.nothing_given"
    text = _("There is no value that was given to others in time.")
    next_step = _("Fill in the figures.")
