"""CMPP as a session speaks it: which bytes are sent, and what a frame means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from anlan.dissemination.channels.cmpp import wire
from anlan.dissemination.channels.cmpp.wire import (
    Bare,
    Command,
    Connect,
    ConnectResp,
    Deliver,
    DeliverResp,
    Pdu,
    Submit,
    SubmitResp,
    Version,
)
from anlan.dissemination.channels.segments import encode_part, header
from anlan.dissemination.channels.texting.alphabets import UCS2, decode_text
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
from anlan.dissemination.channels.texting.joining import piece_of
from anlan.dissemination.channels.texting.wire import WireError

#: Result of SUBMIT_RESP: what concerns this message alone (its length, its number). Everything else concerns the account or the
#: gateway, and another route may take the message.
_REFUSED = frozenset({4, 6, 13})
_TOO_FAST = 8
#: Stat of a status report. What is not listed failed: carriers add codes of their own ("MK:0012", "ID:0076").
_STATUS_BY_STAT = {"DELIVRD": "delivered", "ACCEPTD": "", "UNKNOWN": ""}


@dataclass(frozen=True, slots=True)
class Account:
    """`src_id` is the access number with its extension; `msg_src` the SP's own id, which is the user where not told otherwise."""

    user: str
    secret: str
    src_id: str
    msg_src: str
    service_id: str = ""
    fee_user_type: int = 2
    fee_type: str = "01"
    fee_code: str = "000000"


class CmppDialect:
    header = wire.HEADER
    most = wire.MOST
    has_gsm7 = False

    def __init__(self, account: Account, version: Version, beijing_now: Callable[[], datetime]) -> None:
        self.account = account
        self.version = version
        self._now = beijing_now

    def login(self, sequence: int) -> bytes:
        stamp = int(self._now().strftime("%m%d%H%M%S"))
        digest = wire.connect_digest(self.account.user, self.account.secret, stamp)
        return self._encode(sequence, Connect(self.account.user, digest, int(self.version), stamp))

    def submit(self, sequence: int, part: Part) -> bytes:
        account = self.account
        is_joined = part.total > 1
        head = header(part.reference, part.total, part.number) if is_joined else b""
        body = Submit(
            src_id=account.src_id,
            dest=(part.to,),
            content=head + encode_part(part.text, part.alphabet),
            msg_fmt=UCS2,
            msg_src=account.msg_src,
            pk_total=part.total,
            pk_number=part.number,
            service_id=account.service_id,
            fee_user_type=account.fee_user_type,
            tp_udhi=1 if is_joined else 0,
            fee_type=account.fee_type,
            fee_code=account.fee_code,
        )
        return self._encode(sequence, body)

    def test(self, sequence: int) -> bytes:
        return self._encode(sequence, Bare(Command.ACTIVE_TEST))

    def goodbye(self, sequence: int) -> bytes:
        return self._encode(sequence, Bare(Command.TERMINATE))

    def read(self, frame: bytes) -> Happening:
        try:
            pdu = wire.decode(frame, self.version)
        except WireError:
            return self._login_of_another_version(frame)
        match pdu.body:
            case ConnectResp(status=status):
                return LoggedIn() if status == 0 else LoginRefused(str(status))
            case SubmitResp(msg_id=msg_id, result=result):
                return Answered(pdu.sequence, _verdict(result), msg_id.hex(), f"result_{result}")
            case Deliver():
                return self._delivered(pdu.sequence, pdu.body)
            case Bare(command=Command.ACTIVE_TEST):
                return Say(self._encode(pdu.sequence, Bare(Command.ACTIVE_TEST_RESP, b"\0")))
            case Bare(command=Command.TERMINATE):
                return Farewell(self._encode(pdu.sequence, Bare(Command.TERMINATE_RESP)))
        return StillThere()

    def _login_of_another_version(self, frame: bytes) -> Happening:
        """A gateway that refuses may answer in the layout of its own version."""
        try:
            body = wire.decode(frame).body
        except WireError:
            return Unreadable()
        if isinstance(body, ConnectResp):
            return LoginRefused(f"{body.status}_speaks_{body.version >> 4}.{body.version & 15}")
        return Unreadable()

    def _delivered(self, sequence: int, body: Deliver) -> Happening:
        confirm = self._encode(sequence, DeliverResp(body.msg_id, 0))
        if body.registered_delivery == 1:
            try:
                report = wire.decode_report(body.content)
            except WireError:
                return Unreadable(self._encode(sequence, DeliverResp(body.msg_id, 1)))
            return Receipt(confirm, report.msg_id.hex(), _STATUS_BY_STAT.get(report.stat.upper(), "failed"))
        try:
            head, content = wire.split_header(body.content, body.tp_udhi)
        except WireError:
            head, content = b"", body.content  # the words must not be lost over a wrong flag
        text = decode_text(content, body.msg_fmt)
        return Words(confirm, body.msg_id.hex(), body.src_terminal, body.dest_id, text, piece_of(head))

    def _encode(self, sequence: int, body: wire.Body) -> bytes:
        return wire.encode(Pdu(sequence, body, self.version))


def _verdict(result: int) -> Verdict:
    if result == 0:
        return Verdict.TAKEN
    if result == _TOO_FAST:
        return Verdict.THROTTLED
    return Verdict.REFUSED if result in _REFUSED else Verdict.DOWN
