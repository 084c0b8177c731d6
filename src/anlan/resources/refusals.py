"""What resources refuse."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class NameMissing(Refusal):
    code = "resources.name_missing"
    text = _("It has no name.")
    next_step = _("Write the name that people know it by.")


class UnknownSkill(Refusal):
    code = "resources.unknown_skill"
    text = _("“%(given)s” is not in the list.")
    next_step = _("Choose one from the list.")


class CodeTaken(Refusal):
    code = "resources.code_taken"
    text = _("The code %(given)s belongs to something else.")
    next_step = _("Leave the code empty, and one is given.")


class BadCoordinates(Refusal):
    code = "resources.bad_point"
    text = _("This is no place on the map.")
    next_step = _("Enter longitude and latitude in degrees, or leave both empty.")


class WhyMissing(Refusal):
    code = "resources.why_missing"
    text = _("Say why.")
    next_step = _("One sentence is enough; it stays in the record.")


class BadQuantity(Refusal):
    code = "resources.bad_quantity"
    text = _("%(name)s cannot be %(value)s.")
    next_step = _("Enter a number that is not below zero.")


class StockInTheFuture(Refusal):
    code = "resources.stock_in_the_future"
    text = _("Nobody can have counted it already then.")
    next_step = _("Look at the date and the hour again.")


class IsRetired(Refusal):
    code = "resources.is_retired"
    text = _("%(name)s is not in the register any more.")
    next_step = _("Register it again if it is back.")


class IsOut(Refusal):
    code = "resources.is_out"
    text = _("%(name)s is out: %(job)s.")
    next_step = _("Wait until it is back, or end its job first.")


class AlreadyExpert(Refusal):
    code = "resources.already_expert"
    text = _("%(name)s is in the list of experts already.")
    next_step = _("Change that entry.")
