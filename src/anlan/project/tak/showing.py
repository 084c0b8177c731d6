"""What one line has been shown, and what of a picture is news to it. Pure; the newest picture counts, nothing queues up."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from anlan.documents.cot import CotEvent
from anlan.project.tak.wire import gone

#: Shown again once a client may keep it so much longer than it was told; the shortest stale time of a point is an hour.
RENEW = timedelta(minutes=20)


class _Shown(NamedTuple):
    event: CotEvent
    stale: datetime


class Showing:
    """The memory of one line, bounded by the size of a picture."""

    def __init__(self) -> None:
        self._shown: dict[str, _Shown] = {}

    def news(self, picture: Mapping[str, CotEvent], at: datetime) -> Iterator[CotEvent]:
        """What this line has not seen as it stands now. Each is taken as shown once it was handed out."""
        for uid in [uid for uid in self._shown if uid not in picture]:
            del self._shown[uid]
            yield gone(uid, at)
        for uid, event in picture.items():
            before = self._shown.get(uid)
            if before is not None and _same(before.event, event) and event.stale - before.stale < RENEW:
                continue
            self._shown[uid] = _Shown(event, event.stale)
            yield event


def _same(one: CotEvent, other: CotEvent) -> bool:
    """The same but for when it was said; where somebody was heard counts with its time."""
    if one.is_position:
        return dataclasses.replace(one, stale=other.stale) == other
    return dataclasses.replace(one, time=other.time, start=other.start, stale=other.stale) == other
