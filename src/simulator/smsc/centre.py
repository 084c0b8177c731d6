"""What both gateways share: what they took, what they complain about, how they misbehave, and what the phones do."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count


@dataclass(slots=True)
class Moods:
    """How a gateway misbehaves. All of it happens in the field; everything is off at first."""

    #: Takes a message and never says so.
    drops_responses: bool = False
    #: Takes a message and says so only after this long, seconds.
    responds_after_s: float = 0.0
    receipts_first: bool = False
    double_receipts: bool = False
    no_receipts: bool = False
    #: Also reports about numbers that it never gave out.
    unknown_receipts: bool = False
    #: Says "too fast" to the next so many submits, and takes none of them.
    throttles: int = 0
    #: Says "too fast" to the next so many parts that are not the first.
    throttles_later_parts: int = 0
    refuses: bool = False
    refuses_later_parts: bool = False
    #: Cuts what it sends into single bytes.
    torn: bool = False
    #: Accepts connections and never says anything.
    hangs: bool = False
    ignores_tests: bool = False
    #: Takes the next message and closes without a word.
    closes_after_taking: int = 0
    #: Sends a frame that is none (with a sound length) before each receipt.
    bad_frames: bool = False
    #: Sends a length that cannot be, once.
    bad_length: bool = False
    #: SMPP: responses in hexadecimal, receipts in decimal.
    mixed_ids: bool = False
    #: Receipts say that it failed.
    fails: bool = False
    receipt_after_s: float = 0.01
    #: Every phone answers with this.
    reply: str = ""
    reply_after_s: float = 0.02
    #: Parts of longer texts are reported in the wrong order.
    window: int = 16


@dataclass(frozen=True, slots=True)
class Taken:
    """One part that a phone got. The gateway never looks whether it was the same as another one."""

    to: str
    text: str
    reference: int
    number: int
    total: int
    message_id: str


@dataclass(slots=True)
class Parcel:
    """A receipt or a reply on its way to the platform; sent again on a new connection until it is confirmed."""

    key: str
    kind: str
    message_id: str = ""
    status: str = "DELIVRD"
    sender: str = ""
    to: str = ""
    text: str = ""
    header: bytes = b""


@dataclass(slots=True)
class Centre:
    """The memory of a gateway, across connections."""

    moods: Moods = field(default_factory=Moods)
    taken: list[Taken] = field(default_factory=list)
    #: What the client did against the protocol; a good client leaves this empty.
    faults: list[str] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)
    waiting: dict[str, Parcel] = field(default_factory=dict)
    logins: int = 0
    tests_seen: int = 0
    numbers: "count[int]" = field(default_factory=lambda: count(0x1A2B3C))

    def judge(self, number: int) -> str:
        """ "take", "throttle" or "refuse" for a part."""
        moods = self.moods
        if moods.refuses or (moods.refuses_later_parts and number > 1):
            return "refuse"
        if moods.throttles > 0:
            moods.throttles -= 1
            return "throttle"
        if moods.throttles_later_parts > 0 and number > 1:
            moods.throttles_later_parts -= 1
            return "throttle"
        return "take"

    def parcels_for(self, taken: Taken) -> list[tuple[float, Parcel]]:
        """What follows a message, and when."""
        moods = self.moods
        found: list[tuple[float, Parcel]] = []
        if not moods.no_receipts:
            status = "UNDELIV" if moods.fails else "DELIVRD"
            receipt = Parcel(f"r{taken.message_id}", "receipt", taken.message_id, status, taken.to)
            found.append((moods.receipt_after_s, receipt))
            if moods.double_receipts:
                again = Parcel(f"d{taken.message_id}", "receipt", taken.message_id, status, taken.to)
                found.append((moods.receipt_after_s * 2, again))
            if moods.unknown_receipts:
                stranger = Parcel(f"u{taken.message_id}", "receipt", "7777777", status, taken.to)
                found.append((moods.receipt_after_s, stranger))
        if moods.reply and taken.number == taken.total:
            words = Parcel(f"w{taken.message_id}", "words", sender=taken.to, text=moods.reply)
            found.append((moods.reply_after_s, words))
        return found


class Talk:
    """One connection; a protocol fills in the frames."""

    header = 0
    most = 0

    def __init__(self, centre: Centre, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.centre = centre
        self.reader = reader
        self.writer = writer
        self.is_in = False
        self.sequence = count(1)
        self.sent: dict[int, str] = {}
        self.in_flight = 0
        self.tasks: set[asyncio.Task[None]] = set()
        self.is_over = False

    async def run(self) -> None:
        try:
            while not self.is_over:
                head = await self.reader.readexactly(4)
                length = int.from_bytes(head, "big")
                if not self.header <= length <= self.most:
                    self.centre.faults.append(f"length {length}")
                    break
                rest = await self.reader.readexactly(length - 4)
                if not self.centre.moods.hangs:
                    await self.take(head + rest)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            for task in self.tasks:
                task.cancel()
            self.writer.close()
            with contextlib.suppress(ConnectionError):
                await self.writer.wait_closed()

    async def take(self, frame: bytes) -> None:
        raise NotImplementedError

    async def say(self, frame: bytes) -> None:
        if self.writer.is_closing():
            return
        if self.centre.moods.torn:
            for at in range(len(frame)):
                self.writer.write(frame[at : at + 1])
                await self.writer.drain()
                await asyncio.sleep(0)
            return
        self.writer.write(frame)
        with contextlib.suppress(ConnectionError):
            await self.writer.drain()

    def parcel_frame(self, sequence: int, parcel: Parcel) -> bytes:
        raise NotImplementedError

    def bad_frame(self) -> bytes:
        raise NotImplementedError

    async def deliver(self, parcel: Parcel) -> None:
        self.centre.waiting[parcel.key] = parcel
        if self.centre.moods.bad_length:
            self.centre.moods.bad_length = False
            await self.say(b"\xff\xff\xff\xff")
            return
        if self.centre.moods.bad_frames:
            await self.say(self.bad_frame())
        sequence = next(self.sequence)
        self.sent[sequence] = parcel.key
        await self.say(self.parcel_frame(sequence, parcel))

    async def confirmed(self, sequence: int) -> None:
        key = self.sent.pop(sequence, None)
        if key is None:
            self.centre.faults.append(f"confirmed {sequence}, which was never sent")
            return
        self.centre.waiting.pop(key, None)
        self.centre.confirmed.append(key)

    async def welcome(self) -> None:
        """What an earlier connection left unconfirmed comes again."""
        self.is_in = True
        self.centre.logins += 1
        for parcel in list(self.centre.waiting.values()):
            await self.deliver(parcel)

    def later(self, delay_s: float, parcel: Parcel) -> None:
        async def go() -> None:
            await asyncio.sleep(delay_s)
            await self.deliver(parcel)

        self.centre.waiting[parcel.key] = parcel
        task = asyncio.get_running_loop().create_task(go())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def took(self, taken: Taken, respond: Callable[[], bytes]) -> None:
        """The message is with the phone now; say so, as the mood is."""
        moods = self.centre.moods
        self.centre.taken.append(taken)
        if moods.closes_after_taking > 0:
            moods.closes_after_taking -= 1
            for _, parcel in self.centre.parcels_for(taken):
                self.centre.waiting[parcel.key] = parcel
            self.is_over = True
            return
        parcels = self.centre.parcels_for(taken)
        if moods.receipts_first:
            for _, parcel in parcels:
                await self.deliver(parcel)
        if not moods.drops_responses:
            if moods.responds_after_s:
                self.respond_later(respond())
            else:
                await self.say(respond())
        if not moods.receipts_first:
            for delay_s, parcel in parcels:
                self.later(delay_s, parcel)

    def respond_later(self, frame: bytes) -> None:
        async def go() -> None:
            await asyncio.sleep(self.centre.moods.responds_after_s)
            await self.say(frame)

        task = asyncio.get_running_loop().create_task(go())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


def concatenation(header: bytes) -> tuple[int, int, int]:
    """(reference, total, number) of a user data header; (0, 1, 1) without one."""
    if header[:3] == b"\x05\x00\x03":
        return header[3], header[4], header[5]
    if header[:3] == b"\x06\x08\x04":
        return int.from_bytes(header[3:5], "big"), header[5], header[6]
    return 0, 1, 1
