"""What the phone pages decline."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class UnknownAnswer(Refusal):
    code = "field.unknown_answer"
    text = _("This is not an answer that the page offers.")
    next_step = _("Open the link again and press one of the buttons.")
    status = 400


class NotANumberOfPeople(Refusal):
    code = "field.not_a_number"
    text = _("“%(value)s” is not a number of households or people.")
    next_step = _("Go back and write digits only.")
    status = 422


class NotYourSeat(Refusal):
    code = "field.not_your_seat"
    text = _("Only whoever is responsible in the village answers for it here.")
    next_step = _("The township duty room can enter the answer for them.")
    status = 403


class NoSuchItem(Refusal):
    code = "field.no_such_item"
    text = _("This link does not name that place.")
    next_step = _("Open the link again and press one of the buttons.")
    status = 404


class TooManyPhotos(Refusal):
    code = "field.too_many_photos"
    text = _("%(most)s pictures of this place are kept already.")
    next_step = _("Tell the duty room what else there is to see.")
    status = 409
