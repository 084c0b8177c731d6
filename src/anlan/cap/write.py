"""Writing CAP 1.2: elements in the order of the schema, times with offset, no empty elements."""

from __future__ import annotations

from lxml import etree

from anlan.cap import wire
from anlan.cap.model import Alert, Area, Info, Resource, Valued
from anlan.cap.vocab import NS_12


def write(alert: Alert) -> bytes:
    """The message as a UTF-8 document. Raises ValueError for an identifier or sender nobody could refer to."""
    return etree.tostring(alert_element(alert), xml_declaration=True, encoding="UTF-8")


def alert_element(alert: Alert) -> etree._Element:
    for name in (alert.identifier, alert.sender):
        if not name or wire.has_restricted_characters(name):
            raise ValueError(f"not usable as identifier or sender of a CAP message: {name!r}")
    root = etree.Element(f"{{{NS_12}}}alert", nsmap={None: NS_12})  # type: ignore[dict-item]  # the stubs know no default namespace
    _add(root, "identifier", alert.identifier)
    _add(root, "sender", alert.sender)
    _add(root, "sent", wire.write_time(alert.sent))
    _add(root, "status", alert.status)
    _add(root, "msgType", alert.msg_type)
    _add(root, "source", alert.source)
    _add(root, "scope", alert.scope)
    _add(root, "restriction", alert.restriction)
    _add(root, "addresses", wire.write_words(alert.addresses))
    for code in alert.codes:
        _add(root, "code", code)
    _add(root, "note", alert.note)
    _add(root, "references", " ".join(wire.write_reference(one) for one in alert.references))
    _add(root, "incidents", wire.write_words(alert.incidents))
    for info in alert.infos:
        _info(etree.SubElement(root, f"{{{NS_12}}}info"), info)
    return root


def _info(node: etree._Element, info: Info) -> None:
    _add(node, "language", info.language)
    for category in info.categories:
        _add(node, "category", category)
    _add(node, "event", info.event, even_empty=True)
    for response in info.response_types:
        _add(node, "responseType", response)
    _add(node, "urgency", info.urgency)
    _add(node, "severity", info.severity)
    _add(node, "certainty", info.certainty)
    _add(node, "audience", info.audience)
    for pair in info.event_codes:
        _pair(node, "eventCode", pair)
    for name, moment in (("effective", info.effective), ("onset", info.onset), ("expires", info.expires)):
        if moment is not None:
            _add(node, name, wire.write_time(moment))
    _add(node, "senderName", info.sender_name)
    _add(node, "headline", info.headline)
    _add(node, "description", info.description)
    _add(node, "instruction", info.recommended_action)
    _add(node, "web", info.web)
    _add(node, "contact", info.contact)
    for pair in info.parameters:
        _pair(node, "parameter", pair)
    for resource in info.resources:
        _resource(etree.SubElement(node, f"{{{NS_12}}}resource"), resource)
    for area in info.areas:
        _area(etree.SubElement(node, f"{{{NS_12}}}area"), area)


def _resource(node: etree._Element, resource: Resource) -> None:
    _add(node, "resourceDesc", resource.description, even_empty=True)
    _add(node, "mimeType", resource.mime_type, even_empty=True)
    _add(node, "size", "" if resource.size is None else str(resource.size))
    _add(node, "uri", resource.uri)
    _add(node, "derefUri", resource.deref_uri)
    _add(node, "digest", resource.digest)


def _area(node: etree._Element, area: Area) -> None:
    _add(node, "areaDesc", area.description, even_empty=True)
    for polygon in area.polygons:
        _add(node, "polygon", wire.write_polygon(polygon))
    for circle in area.circles:
        _add(node, "circle", wire.write_circle(circle))
    for pair in area.geocodes:
        _pair(node, "geocode", pair)
    _add(node, "altitude", area.altitude)
    _add(node, "ceiling", area.ceiling)


def _pair(parent: etree._Element, name: str, pair: Valued) -> None:
    node = etree.SubElement(parent, f"{{{NS_12}}}{name}")
    _add(node, "valueName", pair.name, even_empty=True)
    _add(node, "value", pair.value, even_empty=True)


def _add(parent: etree._Element, name: str, text: str, *, even_empty: bool = False) -> None:
    if text or even_empty:
        etree.SubElement(parent, f"{{{NS_12}}}{name}").text = _clean(text)


def _clean(text: str) -> str:
    """Without the control characters that XML 1.0 cannot carry."""
    return "".join(
        one
        for one in text
        if one in "\t\n\r" or (one >= " " and one not in "\ufffe\uffff" and not "\ud800" <= one <= "\udfff")
    )
