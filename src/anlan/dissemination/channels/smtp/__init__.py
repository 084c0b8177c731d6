"""E-mail. Slow and easily overlooked: it backs up the other channels and reaches offices."""

from __future__ import annotations

import smtplib
import ssl
import time
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings

from anlan.dissemination.channels import (
    Asked,
    ChannelDown,
    ChannelKind,
    ChannelRefused,
    ChannelUncertain,
    Handed,
    Manifest,
    Message,
    Proof,
    Trace,
    register,
)
from anlan.kernel.refusals import BadSetting

if TYPE_CHECKING:
    import httpx

#: Engineering choice; shorter than a lease.
TIMEOUT_S = 10.0
_EXAMPLE = "smtp://name:password@mail.example.gov.cn:587?from=yingji@example.gov.cn&starttls=1"

EMAIL = Manifest(
    code="email",
    zh="邮件",
    en="e-mail",
    contact_kinds=("email",),
    proofs=frozenset({Proof.SENT}),
    can_be_asked=False,
    carries_links=True,
    rate_per_s=20.0,
)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail goes; read from ANLAN_SMTP_URL."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    is_tls: bool = False
    starts_tls: bool = False


def parse_url(url: str) -> MailServer:
    """`smtp://` or `smtps://`, with `from` and optionally `starttls=1`. A bad value raises `BadSetting`."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    sender = query.get("from", [""])[0]
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or "@" not in sender:
        raise BadSetting(
            name="ANLAN_SMTP_URL", why="it needs smtp:// or smtps://, a host and from=", example=_EXAMPLE
        )
    is_tls = parts.scheme == "smtps"
    return MailServer(
        host=parts.hostname,
        port=parts.port or (465 if is_tls else 25),
        sender=sender,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        is_tls=is_tls,
        starts_tls=query.get("starttls", ["0"])[0] == "1",
    )


class MailChannel:
    """One connection a message: mail is rare here, and a kept connection would outlive its server's patience."""

    manifest = EMAIL

    def __init__(self, server: MailServer | None) -> None:
        self._server = server

    def send(self, message: Message) -> Handed:
        if self._server is None:
            raise ChannelDown("not_configured")
        try:
            connection = self._connect(self._server)
        except (OSError, smtplib.SMTPException) as error:
            raise ChannelDown(type(error).__name__) from error
        try:
            self._address(connection, self._server, message)
            return self._hand_over(connection, self._server, message)
        finally:
            connection.close()

    def ask(self, send_key: str, *, route: str = "") -> Asked:
        return Asked(Trace.CANNOT_TELL)

    def _connect(self, server: MailServer) -> smtplib.SMTP:
        if server.is_tls:
            context = ssl.create_default_context()
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=TIMEOUT_S, context=context
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
        if server.starts_tls:
            connection.starttls(context=ssl.create_default_context())
        if server.user:
            connection.login(server.user, server.password)
        connection.ehlo_or_helo_if_needed()
        return connection

    def _address(self, connection: smtplib.SMTP, server: MailServer, message: Message) -> None:
        """Sender and recipient; nothing of the message has left yet."""
        try:
            _accept(connection.mail(server.sender))
            _accept(connection.rcpt(message.address))
        except (OSError, smtplib.SMTPException) as error:
            raise ChannelDown(type(error).__name__) from error

    def _hand_over(self, connection: smtplib.SMTP, server: MailServer, message: Message) -> Handed:
        """A server that is lost after the first byte of the text may have taken it."""
        try:
            _accept(connection.data(_letter(server, message)))
        except smtplib.SMTPDataError as error:
            _accept((error.smtp_code, b""))
            raise ChannelDown(f"smtp_{error.smtp_code}") from error
        except (OSError, smtplib.SMTPException) as error:
            raise ChannelUncertain(type(error).__name__) from error
        return Handed(message.send_key, time.time())


def _accept(reply: tuple[int, bytes]) -> None:
    """2xx goes on, 4xx is "try later", 5xx is "never"."""
    status = reply[0]
    if 200 <= status < 300:
        return
    if status >= 500:
        raise ChannelRefused(f"smtp_{status}")
    raise ChannelDown(f"smtp_{status}")


def _letter(server: MailServer, message: Message) -> bytes:
    """The send key is the Message-ID, so that a mailbox can drop a repeat."""
    letter = EmailMessage(policy=SMTP)
    letter["From"] = server.sender
    letter["To"] = message.address
    letter["Subject"] = " ".join(message.title.split()) or "安澜叫应"
    letter["Message-ID"] = f"<{message.send_key}@{server.sender.rpartition('@')[2]}>"
    letter.set_content(message.text)
    return letter.as_bytes()


def _open(_http: httpx.Client) -> MailChannel:
    url = settings.ANLAN_SMTP_URL
    return MailChannel(parse_url(url) if url else None)


register(ChannelKind(EMAIL, _open))
