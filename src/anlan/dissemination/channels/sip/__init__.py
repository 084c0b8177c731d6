"""Voice calls through a SIP trunk or PBX: the route "sip" of the channel `voice` (docs/voice.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anlan.dissemination.channels import Manifest, Proof
from anlan.dissemination.channels.routing import RouteKind, RouteSettings, register_route

if TYPE_CHECKING:
    import httpx

    from anlan.dissemination.channels.sip.route import SipRoute


def _open(entry: RouteSettings, _manifest: Manifest, _http: httpx.Client) -> SipRoute:
    from anlan.dissemination.channels.sip.route import open_route  # brings asyncio and NumPy

    return open_route(entry)


register_route(
    RouteKind(
        code="sip",
        zh="SIP 中继或交换机",
        en="SIP trunk or PBX",
        carries=frozenset({"voice"}),
        proofs=frozenset({Proof.SENT, Proof.DELIVERED, Proof.ANSWERED}),
        can_be_asked=False,
        open=_open,
        waits_for_receipt_s=180.0,
    )
)
