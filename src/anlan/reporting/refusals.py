"""What reporting refuses."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class ChainBegun(Refusal):
    code = "report.chain_begun"
    text = _("This incident has its initial report already.")
    next_step = _("Draft a follow-up.")


class ChainNotBegun(Refusal):
    code = "report.chain_not_begun"
    text = _("There is no initial report yet.")
    next_step = _("Draft the initial report first.")


class ChainEnded(Refusal):
    code = "report.chain_ended"
    text = _("The final report was signed; nothing follows it.")
    next_step = _("Reopen the chain with a reason if something happened again.")


class AnotherInProgress(Refusal):
    code = "report.another_in_progress"
    text = _("%(title)s is still waiting.")
    next_step = _("Finish it or withdraw it first.")


class OwnDraft(Refusal):
    code = "report.own_draft"
    text = _("Whoever drafted it neither reviews nor signs it.")
    next_step = _("Let another person do it.")


class NobodySigned(Refusal):
    code = "report.nobody_signed"
    text = _("It is not said who signed, when and at which number.")
    next_step = _("Fill in all three; the number is kept masked.")


class NotASigner(Refusal):
    code = "report.not_a_signer"
    text = _("%(name)s holds no post that signs here.")
    next_step = _("Choose the leader on duty or the commander.")


class WhyReturned(Refusal):
    code = "report.why_returned"
    text = _("It is not said why it is returned.")
    next_step = _("One sentence tells the drafter what to change.")


class NothingSaid(Refusal):
    code = "report.nothing_said"
    text = _("The report has no title or nothing in it.")
    next_step = _("Write at least what happened and where.")


class NoReceiver(Refusal):
    code = "report.no_receiver"
    text = _("No receiver was chosen.")
    next_step = _("Choose at least one receiver and a way.")


class NoSuchWay(Refusal):
    code = "report.no_such_way"
    text = _("%(name)s does not take reports that way.")
    next_step = _("Choose another way, or add it to the register.")


class NotSigned(Refusal):
    code = "report.not_signed"
    text = _("Only a signed report goes out.")
    next_step = _("Make the phone flash now; the written report follows its signature.")


class NobodyConfirmed(Refusal):
    code = "report.nobody_confirmed"
    text = _("It is not said who confirmed receipt.")
    next_step = _("Ask for the name and write it down.")


class TimeOutside(Refusal):
    code = "report.time_outside"
    text = _("That time lies in the future or before there was anything to report.")
    next_step = _("Look at the date and the hour again.")


class NoEvidence(Refusal):
    code = "report.no_evidence"
    text = _("A decision needs its evidence.")
    next_step = _("Write what shows it, and attach papers or pictures.")


class NothingToTakeBack(Refusal):
    code = "report.nothing_to_take_back"
    text = _("There is no such decision to take back.")
    next_step = _("Look at the decisions of this incident.")


class AlreadyTaken(Refusal):
    code = "report.already_taken"
    text = _("This report was taken in already.")
    next_step = _("Look at the incident it belongs to.")


class NotForTaking(Refusal):
    code = "report.not_for_taking"
    text = _("Only what lower levels passed up is taken in.")
    next_step = _("Open the incident itself.")


class BadReceiver(Refusal):
    code = "report.bad_receiver"
    text = _("A receiver needs a name, a level and at least one way with a usable address.")
    next_step = _("An interface begins with https:// or http://, an e-mail address contains @.")


class KnownReceiver(Refusal):
    code = "report.known_receiver"
    text = _("There is a receiver with the code %(code)s already.")
    next_step = _("Choose another code.")


class BadReport(Refusal):
    code = "report.bad"
    text = _("The report cannot be read: %(why)s.")
    next_step = _("Send what docs/reporting.md describes.")
    status = 422
