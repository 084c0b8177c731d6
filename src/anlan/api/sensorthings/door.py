"""Who may ask: somebody signed in, or a program with a read token (HTTP Basic as the password, or Bearer)."""

from __future__ import annotations

import base64
import binascii

from django.http import HttpRequest

from anlan.kernel.actor import Actor
from anlan.sensing.queries.readtokens import actor_of_token

_LONGEST = 512


def actor_of(request: HttpRequest) -> Actor | None:
    """None for a stranger. A token that is shown counts alone: a wrong one is not made good by a session."""
    given = request.headers.get("Authorization", "")
    if given:
        return actor_of_token(_token(given))
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by the middleware
    return actor if request.user.is_authenticated else None


def _token(given: str) -> str:
    scheme, _, rest = given[:_LONGEST].partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        name_and_password = base64.b64decode(rest.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return name_and_password.partition(":")[2]
