"""What orders refuse."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class NoOrderTitle(Refusal):
    code = "order.no_title"
    text = _("It is not said what must be done.")
    next_step = _("Write one short line.")


class NoAddressee(Refusal):
    code = "order.no_addressee"
    text = _("It is not said who must do it.")
    next_step = _("Choose at least one department, township, village or team.")


class BadLimit(Refusal):
    code = "order.bad_limit"
    text = _("“%(given)s” is no number of minutes.")
    next_step = _("Write whole minutes, from 1 to 10080, or leave it empty.")


class IncidentIsOver(Refusal):
    code = "order.incident_is_over"
    text = _("%(number)s is closed; no new order is given about it.")
    next_step = _("Open the incident again, or give the order about another one.")


class TeamIsGone(Refusal):
    code = "order.team_is_gone"
    text = _("%(team)s cannot take an order: %(why)s.")
    next_step = _("Choose another team, or call it back first.")


class ProofMissing(Refusal):
    code = "order.proof_missing"
    text = _("This order is finished only with words or a picture of what was done.")
    next_step = _("Write what was done, or attach a picture.")


class WhyMissing(Refusal):
    code = "order.why_missing"
    text = _("Say why.")
    next_step = _("One sentence is enough; it stays in the record.")


class NameMissing(Refusal):
    code = "order.name_missing"
    text = _("It is not said who answered.")
    next_step = _("Write the name of whoever you spoke to.")


class BadProgress(Refusal):
    code = "order.bad_progress"
    text = _("%(given)s is no progress.")
    next_step = _("Write a whole number from 0 to 100.")


class NotTheirs(Refusal):
    code = "order.not_theirs"
    text = _("Only whoever was ordered answers; the desk writes down what it hears on the phone.")
    next_step = _("Call the duty room of the addressee.")
    status = 403


class NoAuthority(Refusal):
    code = "order.no_authority"
    text = _("“%(order)s” may be given by: %(who)s.")
    next_step = _("Ask one of them to give it, or choose other orders.")
    status = 403


class UnknownPack(Refusal):
    code = "order.unknown_pack"
    text = _("There is no such pack of orders.")
    next_step = _("Choose one from the list.")
    status = 404


class BadPack(Refusal):
    code = "order.bad_pack"
    text = _("The pack cannot be kept: %(why)s.")
    next_step = _("Correct the line and send it again.")


class NothingChosen(Refusal):
    code = "order.nothing_chosen"
    text = _("No order of the pack is chosen.")
    next_step = _("Tick at least one, and say to whom it goes.")


class StillWaits(Refusal):
    code = "order.still_waits"
    text = _("This order waits for others and has not been given yet.")
    next_step = _("Give it now at the desk, or wait until the others are finished.")
