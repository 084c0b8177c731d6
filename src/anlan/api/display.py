"""`/api/display/v1/<token>.json`: what a display shows now (docs/displays.md). The token is the secret."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from anlan.dissemination import displays


@never_cache
@require_safe
def poll(request: HttpRequest, token: str) -> JsonResponse:
    """The texts in force for this display, danger first; asking proves that it has them. A HEAD fetched nothing."""
    shown = displays.look(token)
    if request.method == "GET":
        displays.has_asked(shown)
    return JsonResponse(
        {
            "at": shown.at.isoformat(),
            "ask_again_s": displays.ASK_EVERY_S,
            "outlet": shown.outlet.name,
            "texts": [displays.text_of(row) for row in shown.rows],
        }
    )
