"""SMS over SMPP 3.4, for centres that do not speak CMPP: the route "smpp"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anlan.dissemination.channels import Manifest, Proof
from anlan.dissemination.channels.routing import Route, RouteKind, RouteSettings, register_route

if TYPE_CHECKING:
    import httpx

    from anlan.dissemination.channels.smpp.dialect import SmppDialect

#: A centre that took a message and says nothing for so long is no longer believed. Parameter, engineering choice.
WAITS_FOR_RECEIPT_S = 180.0


def _open(entry: RouteSettings, manifest: Manifest, http: httpx.Client) -> Route:
    from anlan.dissemination.channels.texting.opening import kept_route  # only the worker pays for it

    return kept_route(entry, manifest, dialect_of)


def dialect_of(entry: RouteSettings) -> SmppDialect:
    from anlan.dissemination.channels.smpp.dialect import Account, SmppDialect
    from anlan.dissemination.channels.smpp.receipts import Ids
    from anlan.dissemination.channels.smpp.wire import Address

    ids, alphabet = entry.text("receipt_ids", "same"), entry.text("default_alphabet", "gsm7")
    if ids not in set(Ids):
        raise entry.bad(f"receipt_ids is one of {', '.join(Ids)}")
    if alphabet not in ("gsm7", "ucs2"):
        raise entry.bad("default_alphabet is gsm7 or ucs2")
    source = Address(int(entry.number("ton", 0)), int(entry.number("npi", 1)), entry.text("source"))
    account = Account(
        system_id=entry.text("user"),
        password=entry.text("secret"),
        source=source,
        system_type=entry.text("system_type", ""),
        to_ton=int(entry.number("to_ton", 1)),
        to_npi=int(entry.number("to_npi", 1)),
        has_gsm7=alphabet == "gsm7",
        receipt_ids=Ids(ids),
    )
    return SmppDialect(account)


register_route(
    RouteKind(
        code="smpp",
        zh="短信中心（SMPP）",
        en="SMS centre (SMPP)",
        carries=frozenset({"sms"}),
        proofs=frozenset({Proof.SENT, Proof.DELIVERED, Proof.ANSWERED}),
        can_be_asked=True,
        open=_open,
        waits_for_receipt_s=WAITS_FOR_RECEIPT_S,
    )
)
