"""The register of receivers, and the lower nodes that pass reports up."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.reporting.models import LowerNode, ReportReceiver
from anlan.reporting.parameters import chain_table
from anlan.reporting.refusals import BadReceiver, KnownReceiver
from anlan.reporting.types import ReceiverDetails
from anlan.reporting.words import TIERS, WAYS


def enter_receiver(
    details: ReceiverDetails, *, division: Division, by: Actor, at: datetime
) -> ReportReceiver:
    """Put an office into the register of this county."""
    _check(details)
    if ReportReceiver.objects.filter(code=details.code).exists():
        raise KnownReceiver(code=details.code)
    return ReportReceiver(division=division, **_fields(details)).record(by=by, at=at, kind="entered")


def change_receiver(
    receiver: ReportReceiver, details: ReceiverDetails, *, is_active: bool, by: Actor, at: datetime
) -> ReportReceiver:
    _check(details)
    fields = {**_fields(details), "is_active": is_active, "code": receiver.code}
    return receiver.change(by=by, at=at, kind="changed", fields=fields)


def first_receivers(division: Division, *, by: Actor, at: datetime) -> int:
    """The usual offices of a county that has none yet; ways without address are by hand."""
    if ReportReceiver.objects.exists():
        return 0
    for one in chain_table().receivers:
        details = ReceiverDetails(
            name=one.zh,
            code=one.code,
            tier=one.tier,
            ways=tuple((way, "") for way in one.ways),
            classes=tuple(one.classes),
            from_grade=one.from_grade,
        )
        enter_receiver(details, division=division, by=by, at=at)
    return len(chain_table().receivers)


def enter_node(name: str, *, division: Division, by: Actor, at: datetime) -> tuple[LowerNode, str]:
    """A lower node with a new token, which is told once and kept as its digest."""
    if not name.strip():
        raise BadReceiver
    if LowerNode.objects.filter(name=name.strip()).exists():
        raise KnownReceiver(code=name.strip())
    token = secrets.token_urlsafe(32)
    row = LowerNode(name=name.strip()[:80], division=division, token_sha256=digest(token))
    return row.record(by=by, at=at, kind="entered"), token


def stop_node(node: LowerNode, *, by: Actor, at: datetime) -> LowerNode:
    return node.change(by=by, at=at, kind="stopped", is_active=False)


def node_of(token: str) -> LowerNode | None:
    rows = LowerNode.objects.filter(token_sha256=digest(token), is_active=True)
    return rows.select_related("division").first()


def digest(token: str) -> str:
    return hashlib.sha256(token.strip().encode("utf-8", "surrogateescape")).hexdigest()


def _check(details: ReceiverDetails) -> None:
    if not details.name.strip() or details.tier not in TIERS or not details.ways or not details.code:
        raise BadReceiver
    for way, address in details.ways:
        if way not in WAYS or way == "system":
            raise BadReceiver
        if way == "api" and (
            urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).hostname
        ):
            raise BadReceiver
        if way == "email" and ("@" not in address or any(one.isspace() for one in address)):
            raise BadReceiver


def _fields(details: ReceiverDetails) -> dict[str, Any]:
    return {
        "name": details.name.strip()[:80],
        "code": details.code,
        "tier": details.tier,
        "ways": [{"way": way, "address": address.strip()[:200]} for way, address in details.ways],
        "classes": list(details.classes),
        "from_grade": details.from_grade,
    }
