"""HJ 212 messages for tests, written from protocols.md; no station sent these."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from anlan.drivers.hj212.commands import DEFAULT_PASSWORD
from anlan.drivers.hj212.crc import Dialect
from anlan.drivers.hj212.encode import build_frame

OWN_FRAMES = Path(__file__).with_name("frames") / "own.txt"
MN = "YL0000000000000000000001"
NOW = datetime(2026, 7, 1, 0, 0, tzinfo=UTC)


def message(
    items: str = "DataTime=20260701080000;w01018-Rtd=20.5,w01018-Flag=N",
    *,
    cn: str = "2011",
    flag: str = "5",
    mn: str = MN,
    st: str = "32",
    qn: str = "20260701080000123",
    packet: str = "",
    password: str = DEFAULT_PASSWORD,
    dialect: Dialect = Dialect.STANDARD,
) -> bytes:
    head = f"QN={qn};ST={st};CN={cn};PW={password};MN={mn};Flag={flag};"
    return build_frame(f"{head}{packet}CP=&&{items}&&", dialect)
