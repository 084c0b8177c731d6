"""What the HJ 212 driver declares about itself."""

from __future__ import annotations

from anlan.drivers.hj212.commands import COMMANDS
from anlan.drivers.hj212.describe import describe
from anlan.drivers.hj212.explain import explain
from anlan.drivers.hj212.layout import MAX_FRAME
from anlan.drivers.hj212.session import Session
from anlan.drivers.types import Manifest

MANIFEST = Manifest(
    protocol="hj212",
    title_zh="污染物在线监控（监测）系统数据传输标准",
    title_en="Pollution sources and plants",
    standard="HJ 212-2017 and -2005; written from public implementations and real messages, not from the text itself",
    max_frame=MAX_FRAME,
    new_session=lambda settings_of: Session(settings_of=settings_of),
    decode_message=describe,
    explain_message=explain,
    tcp_port=2120,
    is_text=True,
    commands=COMMANDS,
)
