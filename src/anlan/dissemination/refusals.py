"""What dissemination declines to do, with the next step for the person."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class BadLadder(Refusal):
    code = "callout.bad_ladder"
    text = _("This ladder cannot be used: %(why)s.")
    next_step = _("Correct the ladder, or choose another one.")


class UnknownLadder(Refusal):
    code = "callout.unknown_ladder"
    text = _("There is no ladder called “%(name)s”.")
    next_step = _("Choose one of: %(known)s.")


class NobodyToCall(Refusal):
    code = "callout.no_village"
    text = _("A call-out needs at least one village.")
    next_step = _("Choose the villages first.")


class NoReachableRecipient(Refusal):
    code = "callout.no_reachable_recipient"
    text = _("Nobody in %(village)s has a working number.")
    next_step = _("Add a contact for the village, or choose the township duty phone.")


class SilentSeats(Refusal):
    code = "callout.silent_seats"
    text = _("%(count)s villages have not answered: %(villages)s.")
    next_step = _("Reach them, or close with a reason that stays in the record.")


class StillOpening(Refusal):
    code = "callout.still_opening"
    text = _("Villages of this call-out are still being opened; nobody has called them yet.")
    next_step = _("Wait until all are opened, or lift the warning.")


class PersonNeeded(Refusal):
    code = "callout.person_needed"
    text = _("Only a person may decide this about a village that has not answered.")
    next_step = _("Sign in as the duty officer and give the reason.")


class ReasonNeeded(Refusal):
    code = "callout.reason_needed"
    text = _("This needs a reason; it stays in the record.")
    next_step = _("Write one sentence about why.")


class WordsNeeded(Refusal):
    code = "callout.words_needed"
    text = _("An answer entered for somebody else needs a note on how it came.")
    next_step = _("Write how you heard it, for example “by radio, 02:14”.")


class UnknownMeaning(Refusal):
    code = "callout.unknown_meaning"
    text = _("“%(meaning)s” is not an answer that a seat can take.")
    next_step = _("Choose answered, acting, done or note.")


class CalloutIsClosed(Refusal):
    code = "callout.closed"
    text = _("This call-out is closed.")
    next_step = _("Open the call-out that is running now.")


class UnknownChannel(Refusal):
    code = "callout.unknown_channel"
    text = _("“%(channel)s” is not a channel.")
    next_step = _("Choose one of: %(known)s.")


class NoSuchTestChannel(Refusal):
    code = "contact_test.no_such_channel"
    text = _("“%(channel)s” reaches no person directly, so it cannot test a number.")
    next_step = _("Choose SMS, voice or e-mail.")


class RoundTooShort(Refusal):
    code = "contact_test.too_short"
    text = _("A contact test runs for at least %(minutes)s minutes.")
    next_step = _("Give people time to answer.")


class NobodyToTest(Refusal):
    code = "contact_test.nobody"
    text = _("A contact test needs at least one kind of post.")
    next_step = _("Tick the posts whose holders are rung.")


class NotThisPerson(Refusal):
    code = "callout.not_this_person"
    text = _("%(name)s has no post here or above, so the village cannot be given to this person.")
    next_step = _("Choose somebody of the village, its township or the county.")


class UnknownMeasure(Refusal):
    code = "callout.unknown_measure"
    text = _("“%(measure)s” is not a measure of the list.")
    next_step = _("Choose from the list, and write anything else in words.")
    status = 422


class FeedbackOwed(Refusal):
    code = "callout.feedback_owed"
    text = _("%(count)s villages have not reported what was done: %(villages)s.")
    next_step = _("Wait for their feedback, or close with a reason that stays in the record.")


class NothingToSay(Refusal):
    code = "broadcast.no_text"
    text = _("A broadcast needs a text.")
    next_step = _("Write what people shall hear or read.")


class NobodyToTell(Refusal):
    code = "broadcast.no_outlet"
    text = _("No loudspeaker, display, group or partner is registered for this area.")
    next_step = _("Register outlets, or choose a larger area.")


class OutletExists(Refusal):
    code = "outlet.exists"
    text = _("An outlet of this channel already has the address %(address)s.")
    next_step = _("Change that one, or enter another address.")


class NoName(Refusal):
    code = "outlet.no_name"
    text = _("An outlet needs a name and an address.")
    next_step = _("Enter both.")


class HalfAPoint(Refusal):
    code = "outlet.half_a_point"
    text = _("Give both longitude and latitude, or neither.")
    next_step = _("Enter the missing one, or clear the other.")


class NotByHand(Refusal):
    code = "hand.not_by_hand"
    text = _("This was sent to a person; only that person's own answer counts.")
    next_step = _("Enter an answer on the village's page instead.")


class NobodyDidIt(Refusal):
    code = "hand.nobody"
    text = _("Who did it is missing.")
    next_step = _("Enter the name of whoever did it.")


class NotYetHappened(Refusal):
    code = "hand.bad_time"
    text = _("The time lies in the future or more than a day back.")
    next_step = _("Enter when it was really done.")


class EvidenceNeeded(Refusal):
    code = "hand.evidence_needed"
    text = _("A video check needs a picture, or words about what was seen.")
    next_step = _("Add a screenshot, or write who and what you saw.")


class AlreadyConfirmed(Refusal):
    code = "hand.already_confirmed"
    text = _("%(name)s has already reported this.")
    next_step = _("Nothing more needs to be done.")
    status = 409


class LadderNeedsSecondPerson(Refusal):
    code = "ladder.second_person"
    text = _("Whoever proposed this may not put it into force.")
    next_step = _("Ask another person with the right to approve rules.")


class LadderNotProposed(Refusal):
    code = "ladder.not_proposed"
    text = _("This is not waiting for approval.")
    next_step = _("Look at the new state and decide again.")


class LadderStillUsed(Refusal):
    code = "ladder.still_used"
    text = _("The ladder “%(name)s” is still assigned and has no shipped form to fall back to.")
    next_step = _("End the assignment first.")


class NoSuchTask(Refusal):
    code = "callout.no_such_task"
    text = _("This seat has no open sub-task of this kind.")
    next_step = _("Look at the seat again.")


class BadFiling(Refusal):
    code = "filing.bad"
    text = _("This filing cannot be kept: %(why)s.")
    next_step = _("Enter it as the carrier's notice has it.")


class FilingExists(Refusal):
    code = "filing.exists"
    text = _("“%(name)s” is already entered for the route “%(route)s”.")
    next_step = _("Change its status instead.")


class BadDeviceName(Refusal):
    code = "android.bad_name"
    text = _("“%(name)s” cannot be the name of a phone, or another one has it.")
    next_step = _("Choose another short name, for example “duty-room-1”.")


class NoNumberOfOnesOwn(Refusal):
    code = "channel.no_own_number"
    text = _("No working number of yours is in the directory.")
    next_step = _("Have a mobile number entered for you, then test again.")
