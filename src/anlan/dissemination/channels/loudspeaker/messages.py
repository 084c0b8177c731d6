"""The XML of what we send: a broadcast message, its cancellation, the heartbeat, a question about its state, our answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from lxml import etree

from anlan.dissemination.channels import Message
from anlan.dissemination.channels.loudspeaker.codes import codes, event_type
from anlan.kernel.clock import SHANGHAI

#: How long a message without an end stands. Assumption.
STANDS = timedelta(hours=1)
#: A loudspeaker reads no longer than this. Engineering choice.
TEXT_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Parties:
    """Resource codes of sender and receiver, and the 18 digits of our own platform."""

    platform_id: str
    dest: str


def stamp(at: datetime) -> str:
    """Beijing time without a zone, as the platforms write it."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"


def ebd_id_of_message(number: str) -> str:
    """Platform, day and sequence, then four zeros: the same package keeps its id when it is repeated."""
    return f"{number}0000"


def ebd_id_at(parties: Parties, at: datetime) -> str:
    """For packages that are never repeated: platform and milliseconds since 1970."""
    return f"{parties.platform_id}{int(at.timestamp() * 1000):016d}"


def broadcast(
    message: Message, parties: Parties, *, at: datetime, audio_name: str = "", audio_size: int = 0
) -> bytes:
    """EBM for one loudspeaker. An all-clear is a cancellation of what was read out, with the all-clear text in it."""
    about, known = message.occasion, codes()
    root = _envelope(ebd_id_of_message(about.number), "EBM", parties, at)
    ebm = etree.SubElement(root, "EBM")
    _add(ebm, "EBMVersion", known.version)
    _add(ebm, "EBMID", about.number)
    if about.cancels:
        _add(etree.SubElement(ebm, "RelatedInfo"), "EBMID", about.cancels)
    basic = etree.SubElement(ebm, "MsgBasicInfo")
    is_cancel = about.is_all_clear and bool(about.cancels)
    _add(basic, "MsgType", known.message_types["cancel" if is_cancel else "release"])
    _add(basic, "MsgClass", known.message_class["live_drill" if about.is_exercise else "real"])
    _add(basic, "SenderName", about.issuer)
    _add(basic, "SenderCode", parties.platform_id)
    _add(basic, "SendTime", stamp(at))
    if code := event_type(about.hazard_type):
        _add(basic, "EventType", code)
    _add(basic, "Severity", known.severity_by_level.get(str(about.level), known.severity_unknown))
    start = about.started_at or at
    _add(basic, "StartTime", stamp(start))
    _add(basic, "EndTime", stamp(about.expires_at or start + STANDS))
    content = etree.SubElement(ebm, "MsgContent")
    _add(content, "LanguageCode", known.language)
    _add(content, "MsgTitle", message.title)
    _add(content, "MsgDesc", (about.voice_text or message.text)[:TEXT_MAX])
    _add(content, "AreaCode", about.division_code)
    if audio_name:
        auxiliary = etree.SubElement(content, "Auxiliary")
        _add(auxiliary, "AuxiliaryType", known.auxiliary_audio)
        _add(auxiliary, "AuxiliaryDesc", audio_name)
        _add(auxiliary, "Size", str(audio_size))
    dispatch = etree.SubElement(ebm, "Dispatch")
    _add(dispatch, "EBRID", message.address)
    _add(dispatch, "Priority", known.priority_by_level.get(str(about.level), "5"))
    return _bytes(root)


def heartbeat(parties: Parties, *, at: datetime) -> tuple[str, bytes]:
    """ConnectionCheck: the one message that goes, and may come, without a signature."""
    ebd_id = ebd_id_at(parties, at)
    root = _envelope(ebd_id, "ConnectionCheck", parties, at)
    _add(etree.SubElement(root, "ConnectionCheck"), "RptTime", stamp(at))
    return ebd_id, _bytes(root)


def state_request(number: str, parties: Parties, *, at: datetime) -> tuple[str, bytes]:
    """EBMStateRequest: what became of one message."""
    ebd_id = ebd_id_at(parties, at)
    root = _envelope(ebd_id, "EBMStateRequest", parties, at)
    _add(etree.SubElement(etree.SubElement(root, "EBMStateRequest"), "EBM"), "EBMID", number)
    return ebd_id, _bytes(root)


def response(related: str, code: str, words: str, parties: Parties, *, at: datetime) -> tuple[str, bytes]:
    """EBDResponse, in the same HTTP answer."""
    ebd_id = ebd_id_at(parties, at)
    root = _envelope(ebd_id, "EBDResponse", parties, at)
    _add(etree.SubElement(root, "RelatedEBD"), "EBDID", related)
    answer = etree.SubElement(root, "EBDResponse")
    _add(answer, "ResultCode", code)
    _add(answer, "ResultDesc", words)
    return ebd_id, _bytes(root)


def _envelope(ebd_id: str, kind: str, parties: Parties, at: datetime) -> etree._Element:
    root = etree.Element("EBD")
    _add(root, "EBDVersion", codes().version)
    _add(root, "EBDID", ebd_id)
    _add(root, "EBDType", kind)
    _add(etree.SubElement(root, "SRC"), "EBRID", parties.platform_id)
    _add(etree.SubElement(root, "DEST"), "EBRID", parties.dest)
    _add(root, "EBDTime", stamp(at))
    return root


def _add(parent: etree._Element, tag: str, text: str) -> None:
    etree.SubElement(parent, tag).text = "".join(c for c in text if c >= " " or c in "\n\t")


def _bytes(root: etree._Element) -> bytes:
    data: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return data
