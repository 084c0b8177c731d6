"""Settings of a terminal as functions 40–43 carry them: id, definition byte, data, one after the other.

Names come from public implementations of the standard; sl651-063, -039, -042 and -043 fit them in size. Values stay as written (hex):
what a digit of a setting means differs by id, and nobody here saw the text.
"""

from __future__ import annotations

from dataclasses import dataclass

from anlan.drivers.types import Fields

#: Basic settings (functions 40, 41) and running settings (42, 43), as far as they were seen named alike.
PARAMETER_NAMES: dict[str, tuple[str, str]] = {
    "01": ("中心站地址", "addresses of centres"),
    "02": ("遥测站地址", "address of the station"),
    "03": ("密码", "password"),
    "04": ("中心站1主信道类型及地址", "centre 1, main channel"),
    "05": ("中心站1备用信道类型及地址", "centre 1, spare channel"),
    "0C": ("工作方式", "mode of work"),
    "0D": ("采集要素设置", "elements that are measured"),
    "0F": ("通信设备识别号", "number of the communication device"),
    "20": ("定时报时间间隔", "interval of timing reports"),
    "21": ("加报时间间隔", "interval of added reports"),
    "22": ("降水量日起始时间", "hour at which a day of rain begins"),
    "23": ("采样间隔", "interval of sampling"),
    "24": ("水位数据存储间隔", "interval of storing stages"),
    "25": ("雨量计分辨力", "resolution of the rain gauge"),
    "26": ("水位计分辨力", "resolution of the stage gauge"),
    "27": ("雨量加报阈值", "rain that causes an added report"),
}
KEPT_BACK = "03"
#: Shown and kept instead of a password.
HIDDEN = "****"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One setting; `raw` is its data as hex."""

    id: str
    definition: str
    raw: str

    def fields(self) -> Fields:
        """Without the password itself."""
        name = PARAMETER_NAMES.get(self.id, ("", ""))
        shown = HIDDEN if self.id == KEPT_BACK else self.raw
        return {"id": self.id, "def": self.definition, "raw": shown, "zh": name[0], "en": name[1]}


def read_parameters(content: bytes) -> tuple[Parameter, ...] | None:
    """The settings; None where the bytes do not divide into them."""
    found: list[Parameter] = []
    at = 0
    while at < len(content):
        if at + 2 > len(content):
            return None
        size = content[at + 1] >> 3
        data = content[at + 2 : at + 2 + size]
        if not size or len(data) < size:
            return None
        found.append(Parameter(f"{content[at]:02X}", f"{content[at + 1]:02X}", data.hex().upper()))
        at += 2 + size
    return tuple(found)
