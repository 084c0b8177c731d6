"""Digest answers to a challenge (RFC 2617, RFC 8760): MD5 and SHA-256, with or without qop=auth. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

_PART = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^,\s]+))')


class CannotAnswer(ValueError):
    """The challenge asks for something else."""


@dataclass(frozen=True, slots=True)
class Challenge:
    realm: str
    nonce: str
    algorithm: str = "MD5"
    qop: str = ""
    opaque: str = ""


def parse_challenge(value: str) -> Challenge:
    scheme, _, rest = value.strip().partition(" ")
    parts = {name.lower(): quoted or plain for name, quoted, plain in _PART.findall(rest)}
    if scheme.lower() != "digest" or "nonce" not in parts:
        raise CannotAnswer("no_digest")
    algorithm = parts.get("algorithm", "MD5")
    if algorithm.upper() not in _HASHES:
        raise CannotAnswer("algorithm")
    offered = [word.strip() for word in parts.get("qop", "").split(",") if word.strip()]
    if offered and "auth" not in offered:
        raise CannotAnswer("qop")
    return Challenge(
        parts.get("realm", ""), parts["nonce"], algorithm, "auth" if offered else "", parts.get("opaque", "")
    )


def authorization(
    challenge: Challenge, *, user: str, password: str, method: str, uri: str, cnonce: str, count: int = 1
) -> str:
    """The value of Authorization or Proxy-Authorization."""
    digest = _HASHES[challenge.algorithm.upper()]
    first = digest(f"{user}:{challenge.realm}:{password}")
    second = digest(f"{method}:{uri}")
    middle = f":{count:08x}:{cnonce}:auth:" if challenge.qop else ":"
    response = digest(f"{first}:{challenge.nonce}{middle}{second}")
    parts = [
        f'username="{user}"', f'realm="{challenge.realm}"', f'nonce="{challenge.nonce}"', f'uri="{uri}"',
        f'response="{response}"', f"algorithm={challenge.algorithm}",
    ]  # fmt: skip
    if challenge.qop:
        parts += [f'cnonce="{cnonce}"', f"nc={count:08x}", "qop=auth"]
    if challenge.opaque:
        parts.append(f'opaque="{challenge.opaque}"')
    return "Digest " + ", ".join(parts)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


#: MD5 is what trunks ask for; the password never travels, but use a private network or a tunnel.
_HASHES: dict[str, Callable[[str], str]] = {"MD5": _md5, "SHA-256": _sha256}
