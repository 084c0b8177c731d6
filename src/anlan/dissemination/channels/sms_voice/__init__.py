"""SMS and voice through the HTTP contract of a phone gateway (docs/phone-gateway.md): the route "phone_gateway"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anlan.dissemination.channels import Manifest, Proof
from anlan.dissemination.channels.routing import RouteKind, RouteSettings, register_route

if TYPE_CHECKING:
    import httpx

    from anlan.dissemination.channels.sms_voice.gateway import PhoneGateway


def _open(entry: RouteSettings, manifest: Manifest, http: httpx.Client) -> PhoneGateway:
    from anlan.dissemination.channels.sms_voice.gateway import PhoneGateway  # brings the HTTP client

    return PhoneGateway(manifest, http, entry.text("url", ""), entry.text("token", ""))


register_route(
    RouteKind(
        code="phone_gateway",
        zh="短信语音网关（HTTP）",
        en="SMS and voice gateway (HTTP)",
        carries=frozenset({"sms", "voice"}),
        proofs=frozenset({Proof.SENT, Proof.DELIVERED, Proof.ANSWERED}),
        can_be_asked=True,
        open=_open,
        # Parameter, assumption: a network tells "sent" or "no answer" within two minutes.
        waits_for_receipt_s=120.0,
    )
)
