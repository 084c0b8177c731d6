"""SMPP 3.4: bytes to messages and back. Pure; no I/O, no clock.

Source: SMPP Protocol Specification v3.4, chapters 4 and 5. Text fields are Latin-1 so that encoding again gives the same bytes.
Two faults that real centres have are read and kept as they came, and encoded again as they came: an `sm_length` beyond the end of
the message, and a last TLV that says more bytes than follow. A sequence above 0x7FFFFFFF is taken, too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, ClassVar

from anlan.dissemination.channels.texting.wire import Reader, WireError, c_string, check_length, number

HEADER = 16
#: A submit_sm with a message_payload TLV of 64 KiB; longer is no SMPP and drops the link.
MOST = 70_000


class SmppError(WireError):
    """The reason why bytes are no SMPP."""


class Command(IntEnum):
    GENERIC_NACK = 0x80000000
    BIND_RECEIVER = 0x00000001
    BIND_RECEIVER_RESP = 0x80000001
    BIND_TRANSMITTER = 0x00000002
    BIND_TRANSMITTER_RESP = 0x80000002
    QUERY_SM = 0x00000003
    QUERY_SM_RESP = 0x80000003
    SUBMIT_SM = 0x00000004
    SUBMIT_SM_RESP = 0x80000004
    DELIVER_SM = 0x00000005
    DELIVER_SM_RESP = 0x80000005
    UNBIND = 0x00000006
    UNBIND_RESP = 0x80000006
    REPLACE_SM_RESP = 0x80000007
    CANCEL_SM_RESP = 0x80000008
    BIND_TRANSCEIVER = 0x00000009
    BIND_TRANSCEIVER_RESP = 0x80000009
    OUTBIND = 0x0000000B
    ENQUIRE_LINK = 0x00000015
    ENQUIRE_LINK_RESP = 0x80000015
    ALERT_NOTIFICATION = 0x00000102
    DATA_SM = 0x00000103
    DATA_SM_RESP = 0x80000103


class Tag(IntEnum):
    RECEIPTED_MESSAGE_ID = 0x001E
    SAR_MSG_REF_NUM = 0x020C
    SAR_TOTAL_SEGMENTS = 0x020E
    SAR_SEGMENT_SEQNUM = 0x020F
    MESSAGE_PAYLOAD = 0x0424
    MESSAGE_STATE = 0x0427


@dataclass(frozen=True, slots=True)
class Tlv:
    """`stated_length` differs from the value's only where the sender counted wrongly."""

    tag: int
    value: bytes
    stated_length: int | None = None


@dataclass(frozen=True, slots=True)
class Address:
    ton: int = 0
    npi: int = 0
    addr: str = ""


@dataclass(frozen=True, slots=True)
class Bind:
    """One of the three binds; the command of the PDU says which."""

    fields: ClassVar = (
        ("system_id", "text"), ("password", "text"), ("system_type", "text"), ("interface_version", "byte"),
        ("address_range", "address"),
    )  # fmt: skip
    system_id: str
    password: str
    system_type: str = ""
    interface_version: int = 0x34
    address_range: Address = Address()
    tlvs: tuple[Tlv, ...] = ()


@dataclass(frozen=True, slots=True)
class BindResp:
    """`system_id` is None where the body was left out, as some centres do when they refuse."""

    fields: ClassVar = (("system_id", "text"),)
    system_id: str | None = None
    tlvs: tuple[Tlv, ...] = ()


@dataclass(frozen=True, slots=True)
class ShortMessage:
    """submit_sm and deliver_sm."""

    fields: ClassVar = (
        ("service_type", "text"), ("src", "address"), ("dst", "address"), ("esm_class", "byte"),
        ("protocol_id", "byte"), ("priority", "byte"), ("schedule", "text"), ("validity", "text"),
        ("registered_delivery", "byte"), ("replace_if_present", "byte"), ("data_coding", "byte"),
        ("default_msg_id", "byte"), ("short_message", "message"),
    )  # fmt: skip
    src: Address
    dst: Address
    short_message: bytes
    service_type: str = ""
    esm_class: int = 0
    protocol_id: int = 0
    priority: int = 0
    schedule: str = ""
    validity: str = ""
    registered_delivery: int = 0
    replace_if_present: int = 0
    data_coding: int = 0
    default_msg_id: int = 0
    #: What the sender said, where it was more than came.
    stated_length: int | None = None
    tlvs: tuple[Tlv, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """submit_sm_resp, deliver_sm_resp, data_sm_resp; without a body `message_id` is None."""

    fields: ClassVar = (("message_id", "text"),)
    message_id: str | None = None
    tlvs: tuple[Tlv, ...] = ()


@dataclass(frozen=True, slots=True)
class DataSm:
    fields: ClassVar = (
        ("service_type", "text"), ("src", "address"), ("dst", "address"), ("esm_class", "byte"),
        ("registered_delivery", "byte"), ("data_coding", "byte"),
    )  # fmt: skip
    src: Address
    dst: Address
    service_type: str = ""
    esm_class: int = 0
    registered_delivery: int = 0
    data_coding: int = 0
    tlvs: tuple[Tlv, ...] = ()


@dataclass(frozen=True, slots=True)
class QuerySm:
    fields: ClassVar = (("message_id", "text"), ("src", "address"))
    message_id: str
    src: Address
    tlvs: tuple[Tlv, ...] = ()


@dataclass(frozen=True, slots=True)
class QuerySmResp:
    fields: ClassVar = (
        ("message_id", "text"), ("final_date", "text"), ("message_state", "byte"), ("error_code", "byte"),
    )  # fmt: skip
    message_id: str | None = None
    final_date: str = ""
    message_state: int = 0
    error_code: int = 0
    tlvs: tuple[Tlv, ...] = ()


@dataclass(frozen=True, slots=True)
class Outbind:
    fields: ClassVar = (("system_id", "text"), ("password", "text"))
    system_id: str
    password: str
    tlvs: tuple[Tlv, ...] = ()


@dataclass(frozen=True, slots=True)
class Alert:
    """alert_notification: a phone that was away is back."""

    fields: ClassVar = (("src", "address"), ("esme", "address"))
    src: Address
    esme: Address
    tlvs: tuple[Tlv, ...] = ()


@dataclass(frozen=True, slots=True)
class Bare:
    """No body, or a command whose body is not looked into."""

    body: bytes = b""


Body = Bind | BindResp | ShortMessage | Taken | DataSm | QuerySm | QuerySmResp | Outbind | Alert | Bare

_BODIES: dict[int, type[Any]] = {
    Command.BIND_RECEIVER: Bind,
    Command.BIND_TRANSMITTER: Bind,
    Command.BIND_TRANSCEIVER: Bind,
    Command.BIND_RECEIVER_RESP: BindResp,
    Command.BIND_TRANSMITTER_RESP: BindResp,
    Command.BIND_TRANSCEIVER_RESP: BindResp,
    Command.SUBMIT_SM: ShortMessage,
    Command.DELIVER_SM: ShortMessage,
    Command.SUBMIT_SM_RESP: Taken,
    Command.DELIVER_SM_RESP: Taken,
    Command.DATA_SM: DataSm,
    Command.DATA_SM_RESP: Taken,
    Command.QUERY_SM: QuerySm,
    Command.QUERY_SM_RESP: QuerySmResp,
    Command.OUTBIND: Outbind,
    Command.ALERT_NOTIFICATION: Alert,
}
#: A refusal may come without its body.
_MAY_BE_EMPTY = (BindResp, Taken, QuerySmResp)
#: These have no body at all.
_EMPTY = {
    Command.GENERIC_NACK,
    Command.UNBIND,
    Command.UNBIND_RESP,
    Command.ENQUIRE_LINK,
    Command.ENQUIRE_LINK_RESP,
    Command.REPLACE_SM_RESP,
    Command.CANCEL_SM_RESP,
}


@dataclass(frozen=True, slots=True)
class Pdu:
    command: int
    sequence: int
    body: Body = Bare()
    status: int = 0


def decode(frame: bytes) -> Pdu:
    """One whole message. Raises `SmppError` and nothing else."""
    try:
        check_length(frame, HEADER, MOST)
        command, status, sequence = (int.from_bytes(frame[at : at + 4], "big") for at in (4, 8, 12))
        return Pdu(command, sequence, _body(command, frame[HEADER:]), status)
    except WireError as error:
        raise error if isinstance(error, SmppError) else SmppError(str(error)) from error


def encode(pdu: Pdu) -> bytes:
    """The bytes of a message. Raises `SmppError` for values that have no place."""
    try:
        data = pdu.body.body if isinstance(pdu.body, Bare) else _write(pdu.body)
        values = (HEADER + len(data), int(pdu.command), pdu.status, pdu.sequence)
        return b"".join(number(value, 4, "header") for value in values) + data
    except WireError as error:
        raise error if isinstance(error, SmppError) else SmppError(str(error)) from error


def tlv(body: ShortMessage | DataSm | BindResp | Taken, tag: int) -> bytes | None:
    """The value of the first TLV with this tag."""
    return next((one.value for one in body.tlvs if one.tag == tag), None)


def _body(command: int, data: bytes) -> Body:
    kind = _BODIES.get(command)
    if kind is None:
        if data and command in _EMPTY:
            raise SmppError(f"{len(data)} bytes behind the header")
        return Bare(data)
    if not data and kind in _MAY_BE_EMPTY:
        return kind()  # type: ignore[no-any-return]  # one of the classes above
    reader = Reader(data)
    given: dict[str, Any] = {}  # Any: each field has its own type, by the table of its class
    for name, how in kind.fields:
        if how == "message":
            given |= _short_message(reader)
        else:
            given[name] = _READ[how](reader, name)
    return kind(tlvs=_tlvs(reader), **given)  # type: ignore[no-any-return]


def _read_address(reader: Reader, name: str) -> Address:
    return Address(reader.number(1, f"{name} ton"), reader.number(1, f"{name} npi"), reader.c_string(name))


_READ: dict[str, Callable[[Reader, str], Any]] = {
    "text": lambda reader, name: reader.c_string(name),
    "byte": lambda reader, name: reader.number(1, name),
    "address": _read_address,
}


def _short_message(reader: Reader) -> dict[str, Any]:
    length = reader.number(1, "sm_length")
    if length > reader.left:
        return {"stated_length": length, "short_message": reader.rest()}
    return {"short_message": reader.take(length, "short_message")}


def _tlvs(reader: Reader) -> tuple[Tlv, ...]:
    found = []
    while reader.left:
        tag, length = reader.number(2, "TLV tag"), reader.number(2, "TLV length")
        if length > reader.left:
            found.append(Tlv(tag, reader.rest(), length))
        else:
            found.append(Tlv(tag, reader.take(length, "TLV value")))
    return tuple(found)


def _write(body: Any) -> bytes:  # Any: one of the classes with a table of fields
    if isinstance(body, _MAY_BE_EMPTY) and getattr(body, body.fields[0][0]) is None:
        return b""
    parts = []
    for name, how in body.fields:
        value = getattr(body, name)
        if how == "text":
            parts.append(c_string(value, name))
        elif how == "byte":
            parts.append(number(value, 1, name))
        elif how == "address":
            head = number(value.ton, 1, "ton") + number(value.npi, 1, "npi")
            parts.append(head + c_string(value.addr, name))
        else:
            stated = body.stated_length
            length = number(len(value) if stated is None else stated, 1, "sm_length")
            parts.append(length + value)
    return b"".join(parts) + b"".join(_write_tlv(one) for one in body.tlvs)


def _write_tlv(one: Tlv) -> bytes:
    stated = one.stated_length
    length = number(len(one.value) if stated is None else stated, 2, "TLV length")
    return number(one.tag, 2, "TLV tag") + length + one.value
