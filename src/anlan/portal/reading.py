"""What the public may read: relays in force (and what else the county's table opens), never an exercise, nothing personal."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from anlan.cap.model import Info
from anlan.kernel.refusals import NotFound
from anlan.vocab.levels import Level, LevelFace
from anlan.warning.capping import alert_of, cap_profile
from anlan.warning.models import CapMessage, HazardWarning, WarningKind

#: Far more than a county ever has in force at once.
_MOST = 100
_LONGEST_CHAIN = 20
#: What became of a warning and is still worth showing to whoever follows an old link.
_SHOWN_STATES = ("issued", "replaced", "lifted", "expired")


@dataclass(frozen=True, slots=True)
class PublicWarning:
    """One warning as the public sees it. `former` are the versions it took the place of, the newest first."""

    id: uuid.UUID
    level: Level
    info: Info
    issuer: str
    relayed_by: str
    is_signal: bool
    issued_at: datetime | None
    expires_at: datetime | None
    ended_at: datetime | None
    #: in_force, replaced, lifted or expired.
    state: str
    former: tuple[HazardWarning, ...]
    newer_id: uuid.UUID | None
    messages: tuple[CapMessage, ...]

    @property
    def face(self) -> LevelFace:
        return self.level.face


def in_force(*, at: datetime, language: str) -> list[PublicWarning]:
    """The most severe first. What has run out is gone although nobody has ended it yet."""
    rows = _public().filter(state="issued", expires_at__gt=at).order_by("level", "-issued_at")[:_MOST]
    return [_seen(row, at=at, language=language) for row in rows]


def one(warning_id: uuid.UUID, *, at: datetime, language: str) -> PublicWarning:
    """Raises `NotFound` for what is not public, as for what does not exist."""
    row = _public().filter(pk=warning_id, state__in=_SHOWN_STATES).first()
    if row is None:
        raise NotFound
    return _seen(row, at=at, language=language)


def messages(*, at: datetime) -> list[CapMessage]:
    """The messages of the feeds, the newest first: the last one of each warning in force, and cancels for a while."""
    since = at - cap_profile().ended_listed
    rows = _messages().filter(warning__kind__in=cap_profile().public_kinds.value).select_related("warning")
    standing = rows.filter(warning__state="issued", warning__expires_at__gt=at)
    cancels = rows.filter(msg_type="Cancel", sent_at__gt=since, sent_at__lte=at)
    last: dict[object, CapMessage] = {}
    for row in (*standing.order_by("sent_at", "id"), *cancels.order_by("sent_at", "id")[:_MOST]):
        last[row.warning_id] = row
    return sorted(last.values(), key=lambda row: (row.sent_at, row.pk), reverse=True)


def message(message_id: uuid.UUID) -> CapMessage:
    """Raises `NotFound` for what is not public."""
    row = _messages().filter(pk=message_id).first()
    if row is None:
        raise NotFound
    return row


def _public() -> QuerySet[HazardWarning]:
    kinds = cap_profile().public_kinds.value
    return HazardWarning.objects.filter(kind__in=kinds, exercise_id=None).select_related("division")


def _messages() -> QuerySet[CapMessage]:
    return CapMessage.objects.filter(scope="Public", exercise_id=None, warning__exercise_id=None)


def _seen(row: HazardWarning, *, at: datetime, language: str) -> PublicWarning:
    info = alert_of(row, earlier=()).info(language)
    assert info is not None  # alert_of always writes the Chinese one
    has_run_out = row.state == "issued" and row.expires_at is not None and row.expires_at <= at
    newer = HazardWarning.objects.filter(replaces=row, state__in=_SHOWN_STATES).first()
    return PublicWarning(
        id=row.pk,
        level=Level(row.level),
        info=info,
        issuer=row.issuer,
        relayed_by=row.relayed_by,
        is_signal=row.kind == WarningKind.RELAY,
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        state="expired" if has_run_out else ("in_force" if row.state == "issued" else row.state),
        former=tuple(_former(row)),
        newer_id=None if newer is None else newer.pk,
        messages=tuple(_messages().filter(warning=row).order_by("-sent_at")),
    )


def _former(row: HazardWarning) -> Sequence[HazardWarning]:
    """Versions that this one took the place of; only those that the public was told of."""
    chain: list[HazardWarning] = []
    current = row.replaces
    while current is not None and len(chain) < _LONGEST_CHAIN:
        if current.kind in cap_profile().public_kinds.value and current.exercise_id is None:
            chain.append(current)
        current = current.replaces
    return chain
