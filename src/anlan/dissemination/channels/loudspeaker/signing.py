"""SM2 with SM3 behind a small interface, so that a county's signing machine can take its place (GY/T 389)."""

from __future__ import annotations

import base64
import re
import secrets
from dataclasses import dataclass
from typing import Any, Protocol

from anlan.dissemination.channels.routing import RouteSettings

ALGORITHM = "SM2-SM3"
#: Order of the group of GB/T 32918.5.
_ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_PRIVATE = re.compile(r"[0-9A-Fa-f]{64}")
_PUBLIC = re.compile(r"[0-9A-Fa-f]{128}")


def _machine(private: str, public: str) -> Any:  # the library has no types
    from gmssl import sm2  # slow to import and only needed here

    machine = sm2.CryptSM2(private_key=private, public_key=public)
    machine.public_key = public  # it strips zeros and fours off a key that begins with 04
    return machine


def _in_range(raw: bytes) -> bool:
    """Both halves of a signature lie in 1 … n-1; the library does not look."""
    return all(0 < int.from_bytes(half, "big") < _ORDER for half in (raw[:32], raw[32:]))


class Signer(Protocol):
    """Signs the bytes of one file; `certificate` is the number that the receiver looks the key up by."""

    @property
    def certificate(self) -> str: ...

    def sign(self, data: bytes) -> str: ...


class Verifier(Protocol):
    """Whether somebody with this certificate number signed these bytes; an unknown number is never good."""

    def verify(self, data: bytes, signature: str, certificate: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class SoftSigner:
    """With the key in a file, in pure Python: some 30 ms a signature. The user id is the default of GB/T 32918.

    `private` is 64 hexadecimal digits, `public` 128 (x then y).
    """

    certificate: str
    private: str
    public: str

    def sign(self, data: bytes) -> str:
        """Base64 of r and s, 32 bytes each."""
        machine = _machine(self.private, self.public)
        while True:
            # The library's own random numbers come from a generator that can be guessed; the key would follow from two.
            made = machine.sign_with_sm3(data, f"{1 + secrets.randbelow(_ORDER - 1):064x}")
            if made is not None:
                return base64.b64encode(bytes.fromhex(made)).decode()


@dataclass(frozen=True, slots=True)
class KnownKeys:
    """Public keys by certificate number, from `routes.json`."""

    keys: dict[str, str]

    def verify(self, data: bytes, signature: str, certificate: str) -> bool:
        public = self.keys.get(certificate)
        try:
            raw = base64.b64decode(signature, validate=True)
        except ValueError:
            return False
        if public is None or len(raw) != 64:
            return False
        try:
            return _in_range(raw) and bool(_machine("", public).verify_with_sm3(raw.hex(), data))
        except (ValueError, TypeError, IndexError):
            return False


def signer_of(entry: RouteSettings) -> Signer:
    """From `certificate`, `private_key_file` and `public_key` of a route."""
    private, public = entry.text("private_key"), entry.text("public_key")
    if not _PRIVATE.fullmatch(private) or not _PUBLIC.fullmatch(public):
        raise entry.bad("private_key needs 64 hexadecimal digits and public_key 128")
    return SoftSigner(entry.text("certificate"), private, public)


def verifier_of(entry: RouteSettings) -> Verifier:
    """From `peers`: certificate number → public key."""
    raw = entry.values.get("peers", {})
    if not isinstance(raw, dict) or not all(_PUBLIC.fullmatch(str(key)) for key in raw.values()):
        raise entry.bad("peers maps certificate numbers to public keys of 128 hexadecimal digits")
    return KnownKeys({str(number): str(key) for number, key in raw.items()})
