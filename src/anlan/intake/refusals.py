"""What intake refuses."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class NothingSaid(Refusal):
    code = "intake.nothing_said"
    text = _("Nothing is said.")
    next_step = _("Write in one line what the caller tells.")
    status = 422


class BadPoint(Refusal):
    code = "intake.bad_point"
    text = _("The point on the map is not understood.")
    next_step = _("Write longitude and latitude in degrees, or leave both empty.")
    status = 422


class BadMoment(Refusal):
    code = "intake.bad_moment"
    text = _("The time “%(given)s” is not understood.")
    next_step = _("Write it like 02:15 or 2026-07-01 02:15, or leave it empty.")
    status = 422


class UnknownSource(Refusal):
    code = "intake.unknown_source"
    text = _("“%(given)s” is no source of messages.")
    next_step = _("Choose one from the list.")
    status = 422


class SeveralPlaces(Refusal):
    code = "intake.several_places"
    text = _("Several places are called “%(given)s”.")
    next_step = _("Choose one of: %(choices)s.")
    status = 422


class AboutAnotherCounty(Refusal):
    code = "intake.another_county"
    text = _("This is about another county (%(where)s); no incident is opened here.")
    next_step = _("Hand it on to that county, and note whom you told.")


class TypeMissing(Refusal):
    code = "intake.type_missing"
    text = _("It is not said what kind of event this is.")
    next_step = _("Choose the type; it can be changed later.")
    status = 422


class HasIncident(Refusal):
    code = "intake.has_incident"
    text = _("This message belongs to an incident already.")
    next_step = _("Open that incident, or take the message out of it first.")


class SameMessage(Refusal):
    code = "intake.same"
    text = _("A message cannot be its own duplicate, nor that of one which is linked to it.")
    next_step = _("Choose another one.")


class NotLinked(Refusal):
    code = "intake.not_linked"
    text = _("This message is linked to nothing.")
    next_step = _("Look at its record.")


class FoundFalse(Refusal):
    code = "intake.found_false"
    text = _("This message was found not to be true.")
    next_step = _("Verify it again first.")


class WordsMissing(Refusal):
    code = "intake.words_missing"
    text = _("Say what was found, or whom you told.")
    next_step = _("One sentence is enough; it stays in the record.")
    status = 422


class NotASender(Refusal):
    code = "intake.not_a_sender"
    text = _("A sender needs a name, a kind, and for e-mail an address.")
    next_step = _("Fill in what is missing.")
    status = 422


class NoReward(Refusal):
    code = "intake.no_reward"
    text = _("A reward is an amount that is not below zero, and no more is paid than was promised.")
    next_step = _("Correct the amounts.")
    status = 422


class AlreadySigned(Refusal):
    code = "intake.already_signed"
    text = _("This needs no signature, or has it already.")
    next_step = _("Look at its record.")


class TooManyReports(Refusal):
    code = "intake.too_many"
    text = _("Too many reports came from this connection within a short time.")
    next_step = _("Call the duty phone, or 110, 119 or 120, if it is urgent.")
    status = 429


class TooManyFiles(Refusal):
    code = "intake.too_many_files"
    text = _("One message keeps at most %(most)s files.")
    next_step = _("Send the most important ones.")
    status = 422
