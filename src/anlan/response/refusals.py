"""What response refuses."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class NotYourLevel(Refusal):
    code = "response.not_your_level"
    text = _("Level %(level)s of this plan is decided by: %(who)s.")
    next_step = _("Ask one of them to decide; you may propose it with your reason.")
    status = 403


class NoSuchLevel(Refusal):
    code = "response.no_such_level"
    text = _("This plan has no level %(level)s.")
    next_step = _("Choose one of the levels of the plan.")


class NotInForce(Refusal):
    code = "response.not_in_force"
    text = _("No version of “%(plan)s” is in force.")
    next_step = _("Put a version into force first.")


class FaultsNotRead(Refusal):
    code = "response.faults_not_read"
    text = _("The plan check found %(count)s faults that stop work, and nobody ticked that they were read.")
    next_step = _("Read them below and tick the box; they do not forbid the decision.")


class ReasonMissing(Refusal):
    code = "response.reason_missing"
    text = _("It is not said why.")
    next_step = _("Write the reason in one line; it stands in the record and in the notice.")


class AlreadyRunning(Refusal):
    code = "response.already_running"
    text = _("This plan already runs for this incident at level %(level)s.")
    next_step = _("Change the level of the running response.")


class SameLevel(Refusal):
    code = "response.same_level"
    text = _("It already runs at level %(level)s.")
    next_step = _("Choose another level, or choose further places.")


class IncidentOver(Refusal):
    code = "response.incident_over"
    text = _("The incident is closed, untrue or merged.")
    next_step = _("Open the response on the incident that goes on.")


class NotOpen(Refusal):
    code = "response.not_open"
    text = _("This response is not running.")
    next_step = _("Look at the new state and decide again.")


class PersonNeeded(Refusal):
    code = "response.person_needed"
    text = _("Only a person decides a response.")
    next_step = _("Sign in with a personal account.")
    status = 403


class BadConsent(Refusal):
    code = "response.bad_consent"
    text = _("A standing consent ends on a later day, within a year.")
    next_step = _("Choose the day on which it ends.")


class NameMissing(Refusal):
    code = "response.name_missing"
    text = _("A name is missing.")
    next_step = _("Write the name, or choose the unit.")


class BadPeriod(Refusal):
    code = "response.bad_period"
    text = _("The end lies before the beginning.")
    next_step = _("Look at the date and the hour again.")


class SeatTaken(Refusal):
    code = "response.seat_taken"
    text = _("%(who)s sits on this seat.")
    next_step = _("Let the seat be left first.")


class NobodyToTell(Refusal):
    code = "response.nobody_to_tell"
    text = _("The plan names nobody who is told, and the body has no members.")
    next_step = _("Write to whom the notice goes.")


class NotSigned(Refusal):
    code = "response.not_signed"
    text = _("The notice is not signed.")
    next_step = _("Let it be signed first.")


class UnknownPartner(Refusal):
    code = "response.unknown_partner"
    text = _("There is no partner “%(given)s”.")
    next_step = _("Choose one from the list.")


class UnknownState(Refusal):
    code = "response.unknown_state"
    text = _("“%(given)s” is no state of a partner's answer.")
    next_step = _("Send one of: %(known)s.")
    status = 400


class RestrictedNotShared(Refusal):
    code = "response.restricted_not_shared"
    text = _("Incidents of restricted reading are not shared by machine.")
    next_step = _("Tell the partner by phone.")
