"""Which messages are the same, which stand, and which were replaced or withdrawn: pure functions over lists of alerts."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from anlan.cap.model import Alert, Reference
from anlan.cap.reasons import Reason, reason

Key = tuple[str, str, datetime]


def key_of(alert: Alert | Reference) -> Key:
    """Sender, identifier and the instant it was sent, in UTC: what makes a message itself."""
    return alert.sender, alert.identifier, alert.sent.astimezone(UTC)


def content_digest(alert: Alert) -> str:
    """SHA-256 over what a message says, whatever its wrapping, version, layout, signature or the offset of its times."""
    return hashlib.sha256(repr(_plain(alert)).encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value) if field.name != "version"]
        return [(name, _plain(getattr(value, name))) for name in names]
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value


class Novelty(StrEnum):
    NEW = "new"
    REPEATED = "repeated"
    #: The same identifier with other content: an error of the sender, or somebody else's forgery.
    REUSED = "reused"


def novelty(alert: Alert, known: Mapping[tuple[str, str], str]) -> Novelty:
    """`known` holds the content digest of what was taken, by (sender, identifier)."""
    former = known.get((alert.sender, alert.identifier))
    if former is None:
        return Novelty.NEW
    return Novelty.REPEATED if former == content_digest(alert) else Novelty.REUSED


@dataclass(frozen=True, slots=True)
class Sorted:
    """`fresh` once each in the order they came, `repeated` only counted, `reused` with the reason to tell the sender."""

    fresh: tuple[Alert, ...]
    repeated: int
    reused: tuple[tuple[Alert, Reason], ...]


def sort_out(alerts: Iterable[Alert], known: Mapping[tuple[str, str], str] | None = None) -> Sorted:
    """Take duplicates out of what a feed, or several, brought."""
    taken = dict(known or {})
    fresh, reused, repeated = [], [], 0
    for alert in alerts:
        what = novelty(alert, taken)
        if what is Novelty.NEW:
            fresh.append(alert)
            taken[alert.sender, alert.identifier] = content_digest(alert)
        elif what is Novelty.REPEATED:
            repeated += 1
        else:
            reused.append((alert, reason("cap.identifier_reused", identifier=alert.identifier)))
    return Sorted(tuple(fresh), repeated, tuple(reused))


@dataclass(frozen=True, slots=True)
class Standing:
    """`in_force`, the newest first; `ended_by` names for each ended one the message that ended it (None: it ran out)."""

    in_force: tuple[Alert, ...]
    ended_by: Mapping[Key, Key | None]


def standing(alerts: Iterable[Alert], at: datetime) -> Standing:
    """What stands at `at`, whatever the order in which the messages arrived.

    - An Update or Cancel ends what it names, and whatever earlier message had replaced that: a sender who only names the
      first of a chain means the chain.
    - Only the sender of a message can replace or cancel it.
    - A message sent after `at` does not count yet. One without an end stands until it is ended.
    - Acknowledgements and errors are about messages, not about dangers.
    """
    known = {key_of(alert): alert for alert in alerts if alert.sent <= at}
    heads: dict[Key, Key] = {}
    ended: dict[Key, Key | None] = {}
    for key, alert in sorted(known.items(), key=lambda item: (item[0][2], item[0])):
        if alert.msg_type not in ("Update", "Cancel"):
            continue
        for named in alert.references:
            if named.sender == alert.sender:
                _end(key_of(named), key, heads, ended)
    for key, alert in known.items():
        if key not in ended and alert.expires is not None and alert.expires <= at:
            ended[key] = None
    speaking = [
        alert for key, alert in known.items() if key not in ended and alert.msg_type in ("Alert", "Update")
    ]
    return Standing(tuple(sorted(speaking, key=lambda alert: alert.sent, reverse=True)), ended)


def _end(named: Key, by: Key, heads: dict[Key, Key], ended: dict[Key, Key | None]) -> None:
    """End a message and the chain of messages that took its place before `by`."""
    current: Key | None = named
    seen = set()
    while current is not None and current != by and current not in seen:
        seen.add(current)
        following = heads.get(current)
        ended[current] = by
        heads[current] = by
        current = following
