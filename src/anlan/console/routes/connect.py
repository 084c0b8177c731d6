"""Routes of the desk: connectors, receivers and what they carry."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import connect, readtokens, sources

urlpatterns: list[URLPattern] = [
    path("connect/", connect.connect, name="connect"),
    path("connect/rows/", connect.connect_fragment, name="connect_fragment"),
    path("connect/tokens/", readtokens.tokens, name="read_tokens"),
    path("connect/tokens/<uuid:token_id>/revoke/", readtokens.revoke, name="revoke_read_token"),
    path("connect/sources/", sources.sources, name="sources"),
    path("connect/sources/<uuid:ingest_source_id>/", sources.act_on_source, name="act_on_source"),
    path("connect/new/", connect.new_connector, name="new_connector"),
    path("connect/at/<slug:connector_name>/", connect.connector, name="connector"),
    path("connect/at/<slug:connector_name>/stations/", connect.register_proposal, name="register_proposal"),
    path("connect/receivers/new/", connect.new_receiver, name="new_receiver"),
    path("connect/receivers/at/<slug:receiver_name>/", connect.receiver, name="receiver"),
]
