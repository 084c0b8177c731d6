"""What the GB/T 26875.3 driver declares about itself."""

from __future__ import annotations

from anlan.drivers.gb26875.describe import DECODE_KINDS, describe
from anlan.drivers.gb26875.encode import COMMANDS
from anlan.drivers.gb26875.explain import explain
from anlan.drivers.gb26875.layout import MAX_FRAME
from anlan.drivers.gb26875.session import Session
from anlan.drivers.types import Manifest

MANIFEST = Manifest(
    protocol="gb26875",
    title_zh="城市消防远程监控系统报警传输网络通信协议",
    title_en="Fire alarm transmission",
    standard="GB/T 26875.3-2011; written from public implementations and frames, not from the text itself",
    max_frame=MAX_FRAME,
    new_session=lambda _settings_of: Session(),
    decode_message=describe,
    explain_message=explain,
    tcp_port=6526,
    decode_kinds=DECODE_KINDS,
    commands=COMMANDS,
)
