"""One `alert` element into the model. What cannot be read raises; what is merely wrong is kept, for `lint` to tell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from lxml import etree

from anlan.cap import wire
from anlan.cap.model import Alert, Area, Info, Resource, Valued
from anlan.cap.reasons import CapRefused, reason
from anlan.cap.safexml import child_text, children, namespace, text_of
from anlan.cap.vocab import VERSION_BY_NS

T = TypeVar("T")


def read_alert(element: etree._Element) -> Alert:
    """Raises `CapRefused` where identifier, sender or sent is missing, or a time, point or reference is none."""
    version = VERSION_BY_NS.get(namespace(element))
    if version is None:
        raise CapRefused(reason("cap.namespace", namespace=namespace(element)))
    return Alert(
        identifier=_needed(element, "identifier"),
        sender=_needed(element, "sender"),
        sent=_time(element, "sent", _needed(element, "sent")),
        status=child_text(element, "status"),
        msg_type=child_text(element, "msgType"),
        scope=child_text(element, "scope"),
        source=child_text(element, "source"),
        restriction=child_text(element, "restriction"),
        addresses=wire.read_words(child_text(element, "addresses")),
        codes=tuple(text_of(one) for one in children(element, "code")),
        note=child_text(element, "note"),
        references=_parsed(wire.read_references, child_text(element, "references"), "cap.reference_form"),
        incidents=wire.read_words(child_text(element, "incidents")),
        infos=tuple(_info(one) for one in children(element, "info")),
        version=version,
    )


def _info(element: etree._Element) -> Info:
    return Info(
        event=child_text(element, "event"),
        categories=tuple(text_of(one) for one in children(element, "category")),
        urgency=child_text(element, "urgency"),
        severity=child_text(element, "severity"),
        certainty=child_text(element, "certainty"),
        language=child_text(element, "language"),
        response_types=tuple(text_of(one) for one in children(element, "responseType")),
        audience=child_text(element, "audience"),
        event_codes=_pairs(element, "eventCode"),
        effective=_optional_time(element, "effective"),
        onset=_optional_time(element, "onset"),
        expires=_optional_time(element, "expires"),
        sender_name=child_text(element, "senderName"),
        headline=child_text(element, "headline"),
        description=child_text(element, "description"),
        recommended_action=child_text(element, "instruction"),
        web=child_text(element, "web"),
        contact=child_text(element, "contact"),
        parameters=_pairs(element, "parameter"),
        resources=tuple(_resource(one) for one in children(element, "resource")),
        areas=tuple(_area(one) for one in children(element, "area")),
    )


def _resource(element: etree._Element) -> Resource:
    size = child_text(element, "size")
    return Resource(
        description=child_text(element, "resourceDesc"),
        mime_type=child_text(element, "mimeType"),
        size=int(size) if size.isascii() and size.isdigit() and len(size) < 16 else None,
        uri=child_text(element, "uri"),
        deref_uri=child_text(element, "derefUri"),
        digest=child_text(element, "digest"),
    )


def _area(element: etree._Element) -> Area:
    return Area(
        description=child_text(element, "areaDesc"),
        polygons=tuple(
            _parsed(wire.read_polygon, text, "cap.polygon_form")
            for one in children(element, "polygon")
            if (text := text_of(one))
        ),
        circles=tuple(
            _parsed(wire.read_circle, text, "cap.circle_form")
            for one in children(element, "circle")
            if (text := text_of(one))
        ),
        geocodes=_pairs(element, "geocode"),
        altitude=child_text(element, "altitude"),
        ceiling=child_text(element, "ceiling"),
    )


def _pairs(element: etree._Element, name: str) -> tuple[Valued, ...]:
    """CAP 1.0 wrote "name=value" as text, later versions two elements."""
    pairs = []
    for one in children(element, name):
        if len(one):
            pairs.append(Valued(child_text(one, "valueName"), child_text(one, "value")))
        elif text := text_of(one):
            left, _equals, right = text.partition("=")
            pairs.append(Valued(left.strip(), right.strip()))
    return tuple(pairs)


def _needed(element: etree._Element, name: str) -> str:
    text = child_text(element, name)
    if not text:
        raise CapRefused(reason("cap.missing", element=name))
    return text


def _time(element: etree._Element, name: str, text: str) -> datetime:
    try:
        return wire.read_time(text)
    except ValueError as error:
        code = "cap.time_without_zone" if isinstance(error, wire.NoZone) else "cap.time"
        raise CapRefused(reason(code, element=name, value=text)) from None


def _optional_time(element: etree._Element, name: str) -> datetime | None:
    text = child_text(element, name)
    return _time(element, name, text) if text else None


def _parsed(read: Callable[[str], T], text: str, code: str) -> T:
    try:
        return read(text)
    except ValueError as error:
        value = text if code == "cap.circle_form" else str(error)
        raise CapRefused(reason(code, value=value)) from None
