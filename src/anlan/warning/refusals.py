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


class NotEndedYet(Refusal):
    code = "warning.not_ended_yet"
    text = _("This warning has not ended; whether it was right shows afterwards.")
    next_step = _("Lift it, or wait until it has run out.")


class UnknownVerdict(Refusal):
    code = "warning.unknown_verdict"
    text = _("“%(verdict)s” is no judgement of a warning.")
    next_step = _("Choose right, false alarm or unclear.")


class CheckNeeded(Refusal):
    code = "return.check_needed"
    text = _("Nobody returns without a check: who checked what, and when.")
    next_step = _("Write who went there and what was found.")


class NoticeNotOpen(Refusal):
    code = "notice.not_open"
    text = _("This notice waits for no report.")
    next_step = _("Look at its state; a closed notice stays as it is.")


class NoticeIncomplete(Refusal):
    code = "notice.incomplete"
    text = _("A notice needs a title, a text, somebody it is addressed to and a day for the report.")
    next_step = _("Fill in what is missing.")


class ReplyDatePast(Refusal):
    code = "notice.reply_date_past"
    text = _("The day for the report lies in the past.")
    next_step = _("Choose a later day.")


class ReportIncomplete(Refusal):
    code = "notice.report_incomplete"
    text = _("A report says what was done.")
    next_step = _("Describe the measures and the day on which they were finished.")


class BadArea(Refusal):
    code = "warning.bad_area"
    text = _("This is not an area: %(why)s.")
    next_step = _("Draw it on the map, or give GeoJSON or points as “lon lat” separated by semicolons.")
    status = 422


class AreaTooBig(Refusal):
    code = "warning.area_too_big"
    text = _("An area has at most %(points)s points and 1 MB of text.")
    next_step = _("Simplify the outline, or choose divisions.")
    status = 422


class CircleTooWide(Refusal):
    code = "warning.circle_too_wide"
    text = _("The radius must be above 0 and at most %(km)s km.")
    next_step = _("Give the radius in kilometres.")
    status = 422


class EmptyArea(Refusal):
    code = "warning.empty_area"
    text = _("No village and no site lies in this area.")
    next_step = _("Draw it larger, or choose villages from the list.")
    status = 422


class SavedAreaTaken(Refusal):
    code = "warning.saved_area_taken"
    text = _("There is already a saved area “%(name)s”.")
    next_step = _("Choose another name.")
    status = 422


class NameMissing(Refusal):
    code = "warning.name_missing"
    text = _("A name is needed.")
    next_step = _("Give the name that people in the duty room use.")
    status = 422


class BadSpec(Refusal):
    code = "warning.bad_audience"
    text = _("This audience is not understood: %(why)s.")
    next_step = _("Choose from the list.")
    status = 422


class CheckStops(Refusal):
    code = "warning.check_stops"
    text = _("The check before sending stops this: %(why)s")
    next_step = _("Mend what the list of checks names, then submit again.")
    status = 422


class NotYourOwn(Refusal):
    code = "warning.proposer_cannot_approve"
    text = _("Whoever proposed a change cannot approve it.")
    next_step = _("Ask a second person with the right to approve.")
    status = 403


class SourceMissing(Refusal):
    code = "warning.source_missing"
    text = _("A change needs its source.")
    next_step = _("Name the document, or write that it is a decision of the county.")
    status = 422


class BadPlaceholder(Refusal):
    code = "text.bad_placeholder"
    text = _("“%(name)s” is no placeholder of these texts.")
    next_step = _("Use only: %(known)s.")
    status = 422


class ClaimsToBeAWarning(Refusal):
    code = "text.claims_to_be_a_warning"
    text = _("An own text must not call itself a public warning (预警).")
    next_step = _("Write 叫应 or 风险提示, or relay the warning of its issuer.")
    status = 422


class UnknownKey(Refusal):
    code = "text.unknown_key"
    text = _("“%(value)s” is not in the list.")
    next_step = _("Choose from the list.")
    status = 422


class NoCounty(Refusal):
    code = "incoming.no_county"
    text = _("This node has no county yet.")
    next_step = _("Run anlan init first.")


class MessageTooLarge(Refusal):
    code = "incoming.too_large"
    text = _("The message has %(bytes)s bytes; at most %(limit)s are taken.")
    next_step = _("Send the warning itself, without attachments.")
    status = 413


class NotDraftable(Refusal):
    code = "incoming.not_draftable"
    text = _("No draft can be made of this warning as it stands.")
    next_step = _("Correct its fields, or look at what was already made of it.")
    status = 422


class NotADuplicate(Refusal):
    code = "incoming.not_a_duplicate"
    text = _("This cannot be a duplicate of that one.")
    next_step = _("Choose the warning that came first.")
    status = 422


class BadSender(Refusal):
    code = "incoming.bad_sender"
    text = _("A sender needs a name and a number or address.")
    next_step = _("Write both, for example 县气象台 and its number.")
    status = 422


class BadFeed(Refusal):
    code = "incoming.bad_feed"
    text = _(
        "A feed needs its own name, an http or https address and an interval of %(least)s to %(most)s seconds."
    )
    next_step = _("Correct the address or the interval.")
    status = 422


class NotTold(Refusal):
    code = "incoming.not_told"
    text = _("This report cannot be recorded so.")
    next_step = _("Choose paper, fax or phone and write to whom it went.")
    status = 422


class NotHappenedYet(Refusal):
    code = "missed.not_happened_yet"
    text = _("The time is missing or lies in the future.")
    next_step = _("Enter when it happened.")
