"""Messages of the centre: questions, setting the clock, and the two that wipe a terminal.

Shape: serial and send time (Beijing), then what the function needs; end byte ENQ. Source for 37, 38, 39, 45, 46, 47 (9700), 48 (9800)
and 4A: a public implementation of the centre. Assumed: that an element is named by its id *and* its definition byte in 38 and 3A (the
setting `element_definition` = "no" leaves the byte out), and that 51 needs nothing more.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from anlan.drivers.sl651.encode import build_frame
from anlan.drivers.sl651.layout import DOWN, End
from anlan.drivers.sl651.times import BEIJING
from anlan.drivers.types import Command, CommandRequest

#: Which command an uplink of this function answers.
ANSWERS: dict[str, str] = {
    "37": "query_realtime",
    "38": "query_period",
    "39": "query_manual_text",
    "3A": "query_elements",
    "45": "query_version",
    "46": "query_status",
    "47": "init_storage",
    "48": "factory_reset",
    "4A": "set_clock",
    "51": "query_clock",
}
_FUNCTIONS = {name: function for function, name in ANSWERS.items()}

#: Definition bytes that stations use for these elements in the vectors.
_DEFINITIONS = {
    "F4": 0x60,
    "F5": 0xC0,
    "20": 0x19,
    "22": 0x19,
    "1A": 0x19,
    "26": 0x19,
    "38": 0x12,
    "39": 0x23,
}
_ADDRESS = re.compile(r"[0-9A-Fa-f]{10}")
_ID = re.compile(r"(FF)?[0-9A-F]{2}")
_MAX_ELEMENTS = 16
_LONGEST = timedelta(days=31)
_STEPS_MIN = (5, 10, 30, 60, 1440)


def _down(request: CommandRequest, function: str, rest: bytes = b"") -> bytes:
    """One frame of the centre. Centre and password are those of the station's own frames unless its settings say otherwise."""
    if not _ADDRESS.fullmatch(request.station):
        raise ValueError(f"{request.station} is no SL 651 address of ten hexadecimal digits.")
    try:
        center, password = int(request.settings["center"]), bytes.fromhex(request.settings["password"])
    except (KeyError, ValueError):
        raise ValueError("Centre and password of the station are not known; let it report once.") from None
    if not 0 <= center <= 0xFF or len(password) != 2:
        raise ValueError("The centre is 0 to 255 and the password four hexadecimal digits.")
    sent = bytes.fromhex(f"{request.at.astimezone(BEIJING):%y%m%d%H%M%S}")
    content = (request.serial & 0xFFFF).to_bytes(2, "big") + sent + rest
    return build_frame(
        function,
        content,
        station=request.station,
        center=center,
        password=password.hex(),
        direction=DOWN,
        end=End.ENQ,
    )


def _plain(name: str, rest: bytes = b"") -> Callable[[CommandRequest], bytes]:
    return lambda request: _down(request, _FUNCTIONS[name], rest)


def _query_period(request: CommandRequest) -> bytes:
    start, end = _hour(request, "start"), _hour(request, "end")
    if not start <= end <= start + _LONGEST:
        raise ValueError("The end lies before the start, or more than 31 days behind it.")
    minutes = request.arguments.get("step", "").strip() or "5"
    if minutes not in map(str, _STEPS_MIN):
        raise ValueError(f"The step is one of {', '.join(map(str, _STEPS_MIN))} minutes.")
    days, rest = divmod(int(minutes), 1440)
    step = bytes.fromhex(f"0418{days:02d}{rest // 60:02d}{rest % 60:02d}")
    (element,) = _elements(request, "element", most=1)
    return _down(request, "38", bytes.fromhex(f"{start:%y%m%d%H}{end:%y%m%d%H}") + step + element)


def _query_elements(request: CommandRequest) -> bytes:
    return _down(request, "3A", b"".join(_elements(request, "elements", most=_MAX_ELEMENTS)))


def _hour(request: CommandRequest, name: str) -> datetime:
    """A Beijing hour "2026-07-01 08"."""
    text = request.arguments.get(name, "").strip().replace("T", " ")
    try:
        return datetime.strptime(text[:13], "%Y-%m-%d %H").replace(tzinfo=BEIJING)
    except ValueError:
        raise ValueError(f"{name}: “{text[:30]}” is no hour such as 2026-07-01 08 (Beijing time).") from None


def _elements(request: CommandRequest, name: str, *, most: int) -> list[bytes]:
    ids = [part.upper() for part in re.split(r"[,，\s]+", request.arguments.get(name, "").strip()) if part]
    if not 1 <= len(ids) <= most or not all(_ID.fullmatch(one) for one in ids):
        raise ValueError(f"Name 1 to {most} elements by their ids, such as 39 or F4.")
    with_definition = request.settings.get("element_definition", "yes") != "no"
    return [bytes.fromhex(one) + (_definition(one) if with_definition else b"") for one in ids]


def _definition(element: str) -> bytes:
    known = _DEFINITIONS.get(element)
    return b"" if known is None else bytes([known])


_START = "开始（北京时间，如 2026-07-01 08） / start (Beijing time, such as 2026-07-01 08)"
_END = "结束（北京时间，如 2026-07-01 09） / end (Beijing time, such as 2026-07-01 09)"
_STEP = "步长（分钟：5 10 30 60 1440） / step (minutes: 5 10 30 60 1440)"
_ONE = "要素标识符，如 F4 / element id, such as F4"
_SOME = "要素标识符，如 39, 26 / element ids, such as 39, 26"

COMMANDS: dict[str, Command] = {
    command.name: command
    for command in (
        Command("query_realtime", "查询实时数据", "query present values", {}, _plain("query_realtime")),
        Command(
            "query_period",
            "查询时段数据",
            "query the values of a period",
            {"start": _START, "end": _END, "step": _STEP, "element": _ONE},
            _query_period,
        ),
        Command(
            "query_elements", "查询指定要素", "query some elements", {"elements": _SOME}, _query_elements
        ),
        Command(
            "query_manual_text",
            "查询人工置数",
            "query the text entered by hand",
            {},
            _plain("query_manual_text"),
        ),
        Command("query_version", "查询软件版本", "query the version", {}, _plain("query_version")),
        Command("query_status", "查询状态和报警", "query status and alarms", {}, _plain("query_status")),
        Command("query_clock", "查询时钟", "query the clock", {}, _plain("query_clock")),
        Command("set_clock", "校时", "set the clock", {}, _plain("set_clock")),
        Command(
            "init_storage",
            "初始化固态存储（清除站内数据）",
            "wipe the data stored at the station",
            {},
            _plain("init_storage", b"\x97\x00"),
            needs_release=True,
        ),
        Command(
            "factory_reset",
            "恢复出厂设置",
            "restore factory settings",
            {},
            _plain("factory_reset", b"\x98\x00"),
            needs_release=True,
        ),
    )
}
