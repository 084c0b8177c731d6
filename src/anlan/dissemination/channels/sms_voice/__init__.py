"""SMS and voice through the HTTP contract of a phone gateway (docs/phone-gateway.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from anlan.dissemination.channels import ChannelKind, Manifest, Proof, register

if TYPE_CHECKING:
    import httpx

    from anlan.dissemination.channels.sms_voice.gateway import PhoneGateway

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


def _open(manifest: Manifest, http: httpx.Client) -> PhoneGateway:
    from anlan.dissemination.channels.sms_voice.gateway import PhoneGateway  # brings the HTTP client

    return PhoneGateway(manifest, http, settings.ANLAN_PHONE_URL, settings.ANLAN_PHONE_TOKEN)


register(ChannelKind(SMS, lambda http: _open(SMS, http)))
register(ChannelKind(VOICE, lambda http: _open(VOICE, http)))
