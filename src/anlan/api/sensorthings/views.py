"""The service root and everything below it. Reading only: whoever writes is told so with 501."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from anlan.api.sensorthings.answers import Answers
from anlan.api.sensorthings.door import actor_of
from anlan.api.sensorthings.errors import StaError, bad
from anlan.api.sensorthings.model import TYPES
from anlan.api.sensorthings.options import Options, parse_options
from anlan.api.sensorthings.route import Target, resolve
from anlan.api.sensorthings.world import World, to_json
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import Refusal

_REQUIREMENTS = "http://www.opengis.net/spec/iot_sensing/1.1/req/"
#: Only what is whole; see docs/conformance.md for each.
CONFORMANCE = tuple(
    _REQUIREMENTS + name
    for name in (
        "datamodel",
        "resource-path/resource-path-to-entities",
        "request-data",
        "data-array/data-array",
    )
)
LONGEST_QUERY = 16_000
#: Options that make sense for one entity.
_FOR_ONE = {"$select", "$expand"}

View = Callable[..., HttpResponse]


def _surface(view: View) -> View:
    """Errors in the shape that SensorThings servers use, and nobody in without a name."""

    @csrf_exempt
    @functools.wraps(view)
    def guarded(request: HttpRequest, **named: str) -> HttpResponse:
        actor = actor_of(request)
        if actor is None:
            answer = _error(
                401, "Sign in, or show a read token: as a bearer token or as the password of HTTP Basic."
            )
            answer["WWW-Authenticate"] = 'Basic realm="SensorThings", charset="UTF-8"'
            return answer
        if request.method not in ("GET", "HEAD"):
            return _error(
                501, "This service is read only: creating, changing and deleting are not implemented."
            )
        try:
            return view(request, actor, **named)
        except StaError as error:
            return _error(error.status, error.sentence)
        except Refusal as refusal:
            return _error(refusal.status, str(refusal))

    return guarded


@_surface
def root(request: HttpRequest, _actor: Actor) -> HttpResponse:
    """The entity sets and what is conformed to."""
    base = _base(request)
    listed = [{"name": name, "url": base + name} for name in TYPES]
    return _json({"value": listed, "serverSettings": {"conformance": CONFORMANCE}})


@_surface
def resource(request: HttpRequest, actor: Actor, path: str) -> HttpResponse:
    """Whatever a path leads to."""
    base = _base(request)
    world = World(actor, base, request.now)  # type: ignore[attr-defined]  # set by the middleware
    target = resolve(world, path.rstrip("/"))
    given = _given(request)
    if target.property_name:
        return _property(world, target, given)
    options = parse_options(target.kind, given)
    answers = Answers(world)
    if not target.is_collection:
        assert target.entity is not None  # resolve() found one
        if {name for name, _ in options.given} - _FOR_ONE:
            raise bad("For one entity there are only $select and $expand.")
        if target.is_reference:
            return _json({"@iot.selfLink": target.entity.address(base)})
        return _json(answers.entity(target.entity, options, is_single=True))
    page = answers.page(target.kind.collection, options, target.entity, target.link)
    address = _address(base, target)
    if target.is_reference:
        options = Options(select=("@iot.selfLink",))
        address += "/$ref"
    return _json(answers.collection(page, options, address))


def _property(world: World, target: Target, given: list[tuple[str, str]]) -> HttpResponse:
    assert target.entity is not None  # a property of nothing is not routed
    if any(name.startswith("$") for name, _ in given):
        raise bad("A property takes no options.")
    value = to_json(world.value(target.entity, target.property_name))
    if value is None:
        return HttpResponse(status=204)
    if not target.is_value:
        return _json({target.property_name: value})
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def _address(base: str, target: Target) -> str:
    return (
        base + target.kind.collection
        if target.entity is None
        else f"{target.entity.address(base)}/{target.link}"
    )


def _base(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("api:sta_root")).rstrip("/") + "/"


def _given(request: HttpRequest) -> list[tuple[str, str]]:
    """The options in their order; a semicolon separates nothing here, since nested options use it."""
    text = request.META.get("QUERY_STRING", "")
    if len(text) > LONGEST_QUERY:
        raise bad(f"A query has at most {LONGEST_QUERY} characters.")
    pairs = (part.partition("=") for part in text.split("&") if part)
    return [(unquote_plus(name), unquote_plus(value)) for name, _, value in pairs]


def _json(body: Any) -> HttpResponse:  # Any: JSON
    answer = HttpResponse(orjson.dumps(body), content_type="application/json")
    answer["Cache-Control"] = "no-store"
    return answer


def _error(status: int, sentence: str) -> HttpResponse:
    body = {"code": status, "type": "error", "message": sentence}
    return HttpResponse(orjson.dumps(body), status=status, content_type="application/json")
