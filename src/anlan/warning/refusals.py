"""What the warning floor refuses."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class DrafterCannotSign(Refusal):
    code = "warning.drafter_cannot_sign"
    text = _("Whoever drafted a warning cannot sign it off.")
    next_step = _("Ask a second person with the right to sign off.")
    status = 403


class PersonNeeded(Refusal):
    code = "warning.person_needed"
    text = _("Only a named person can do this.")
    next_step = _("Sign in with an account that belongs to a person.")
    status = 403


class OnlyRelay(Refusal):
    code = "warning.only_relay"
    text = _("The county may not issue %(hazard)s at this level by itself; the issuing tier is: %(tier)s.")
    next_step = _("Relay the warning of the issuing authority, with its name.")


class NoVillages(Refusal):
    code = "warning.no_villages"
    text = _("The warning concerns no village.")
    next_step = _("Choose the villages, or link the station to them.")


class UnknownVillage(Refusal):
    code = "warning.unknown_village"
    text = _("There is no village %(code)s in your jurisdiction.")
    next_step = _("Choose villages from the list.")
    status = 422


class TextTooLong(Refusal):
    code = "warning.text_too_long"
    text = _("The message has %(characters)s characters; two SMS segments hold %(limit)s.")
    next_step = _("Shorten the message.")
    status = 422


class ReasonMissing(Refusal):
    code = "warning.reason_missing"
    text = _("A reason is needed.")
    next_step = _("Write in one sentence why.")
    status = 422


class UpdateWaiting(Refusal):
    code = "warning.update_waiting"
    text = _("An update of this warning waits for review.")
    next_step = _("Decide that update first.")


class VillagesDropped(Refusal):
    code = "warning.villages_dropped"
    text = _("An update cannot drop villages: %(villages)s would never hear an all-clear.")
    next_step = _("Keep them, or lift the warning and draft a new one for the others.")
    status = 422


class NotInForce(Refusal):
    code = "warning.not_in_force"
    text = _("This warning is not in force.")
    next_step = _("Look at its present state.")


class BadLevels(Refusal):
    code = "warning.bad_levels"
    text = _("The levels do not fit together.")
    next_step = _("Choose levels between red and blue, the most severe first.")
    status = 422


class IssuerMissing(Refusal):
    code = "warning.issuer_missing"
    text = _("A relayed warning names the authority that issued it.")
    next_step = _("Write the name of the issuing authority.")
    status = 422


class EndMissing(Refusal):
    code = "pre_authorisation.end_missing"
    text = _("A pre-authorisation needs an end in the future and after its start.")
    next_step = _("Choose the day on which it ends.")
    status = 422


class TooLong(Refusal):
    code = "pre_authorisation.too_long"
    text = _("A pre-authorisation lasts at most %(days)s days.")
    next_step = _("Choose an earlier end and renew it in time.")
    status = 422


class AlreadyEnded(Refusal):
    code = "pre_authorisation.already_ended"
    text = _("This pre-authorisation has already ended.")
    next_step = _("Look at the list of permissions.")
