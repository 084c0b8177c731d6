"""What incidents refuse."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class Words:
    """A name that a refusal carries, said in the language of whoever reads the refusal."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh, self.en = zh, en

    def __str__(self) -> str:
        return self.zh if (get_language() or "zh").startswith("zh") else self.en


class NoPlace(Refusal):
    code = "incident.no_place"
    text = _("It is not said where this happened.")
    next_step = _("Choose at least the township; the exact place can follow.")


class NoTitle(Refusal):
    code = "incident.no_title"
    text = _("It is not said what happened.")
    next_step = _("Write one short line.")


class InTheFuture(Refusal):
    code = "incident.in_the_future"
    text = _("%(what)s lies in the future.")
    next_step = _("Look at the date and the hour again.")


class OutOfOrder(Refusal):
    code = "incident.out_of_order"
    text = _("Nobody can have known of it before it happened.")
    next_step = _("Correct the time of the event or the time of knowing.")


class UnknownType(Refusal):
    code = "incident.unknown_type"
    text = _("“%(given)s” is no type of incident.")
    next_step = _("Choose one from the list.")


class UnknownFigure(Refusal):
    code = "incident.unknown_figure"
    text = _("“%(given)s” is nothing that is counted here.")
    next_step = _("Choose one from the list.")


class BadFigure(Refusal):
    code = "incident.bad_figure"
    text = _("%(name)s cannot be %(value)s.")
    next_step = _("Enter a number that is not below zero; people and rooms are whole numbers.")


class FallNeedsReason(Refusal):
    code = "incident.fall_needs_reason"
    text = _("%(name)s falls from %(former)s to %(value)s and nobody said why.")
    next_step = _("Write the reason: counted twice, found alive, another place.")


class OnlyTheCount(Refusal):
    code = "incident.only_the_count"
    text = _("Of such an incident only class, place, count and reference are kept.")
    next_step = _("Leave the other fields empty; the responsible system keeps them.")


class AnotherCounty(Refusal):
    code = "incident.another_county"
    text = _("%(place)s is not in this county.")
    next_step = _("Pass it on to the county where it happened, and note whom you told.")


class ReasonMissing(Refusal):
    code = "incident.reason_missing"
    text = _("Say why.")
    next_step = _("One sentence is enough; it stays in the record.")


class SameIncident(Refusal):
    code = "incident.same"
    text = _("An incident cannot be merged with itself, or with one that is merged into it.")
    next_step = _("Choose another one.")


class NotMerged(Refusal):
    code = "incident.not_merged"
    text = _("This incident is not merged with another one.")
    next_step = _("Look at its record.")


class GradeMissing(Refusal):
    code = "incident.grade_missing"
    text = _("A verified incident of this class needs a grade.")
    next_step = _("Enter the figures that grade it, or set the grade with a reason.")


class UnknownTag(Refusal):
    code = "incident.unknown_tag"
    text = _("“%(given)s” is no tag of this county.")
    next_step = _("Choose from the list; new tags are added under statistics.")


class DueInThePast(Refusal):
    code = "chase.due_in_the_past"
    text = _("The time by which it must be done is over already.")
    next_step = _("Choose a later time.")


class BadPoint(Refusal):
    code = "incident.bad_point"
    text = _("This is no place on the map.")
    next_step = _("Enter longitude and latitude in degrees, or leave both empty.")


class MixedReading(Refusal):
    code = "incident.mixed_reading"
    text = _("An incident with restricted reading is merged only with another one of its kind.")
    next_step = _("Keep them apart; the responsible system holds the reference.")


class ClosedChase(Refusal):
    code = "chase.not_yours_to_close"
    text = _("Only those who gave the order, or stand above its addressee, may close it.")
    next_step = _("Answer it; they decide whether that is enough.")
    status = 403


class IsClosed(Refusal):
    code = "incident.is_closed"
    text = _("The other incident is closed; what is open would leave the desk with it.")
    next_step = _("Reopen that one first, or merge it into this one.")
