"""Secrets by name from the environment or from a file that the environment names. Nothing else of the environment can be asked for."""

from __future__ import annotations

import os
from pathlib import Path

from anlan.sensing.connect.settings import is_secret_name


class NoSecret(ValueError):
    """The secret is not set on this machine; the text names it, never its value."""


def read_secret(name: str) -> str:
    """The value of NAME, or the content of the file that NAME_FILE names. Raises NoSecret."""
    if not is_secret_name(name):
        raise NoSecret(f"{name!r} is no name of a secret; it begins with ANLAN_CONNECT_.")
    value = os.environ.get(name)
    if value:
        return value
    path = os.environ.get(f"{name}_FILE")
    if not path:
        raise NoSecret(f"Set {name} or {name}_FILE on the machine of the gateway.")
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise NoSecret(f"The file that {name}_FILE names cannot be read.") from None


def path_of(name: str) -> str | None:
    """A file named by the environment, such as a certificate; None for an empty name. Raises NoSecret."""
    if not name:
        return None
    path = os.environ.get(name) if is_secret_name(name) else None
    if not path or not Path(path).is_file():
        raise NoSecret(f"{name} names no file on the machine of the gateway.")
    return path


def key_bytes(name: str) -> bytes:
    """A key of 16 bytes: 32 hexadecimal digits or 16 characters. Raises NoSecret."""
    text = read_secret(name)
    try:
        data = bytes.fromhex(text) if len(text) == 32 else text.encode()
    except ValueError:
        data = b""
    if len(data) != 16:
        raise NoSecret(f"{name} is no key of 16 bytes.")
    return data
