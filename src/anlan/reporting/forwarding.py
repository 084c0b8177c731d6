"""Hands reports to other nodes over HTTP and to mail servers. A worker's thread; nothing is sent inside a transaction.

One report is one key (`Idempotency-Key` is its id): when an answer is lost, the next try brings the same key and the peer says
`"repeated": true` with the time at which it first took it, which is the time that meets the clock. Mail has no such key:
a letter that was cut off by a crash is sent again under the same Message-ID and shown as possibly twice.
"""

from __future__ import annotations

import smtplib
import uuid
from datetime import datetime
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.db import transaction

from anlan.journal import clocks, leases
from anlan.kernel.actor import system
from anlan.kernel.clock import parse_instant
from anlan.kernel.refusals import Refusal
from anlan.reporting import content
from anlan.reporting.models import ReportDelivery
from anlan.reporting.services import hand_over, not_forwarded
from anlan.reporting.types import ReportContent

if TYPE_CHECKING:
    import httpx

_BY = system("forwarding")
TIMEOUT_S = 10.0
#: Answers after which the same report is never taken: a person sends it another way.
_FINAL = frozenset({400, 401, 403, 404, 405, 410, 413, 422})


class _Answer(msgspec.Struct):
    """What a peer says: its own id for the report, and when it took it first. Everything else is ignored."""

    id: str
    received_at: str = ""
    repeated: bool = False


#: Receipt of a report that a drill beside reality "sent": nothing left the house.
INDOORS = "exercise"


class NotTaken(Exception):
    """The peer did not take it; `is_final` when it never will."""

    def __init__(self, why: str, *, is_final: bool = False) -> None:
        super().__init__(why)
        self.is_final = is_final


def forward_due(client: httpx.Client, *, owner: str) -> int:
    """Try every delivery by machine whose time has come, in reality and in each drill. Returns how many were tried."""
    count = 0
    for run in clocks.active_runs():
        with clocks.entered(run.exercise_id):
            count += _forward_of(client, run.exercise_id, owner=owner)
    return count


def _forward_of(client: httpx.Client, run: uuid.UUID | None, *, owner: str) -> int:
    rows = leases.due(ReportDelivery, "next_try_at", at=clocks.now(run), exercise_id=run, state="waiting")
    claimed = leases.claim(rows, owner=owner, wall_now=clocks.wall_now(), limit=10)
    for claim in claimed:
        delivery = _loaded(claim)
        if delivery is not None:
            _forward(client, delivery, run)
    leases.release(claimed)
    return len(claimed)


def _loaded(claim: ReportDelivery) -> ReportDelivery | None:
    rows = ReportDelivery.objects.select_related(
        "report__incident", "report__division", "report__former", "receiver"
    )
    return rows.filter(pk=claim.pk, state="waiting", next_try_at__isnull=False).first()


def _forward(client: httpx.Client, delivery: ReportDelivery, run: Any) -> None:
    """The try is written down before anything leaves, so that a crash in between is known afterwards."""
    at = clocks.now(run)
    was_cut_off = delivery.attempts > 0 and not delivery.error
    with transaction.atomic():
        delivery.change(
            by=_BY,
            at=at,
            kind="trying",
            attempts=delivery.attempts + 1,
            first_try_at=delivery.first_try_at or at,
            error="",
            is_doubtful=delivery.is_doubtful or (was_cut_off and delivery.way == "email"),
        )
    try:
        receipt, handed_at = _send(client, delivery, at)
    except NotTaken as problem:
        with transaction.atomic():
            not_forwarded(
                delivery, error=str(problem) or "?", is_final=problem.is_final, by=_BY, at=clocks.now(run)
            )
        return
    with transaction.atomic():
        hand_over(delivery, handed_at=handed_at, receipt=receipt, by=_BY, at=clocks.now(run))


def _send(client: httpx.Client, delivery: ReportDelivery, at: datetime) -> tuple[str, datetime]:
    if clocks.stays_indoors(delivery.exercise_id):
        return INDOORS, at
    if delivery.way == "email":
        return _mail(delivery), at
    return post(client, delivery, at=at)


def post(client: httpx.Client, delivery: ReportDelivery, *, at: datetime) -> tuple[str, datetime]:
    """One POST. Returns the peer's id and the true time of taking. Raises `NotTaken`."""
    import httpx

    if urlsplit(delivery.address).scheme not in ("http", "https"):
        raise NotTaken("the address is neither http nor https", is_final=True)
    body = payload(content.report_content(delivery.report, at=at), key=str(delivery.report_id))
    headers = {
        "Authorization": f"Bearer {token_of(delivery)}",
        "Idempotency-Key": str(delivery.report_id),
        "Content-Type": "application/json",
    }
    try:
        answer = client.post(delivery.address, content=msgspec.json.encode(body), headers=headers)
    except httpx.HTTPError as error:
        raise NotTaken(type(error).__name__) from error
    if answer.status_code not in (200, 201):
        raise NotTaken(f"HTTP {answer.status_code}", is_final=answer.status_code in _FINAL)
    try:
        said = msgspec.json.decode(answer.content, type=_Answer)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise NotTaken("an answer that is no receipt") from error
    return said.id[:80], _when_taken(said, delivery, clocks.now(delivery.exercise_id))


def _when_taken(said: _Answer, delivery: ReportDelivery, now: datetime) -> datetime:
    """The peer's own time where it is between our first try and now; its clock may be wrong, ours then counts."""
    try:
        taken = parse_instant(said.received_at)
    except ValueError:
        return now
    earliest = delivery.first_try_at or now
    return taken if earliest <= taken <= now else now


def token_of(delivery: ReportDelivery) -> str:
    """Tokens of receivers lie among the settings (ANLAN_REPORT_TOKENS: code=token, separated by commas), never in the database."""
    known = dict(
        one.strip().split("=", 1) for one in str(settings.ANLAN_REPORT_TOKENS).split(",") if "=" in one
    )
    return known.get(delivery.receiver.code, "") if delivery.receiver is not None else ""


def payload(report: ReportContent, *, key: str) -> dict[str, Any]:
    """The report as it travels between nodes (docs/reporting.md)."""
    return {
        "id": key,
        "kind": report.kind,
        "serial": report.serial,
        "number": report.number,
        "title": report.title,
        "from": {"division": report.division.code, "name": report.division.name},
        "division": report.division.code,
        "incident": report.incident_number,
        "event_type": report.event_type,
        "grade": report.grade,
        "sensitive": report.is_sensitive,
        "direct": report.is_direct,
        "exercise": report.is_exercise,
        "known_at": _iso(report.known_at),
        "occurred_at": _iso(report.occurred_at),
        "signed_at": _iso(report.signed_at),
        "signer": report.signer,
        "elements": {one.code: one.words for one in report.elements if one.words},
        "unknown": [one.code for one in report.elements if one.is_unknown],
        "missing": [one.code for one in report.elements if one.is_missing],
        "figures": [
            {
                "code": one.code,
                "value": f"{one.value:f}",
                "source": one.source,
                "as_of": one.as_of.isoformat(),
                "verified": one.is_verified,
            }
            for one in report.figures
        ],
        "text": report.text,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def letter(delivery: ReportDelivery, *, at: datetime) -> EmailMessage:
    """The report as a letter: the text, and the structure as a file that the other side can import."""
    from anlan.dissemination.channels.smtp import parse_url

    report = content.report_content(delivery.report, at=at)
    server = parse_url(str(settings.ANLAN_SMTP_URL)) if settings.ANLAN_SMTP_URL else None
    message = EmailMessage()
    message["Subject"] = f"{'【演练】' if report.is_exercise else ''}{report.title}（{report.kind_zh}）"
    if server is not None:
        message["From"] = server.sender
    message["To"] = delivery.address
    message["Message-ID"] = f"<{delivery.report_id}.{delivery.pk}@{settings.ANLAN_NODE}.anlan>"
    message.set_content(report.text)
    message.add_attachment(
        msgspec.json.encode(payload(report, key=str(delivery.report_id))),
        maintype="application",
        subtype="json",
        filename="report.json",
    )
    return message


def _mail(delivery: ReportDelivery) -> str:
    """Over ANLAN_SMTP_URL; without one a person sends the letter from the page."""
    from anlan.dissemination.channels.smtp import parse_url

    if not settings.ANLAN_SMTP_URL:
        raise NotTaken("no mail server is set", is_final=True)
    try:
        server = parse_url(str(settings.ANLAN_SMTP_URL))
        message = letter(delivery, at=clocks.now(delivery.exercise_id))
        kind = smtplib.SMTP_SSL if server.is_tls else smtplib.SMTP
        with kind(server.host, server.port, timeout=TIMEOUT_S) as smtp:
            if server.starts_tls:
                smtp.starttls()
            if server.user:
                smtp.login(server.user, server.password)
            smtp.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        raise NotTaken("the address was refused", is_final=True) from error
    except (OSError, smtplib.SMTPException) as error:
        raise NotTaken(type(error).__name__) from error
    except Refusal as problem:
        raise NotTaken(problem.code, is_final=True) from problem
    return str(message["Message-ID"])[:80]
