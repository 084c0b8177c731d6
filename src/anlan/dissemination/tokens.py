"""Answer-page tokens: a random capability for one seat, signed so that guesses cost no database read."""

from __future__ import annotations

import base64
import hmac
import secrets

from django.conf import settings

#: 128 random bits, then 72 bits of signature: short enough for an SMS.
_RANDOM_BYTES = 16
_SIGNATURE_BYTES = 9


def make_token() -> str:
    """A new token, 34 characters of the URL-safe alphabet."""
    body = secrets.token_bytes(_RANDOM_BYTES)
    return _text(body + _signature(body))


def is_genuine(token: str) -> bool:
    """True when this installation signed it; says nothing about whether it is still valid."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return False
    body, signature = raw[:_RANDOM_BYTES], raw[_RANDOM_BYTES:]
    return _text(raw) == token and hmac.compare_digest(_signature(body), signature)


def answer_url(token: str) -> str:
    """The address that goes out in a message."""
    return f"{settings.ANLAN_BASE_URL}/a/{token}"


def _signature(body: bytes) -> bytes:
    key = settings.SECRET_KEY.encode()
    return hmac.digest(key, b"anlan answer token" + body, "sha256")[:_SIGNATURE_BYTES]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
