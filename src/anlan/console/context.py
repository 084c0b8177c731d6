"""What every page's frame shows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def frame(request: HttpRequest) -> dict[str, Any]:
    """The actor and the time of this answer."""
    return {"actor": getattr(request, "actor", None), "now": getattr(request, "now", None)}
