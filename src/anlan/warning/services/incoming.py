"""What others warn of comes in: kept as it came, read, compared with what came before, judged by rule.

`take` is the one door for every way in. What a rule may not decide waits for a person, with the reason; nothing is dropped.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from anlan.cap.reasons import CapRefused
from anlan.events.published import IncomingWarningReceived
from anlan.journal import clocks
from anlan.journal.services import announce
from anlan.kernel import canonical
from anlan.kernel.actor import Actor, rule
from anlan.places import queries as places
from anlan.places.models import Division
from anlan.warning.incoming import comparing, reading
from anlan.warning.incoming.reasons import because
from anlan.warning.incoming.rules import Rule, Table, table
from anlan.warning.incoming.told import Told
from anlan.warning.models import IncomingMessage, IncomingState, IncomingWarning
from anlan.warning.refusals import MessageTooLarge, NoCounty
from anlan.warning.services import incoming_drafts as drafts

#: The largest message that is taken, bytes: an alert with a long polygon stays below. Engineering choice.
MOST_BYTES = 2 * 1024 * 1024

#: What a person has to look at before anything is done.
_DOUBTS_THAT_STOP = ("level_contradicts", "area_partly_unknown", "area_ambiguous", "issuer_of_elsewhere")


def take(
    raw: bytes | str,
    *,
    source: str,
    by: Actor,
    at: datetime,
    source_name: str = "",
    sender: str = "",
    reference: str = "",
    is_listed: bool = True,
    may_act: bool = False,
    exercise_id: uuid.UUID | None = None,
) -> IncomingMessage:
    """Keep a message and act on every warning in it. Safe to repeat: a known `reference` of a way in is taken once.

    `is_listed`: the way in or its sender is one of ours; else everything waits for a person. `may_act`: a call-out may be issued
    at once under a pre-authorisation. Raises `MessageTooLarge`, `NoCounty`.
    """
    data = raw if isinstance(raw, bytes) else raw.encode("utf-8", "surrogatepass")
    if len(data) > MOST_BYTES:
        raise MessageTooLarge(bytes=len(data), limit=MOST_BYTES)
    county = places.county()
    if county is None:
        raise NoCounty
    reference = reference[:200]
    known = IncomingMessage.objects.filter(source=source, reference=reference).first() if reference else None
    if known is not None:
        return known
    with transaction.atomic(savepoint=False):
        message = _keep(
            data,
            source=source,
            source_name=source_name[:120],
            sender=sender[:200],
            reference=reference,
            is_listed=is_listed,
            may_act=may_act,
            county=county,
            by=by,
            at=at,
            exercise_id=exercise_id,
        )
        try:
            told: Sequence[Told] = reading.understand(data, received_at=at)
        except CapRefused as refused:
            _unreadable(message, str(refused.sentence()), by=by, at=at)
            return message
        if not told:
            _unread(message, "nothing_read", by=by, at=at)
        for number, one in enumerate(told):
            _take_one(message, number, one, by=by, at=at)
    return message


def take_sms(
    sender: str,
    text: str,
    *,
    received_at: datetime,
    at: datetime,
    event_id: str = "",
    exercise_id: uuid.UUID | None = None,
) -> IncomingMessage | None:
    """A text message that answers no call-out. From a listed number it is taken; from another one only if it reads as a
    warning, and then it waits for a person. None for everything else: people send us all sorts of things."""
    from anlan.warning.services.incoming_sources import sender_of

    listed = sender_of("sms", sender)
    if listed is None and not reading.looks_like_a_warning(text, received_at=received_at):
        return None
    return take(
        text,
        source="sms",
        source_name="" if listed is None else listed.name,
        sender=sender,
        reference=event_id,
        is_listed=listed is not None,
        may_act=listed is not None and listed.may_act,
        by=Actor(ref="channel:sms", name="SMS"),
        at=at,
        exercise_id=exercise_id,
    )


def _keep(
    data: bytes,
    *,
    source: str,
    source_name: str,
    sender: str,
    reference: str,
    is_listed: bool,
    may_act: bool,
    county: Division,
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None,
) -> IncomingMessage:
    text, is_binary = _as_text(data)
    return IncomingMessage(
        source=source,
        source_name=source_name,
        sender=sender,
        reference=reference,
        is_listed=is_listed,
        may_act=may_act,
        raw=text,
        raw_sha256=hashlib.sha256(data).hexdigest(),
        raw_bytes=len(data),
        is_binary=is_binary,
        division=county,
        received_at=at,
        exercise_id=exercise_id,
    ).record(by=by, at=at, kind="received")


def _as_text(data: bytes) -> tuple[str, bool]:
    """The text as both databases can keep it; what is no text, or holds a zero byte, as base64."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return base64.b64encode(data).decode(), True
    return (base64.b64encode(data).decode(), True) if "\x00" in text else (text, False)


def _unreadable(message: IncomingMessage, why: str, *, by: Actor, at: datetime) -> None:
    _unread(message, "unreadable", by=by, at=at, why=why)


def _unread(message: IncomingMessage, code: str, *, by: Actor, at: datetime, **data: object) -> None:
    """A row that shows the raw text to a person; the same bytes again are a duplicate."""
    row = _row(message, 0, Told("", "", "", None, "issue", None, None, (), message.raw_sha256))
    first = (
        IncomingWarning.objects.filter(
            message__raw_sha256=message.raw_sha256, exercise_id=message.exercise_id, same_as=None
        )
        .exclude(pk=row.pk)
        .first()
    )
    row.record(by=by, at=at, kind="received")
    if first is not None:
        row.advance("duplicate", by=by, at=at, same_as=first, reason=_where(first))
        return
    row.advance("needs_person", by=by, at=at, reason=because(code, **data))
    announce_state(row, at=at)


def _row(message: IncomingMessage, number: int, told: Told) -> IncomingWarning:
    return IncomingWarning(
        state=IncomingState.RECEIVED,
        message=message,
        number=number,
        issuer=told.issuer,
        issuer_tier=told.tier if told.issuer else "",
        hazard=told.hazard,
        hazard_words=told.hazard_words,
        level=told.level,
        action=told.action,
        issued_at=told.issued_at,
        expires_at=told.expires_at,
        villages=list(told.villages),
        read=told.read,
        identifier=told.identifier,
        sender=told.sender,
        sent=told.sent,
        msg_type=told.msg_type,
        status=told.status,
        references=list(told.references),
        affair=told.affair,
        content_sha256=told.content_sha256,
        division=message.division,
        received_at=message.received_at,
        exercise_id=message.exercise_id,
    )


def _take_one(
    message: IncomingMessage, number: int, told: Told, *, by: Actor, at: datetime
) -> IncomingWarning:
    """Store one warning and move it to where it belongs."""
    row = _row(message, number, told)
    found = comparing.compare(row, table())
    row.follows = None if found.same is not None else found.earlier
    row.once = "" if found.same is not None or found.conflict is not None else _once(row)
    row.record(by=by, at=at, kind="received")
    if found.same is not None:
        return _duplicate(row, found.same, told, by=by, at=at)
    stops, notes = _doubts(row, told, found)
    return _judge(row, told, stops, notes, by=by, at=at)


def _once(row: IncomingWarning) -> str:
    """Unique while it is the first of its kind, so that two workers who take two copies at once keep one first."""
    if row.identifier:
        return canonical.digest(
            [str(row.exercise_id), row.sender, row.identifier, row.sent, row.content_sha256]
        )
    minute = "" if row.issued_at is None else row.issued_at.strftime("%Y%m%d%H%M")
    if not (row.affair and minute):
        return ""
    return canonical.digest([str(row.exercise_id), row.affair, minute])


def _duplicate(
    row: IncomingWarning, first: IncomingWarning, told: Told, *, by: Actor, at: datetime
) -> IncomingWarning:
    """One affair, several sources. A copy without doubts takes the place of one that waits for a person: nobody can hold a
    warning back by sending it first from an unknown number."""
    stops, notes = _doubts(row, told, comparing.Found())
    if first.state == IncomingState.NEEDS_PERSON and not stops:
        first.advance(
            "duplicate", by=by, at=at, same_as=row, once="", reason=because("fuller_copy"), cause=_ref(row)
        )
        announce_state(first, at=at)
        return _judge(row, told, [], notes, by=by, at=at)
    return row.advance("duplicate", by=by, at=at, same_as=first, reason=_where(first), cause=_ref(first))


def _where(first: IncomingWarning) -> str:
    return because("same", where=str(first.message.source_name or first.message.get_source_display()))


def _ref(row: IncomingWarning) -> str:
    return f"incoming:{row.pk}"


def _doubts(row: IncomingWarning, told: Told, found: comparing.Found) -> tuple[list[str], list[str]]:
    """Sentences that stop a rule, and sentences that only stand beside what it does."""
    rules, stops, notes = table(), [], []
    if not row.message.is_listed:
        stops.append(because("sender_unlisted", sender=row.message.sender or "—"))
    if found.conflict is not None:
        stops.append(because("identifier_reused", identifier=row.identifier))
    if not row.issuer:
        stops.append(because("issuer_missing"))
    if not (row.hazard or row.hazard_words):
        stops.append(because("hazard_missing"))
    elif not row.hazard:
        notes.append(because("hazard_unknown", hazard=row.hazard_words))
    is_lift = row.action == "lift"
    if row.level is None and not is_lift:
        stops.append(because("level_missing"))
    if not row.villages and not is_lift and "area_elsewhere" not in told.doubts:
        stops.append(because("area_unknown"))
    for code in dict.fromkeys(told.doubts):
        if code in _DOUBTS_THAT_STOP and not (is_lift and code != "level_contradicts"):
            stops.append(because(code, names="、".join(row.read.get("ambiguous", []))))
        elif code in ("area_assumed_county", "area_exception"):
            notes.append(because(code))
    stops += _clock_doubts(row, rules)
    if _is_update(row) and row.follows_id is None:
        notes.append(because("update_without_reference"))
    return stops, notes


def _clock_doubts(row: IncomingWarning, rules: Table) -> list[str]:
    if row.issued_at is None:
        return []
    ahead = row.issued_at - row.received_at
    if ahead > timedelta(minutes=rules.future_tolerance_min.value):
        return [because("from_the_future", minutes=round(ahead.total_seconds() / 60))]
    old = timedelta(hours=rules.stale_after_h.value)
    if row.expires_at is None and -ahead > old and row.action != "lift":
        return [because("stale", hours=rules.stale_after_h.value)]
    return []


def _is_update(row: IncomingWarning) -> bool:
    return row.msg_type == "Update" or row.action in ("continue", "change", "upgrade", "downgrade")


def _judge(
    row: IncomingWarning, told: Told, stops: list[str], notes: list[str], *, by: Actor, at: datetime
) -> IncomingWarning:
    """Where a first copy goes. The order matters: an exercise never acts, a doubt waits, what is over only informs."""
    if told.is_drill and row.exercise_id is None:
        return _say(row, "informed", [because("drill")], by=by, at=at)
    if "area_elsewhere" in told.doubts:
        return _say(row, "informed", [because("area_elsewhere"), *notes], by=by, at=at)
    if stops:
        return _wait(row, [*stops, *notes], by=by, at=at)
    if row.action == "lift":
        return _lifted(row, by=by, at=at)
    if row.expires_at is not None and row.expires_at <= at:
        return _say(row, "informed", [because("over"), *notes], by=by, at=at)
    assert row.level is not None  # else it had stopped above
    chosen = table().rule_for(row.hazard, row.level, row.issuer_tier)
    if chosen is None:
        return _wait(row, [because("no_rule"), *notes], by=by, at=at)
    if chosen.does == "inform":
        row.rule = chosen.name
        return _say(row, "informed", [because("rule_informs"), *notes], by=by, at=at, rule=chosen.name)
    return _act(row, told, chosen, notes, by=by, at=at)


def _act(
    row: IncomingWarning, told: Told, chosen: Rule, notes: list[str], *, by: Actor, at: datetime
) -> IncomingWarning:
    """Draft the relay, and the own call-out where the rule says so. What cannot be drafted waits for a person.

    Whoever pasted it is the drafter, so that he cannot sign it; what came by itself was drafted by the rule.
    """
    by = by if by.person_id is not None else rule(f"incoming:{chosen.name}")
    problem = drafts.why_not(row)
    if problem:
        return _wait(row, [because("too_long", why=problem), *notes], by=by, at=at)
    relay = drafts.relay(row, by=by, at=at)
    callout = None
    if chosen.does == "callout":
        callout = drafts.callout(row, by=by, at=at, may_issue=row.message.may_act and told.is_certain)
    state = "drafted" if callout is None else "called_out"
    row.advance(
        state,
        by=by,
        at=at,
        rule=chosen.name,
        draft=relay,
        callout_draft=callout,
        reason=" ".join(notes),
        cause=f"warning:{relay.pk}",
    )
    supersede(row, by=by, at=at)
    return row


def supersede(row: IncomingWarning, *, by: Actor, at: datetime) -> None:
    """What the new one follows is no longer the newest word."""
    earlier = row.follows
    if earlier is not None and "superseded" in earlier.transitions[earlier.state]:
        waited = earlier.state == IncomingState.NEEDS_PERSON
        earlier.advance("superseded", by=by, at=at, once="", reason=because("followed"), cause=_ref(row))
        if waited:
            announce_state(earlier, at=at)


def _lifted(row: IncomingWarning, *, by: Actor, at: datetime) -> IncomingWarning:
    """The issuer lifts it; what we passed on stays until a person lifts it here."""
    earlier = row.follows
    if earlier is None:
        return _wait(row, [because("cancel_without_reference")], by=by, at=at)
    proposed = drafts.propose_lifting(earlier, row, at=at)
    if proposed is drafts.Proposal.IN_FORCE:
        row.advance("lift_proposed", by=by, at=at, reason=because("lifted"), draft=earlier.draft)
        announce_state(row, at=at)
        return row
    code = "lifted_before_issue" if proposed is drafts.Proposal.WITHDRAWN else "lifted_nothing_out"
    row.advance("ended", by=by, at=at, reason=because(code))
    if "ended" in earlier.transitions[earlier.state]:
        earlier.advance("ended", by=by, at=at, reason=because(code), cause=_ref(row))
    return row


def _say(
    row: IncomingWarning, state: str, reasons: Sequence[str], *, by: Actor, at: datetime, **fields: str
) -> IncomingWarning:
    return row.advance(state, by=by, at=at, reason=" ".join(reasons), **fields)


def _wait(row: IncomingWarning, reasons: Sequence[str], *, by: Actor, at: datetime) -> IncomingWarning:
    row.advance("needs_person", by=by, at=at, reason=" ".join(dict.fromkeys(reasons)))
    announce_state(row, at=at)
    return row


def announce_state(row: IncomingWarning, *, at: datetime) -> None:
    """Tell the duty room that a person has to look, or that nobody has to any more."""
    words = f"{row.issuer}{row.hazard_words}" or row.message.source_name or row.message.sender
    announce(
        IncomingWarningReceived(
            incoming_id=str(row.pk),
            state=row.state,
            level=row.level,
            headline=words[:120],
            division=row.division_id,
            exercise_id=None if row.exercise_id is None else str(row.exercise_id),
        ),
        at=at,
        exercise_id=row.exercise_id,
    )


def run_of_now() -> tuple[uuid.UUID | None, datetime]:
    """The run of this folder and its time: what entry points give as `exercise_id` and `at`."""
    exercise_id = clocks.default_exercise_id()
    return exercise_id, clocks.now(exercise_id)
