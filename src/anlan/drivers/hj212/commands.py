"""What the centre can ask of an HJ 212 station. Settings read: password, st, version, crc.

The request number QN is our send time; of its three digits of milliseconds the first tells the command, so that a bare result (9012)
can be put to it, and the others are the serial.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from anlan.drivers.hj212.crc import Dialect
from anlan.drivers.hj212.encode import build_frame
from anlan.drivers.hj212.layout import DAY, FLAG_ACK, HOUR, MINUTE, REQUEST_ACK, RESULT, VERSION_SHIFT
from anlan.drivers.hj212.model import Hj212Frame
from anlan.drivers.hj212.times import written
from anlan.drivers.types import Command, CommandRequest, StationSettings

#: What nearly every sample of others uses; a station with another has it in its settings.
DEFAULT_PASSWORD = "123456"  # noqa: S105 - the factory value of the whole trade, no secret
DEFAULT_ST = "32"

#: The order gives each command its digit in QN: only ever append.
_ORDER = (
    "read_clock",
    "set_clock",
    "start_realtime",
    "stop_realtime",
    "fetch_minutes",
    "fetch_hours",
    "fetch_days",
    "read_identity",
    "read_information",
)
_DIRECT_ANSWERS = {"1011": "read_clock", "3019": "read_identity", "3020": "read_information"}
_ACCEPTED = "1"


def answered_command(frame: Hj212Frame) -> str | None:
    """The command that a frame ends: its data, its result, or the refusal to carry it out."""
    if frame.function in _DIRECT_ANSWERS:
        return _DIRECT_ANSWERS[frame.function]
    refused = frame.function == REQUEST_ACK and frame.item("QnRtn") != _ACCEPTED
    if frame.function != RESULT and not refused:
        return None
    digit = frame.qn[14:15]
    place = int(digit) if digit.isascii() and digit.isdigit() else len(_ORDER)
    return _ORDER[place] if place < len(_ORDER) else None


def _frame(request: CommandRequest, name: str, cn: str, items: str) -> bytes:
    settings = request.settings
    head = (
        f"QN={written(request.at)}{_ORDER.index(name)}{request.serial % 100:02d};ST={settings.get('st', DEFAULT_ST)};"
        f"CN={cn};PW={settings.get('password', DEFAULT_PASSWORD)};MN={request.station};Flag={_flag(settings)}"
    )
    return build_frame(f"{head};CP=&&{items}&&", _dialect(settings))


def _flag(settings: StationSettings) -> int:
    return FLAG_ACK | (0 if settings.get("version") == "2005" else 1) << VERSION_SHIFT


def _dialect(settings: StationSettings) -> Dialect:
    try:
        return Dialect(settings.get("crc", Dialect.STANDARD.value))
    except ValueError as error:
        known = ", ".join(each.value for each in Dialect)
        raise ValueError(
            f"The setting crc of the station is {settings['crc']!r}; it can be {known}."
        ) from error


def _moment(arguments: Mapping[str, str], name: str) -> str:
    raw = arguments.get(name, "").strip()
    try:
        given = datetime.fromisoformat(raw)
    except ValueError as error:
        raise ValueError(f"{name} must be a Beijing time such as 2026-07-01 08:00.") from error
    return given.strftime("%Y%m%d%H%M%S") if given.tzinfo is None else written(given)


def _factor(arguments: Mapping[str, str]) -> str:
    code = arguments.get("factor", "").strip()
    if not (code.isascii() and code.isalnum() and len(code) <= 12):
        raise ValueError("factor must be the code of a factor such as w01018.")
    return code


def _plain(name: str, cn: str) -> Callable[[CommandRequest], bytes]:
    return lambda request: _frame(request, name, cn, "")


def _set_clock(request: CommandRequest) -> bytes:
    return _frame(request, "set_clock", "1012", f"SystemTime={written(request.at)}")


def _fetch(name: str, cn: str) -> Callable[[CommandRequest], bytes]:
    def encode(request: CommandRequest) -> bytes:
        begin, end = _moment(request.arguments, "begin"), _moment(request.arguments, "end")
        if end < begin:
            raise ValueError("end must not be before begin.")
        return _frame(request, name, cn, f"BeginTime={begin},EndTime={end}")

    return encode


def _read_identity(request: CommandRequest) -> bytes:
    return _frame(request, "read_identity", "3019", f"PolId={_factor(request.arguments)}")


def _read_information(request: CommandRequest) -> bytes:
    info = request.arguments.get("info", "").strip()
    if not (info.isascii() and info.isalnum() and len(info) <= 12):
        raise ValueError("info must be the code of an information item such as i13004.")
    return _frame(request, "read_information", "3020", f"PolId={_factor(request.arguments)},InfoId={info}")


_PERIOD = {"begin": "from, Beijing time", "end": "until, Beijing time"}
_FACTOR = {"factor": "code of the factor, such as w01018"}

COMMANDS: dict[str, Command] = {
    command.name: command
    for command in (
        Command("read_clock", "读取现场机时间", "Read the clock", {}, _plain("read_clock", "1011")),
        Command("set_clock", "校准现场机时间", "Set the clock", {}, _set_clock),
        Command(
            "start_realtime", "开始上传实时数据", "Start real-time data", {}, _plain("start_realtime", "2011")
        ),
        Command(
            "stop_realtime", "停止上传实时数据", "Stop real-time data", {}, _plain("stop_realtime", "2012")
        ),
        Command(
            "fetch_minutes", "提取分钟数据", "Fetch minute data", _PERIOD, _fetch("fetch_minutes", MINUTE)
        ),
        Command("fetch_hours", "提取小时数据", "Fetch hourly data", _PERIOD, _fetch("fetch_hours", HOUR)),
        Command("fetch_days", "提取日数据", "Fetch daily data", _PERIOD, _fetch("fetch_days", DAY)),
        Command("read_identity", "读取设备唯一标识", "Read a device's identity", _FACTOR, _read_identity),
        Command(
            "read_information",
            "读取现场机信息",
            "Read information of the station",
            {**_FACTOR, "info": "code of the item, such as i13004"},
            _read_information,
        ),
    )
}
