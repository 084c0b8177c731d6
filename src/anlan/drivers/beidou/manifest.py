"""What the BeiDou driver declares about itself."""

from __future__ import annotations

from anlan.drivers.beidou.describe import describe
from anlan.drivers.beidou.encode import COMMANDS
from anlan.drivers.beidou.explain import explain
from anlan.drivers.beidou.layout import MAX_SENTENCE
from anlan.drivers.beidou.session import Session
from anlan.drivers.types import Manifest

MANIFEST = Manifest(
    protocol="beidou",
    title_zh="北斗短报文（2.1 协议）",
    title_en="BeiDou short messages",
    standard="the 2.1 text protocol of BeiDou terminals, after published articles and public code; of BDS-3 the envelope",
    max_frame=MAX_SENTENCE,
    new_session=lambda settings_of: Session(settings_of=settings_of),
    decode_message=describe,
    explain_message=explain,
    # A terminal sits on a serial line; a county that brings it over a serial device server sets a port.
    tcp_port=0,
    is_text=True,
    commands=COMMANDS,
)
