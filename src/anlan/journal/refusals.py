"""What the journal refuses."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from anlan.journal.statewords import StateWord
from anlan.kernel.refusals import NotAllowed, Refusal


class StaleRow(Refusal):
    code = "journal.stale"
    text = "Somebody else changed this a moment ago."
    next_step = "Look at the new state and decide again."


class NoSuchTransition(Refusal):
    code = "journal.no_such_transition"
    text = "This cannot go from “%(old)s” to “%(new)s”."
    next_step = "Look at the new state and decide again."

    def __init__(self, *, old: str, new: str) -> None:
        super().__init__(old=StateWord(old), new=StateWord(new))


class NotHome(Refusal):
    code = "journal.not_home"
    text = "This belongs to node %(home)s; only that node moves its state."
    next_step = "Ask that node, or wait until it is joined again."


class OfAnotherRun(NotAllowed):
    code = "journal.of_another_run"
    text = _("This belongs to reality, and you are inside a drill.")
    next_step = _("Leave the drill at the top of the page, then do it again.")


class OutOfReach(Exception):
    """Somebody inside a drill was about to write what is not of it; the page becomes `OfAnotherRun`.

    No refusal itself: a page that shows a refusal in its form would go on in a transaction that must be given up.
    """
