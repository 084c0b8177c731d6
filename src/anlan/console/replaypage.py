"""What the replay shows of one moment: head, timeline, boards, who knew what. Everything comes from the journal as it stood then."""

from __future__ import annotations

import weakref
from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from anlan.command.labels import names_of as label_names
from anlan.console import incidentwords, replaymap, roomboards, roomtimeline, roomwords
from anlan.console import replaywords as words
from anlan.console.people import names_of
from anlan.console.plotwords import symbol_word
from anlan.dispatch.jobwords import JOB_STATES, REQUEST_STATES
from anlan.dispatch.orderboard import count
from anlan.dispatch.orderwords import STATES as ORDER_STATES
from anlan.incidents.models import Incident
from anlan.journal import clocks
from anlan.journal.models import Entry
from anlan.kernel.actor import Actor
from anlan.kernel.clock import parse_instant
from anlan.review.boards import KINDS, Boards, boards_of, fixes_at, marks_geojson
from anlan.review.folding import Fold, Line
from anlan.review.keeping import past_of
from anlan.review.knowing import GROUPS, Reach, knowing
from anlan.review.knowing import names_of as known_names

#: Kinds of rows that the room's timeline does not show either; their changes are no marks of the slider.
MESSAGES = frozenset({"alarm", "attachment", "delivery"})
#: What may lie long before the incident and is no part of its own life.
_BEFORE = frozenset({"warning", "warning_village", "callout", "callout_seat", "acknowledgement", *MESSAGES})
#: Rows of one board.
MOST = 60
#: Lines of one group of who knew what.
MOST_KNOWN = 80
#: Bars of the strip over the slider.
BARS = 240
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Span:
    """The life of an incident: from its first entry to its end, or to now while it is open; and when something changed in it."""

    first: datetime
    last: datetime
    marks: list[datetime]
    is_over: bool

    @property
    def seconds(self) -> int:
        return max(60, int((self.last - self.first).total_seconds()))

    def second_of(self, at: datetime) -> int:
        return min(self.seconds, max(0, round((at - self.first).total_seconds())))

    def clamp(self, at: datetime) -> datetime:
        return min(max(at, self.first), self.last)

    def before(self, at: datetime) -> datetime | None:
        number = bisect_left(self.marks, at)
        return self.marks[number - 1] if number else None

    def after(self, at: datetime) -> datetime | None:
        number = bisect_right(self.marks, at)
        return self.marks[number] if number < len(self.marks) else None

    def bars(self) -> list[tuple[int, int, int]]:
        """(place of 0 … BARS - 1, top, height) in a box of ten: where much changed."""
        counted = Counter(
            min(BARS - 1, int((mark - self.first).total_seconds() * BARS / self.seconds))
            for mark in self.marks
        )
        most = max(counted.values(), default=1)
        heights = {place: max(2, round(10 * number / most)) for place, number in counted.items()}
        return [(place, 10 - height, height) for place, height in sorted(heights.items())]


def span_of(incident: Incident, fold: Fold) -> Span:
    own = fold.moments(_BEFORE)
    now = clocks.now(incident.exercise_id)
    first = min([*own[:1], incident.known_at])
    end = incident.closed_at if incident.state == "closed" else None
    last = _whole(max(end or now, first + MINUTE))
    marks = sorted({_whole(one) for one in fold.moments(MESSAGES) if first <= one <= last})
    return Span(first, last, marks, end is not None)


def _whole(moment: datetime) -> datetime:
    """The millisecond that is not before it: browsers know no finer time, and one cut short would stand before its own change."""
    over = moment.microsecond % 1000
    return moment if not over else moment + timedelta(microseconds=1000 - over)


def past(incident: Incident, moment: datetime | None) -> tuple[Fold, Span, datetime]:
    """The fold that is good for a moment, the span, and the moment within it: without one the end of what goes on, the beginning of what is over."""
    fold = past_of(incident, moment if moment is not None else clocks.now(incident.exercise_id))
    span = span_of(incident, fold)
    if moment is None:
        moment = span.first if span.is_over else span.last
    return fold, span, span.clamp(moment)


def moment_page(actor: Actor, incident: Incident, fold: Fold, span: Span, at: datetime) -> dict[str, Any]:
    """Everything that changes from moment to moment."""
    state = fold.at(at, KINDS)
    boards = boards_of(incident.pk, state, at, fixes_at(incident, at))
    timeline, total = _timeline(actor, incident, fold, at)
    is_closed = incident.is_restricted
    return {
        "incident": incident,
        "at": at,
        "said_at": words.of_day(at),
        "second": span.second_of(at),
        "before": span.before(at),
        "after": span.after(at),
        "minute_before": span.clamp(at - MINUTE),
        "minute_after": span.clamp(at + MINUTE),
        "head": _head(boards),
        "lines": timeline,
        "total": total,
        "boards": None if is_closed else _boards(boards, at),
        "knowing": None if is_closed else _knowing(actor, incident, fold, at),
        "map": None if is_closed else replaymap.document_of(state, at=at),
    }


def _head(boards: Boards) -> dict[str, Any]:
    roles = roomwords.role_words()
    return {
        "grade": boards.grade,
        "state": incidentwords.state_words().get(boards.state, ""),
        "chip": incidentwords.STATE_CHIPS.get(boards.state, ""),
        "levels": [one for one in boards.levels if one.state == "active"],
        "leads": [(roles.get(one.role, one.role), one) for one in boards.leads],
        "late": sum(one.is_late for rows in (boards.orders, boards.teams, boards.requests) for one in rows),
        "counts": count(boards.orders),
        "figures": [
            (incidentwords.figure_word(code), incidentwords.plain(one.value), incidentwords.unit_word(code), one)
            for code, one in boards.figures.items()
        ],
    }  # fmt: skip


def _boards(boards: Boards, at: datetime) -> dict[str, Any]:
    said = roomwords.said
    scene_names = {one.id: f"{one.number} {one.name}" for one in boards.scenes}
    phases, chips = roomwords.phase_words(), roomwords.PHASE_CHIPS
    leads = {one.scene_id: one.name for one in boards.leads if one.role == "scene_commander"}
    orders = [
        (
            one,
            said(ORDER_STATES[one.state]),
            roomboards._ORDER_CHIPS.get(one.state, ""),
            words.left_word(one.deadline, at),
        )
        for one in boards.orders
    ]
    return {
        "orders": orders[:MOST],
        "more_orders": max(0, len(orders) - MOST),
        "teams": [
            (one, said(JOB_STATES[one.state]), roomboards._JOB_CHIPS.get(one.state, ""), scene_names.get(one.scene_id, "") if one.scene_id else "")
            for one in boards.teams[:MOST]
        ],
        "more_teams": max(0, len(boards.teams) - MOST),
        "requests": [
            (one, said(REQUEST_STATES[one.state]), roomboards._REQUEST_CHIPS.get(one.state, "")) for one in boards.requests[:MOST]
        ],
        "more_requests": max(0, len(boards.requests) - MOST),
        "scenes": [(one, phases[one.state], chips[one.state], leads.get(one.id, "")) for one in boards.scenes],
        "waiting": [(one, words.left_word(one.needed_by, at)) for one in boards.decisions if one.made_at is None and not one.dropped_why],
        "made": [one for one in reversed(boards.decisions) if one.made_at is not None or one.dropped_why][:MOST],
        "groups": boards.groups,
        "marks": [_mark(one) for one in marks_geojson(boards)["features"]][:MOST],
        "marks_all": len(boards.marks),
    }  # fmt: skip


def _mark(feature: dict[str, Any]) -> dict[str, Any]:
    own = feature["properties"]
    return {
        "word": symbol_word(own["symbol"]),
        "label": own["label"],
        "by": own["by"],
        "at": datetime.fromisoformat(own["at"]),
    }


def _knowing(actor: Actor, incident: Incident, fold: Fold, at: datetime) -> dict[str, Any]:
    """By group, those first whom nothing had reached; only of places that the reader may see."""
    rows = knowing(fold, at, known_names(fold, at), incident.division.path)
    seen = [one for one in rows if actor.sees(one.path)]
    reach, names = words.reach_words(), words.group_words()
    groups = []
    for code in GROUPS:
        found = [one for one in seen if one.group == code]
        if not found:
            continue
        groups.append({
            "code": code,
            "name": names[code],
            "unreached": sum(one.reach != Reach.REACHED for one in found),
            "reached": sum(one.reach == Reach.REACHED for one in found),
            "rows": [(one, reach[one.reach], words.REACH_CHIPS[one.reach], words.proof_word(one)) for one in found[:MOST_KNOWN]],
            "more": max(0, len(found) - MOST_KNOWN),
        })  # fmt: skip
    return {"groups": groups, "unreached": sum(one.reach != Reach.REACHED for one in seen), "all": len(seen)}


def _timeline(actor: Actor, incident: Incident, fold: Fold, at: datetime) -> tuple[list[Any], int]:
    """The newest lines until then, in the words that the rows had then, and how many there were in all."""
    until = fold.lines[: bisect_right(fold.lines, at, key=lambda line: line.at)]
    sees: dict[str, bool] = {}
    hidden = roomtimeline._NOISE | MESSAGES
    echoes = _echoes(fold)
    shown = [
        line
        for line in until
        if line.type not in hidden
        and line.id not in echoes
        and (sees[line.path] if line.path in sees else sees.setdefault(line.path, actor.sees(line.path)))
    ]
    newest = shown[: -roomtimeline.LINES - 1 : -1]
    entries = Entry.objects.in_bulk([line.id for line in newest])
    by_key = {_hex(key): entry for key, entry in entries.items()}
    found = [(line, by_key[_hex(line.id)]) for line in newest if _hex(line.id) in by_key]
    texts = {} if incident.is_restricted else _texts(fold, [line for line, _entry in found])
    who = names_of(entry.actor for _line, entry in found)
    return [roomtimeline._line(entry, texts.get(line.id, {}), who) for line, entry in found], len(shown)


_echoes_of: weakref.WeakKeyDictionary[Fold, frozenset[Any]] = weakref.WeakKeyDictionary()


def _echoes(fold: Fold) -> frozenset[Any]:
    """Entries that the room's timeline leaves out too, because an order and its step say the same; found once for a fold."""
    known = _echoes_of.get(fold)
    if known is None:
        known = frozenset(line.id for line in fold.lines if _is_echo(fold, line))
        _echoes_of[fold] = known
    return known


def _is_echo(fold: Fold, line: Line) -> bool:
    if line.type == "instruction_step":
        return bool(_stood(fold, line).get("step") == "issued")
    if line.type != "instruction":
        return False
    # Of one moment in which an order moved there is a step of the same name, which holds the words and who told it.
    stood = _stood(fold, line)
    moved = f"{stood.get('state')}_at"
    at = stood.get(moved) if stood.get("state") in _STEPPED else None
    return isinstance(at, str) and parse_instant(at) == line.at


#: States of an order whose own entry the timeline leaves out.
_STEPPED = frozenset({"acknowledged", "started", "finished"})


def _stood(fold: Fold, line: Line) -> dict[str, Any]:
    """The row as it stood right after an entry."""
    history = fold.history(line.type, line.subject)
    number = bisect_right(history, line.at, key=lambda one: one[0])
    return dict(history[number - 1][1]) if number else {}


def _hex(key: Any) -> str:
    return str(key).replace("-", "")


def _texts(fold: Fold, lines: list[Line]) -> dict[Any, dict[str, Any]]:
    """Each row as it stood right after its entry: nothing of what was said later."""
    stood: dict[Any, dict[str, Any]] = {}
    for line in lines:
        stood[line.id] = _stood(fold, line)
        if line.type == "instruction_step":
            order = _stood(
                fold, line._replace(type="instruction", subject=str(stood[line.id].get("instruction", "")))
            )
            stood[line.id] |= {
                "number": order.get("number"),
                "of": order.get("title"),
                "addressee": order.get("addressee"),
            }
    names = label_names(stood.values())
    for fields in stood.values():
        place = fields.get("addressee") or fields.get("division")
        fields["place"] = names.get(str(place), "")
        fields["team_name"] = names.get(str(fields.get("team")), "")
    return stood
