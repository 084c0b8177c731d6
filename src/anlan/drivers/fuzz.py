"""`python -m anlan.drivers.fuzz --protocol P --minutes 10`: changes good messages at random and checks what must always hold.

Nothing is raised; what is accepted stands in the stream, in order; no byte is accounted for twice; the cuts of the network change
nothing; every byte is explained; a message with one bit turned over is refused or says the same. A failure is printed in hexadecimal
with its seed, for a test in the driver's `tests/frames`.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from anlan.drivers import conformance as kit
from anlan.drivers.beidou.framing import xor_of
from anlan.drivers.decode import read_messages
from anlan.drivers.hj212.crc import crc_modbus, crc_standard
from anlan.drivers.registry import DRIVERS
from anlan.drivers.sl427.crc import crc8
from anlan.drivers.types import FrameAccepted, Manifest, Outcome, no_settings

_HERE = Path(__file__).parent
_MAX_FAILURES = 20
#: A message or stream that takes more processor time than this is a failure: a listener serves hundreds of stations in one thread.
_SLOW_S = 2.0
_LONGEST = 12_000


def _repair_hj212(message: bytes) -> bytes:
    segment = message[6:-6][:9999]
    return b"##%04d" % len(segment) + segment + b"%04X\r\n" % crc_standard(segment)


def _repair_sl427(message: bytes) -> bytes:
    user = message[3:-2][:255]
    return bytes([0x68, len(user), 0x68]) + user + bytes([crc8(user), 0x16])


def _repair_beidou(message: bytes) -> bytes:
    inner = message[1:-5].replace(b"\r\n", b"")
    return b"$" + inner + b"*%02X\r\n" % xor_of(inner)


def _repair_sl651(message: bytes) -> bytes:
    """Length of at most 12 bits, end byte as it came, sum of SL 651, which is the Modbus one."""
    body, end = message[14:-3][:4095], message[-3:-2] or b"\x03"
    head = message[:11].ljust(11, b"\x00") + len(body).to_bytes(2, "big") + message[13:14]
    frame = head + body + end
    return frame + crc_modbus(frame).to_bytes(2, "big")


def _repair_gb26875(message: bytes) -> bytes:
    """Length of the application data, and the sum of all between the marks."""
    inner = message[2:-3].ljust(25, b"\x00")[:1049]
    counted = inner[:22] + (len(inner) - 25).to_bytes(2, "little") + inner[24:]
    return b"@@" + counted + bytes([sum(counted) & 0xFF]) + b"##"


def _repair_jt808(message: bytes) -> bytes:
    """Length in the ten bits of the header, XOR, escapes."""
    plain = message.strip(b"\x7e").replace(b"\x7d\x02", b"\x7e").replace(b"\x7d\x01", b"\x7d")[:-1]
    if len(plain) >= 12:
        flags = plain[2] << 8 | plain[3]
        size = len(plain) - 12 - (4 if flags & 0x2000 else 0) - (5 if flags & 0x4000 else 0)
        plain = plain[:2] + (flags & 0xFC00 | max(size, 0) & 0x3FF).to_bytes(2, "big") + plain[4:]
    whole = plain + bytes([xor_of(plain)])
    return b"\x7e" + whole.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02") + b"\x7e"


_REPAIRS: dict[str, Callable[[bytes], bytes]] = {
    "hj212": _repair_hj212,
    "sl427": _repair_sl427,
    "beidou": _repair_beidou,
    "sl651": _repair_sl651,
    "gb26875": _repair_gb26875,
    "jt808": _repair_jt808,
}


class Fuzzer:
    """`seeds` are good messages. The same seed number gives the same run."""

    def __init__(self, manifest: Manifest, seeds: Sequence[bytes], seed: int) -> None:
        self._manifest = manifest
        self._seeds = list(seeds)
        self._good_seeds = [
            each for each in self._seeds if kit.accepted(kit.play(manifest, [each])) == [each]
        ]
        self._random = random.Random(seed)
        self.counts: Counter[str] = Counter()
        self.failures: list[tuple[str, bytes, str]] = []

    def step(self) -> None:
        checks: tuple[tuple[Callable[[], bytes], Callable[[bytes], None]], ...] = (
            (self._changed, self.check_message),
            (self._repaired, self.check_message),
            (self._repaired, self.check_stream),
            (self._stream, self.check_stream),
            (self._good, self.check_same_or_refused),
        )
        make, check = self._random.choice(checks)
        data = make()
        name = getattr(check, "__name__", "check")
        self.counts[name] += 1
        began = time.process_time()
        try:
            check(data)
        except Exception:  # whatever it is, it is the finding
            self.failures.append((name, data, traceback.format_exc(limit=4)))
            return
        if time.process_time() - began > _SLOW_S:
            self.failures.append((name, data, f"took more than {_SLOW_S} s of processor time"))

    # --- what is tried

    def _seed(self) -> bytes:
        return self._random.choice(self._seeds)

    def _good(self) -> bytes:
        """A good message, of which the check turns another bit over each time."""
        return self._random.choice(self._good_seeds or self._seeds)

    def _repaired(self) -> bytes:
        """A changed message with its length and sum put right, so that what lies behind them is reached."""
        repair = _REPAIRS.get(self._manifest.protocol)
        return repair(self._changed()) if repair else self._changed()

    def _changed(self) -> bytes:
        data = bytearray(self._seed())
        for _ in range(self._random.randint(1, 4)):
            self._change(data)
        return bytes(data[:_LONGEST])

    def _change(self, data: bytearray) -> None:
        pick = self._random
        at = pick.randrange(len(data) + 1)
        size = pick.choice((1, 1, 2, 3, 5, 8, 20))
        kind = pick.randrange(7)
        if kind == 0 and data:
            data[at % len(data)] ^= 1 << pick.randrange(8)
        elif kind == 1 and data:
            data[at % len(data)] = pick.choice((0, 0xFF, 0x7E, 0x68, 0x24, 0x23, 0x40, pick.randrange(256)))
        elif kind == 2:
            del data[at : at + size]
        elif kind == 3:
            data[at:at] = pick.randbytes(size)
        elif kind == 4:
            data[at:at] = data[at : at + size * 4]
        elif kind == 5:
            del data[at:]
        else:
            other = self._seed()
            data[at:] = other[pick.randrange(len(other)) :]

    def _stream(self) -> bytes:
        pick = self._random
        pieces = [
            pick.choice((self._seed, self._seed, self._repaired, self._changed, self._noise))()
            for _ in range(pick.randint(1, 6))
        ]
        return b"".join(pieces)[:_LONGEST]

    def _noise(self) -> bytes:
        pick = self._random
        return pick.choice((b"", self._seed()[:3] * pick.randint(1, 60), pick.randbytes(pick.randint(1, 60))))

    # --- what must hold

    def check_message(self, message: bytes) -> None:
        result = self._manifest.decode_message(message)
        assert isinstance(result["ok"], bool), "ok is neither true nor false"
        assert result["ok"] or str(result["reason"]).endswith("."), "a refusal has no sentence"
        json.dumps(result, allow_nan=False)
        kit.check_explained(self._manifest, message)
        self.counts["decoded" if result["ok"] else "refused"] += 1

    def check_stream(self, stream: bytes) -> None:
        cuts = sorted(self._random.randrange(len(stream) + 1) for _ in range(self._random.randint(0, 6)))
        kit.check_outcomes_are_same_however_cut(self._manifest, stream, cuts)
        self._check_outcomes(stream, self._play(stream))

    def _play(self, stream: bytes) -> list[Outcome]:
        session = self._manifest.new_session(no_settings)
        outcomes = session.feed(stream, kit.RECEIVED_AT)
        outcomes += session.expire(kit.RECEIVED_AT + timedelta(days=1))
        return outcomes + session.close()

    def _check_outcomes(self, stream: bytes, outcomes: list[Outcome]) -> None:
        raws = [outcome.frame.raw for outcome in outcomes if isinstance(outcome, FrameAccepted)]
        assert all(raw in stream for raw in raws), "a frame was accepted that nobody sent"
        settled = sum(map(len, raws)) + kit.discarded(outcomes)
        assert settled <= len(stream), "a byte was accounted for twice"
        self.counts["accepted"] += len(raws)
        for outcome in outcomes:
            if isinstance(outcome, FrameAccepted):
                _check_accepted(outcome)

    def check_same_or_refused(self, message: bytes) -> None:
        turned = bytearray(message)
        turned[self._random.randrange(len(turned))] ^= 1 << self._random.randrange(8)
        before = self._manifest.decode_message(message)
        if not before["ok"]:
            return  # a bad message may become a good one by chance
        said = kit.content_of(before)
        result = self._manifest.decode_message(bytes(turned))
        same = result["ok"] is False or kit.content_of(result) == said
        assert same, f"with one bit turned over it says something else: {turned.hex()}"


def _check_accepted(outcome: FrameAccepted) -> None:
    json.dumps(outcome.frame.fields(), allow_nan=False)
    for reading in outcome.readings:
        assert reading.phenomenon_time.tzinfo is UTC, "a reading's time is not UTC"
        assert reading.quantity, "a reading has no quantity"
        assert reading.value is None or reading.value.is_finite(), "a value is no number"
    for happening in outcome.happenings:
        json.dumps(happening.fields, allow_nan=False)


def seeds_of(manifest: Manifest, vectors: Path | None) -> list[bytes]:
    """The driver's own frames and the vectors, whether good or bad, as bytes."""
    files = sorted((_HERE / manifest.protocol / "tests" / "frames").glob("*.txt"))
    messages = [message for file in files for message in read_messages(file, is_text=manifest.is_text)]
    if vectors is not None and vectors.is_file():
        messages += read_messages(vectors, is_text=manifest.is_text)
    raws = [
        message.text.encode("gb18030", "replace") if message.text is not None else bytes.fromhex(message.hex)
        for message in messages
        if not message.problem
    ]
    return [raw for raw in raws if raw]


def run(manifest: Manifest, seeds: Sequence[bytes], *, seconds: float, seed: int) -> Fuzzer:
    fuzzer = Fuzzer(manifest, seeds, seed)
    until = time.monotonic() + seconds
    while time.monotonic() < until and len(fuzzer.failures) < _MAX_FAILURES:
        for _ in range(50):
            fuzzer.step()
    return fuzzer


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m anlan.drivers.fuzz", description=__doc__)
    parser.add_argument("--protocol", required=True, choices=list(DRIVERS))
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--vectors", type=Path, help="further messages; by default ../shared/vectors/PROTOCOL.json"
    )
    options = parser.parse_args(arguments)
    manifest = DRIVERS.get(options.protocol)
    vectors = options.vectors or Path("../shared/vectors") / f"{manifest.protocol}.json"
    seeds = seeds_of(manifest, vectors)
    if not seeds:
        print(f"There are no messages of {manifest.protocol} to begin with.", file=sys.stderr)
        return 2
    began = datetime.now(UTC)
    fuzzer = run(manifest, seeds, seconds=options.minutes * 60, seed=options.seed)
    took = (datetime.now(UTC) - began).total_seconds()
    steps = sum(count for name, count in fuzzer.counts.items() if name.startswith("check_"))
    print(f"{manifest.protocol}: {len(seeds)} messages to begin with, seed {options.seed}, {took:.0f} s")
    print(f"{steps} tries, {steps / max(took, 0.001):.0f}/s; {dict(sorted(fuzzer.counts.items()))}")
    for name, data, why in fuzzer.failures:
        print(f"FAILED {name}: {data.hex()}\n{why}")
    print(f"{len(fuzzer.failures)} failures")
    return 1 if fuzzer.failures else 0


if __name__ == "__main__":
    sys.exit(main())
