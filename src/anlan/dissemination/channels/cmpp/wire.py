"""CMPP 2.0 and 3.0 (China Mobile Peer to Peer): bytes to messages and back. Pure; no I/O, no clock.

Field widths: China Mobile CMPP 2.0 and 3.0, the tables of each command. Text fields are Latin-1 so that decoding and encoding
again gives the same bytes. Where the two versions differ only in length, the length tells them apart when the version is not given.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from anlan.dissemination.channels.texting.wire import Reader, WireError, check_length, number, padded

HEADER = 12
#: A SUBMIT to 100 numbers of 3.0 takes 3,600 bytes; anything longer is no CMPP.
MOST = 4096
DESTINATIONS_MOST = 100


class CmppError(WireError):
    """The reason why bytes are no CMPP."""


class Version(IntEnum):
    """The version byte of CONNECT: high four bits major, low four minor."""

    V20 = 0x20
    V30 = 0x30


class Command(IntEnum):
    CONNECT = 0x00000001
    CONNECT_RESP = 0x80000001
    TERMINATE = 0x00000002
    TERMINATE_RESP = 0x80000002
    SUBMIT = 0x00000004
    SUBMIT_RESP = 0x80000004
    DELIVER = 0x00000005
    DELIVER_RESP = 0x80000005
    QUERY = 0x00000006
    QUERY_RESP = 0x80000006
    ACTIVE_TEST = 0x00000008
    ACTIVE_TEST_RESP = 0x80000008
    FWD_RESP = 0x80000009


@dataclass(frozen=True, slots=True)
class Connect:
    command: ClassVar[Command] = Command.CONNECT
    source_addr: str
    digest: bytes
    version: int
    #: MMDDHHMMSS as a number.
    timestamp: int


@dataclass(frozen=True, slots=True)
class ConnectResp:
    command: ClassVar[Command] = Command.CONNECT_RESP
    status: int
    digest: bytes
    version: int


@dataclass(frozen=True, slots=True)
class Submit:
    command: ClassVar[Command] = Command.SUBMIT
    src_id: str
    dest: tuple[str, ...]
    content: bytes
    msg_fmt: int
    msg_src: str
    msg_id: bytes = bytes(8)
    pk_total: int = 1
    pk_number: int = 1
    registered_delivery: int = 1
    msg_level: int = 0
    service_id: str = ""
    #: 2: the service provider pays.
    fee_user_type: int = 2
    fee_terminal: str = ""
    fee_terminal_type: int = 0
    tp_pid: int = 0
    tp_udhi: int = 0
    fee_type: str = "01"
    fee_code: str = "000000"
    valid_time: str = ""
    at_time: str = ""
    dest_terminal_type: int = 0
    #: 8 bytes reserved in 2.0, the LinkID of 20 bytes in 3.0.
    link_id: str = ""


@dataclass(frozen=True, slots=True)
class SubmitResp:
    command: ClassVar[Command] = Command.SUBMIT_RESP
    msg_id: bytes
    result: int


@dataclass(frozen=True, slots=True)
class Deliver:
    command: ClassVar[Command] = Command.DELIVER
    msg_id: bytes
    dest_id: str
    src_terminal: str
    content: bytes
    msg_fmt: int = 0
    service_id: str = ""
    tp_pid: int = 0
    tp_udhi: int = 0
    src_terminal_type: int = 0
    #: 1: the content is a status report.
    registered_delivery: int = 0
    link_id: str = ""


@dataclass(frozen=True, slots=True)
class DeliverResp:
    command: ClassVar[Command] = Command.DELIVER_RESP
    msg_id: bytes
    result: int


@dataclass(frozen=True, slots=True)
class FwdResp:
    command: ClassVar[Command] = Command.FWD_RESP
    msg_id: bytes
    pk_total: int
    pk_number: int
    result: int


@dataclass(frozen=True, slots=True)
class Query:
    """Counts of a day (`time` is YYYYMMDD), not of one message: CMPP cannot be asked about one."""

    command: ClassVar[Command] = Command.QUERY
    time: str
    query_type: int = 0
    query_code: str = ""
    reserve: str = ""


@dataclass(frozen=True, slots=True)
class QueryResp:
    """`counts`: MT_TLMsg, MT_Tlusr, MT_Scs, MT_WT, MT_FL, MO_Scs, MO_WT, MO_FL."""

    command: ClassVar[Command] = Command.QUERY_RESP
    time: str
    query_type: int
    query_code: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bare:
    """A command without a body (of ACTIVE_TEST_RESP: with its one reserved byte), or one whose body is not looked into."""

    command: int
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Report:
    """The content of a DELIVER that is a status report."""

    msg_id: bytes
    stat: str
    submit_time: str
    done_time: str
    dest: str
    smsc_sequence: int


Body = (
    Connect | ConnectResp | Submit | SubmitResp | Deliver | DeliverResp | FwdResp | Query | QueryResp | Bare
)


@dataclass(frozen=True, slots=True)
class Pdu:
    sequence: int
    body: Body
    version: Version = Version.V20


def decode(frame: bytes, version: Version | None = None) -> Pdu:
    """One whole message. Raises `CmppError` and nothing else. Without a version the layout that fits is taken, 2.0 first."""
    try:
        check_length(frame, HEADER, MOST)
        command = int.from_bytes(frame[4:8], "big")
        sequence = int.from_bytes(frame[8:12], "big")
        read = _READERS.get(command)
        if read is None:
            return Pdu(sequence, _bare(command, frame[HEADER:]), version or Version.V20)
        return _fitting(frame, sequence, read, version)
    except WireError as error:
        raise error if isinstance(error, CmppError) else CmppError(str(error)) from error


def encode(pdu: Pdu) -> bytes:
    """The bytes of a message in its version. Raises `CmppError` for values that have no place."""
    body = pdu.body
    try:
        data = body.body if isinstance(body, Bare) else _WRITERS[type(body)](body, pdu.version)
        header = number(HEADER + len(data), 4, "length") + number(int(body.command), 4, "command")
        return header + number(pdu.sequence, 4, "sequence") + data
    except WireError as error:
        raise error if isinstance(error, CmppError) else CmppError(str(error)) from error


def connect_digest(source_addr: str, secret: str, timestamp: int) -> bytes:
    """MD5 over source, nine NUL, secret and the ten digits of the time (CMPP 2.0, CONNECT)."""
    text = source_addr.encode("latin-1") + bytes(9) + secret.encode("utf-8") + f"{timestamp:010d}".encode()
    return hashlib.md5(text, usedforsecurity=False).digest()


def answer_digest(status: int, digest: bytes, secret: str, version: Version) -> bytes:
    """MD5 over status (1 byte in 2.0, 4 in 3.0), the digest of CONNECT and the secret."""
    text = number(status, _status_width(version), "status") + digest + secret.encode("utf-8")
    return hashlib.md5(text, usedforsecurity=False).digest()


def decode_report(content: bytes) -> Report:
    """A status report: 60 bytes with a number of 21, 71 with one of 32."""
    widths = {60: 21, 71: 32}
    if len(content) not in widths:
        raise CmppError(f"status report: {len(content)} bytes, 60 or 71 needed")
    reader = Reader(content)
    return Report(
        reader.take(8, "Msg_Id"),
        reader.padded(7, "Stat"),
        reader.padded(10, "Submit_time"),
        reader.padded(10, "Done_time"),
        reader.padded(widths[len(content)], "Dest_terminal_Id"),
        reader.number(4, "SMSC_sequence"),
    )


def encode_report(report: Report, version: Version) -> bytes:
    try:
        return (
            _exactly(report.msg_id, 8, "Msg_Id")
            + padded(report.stat, 7, "Stat")
            + padded(report.submit_time, 10, "Submit_time")
            + padded(report.done_time, 10, "Done_time")
            + padded(report.dest, _phone_width(version), "Dest_terminal_Id")
            + number(report.smsc_sequence, 4, "SMSC_sequence")
        )
    except WireError as error:
        raise CmppError(str(error)) from error


def split_header(content: bytes, tp_udhi: int) -> tuple[bytes, bytes]:
    """The user data header with its length byte, and the text behind it."""
    if tp_udhi != 1:
        return b"", content
    if not content or len(content) < 1 + content[0]:
        raise CmppError("user data header: longer than the content")
    return content[: 1 + content[0]], content[1 + content[0] :]


# --- reading ----------------------------------------------------------------------------------------------------------


def _fitting(
    frame: bytes, sequence: int, read: Callable[[Reader, Version], Body], version: Version | None
) -> Pdu:
    problem: WireError | None = None
    for candidate in [version] if version is not None else [Version.V20, Version.V30]:
        reader = Reader(frame[HEADER:])
        try:
            body = read(reader, candidate)
            reader.end()
            return Pdu(sequence, body, candidate)
        except WireError as error:
            problem = problem or error
    raise problem or CmppError("no version")


def _bare(command: int, body: bytes) -> Bare:
    longest = {
        Command.ACTIVE_TEST: 0,
        Command.TERMINATE: 0,
        Command.TERMINATE_RESP: 0,
        Command.ACTIVE_TEST_RESP: 1,
    }
    if len(body) > longest.get(command, MOST):  # type: ignore[call-overload]  # an IntEnum is found by its number
        raise CmppError(f"{len(body)} bytes behind the last field")
    return Bare(command, body)


def _connect(reader: Reader, version: Version) -> Connect:
    return Connect(
        reader.padded(6, "Source_Addr"),
        reader.take(16, "AuthenticatorSource"),
        reader.number(1, "Version"),
        reader.number(4, "Timestamp"),
    )


def _connect_resp(reader: Reader, version: Version) -> ConnectResp:
    return ConnectResp(
        reader.number(_status_width(version), "Status"),
        reader.take(16, "AuthenticatorISMG"),
        reader.number(1, "Version"),
    )


def _submit(reader: Reader, version: Version) -> Submit:
    new = version is Version.V30
    phone = _phone_width(version)
    given: dict[str, object] = {"msg_id": reader.take(8, "Msg_Id")}
    for name in ("pk_total", "pk_number", "registered_delivery", "msg_level"):
        given[name] = reader.number(1, name)
    given["service_id"] = reader.padded(10, "Service_Id")
    given["fee_user_type"] = reader.number(1, "Fee_UserType")
    given["fee_terminal"] = reader.padded(phone, "Fee_terminal_Id")
    given["fee_terminal_type"] = reader.number(1, "Fee_terminal_type") if new else 0
    for name in ("tp_pid", "tp_udhi", "msg_fmt"):
        given[name] = reader.number(1, name)
    for name, width in _SUBMIT_TEXTS:
        given[name] = reader.padded(width, name)
    given["dest"] = _destinations(reader, phone)
    given["dest_terminal_type"] = reader.number(1, "Dest_terminal_type") if new else 0
    given["content"] = reader.take(reader.number(1, "Msg_Length"), "Msg_Content")
    given["link_id"] = reader.padded(20 if new else 8, "LinkID" if new else "Reserve")
    return Submit(**given)  # type: ignore[arg-type]  # each name was read in its own type just above


_SUBMIT_TEXTS = (
    ("msg_src", 6),
    ("fee_type", 2),
    ("fee_code", 6),
    ("valid_time", 17),
    ("at_time", 17),
    ("src_id", 21),
)


def _destinations(reader: Reader, width: int) -> tuple[str, ...]:
    count = reader.number(1, "DestUsr_tl")
    if not 1 <= count <= DESTINATIONS_MOST:
        raise CmppError(f"DestUsr_tl: {count}, 1 to {DESTINATIONS_MOST} allowed")
    return tuple(reader.padded(width, "Dest_terminal_Id") for _ in range(count))


def _submit_resp(reader: Reader, version: Version) -> SubmitResp:
    return SubmitResp(reader.take(8, "Msg_Id"), reader.number(_status_width(version), "Result"))


def _deliver(reader: Reader, version: Version) -> Deliver:
    new = version is Version.V30
    msg_id = reader.take(8, "Msg_Id")
    dest_id = reader.padded(21, "Dest_Id")
    service_id = reader.padded(10, "Service_Id")
    tp_pid, tp_udhi, msg_fmt = (reader.number(1, name) for name in ("TP_pid", "TP_udhi", "Msg_Fmt"))
    src_terminal = reader.padded(_phone_width(version), "Src_terminal_Id")
    src_terminal_type = reader.number(1, "Src_terminal_type") if new else 0
    registered = reader.number(1, "Registered_Delivery")
    content = reader.take(reader.number(1, "Msg_Length"), "Msg_Content")
    link_id = reader.padded(20 if new else 8, "LinkID" if new else "Reserved")
    return Deliver(
        msg_id, dest_id, src_terminal, content, msg_fmt, service_id, tp_pid, tp_udhi, src_terminal_type, registered,
        link_id,
    )  # fmt: skip


def _deliver_resp(reader: Reader, version: Version) -> DeliverResp:
    return DeliverResp(reader.take(8, "Msg_Id"), reader.number(_status_width(version), "Result"))


def _fwd_resp(reader: Reader, version: Version) -> FwdResp:
    msg_id, total, one = reader.take(8, "Msg_Id"), reader.number(1, "Pk_total"), reader.number(1, "Pk_number")
    return FwdResp(msg_id, total, one, reader.number(_status_width(version), "Result"))


def _query(reader: Reader, version: Version) -> Query:
    return Query(
        reader.padded(8, "Time"),
        reader.number(1, "Query_Type"),
        reader.padded(10, "Query_Code"),
        reader.padded(8, "Reserve"),
    )


def _query_resp(reader: Reader, version: Version) -> QueryResp:
    return QueryResp(
        reader.padded(8, "Time"),
        reader.number(1, "Query_Type"),
        reader.padded(10, "Query_Code"),
        tuple(reader.number(4, "count") for _ in range(8)),
    )


_READERS: dict[int, Callable[[Reader, Version], Body]] = {
    Command.CONNECT: _connect,
    Command.CONNECT_RESP: _connect_resp,
    Command.SUBMIT: _submit,
    Command.SUBMIT_RESP: _submit_resp,
    Command.DELIVER: _deliver,
    Command.DELIVER_RESP: _deliver_resp,
    Command.FWD_RESP: _fwd_resp,
    Command.QUERY: _query,
    Command.QUERY_RESP: _query_resp,
}

# --- writing ----------------------------------------------------------------------------------------------------------


def _phone_width(version: Version) -> int:
    return 32 if version is Version.V30 else 21


def _status_width(version: Version) -> int:
    return 4 if version is Version.V30 else 1


def _exactly(data: bytes, width: int, name: str) -> bytes:
    if len(data) != width:
        raise CmppError(f"{name}: {len(data)} bytes, {width} needed")
    return data


def _write_connect(body: Connect, version: Version) -> bytes:
    return (
        padded(body.source_addr, 6, "Source_Addr")
        + _exactly(body.digest, 16, "AuthenticatorSource")
        + number(body.version, 1, "Version")
        + number(body.timestamp, 4, "Timestamp")
    )


def _write_connect_resp(body: ConnectResp, version: Version) -> bytes:
    status = number(body.status, _status_width(version), "Status")
    return status + _exactly(body.digest, 16, "AuthenticatorISMG") + number(body.version, 1, "Version")


def _write_submit(body: Submit, version: Version) -> bytes:
    new = version is Version.V30
    phone = _phone_width(version)
    if not 1 <= len(body.dest) <= DESTINATIONS_MOST:
        raise CmppError(f"DestUsr_tl: {len(body.dest)}, 1 to {DESTINATIONS_MOST} allowed")
    parts = [_exactly(body.msg_id, 8, "Msg_Id")]
    parts += [
        number(getattr(body, name), 1, name)
        for name in ("pk_total", "pk_number", "registered_delivery", "msg_level")
    ]
    parts += [padded(body.service_id, 10, "Service_Id"), number(body.fee_user_type, 1, "Fee_UserType")]
    parts.append(padded(body.fee_terminal, phone, "Fee_terminal_Id"))
    if new:
        parts.append(number(body.fee_terminal_type, 1, "Fee_terminal_type"))
    parts += [number(getattr(body, name), 1, name) for name in ("tp_pid", "tp_udhi", "msg_fmt")]
    parts += [padded(getattr(body, name), width, name) for name, width in _SUBMIT_TEXTS]
    parts.append(number(len(body.dest), 1, "DestUsr_tl"))
    parts += [padded(one, phone, "Dest_terminal_Id") for one in body.dest]
    if new:
        parts.append(number(body.dest_terminal_type, 1, "Dest_terminal_type"))
    parts += [number(len(body.content), 1, "Msg_Length"), body.content]
    parts.append(padded(body.link_id, 20 if new else 8, "LinkID"))
    return b"".join(parts)


def _write_submit_resp(body: SubmitResp | DeliverResp, version: Version) -> bytes:
    return _exactly(body.msg_id, 8, "Msg_Id") + number(body.result, _status_width(version), "Result")


def _write_deliver(body: Deliver, version: Version) -> bytes:
    new = version is Version.V30
    parts = [_exactly(body.msg_id, 8, "Msg_Id"), padded(body.dest_id, 21, "Dest_Id")]
    parts.append(padded(body.service_id, 10, "Service_Id"))
    parts += [number(getattr(body, name), 1, name) for name in ("tp_pid", "tp_udhi", "msg_fmt")]
    parts.append(padded(body.src_terminal, _phone_width(version), "Src_terminal_Id"))
    if new:
        parts.append(number(body.src_terminal_type, 1, "Src_terminal_type"))
    parts.append(number(body.registered_delivery, 1, "Registered_Delivery"))
    parts += [number(len(body.content), 1, "Msg_Length"), body.content]
    parts.append(padded(body.link_id, 20 if new else 8, "LinkID"))
    return b"".join(parts)


def _write_fwd_resp(body: FwdResp, version: Version) -> bytes:
    counts = number(body.pk_total, 1, "Pk_total") + number(body.pk_number, 1, "Pk_number")
    return _exactly(body.msg_id, 8, "Msg_Id") + counts + number(body.result, _status_width(version), "Result")


def _write_query(body: Query, version: Version) -> bytes:
    head = padded(body.time, 8, "Time") + number(body.query_type, 1, "Query_Type")
    return head + padded(body.query_code, 10, "Query_Code") + padded(body.reserve, 8, "Reserve")


def _write_query_resp(body: QueryResp, version: Version) -> bytes:
    if len(body.counts) != 8:
        raise CmppError(f"counts: {len(body.counts)}, 8 needed")
    head = padded(body.time, 8, "Time") + number(body.query_type, 1, "Query_Type")
    counts = b"".join(number(one, 4, "count") for one in body.counts)
    return head + padded(body.query_code, 10, "Query_Code") + counts


#: Each writer takes exactly the class that it stands beside.
_WRITERS: dict[type, Callable[..., bytes]] = {
    Connect: _write_connect,
    ConnectResp: _write_connect_resp,
    Submit: _write_submit,
    SubmitResp: _write_submit_resp,
    Deliver: _write_deliver,
    DeliverResp: _write_submit_resp,
    FwdResp: _write_fwd_resp,
    Query: _write_query,
    QueryResp: _write_query_resp,
}
