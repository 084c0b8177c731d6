"""Tells the warning centre by its interface that a warning was passed on (the contract is in docs/incoming-warnings.md)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
from django.conf import settings
from django.db import transaction

from anlan.journal import clocks, leases
from anlan.kernel.actor import system
from anlan.warning.models import BackReport
from anlan.warning.services import back_reports

_BY = system("back_reports")
TIMEOUT_S = 10.0
#: Answers after which the same report is never taken: a person has to tell it another way.
_FINAL = frozenset({400, 401, 403, 404, 409, 410, 413, 422})


class _Answer(msgspec.Struct):
    """`state` "ok" with a receipt number confirms it; what else the centre says is ignored."""

    state: str
    receipt: str = ""
    message: str = ""


class NotTaken(Exception):
    """The centre did not take it; `is_final` when it never will."""

    def __init__(self, why: str, *, is_final: bool = False) -> None:
        super().__init__(why)
        self.is_final = is_final


def body_of(report: BackReport, figures: dict[str, Any]) -> dict[str, Any]:
    """The report as it is sent: whose warning, what we did with it, whom it reached."""
    incoming, warning = report.incoming, report.warning
    return {
        "report_id": str(report.pk),
        "stage": report.stage,
        "identifier": incoming.identifier,
        "sender": incoming.sender,
        "issuer": incoming.issuer,
        "hazard": incoming.hazard or incoming.hazard_words,
        "level": incoming.level,
        "issued_at": None if incoming.issued_at is None else incoming.issued_at.isoformat(),
        "received_at": incoming.received_at.isoformat(),
        "relayed_by": warning.relayed_by,
        "relayed_at": None if warning.issued_at is None else warning.issued_at.isoformat(),
        "state": warning.state,
        "division": warning.division_id,
        "exercise": warning.exercise_id is not None,
        "figures": figures,
    }


def send(client: httpx.Client, report: BackReport, figures: dict[str, Any]) -> _Answer:
    """One POST. The report's id is its key: a repetition counts once. Raises `NotTaken`."""
    url = str(settings.ANLAN_WARNING_CENTRE_URL)
    if urlsplit(url).scheme not in ("http", "https"):
        raise NotTaken("the address is neither http nor https", is_final=True)
    headers = {
        "Authorization": f"Bearer {settings.ANLAN_WARNING_CENTRE_TOKEN}",
        "Idempotency-Key": str(report.pk),
        "Content-Type": "application/json",
    }
    try:
        answer = client.post(url, content=msgspec.json.encode(body_of(report, figures)), headers=headers)
    except httpx.HTTPError as error:
        raise NotTaken(type(error).__name__) from error
    if answer.status_code != 200:
        raise NotTaken(f"HTTP {answer.status_code}", is_final=answer.status_code in _FINAL)
    try:
        said = msgspec.json.decode(answer.content, type=_Answer)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise NotTaken("an answer that is no receipt") from error
    if said.state != "ok":  # 200 with an error inside
        raise NotTaken(f"{said.state}: {said.message}"[:200])
    return said


def tell_due(client: httpx.Client, *, owner: str) -> int:
    """Tell every report whose time has come. Nothing is sent inside a transaction. Returns how many were tried."""
    run = clocks.default_exercise_id()
    rows = leases.due(BackReport, "next_try_at", at=clocks.now(run), exercise_id=run, state="due")
    claimed = leases.claim(rows, owner=owner, wall_now=clocks.wall_now(), limit=10)
    for claim in claimed:
        report = BackReport.objects.select_related("incoming", "warning__division", "division").get(
            pk=claim.pk
        )
        at = clocks.now(run)
        figures = back_reports.figures_of(report.warning, at=at)
        try:
            said = send(client, report, figures)
        except NotTaken as problem:
            with transaction.atomic():
                back_reports.not_told(report, error=str(problem), is_final=problem.is_final, by=_BY, at=at)
        else:
            with transaction.atomic():
                back_reports.told_by_interface(
                    report,
                    figures=figures,
                    receipt=said.receipt,
                    is_confirmed=bool(said.receipt),
                    by=_BY,
                    at=at,
                )
    leases.release(claimed)
    return len(claimed)
