"""What the case library and the case files decline to do."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class CaseIncomplete(Refusal):
    code = "case.incomplete"
    text = _("A case needs its title, what happened, and where it is known from.")
    next_step = _("Fill in the title, the summary and the source.")
    status = 400


class UnknownCaseWord(Refusal):
    code = "case.unknown_word"
    text = _("“%(given)s” is none of the choices.")
    next_step = _("Choose one from the list.")
    status = 400


class CaseInTheFuture(Refusal):
    code = "case.in_the_future"
    text = _("A case has happened; its day lies ahead.")
    next_step = _("Give the day on which it happened.")
    status = 400


class CaseRetired(Refusal):
    code = "case.retired"
    text = _("This case was retired; nothing is written in it any more.")
    next_step = _("Add it anew if it is needed again.")


class AlreadyACase(Refusal):
    code = "case.already_there"
    text = _("This review is in the case library already, as “%(title)s”.")
    next_step = _("Open that case and write in it.")


class ReviewNotFinished(Refusal):
    code = "case.review_not_finished"
    text = _("Only a finished review enters the case library.")
    next_step = _("Finish the review first.")


class NotTheWholeFile(Refusal):
    code = "case_file.not_the_whole"
    text = _("The case file of this incident holds something that you may not see.")
    next_step = _("Let somebody make it who may see all of it: the duty chief or a leader of the county.")
    status = 403


class NoRoomForCaseFile(Refusal):
    code = "case_file.no_room"
    text = _("The disk has no room for the case file; nothing was kept.")
    next_step = _("Free some space in the data folder and make it again.")
    status = 507


class CaseFileGone(Refusal):
    code = "case_file.gone"
    text = _("The archive of this case file is no longer where it was stored.")
    next_step = _("Bring it back from a backup, or make a new one.")
    status = 410
