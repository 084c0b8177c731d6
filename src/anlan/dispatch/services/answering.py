"""What the addressee says to an order, each word of it kept as a step: received, begun, so far, done, could not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from anlan.attachments import services as attachments
from anlan.attachments.models import Attachment
from anlan.dispatch.models import Instruction, InstructionStep, StepKind
from anlan.dispatch.parameters import parameters
from anlan.dispatch.refusals import BadProgress, ProofMissing, StillWaits, WhyMissing
from anlan.dispatch.services import orderalarms
from anlan.dispatch.services.ordertelling import tell
from anlan.dispatch.services.releasing import release_waiting
from anlan.dispatch.types import Proof, Sent
from anlan.journal.refusals import NoSuchTransition
from anlan.kernel.actor import Actor

#: The same words again within this time are one report. Engineering choice.
SAME_WORDS = timedelta(minutes=10)
#: Said here and now, by a person.
HERE = Sent()


def acknowledge_instruction(
    row: Instruction, *, by: Actor, by_name: str, via: str, at: datetime, words: str = "", sent: Sent = HERE
) -> Instruction:
    """Received. Said twice, or after it was begun, it changes nothing."""
    _check_out(row)
    if row.state in ("acknowledged", "started", "finished", "could_not"):
        return row
    row.advance("acknowledged", by=by, at=at, acknowledged_at=at, rise_at=_next(row, at), risen=0)
    _stepped(row, StepKind.ACKNOWLEDGED, by=by, by_name=by_name, via=via, at=at, words=words, sent=sent)
    return row


def start_instruction(
    row: Instruction, *, by: Actor, by_name: str, via: str, at: datetime, words: str = "", sent: Sent = HERE
) -> Instruction:
    """Begun; whoever begins has received it."""
    _check_out(row)
    if row.state == "started":
        return row
    _check_begins(row)
    row.advance("started", by=by, at=at, **_begun(row, at))
    _stepped(row, StepKind.STARTED, by=by, by_name=by_name, via=via, at=at, words=words, sent=sent)
    return row


def report_instruction(
    row: Instruction,
    *,
    by: Actor,
    by_name: str,
    via: str,
    at: datetime,
    words: str = "",
    progress: int | None = None,
    files: Sequence[Proof] = (),
    sent: Sent = HERE,
) -> Instruction:
    """How far it is, in words, in percent, or with a picture. Raises `WhyMissing` where nothing is said at all."""
    _check_out(row)
    _check_progress(progress)
    if not words.strip() and progress is None and not files:
        raise WhyMissing
    if not files and _said_before(row, words, progress, by=by, at=at):
        return row
    fields: dict[str, Any] = {} if progress is None else {"progress": progress}
    if row.state != "started":
        _check_begins(row)
        row.advance("started", by=by, at=at, **_begun(row, at), **fields)
    elif fields:
        row.change(by=by, at=at, kind="reported", fields=fields)
    step = _stepped(
        row,
        StepKind.REPORTED,
        by=by,
        by_name=by_name,
        via=via,
        at=at,
        words=words,
        progress=progress,
        sent=sent,
    )
    _keep(step, files, by=by, by_name=by_name, at=at)
    return row


def finish_instruction(
    row: Instruction,
    *,
    by: Actor,
    by_name: str,
    via: str,
    at: datetime,
    words: str = "",
    progress: int | None = None,
    files: Sequence[Proof] = (),
    sent: Sent = HERE,
) -> Instruction:
    """Done. Where proof is asked for, words or a file now or with an earlier report. What waited for it goes out."""
    _check_out(row)
    if row.state == "finished":
        return row
    if row.needs_proof and not (words.strip() or files or has_files(row)):
        raise ProofMissing
    row.advance(
        "finished",
        by=by,
        at=at,
        finished_at=at,
        acknowledged_at=row.acknowledged_at or at,
        progress=100,
        rise_at=None,
        result=words.strip(),
    )
    step = _stepped(
        row, StepKind.FINISHED, by=by, by_name=by_name, via=via, at=at, words=words, progress=100, sent=sent
    )
    _keep(step, files, by=by, by_name=by_name, at=at)
    if row.activation_id is not None:
        release_waiting(row.activation_id, by=by, by_name=by_name, at=at)
    return row


def could_not_instruction(
    row: Instruction, *, by: Actor, by_name: str, via: str, at: datetime, words: str, sent: Sent = HERE
) -> Instruction:
    """It cannot be done; `words` say why. The desk decides what follows. Raises `WhyMissing`."""
    _check_out(row)
    if not words.strip():
        raise WhyMissing
    if row.state == "could_not" and row.result == words.strip():
        return row
    row.advance("could_not", by=by, at=at, result=words.strip(), rise_at=None)
    _stepped(row, StepKind.COULD_NOT, by=by, by_name=by_name, via=via, at=at, words=words, sent=sent)
    orderalarms.ring_could_not(row, by=by, at=at)
    return row


def has_files(row: Instruction) -> bool:
    """Whether anybody sent a file with any of its steps."""
    subjects = [f"instruction_step:{pk}" for pk in row.steps.values_list("pk", flat=True)]
    return Attachment.objects.filter(subject__in=subjects).exists()


def add_step(
    row: Instruction,
    step: str,
    *,
    by: Actor,
    by_name: str,
    via: str,
    at: datetime,
    words: str = "",
    progress: int | None = None,
    sent: Sent = HERE,
) -> InstructionStep:
    """Keep what was said, by whom and by which way."""
    return InstructionStep(
        instruction=row,
        step=step,
        words=words.strip(),
        progress=progress,
        happened_at=at if sent.happened_at is None else min(sent.happened_at, at),
        recorded_at=at,
        by_ref=by.ref,
        by_name=by_name.strip()[:60],
        via=via,
        key=sent.key[:80],
        exercise_id=row.exercise_id,
    ).record(by=by, at=at, kind=step)


def _stepped(
    row: Instruction, step: StepKind, *, by: Actor, by_name: str, via: str, at: datetime, words: str,
    progress: int | None = None, sent: Sent = HERE,
) -> InstructionStep:  # fmt: skip
    made = add_step(
        row, step.value, by=by, by_name=by_name, via=via, at=at, words=words, progress=progress, sent=sent
    )
    tell([row], step.value, at=at)
    orderalarms.settle(row, by=by, at=at)
    return made


def _said_before(row: Instruction, words: str, progress: int | None, *, by: Actor, at: datetime) -> bool:
    """The same report of the same person a moment ago: a phone that sent it twice."""
    same = row.steps.filter(step=StepKind.REPORTED, words=words.strip(), progress=progress, by_ref=by.ref)
    return same.filter(recorded_at__gt=at - SAME_WORDS).exists()


def _check_out(row: Instruction) -> None:
    if row.state == "waiting":
        raise StillWaits


def _check_begins(row: Instruction) -> None:
    """What was finished begins again only when the desk returns it, although the table of states allows that."""
    if row.state not in ("issued", "acknowledged"):
        raise NoSuchTransition(old=row.state, new="started")


def _check_progress(progress: int | None) -> None:
    if progress is not None and not 0 <= progress <= 100:
        raise BadProgress(given=progress)


def _begun(row: Instruction, at: datetime) -> dict[str, Any]:
    fields: dict[str, Any] = {"started_at": row.started_at or at, "rise_at": _next(row, at), "risen": 0}
    if row.acknowledged_at is None:
        fields["acknowledged_at"] = at
    return fields


def _next(row: Instruction, at: datetime) -> datetime | None:
    """When an order that somebody works on is late next: at its limit, or, past that, when the next step of chasing comes."""
    if row.due_at is None or row.due_at > at:
        return row.due_at
    return row.rise_at if row.rise_at is not None and row.rise_at > at else at + _pause()


def _pause() -> timedelta:
    steps = parameters().steps
    return timedelta(minutes=max([step.after_min for step in steps], default=0) or 10)


def _keep(step: InstructionStep, files: Sequence[Proof], *, by: Actor, by_name: str, at: datetime) -> None:
    for file in files:
        attachments.keep(
            file.chunks,
            subject=f"instruction_step:{step.pk}",
            division=step.instruction.addressee,
            name=file.name,
            sender=by_name,
            by=by,
            at=at,
            exercise_id=step.exercise_id,
        )
