"""The county's own public pages: a text is there as soon as it is in force."""

from __future__ import annotations

from anlan.dissemination.channels import ChannelKind, Manifest, Nature, Proof, register
from anlan.dissemination.channels.addressed import open_addressed

PORTAL = Manifest(
    code="portal",
    zh="公众网站",
    en="public portal",
    contact_kinds=(),
    proofs=frozenset({Proof.SENT}),
    can_be_asked=False,
    carries_links=False,
    rate_per_s=200.0,
    nature=Nature.PLACE,
)
register(ChannelKind(PORTAL, lambda http: open_addressed(PORTAL, http, indoors="page")))
