"""What reviews refuse."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class NothingToReview(Refusal):
    code = "review.nothing"
    text = _("A review is about one incident or one drill.")
    next_step = _("Open it from the record of the incident or the page of the drill.")


class NotOverYet(Refusal):
    code = "review.not_over"
    text = _("The drill has not been held yet.")
    next_step = _("End the drill first.")


class ReviewIsFinal(Refusal):
    code = "review.final"
    text = _("The review is final.")
    next_step = _("Reopen it before you change it.")


class WordsMissing(Refusal):
    code = "review.words_missing"
    text = _("There are no words.")
    next_step = _("Write one sentence.")


class NoSuchSuggestion(Refusal):
    code = "review.no_such_suggestion"
    text = _("This is not suggested any more.")
    next_step = _("Read the review again.")


class DueInThePast(Refusal):
    code = "lesson.due_in_the_past"
    text = _("The day by which it is to be mended has passed.")
    next_step = _("Choose today or a later day.")


class OwnerMissing(Refusal):
    code = "lesson.owner_missing"
    text = _("Somebody has to mend it.")
    next_step = _("Choose the department, township or village.")


class LessonNotOpen(Refusal):
    code = "lesson.not_open"
    text = _("The lesson is not open.")
    next_step = _("Open it again first.")
