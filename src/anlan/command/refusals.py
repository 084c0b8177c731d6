"""What the incident room declines to do."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class NothingSaid(Refusal):
    code = "command.nothing_said"
    text = _("%(what)s is empty.")
    next_step = _("Write it in a few words and send the form again.")
    status = 400


class IsMerged(Refusal):
    code = "command.is_merged"
    text = _("This incident was merged into another one; its room is over.")
    next_step = _("Work in the room of the main incident.")


class AlreadyClosed(Refusal):
    code = "command.already_closed"
    text = _("%(what)s is closed already.")
    next_step = _("Open a new one if it is needed again.")


class UnknownChoice(Refusal):
    code = "command.unknown_choice"
    text = _("“%(given)s” is none of the choices.")
    next_step = _("Choose one from the list.")
    status = 400


class NotOfThisIncident(Refusal):
    code = "command.not_of_this_incident"
    text = _("%(what)s belongs to another incident.")
    next_step = _("Choose one of this incident.")


class NotInThePast(Refusal):
    code = "command.not_in_the_past"
    text = _("%(what)s lies in the past.")
    next_step = _("Choose a later time.")


class NoLink(Refusal):
    code = "command.no_link"
    text = _("“%(given)s” is no address of a page.")
    next_step = _("Give an address that begins with https:// or http://.")
    status = 400


class IsFinal(Refusal):
    code = "command.is_final"
    text = _("This report is final; its words stay as they are.")
    next_step = _("Draft the next one.")


class WrongInterval(Refusal):
    code = "command.wrong_interval"
    text = _("The interval ends before it begins.")
    next_step = _("Choose an end after the beginning, at the latest now.")
    status = 400


class NotBefore(Refusal):
    code = "command.transfer_in_the_future"
    text = _("Command is transferred at a time that has come.")
    next_step = _("Choose the present time or an earlier one.")
    status = 400
