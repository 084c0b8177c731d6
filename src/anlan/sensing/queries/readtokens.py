"""Whom a read token stands for, and the tokens that an administrator sees."""

from __future__ import annotations

import hashlib

from anlan.kernel.actor import Actor, grants
from anlan.places.access import within
from anlan.sensing import rights
from anlan.sensing.models import ReadToken


def actor_of_token(token: str) -> Actor | None:
    """Somebody who sees the token's division and holds no other right; None for an unknown or revoked token.

    The digest is looked up, not compared letter by letter, so the time taken tells nothing about the token.
    """
    if not token:
        return None
    digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
    row = ReadToken.objects.filter(token_sha256=digest, is_active=True).select_related("division").first()
    if row is None:
        return None
    return Actor(
        ref=f"read_token:{row.name}",
        name=row.name,
        grants=grants([rights.SEE_STATIONS], row.division.path),
    )


def read_tokens(actor: Actor) -> list[ReadToken]:
    """Those of the divisions that the actor administers, the ones in use first."""
    found = ReadToken.objects.filter(within(actor, "division__path", rights.MANAGE_STATIONS))
    return list(found.select_related("division").order_by("-is_active", "name"))
