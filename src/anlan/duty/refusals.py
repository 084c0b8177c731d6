"""What the duty room refuses."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class OnlyAPerson(Refusal):
    code = "alarm.only_a_person"
    text = _("Only a named person at the desk can confirm an alarm.")
    next_step = _("Sign in with an account that belongs to a person.")
    status = 403


class UnknownOutage(Refusal):
    code = "outage.unknown_kind"
    text = _("“%(kind)s” is nothing that can be reported as cut.")
    next_step = _("Choose network, power or road.")


class OutageIsOver(Refusal):
    code = "outage.is_over"
    text = _("This outage was ended already.")
    next_step = _("Report a new one if it is down again.")


class NoDutyRoom(Refusal):
    code = "duty.no_room"
    text = _("%(division)s has no duty room.")
    next_step = _("Open the room first, under Rooms.")


class RoomLevelWrong(Refusal):
    code = "duty.no_room_here"
    text = _("%(division)s is not a place that keeps a duty room.")
    next_step = _("Choose a county, township, department or village.")
    status = 400


class NotYourShift(Refusal):
    code = "duty.not_your_shift"
    text = _("This is another person's shift.")
    next_step = _("Say who came and how you know it, with the right to manage duty.")
    status = 403


class TooEarly(Refusal):
    code = "duty.too_early"
    text = _("The shift begins at %(start)s; it is too early to check in.")
    next_step = _("Check in from one hour before the shift.")


class AlreadyChecked(Refusal):
    code = "duty.already_checked"
    text = _("%(name)s is already marked for this shift.")
    next_step = _("Nothing more is needed.")


class WordsMissing(Refusal):
    code = "duty.words_missing"
    text = _("Words are missing.")
    next_step = _("Write in a few words what happened and how it is known.")
    status = 400


class SwapWithOneself(Refusal):
    code = "duty.swap_with_oneself"
    text = _("A shift is swapped with somebody else.")
    next_step = _("Choose a colleague.")
    status = 400


class ShiftIsOver(Refusal):
    code = "duty.shift_is_over"
    text = _("This shift is over or cancelled.")
    next_step = _("Choose a shift that has not ended.")


class SwapIsOpen(Refusal):
    code = "duty.swap_is_open"
    text = _("A swap of this shift is already asked for.")
    next_step = _("Wait for the answer, or withdraw it.")


class OnlyTheColleague(Refusal):
    code = "duty.only_the_colleague"
    text = _("Only %(name)s can answer this.")
    next_step = _("Ask the person to sign in and answer.")
    status = 403


class OwnSwap(Refusal):
    code = "duty.own_swap"
    text = _("Nobody approves a swap of his own shift.")
    next_step = _("Ask another chief or leader to approve it.")
    status = 403


class OwnPeriod(Refusal):
    code = "duty.own_period"
    text = _("Whoever proposed a period does not approve it.")
    next_step = _("Ask another chief or leader to approve it.")
    status = 403


class BadInterval(Refusal):
    code = "duty.bad_interval"
    text = _("The end must come after the start.")
    next_step = _("Check the two times.")
    status = 400


class NothingToPlan(Refusal):
    code = "duty.nothing_to_plan"
    text = _("There is nothing to plan: no person or no shift was given.")
    next_step = _("Choose the people, the first shift and how many.")
    status = 400


class TooMuchAtOnce(Refusal):
    code = "duty.too_much_at_once"
    text = _("At most %(most)s shifts are planned at once.")
    next_step = _("Plan a shorter time.")
    status = 400


class NoRoomChosen(Refusal):
    code = "duty.no_room_chosen"
    text = _("No room was chosen.")
    next_step = _("Choose the rooms that are called.")
    status = 400


class RollCallInThePast(Refusal):
    code = "duty.roll_call_in_the_past"
    text = _("The moment of a roll call lies ahead.")
    next_step = _("Choose a later time.")
    status = 400


class RollCallIsOver(Refusal):
    code = "duty.roll_call_is_over"
    text = _("This roll call was answered or is over.")
    next_step = _("Tell the room that called by phone.")


class UnknownWay(Refusal):
    code = "duty.unknown_way"
    text = _("“%(way)s” is not a way to answer.")
    next_step = _("Choose one of the list.")
    status = 400


class LinkIsOver(Refusal):
    code = "duty.link_is_over"
    text = _("This link is no longer watched.")
    next_step = _("Register it again.")


class HandoverIsOpen(Refusal):
    code = "duty.handover_is_open"
    text = _("A handover of this room waits to be taken over.")
    next_step = _("Take it over, return it or withdraw it first.")


class SamePerson(Refusal):
    code = "duty.same_person"
    text = _("Nobody takes over from himself.")
    next_step = _("The next person signs with an own account or password.")
    status = 403


class NotAPerson(Refusal):
    code = "duty.not_a_person"
    text = _("Only a named person can sign.")
    next_step = _("Sign in with an account that belongs to a person.")
    status = 403


class PasswordWrong(Refusal):
    code = "duty.password_wrong"
    text = _("Account and password do not match.")
    next_step = _("Type them again, or sign in on another machine.")
    status = 403
