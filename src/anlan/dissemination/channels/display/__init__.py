"""Electronic displays: they fetch their page, or a partner's system is pushed to. What was fetched was delivered."""

from __future__ import annotations

from anlan.dissemination.channels import ChannelKind, Manifest, Nature, Proof, register
from anlan.dissemination.channels.addressed import open_addressed

#: Where a text "goes" that waits to be fetched.
PAGE = "page"

DISPLAY = Manifest(
    code="display",
    zh="电子显示屏",
    en="electronic display",
    contact_kinds=(),
    proofs=frozenset({Proof.SENT, Proof.DELIVERED}),
    can_be_asked=False,
    carries_links=False,
    rate_per_s=200.0,
    nature=Nature.PLACE,
)
register(ChannelKind(DISPLAY, lambda http: open_addressed(DISPLAY, http, indoors=PAGE)))
