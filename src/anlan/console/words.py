"""Sentences and small sums that several pages of the desk share."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from anlan.accounts.actors import NOBODY
from anlan.console import incidentwords, restricted
from anlan.console.templatetags.anlan import is_chinese
from anlan.dissemination.models import Callout, CalloutSeat
from anlan.incidents.models import ChaseOrder
from anlan.journal.models import Entry
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import fill

#: Entry kind → (sentence with names from the changed fields, colour class). Kinds not named here are in the journal only.
LOG_KINDS: dict[str, tuple[str, str]] = {
    "crossing.recorded": (noop("Threshold: %(explanation)s"), "station"),
    "station.silent": (noop("Station fell silent: %(name)s"), "station"),
    "station.heard": (noop("Station heard again: %(name)s"), "station"),
    "warning.drafted": (noop("Draft: %(headline)s"), "warning"),
    "warning.issued": (noop("Issued: %(headline)s"), "warning"),
    "warning.returned": (noop("Returned: %(headline)s"), "warning"),
    "warning.replaced": (noop("Replaced by a newer one: %(headline)s"), "warning"),
    "warning.lifted": (noop("Lifted: %(headline)s"), "warning"),
    "warning.expired": (noop("Expired: %(headline)s"), "warning"),
    "warning.withdrawn": (noop("Withdrawn: %(headline)s"), "warning"),
    "callout.opened": (noop("Call-out started: %(title)s"), "callout"),
    "callout.closed": (noop("Call-out closed: %(title)s"), "callout"),
    "callout_seat.answered": (noop("%(village)s answered: %(answered_by_name)s"), "callout"),
    "callout_seat.acting": (noop("%(village)s is acting"), "callout"),
    "callout_seat.done": (noop("%(village)s reports: done"), "callout"),
    "callout_seat.unanswered": (
        noop("%(village)s has not answered; passed to %(escalated_to_name)s"),
        "alarm",
    ),
    "callout_seat.lost_contact": (noop("%(village)s: contact lost"), "alarm"),
    "callout_seat.resolved": (noop("%(village)s resolved by a person: %(resolve_reason)s"), "callout"),
    "alarm.confirmed": (noop("Taken over: %(alarm)s"), "alarm"),
    "alarm.leader_called": (noop("Leader on duty called: %(alarm)s"), "alarm"),
    "log.noted": (noop("%(by)s: %(text)s"), "note"),
    "intake.taken": (noop("Message %(number)s: %(text)s"), "incident"),
    "intake.verified": (noop("Message %(intake)s is true: %(result)s"), "incident"),
    "intake.not_true": (noop("Message %(intake)s is not true: %(result)s"), "incident"),
    "upward_report.in_review": (noop("To be reviewed: %(report)s"), "incident"),
    "upward_report.signed": (noop("Signed: %(report)s"), "incident"),
    "upward_report.sent": (noop("Sent upward: %(report)s"), "incident"),
    "upward_report.returned": (noop("Returned: %(report)s, %(returned_why)s"), "incident"),
    "handover.taken": (noop("The shift is handed over and taken over"), "note"),
    "incident.opened": (noop("Incident %(number)s: %(incident)s"), "incident"),
    "incident.graded": (noop("%(incident)s: %(grade_said)s"), "incident"),
    "incident.graded_by_hand": (
        noop("%(incident)s: %(grade_said)s, set by a person: %(grade_reason)s"),
        "incident",
    ),
    "incident.verified": (noop("%(incident)s is verified"), "incident"),
    "incident.closed": (noop("%(incident)s is closed: %(closed_why)s"), "incident"),
    "incident.not_true": (noop("%(incident)s is not true: %(closed_why)s"), "incident"),
    "figure.claimed": (noop("%(incident)s: %(figure_said)s, says %(source)s"), "incident"),
    "figure.verified": (noop("%(incident)s: a figure is verified"), "incident"),
    "figure.withdrawn": (noop("%(incident)s: a figure is withdrawn: %(withdrawn_why)s"), "incident"),
    "merge_link.made": (noop("%(incident)s is merged: %(reason)s"), "incident"),
    "merge_link.undone": (noop("%(incident)s is split again: %(undone_why)s"), "incident"),
    "remark.made": (noop("Remark of %(leader)s on %(incident)s: %(words)s"), "incident"),
    "chase_order.issued": (noop("Chase order %(number)s to %(addressee)s: %(task)s"), "incident"),
    "chase_order.acknowledged": (noop("Chase order %(chase)s is acknowledged"), "incident"),
    "chase_order.answered": (noop("Chase order %(chase)s is answered: %(answer)s"), "incident"),
    "chase_order.overdue": (noop("Chase order %(chase)s is overdue"), "alarm"),
    "clock.stepped": (noop("The clock of this machine was stepped by %(step_s)s s"), "alarm"),
}

SEAT_ORDER = ("done", "acting", "answered", "resolved", "released", "waiting", "unanswered", "lost_contact")


class Progress(NamedTuple):
    """How far a call-out is. `segments` are (state, x, width) of a bar 100 wide."""

    total: int
    answered: int
    silent: int
    counts: dict[str, int]
    segments: list[tuple[str, float, float]]


def with_progress(callouts: Iterable[Callout]) -> list[tuple[Callout, Progress]]:
    """Each call-out with the counts of its seats by state. One query for all."""
    chosen = list(callouts)
    counts: dict[uuid.UUID, Counter[str]] = {callout.pk: Counter() for callout in chosen}
    rows = CalloutSeat.objects.filter(callout__in=list(counts)).values_list("callout_id", "state")
    for pk, state, number in rows.annotate(number=Count("id")).order_by():
        counts[pk][state] = number
    return [(callout, progress_of(counts[callout.pk])) for callout in chosen]


def progress_of(counts: Counter[str]) -> Progress:
    total = sum(counts.values())
    segments, x = [], 0.0
    for state in SEAT_ORDER:
        width = 100 * counts[state] / total if total else 0.0
        if width:
            segments.append((state, round(x, 2), round(width, 2)))
        x += width
    answered = sum(counts[state] for state in ("answered", "acting", "done"))
    silent = sum(counts[state] for state in ("waiting", "unanswered", "lost_contact"))
    return Progress(total, answered, silent, dict(counts), segments)


SEAT_CHIPS = {
    "waiting": "waiting",
    "answered": "answered",
    "acting": "answered",
    "done": "done",
    "unanswered": "unanswered",
    "lost_contact": "lost",
    "resolved": "resolved",
    "released": "released",
}


def seat_words() -> dict[str, str]:
    """The states of a seat in the reader's language."""
    return {
        "waiting": _("waiting"),
        "answered": _("answered"),
        "acting": _("acting"),
        "done": _("done"),
        "unanswered": _("unanswered"),
        "lost_contact": _("lost contact"),
        "resolved": _("resolved by a person"),
        "released": _("all-clear given"),
    }


def warning_words() -> dict[str, str]:
    """The states of a warning in the reader's language."""
    return {
        "draft": _("waits for review"),
        "returned": _("returned"),
        "issued": _("in force"),
        "replaced": _("replaced"),
        "lifted": _("lifted"),
        "expired": _("expired"),
        "withdrawn": _("withdrawn"),
    }


def log_lines(entries: Iterable[Entry], actor: Actor | None = None) -> list[dict[str, Any]]:
    """Entries as lines of the log. What they do not tell themselves is looked up together, a query a kind of row.

    Of an incident with restricted reading a reader without the right hears nothing at all. Without a reader, nobody does.
    """
    chosen = list(entries)
    behind = restricted.about(chosen)
    unread = restricted.hidden(actor or NOBODY, chosen, behind)
    told = [entry for entry in chosen if entry.pk not in unread]
    names = _names(told)
    return [_log_line(entry, names, behind) for entry in told]


def _log_line(entry: Entry, names: _Names, behind: dict[tuple[str, str], restricted.About]) -> dict[str, Any]:
    sentence, colour = LOG_KINDS[entry.kind]
    payload = json.loads(entry.payload) if entry.payload else {}
    fields = dict(payload.get("set", payload))
    told = {
        **_looked_up(entry, fields, names),
        **{key: value for key, value in fields.items() if value is not None},
        # Last: a figure or a remark carries the id of its incident under the same name.
        **_of_incident(fields, behind.get((entry.subject_type, entry.subject_id))),
    }
    words: dict[str, object] = _Missing(told)
    at: datetime = entry.at
    return {
        "at": at,
        "colour": colour,
        "text": fill(_(sentence), words),
        "actor": entry.actor,
        "seq": entry.seq,
    }


def _of_incident(fields: dict[str, Any], one: restricted.About | None) -> dict[str, Any]:
    """What entries about incidents say with words of the vocabulary."""
    found: dict[str, Any] = {}
    if one is not None:
        found["incident"] = one.title
    if "grade" in fields:
        found["grade_said"] = incidentwords.grade_word(fields["grade"])
    if "code" in fields and "value" in fields:
        value = incidentwords.plain(Decimal(str(fields["value"])))
        unit = incidentwords.unit_word(str(fields["code"]))
        found["figure_said"] = f"{incidentwords.figure_word(str(fields['code']))} {value} {unit}"
    return found


class _Missing(dict[str, Any]):
    """A name that an entry does not carry is shown as a dash."""

    def __missing__(self, key: str) -> str:
        return "—"


#: Kind of row → the word of the sentence that a look-up fills.
_WORDS = {
    "callout_seat": "village",
    "warning": "headline",
    "callout": "title",
    "station": "name",
    "alarm": "alarm",
    "chase_order": "chase",
    "intake": "intake",
    "upward_report": "report",
}
_Names = dict[tuple[str, str], str]


def _names(entries: list[Entry]) -> _Names:
    """What the rows that these entries are about are called."""
    from anlan.duty.models import Alarm
    from anlan.intake.models import Intake
    from anlan.reporting.models import UpwardReport
    from anlan.sensing.models import Station
    from anlan.warning.models import HazardWarning

    sources: dict[str, tuple[type[Model], str]] = {
        "callout_seat": (CalloutSeat, "division__name"),
        "warning": (HazardWarning, "headline"),
        "callout": (Callout, "title"),
        "station": (Station, "name"),
        "alarm": (Alarm, "text_zh" if is_chinese() else "text_en"),
        "chase_order": (ChaseOrder, "number"),
        "intake": (Intake, "number"),
        "upward_report": (UpwardReport, "title"),
    }
    names: _Names = {}
    for kind, (model, field) in sources.items():
        keys = {entry.subject_id for entry in entries if entry.subject_type == kind}
        if keys:
            found = model._default_manager.filter(pk__in=keys).values_list("pk", field)
            names.update({(kind, str(pk)): name for pk, name in found})
    return names


def _looked_up(entry: Entry, fields: dict[str, Any], names: _Names) -> dict[str, Any]:
    if entry.subject_type == "crossing":
        return {"explanation": fields.get("explanation_zh" if is_chinese() else "explanation_en", "")}
    name = names.get((entry.subject_type, entry.subject_id))
    return {} if name is None else {_WORDS[entry.subject_type]: name}
