"""SMS over CMPP 2.0 or 3.0 of a Chinese carrier or its agent: the route "cmpp"."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from anlan.dissemination.channels import Manifest, Proof
from anlan.dissemination.channels.routing import Route, RouteKind, RouteSettings, register_route

if TYPE_CHECKING:
    import httpx

    from anlan.dissemination.channels.cmpp.dialect import CmppDialect

#: A carrier that took a message and says nothing for so long is no longer believed. Parameter, engineering choice.
WAITS_FOR_RECEIPT_S = 180.0


def _open(entry: RouteSettings, manifest: Manifest, http: httpx.Client) -> Route:
    from anlan.dissemination.channels.texting.opening import kept_route  # only the worker pays for it

    return kept_route(entry, manifest, dialect_of)


def dialect_of(entry: RouteSettings) -> CmppDialect:
    from anlan.dissemination.channels.cmpp.dialect import Account, CmppDialect
    from anlan.dissemination.channels.cmpp.wire import Version

    versions = {"2.0": Version.V20, "3.0": Version.V30}
    version = versions.get(entry.text("version", "2.0"))
    if version is None:
        raise entry.bad("version is 2.0 or 3.0, in quotation marks")
    user = entry.text("user")
    if len(user) > 6:
        raise entry.bad("user has at most six characters")
    account = Account(
        user=user,
        secret=entry.text("secret"),
        src_id=entry.text("src_id"),
        msg_src=entry.text("msg_src", user),
        service_id=entry.text("service_id", ""),
        fee_user_type=int(entry.number("fee_user_type", 2)),
        fee_type=entry.text("fee_type", "01"),
        fee_code=entry.text("fee_code", "000000"),
    )
    beijing = ZoneInfo("Asia/Shanghai")
    return CmppDialect(account, version, lambda: datetime.now(beijing))


register_route(
    RouteKind(
        code="cmpp",
        zh="运营商短信（CMPP）",
        en="carrier SMS (CMPP)",
        carries=frozenset({"sms"}),
        proofs=frozenset({Proof.SENT, Proof.DELIVERED, Proof.ANSWERED}),
        can_be_asked=True,
        open=_open,
        waits_for_receipt_s=WAITS_FOR_RECEIPT_S,
    )
)
