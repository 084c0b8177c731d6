"""The rows behind the TAK line: who a client is, what its picture holds, and what becomes of what it sends."""

from __future__ import annotations

import functools
import logging
import time
import uuid
from collections.abc import Callable, Mapping
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, close_old_connections, connection, transaction

from anlan.command import takclients, takline
from anlan.command.models import TakClient
from anlan.documents.cot import CotEvent
from anlan.kernel.refusals import Refusal
from anlan.project.tak.listener import Known

log = logging.getLogger("anlan.tak")
P = ParamSpec("P")
T = TypeVar("T")

#: A picture is made anew after this time even if nothing was written: what a client shows must not go stale, seconds.
ANEW_S = 60.0


def _fresh(call: Callable[P, T]) -> Callable[P, T]:
    """After an error the connection is looked at: one that is gone is opened anew by the next call."""

    @functools.wraps(call)
    def made(*given: P.args, **named: P.kwargs) -> T:
        try:
            return call(*given, **named)
        except DatabaseError:
            close_old_connections()
            raise

    return made


class RowDesk:
    """Called by the listener in its one thread."""

    def __init__(self) -> None:
        self._mark = ""
        self._made_at = 0.0

    @_fresh
    def by_certificate(self, sha256: str) -> Known | None:
        return _known(takclients.of_certificate(sha256))

    @_fresh
    def by_key(self, name: str, key: str) -> Known | None:
        return _known(takclients.of_key(name, key))

    @_fresh
    def look(
        self, scopes: Mapping[takline.Scope, bool], keys: set[uuid.UUID]
    ) -> tuple[dict[takline.Scope, dict[str, CotEvent]], set[uuid.UUID]]:
        """`scopes` says of each scope whether its picture was made before."""
        mark = takline.news_mark()
        is_old = mark != self._mark or time.monotonic() - self._made_at > ANEW_S
        began = time.monotonic()
        wanted = [scope for scope, is_made in scopes.items() if is_old or not is_made]
        pictures = {scope: {one.uid: one for one in takline.picture(scope)} for scope in wanted}
        if is_old:  # only now: what failed is looked at again
            self._mark, self._made_at = mark, began
        return pictures, takclients.still_open(list(keys))

    @_fresh
    def take(self, key: uuid.UUID, events: list[CotEvent]) -> None:
        """One event after the other in its own transaction is not worth it: together, at most what one read brought."""
        client = TakClient.objects.filter(pk=key, revoked_at=None).select_related("division").first()
        if client is None:
            return
        try:
            with transaction.atomic():
                taken = takline.take(client, events)
        except Refusal as refusal:
            log.warning("tak_events_refused client=%s why=%s", client.name, refusal.code)
            return
        if taken.unknown or taken.refused:
            log.info("tak_events client=%s %s", client.name, taken._asdict())

    def close(self) -> None:
        connection.close()


def _known(row: TakClient | None) -> Known | None:
    if row is None:
        return None
    return Known(row.pk, row.name, takline.scope_of(row), row.may_send)
