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
