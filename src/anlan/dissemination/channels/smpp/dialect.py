"""SMPP as a session speaks it: which bytes are sent, and what a frame means."""

from __future__ import annotations

from dataclasses import dataclass

from anlan.dissemination.channels.segments import Alphabet, encode_part, header
from anlan.dissemination.channels.smpp import wire
from anlan.dissemination.channels.smpp.receipts import Ids, payload, plain, told
from anlan.dissemination.channels.smpp.wire import (
    Address,
    Bare,
    Bind,
    Command,
    DataSm,
    Pdu,
    ShortMessage,
    Tag,
    Taken,
    tlv,
)
from anlan.dissemination.channels.texting.alphabets import UCS2, decode_gsm7, decode_text
from anlan.dissemination.channels.texting.dialect import (
    Answered,
    Farewell,
    Happening,
    LoggedIn,
    LoginRefused,
    Part,
    Receipt,
    Say,
    StillThere,
    Unreadable,
    Verdict,
    Words,
)
from anlan.dissemination.channels.texting.joining import Piece, piece_of
from anlan.dissemination.channels.texting.wire import WireError

# SMPP 3.4, 5.1.3: what concerns this message alone, and "too fast". Everything else another route may still take.
_REFUSED = frozenset({0x01, 0x0B})
_TOO_FAST = frozenset({0x14, 0x58})
_INVALID_COMMAND = 0x03
_UDHI = 0x40
_TYPE, _RECEIPT = 0x3C, 0x04
_BINDS = frozenset({Command.BIND_TRANSCEIVER_RESP, Command.BIND_TRANSMITTER_RESP, Command.BIND_RECEIVER_RESP})
_QUESTION = 0x80000000


@dataclass(frozen=True, slots=True)
class Account:
    """`source` is what the phone shows; ton and npi are those of SMPP 3.4, 5.2.5 and 5.2.6."""

    system_id: str
    password: str
    source: Address
    system_type: str = ""
    to_ton: int = 1
    to_npi: int = 1
    has_gsm7: bool = True
    receipt_ids: Ids = Ids.SAME


class SmppDialect:
    header = wire.HEADER
    most = wire.MOST

    def __init__(self, account: Account) -> None:
        self.account = account
        self.has_gsm7 = account.has_gsm7

    def login(self, sequence: int) -> bytes:
        account = self.account
        body = Bind(account.system_id, account.password, account.system_type)
        return wire.encode(Pdu(Command.BIND_TRANSCEIVER, sequence, body))

    def submit(self, sequence: int, part: Part) -> bytes:
        account = self.account
        is_joined = part.total > 1
        head = header(part.reference, part.total, part.number) if is_joined else b""
        body = ShortMessage(
            src=account.source,
            dst=Address(account.to_ton, account.to_npi, part.to),
            short_message=head + encode_part(part.text, part.alphabet),
            esm_class=_UDHI if is_joined else 0,
            registered_delivery=1,
            data_coding=0 if part.alphabet is Alphabet.GSM7 else UCS2,
        )
        return wire.encode(Pdu(Command.SUBMIT_SM, sequence, body))

    def test(self, sequence: int) -> bytes:
        return wire.encode(Pdu(Command.ENQUIRE_LINK, sequence))

    def goodbye(self, sequence: int) -> bytes:
        return wire.encode(Pdu(Command.UNBIND, sequence))

    def read(self, frame: bytes) -> Happening:
        try:
            pdu = wire.decode(frame)
        except WireError:
            sequence = int.from_bytes(frame[12:16], "big")
            return Unreadable(wire.encode(Pdu(Command.GENERIC_NACK, sequence, status=_INVALID_COMMAND)))
        if pdu.command in _BINDS:
            return LoggedIn() if pdu.status == 0 else LoginRefused(f"{pdu.status:x}")
        if pdu.command in (Command.SUBMIT_SM_RESP, Command.GENERIC_NACK):
            return _answered(pdu)
        if isinstance(pdu.body, (ShortMessage, DataSm)) and pdu.command != Command.SUBMIT_SM:
            return self._came(pdu, pdu.body)
        return _about_the_link(pdu)

    def _came(self, pdu: Pdu, body: ShortMessage | DataSm) -> Happening:
        answer = Command.DATA_SM_RESP if pdu.command == Command.DATA_SM else Command.DELIVER_SM_RESP
        confirm = wire.encode(Pdu(answer, pdu.sequence, Taken("")))
        if body.esm_class & _TYPE == _RECEIPT:
            said = told(body, self.account.receipt_ids)
            if said is None:
                return Unreadable(confirm)
            return Receipt(confirm, said.message_id, said.status)
        text, piece = self._words(body)
        return Words(confirm, "", body.src.addr, body.dst.addr, text, piece)

    def _words(self, body: ShortMessage | DataSm) -> tuple[str, Piece | None]:
        data, piece = payload(body), _sar(body)
        if body.esm_class & _UDHI and data and len(data) > data[0]:
            piece = piece_of(data[: data[0] + 1]) or piece
            data = data[data[0] + 1 :]
        if body.data_coding == 0 and self.has_gsm7 and all(code < 0x80 for code in data):
            return decode_gsm7(data), piece
        return decode_text(data, body.data_coding), piece


def _sar(body: ShortMessage | DataSm) -> Piece | None:
    """Parts announced by TLVs instead of a header."""
    tags = (Tag.SAR_MSG_REF_NUM, Tag.SAR_TOTAL_SEGMENTS, Tag.SAR_SEGMENT_SEQNUM)
    reference, total, number = (int.from_bytes(tlv(body, tag) or b"", "big") for tag in tags)
    return Piece(reference, total, number) if 1 <= number <= total and 1 < total <= 255 else None


def _answered(pdu: Pdu) -> Answered:
    number = pdu.body.message_id if isinstance(pdu.body, Taken) else None
    if pdu.status == 0 and pdu.command == Command.SUBMIT_SM_RESP:
        # A centre that gives no number can send no receipt that we could understand; its message is still taken.
        return Answered(pdu.sequence, Verdict.TAKEN, plain(number) if number else f"~{pdu.sequence}")
    code = f"status_{pdu.status:x}"
    if pdu.status in _TOO_FAST:
        return Answered(pdu.sequence, Verdict.THROTTLED, code=code)
    verdict = Verdict.REFUSED if pdu.status in _REFUSED else Verdict.DOWN
    if pdu.command == Command.GENERIC_NACK:
        verdict, code = Verdict.DOWN, f"nack_{pdu.status:x}"
    return Answered(pdu.sequence, verdict, code=code)


def _about_the_link(pdu: Pdu) -> Happening:
    if pdu.command == Command.ENQUIRE_LINK:
        return Say(wire.encode(Pdu(Command.ENQUIRE_LINK_RESP, pdu.sequence, Bare())))
    if pdu.command == Command.UNBIND:
        return Farewell(wire.encode(Pdu(Command.UNBIND_RESP, pdu.sequence)))
    if pdu.command & _QUESTION or pdu.command == Command.ALERT_NOTIFICATION:
        return StillThere()
    return Unreadable(wire.encode(Pdu(Command.GENERIC_NACK, pdu.sequence, status=_INVALID_COMMAND)))
