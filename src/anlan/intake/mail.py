"""Messages of departments by e-mail: one letter is one message, its pictures and papers are kept with it.

The account is ANLAN_INTAKE_MAIL_URL (imaps://…, pop3s://…), its password ANLAN_INTAKE_MAIL_PASSWORD (or _FILE). A letter is marked
read only after it is stored; its Message-ID keeps a repetition from counting. An attachment that cannot be kept (too large, with
macros, unknown) is refused with one sentence in the steps; the letter itself is kept in any case. A sender's address can be
forged: one that is not listed is taken as "other" and marked as not listed.
"""

from __future__ import annotations

import email
import email.policy
import email.utils
import hashlib
import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage

from django.db import IntegrityError, transaction

from anlan.attachments import services as attachments
from anlan.attachments.refusals import TooLarge
from anlan.intake.files import keep_file
from anlan.intake.guessing import guess_type, read_figures
from anlan.intake.models import Intake, IntakeSender
from anlan.intake.services import sender_of, take_intake
from anlan.intake.services.steps import add_step
from anlan.intake.services.taking import SLACK
from anlan.intake.types import IntakeDetails
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import Refusal
from anlan.places.models import Division
from anlan.vocab.incidents import Informant
from anlan.warning.incoming import mail as mailbox

#: Bounds on one letter. Engineering choices: a film of a minute with the third that base64 adds, and what is read of a larger one.
MOST_BYTES = attachments.MOST_FILM_BYTES * 4 // 3 + 1024 * 1024
CUT_BYTES = 256 * 1024
PARTS_MOST = 20
FILES_MOST = 10
_TEXT_MOST = 6_000
_BY = Actor(ref="source:mail", name="邮件")
_TAGS = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<[^>]+>", re.DOTALL | re.IGNORECASE)


def visit_account(url: str, password: str) -> int:
    """Every new letter of the account. Returns how many."""
    box = mailbox.account(url, password, setting="ANLAN_INTAKE_MAIL_URL")
    return mailbox.visit(box, take_mail, most_bytes=MOST_BYTES, cut_bytes=CUT_BYTES)


def take_mail(data: bytes, *, reference: str = "", is_cut: bool | None = None) -> Intake | None:
    """Keep one letter once. None for a letter without any words.

    `is_cut`: only its beginning is here, because the whole is too large.
    """
    message = _parsed(data)
    cut = len(data) == CUT_BYTES if is_cut is None else is_cut
    address = email.utils.parseaddr(str(message.get("From", "")))[1].lower()[:200]
    sender = sender_of("mail", address) if address else None
    text = _words(message)
    if not text:
        return None
    name = str(message.get("Message-ID", "")).strip() or reference or hashlib.sha256(data).hexdigest()
    run = clocks.default_exercise_id()
    at = clocks.now(run)
    details = _details(message, text, name, address, sender, at)
    for attempt in (1, 2):
        try:
            with transaction.atomic():
                intake, is_new = take_intake(details, sender=sender, by=_BY, at=at, exercise_id=run)
                if is_new:
                    _keep_files(intake, message, is_cut=cut, at=at)
            return intake
        except IntegrityError:  # another way in took the same letter in this moment
            if attempt == 2:
                raise
    return None


def _details(
    message: EmailMessage, text: str, name: str, address: str, sender: IntakeSender | None, at: datetime
) -> IntakeDetails:
    shown = email.utils.parseaddr(str(message.get("From", "")))[0].strip() or address.partition("@")[0]
    return IntakeDetails(
        source=sender.source if sender is not None else Informant.OTHER.value,
        sender_name=sender.name if sender is not None else f"{shown[:60]}（未登记邮箱）",
        reference=hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:48],
        text=text,
        received_at=_sent_at(message, at),
        division=_place_of(sender),
        event_type=guess_type(text),
        figures=read_figures(text),
    )


def _sent_at(message: EmailMessage, at: datetime) -> datetime:
    """When it was sent, as the letter says, where that is believable: the legal clock must not run from a mail server's delay."""
    try:
        sent = email.utils.parsedate_to_datetime(str(message.get("Date", "")))
    except (ValueError, TypeError, IndexError):
        return at
    sent = sent.replace(tzinfo=UTC) if sent.tzinfo is None else sent.astimezone(UTC)
    return at if sent > at + SLACK or (at - sent).days >= 1 else min(sent, at)


def _place_of(sender: IntakeSender | None) -> Division | None:
    """A township's letter is about that township until somebody says better; a department's is about the county at large."""
    if sender is None or sender.division.level not in ("township", "village", "enterprise"):
        return None
    return sender.division


def _parsed(data: bytes) -> EmailMessage:
    found = email.message_from_bytes(data, policy=email.policy.default)
    if not isinstance(found, EmailMessage):
        raise ValueError("no mail")
    return found


def _words(message: EmailMessage) -> str:
    """The subject and the plain text of the letter."""
    texts = [
        _text_of(part) for part, name in _parts(message) if not name and part.get_content_maintype() == "text"
    ]
    body = next((text.strip() for text in texts if text.strip()), "")
    subject = str(message.get("Subject", "")).strip()
    return "\n".join(part for part in (subject, body) if part)[:_TEXT_MOST]


def _parts(message: EmailMessage) -> Iterator[tuple[EmailMessage, str]]:
    for number, part in enumerate(message.walk()):
        if number >= PARTS_MOST:
            return
        if not part.is_multipart() and isinstance(part, EmailMessage):
            yield part, str(part.get_filename() or "")


def _text_of(part: EmailMessage) -> str:
    """The words of a part; an unknown charset is read as GB 18030, which is what it mostly is."""
    raw = part.get_payload(decode=True)
    data = raw if isinstance(raw, bytes) else b""
    try:
        text = data.decode(part.get_content_charset() or "utf-8")
    except (LookupError, UnicodeDecodeError):
        text = data.decode("gb18030", "replace")
    return html.unescape(_TAGS.sub(" ", text)) if part.get_content_subtype() == "html" else text


def _keep_files(intake: Intake, message: EmailMessage, *, is_cut: bool, at: datetime) -> None:
    if is_cut:
        refusal = TooLarge(limit_mb=attachments.MOST_FILM_BYTES // 1024 // 1024)
        add_step(intake, "refused", words=f"附件未收：{_sentence(refusal)}", by=_BY, at=at)
        return
    kept = 0
    for part, name in _parts(message):
        raw = part.get_payload(decode=True)
        if not name and part.get_content_maintype() == "text":
            continue
        if not isinstance(raw, bytes) or not raw or kept >= FILES_MOST:
            continue
        try:
            keep_file(intake, [raw], name=name, by=_BY, at=at)
            kept += 1
        except Refusal as refusal:
            add_step(intake, "refused", words=f"附件“{name[:60]}”未收：{_sentence(refusal)}", by=_BY, at=at)


def _sentence(refusal: Refusal) -> str:
    """In Chinese, since it is kept: what is stored has one language."""
    from django.utils import translation
    from django.utils.translation import gettext

    from anlan.kernel.refusals import fill

    with translation.override("zh-hans"):
        return fill(gettext(refusal.text), refusal.data)
