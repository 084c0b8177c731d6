"""The door to SensorThings: what answers is loaded with the first question, since it brings geometry along (20 MB a process)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt


@csrf_exempt
def root(request: HttpRequest) -> HttpResponse:
    """The service root."""
    from anlan.api.sensorthings import views

    return views.root(request)


@csrf_exempt
def resource(request: HttpRequest, path: str) -> HttpResponse:
    """Everything below the root."""
    from anlan.api.sensorthings import views

    return views.resource(request, path=path)
