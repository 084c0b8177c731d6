"""POST /v1/push/NAME: a document from a sender that holds the connector's token. 200 only after the commit."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from anlan.gateway.connect.secrets import NoSecret, read_secret
from anlan.gateway.connect.taking import Taker, named
from anlan.gateway.http import Request, Response, refusal
from anlan.sensing.connect.settings import HttpPush

PREFIX = "/v1/push/"
_DENIED = refusal(401, "token.unknown", "Send the token of this connector, as Authorization: Bearer.")


class PushApi:
    """Lives in the event loop. A connector that does not exist and a wrong token look the same."""

    def __init__(self) -> None:
        self._takers: dict[str, tuple[Taker, HttpPush]] = {}
        self.is_paused = False

    def use(self, takers: Mapping[str, tuple[Taker, HttpPush]], *, is_exercise: bool) -> None:
        self._takers = dict(takers)
        self.is_paused = is_exercise

    def check_door(self, request: Request) -> Response | None:
        """Before any body is read: method, token, and whether this run takes the connector's data at all."""
        if request.method != "POST":
            return refusal(405, "method.not_allowed", "Use POST.")
        found = self._find(request)
        if found is None:
            return _DENIED
        if self.is_paused and not found[1].in_exercise:
            message = "An exercise is running here; send again later."
            return refusal(503, "exercise.running", message, retry_after_s=60)
        return None

    async def handle(self, request: Request) -> Response:
        found = self._find(request)
        if found is None:  # the token was withdrawn while the body came in
            return _DENIED
        taken = await found[0].take(bytes(request.body))
        if not taken.stored:
            reason = taken.refused[0].reason if taken.refused else "Nothing of this was acknowledged."
            return refusal(503, "not stored", f"Not stored: {reason} Send it again.", retry_after_s=5)
        if taken.is_refused:
            return refusal(400, taken.refused[0].code, taken.refused[0].reason)
        return Response(
            200,
            {
                "stored": taken.rows,
                "duplicates": taken.duplicates,
                "refused_count": len(taken.refused),
                "refused": named(taken.refused),
            },
        )

    def _find(self, request: Request) -> tuple[Taker, HttpPush] | None:
        name = request.target.removeprefix(PREFIX).partition("?")[0]
        found = self._takers.get(name)
        if found is None:
            return None
        taker, settings = found
        is_known = _shows_secret(request, taker, settings) if settings.appid else _shows_token(request, taker)
        return found if is_known else None


def _shows_token(request: Request, taker: Taker) -> bool:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    digest = hashlib.sha256(token.strip().encode("latin-1")).hexdigest()
    wanted = taker.entry.token_sha256.lower()
    return scheme.lower() == "bearer" and bool(wanted) and hmac.compare_digest(digest, wanted)


def _shows_secret(request: Request, taker: Taker, settings: HttpPush) -> bool:
    try:
        wanted = read_secret(taker.entry.secret_name)
    except NoSecret:
        return False
    given = request.headers.get(settings.secret_header.lower(), "")
    is_id = request.headers.get(settings.appid_header.lower(), "") == settings.appid
    return is_id and hmac.compare_digest(given.encode("latin-1"), wanted.encode("utf-8"))
