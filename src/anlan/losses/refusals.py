"""What the disaster statistics refuse."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class UnknownHazard(Refusal):
    code = "losses.unknown_hazard"
    text = _("“%(given)s” is no hazard of the statistics.")
    next_step = _("Choose one from the list.")


class MainHazardMissing(Refusal):
    code = "losses.main_hazard_missing"
    text = _("It is not said which hazard is the main one.")
    next_step = _("Tick what happened and choose the main one among it.")


class CourseTitleMissing(Refusal):
    code = "losses.title_missing"
    text = _("The course of the disaster has no name.")
    next_step = _("Write one short line, for example the hazard and the day.")


class NoTownships(Refusal):
    code = "losses.no_townships"
    text = _("No township was chosen.")
    next_step = _("Choose at least one township of this county.")


class TimesWrong(Refusal):
    code = "losses.times_wrong"
    text = _("The times do not fit: begun, then known, and neither in the future.")
    next_step = _("Look at the dates and hours again.")


class AlreadyCounted(Refusal):
    code = "losses.already_counted"
    text = _("“%(title)s” is open for the same kind of hazard; one disaster is one course.")
    next_step = _("Use that one, or write why this is another disaster.")


class NotOfThisIncident(Refusal):
    code = "losses.not_natural"
    text = _("Only natural disasters of this county have such statistics.")
    next_step = _("Choose another incident, or none.")


class ReasonMissing(Refusal):
    code = "losses.reason_missing"
    text = _("Say why.")
    next_step = _("One sentence is enough; it stays in the record.")


class CourseIsOver(Refusal):
    code = "losses.course_is_over"
    text = _("“%(title)s” is verified; nothing more is reported on it.")
    next_step = _("A later loss belongs to a new course.")


class NotInCourse(Refusal):
    code = "losses.not_in_course"
    text = _("%(place)s does not take part in this course.")
    next_step = _("Ask the county to add the township.")


class BadValue(Refusal):
    code = "losses.bad_value"
    text = _("%(name)s cannot be “%(given)s”.")
    next_step = _("Enter a number that is not below zero; people, households and rooms are whole numbers.")


class UnknownIndicator(Refusal):
    code = "losses.unknown_indicator"
    text = _("“%(given)s” is not on this form.")
    next_step = _("Use the form or the workbook of this course.")


class DoesNotAddUp(Refusal):
    code = "losses.does_not_add_up"
    text = _("The figures do not fit together: %(what)s.")
    next_step = _("Correct them; nothing was stored.")


class ListDiffers(Refusal):
    code = "losses.list_differs"
    text = _("The list names %(listed)s dead or missing people; the form says %(counted)s.")
    next_step = _("Enter the missing lines (the name may follow), or correct the figures.")


class JumpUnexplained(Refusal):
    code = "losses.jump_unexplained"
    text = _("Nobody said why these changed so much: %(what)s.")
    next_step = _("Write one sentence for each of them.")


class DataInTheFuture(Refusal):
    code = "losses.data_in_the_future"
    text = _("The figures cannot be of a later time than now.")
    next_step = _("Look at the time again.")


class StateForbids(Refusal):
    code = "losses.state_forbids"
    text = _("The course is %(state)s; this cannot be done now.")
    next_step = _("Look at the course again.")


class ReportWaits(Refusal):
    code = "losses.report_waits"
    text = _("Another report of this course is not signed yet.")
    next_step = _("Finish it or drop it first.")


class FirstReportMissing(Refusal):
    code = "losses.first_report_missing"
    text = _("The first report was never signed.")
    next_step = _("Draft and sign it; the verification report comes after it.")


class OwnReport(Refusal):
    code = "losses.own_report"
    text = _("Whoever drafted a report neither reviews nor signs it.")
    next_step = _("Ask a colleague with the right.")
    status = 403


class OnlyAPersonReports(Refusal):
    code = "losses.only_a_person"
    text = _("A report needs a person who answers for it.")
    next_step = _("Sign in with an account of a person.")


class NothingToTransfer(Refusal):
    code = "losses.nothing_to_transfer"
    text = _("There is no incident, or its figures hold everything already.")
    next_step = _("Link the course to its incident first.")


class NameOfPlaceMissing(Refusal):
    code = "losses.place_missing"
    text = _("It is not said in which township or village.")
    next_step = _("Choose the place.")
