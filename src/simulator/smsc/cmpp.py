"""A strict CMPP gateway. Written from the standard's tables, independently of any client."""

import asyncio
import hashlib
import struct

from simulator.smsc.centre import Centre, Parcel, Taken, Talk, concatenation

CONNECT, TERMINATE, SUBMIT, DELIVER, ACTIVE_TEST = 1, 2, 4, 5, 8
RESPONSE = 0x80000000
SUBMIT_20 = struct.Struct(">8sBBBB10sB21sBBB6s2s6s17s17s21sB")
SUBMIT_30 = struct.Struct(">8sBBBB10sB32sBBBB6s2s6s17s17s21sB")


class CmppTalk(Talk):
    header, most = 12, 4096

    def __init__(
        self,
        centre: Centre,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        user: str,
        secret: str,
        version: str,
    ) -> None:
        super().__init__(centre, reader, writer)
        self.user = user.encode()
        self.secret = secret.encode()
        self.is_new = version == "3.0"
        self.version_byte = 0x30 if self.is_new else 0x20

    async def take(self, frame: bytes) -> None:
        command, sequence = struct.unpack(">II", frame[4:12])
        body = frame[12:]
        if command == CONNECT:
            await self._connect(sequence, body)
        elif not self.is_in:
            self.centre.faults.append(f"command {command:08x} before the login")
            self.is_over = True
        elif command == SUBMIT:
            await self._submit(sequence, body)
        elif command == DELIVER | RESPONSE:
            await self._deliver_resp(sequence, body)
        elif command == ACTIVE_TEST:
            self.centre.tests_seen += 1
            if not self.centre.moods.ignores_tests:
                await self.say(self._frame(ACTIVE_TEST | RESPONSE, sequence, b"\0"))
        elif command == TERMINATE:
            await self.say(self._frame(TERMINATE | RESPONSE, sequence, b""))
            self.is_over = True
        elif command not in (ACTIVE_TEST | RESPONSE, TERMINATE | RESPONSE):
            self.centre.faults.append(f"unknown command {command:08x}")

    async def _connect(self, sequence: int, body: bytes) -> None:
        if len(body) != 27:
            self.centre.faults.append(f"CONNECT of {len(body)} bytes")
            self.is_over = True
            return
        source, digest, version, stamp = struct.unpack(">6s16sBI", body)
        name = source.rstrip(b"\0")
        expected = hashlib.md5(
            name + b"\0" * 9 + self.secret + b"%010d" % stamp, usedforsecurity=False
        ).digest()
        status = 0
        if name != self.user:
            status = 2
        elif digest != expected:
            status = 3
        elif version != self.version_byte:
            status = 4
        status_bytes = struct.pack(">I" if self.is_new else ">B", status)
        answer = hashlib.md5(status_bytes + digest + self.secret, usedforsecurity=False).digest()
        reply = status_bytes + answer + bytes([self.version_byte])
        await self.say(self._frame(CONNECT | RESPONSE, sequence, reply))
        if status:
            self.is_over = True
        else:
            await self.welcome()

    async def _submit(self, sequence: int, body: bytes) -> None:
        found = self._read_submit(body)
        if isinstance(found, int):
            await self.say(self._submit_resp(sequence, bytes(8), found))
            return
        to, text, (reference, total, number) = found
        verdict = self.centre.judge(number)
        if verdict != "take":
            result = 8 if verdict == "throttle" else 13
            await self.say(self._submit_resp(sequence, bytes(8), result))
            return
        msg_id = struct.pack(">Q", next(self.centre.numbers) << 16)
        taken = Taken(to, text, reference, number, total, msg_id.hex())
        await self.took(taken, lambda: self._submit_resp(sequence, msg_id, 0))

    def _read_submit(self, body: bytes) -> tuple[str, str, tuple[int, int, int]] | int:
        """The message, or the result that refuses it. Every width, filler and length is looked at."""
        layout, phone = (SUBMIT_30, 32) if self.is_new else (SUBMIT_20, 21)
        if len(body) < layout.size:
            return self._fault(1, "SUBMIT too short")
        values = layout.unpack(body[: layout.size])
        pk_total, pk_number = values[1], values[2]
        at_udhi = 10 if self.is_new else 9
        udhi, form, source, destinations = (
            values[at_udhi],
            values[at_udhi + 1],
            values[at_udhi + 2],
            values[-1],
        )
        if source.rstrip(b"\0") != self.user:
            return self._fault(11, f"Msg_src {source!r}")
        if destinations != 1:
            return self._fault(1, f"DestUsr_tl {destinations}")
        rest = body[layout.size :]
        to = rest[:phone].rstrip(b"\0").decode("ascii", "replace")
        if not to.isdigit():
            return self._fault(13, "Dest_terminal_Id")
        rest = rest[phone + (1 if self.is_new else 0) :]
        length, content, tail = rest[0], rest[1 : 1 + rest[0]], rest[1 + rest[0] :]
        if len(content) != length or len(tail) != (20 if self.is_new else 8) or tail.strip(b"\0"):
            return self._fault(4, "Msg_Length or what follows it")
        if length > 140:
            return self._fault(6, f"{length} bytes of content")
        header = content[: content[0] + 1] if udhi else b""
        joined = concatenation(header)
        if udhi and joined[1:] != (pk_total, pk_number):
            return self._fault(1, "Pk_total and Pk_number differ from the header")
        if not udhi and (pk_total, pk_number) != (1, 1):
            return self._fault(1, "parts without a header")
        data = content[len(header) :]
        if form != 8 or len(data) % 2:
            return self._fault(1, "not UCS-2")
        return to, data.decode("utf-16-be"), joined

    def _fault(self, result: int, why: str) -> int:
        self.centre.faults.append(why)
        return result

    async def _deliver_resp(self, sequence: int, body: bytes) -> None:
        if len(body) != (12 if self.is_new else 9):
            self.centre.faults.append(f"DELIVER_RESP of {len(body)} bytes")
        if any(body[8:]):
            self.centre.faults.append("DELIVER_RESP with a bad result")
        await self.confirmed(sequence)

    def parcel_frame(self, sequence: int, parcel: Parcel) -> bytes:
        form, udhi, registered = 8, 1 if parcel.header else 0, 0
        content = parcel.header + parcel.text.encode("utf-16-be")
        phone = 32 if self.is_new else 21
        if parcel.kind == "receipt":
            form, registered = 0, 1
            number = bytes.fromhex(parcel.message_id.zfill(16))
            content = struct.pack(
                f">8s7s10s10s{phone}sI", number, parcel.status.encode(), b"2607010700", b"2607010701",
                parcel.sender.encode(), sequence,
            )  # fmt: skip
        own = hashlib.md5(parcel.key.encode(), usedforsecurity=False).digest()[:8]
        body = struct.pack(">8s21s10sBBB", own, b"106900001", b"", 0, udhi, form)
        body += struct.pack(f">{phone}s", parcel.sender.encode()) + (b"\0" if self.is_new else b"")
        body += bytes([registered, len(content)]) + content + bytes(20 if self.is_new else 8)
        return self._frame(DELIVER, sequence, body)

    def bad_frame(self) -> bytes:
        return self._frame(DELIVER, 99, b"short")

    def _submit_resp(self, sequence: int, msg_id: bytes, result: int) -> bytes:
        return self._frame(
            SUBMIT | RESPONSE, sequence, msg_id + struct.pack(">I" if self.is_new else ">B", result)
        )

    @staticmethod
    def _frame(command: int, sequence: int, body: bytes) -> bytes:
        return struct.pack(">III", 12 + len(body), command, sequence) + body
