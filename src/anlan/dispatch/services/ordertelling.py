"""What is announced about orders, and the messages that carry them: one for each addressee, however many orders it names."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from anlan.directory import queries as directory
from anlan.directory.types import Holder
from anlan.dispatch.links import link_of
from anlan.dispatch.models import Instruction
from anlan.dissemination.services import Notice, reach_people
from anlan.events.published import InstructionMoved
from anlan.journal.services import announce_all
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import PostKind

#: Who answers for a place, in this order, where the order names no post or nobody holds it. As data calls do.
ANSWERS: dict[str, tuple[PostKind, ...]] = {
    DivisionLevel.COUNTY: (PostKind.COUNTY_DUTY, PostKind.COUNTY_DUTY_CHIEF),
    DivisionLevel.DEPARTMENT: (PostKind.DEPARTMENT_DUTY,),
    DivisionLevel.TOWNSHIP: (PostKind.TOWNSHIP_DUTY, PostKind.TOWNSHIP_INFORMATION_OFFICER),
    DivisionLevel.VILLAGE: (PostKind.INFORMATION_OFFICER, PostKind.VILLAGE_SECRETARY),
    DivisionLevel.ENTERPRISE: (PostKind.ENTERPRISE_SAFETY_MANAGER,),
    DivisionLevel.SITE: (PostKind.SITE_KEEPER,),
}
_KINDS = tuple(PostKind)

#: Orders of one addressee -> the words of the message.
Words = Callable[[Sequence[Instruction]], str]


def subject_of(row: Instruction) -> str:
    """What a message about the orders of one addressee is about; an answer to it names the same."""
    return f"orders:{row.incident_id}:{row.team_id or row.addressee_id}"


def moved(row: Instruction, what: str) -> InstructionMoved:
    """The event, with enough in it that nobody needs the row."""
    return InstructionMoved(
        str(row.pk),
        incident_id=str(row.incident_id),
        activation_id=str(row.activation_id or ""),
        task_key=row.task_key,
        what=what,
        number=row.number,
        title=row.title,
        addressee=name_of(row),
        division=row.addressee_id,
        exercise_id=None if row.exercise_id is None else str(row.exercise_id),
    )


def tell(rows: Iterable[Instruction], what: str, *, at: datetime) -> None:
    """Announce the same of many orders with one statement."""
    listed = list(rows)
    if listed:
        announce_all([moved(row, what) for row in listed], at=at, exercise_id=listed[0].exercise_id)


def name_of(row: Instruction) -> str:
    """Whoever was ordered, in words."""
    return row.addressee.name if row.team is None else f"{row.addressee.name} {row.team.name}"


def send(rows: Sequence[Instruction], words: Words, *, by: Actor, at: datetime) -> list[Instruction]:
    """One message for each person and addressee. Returns one order of each addressee whom nothing reaches."""
    people = _people(rows, at)
    groups: dict[tuple[uuid.UUID | None, str], list[Instruction]] = {}
    for row in rows:
        holder = people(row)
        groups.setdefault((None if holder is None else holder, subject_of(row)), []).append(row)
    notices = [
        Notice(person_id=person, subject=subject, text=_marked(found[0], words(found)), role="order")
        for (person, subject), found in groups.items()
        if person is not None
    ]
    exercise_id = rows[0].exercise_id if rows else None
    made = reach_people(notices, by=by, at=at, exercise_id=exercise_id)
    told = {(one.person_id, one.subject) for one in made}
    return [found[0] for key, found in groups.items() if key not in told]


def send_to(people: Sequence[Holder], row: Instruction, text: str, *, by: Actor, at: datetime) -> None:
    """The same words to some people about one addressee's orders."""
    notices = [Notice(one.person_id, subject_of(row), _marked(row, text), one.kind) for one in people]
    reach_people(notices, by=by, at=at, exercise_id=row.exercise_id)


def _people(rows: Sequence[Instruction], at: datetime) -> Callable[[Instruction], uuid.UUID | None]:
    """Who is told of an order: the team's leader, else whoever is on duty at the named post, else of the place."""
    codes = {row.addressee_id for row in rows if row.team_id is None}
    held = directory.responsible(codes, at, [kind.value for kind in _KINDS]) if codes else {}

    def find(row: Instruction) -> uuid.UUID | None:
        if row.team is not None:
            return row.team.leader_id or row.team.deputy_id
        found = answering(row, held.get(row.addressee_id, []))
        return found[0].person_id if found else None

    return find


def answering(row: Instruction, held: Sequence[Holder]) -> list[Holder]:
    """Holders of the named post, then of those that answer for such a place; who has a number and is on duty first."""
    wanted = [row.post_kind] if row.post_kind else []
    wanted += [kind.value for kind in ANSWERS.get(row.addressee.level, ())]
    chosen = [one for one in held if one.kind in wanted]
    return sorted(
        chosen, key=lambda one: (not one.points, one.is_off_duty, wanted.index(one.kind), not one.is_on_shift)
    )


def leaders_of(row: Instruction, at: datetime) -> list[Holder]:
    """Who stands above the addressee's duty room: the township's leader; of a village its township; else who else is there."""
    place = row.addressee
    if place.level == DivisionLevel.TOWNSHIP:
        return _first(place.code, PostKind.TOWNSHIP_LEADER, at)
    if place.level == DivisionLevel.DEPARTMENT:
        return directory.responsible([place.code], at, [PostKind.DEPARTMENT_DUTY.value])[place.code][1:2]
    if place.level == DivisionLevel.COUNTY or place.parent_id is None:
        return _first(place.code, PostKind.DUTY_LEADER, at)
    return _first(place.parent_id, PostKind.TOWNSHIP_DUTY, at)


def commanders_of(row: Instruction, at: datetime) -> list[Holder]:
    """The leader on duty of the county, or its commander."""
    return commanders_of_place(row.incident.division.path, at)


def commanders_of_place(path: str, at: datetime) -> list[Holder]:
    """The same of the place at `path`."""
    for code in path.split("/"):
        for kind in (PostKind.DUTY_LEADER, PostKind.COMMANDER):
            if found := _first(code, kind, at):
                return found
    return []


def _first(code: str, kind: PostKind, at: datetime) -> list[Holder]:
    return directory.responsible([code], at, [kind.value])[code][:1]


def words_of_new(rows: Sequence[Instruction]) -> str:
    """ "您单位有14条指令", or the order itself where it is one. The link opens all of them."""
    first = rows[0]
    by = min((row.rise_at for row in rows if row.rise_at is not None), default=None)
    until = "" if by is None else f"，请于{hour(by)}前签收" if len(rows) > 1 else f"，{_limits(first)}"
    said = (
        f"{first.number} {first.title}"
        if len(rows) == 1
        else f"{_short(first)}：{name_of(first)}有{len(rows)}条指令"
    )
    return f"【指令】{said}{until}。回复1签收，点开链接办理：{link_of(first)}"


def words_of_late(rows: Sequence[Instruction]) -> str:
    first = rows[0]
    said = f"{first.number} {first.title}" if len(rows) == 1 else f"{_short(first)}：{len(rows)}条指令"
    silent = all(row.state == "issued" for row in rows)
    return f"【催办】{name_of(first)}：{said}{'逾期未签收' if silent else '逾期未办结'}。{link_of(first)}"


def words_of_withdrawn(rows: Sequence[Instruction]) -> str:
    first = rows[0]
    said = f"{first.number} {first.title}" if len(rows) == 1 else f"{len(rows)}条指令"
    return f"【撤回】{_short(first)}：{said}已撤回，不再执行。{link_of(first)}"


def _limits(row: Instruction) -> str:
    parts = []
    if row.acknowledge_by is not None:
        parts.append(f"请于{hour(row.acknowledge_by)}前签收")
    if row.due_at is not None:
        parts.append(f"{hour(row.due_at)}前办结")
    return "、".join(parts) or "请签收"


def _short(row: Instruction) -> str:
    return row.incident.title[:30]


def hour(moment: datetime) -> str:
    """Day and minute in local time."""
    local = moment.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日{local:%H:%M}"


def _marked(row: Instruction, text: str) -> str:
    return text if row.exercise_id is None else f"【演练】{text}"
