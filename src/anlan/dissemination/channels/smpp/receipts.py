"""Receipts of SMPP: as text (appendix B of the specification, and what centres made of it) and as TLVs. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from anlan.dissemination.channels.smpp.wire import DataSm, ShortMessage, Tag, tlv

_ID = re.compile(r"\bid:\s*([^\s:]+)", re.IGNORECASE)
_STAT = re.compile(r"\bstat:\s*([a-z]+)", re.IGNORECASE)
#: message_state of SMPP 3.4, 5.2.28; the words are those of appendix B.
_WORD_BY_STATE = {
    1: "ENROUTE", 2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 6: "ACCEPTD", 7: "UNKNOWN", 8: "REJECTD",
}  # fmt: skip
#: Nothing is settled by these; every other word is a failure.
_UNSETTLED = frozenset({"ENROUTE", "ACCEPTD", "ACCEPTED", "UNKNOWN", "BUFFRED"})
_DELIVERED = frozenset({"DELIVRD", "DELIVERED"})


class Ids(StrEnum):
    """How the centre writes a number in its receipts, compared with its responses."""

    SAME = "same"
    #: Response hexadecimal, receipt decimal; and the other way round.
    DECIMAL = "decimal"
    HEX = "hex"


@dataclass(frozen=True, slots=True)
class Told:
    """`status` as in `dialect.Receipt`."""

    message_id: str
    status: str


def told(body: ShortMessage | DataSm, ids: Ids) -> Told | None:
    """What a receipt says; TLVs count more than the text. None when no message can be made out."""
    text = payload(body).decode("latin-1")
    named = tlv(body, Tag.RECEIPTED_MESSAGE_ID)
    found = _ID.search(text)
    number = named.split(b"\0")[0].decode("latin-1") if named else (found[1] if found else "")
    state = tlv(body, Tag.MESSAGE_STATE)
    said = _STAT.search(text)
    word = _WORD_BY_STATE.get(state[0], "") if state else ""
    word = word or (said[1].upper() if said else "")
    if not number or not word:
        return None
    status = "delivered" if word in _DELIVERED else "" if word in _UNSETTLED else "failed"
    return Told(as_in_response(number, ids), status)


def as_in_response(number: str, ids: Ids) -> str:
    """The receipt's number as the response wrote it; leading zeros and capitals never count."""
    try:
        if ids is Ids.DECIMAL:
            return plain(f"{int(number, 10):x}")
        if ids is Ids.HEX:
            return plain(str(int(number, 16)))
    except ValueError:
        pass  # no number of that kind: then it can only be meant as it stands
    return plain(number)


def plain(number: str) -> str:
    return number.strip().lower().lstrip("0") or "0"


def payload(body: ShortMessage | DataSm) -> bytes:
    """The text's bytes, wherever they are."""
    carried = tlv(body, Tag.MESSAGE_PAYLOAD)
    if carried is not None:
        return carried
    return body.short_message if isinstance(body, ShortMessage) else b""
