"""Routes of the desk: TAK clients."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import takclients

urlpatterns: list[URLPattern] = [
    path("tak/", takclients.clients, name="tak_clients"),
    path("tak/<uuid:tak_client_id>/revoke/", takclients.revoke, name="revoke_tak_client"),
]
