"""What a sender should mend although, or because, a schema does not see it. Looks at elements, so that it also speaks about
messages that cannot be read into the model.

Severity: an error is what makes a message unusable or ambiguous for whoever receives it (a polygon that is not closed, an
Update that names nothing); what the standard only recommends is a warning, what helps people a notice.
"""

from __future__ import annotations

from datetime import datetime

from lxml import etree

from anlan.cap import geometry, vocab, wire
from anlan.cap.reasons import Reason, reason
from anlan.cap.safexml import child_text, children, namespace, text_of

_ALERT_WORDS = (("status", vocab.STATUSES), ("msgType", vocab.MSG_TYPES), ("scope", vocab.SCOPES))
_INFO_WORDS = (("urgency", vocab.URGENCIES), ("severity", vocab.SEVERITIES), ("certainty", vocab.CERTAINTIES))
#: Words that versions before 1.2 also had.
_FORMER_WORDS = {"Very Likely", "System", "Execute"}


def lint(element: etree._Element, where: str = "", *, expects_china: bool = False) -> list[Reason]:
    """Everything to be said about one alert, in the order of its elements."""
    found = [*_names(element, where), *_words(element, _ALERT_WORDS, where)]
    sent = _time(element, "sent", where, found)
    found += _references(element, where)
    found += _to_whom(element, where)
    infos = list(children(element, "info"))
    if not infos and child_text(element, "msgType") in ("Alert", "Update"):
        found.append(reason("cap.no_info", where))
    # A Cancel ends something: its own end and advice do not matter.
    speaks = child_text(element, "msgType") not in ("Cancel", "Ack", "Error")
    for info in infos:
        found += _info(info, sent if speaks else None, where, expects_china=expects_china)
    return list({(one.code, one.en): one for one in found}.values())


def _names(element: etree._Element, where: str) -> list[Reason]:
    found = []
    for name in ("identifier", "sender"):
        text = child_text(element, name)
        if not text:
            found.append(reason("cap.missing", where, element=name))
        elif wire.has_restricted_characters(text):
            found.append(reason("cap.restricted_characters", where, element=name, value=text))
    return found


def _words(
    element: etree._Element, tables: tuple[tuple[str, tuple[str, ...]], ...], where: str
) -> list[Reason]:
    found = []
    for name, known in tables:
        text = child_text(element, name)
        if not text and not (name == "scope" and namespace(element) != vocab.NS_12):
            found.append(reason("cap.missing", where, element=name))
        elif text and text not in known and text not in _FORMER_WORDS:
            found.append(reason("cap.word", where, element=name, value=text, known=", ".join(known)))
    return found


def _time(element: etree._Element, name: str, where: str, found: list[Reason]) -> datetime | None:
    """The time of a child, None without one; what is wrong with it is added to `found`."""
    text = child_text(element, name)
    if not text:
        if name == "sent":
            found.append(reason("cap.missing", where, element=name))
        return None
    try:
        moment = wire.read_time(text)
    except ValueError as error:
        code = "cap.time_without_zone" if isinstance(error, wire.NoZone) else "cap.time"
        found.append(reason(code, where, element=name, value=text))
        return None
    if not wire.TIME.fullmatch(text):
        if text.endswith("Z"):
            found.append(reason("cap.time_z", where, element=name, value=text))
        elif namespace(element) == vocab.NS_12:
            found.append(reason("cap.time", where, element=name, value=text))
    return moment


def _references(element: etree._Element, where: str) -> list[Reason]:
    kind, text = child_text(element, "msgType"), child_text(element, "references")
    if not text:
        if kind in vocab.REFERRING:
            return [reason("cap.references_missing", where, msg_type=kind)]
        return []
    try:
        named = wire.read_references(text)
    except ValueError as error:
        return [reason("cap.reference_form", where, value=str(error))]
    own = (child_text(element, "sender"), child_text(element, "identifier"))
    if kind in vocab.REFERRING and own in {(one.sender, one.identifier) for one in named}:
        return [reason("cap.reference_itself", where)]
    return []


def _to_whom(element: etree._Element, where: str) -> list[Reason]:
    scope = child_text(element, "scope")
    if scope == "Restricted" and not child_text(element, "restriction"):
        return [reason("cap.restriction_missing", where)]
    if scope == "Private" and not child_text(element, "addresses"):
        return [reason("cap.addresses_missing", where)]
    return []


def _info(info: etree._Element, sent: datetime | None, where: str, *, expects_china: bool) -> list[Reason]:
    found = _words(info, _INFO_WORDS, where)
    if not child_text(info, "event"):
        found.append(reason("cap.missing", where, element="event"))
    times = {name: _time(info, name, where, found) for name in ("effective", "onset", "expires")}
    found += _span(sent, times["onset"], times["expires"], where)
    found += [
        reason(code, where)
        for name, code in (
            ("instruction", "cap.advice_missing"),
            ("headline", "cap.headline_missing"),
            ("senderName", "cap.sender_name_missing"),
        )
        if not child_text(info, name)
    ]
    for resource in children(info, "resource"):
        size = child_text(resource, "size")
        if size and not (size.isascii() and size.isdigit()):
            found.append(reason("cap.number_in_resource", where, value=size))
    areas = list(children(info, "area"))
    if not areas:
        found.append(reason("cap.area_missing", where))
    for area in areas:
        found += _area(area, where, expects_china=expects_china)
    return found


def _span(
    sent: datetime | None, onset: datetime | None, expires: datetime | None, where: str
) -> list[Reason]:
    if expires is None:
        return [reason("cap.expires_missing", where)]
    end = wire.write_time(expires)
    if sent is not None and expires == sent:
        return [reason("cap.expires_at_once", where, expires=end)]
    if sent is not None and expires < sent:
        return [reason("cap.expires_before_sent", where, expires=end, sent=wire.write_time(sent))]
    if onset is not None and expires < onset:
        return [reason("cap.expires_before_onset", where, expires=end, onset=wire.write_time(onset))]
    return []


def _area(area: etree._Element, where: str, *, expects_china: bool) -> list[Reason]:
    found = []
    words = child_text(area, "areaDesc")
    if not words:
        found.append(reason("cap.missing", where, element="areaDesc"))
    shapes = 0
    for one in children(area, "polygon"):
        if text := text_of(one):
            shapes += 1
            found += geometry.check_polygon(text, where, expects_china=expects_china)
    for one in children(area, "circle"):
        if text := text_of(one):
            shapes += 1
            found += geometry.check_circle(text, where, expects_china=expects_china)
    if not shapes and next(children(area, "geocode"), None) is None:
        found.append(reason("cap.area_words_only", where, value=words))
    return found
