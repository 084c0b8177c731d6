"""What journal entries are called on paper: each app names the kinds that it writes."""

from __future__ import annotations

import functools

from anlan.assessment import journal_kinds as assessment
from anlan.attachments import journal_kinds as attachments
from anlan.command import journal_kinds as command
from anlan.datacalls import journal_kinds as datacalls
from anlan.directory import journal_kinds as directory
from anlan.dispatch import journal_kinds as dispatch
from anlan.dissemination import journal_kinds as dissemination
from anlan.drills import journal_kinds as drills
from anlan.duty import journal_kinds as duty
from anlan.incidents import journal_kinds as incidents
from anlan.intake import journal_kinds as intake
from anlan.losses import journal_kinds as losses
from anlan.papers import journal_kinds as papers
from anlan.places import journal_kinds as places
from anlan.plans import journal_kinds as plans
from anlan.reporting import journal_kinds as reporting
from anlan.resources import journal_kinds as resources
from anlan.response import journal_kinds as response
from anlan.review import journal_kinds as review
from anlan.risk import journal_kinds as risk
from anlan.sensing import journal_kinds as sensing
from anlan.warning import journal_kinds as warning

_APPS = (
    places,
    attachments,
    directory,
    sensing,
    risk,
    dissemination,
    warning,
    duty,
    incidents,
    intake,
    reporting,
    losses,
    datacalls,
    assessment,
    resources,
    plans,
    dispatch,
    response,
    command,
    drills,
    review,
    papers,
)


@functools.cache
def entry_words() -> dict[str, tuple[str, str]]:
    return {kind: words for app in _APPS for kind, words in app.JOURNAL_KINDS.items()}
