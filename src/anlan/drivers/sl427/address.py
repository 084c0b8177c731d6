"""How the five address bytes are written for people. The station is always known by their plain hexadecimal digits.

Which of the two forms a region uses, or a third of its own, is a codec of its own: `AddressCodec` is the plug.
"""

from __future__ import annotations

from typing import Protocol

from anlan.drivers.sl427.layout import ADDRESS


class AddressCodec(Protocol):
    def shown(self, address: bytes) -> tuple[str, str]:
        """English and Chinese words for five bytes."""


def station_of(address: bytes) -> str:
    return address.hex().upper()


def address_of(station: str) -> bytes:
    """ValueError where the station's wire address is not ten hexadecimal digits."""
    try:
        address = bytes.fromhex(station)
    except ValueError:
        address = b""
    if len(address) != ADDRESS:
        raise ValueError(f"{station!r} is no address of ten hexadecimal digits")
    return address


class RegionAddress:
    """Form 1: six BCD digits of the division and a binary number, low byte first. Form 2, told by its 00: eight digits."""

    def shown(self, address: bytes) -> tuple[str, str]:
        if address[:1] == b"\x00":
            code = address[1:].hex().upper()
            return f"station code {code}", f"测站编码 {code}"
        number = int.from_bytes(address[3:], "little")
        division = address[:3].hex().upper()
        return f"division {division}, station {number}", f"行政区划 {division}，站址 {number}"
