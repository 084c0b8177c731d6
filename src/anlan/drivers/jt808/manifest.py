"""What the JT/T 808 driver declares about itself."""

from __future__ import annotations

from anlan.drivers.jt808.commands import COMMANDS
from anlan.drivers.jt808.describe import describe, describe_stream
from anlan.drivers.jt808.explain import explain
from anlan.drivers.jt808.layout import MAX_FRAME
from anlan.drivers.jt808.session import Session
from anlan.drivers.types import Manifest

MANIFEST = Manifest(
    protocol="jt808",
    title_zh="道路运输车辆卫星定位系统终端通讯协议",
    title_en="Vehicle terminals",
    standard="JT/T 808-2011/2013/2019; written from public implementations and real frames, not from the text itself",
    max_frame=MAX_FRAME,
    new_session=lambda settings_of: Session(settings_of=settings_of),
    decode_message=describe,
    explain_message=explain,
    tcp_port=6808,
    decode_kinds={"stream": describe_stream},
    commands=COMMANDS,
)
