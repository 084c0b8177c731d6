"""The national warning format: the fields of R26 inside CAP, and the JSON of the national weather site.

The names under which colour, event type and division codes stand inside a CAP message (`COLOUR_NAME`, `EVENT_NAME`,
`GEOCODE_NAME`) are ours: R26 knows the fields, not their place in an OASIS message. They are written here once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

import msgspec

from anlan.cap.model import Alert, Area, Info, Reference, Valued
from anlan.cap.reasons import CapRefused, reason
from anlan.kernel.clock import SHANGHAI
from anlan.vocab.event_codes import CODES
from anlan.vocab.levels import FACES, Level

EVENT_NAME = "eventType"
COLOUR_NAME = "severityColour"
GEOCODE_NAME = "CN_DIVISION"
#: Further fields of R26, kept as parameters under their own names.
METHOD_NAME, AUDIENCE_GROUP_NAME, SECURITY_NAME = "method", "audienceGrp", "secClassification"

_IDENTIFIER = re.compile(r"(\d{14})_(\d{14})")
#: A JSONP shell: `var name=…;` or `name(…);`.
_SHELL = re.compile(r"^\s*(?:var\s+\w+\s*=\s*|\w+\s*\()?\s*(\{.*\})\s*\)?\s*;?\s*$", re.DOTALL)
_ISSUER = re.compile(r"^\s*([^\d，。：,]{2,40}?)\d{4}年")
#: LEVELCODE by colour. "02" is yellow in the one real message at hand; the others are own knowledge, not verified, so
#: the colour word decides wherever there is one.
LEVEL_BY_CODE: dict[str, Level] = {"01": Level.BLUE, "02": Level.YELLOW, "03": Level.ORANGE, "04": Level.RED}
_LEVEL_BY_WORD = {face.zh: level for level, face in FACES.items()}
_CODE_BY_WORD = {row.zh: row.code for row in CODES}
MOST_BYTES = 256 * 1024


class NationalFields(msgspec.Struct, frozen=True):
    """The fields of the JSON as it comes; what we do not know is ignored."""

    identifier: str
    ISSUETIME: str
    head: str = ""
    ALERTID: str = ""
    PROVINCE: str = ""
    CITY: str = ""
    STATIONNAME: str = ""
    SIGNALTYPE: str = ""
    SIGNALLEVEL: str = ""
    TYPECODE: str = ""
    LEVELCODE: str = ""
    ISSUECONTENT: str = ""
    UNDERWRITER: str = ""
    RELIEVETIME: str = ""
    msgType: str = "Alert"
    references: str = ""
    EFFECT: str = ""


@dataclass(frozen=True, slots=True)
class NationalWarning:
    """The message in the common model, beside what the site said in its own fields. `level` is None for an unknown colour."""

    alert: Alert
    fields: NationalFields
    level: Level | None
    event_code: str


def is_national_identifier(text: str) -> bool:
    """`<14-digit unit code>_<yyyyMMddHHmmss>`, with a time that exists."""
    found = _IDENTIFIER.fullmatch(text)
    if found is None:
        return False
    try:
        datetime.strptime(found[2], "%Y%m%d%H%M%S").replace(tzinfo=SHANGHAI)
    except ValueError:
        return False
    return True


def unit_of(identifier: str) -> str:
    """The issuing unit's code, "" when the identifier holds none."""
    found = _IDENTIFIER.fullmatch(identifier)
    return found[1] if found else ""


def read_json(data: bytes | str) -> NationalWarning:
    """One warning as the national site publishes it, with or without its JSONP shell. Raises `CapRefused`."""
    fields = _fields(data)
    if not is_national_identifier(fields.identifier):
        raise CapRefused(reason("cap.json_field", element="identifier", value=fields.identifier))
    if fields.msgType not in ("Alert", "Update", "Cancel"):
        raise CapRefused(reason("cap.json_field", element="msgType", value=fields.msgType))
    sent = _beijing("ISSUETIME", fields.ISSUETIME)
    level = _LEVEL_BY_WORD.get(_colour(fields.SIGNALLEVEL)) or LEVEL_BY_CODE.get(fields.LEVELCODE)
    code = _CODE_BY_WORD.get(fields.SIGNALTYPE, "")
    unit = unit_of(fields.identifier)
    references = _references(fields)
    if fields.msgType != "Alert" and not references:
        raise CapRefused(reason("cap.references_missing", msg_type=fields.msgType))
    alert = Alert(
        identifier=fields.identifier,
        sender=unit,
        sent=sent,
        msg_type=fields.msgType,
        references=references,
        infos=(_info(fields, level, code, unit, sent),),
    )
    return NationalWarning(alert, fields, level, code)


def _fields(data: bytes | str) -> NationalFields:
    if len(data) > MOST_BYTES:
        raise CapRefused(reason("cap.too_large", bytes=len(data), limit=MOST_BYTES))
    try:
        text = data if isinstance(data, str) else data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CapRefused(reason("cap.encoding", why=f"utf-8, byte {error.start}")) from None
    shell = _SHELL.match(text)
    try:
        return msgspec.json.decode(shell[1] if shell else text, type=NationalFields)
    except (msgspec.DecodeError, RecursionError) as error:
        raise CapRefused(reason("cap.json", why=str(error))) from None


def _beijing(name: str, text: str) -> datetime:
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)
    except ValueError:
        raise CapRefused(reason("cap.json_field", element=name, value=text)) from None


def _references(fields: NationalFields) -> tuple[Reference, ...]:
    """A first message repeats its own identifier; that refers to nothing. Times are taken from the identifiers."""
    named = []
    for text in fields.references.replace(",", " ").split():
        if text == fields.identifier or not is_national_identifier(text):
            continue
        unit, stamp = text.split("_")
        named.append(Reference(unit, text, datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=SHANGHAI)))
    return tuple(named)


def _info(fields: NationalFields, level: Level | None, code: str, unit: str, sent: datetime) -> Info:
    issuer = _ISSUER.match(fields.ISSUECONTENT)
    place = f"{fields.PROVINCE}{fields.CITY}{fields.STATIONNAME}"
    parameters = [Valued(COLOUR_NAME, level.face.token.capitalize())] if level is not None else []
    parameters += [
        Valued(name, value)
        for name, value in (
            ("TYPECODE", fields.TYPECODE),
            ("LEVELCODE", fields.LEVELCODE),
            ("ALERTID", fields.ALERTID),
        )
        if value
    ]
    return Info(
        event=f"{fields.SIGNALTYPE}{fields.SIGNALLEVEL}预警" if fields.SIGNALTYPE else fields.head,
        categories=("Met",),
        severity=level.face.severity if level is not None else "Unknown",
        language="zh-CN",
        event_codes=(Valued(EVENT_NAME, code),) if code else (),
        effective=sent,
        expires=_beijing("RELIEVETIME", fields.RELIEVETIME) if fields.RELIEVETIME.strip() else None,
        sender_name=issuer[1] if issuer else place,
        headline=fields.head,
        description=fields.ISSUECONTENT,
        parameters=tuple(parameters),
        areas=(Area(place or fields.head, geocodes=(Valued(GEOCODE_NAME, f"{unit[:6]}000000"),)),),
    )


def _colour(word: str) -> str:
    return word if word.endswith("色") else f"{word}色"
