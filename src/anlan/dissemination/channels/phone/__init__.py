"""SMS and voice, whatever gateway carries them (`routes.json`)."""

from __future__ import annotations

from anlan.dissemination.channels import ChannelKind, Manifest, Proof, register
from anlan.dissemination.channels.routing import open_routed

SMS = Manifest(
    code="sms",
    zh="短信",
    en="SMS",
    contact_kinds=("mobile",),
    proofs=frozenset({Proof.SENT, Proof.DELIVERED, Proof.ANSWERED}),
    can_be_asked=True,
    carries_links=True,
    rate_per_s=500.0,
)
VOICE = Manifest(
    code="voice",
    zh="语音",
    en="voice",
    contact_kinds=("mobile", "landline"),
    proofs=frozenset({Proof.SENT, Proof.DELIVERED, Proof.ANSWERED}),
    can_be_asked=True,
    carries_links=False,
    rate_per_s=500.0,
)

register(ChannelKind(SMS, lambda http: open_routed(SMS, http)))
register(ChannelKind(VOICE, lambda http: open_routed(VOICE, http)))
