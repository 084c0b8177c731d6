"""GeoJSON for the map island, narrowed to the jurisdiction; a layer that did not change is not sent again."""

from __future__ import annotations

import hashlib
import uuid

from django.http import HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language

from anlan.console import layers
from anlan.console.views.base import DeskRequest, desk, shared
from anlan.dissemination.access import access_callout
from anlan.kernel.refusals import NotFound
from anlan.places.rivers import read_rivers
from anlan.risk import maplayers as risk_layers
from anlan.sensing import maplayers
from anlan.sensing.maplayers import MapLayer
from anlan.sensing.queries import hot_reader

_TYPE = "application/geo+json"


@desk
def divisions(request: DeskRequest) -> HttpResponse:
    """Boundaries of the jurisdiction, simplified."""
    return answer_layer(request, maplayers.divisions(request.actor))


@desk
def rivers(request: DeskRequest) -> HttpResponse:
    """Rivers are scenery and the same for everybody who sees any part of the county."""
    body = read_rivers() if request.actor.where() else b'{"type":"FeatureCollection","features":[]}'
    return answer_layer(request, MapLayer(body, hashlib.sha256(body).hexdigest()[:32]))


@desk
def zones(request: DeskRequest) -> HttpResponse:
    """Danger zones and warned areas."""
    return answer_layer(request, shared(request, "map_zones", lambda: layers.zones(request.actor)))


@desk
def sites(request: DeskRequest) -> HttpResponse:
    """Sites where people gather, and hazard sites, as points."""

    def make() -> MapLayer:
        return maplayers.layer(risk_layers.sites(request.actor)["features"])

    return answer_layer(request, shared(request, "map_sites", make))


@desk
def stations(request: DeskRequest) -> HttpResponse:
    """Stations with their newest reading, state and level."""

    def make() -> MapLayer:
        return maplayers.stations(
            request.actor, at=request.now, url_of=lambda code: reverse("console:station", args=[code])
        )

    return answer_layer(request, shared(request, f"map_stations:{hot_reader().changed_at()}", make))


@desk
def cameras(request: DeskRequest) -> HttpResponse:
    """Cameras and what they see."""

    def make() -> MapLayer:
        return maplayers.cameras(request.actor, url_of=lambda code: reverse("console:camera", args=[code]))

    return _answer(request, shared(request, "map_cameras", make))


@desk
def callouts(request: DeskRequest) -> HttpResponse:
    """Villages being called by the call-out named in the address, else by all open ones."""
    named = request.GET.get("callout", "")
    if not named:
        everything = shared(request, "map_callouts", lambda: layers.callout_villages(request.actor, None))
        return answer_layer(request, everything)
    try:
        key = uuid.UUID(named)
    except ValueError:
        raise NotFound from None
    found = access_callout(request.actor, key)
    one = shared(request, f"map_callouts:{key}", lambda: layers.callout_villages(request.actor, found))
    return answer_layer(request, one)


def answer_layer(request: DeskRequest, found: MapLayer) -> HttpResponse:
    """The layer, or 304 where the browser has it. The tag names the language, since words are inside."""
    etag = f'"{found.etag}-{get_language()}"'
    response = HttpResponse(found.body, content_type=_TYPE)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    answer = get_conditional_response(request, etag=etag, response=response)
    return answer if isinstance(answer, HttpResponse) else response


#: The name under which other views took it first.
_answer = answer_layer
