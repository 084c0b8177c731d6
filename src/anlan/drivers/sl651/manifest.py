"""What the SL 651 driver declares about itself."""

from __future__ import annotations

from anlan.drivers.sl651.commands import COMMANDS
from anlan.drivers.sl651.describe import describe
from anlan.drivers.sl651.explain import explain
from anlan.drivers.sl651.layout import MAX_FRAME
from anlan.drivers.sl651.session import Session
from anlan.drivers.types import Manifest

MANIFEST = Manifest(
    protocol="sl651",
    title_zh="水文监测数据通信规约",
    title_en="Hydrological telemetry",
    standard="SL 651-2014, hexadecimal/BCD frames; written from public implementations and real frames, not from the text itself",
    max_frame=MAX_FRAME,
    new_session=lambda settings_of: Session(settings_of=settings_of),
    decode_message=describe,
    explain_message=explain,
    tcp_port=6510,
    commands=COMMANDS,
    allows_udp=True,
)
