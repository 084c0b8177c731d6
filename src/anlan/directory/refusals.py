"""What the directory refuses."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class NotANumber(Refusal):
    code = "directory.not_a_number"
    text = _("“%(value)s” is not a phone number that can be called.")
    next_step = _(
        "Give 11 digits starting with 1 for a mobile, or the area code and number (0875-8120000) for a landline."
    )
    status = 400


class NotAnAddress(Refusal):
    code = "directory.not_an_address"
    text = _("“%(value)s” is not a mail address.")
    next_step = _("Write it as name@example.gov.cn.")
    status = 400


class UnknownLabel(Refusal):
    code = "directory.unknown_label"
    text = _("“%(value)s” is not a duty label.")
    next_step = _("Choose one of: %(allowed)s.")
    status = 400


class WrongTier(Refusal):
    code = "directory.wrong_tier"
    text = _("The post “%(post)s” does not belong to %(division)s.")
    next_step = _("Choose a division of the level that the post sits at.")
    status = 400


class NameMissing(Refusal):
    code = "directory.name_missing"
    text = _("A person needs a name.")
    next_step = _("Write the name.")
    status = 400


class AlreadyEnded(Refusal):
    code = "directory.already_ended"
    text = _("This has already ended.")
    next_step = _("Look at the new state and decide again.")


class EndBeforeStart(Refusal):
    code = "directory.end_before_start"
    text = _("This cannot end before it began.")
    next_step = _("Give a time after %(start)s.")
    status = 400


class ShiftTooLong(Refusal):
    code = "directory.shift_too_long"
    text = _("A shift of more than %(days)s days is probably a wrong date.")
    next_step = _("Check the dates; plan longer duty as several shifts.")
    status = 400


class ShiftTwice(Refusal):
    code = "directory.shift_twice"
    text = _("%(name)s is on duty for this post in part of this time already.")
    next_step = _("Cancel the other shift first.")
    status = 400


class OwnDeputy(Refusal):
    code = "directory.own_deputy"
    text = _("Nobody stands in for himself.")
    next_step = _("Choose another person, or nobody.")
    status = 400


class UnknownShiftKind(Refusal):
    code = "directory.unknown_shift_kind"
    text = _("“%(kind)s” is not a kind of shift.")
    next_step = _("Choose one of the list.")
    status = 400
