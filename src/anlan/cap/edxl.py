"""EDXL-DE 1.0: the OASIS envelope that carries CAP messages between systems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from anlan.cap import wire
from anlan.cap.model import Alert
from anlan.cap.parse import Document, Wrapping
from anlan.cap.reasons import CapRefused, reason
from anlan.cap.safexml import child_text, children, text_of
from anlan.cap.vocab import NS_EDXL
from anlan.cap.write import write

_DE = f"{{{NS_EDXL}}}"


@dataclass(frozen=True, slots=True)
class Envelope:
    """`places` are the codes of the target area (country, subdivision, UN/LOCODE); `kind` is distributionType (Report, Update …)."""

    distribution_id: str
    sender_id: str
    sent: datetime
    status: str = "Actual"
    kind: str = "Report"
    confidentiality: str = "UNCLASSIFIED AND NOT SENSITIVE"
    language: str = ""
    places: tuple[str, ...] = ()


def read_envelope(document: Document) -> Envelope:
    """The head of an envelope; its alerts are `document.alerts()`. Raises `CapRefused`."""
    if document.wrapping is not Wrapping.EDXL:
        raise CapRefused(reason("cap.not_cap", root=str(document.wrapping)))
    root = document.root
    for name in ("distributionID", "senderID", "dateTimeSent"):
        if not child_text(root, name):
            raise CapRefused(reason("cap.missing", element=name))
    try:
        sent = wire.read_time(child_text(root, "dateTimeSent"))
    except ValueError:
        raise CapRefused(
            reason("cap.time", element="dateTimeSent", value=child_text(root, "dateTimeSent"))
        ) from None
    return Envelope(
        distribution_id=child_text(root, "distributionID"),
        sender_id=child_text(root, "senderID"),
        sent=sent,
        status=child_text(root, "distributionStatus"),
        kind=child_text(root, "distributionType"),
        confidentiality=child_text(root, "combinedConfidentiality"),
        language=child_text(root, "language"),
        places=_places(root),
    )


def _places(root: etree._Element) -> tuple[str, ...]:
    return tuple(
        text_of(code)
        for area in children(root, "targetArea")
        for name in ("country", "subdivision", "locCodeUN")
        for code in children(area, name)
    )


def write_envelope(envelope: Envelope, alerts: Sequence[Alert | bytes]) -> bytes:
    """The envelope with its alerts; bytes go in as they are, so that a signature in them survives."""
    root = etree.Element(f"{_DE}EDXLDistribution", nsmap={None: NS_EDXL})  # type: ignore[dict-item]  # the stubs know no default namespace
    for name, value in (
        ("distributionID", envelope.distribution_id),
        ("senderID", envelope.sender_id),
        ("dateTimeSent", wire.write_time(envelope.sent)),
        ("distributionStatus", envelope.status),
        ("distributionType", envelope.kind),
        ("combinedConfidentiality", envelope.confidentiality),
        ("language", envelope.language),
    ):
        if value:
            etree.SubElement(root, f"{_DE}{name}").text = value
    if envelope.places:
        area = etree.SubElement(root, f"{_DE}targetArea")
        for place in envelope.places:
            etree.SubElement(area, f"{_DE}subdivision").text = place
    for alert in alerts:
        content = etree.SubElement(root, f"{_DE}contentObject")
        etree.SubElement(content, f"{_DE}contentDescription").text = "CAP"
        inner = etree.SubElement(etree.SubElement(content, f"{_DE}xmlContent"), f"{_DE}embeddedXMLContent")
        inner.append(etree.fromstring(alert if isinstance(alert, bytes) else write(alert)))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
