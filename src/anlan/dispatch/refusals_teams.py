"""What jobs of teams and requests for supplies refuse."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class TeamAlreadyGone(Refusal):
    code = "job.team_already_gone"
    text = _("%(team)s is out already: %(job)s %(state)s, %(place)s.")
    next_step = _("Choose another team, or end that job first.")


class TeamNotReady(Refusal):
    code = "job.team_not_ready"
    text = _("%(team)s is not ready: %(why)s.")
    next_step = _("Choose another team, or set it ready in the register once it is.")


class TeamRetired(Refusal):
    code = "job.team_retired"
    text = _("%(team)s is not in the register any more.")
    next_step = _("Choose another team.")


class TaskMissing(Refusal):
    code = "job.task_missing"
    text = _("It is not said what the team must do.")
    next_step = _("Write one short line.")


class NoSuchStep(Refusal):
    code = "job.no_such_step"
    text = _("%(number)s is “%(old)s”; it cannot become “%(new)s”.")
    next_step = _("Look at the job as it is now and choose one of its buttons.")


class StepOutOfOrder(Refusal):
    code = "job.step_out_of_order"
    text = _("“%(step)s” cannot have been at %(given)s; the step before was at %(former)s.")
    next_step = _("Correct the time, or correct the step before first.")


class StepInTheFuture(Refusal):
    code = "job.step_in_the_future"
    text = _("%(given)s lies in the future.")
    next_step = _("Look at the date and the hour again.")


class JobWhyMissing(Refusal):
    code = "job.why_missing"
    text = _("Say why.")
    next_step = _("One sentence is enough; it stays in the record.")


class JobIsOver(Refusal):
    code = "job.is_over"
    text = _("This job is over (%(state)s).")
    next_step = _("Look at the list of jobs for what runs now.")


class BadInterval(Refusal):
    code = "job.bad_interval"
    text = _("Every %(given)s minutes is no interval for safety check-ins.")
    next_step = _("Choose 5 to 1440 minutes, or none.")


class ArriveInThePast(Refusal):
    code = "job.arrive_in_the_past"
    text = _("The time by which it must be there is over already.")
    next_step = _("Choose a later time, or leave it empty.")


class RestrictedJob(Refusal):
    code = "job.restricted"
    text = _("Of such an incident only class, place, count and reference are kept.")
    next_step = _("The responsible system sends its own teams.")


class ClosedIncident(Refusal):
    code = "job.incident_closed"
    text = _("%(number)s is closed; nobody is sent to it.")
    next_step = _("Open the incident again, or choose another one.")


class NothingAsked(Refusal):
    code = "request.nothing_asked"
    text = _("It is not said what is needed.")
    next_step = _("Name at least one thing and how many.")


class BadAmount(Refusal):
    code = "request.bad_amount"
    text = _("%(name)s: %(value)s is no quantity.")
    next_step = _("Enter a number that is not below zero.")


class MoreThanBefore(Refusal):
    code = "request.more_than_before"
    text = _("%(name)s: %(value)s is more than the %(former)s of the step before, and nobody said why.")
    next_step = _("Correct the number, or write the reason beside it.")


class NothingSent(Refusal):
    code = "request.nothing_sent"
    text = _("Every quantity is zero.")
    next_step = _("Enter what goes out, or refuse the request with a reason.")


class RequestMoved(Refusal):
    code = "request.moved"
    text = _("%(number)s is “%(old)s”; it cannot become “%(new)s”.")
    next_step = _("Look at the request as it is now.")


class NotYourJob(Refusal):
    code = "job.not_yours"
    text = _("Only the team, whoever keeps it, or the desk that sent it may say this.")
    next_step = _("Call the desk that sent the team.")
    status = 403
