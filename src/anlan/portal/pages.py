"""Making a public page. Without the request: nothing about the reader can get into what is kept for all."""

from __future__ import annotations

from typing import Any

from django.core.cache import cache
from django.template.loader import render_to_string

from anlan.places.models import Division


def page(template: str, **words: Any) -> bytes:
    return render_to_string(template, {"county": county_name(), **words}).encode()


def county_name() -> str:
    """The county of this node; kept for a minute."""
    name: str | None = cache.get("portal_county_name")
    if name is None:
        name = (
            Division.objects.filter(level="county").order_by("code").values_list("name", flat=True).first()
            or ""
        )
        cache.set("portal_county_name", name, 60)
    return name
