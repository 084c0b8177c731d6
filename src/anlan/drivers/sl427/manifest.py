"""What the SL 427 driver declares about itself."""

from __future__ import annotations

from anlan.drivers.sl427.describe import describe
from anlan.drivers.sl427.encode import COMMANDS
from anlan.drivers.sl427.explain import explain
from anlan.drivers.sl427.layout import MAX_FRAME
from anlan.drivers.sl427.session import Session
from anlan.drivers.types import Manifest

MANIFEST = Manifest(
    protocol="sl427",
    title_zh="水资源监测数据传输规约",
    title_en="Water-resource stations",
    standard="SL/T 427-2021 as copied by others, and SZY 206 where its envelope is the same; one real frame was seen",
    max_frame=MAX_FRAME,
    new_session=lambda settings_of: Session(settings_of=settings_of),
    decode_message=describe,
    explain_message=explain,
    tcp_port=4270,
    commands=COMMANDS,
)
