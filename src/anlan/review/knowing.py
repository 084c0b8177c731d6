"""Who knew what at a moment: whom something had been told to, who had read or answered it, and whom nothing had reached yet.

A thing counts as known from the moment at which it was recorded or received, not from when it happened: an answer that was given at
two and written down at three had reached nobody at half past two. No stronger proof is shown than there was: what was sent is told,
what was answered is reached.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from anlan.directory.models import Person
from anlan.incidents.models import Incident
from anlan.places.models import Division
from anlan.resources.models import Expert, Team
from anlan.review.folding import Fields, Fold
from anlan.review.keeping import past_of

#: What happened so much earlier than it was recorded is said with both times.
LATE = timedelta(minutes=1)


class Reach(StrEnum):
    """How far it had come, the worst first."""

    FAILED = "failed"
    NOT_TOLD = "not_told"
    TOLD = "told"
    REACHED = "reached"


@dataclass(frozen=True, slots=True)
class Known:
    """One thing and one addressee. `told_at` and `reached_at` are when it was recorded, `happened_at` when the answer is said to have been.

    `group` is one of `GROUPS`; `proof` says in a word what the last thing was; `path` is the place whose readers may see it.
    """

    group: str
    key: str
    what: str
    who: str
    reach: Reach
    proof: str
    told_at: datetime | None
    reached_at: datetime | None
    happened_at: datetime | None
    by: str
    path: str

    @property
    def is_late(self) -> bool:
        """Recorded well after it is said to have happened."""
        return (
            self.reached_at is not None
            and self.happened_at is not None
            and self.reached_at - self.happened_at > LATE
        )


@dataclass(frozen=True, slots=True)
class Names:
    """Names of places, people and teams by id, and the paths of places."""

    words: Mapping[str, str] = field(default_factory=dict)
    paths: Mapping[str, str] = field(default_factory=dict)

    def of(self, key: Any) -> str:
        return self.words.get(str(key), "") if key else ""


GROUPS = (
    "reports",
    "callouts",
    "orders",
    "teams",
    "notices",
    "consultations",
    "experts",
    "calls",
    "partners",
)
Life = tuple[str, Sequence[datetime], Sequence[Fields]]


def knowing_at(incident: Incident, moment: datetime) -> list[Known]:
    """What the house knew at a moment of the incident about who knew what."""
    fold = past_of(incident, moment)
    return knowing(fold, moment, names_of(fold, moment), incident.division.path)


def knowing(fold: Fold, moment: datetime, names: Names, path: str) -> list[Known]:
    """Pure. By group, those whom nothing has reached first, then by when they were told."""
    found: list[Known] = []
    for make in _MAKERS:
        found += make(fold, moment, names, path)
    order = list(Reach)
    return sorted(
        found,
        key=lambda one: (
            GROUPS.index(one.group),
            order.index(one.reach),
            one.told_at or moment,
            one.who,
            one.key,
        ),
    )


def names_of(fold: Fold, moment: datetime) -> Names:
    """Of everybody whom the rows of that moment name. Four queries."""
    wanted: dict[str, set[str]] = {"place": set(), "person": set(), "team": set(), "expert": set()}
    pointers = {
        "callout_seat": (("place", "division"), ("person", "trying_person"), ("person", "party")),
        "instruction": (("place", "addressee"), ("team", "team")),
        "team_job": (("team", "team"),),
        "delivery": (("person", "person"),),
        "expert_call": (("expert", "expert"),),
        "upward_report": (("place", "division"),),
    }
    for kind, rows in fold.at(moment, pointers).items():
        for fields in rows.values():
            for sort, name in pointers[kind]:
                if fields.get(name):
                    wanted[sort].add(fields[name])
    places = Division.objects.filter(pk__in=wanted["place"]).values_list("pk", "name", "path")
    words = {code: name for code, name, _path in places}
    for model, sort, name in (
        (Person, "person", "name"),
        (Team, "team", "name"),
        (Expert, "expert", "person__name"),
    ):
        keys = [uuid.UUID(one) for one in wanted[sort]]
        rows_of: Any = model._default_manager
        words |= {str(pk): called for pk, called in rows_of.filter(pk__in=keys).values_list("pk", name)}
    return Names(words, {code: where for code, _name, where in places})


def _first(life: Life, holds: Callable[[Fields], Any]) -> datetime | None:
    """When it became known that this holds."""
    _key, since, states = life
    return next((at for at, fields in zip(since, states, strict=True) if holds(fields)), None)


def _time(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _made(
    group: str,
    life: Life,
    what: str,
    who: str,
    path: str,
    *,
    told: Callable[[Fields], Any],
    reached: Callable[[Fields], Any],
    failed: Callable[[Fields], Any] = lambda _fields: False,
    proof: str,
    happened_at: Any = None,
    by: str = "",
) -> Known:
    now = life[2][-1]
    told_at, reached_at = _first(life, told), _first(life, reached) if reached(now) else None
    reach = (
        Reach.REACHED
        if reached_at
        else Reach.FAILED
        if failed(now)
        else Reach.TOLD
        if told_at
        else Reach.NOT_TOLD
    )
    said = _time(happened_at) if reached_at else None
    return Known(group, life[0], what, who, reach, proof, told_at, reached_at, said, by, path)


def _reports(fold: Fold, moment: datetime, names: Names, path: str) -> Iterator[Known]:
    """What went up, receiver by receiver, and what came from below and was taken or not."""
    reports = fold.at(moment, ("upward_report",)).get("upward_report", {})
    for life in fold.lives("report_delivery", moment):
        now = life[2][-1]
        if now["state"] == "cancelled":
            continue
        report = reports.get(now["report"], {})
        yield _made(
            "reports", life, report.get("title", ""), now["name"], path,
            told=lambda one: one["state"] in ("handed", "confirmed") or one.get("handed_at"),
            reached=lambda one: one["state"] == "confirmed",
            failed=lambda one: one["state"] == "failed",
            proof=now["state"], happened_at=now.get("confirmed_at"), by=now.get("confirmed_by") or "",
        )  # fmt: skip
    for life in fold.lives("upward_report", moment):
        now = life[2][-1]
        if not now.get("received_at"):
            continue
        yield _made(
            "reports", life, now.get("title", ""), f"← {names.of(now.get('division'))}", path,
            told=lambda one: one.get("received_at"), reached=lambda one: one.get("taken_at"),
            proof="taken" if now.get("taken_at") else "received", happened_at=now.get("taken_at"),
        )  # fmt: skip


def _callouts(fold: Fold, moment: datetime, names: Names, path: str) -> Iterator[Known]:
    """Each called place: who is tried now, who answered, who is lost."""
    callouts = fold.at(moment, ("callout",)).get("callout", {})
    for life in fold.lives("callout_seat", moment):
        now = life[2][-1]
        callout = callouts.get(now["callout"], {})
        tried = names.of(now.get("party")) or names.of(now.get("trying_person"))
        yield _made(
            "callouts", life, callout.get("title", ""), " ".join(filter(None, (names.of(now["division"]), tried))),
            names.paths.get(now["division"], path),
            told=lambda _one: True, reached=lambda one: one.get("answered_at") or one["state"] in ("resolved", "released"),
            failed=lambda one: one["state"] in ("lost_contact", "unanswered"),
            proof=now["state"], happened_at=now.get("answered_at"), by=now.get("answered_by_name") or "",
        )  # fmt: skip


_HEARD = ("acknowledged", "started", "finished", "could_not")


def _orders(fold: Fold, moment: datetime, names: Names, path: str) -> Iterator[Known]:
    said = _who_answered(fold, moment)
    for life in fold.lives("instruction", moment):
        now = life[2][-1]
        if now["state"] == "withdrawn":
            continue
        who = " ".join(filter(None, (names.of(now["addressee"]), names.of(now.get("team")))))
        yield _made(
            "orders", life, f"{now['number']} {now['title']}", who, path,
            told=lambda one: one["state"] != "waiting", reached=lambda one: one["state"] in _HEARD,
            proof=now["state"],
            happened_at=now.get("acknowledged_at") or now.get("started_at") or now.get("finished_at"), by=said.get(life[0], ""),
        )  # fmt: skip


def _who_answered(fold: Fold, moment: datetime) -> dict[str, str]:
    """Whoever said the first step of each order."""
    found: dict[str, tuple[str, str, str]] = {}
    for key, fields in fold.at(moment, ("instruction_step",)).get("instruction_step", {}).items():
        if fields["step"] in (*_HEARD, "reported") and fields.get("by_name"):
            one = (fields["recorded_at"], key, fields["by_name"])
            found[fields["instruction"]] = min(found.get(fields["instruction"], one), one)
    return {order: name for order, (_at, _key, name) in found.items()}


def _teams(fold: Fold, moment: datetime, names: Names, path: str) -> Iterator[Known]:
    for life in fold.lives("team_job", moment):
        now = life[2][-1]
        if now["state"] == "cancelled":
            continue
        yield _made(
            "teams", life, f"{now['number']} {now.get('words') or ''}".strip(), names.of(now["team"]), path,
            told=lambda _one: True, reached=lambda one: one["state"] not in ("told", "cancelled"),
            proof=now["state"], happened_at=now.get("left_at") or now.get("arrived_at") or now.get("step_at"),
            by=now.get("step_by_name") or "",
        )  # fmt: skip


def _notices(fold: Fold, moment: datetime, names: Names, path: str) -> Iterator[Known]:
    """The short text of each notice, phone by phone with its receipt, and notices that nobody sent yet."""
    notices = fold.at(moment, ("response_notice",)).get("response_notice", {})
    for life in fold.lives("delivery", moment):
        now = life[2][-1]
        about, _, key = str(now.get("subject") or "").partition(":")
        if about != "response_notice" or now["state"] == "cancelled":
            continue
        yield _made(
            "notices", life, notices.get(key, {}).get("title", ""), names.of(now.get("person")) or now.get("recipient") or "", path,
            told=lambda one: one["state"] in ("sent", "delivered", "read"), reached=lambda one: one["state"] in ("delivered", "read"),
            failed=lambda one: one["state"] in ("refused", "failed"),
            proof=now["state"], happened_at=now.get("read_at") or now.get("delivered_at"),
        )  # fmt: skip
    for life in fold.lives("response_notice", moment):
        now = life[2][-1]
        if now["state"] in ("draft", "signed"):
            to = "、".join(
                str(one.get("name", "")) for one in now.get("main_to") or [] if isinstance(one, dict)
            )
            yield _made("notices", life, now["title"], to, path, told=lambda _one: False, reached=lambda _one: False, proof="not_sent")  # fmt: skip


def _consultations(fold: Fold, moment: datetime, names: Names, path: str) -> Iterator[Known]:
    for life in fold.lives("consultation", moment):
        now = life[2][-1]
        if now["state"] == "cancelled":
            continue
        for name in _attendees(now):
            yield _made(
                "consultations", life, now["title"], name, path, told=lambda _one: True,
                reached=_attended(name),
                proof=now["state"], happened_at=now["starts_at"],
            )  # fmt: skip


def _attended(name: str) -> Callable[[Fields], Any]:
    return lambda one: one["state"] in ("open", "closed") and name in _attendees(one)


def _attendees(fields: Fields) -> list[str]:
    return [
        str(one.get("name", "")) if isinstance(one, dict) else str(one)
        for one in fields.get("attendees") or []
    ]


def _experts(fold: Fold, moment: datetime, names: Names, path: str) -> Iterator[Known]:
    for life in fold.lives("expert_call", moment):
        now = life[2][-1]
        yield _made(
            "experts", life, now.get("question") or "", names.of(now["expert"]), path, told=lambda _one: True,
            reached=lambda one: one["state"] in ("answered", "declined"), proof=now["state"], happened_at=now.get("answered_at"),
        )  # fmt: skip


def _calls(fold: Fold, moment: datetime, names: Names, path: str) -> Iterator[Known]:
    for life in fold.lives("room_call", moment):
        now = life[2][-1]
        yield _made(
            "calls", life, now.get("subject") or "", now["name"], path, told=lambda _one: True,
            reached=lambda one: one.get("outcome") == "answered",
            failed=lambda one: one.get("outcome") in ("no_answer", "busy", "refused"),
            proof=now.get("outcome") or "called", happened_at=now.get("outcome_at"), by=now.get("called_by_name") or "",
        )  # fmt: skip


def _partners(fold: Fold, moment: datetime, names: Names, path: str) -> Iterator[Known]:
    for life in fold.lives("partner_share", moment):
        now = life[2][-1]
        yield _made(
            "partners", life, now.get("asked_words") or "", now["partner"], path, told=lambda one: one.get("sent_at"),
            reached=lambda one: one.get("heard_at"), proof=now.get("their_words") or now.get("their_state") or "", happened_at=now.get("heard_at"),
        )  # fmt: skip


_MAKERS: tuple[Callable[[Fold, datetime, Names, str], Iterator[Known]], ...] = (
    _reports, _callouts, _orders, _teams, _notices, _consultations, _experts, _calls, _partners,
)  # fmt: skip
