"""Sessions as Django keeps them in the database; only looking one up, which every request does, is asked by a prepared statement."""

from __future__ import annotations

import functools
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from anlan.journal.prepared import A_MOMENT, Prepared, prepare

_A_SESSION = "stands-for-a-session"


class SessionStore(db.SessionStore):
    """The same table, rows and rules."""

    def load(self) -> dict[str, Any]:
        """What the session holds; {} for one that is not there or has ended, whose key is then forgotten."""
        given = {_A_SESSION: self.session_key, A_MOMENT: timezone.now()}
        found = _running(connection.vendor).rows(given) if self.session_key else []
        if not found:
            self._session_key = None
            return {}
        held: dict[str, Any] = self.decode(found[0][0])
        return held


@functools.lru_cache(maxsize=2)
def _running(vendor: str) -> Prepared:
    rows = Session.objects.filter(session_key=_A_SESSION, expire_date__gt=A_MOMENT)
    return prepare(rows.values_list("session_data"))
