"""Level by level: ask who can know, take the answer, decide, and tell the caller."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from anlan.duty.services import clear_subject
from anlan.events.published import IntakeMoved
from anlan.intake.models import OPEN, Intake, IntakeStep
from anlan.intake.refusals import AlreadySigned, NoReward, WordsMissing
from anlan.intake.services.steps import add_step
from anlan.journal.services import announce
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel

#: The levels that verify, the nearest first.
LEVELS = ("village", "township", "county")
#: How a caller is told.
WAYS = ("phone", "sms", "api", "mail", "page", "visit")
_FINDINGS = ("found_true", "found_false", "unclear")


def ask_to_verify(intake: Intake, *, division: Division, words: str = "", by: Actor, at: datetime) -> Intake:
    """Ask a village, a township or the county's own people; asked again one level up, the former stays as a step."""
    level = _level_of(division)
    fields = {"level": level, "asked_path": division.path}
    if intake.state == "verifying":
        intake.change(by=by, at=at, kind="asked", fields=fields)
    else:
        intake.advance("verifying", by=by, at=at, **fields)
    add_step(intake, "asked", level=level, division=division, words=words, entry="asked", by=by, at=at)
    _moved(intake, at)
    return intake


def _level_of(division: Division) -> str:
    if division.level == DivisionLevel.COUNTY:
        return "county"
    if division.level in (DivisionLevel.TOWNSHIP, DivisionLevel.DEPARTMENT):
        return "township"
    return "village"


def answer_verification(
    intake: Intake, *, finding: str, words: str, by_name: str = "", by: Actor, at: datetime
) -> IntakeStep:
    """What somebody found; it decides nothing by itself. The desk reads it and verifies."""
    if finding not in _FINDINGS or not words.strip():
        raise WordsMissing
    step = add_step(
        intake,
        finding,
        level=intake.level,
        words=words,
        entry="answered",
        by_name=by_name,
        by=by,
        at=at,
    )
    announce(IntakeMoved(str(intake.pk), state=intake.state), at=at, exercise_id=intake.exercise_id)
    return step


def verify_intake(intake: Intake, *, result: str = "", by: Actor, at: datetime) -> Intake:
    """It is true; so are its duplicates, each of whose callers is still told."""
    for one in _together(intake):
        one.advance("verified", by=by, at=at, cause=_cause(one, intake), result=result.strip()[:300])
        _moved(one, at)
    return intake


def find_intake_not_true(intake: Intake, *, reason: str, by: Actor, at: datetime) -> Intake:
    """It did not happen, or not there. It stays, with the reason."""
    if not reason.strip():
        raise WordsMissing
    for one in _together(intake):
        one.advance("not_true", by=by, at=at, cause=_cause(one, intake), result=reason.strip()[:300])
        _moved(one, at)
    return intake


def _together(intake: Intake) -> list[Intake]:
    """The message, and its duplicates that wait for the same answer."""
    others = intake.duplicates.filter(state__in=OPEN).select_related("division").order_by("received_at", "pk")
    return [intake, *others]


def _cause(one: Intake, main: Intake) -> str:
    return "" if one.pk == main.pk else f"intake:{main.pk}"


def feed_back(intake: Intake, *, way: str, words: str, by: Actor, at: datetime) -> Intake:
    """The caller was told."""
    if way not in WAYS or not words.strip():
        raise WordsMissing
    intake.advance(
        "fed_back",
        by=by,
        at=at,
        fed_back_at=at,
        feedback_way=way,
        feedback_words=words.strip()[:300],
        feedback_by=by.ref,
    )
    add_step(intake, "fed_back", words=words, by=by, at=at)
    _moved(intake, at)
    return intake


def hand_on(intake: Intake, *, to: str, by: Actor, at: datetime) -> Intake:
    """It is another county's; that county was told, by name."""
    if not to.strip():
        raise WordsMissing
    intake.advance("handed_on", by=by, at=at, handed_to=to.strip()[:120])
    add_step(intake, "handed_on", words=to, by=by, at=at)
    _moved(intake, at)
    return intake


def take_back(intake: Intake, *, reason: str, by: Actor, at: datetime) -> Intake:
    """It is ours after all."""
    if not reason.strip():
        raise WordsMissing
    intake.advance("received", by=by, at=at, handed_to="", elsewhere="")
    add_step(intake, "taken_back", words=reason, by=by, at=at)
    _moved(intake, at)
    return intake


def sign_for_township(intake: Intake, *, by: Actor, at: datetime) -> Intake:
    """The township's leader makes it the township's own report. The county had it from the first minute, marked unsigned."""
    if not intake.needs_signature or intake.signed_at is not None:
        raise AlreadySigned
    intake.change(by=by, at=at, kind="signed", signed_at=at, signed_by=by.ref, signed_name=by.name[:60])
    add_step(intake, "signed", by=by, at=at)
    announce(IntakeMoved(str(intake.pk), state=intake.state), at=at, exercise_id=intake.exercise_id)
    return intake


def note_reward(
    intake: Intake, *, promised: Decimal | None, paid: Decimal | None, by: Actor, at: datetime
) -> Intake:
    """Book-keeping of rewards for safety complaints (D-04)."""
    for amount in (promised, paid):
        if amount is not None and (not amount.is_finite() or not 0 <= amount < 10**9):
            raise NoReward
    if paid is not None and (promised is None or paid > promised):
        raise NoReward
    return intake.change(by=by, at=at, kind="rewarded", reward_promised=promised, reward_paid=paid)


def _moved(intake: Intake, at: datetime) -> None:
    if intake.state not in OPEN:
        clear_subject(f"intake:{intake.pk}", reason=intake.state, by=_DESK, at=at)
    announce(IntakeMoved(str(intake.pk), state=intake.state), at=at, exercise_id=intake.exercise_id)


_DESK = Actor(ref="system:intake", name="intake")
