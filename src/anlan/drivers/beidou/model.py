"""A decoded BeiDou sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from anlan.drivers.beidou.layout import (
    ADDRESS_FIELD,
    MIXED,
    MODE_CODE,
    PAYLOAD_SENTENCES,
    SENTENCES,
    SUM,
    TAIL,
    TERMINAL,
)
from anlan.drivers.beidou.report import Report, read_report
from anlan.drivers.types import DuplicateKey, Fields


def _hex(text: str) -> bytes | None:
    """Bytes of digits in pairs, without anything between them; None for all else."""
    if not text.isascii() or not text.isalnum():
        return None
    try:
        return bytes.fromhex(text)
    except ValueError:
        return None


def readable(payload: bytes) -> str | None:
    """The payload as text, None where it is none: what is not GBK, or holds signs that nobody types."""
    try:
        text = payload.decode("gbk")
    except UnicodeDecodeError:
        return None
    return text if text and all(sign.isprintable() or sign in "\r\n" for sign in text) else None


@dataclass(frozen=True, slots=True)
class BeidouFrame:
    """One sentence. `own_card` is the card of the terminal that said it, "" while it is not known."""

    raw: bytes
    name: str
    values: tuple[str, ...]
    xor: int
    own_card: str = ""

    @property
    def function(self) -> str:
        return self.name

    @property
    def address(self) -> str | None:
        """The card of the other party; None for sentences about the terminal itself."""
        place = ADDRESS_FIELD.get(self.name)
        return self.values[place] if place is not None and place < len(self.values) else None

    @property
    def station(self) -> str:
        """The sender of a message received; of everything else the terminal itself."""
        if self.name == "BDTXR":
            return self.address or TERMINAL
        return self.own_card or TERMINAL

    @property
    def sent_at(self) -> datetime | None:
        """Messages tell hours and minutes at most, which is no time; a report inside tells its own."""
        report = self.report
        return report.sent_at if report else None

    @property
    def mode(self) -> str:
        return self.values[2] if self.name in PAYLOAD_SENTENCES and len(self.values) > 3 else ""

    @property
    def content(self) -> str:
        """The payload field as written."""
        return self.values[-1] if self.mode else ""

    @property
    def payload(self) -> bytes | None:
        """The bytes of a payload in digits, without the A4 of mixed mode; None where it is plain text."""
        data = _hex(self.content) if self.content else None
        return data[1:] if data and data[0] == MIXED else data

    @property
    def is_mixed(self) -> bool:
        return self.content.upper().startswith("A4") and self.payload is not None

    @property
    def text(self) -> str | None:
        """What a person wrote, as far as it can be read."""
        payload = self.payload
        if payload is not None and (self.is_mixed or self.mode == MODE_CODE):
            return readable(payload)
        return self.content or None

    @property
    def report(self) -> Report | None:
        payload = self.payload
        return read_report(payload) if payload else None

    @property
    def problems(self) -> tuple[str, ...]:
        problems = []
        if self.mode and self.content.upper().startswith("A4") and self.payload is None:
            problems.append("The payload begins like mixed mode and is not hexadecimal.")
        if self.name in PAYLOAD_SENTENCES and len(self.values) != len(SENTENCES[self.name][2]):
            problems.append(f"The sentence has {len(self.values)} fields.")
        report = self.report
        if report and report.unknown:
            problems.append(
                f"The report holds quantities without a name here: {', '.join(map(str, report.unknown))}."
            )
        return tuple(problems)

    def duplicate_key(self, received_at: datetime) -> DuplicateKey:
        """A report is known by its number. Other sentences have no time of their own: the same again a minute later is a new one."""
        report = self.report
        if report:
            return (self.station, self.name, f"{report.number}.{report.part}", report.sent_at.isoformat(), "")
        minute = received_at.replace(second=0, microsecond=0).isoformat()
        return (self.station, self.name, "", minute, ",".join(self.values))

    def fields(self) -> Fields:
        fields: Fields = {
            "sentence": self.name,
            "function": self.name,
            "function_name": SENTENCES.get(self.name, (None,))[0],
            "fields": list(self.values),
            "xor": f"{self.xor:02X}",
            "xor_ok": True,
            "station": self.station,
        }
        if self.address is not None:
            fields["address"] = self.address
        if self.is_mixed:
            payload = self.payload or b""
            text = readable(payload)
            named = (
                {"payload_hex_after_A4": payload.hex().upper()}
                if text is None
                else {"text_gbk_after_A4": text}
            )
            fields |= named
        if self.report:
            fields["report"] = _report_fields(self.report)
        if self.problems:
            fields["problems"] = list(self.problems)
        return fields


def _report_fields(report: Report) -> Fields:
    return {
        "number": report.number,
        "part": report.part,
        "parts": report.parts,
        "sent_at": report.sent_at.isoformat(),
        "values": [
            {
                "quantity": item.quantity,
                "time": item.phenomenon_time.isoformat(),
                "value": None if item.value is None else float(item.value),
            }
            for item in report.items
        ],
    }


def read_sentence(raw: bytes, own_card: str = "") -> BeidouFrame:
    """A sentence that the framer found good."""
    inner = raw[1 : -SUM - len(TAIL)]
    # Both bytes of a GB 2312 character have their high bit set, so a comma is always a comma.
    name, *values = inner.decode("gb18030", "replace").split(",")
    return BeidouFrame(raw, name, tuple(values), int(raw[-SUM - len(TAIL) + 1 : -len(TAIL)], 16), own_card)
