"""Hands shared incidents to partners over HTTP (docs/partners.md). A worker's thread; nothing is sent inside a transaction.

One share and its present request are one key, so that a lost answer and the next try are one thing for the partner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.db import transaction

from anlan.incidents.models import Incident
from anlan.incidents.queries import rolling_of
from anlan.journal import clocks, leases
from anlan.kernel.actor import system
from anlan.response.models import PartnerShare
from anlan.response.parameters import Partner
from anlan.response.refusals import UnknownPartner
from anlan.response.services.sharing import note_not_sent, note_sent, partner_named

if TYPE_CHECKING:
    import httpx

_BY = system("partners")
#: Answers after which the same thing is never taken: people phone.
_FINAL = frozenset({400, 401, 403, 404, 405, 410, 413, 422})


class _Answer(msgspec.Struct):
    """What a partner says: its own number for the incident. Everything else is ignored."""

    number: str = ""


class NotTaken(Exception):
    """The partner did not take it; `is_final` when it never will."""

    def __init__(self, why: str, *, is_final: bool = False) -> None:
        super().__init__(why)
        self.is_final = is_final


def share_due(client: httpx.Client, *, owner: str) -> int:
    """Try every share whose time has come. Returns how many were tried.

    Drills never leave the house: in an exercise the try is written down as refused by ourselves.
    """
    run = clocks.default_exercise_id()
    rows = leases.due(PartnerShare, "send_at", at=clocks.now(run), exercise_id=run)
    claimed = leases.claim(rows, owner=owner, wall_now=clocks.wall_now(), limit=10)
    for claim in claimed:
        _forward(client, claim)
    leases.release(claimed)
    return len(claimed)


def _forward(client: httpx.Client, claim: PartnerShare) -> None:
    row = _loaded(claim)
    if row is None:
        return
    with transaction.atomic():
        row.change(by=_BY, at=clocks.now(row.exercise_id), kind="trying", attempts=row.attempts + 1)
    try:
        number = post(client, row)
    except NotTaken as problem:
        with transaction.atomic():
            fresh = PartnerShare.objects.get(pk=row.pk)
            note_not_sent(
                fresh, error=str(problem), is_final=problem.is_final, by=_BY, at=clocks.now(row.exercise_id)
            )
        return
    with transaction.atomic():
        fresh = PartnerShare.objects.get(pk=row.pk)
        if fresh.asked_at == row.asked_at:  # else somebody asked meanwhile, and that goes out next
            note_sent(fresh, number=number, by=_BY, at=clocks.now(row.exercise_id))


def _loaded(claim: PartnerShare) -> PartnerShare | None:
    rows = PartnerShare.objects.select_related("incident", "incident__division")
    return rows.filter(pk=claim.pk, send_at__isnull=False).first()


def post(client: httpx.Client, row: PartnerShare) -> str:
    """One POST. Returns the partner's own number. Raises `NotTaken`."""
    import httpx

    if row.exercise_id is not None:
        raise NotTaken("a drill does not leave the house", is_final=True)
    try:
        face = partner_named(row.partner)
    except UnknownPartner as problem:
        raise NotTaken(problem.code, is_final=True) from problem
    if urlsplit(face.address).scheme not in ("http", "https"):
        raise NotTaken("the address is neither http nor https", is_final=True)
    headers = {
        "Authorization": f"Bearer {token_of(face)}",
        "Idempotency-Key": key_of(row),
        "Content-Type": "application/json",
    }
    try:
        answer = client.post(face.address, content=msgspec.json.encode(payload(row)), headers=headers)
    except httpx.HTTPError as error:
        raise NotTaken(type(error).__name__) from error
    if answer.status_code not in (200, 201, 202):
        raise NotTaken(f"HTTP {answer.status_code}", is_final=answer.status_code in _FINAL)
    try:
        return msgspec.json.decode(answer.content or b"{}", type=_Answer).number
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise NotTaken("an answer that is no receipt") from error


def key_of(row: PartnerShare) -> str:
    asked = "" if row.asked_at is None else f"-{int(row.asked_at.timestamp())}"
    return f"{row.key}{asked}"


def token_of(face: Partner) -> str:
    """Tokens of partners lie among the settings (ANLAN_PARTNER_TOKENS: code=token, separated by commas), never in the database."""
    given = str(getattr(settings, "ANLAN_PARTNER_TOKENS", ""))
    known = dict(one.strip().split("=", 1) for one in given.split(",") if "=" in one)
    return known.get(face.code, "")


def payload(row: PartnerShare) -> dict[str, Any]:
    """The incident as it travels to a partner (docs/partners.md). Times are ISO 8601 with an offset; figures are as counted."""
    incident = row.incident
    return {
        "key": row.key,
        "request": "respond" if row.asked_at is not None else "inform",
        "request_words": row.asked_words,
        "number": incident.number,
        "title": incident.title,
        "event_type": incident.event_type,
        "grade": incident.grade,
        "kind": incident.kind,
        "place": {
            "code": incident.division_id,
            "name": incident.division.name,
            "words": incident.place_words,
        },
        "lon": incident.lon,
        "lat": incident.lat,
        "occurred_at": _iso(incident.occurred_at),
        "known_at": _iso(incident.known_at),
        "figures": _figures(incident),
        "shared_at": _iso(row.shared_at),
        "asked_at": _iso(row.asked_at),
    }


def _figures(incident: Incident) -> list[dict[str, Any]]:
    return [
        {"code": code, "value": f"{one.value:f}", "as_of": one.as_of.isoformat(), "verified": one.is_verified}
        for code, one in rolling_of(incident).items()
    ]


def _iso(moment: Any) -> str | None:
    return None if moment is None else moment.isoformat()
