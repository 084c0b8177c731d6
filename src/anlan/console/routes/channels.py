"""Routes of the desk: channels, filed texts, phones with a SIM."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import channels

urlpatterns: list[URLPattern] = [
    path("channels/", channels.channels, name="channels"),
    path("channels/rows/", channels.channels_fragment, name="channels_fragment"),
    path("channels/test/", channels.test_channel, name="test_channel"),
    path("channels/filings/", channels.sms_filings, name="sms_filings"),
    path("channels/phones/", channels.phones, name="sms_phones"),
]
