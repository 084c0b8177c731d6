"""Warnings by e-mail: what one message holds, and an account that is read by IMAP or POP3.

The account is ANLAN_WARNING_MAIL_URL, for example imaps://yujing%40example.gov.cn@mail.example.gov.cn/INBOX or pop3s://…; its
password is ANLAN_WARNING_MAIL_PASSWORD (or _FILE). A message is marked read (IMAP) or deleted (POP3) only after it is stored;
its Message-ID keeps a repetition from counting. The text, attached XML, JSON and text files are warnings; pictures are not read.
A sender's address can be forged: one that is not listed waits for a person, a listed one acts only where that was said.
"""

from __future__ import annotations

import email
import email.policy
import email.utils
import hashlib
import html
import imaplib
import poplib
import re
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from django.db import IntegrityError, transaction

from anlan.kernel.actor import Actor
from anlan.kernel.refusals import BadSetting
from anlan.warning.incoming import reading
from anlan.warning.services.incoming import MOST_BYTES, run_of_now, take
from anlan.warning.services.incoming_sources import sender_of

#: Bounds on one visit: time for each answer, messages. Engineering choices.
TIMEOUT_S = 20.0
TOGETHER = 20
PARTS_MOST = 20
_BY = Actor(ref="source:mail", name="e-mail")
_ATTACHED = (".xml", ".cap", ".json", ".txt")
_TAGS = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<[^>]+>", re.DOTALL | re.IGNORECASE)
_EXAMPLE = "imaps://name@mail.example.gov.cn/INBOX"


@dataclass(frozen=True, slots=True)
class Parcel:
    """One readable part of a mail."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Account:
    scheme: str
    host: str
    port: int
    user: str
    password: str
    box: str


def account(url: str, password: str, *, setting: str = "ANLAN_WARNING_MAIL_URL") -> Account:
    """The mail account of a URL. Raises `BadSetting` in the name of the setting that holds it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadSetting(name=setting, why=str(error), example=_EXAMPLE) from error
    ports = {"imap": 143, "imaps": 993, "pop3": 110, "pop3s": 995}
    if parts.scheme not in ports or not parts.hostname or not parts.username:
        raise BadSetting(name=setting, why="no mail account", example=_EXAMPLE)
    box = unquote(parts.path.strip("/")) or "INBOX"
    return Account(
        parts.scheme, parts.hostname, port or ports[parts.scheme], unquote(parts.username), password, box
    )


def take_mail(data: bytes, *, reference: str = "") -> int:
    """Every warning part of one mail, in one transaction. Returns how many parts were taken.

    `reference` is used where the mail has no Message-ID. A listed sender's mail without readable text (a photo of a fax) is kept
    for a person to look at; a stranger's is taken only where it reads as a warning.
    """
    message = _parsed(data)
    address = email.utils.parseaddr(str(message.get("From", "")))[1].lower()[:200]
    listed = sender_of("mail", address) if address else None
    name = str(message.get("Message-ID", "")).strip() or reference or hashlib.sha256(data).hexdigest()
    parcels = list(parts_of(message)) or [Parcel("mail", data[: MOST_BYTES // 2])]
    exercise_id, at = run_of_now()
    if listed is None and not any(_is_worth_a_look(one.data, at) for one in parcels):
        return 0  # it stays in the mailbox; a stranger's letter does not ring the duty room
    for attempt in (1, 2):
        try:
            with transaction.atomic():
                for parcel in parcels:
                    take(
                        parcel.data,
                        source="mail",
                        source_name=address if listed is None else listed.name,
                        sender=address,
                        reference=f"{name[:150]}#{parcel.name}",
                        is_listed=listed is not None,
                        may_act=listed is not None and listed.may_act,
                        by=_BY,
                        at=at,
                        exercise_id=exercise_id,
                    )
            return len(parcels)
        except IntegrityError:  # another way in took the same warning in this moment: compare again
            if attempt == 2:
                raise
    return 0


def _is_worth_a_look(data: bytes, at: datetime) -> bool:
    if data.lstrip()[:1] in (b"<", b"{"):
        return True
    return reading.looks_like_a_warning(reading.as_text(data), received_at=at)


def _parsed(data: bytes) -> EmailMessage:
    found = email.message_from_bytes(data, policy=email.policy.default)
    if not isinstance(found, EmailMessage):
        raise ValueError("no mail")
    return found


def parts_of(message: EmailMessage) -> Iterator[Parcel]:
    """The attached messages if there are any, else the text with its subject."""
    attached: list[Parcel] = []
    texts: list[str] = []
    for number, part in enumerate(message.walk()):
        if number >= PARTS_MOST or part.is_multipart():
            continue
        name = (part.get_filename() or "").lower()
        kind = part.get_content_type()
        if name.endswith(_ATTACHED) or kind in ("application/cap+xml", "application/json"):
            data = part.get_payload(decode=True)
            if isinstance(data, bytes) and 0 < len(data) <= MOST_BYTES:
                attached.append(Parcel(f"{number}", data))
        elif kind in ("text/plain", "text/html") and not name:
            texts.append(_text_of(part, kind))
    if attached:
        yield from attached
        return
    plain = next((text for text in texts if text.strip()), "")
    subject = str(message.get("Subject", "")).strip()
    if plain or subject:
        # The subject often repeats the headline; as a line of its own it is read with the text, and compared without it.
        yield Parcel("text", (plain if plain.strip() else subject).encode("utf-8", "replace"))


def _text_of(part: object, kind: str) -> str:
    """The words of a part; an unknown charset is read as GB 18030, which is what it mostly is."""
    raw = part.get_payload(decode=True)  # type: ignore[attr-defined]  # a message part
    data = raw if isinstance(raw, bytes) else b""
    charset = part.get_content_charset() or "utf-8"  # type: ignore[attr-defined]  # a message part
    try:
        text = data.decode(charset)
    except (LookupError, UnicodeDecodeError):
        text = data.decode("gb18030", "replace")
    return html.unescape(_TAGS.sub(" ", text)) if kind == "text/html" else text


#: Lines of the body that are fetched of a message that is too large for a POP3 visit.
CUT_LINES = 400


def visit(
    box: Account, handle: Callable[[bytes], object], *, most_bytes: int = 4 * MOST_BYTES, cut_bytes: int = 0
) -> int:
    """Give every new message of the account to `handle`, which stores it; only then is it marked. Returns how many.

    One larger than `most_bytes` stays where it is, or, with `cut_bytes`, only that much of its beginning is fetched.
    Raises OSError, `imaplib.IMAP4.error` or `poplib.error_proto` when the server does not do as it should.
    """
    if box.scheme.startswith("imap"):
        return _visit_imap(box, handle, most_bytes, cut_bytes)
    return _visit_pop3(box, handle, most_bytes, cut_bytes)


def _visit_imap(box: Account, handle: Callable[[bytes], object], most_bytes: int, cut_bytes: int) -> int:
    server: imaplib.IMAP4
    if box.scheme == "imaps":
        server = imaplib.IMAP4_SSL(
            box.host, box.port, ssl_context=ssl.create_default_context(), timeout=TIMEOUT_S
        )
    else:
        server = imaplib.IMAP4(box.host, box.port, timeout=TIMEOUT_S)
    done = 0
    try:
        server.login(box.user, box.password)
        if server.select(box.box)[0] != "OK":
            raise imaplib.IMAP4.error("no such mailbox")
        _state, found = server.uid("search", "UNSEEN")
        for uid in (found[0] or b"").split()[:TOGETHER]:
            data = _fetched(server, uid.decode(), most_bytes, cut_bytes)
            if data is not None and _handled(handle, data):
                server.uid("store", uid.decode(), "+FLAGS", "(\\Seen)")
                done += 1
    finally:
        _leave(server.logout)
    return done


def _fetched(server: imaplib.IMAP4, uid: str, most_bytes: int, cut_bytes: int) -> bytes | None:
    """The message, without marking it read; of one that is too large its beginning, or nothing."""
    _state, sizes = server.uid("fetch", uid, "(RFC822.SIZE)")
    size = re.search(rb"RFC822\.SIZE (\d+)", b" ".join(part for part in sizes if isinstance(part, bytes)))
    is_large = size is not None and int(size[1]) > most_bytes
    if is_large and not cut_bytes:
        return None
    wanted = f"(BODY.PEEK[]<0.{cut_bytes}>)" if is_large else "(BODY.PEEK[])"
    _state, parts = server.uid("fetch", uid, wanted)
    return next((bytes(part[1]) for part in parts if isinstance(part, tuple)), None)


def _visit_pop3(box: Account, handle: Callable[[bytes], object], most_bytes: int, cut_bytes: int) -> int:
    server: poplib.POP3
    if box.scheme == "pop3s":
        server = poplib.POP3_SSL(box.host, box.port, context=ssl.create_default_context(), timeout=TIMEOUT_S)
    else:
        server = poplib.POP3(box.host, box.port, timeout=TIMEOUT_S)
    done = 0
    try:
        server.user(box.user)
        server.pass_(box.password)
        for line in server.list()[1][:TOGETHER]:
            number, size = (int(part) for part in line.split()[:2])
            if size > most_bytes and not cut_bytes:
                continue
            lines = server.top(number, CUT_LINES)[1] if size > most_bytes else server.retr(number)[1]
            data = b"\r\n".join(lines)
            if _handled(handle, data):
                server.dele(number)
                done += 1
    finally:
        _leave(server.quit)
    return done


def _handled(handle: Callable[[bytes], object], data: bytes) -> bool:
    """A mail that holds nothing to read is done with too: it would be read again for ever."""
    try:
        handle(data)
    except ValueError:
        return True
    return True


def _leave(leave: Callable[[], object]) -> None:
    try:
        leave()
    except (OSError, imaplib.IMAP4.error, poplib.error_proto):
        return
