"""Texts that go out to people: Chinese content from `data/texts.json`, filled in and measured.

The call-out puts the issuer and the village before each text (【…】, or spoken) and the answer line behind it. A county replaces the file by `texts.json` in its data folder. An own text never claims to be a public weather warning;
only a relay carries the headline form of R26, with the name of the authority that issued it.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings

from anlan.dissemination.channels import segments as sms
from anlan.sensing.models import Crossing
from anlan.vocab.levels import Level
from anlan.vocab.quantities import quantity_of
from anlan.warning import spoken
from anlan.warning.authority import DATA, hazard_words
from anlan.warning.models import ActionText, TextForm, TextState, WarningKind
from anlan.warning.refusals import BadPlaceholder, ClaimsToBeAWarning, TextTooLong

BEIJING = ZoneInfo("Asia/Shanghai")
#: Characters of one part of a longer SMS with Chinese in it.
JOINED_SEGMENT = sms.JOINED
MOST_SEGMENTS = 2
#: Characters kept free for what the call-out adds: the village's name before, "回复1已收到，2已行动，3已完成。" behind.
ADDED_BY_CALL = 28
#: Crossings of rules that the worker evaluates carry the evaluator in the place of a quantity.
_WORDS_OF_RULES = {
    "combined": "等{value}项条件同时达到",
    "fire_weather": "森林火险指数{value}",
    "forecast_sum": "实测加预报雨量{value}毫米",
    "inverse_velocity": "推算约{value}小时后可能失稳",
}
_UNITS = {"mm": "毫米", "m": "米"}
#: Who a text speaks to: responsible posts, everybody, places where people gather, enterprises.
AUDIENCES: dict[str, tuple[str, str]] = {
    "post": ("责任人", "responsible posts"),
    "public": ("公众", "the public"),
    "site": ("场所", "sites"),
    "enterprise": ("企业", "enterprises"),
}
#: Languages a county usually writes; any other code of up to 12 letters may be added.
LANGUAGES: dict[str, tuple[str, str]] = {"zh": ("中文", "Chinese"), "en": ("英文", "English")}
#: What a text of the library may hold between braces.
PLACEHOLDERS = ("issuer", "source", "hazard", "colour", "roman", "wording", "because", "place", "title")


class Template(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    sms: str
    voice: str
    action: str = ""
    hazard: str = ""
    key: str = ""
    audience: str = "post"


class Book(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: str
    is_verified: bool
    drill_mark: str
    hand_because: str
    texts: list[Template]
    relay: Template
    all_clear: Template
    mistake: Template
    milder: str


@dataclass(frozen=True, slots=True)
class Texts:
    """`body` is the message as it is sent; `voice` is spoken, the call-out puts the issuer before both."""

    headline: str
    body: str
    recommended_action: str
    voice: str


@dataclass(frozen=True, slots=True)
class Matter:
    """What a text is about. `source` is the authority whose warning is relayed, `signature` names a pre-authorisation."""

    kind: str
    hazard_type: str
    level: int
    issuer: str
    villages: Sequence[str]
    because: str = ""
    source: str = ""
    signature: str = ""
    is_drill: bool = False
    #: The level before, where this text makes a warning milder.
    former_level: int | None = None


def sent_length(issuer: str, text: str) -> int:
    """Characters (UTF-16 units, which is what is paid for) of the SMS with its issuer and what the call-out adds."""
    return sms.units_of(f"【{issuer}】{text}") + ADDED_BY_CALL


def segments(issuer: str, text: str) -> int:
    """How many SMS segments a text takes as it is sent."""
    units = sent_length(issuer, text)
    return sms.count_of(units)


def room_for(issuer: str) -> int:
    """UTF-16 units that a text of this issuer may have in two segments."""
    return MOST_SEGMENTS * JOINED_SEGMENT - sent_length(issuer, "")


def check_length(issuer: str, text: str) -> None:
    if segments(issuer, text) > MOST_SEGMENTS:
        raise TextTooLong(characters=sent_length(issuer, text), limit=MOST_SEGMENTS * JOINED_SEGMENT)


def book() -> Book:
    own = Path(settings.ANLAN_DATA) / "texts.json"
    path = own if own.exists() else DATA / "texts.json"
    return _load(str(path), path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=8)
def _load(path: str, _stamp: int) -> Book:
    """The file, over the package's: a county's older file lacks what came later."""
    table: dict[str, object] = json.loads((DATA / "texts.json").read_text(encoding="utf-8"))
    return msgspec.convert(table | json.loads(Path(path).read_text(encoding="utf-8")), Book)


def compose(matter: Matter) -> Texts:
    """The texts of a warning or a relay."""
    template = _template(matter)
    words = _words(matter)
    words["title"] = template.title.format(**words)
    head = "" if matter.kind == WarningKind.RELAY else f"{words['title']}："
    mark = book().drill_mark if matter.is_drill else ""
    if matter.former_level is not None and matter.former_level < matter.level:
        head += book().milder.format(former=Level(matter.former_level).face.zh, colour=words["colour"])
    return Texts(
        headline=_headline(matter, words["title"]),
        body=f"{mark}{head}{template.sms.format(**words)}{_signature(matter)}",
        recommended_action=template.action,
        voice=("演练，演练。" if mark else "") + template.voice.format(**words),
    )


def all_clear(matter: Matter, *, headline: str, is_mistake: bool = False) -> Texts:
    """What everybody hears who heard of the warning: it is over (which is not yet "go home"), or it was a mistake."""
    template = book().mistake if is_mistake else book().all_clear
    words = _words(matter)
    words["title"] = headline if matter.kind == WarningKind.RELAY else _template(matter).title.format(**words)
    mark = book().drill_mark if matter.is_drill else ""
    return Texts(
        headline=template.title.format(**words),
        body=f"{mark}{template.sms.format(**words)}",
        recommended_action="",
        voice=("演练，演练。" if mark else "") + template.voice.format(**words),
    )


def reading_words(crossing: Crossing) -> str:
    """The causing reading in few words, with its Beijing time: "08:14 花石坡站1小时雨量82.5毫米，"."""
    known = quantity_of(crossing.quantity)
    value = format(crossing.value.normalize(), "f")
    at = crossing.phenomenon_time.astimezone(BEIJING)
    if crossing.quantity in _WORDS_OF_RULES:
        return f"{at:%H:%M}{crossing.station.name}{_WORDS_OF_RULES[crossing.quantity].format(value=value)}，"
    if crossing.window_min is None:
        what = known.zh
    elif crossing.quantity.startswith("rain_"):
        what = f"{_span(crossing.window_min)}雨量"
    else:
        what = f"{_span(crossing.window_min)}{known.zh}变化"
    return f"{at:%H:%M}{crossing.station.name}{what}{value}{_UNITS.get(known.unit, known.unit)}，"


def _span(minutes: int) -> str:
    return f"{minutes // 60}小时" if minutes % 60 == 0 else f"{minutes}分钟"


def _template(matter: Matter) -> Template:
    if matter.kind == WarningKind.RELAY:
        return book().relay
    return _with_rows(packaged(matter.hazard_type, matter.level), matter)


def packaged(hazard_type: str, level: int, audience: str = "post") -> Template:
    """The package's text; an audience without a text of its own hears that for responsible posts."""
    found = {row.hazard: row for row in book().texts if row.key == str(level) and row.audience == audience}
    best = found.get(hazard_type) or found.get("*")
    return best or packaged(hazard_type, level)


def _with_rows(template: Template, matter: Matter) -> Template:
    """The county's rows over the package's text. What is spoken follows the county's message unless it has a row itself."""
    rows = rows_for(matter.hazard_type, matter.level)
    changes: dict[str, str] = {}
    message = rows.get(TextForm.SMS) or rows.get(TextForm.PLAIN)
    if message is not None:
        changes |= {"sms": message.text, "voice": message.text}
    if TextForm.LOUDSPEAKER in rows:
        changes["voice"] = rows[TextForm.LOUDSPEAKER].text
    if TextForm.ACTION in rows:
        changes["action"] = rows[TextForm.ACTION].text
    return msgspec.structs.replace(template, **changes) if changes else template


def rows_for(
    hazard_type: str, level: int, *, audience: str = "post", language: str = "zh"
) -> dict[str, ActionText]:
    """The county's texts in force by form; one for this hazard before one for all hazards."""
    found = ActionText.objects.filter(
        state=TextState.IN_FORCE,
        hazard_type__in=(hazard_type, "*"),
        level=level,
        audience=audience,
        language=language,
    )
    return {row.form: row for row in sorted(found, key=lambda row: row.hazard_type != "*")}


def check_template(text: str, *, form: str, is_own: bool = True) -> str:
    """A text of the library: known placeholders only, no claim to be a public warning, short enough for an SMS."""
    sample = {name: name for name in PLACEHOLDERS} | {
        "because": "08:14花石坡雨量站1小时雨量82.5毫米，",
        "place": "花石坡彝族村等139村",
        "hazard": "地质灾害",
    }
    try:
        names = [name for _text, name, _form, _convert in Formatter().parse(text) if name is not None]
        wrong = [name for name in names if name not in PLACEHOLDERS]
        filled = "" if wrong else text.format(**sample)
    except (ValueError, IndexError) as error:
        raise BadPlaceholder(name=str(error)[:40], known=_known_words()) from None
    if wrong:
        raise BadPlaceholder(name=wrong[0][:40], known=_known_words())
    if is_own and form != TextForm.ACTION and "预警" in text:
        raise ClaimsToBeAWarning
    if form in (TextForm.SMS, TextForm.PLAIN):
        check_length("云岭县防汛抗旱指挥部办公室", filled)
    return filled


def _known_words() -> str:
    return " ".join(f"{{{name}}}" for name in PLACEHOLDERS)


def forms_of(issuer: str, body: str, recommended_action: str, *, is_drill: bool) -> spoken.Forms:
    """Every form of a warning's text, as the page shows them before a person changes one."""
    return spoken.derive(body, recommended_action, fits=room_for(issuer), is_drill=is_drill)


def _words(matter: Matter) -> dict[str, str]:
    face = Level(matter.level).face
    return {
        "issuer": matter.issuer,
        "source": matter.source,
        "hazard": hazard_words(matter.hazard_type)[0],
        "colour": face.zh,
        "roman": face.roman,
        "wording": face.wording_zh,
        "because": matter.because or book().hand_because,
        "place": _place(matter.villages),
    }


def _place(villages: Sequence[str]) -> str:
    if not villages:
        return "有关村"
    return villages[0] if len(villages) == 1 else f"{villages[0]}等{len(villages)}村"


def _signature(matter: Matter) -> str:
    return f"（{matter.signature}预授权）" if matter.signature else ""


def _headline(matter: Matter, title: str) -> str:
    """R26 form for a relay; an own one says where first, since ten of them may stand in one list. Its issuer stands beside it."""
    return title if matter.kind == WarningKind.RELAY else f"{_place(matter.villages)}{title}"
