"""Where the TAK line listens and with which certificates; off unless a port is named."""

from __future__ import annotations

import ipaddress
import os
import ssl
from dataclasses import dataclass
from pathlib import Path

from anlan.kernel.refusals import BadSetting


@dataclass(frozen=True, slots=True)
class Options:
    """`tls` is None for a plain line, which is allowed on this machine alone: a key would cross the wire for all to read."""

    bind: str
    port: int
    tls: ssl.SSLContext | None = None


def is_on() -> bool:
    return bool(os.environ.get("ANLAN_COT_PORT", "").strip())


def options() -> Options:
    """From the environment. Raises `BadSetting` naming the variable."""
    text = os.environ.get("ANLAN_COT_PORT", "").strip()
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise BadSetting(name="ANLAN_COT_PORT", why=f"{text!r} is not a port", example="8089")
    bind = os.environ.get("ANLAN_COT_BIND", "").strip() or "127.0.0.1"
    tls = _tls()
    if tls is None and not _is_loopback(bind):
        raise BadSetting(
            name="ANLAN_COT_BIND",
            why=f"{bind!r} is reached from outside and the line has no TLS certificate (ANLAN_COT_CERT_FILE, ANLAN_COT_KEY_FILE)",
            example="127.0.0.1",
        )
    return Options(bind, int(text), tls)


def _is_loopback(bind: str) -> bool:
    try:
        return ipaddress.ip_address(bind).is_loopback
    except ValueError:
        return bind == "localhost"


def _tls() -> ssl.SSLContext | None:
    certificate, key = _file("ANLAN_COT_CERT_FILE"), _file("ANLAN_COT_KEY_FILE")
    authority = _file("ANLAN_COT_CA_FILE")
    if certificate is None and key is None and authority is None:
        return None
    if certificate is None or key is None:
        name = "ANLAN_COT_CERT_FILE" if certificate is None else "ANLAN_COT_KEY_FILE"
        raise BadSetting(name=name, why="TLS needs the certificate and its key", example="/etc/anlan/tak.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise BadSetting(
            name="ANLAN_COT_CERT_FILE",
            why=f"certificate and key do not fit ({error})",
            example="/etc/anlan/tak.pem",
        ) from None
    if authority is not None:
        _ask_for_certificates(context, authority)
    return context


def _ask_for_certificates(context: ssl.SSLContext, authority: Path) -> None:
    """A client may show a certificate of this authority; one without shows a key."""
    try:
        context.load_verify_locations(authority)
    except (OSError, ssl.SSLError) as error:
        raise BadSetting(
            name="ANLAN_COT_CA_FILE",
            why=f"it holds no certificates ({error})",
            example="/etc/anlan/tak-ca.pem",
        ) from None
    context.verify_mode = ssl.CERT_OPTIONAL


def _file(name: str) -> Path | None:
    text = os.environ.get(name, "").strip()
    if not text:
        return None
    path = Path(text)
    if not path.is_file():
        raise BadSetting(name=name, why=f"there is no file {text}", example="/etc/anlan/tak.pem")
    return path
