"""Reading: any wrapping of CAP messages (bare, EDXL-DE, ATOM, RSS) into a document with its alerts."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from lxml import etree

from anlan.cap.elements import read_alert
from anlan.cap.model import Alert
from anlan.cap.reasons import CapRefused, Reason, reason
from anlan.cap.safexml import local, namespace, read_tree
from anlan.cap.vocab import NS_ATOM, NS_EDXL, VERSION_BY_NS


class Wrapping(StrEnum):
    ALERT = "alert"
    EDXL = "edxl-de"
    ATOM = "atom"
    RSS = "rss"


@dataclass(frozen=True, slots=True)
class Document:
    """One file: its wrapping, root, the alert elements inside in order, and what was noticed about the file itself."""

    wrapping: Wrapping
    root: etree._Element
    elements: tuple[etree._Element, ...]
    said: tuple[Reason, ...] = field(default=())

    def alerts(self) -> tuple[Alert, ...]:
        """Raises `CapRefused` at the first that cannot be read."""
        return tuple(read_alert(element) for element in self.elements)


def read_document(data: bytes) -> Document:
    """Raises `CapRefused` when the file is no CAP in any wrapping, or unsafe."""
    root, said = read_tree(data)
    wrapping = _wrapping(root)
    return Document(wrapping, root, alert_elements(root), tuple(said))


def read(data: bytes) -> Alert:
    """The one alert of a file, bare or wrapped. Raises `CapRefused`."""
    alerts = read_document(data).alerts()
    if len(alerts) != 1:
        raise CapRefused(reason("cap.several", count=len(alerts)))
    return alerts[0]


def read_all(data: bytes) -> tuple[Alert, ...]:
    """Every alert of a file in any wrapping. Raises `CapRefused`."""
    return read_document(data).alerts()


def _wrapping(root: etree._Element) -> Wrapping:
    name, space = local(root), namespace(root)
    if name == "alert":
        if space not in VERSION_BY_NS:
            raise CapRefused(reason("cap.namespace", namespace=space))
        return Wrapping.ALERT
    if name == "EDXLDistribution" and space == NS_EDXL:
        return Wrapping.EDXL
    if name == "feed" and space == NS_ATOM:
        return Wrapping.ATOM
    if name == "rss":
        return Wrapping.RSS
    raise CapRefused(reason("cap.not_cap", root=name))


def alert_elements(root: etree._Element) -> tuple[etree._Element, ...]:
    """Every alert of a known version, wherever it stands."""
    return tuple(one for space in VERSION_BY_NS for one in root.iter(f"{{{space}}}alert"))
