"""Sentences to a terminal, and the commands of the driver."""

from __future__ import annotations

from anlan.drivers.beidou.framing import xor_of
from anlan.drivers.beidou.layout import CLASS_BYTES, MIXED, MODE_MIXED
from anlan.drivers.types import Command, CommandRequest

#: Bytes of a civil regional card, less the A4; a station with another has `length_class` in its settings.
_DEFAULT_CLASS = "3"


def build_sentence(inner: str) -> bytes:
    """The whole line around what stands between $ and *."""
    content = inner.encode("gb18030")
    return b"$" + content + b"*%02X\r\n" % xor_of(content)


def message_sentence(address: str, payload: bytes, *, room: int = CLASS_BYTES[_DEFAULT_CLASS]) -> bytes:
    """A payload to a card in mixed mode. ValueError where it is longer than `room` bytes with its A4, or the card is no number."""
    if not (address.isascii() and address.isdigit() and len(address) <= 8):
        raise ValueError(f"{address!r} is no card number")
    if not payload or len(payload) + 1 > room:
        raise ValueError(f"A message has 1 to {room - 1} bytes; this one has {len(payload)}.")
    return build_sentence(f"CCTXA,{address},1,{MODE_MIXED},{MIXED:02X}{payload.hex().upper()}")


def read_card_sentence() -> bytes:
    return build_sentence("CCICA,0,00")


def _send_text(request: CommandRequest) -> bytes:
    room = CLASS_BYTES.get(request.settings.get("length_class", _DEFAULT_CLASS), CLASS_BYTES[_DEFAULT_CLASS])
    try:
        payload = request.arguments.get("text", "").encode("gbk")
    except UnicodeEncodeError as error:
        raise ValueError("The text must be of Chinese characters, letters and digits.") from error
    return message_sentence(request.station, payload, room=room)


COMMANDS: dict[str, Command] = {
    command.name: command
    for command in (
        Command("read_card", "读取北斗卡信息", "Read the card", {}, lambda _request: read_card_sentence()),
        Command(
            "read_signal",
            "读取北斗信号",
            "Read the signal",
            {},
            lambda _request: build_sentence("CCRMO,BSI,2,0"),
        ),
        Command(
            "send_text", "发送北斗短信", "Send a text", {"text": "up to 38 Chinese characters"}, _send_text
        ),
    )
}
#: Sentence → the command that it answers.
ANSWERS = {"BDICI": "read_card", "BDBSI": "read_signal", "BDFKI": "send_text"}
