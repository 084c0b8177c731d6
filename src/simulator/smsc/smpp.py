"""A strict SMPP 3.4 message centre. Written from the specification, independently of any client."""

import asyncio
import hashlib
import struct

from simulator.smsc.centre import Centre, Parcel, Taken, Talk, concatenation

BIND_RECEIVER, BIND_TRANSMITTER, BIND_TRANSCEIVER = 1, 2, 9
SUBMIT_SM, DELIVER_SM, UNBIND, ENQUIRE_LINK = 4, 5, 6, 0x15
RESPONSE = 0x80000000
ROK, RINVMSGLEN, RINVCMDID, RINVDSTADR, RBINDFAIL, RTHROTTLED = 0, 1, 3, 0x0B, 0x0D, 0x58


class Cut(Exception):
    """The body ends too early."""


class SmppTalk(Talk):
    header, most = 16, 70_000

    def __init__(
        self,
        centre: Centre,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        user: str,
        secret: str,
    ) -> None:
        super().__init__(centre, reader, writer)
        self.user, self.secret = user, secret

    async def take(self, frame: bytes) -> None:
        command, status, sequence = struct.unpack(">III", frame[4:16])
        body = frame[16:]
        if command in (BIND_RECEIVER, BIND_TRANSMITTER, BIND_TRANSCEIVER):
            await self._bind(command, sequence, body)
        elif not self.is_in:
            self.centre.faults.append(f"command {command:08x} before the bind")
            self.is_over = True
        elif command == SUBMIT_SM:
            await self._submit(sequence, body)
        elif command == DELIVER_SM | RESPONSE:
            if status or not body.endswith(b"\0"):
                self.centre.faults.append("deliver_sm_resp is wrong")
            await self.confirmed(sequence)
        elif command == ENQUIRE_LINK:
            self.centre.tests_seen += 1
            if not self.centre.moods.ignores_tests:
                await self.say(self._frame(ENQUIRE_LINK | RESPONSE, 0, sequence, b""))
        elif command == UNBIND:
            await self.say(self._frame(UNBIND | RESPONSE, 0, sequence, b""))
            self.is_over = True
        elif not command & RESPONSE:
            self.centre.faults.append(f"unknown command {command:08x}")
            await self.say(self._frame(RESPONSE, RINVCMDID, sequence, b""))

    async def _bind(self, command: int, sequence: int, body: bytes) -> None:
        parts = body.split(b"\0", 3)
        good = len(parts) == 4 and (parts[0].decode(), parts[1].decode()) == (self.user, self.secret)
        if len(parts) == 4 and (len(parts[3]) != 4 or parts[3][0] != 0x34):
            self.centre.faults.append("bind: version or address range")
        status = ROK if good else RBINDFAIL
        await self.say(self._frame(command | RESPONSE, status, sequence, b"centre\0"))
        if good:
            await self.welcome()
        else:
            self.is_over = True

    async def _submit(self, sequence: int, body: bytes) -> None:
        try:
            found = self._read_submit(body)
        except (Cut, UnicodeDecodeError) as error:
            found = self._fault(RINVMSGLEN, f"submit_sm: {error}")
        if isinstance(found, int):
            await self.say(self._frame(SUBMIT_SM | RESPONSE, found, sequence, b""))
            return
        to, text, (reference, total, number) = found
        verdict = self.centre.judge(number)
        if verdict != "take":
            status = RTHROTTLED if verdict == "throttle" else RINVDSTADR
            await self.say(self._frame(SUBMIT_SM | RESPONSE, status, sequence, b""))
            return
        one = next(self.centre.numbers)
        told = f"{one:x}" if self.centre.moods.mixed_ids else str(one)
        taken = Taken(to, text, reference, number, total, str(one))
        answer = self._frame(SUBMIT_SM | RESPONSE, ROK, sequence, told.encode() + b"\0")
        await self.took(taken, lambda: answer)

    def _read_submit(self, body: bytes) -> tuple[str, str, tuple[int, int, int]] | int:
        cursor = _Cursor(body)
        cursor.text(6)
        cursor.byte(), cursor.byte(), cursor.text(21)
        cursor.byte(), cursor.byte()
        to = cursor.text(21)
        esm_class, _, _ = cursor.byte(), cursor.byte(), cursor.byte()
        cursor.text(17), cursor.text(17)
        cursor.byte(), cursor.byte()
        coding, _, length = cursor.byte(), cursor.byte(), cursor.byte()
        data = cursor.bytes(length)
        while cursor.left:
            cursor.bytes(int.from_bytes(cursor.bytes(4)[2:], "big"))
        if not to.isdigit():
            return self._fault(RINVDSTADR, "destination_addr")
        header = data[: data[0] + 1] if esm_class & 0x40 else b""
        words = data[len(header) :]
        if len(data) > (140 if coding == 8 else 160):
            return self._fault(RINVMSGLEN, f"{len(data)} bytes of text")
        if coding == 8 and len(words) % 2:
            return self._fault(RINVMSGLEN, "UCS-2 of an odd number of bytes")
        if coding not in (0, 8):
            return self._fault(RINVMSGLEN, f"data_coding {coding}")
        text = words.decode("utf-16-be") if coding == 8 else words.decode("ascii")
        return to, text, concatenation(header)

    def _fault(self, status: int, why: str) -> int:
        self.centre.faults.append(why)
        return status

    def parcel_frame(self, sequence: int, parcel: Parcel) -> bytes:
        esm_class, coding, text = 0, 8, parcel.header + parcel.text.encode("utf-16-be")
        if parcel.header:
            esm_class = 0x40
        if parcel.kind == "receipt":
            esm_class, coding = 4, 0
            text = (
                f"id:{int(parcel.message_id, 10):010d} sub:001 dlvrd:001 submit date:2607010700"
                f" done date:2607010701 stat:{parcel.status} err:000 text:"
            ).encode()
        body = b"\0" + b"\x01\x01" + parcel.sender.encode() + b"\0" + b"\x00\x01" + b"106900001\0"
        body += bytes([esm_class, 0, 0]) + b"\0\0" + bytes([0, 0, coding, 0, len(text)]) + text
        return self._frame(DELIVER_SM, 0, sequence, body)

    def bad_frame(self) -> bytes:
        return self._frame(DELIVER_SM, 0, 99, hashlib.md5(b"x", usedforsecurity=False).digest()[:5])

    @staticmethod
    def _frame(command: int, status: int, sequence: int, body: bytes) -> bytes:
        return struct.pack(">IIII", 16 + len(body), command, status, sequence) + body


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    @property
    def left(self) -> int:
        return len(self.data) - self.at

    def bytes(self, count: int) -> bytes:
        if count > self.left:
            raise Cut(f"{count} bytes wanted, {self.left} left")
        self.at += count
        return self.data[self.at - count : self.at]

    def byte(self) -> int:
        return self.bytes(1)[0]

    def text(self, most: int) -> str:
        end = self.data.find(b"\0", self.at)
        if end < 0 or end - self.at >= most:
            raise Cut("a text without its end, or too long")
        found = self.data[self.at : end].decode("ascii")
        self.at = end + 1
        return found
