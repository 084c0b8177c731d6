"""Village loudspeakers through the county's emergency broadcast platform: EBD packages of GY/T 384/385 (docs/loudspeakers.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anlan.dissemination.channels import ChannelKind, Manifest, Nature, Proof, register
from anlan.dissemination.channels.routing import RouteKind, RouteSettings, open_routed, register_route

if TYPE_CHECKING:
    import httpx

    from anlan.dissemination.channels.loudspeaker.platform import BroadcastPlatform

LOUDSPEAKER = Manifest(
    code="loudspeaker",
    zh="应急广播大喇叭",
    en="loudspeaker",
    contact_kinds=(),
    proofs=frozenset({Proof.SENT, Proof.DELIVERED}),
    can_be_asked=True,
    carries_links=False,
    rate_per_s=20.0,
    nature=Nature.PLACE,
)


def _open(entry: RouteSettings, _manifest: Manifest, http: httpx.Client) -> BroadcastPlatform:
    from anlan.dissemination.channels.loudspeaker.platform import BroadcastPlatform, read_settings

    return BroadcastPlatform(read_settings(entry), http)


register_route(
    RouteKind(
        code="ebd",
        zh="应急广播平台（EBD）",
        en="emergency broadcast platform (EBD)",
        carries=frozenset({"loudspeaker"}),
        proofs=frozenset({Proof.SENT, Proof.DELIVERED}),
        can_be_asked=True,
        open=_open,
    )
)
register(ChannelKind(LOUDSPEAKER, lambda http: open_routed(LOUDSPEAKER, http)))
