"""SMS through a phone with a SIM that fetches its messages: the route "android" (docs/android-gateway.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anlan.dissemination.channels import Manifest, Proof
from anlan.dissemination.channels.routing import Route, RouteKind, RouteSettings, register_route

if TYPE_CHECKING:
    import httpx

#: Networks report to a phone within minutes or never. Parameter, engineering choice.
WAITS_FOR_RECEIPT_S = 300.0


def _open(entry: RouteSettings, manifest: Manifest, http: httpx.Client) -> Route:
    from anlan.dissemination.channels.android.route import AndroidRoute  # needs the database

    return AndroidRoute(entry.name, entry.text("device", ""), entry.number("wait_s", 20.0))


register_route(
    RouteKind(
        code="android",
        zh="插卡手机短信",
        en="SMS by a phone with a SIM",
        carries=frozenset({"sms"}),
        proofs=frozenset({Proof.SENT, Proof.DELIVERED, Proof.ANSWERED}),
        can_be_asked=True,
        open=_open,
        waits_for_receipt_s=WAITS_FOR_RECEIPT_S,
    )
)
