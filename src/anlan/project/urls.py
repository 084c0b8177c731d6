"""Every route by surface."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("anlan.accounts.urls")),
    path("api/", include("anlan.api.urls")),
    path("", include("anlan.field.urls")),
    path("", include("anlan.portal.urls")),
    path("", include("anlan.console.urls")),
]
