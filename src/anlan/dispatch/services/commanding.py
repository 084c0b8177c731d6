"""What whoever gave an order does with it afterwards: remind, take back, ask again; and what time does: late ones rise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from anlan.dispatch.models import Instruction, InstructionStep, StepKind, Via
from anlan.dispatch.parameters import parameters
from anlan.dispatch.refusals import StillWaits, WhyMissing
from anlan.dispatch.services import orderalarms
from anlan.dispatch.services.answering import add_step
from anlan.dispatch.services.issuing import check_teams, issued_fields
from anlan.dispatch.services.ordertelling import (
    commanders_of,
    leaders_of,
    send,
    send_to,
    tell,
    words_of_late,
    words_of_new,
    words_of_withdrawn,
)
from anlan.dispatch.services.releasing import release_waiting
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor


def remind_instruction(
    row: Instruction, *, by: Actor, by_name: str, via: str = Via.PAGE, at: datetime, words: str = ""
) -> Instruction:
    """Say it again to the addressee now. Twice within a moment is once."""
    if row.state == "waiting":
        raise StillWaits
    if row.state not in orderalarms.OPEN:
        return row
    again = timedelta(seconds=parameters().again_s)
    if row.steps.filter(step=StepKind.REMINDED, recorded_at__gt=at - again).exists():
        return row
    add_step(row, StepKind.REMINDED.value, by=by, by_name=by_name, via=via, at=at, words=words)
    tell([row], "reminded", at=at)
    is_late = Instruction.objects.filter(orderalarms.late(at), pk=row.pk).exists()
    send([row], words_of_late if is_late else words_of_new, by=by, at=at)
    return row


def withdraw_instruction(
    row: Instruction, *, by: Actor, by_name: str, via: str = Via.PAGE, at: datetime, words: str
) -> Instruction:
    """Take it back; `words` say why. Raises `WhyMissing`."""
    return withdraw_many([row], by=by, by_name=by_name, via=via, at=at, words=words)[0]


def withdraw_many(
    rows: Sequence[Instruction],
    *,
    by: Actor,
    by_name: str,
    via: str = Via.PAGE,
    at: datetime,
    words: str,
) -> list[Instruction]:
    """Take back orders of one incident; each addressee is told once. What waited for them waits no longer."""
    if not words.strip():
        raise WhyMissing
    told = [row for row in rows if row.state in orderalarms.OPEN]
    for row in rows:
        row.advance("withdrawn", by=by, at=at, result=words.strip(), rise_at=None)
    steps = [
        _step(row, StepKind.WITHDRAWN, by=by, by_name=by_name, via=via, at=at, words=words) for row in rows
    ]
    record_all(steps, by=by, at=at, kind=StepKind.WITHDRAWN.value)
    tell(rows, "withdrawn", at=at)
    if told:
        send(told, words_of_withdrawn, by=by, at=at)
    for row in {row.token_digest: row for row in rows}.values():
        orderalarms.settle(row, by=by, at=at)
    for activation_id in {row.activation_id for row in rows if row.activation_id is not None}:
        release_waiting(activation_id, by=by, by_name=by_name, at=at)
    return list(rows)


def reopen_instruction(
    row: Instruction, *, by: Actor, by_name: str, via: str = Via.PAGE, at: datetime, words: str
) -> Instruction:
    """Ask again: what could not be done is issued anew with new limits, what was said to be finished goes on. Raises `WhyMissing`."""
    if not words.strip():
        raise WhyMissing
    if row.team is not None:
        check_teams([row.team], row.incident)
    fields = issued_fields(row.ack_limit_min, row.limit_min, at)
    if row.state == "could_not":
        row.advance("issued", by=by, at=at, **fields, result="")
    else:
        due_at = fields["due_at"]
        row.advance("started", by=by, at=at, finished_at=None, due_at=due_at, rise_at=due_at, risen=0)
    add_step(row, StepKind.RETURNED.value, by=by, by_name=by_name, via=via, at=at, words=words)
    tell([row], "returned", at=at)
    send([row], words_of_new, by=by, at=at)
    orderalarms.settle(row, by=by, at=at)
    return row


def rise(row: Instruction, *, by: Actor, at: datetime) -> list[Instruction]:
    """Orders of one addressee are late: mark them, chase by one message, ring at the desk. Returns them.

    Each comes again after the pause of the next step: the addressee's duty room, its leader, the commander's desk; after the
    last step only when a further limit passes.
    """
    same = Instruction.objects.filter(
        token_digest=row.token_digest, rise_at__lte=at, state__in=orderalarms.OPEN
    )
    late = list(
        same.select_related("incident__division", "addressee", "team")
        .defer("incident__division__geometry", "addressee__geometry")
        .order_by("rise_at", "number")
    )
    steps = parameters().steps
    reached: dict[str, list[Instruction]] = {}
    for one in late:
        to: str = steps[min(one.risen, len(steps) - 1)].to if steps else "addressee"
        reached.setdefault(to, []).append(one)
        one.change(by=by, at=at, kind="late", risen=one.risen + 1, rise_at=_again(one, at))
    tell(late, "late", at=at)
    for to, rows in reached.items():
        _chase(to, rows, by=by, at=at)
    if late:
        orderalarms.ring_late(late, by=by, at=at)
    return late


def _again(row: Instruction, at: datetime) -> datetime | None:
    """When this order rises next: at the next step, or at a limit that is still to come, whichever is earlier."""
    steps, risen = parameters().steps, row.risen + 1
    coming = [at + timedelta(minutes=steps[risen].after_min)] if risen < len(steps) else []
    if row.due_at is not None and row.due_at > at:
        coming.append(row.due_at)
    return min(coming, default=None)


def _chase(to: str, rows: Sequence[Instruction], *, by: Actor, at: datetime) -> None:
    if to == "addressee":
        send(rows, words_of_late, by=by, at=at)
        return
    people = leaders_of(rows[0], at) if to == "leader" else commanders_of(rows[0], at)
    send_to(people, rows[0], words_of_late(rows), by=by, at=at)


def _step(
    row: Instruction, step: StepKind, *, by: Actor, by_name: str, via: str, at: datetime, words: str
) -> InstructionStep:
    return InstructionStep(
        instruction=row, step=step.value, words=words.strip(), happened_at=at, recorded_at=at, by_ref=by.ref,
        by_name=by_name[:60], via=via, exercise_id=row.exercise_id,
    )  # fmt: skip
