"""`/display/<token>/`: a page in large type for a screen in a public place, which asks again by an HTTP header."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from anlan.dissemination import displays


@never_cache
@require_safe
def screen(request: HttpRequest, token: str) -> HttpResponse:
    shown = displays.look(token)
    if request.method == "GET":
        displays.has_asked(shown)
    page = {"shown": shown, "texts": [displays.text_of(row) for row in shown.rows]}
    response = render(request, "field/display.html", page)
    response["Refresh"] = str(displays.ASK_EVERY_S)
    return response
