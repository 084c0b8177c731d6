"""A warning as a CAP message: the Chinese profile of R26 on CAP 1.2.

What the profile leaves open is data in `data/cap_profile.json`, each entry with source and a mark where nobody confirmed it; a
county overrides single entries by `cap_profile.json` in its data folder. `alert_of` composes from the present row and is also
a preview of a draft; what really left stands in `CapMessage`, written once by `services.capping`.
"""

from __future__ import annotations

import functools
import json
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from django.conf import settings

from anlan.cap.model import Alert, Area, Info, Polygon, Reference, Valued
from anlan.cap.national import COLOUR_NAME, EVENT_NAME, GEOCODE_NAME, unit_of
from anlan.cap.wire import has_restricted_characters
from anlan.kernel.clock import SHANGHAI
from anlan.kernel.refusals import BadSetting
from anlan.vocab.hazards import FACES, HazardType
from anlan.vocab.levels import Level
from anlan.warning.authority import DATA, Parameter, hazard_words
from anlan.warning.models import CapMessage, HazardWarning, WarningKind, WarningText, WarningVillage

#: What we call ourselves in `code`, so that a reader knows which profile to judge by.
PROFILE_CODE = "profile:CN-R26:anlan-1"
#: Beside which name the kind of a message stands (relay, call-out, risk notice) and who passed it on.
KIND_NAME, RELAYED_NAME = "kind", "relayedBy"
_MOST_PLACES_NAMED = 20
#: Geocodes of one message; a county has some hundred villages. Engineering choice.
_MOST_CODES = 500
#: CAP wants language tags; our codes are short.
_LANGUAGE = {"zh": "zh-CN"}


class CapProfile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Level keys are "1" red … "4" blue; county keys are the six-digit code."""

    version: str
    unit_code_by_county: Parameter[dict[str, str]]
    sender: Parameter[str]
    public_kinds: Parameter[list[WarningKind]]
    restriction: Parameter[str]
    category_by_hazard: Parameter[dict[str, list[str]]]
    urgency_by_level: Parameter[dict[str, str]]
    response_by_level: Parameter[dict[str, list[str]]]
    ended_listed_h: Parameter[int]

    def unverified(self) -> list[str]:
        """Names of the parameters that somebody still has to confirm."""
        return [
            name
            for name in self.__struct_fields__
            if isinstance(parameter := getattr(self, name), Parameter) and not parameter.is_verified
        ]

    @property
    def ended_listed(self) -> timedelta:
        return timedelta(hours=self.ended_listed_h.value)


def cap_profile() -> CapProfile:
    """The table that applies here: the package's, with the county's entries over it. Raises `BadSetting`."""
    own = Path(settings.ANLAN_DATA) / "cap_profile.json"
    return _load(str(own), own.stat().st_mtime_ns if own.exists() else 0)


@functools.lru_cache(maxsize=8)
def _load(own: str, stamp: int) -> CapProfile:
    table: dict[str, Any] = json.loads((DATA / "cap_profile.json").read_text(encoding="utf-8"))
    example = (
        '{"unit_code_by_county": {"value": {"999901": "99990141600000"}, "source": "…", "is_verified": true}}'
    )
    try:
        if stamp:
            table |= json.loads(Path(own).read_text(encoding="utf-8"))
        profile = msgspec.convert(table, CapProfile)
    except (ValueError, msgspec.ValidationError) as error:
        raise BadSetting(name=own, why=str(error), example=example) from error
    for code in profile.unit_code_by_county.value.values():
        if not (code.isascii() and code.isdigit() and len(code) == 14):
            raise BadSetting(name=own, why=f"{code!r} is no unit code of 14 digits", example=example)
    if has_restricted_characters(profile.sender.value):
        raise BadSetting(name=own, why="a sender holds no blank and no comma", example=example)
    return profile


def unit_code(warning: HazardWarning) -> str:
    """The 14-digit code of the unit that speaks for the warning's county, "" until somebody names it."""
    return cap_profile().unit_code_by_county.value.get(warning.division_id[:6], "")


def sender_of(warning: HazardWarning, identifier: str = "") -> str:
    """Whoever an identifier names; else the county's unit, else the configured sender, else our host."""
    if unit := unit_of(identifier) or unit_code(warning):
        return unit
    return cap_profile().sender.value or urlsplit(settings.ANLAN_BASE_URL).hostname or "anlan"


def identifier_for(warning: HazardWarning, *, at: datetime, part: str = "") -> str:
    """The name under which a message goes out, for ever.

    With a unit code the national form `<unit>_<yyyyMMddHHmmss>` (Beijing time; the next free second if two come together),
    else a UUID made from the warning and `part` ("" for the warning itself).
    """
    unit = unit_code(warning)
    if not unit:
        return f"urn:uuid:{uuid.uuid5(warning.pk, part) if part else warning.pk}"
    moment = at.astimezone(SHANGHAI)
    while is_taken(name := f"{unit}_{moment:%Y%m%d%H%M%S}", besides=warning):
        moment += timedelta(seconds=1)
    return name


def is_taken(identifier: str, *, besides: HazardWarning) -> bool:
    others = HazardWarning.objects.filter(cap_identifier=identifier).exclude(pk=besides.pk)
    return others.exists() or CapMessage.objects.filter(identifier=identifier).exists()


def scope_of(warning: HazardWarning) -> str:
    """Public for the kinds that the county's table opens to the public, else Restricted. Never Public in an exercise."""
    is_public = warning.kind in cap_profile().public_kinds.value and warning.exercise_id is None
    return "Public" if is_public else "Restricted"


def alert_of(
    warning: HazardWarning,
    *,
    identifier: str = "",
    sent: datetime | None = None,
    earlier: Sequence[Reference] | None = None,
) -> Alert:
    """The CAP message that a warning is: an Update where it follows earlier messages, a Draft before it is issued.

    Left out, `identifier` is the one it was given when issued, `sent` its time of issue and `earlier` the messages of the
    warnings that it replaces.
    """
    name = identifier or warning.cap_identifier or f"urn:uuid:{warning.pk}"
    references = tuple(messages_before(warning) if earlier is None else earlier)
    return Alert(
        **_head(warning, name, sent or warning.issued_at or warning.drafted_at),
        msg_type="Update" if references else "Alert",
        references=references,
        infos=tuple(_infos(warning)),
    )


def cancel_of(
    warning: HazardWarning, *, identifier: str, sent: datetime, earlier: Sequence[Reference]
) -> Alert:
    """The message that lifts it, with the all-clear text, which never says that people may go home."""
    from anlan.warning.services.ending import all_clear_of

    said = all_clear_of(warning)
    info = next(iter(_infos(warning)))
    return Alert(
        **_head(warning, identifier, sent),
        msg_type="Cancel",
        references=tuple(earlier),
        infos=(
            Info(
                event=info.event,
                categories=info.categories,
                urgency="Past",
                severity=info.severity,
                certainty=info.certainty,
                language=info.language,
                response_types=("AllClear",),
                event_codes=info.event_codes,
                effective=sent,
                expires=sent + cap_profile().ended_listed,
                sender_name=info.sender_name,
                headline=said.headline,
                description=said.body,
                parameters=info.parameters,
                areas=info.areas,
            ),
        ),
    )


def messages_before(warning: HazardWarning) -> list[Reference]:
    """Every message that went out for the warnings that this one replaces, the oldest first."""
    chain: list[uuid.UUID] = []
    former = warning.replaces
    while former is not None and len(chain) < 100:
        chain.append(former.pk)
        former = former.replaces
    rows = CapMessage.objects.filter(warning__in=chain).order_by("sent_at", "id")
    return [reference_to(row) for row in rows]


def reference_to(row: CapMessage) -> Reference:
    return Reference(row.sender, row.identifier, row.sent_at.astimezone(SHANGHAI))


def _head(warning: HazardWarning, identifier: str, sent: datetime) -> dict[str, Any]:
    scope = scope_of(warning)
    return {
        "identifier": identifier,
        "sender": sender_of(warning, identifier),
        "sent": sent.astimezone(SHANGHAI).replace(microsecond=0),
        "status": _status(warning),
        "scope": scope,
        "restriction": "" if scope == "Public" else cap_profile().restriction.value,
        "codes": (PROFILE_CODE,),
        "note": f"{warning.relayed_by}转发" if warning.relayed_by else "",
    }


def _status(warning: HazardWarning) -> str:
    if warning.state in ("draft", "returned", "withdrawn"):
        return "Draft"
    return "Actual" if warning.exercise_id is None else "Exercise"


def _infos(warning: HazardWarning) -> list[Info]:
    """One text a language: Chinese always, others where somebody wrote them; the text for the public before any other."""
    common = _common(warning)
    found: dict[str, WarningText] = {}
    for text in stored_texts(warning):
        found.setdefault(text.language, text)
    chinese = found.pop("zh", None)
    # The warning's own words are those for posts; the public gets what was written for it.
    own = chinese if scope_of(warning) == "Public" else None
    infos = [
        Info(
            **common,
            language="zh-CN",
            headline=(own.headline if own else "") or warning.headline,
            description=(own.body if own else "") or _description(warning),
            recommended_action=(own.recommended_action if own else "") or warning.recommended_action,
        )
    ]
    for language, text in sorted(found.items()):
        infos.append(
            Info(
                **common,
                language=_LANGUAGE.get(language, language),
                headline=text.headline,
                description=text.body,
                recommended_action=text.recommended_action,
            )
        )
    return infos


def stored_texts(warning: HazardWarning) -> list[WarningText]:
    """Texts in further languages or for other audiences, those for the public first."""
    rows = WarningText.objects.filter(warning=warning)
    return sorted(rows, key=lambda row: (row.audience != "public", row.audience, row.language))


def _description(warning: HazardWarning) -> str:
    """A relay repeats the issuer's own words where we have them."""
    is_relay = warning.kind == WarningKind.RELAY
    return (warning.cause_sentence if is_relay else "") or warning.body


def _common(warning: HazardWarning) -> dict[str, Any]:
    """What every language of the message shares."""
    face, profile = Level(warning.level).face, cap_profile()
    is_relay = warning.kind == WarningKind.RELAY
    level = str(int(warning.level))
    code = _event_code(warning.hazard_type)
    parameters = [Valued(COLOUR_NAME, face.token.capitalize()), Valued(KIND_NAME, str(warning.kind))]
    if warning.relayed_by:
        parameters.append(Valued(RELAYED_NAME, warning.relayed_by))
    return {
        "event": hazard_words(warning.hazard_type)[0],
        "categories": tuple(_categories(profile, warning.hazard_type)),
        "urgency": "Unknown" if is_relay else profile.urgency_by_level.value[level],
        "severity": face.severity,
        "certainty": "Observed" if warning.crossing_id else ("Unknown" if is_relay else "Likely"),
        "response_types": () if is_relay else tuple(profile.response_by_level.value[level]),
        "event_codes": (Valued(EVENT_NAME, code),) if code else (),
        "effective": _moment(warning.issued_at or warning.drafted_at),
        "expires": _moment(warning.expires_at),
        "sender_name": warning.issuer,
        "parameters": tuple(parameters),
        "areas": (_area(warning),),
    }


def _categories(profile: CapProfile, hazard_type: str) -> list[str]:
    table = profile.category_by_hazard.value
    return table.get(hazard_type) or table.get(hazard_type[:3]) or table["*"]


def _event_code(hazard_type: str) -> str:
    """The code of R26; "" for a hazard of ours that R26 names no verified code for."""
    if hazard_type in set(HazardType):
        return FACES[HazardType(hazard_type)].event_code or ""
    return hazard_type


def _moment(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(SHANGHAI).replace(microsecond=0)


def _area(warning: HazardWarning) -> Area:
    """Villages by name and code, and the boundary as drawn."""
    rows = WarningVillage.objects.filter(warning=warning).order_by("division_id")
    places = list(rows.values_list("division_id", "division__name", "division__path"))
    names = "、".join(name for _code, name, _path in places[:_MOST_PLACES_NAMED])
    if len(places) > _MOST_PLACES_NAMED:
        names += f"等{len(places)}处"
    codes = _codes([(code, path.split("/")) for code, _name, path in places]) or [warning.division_id]
    return Area(
        description=names or warning.division.name,
        polygons=_polygons(warning.area),
        geocodes=tuple(Valued(GEOCODE_NAME, code) for code in codes),
    )


def _codes(places: list[tuple[str, list[str]]]) -> list[str]:
    """Codes of the places; of very many, those of the divisions above them, so that the message stays one that others take."""
    codes = [code for code, _above in places]
    above = 2
    while len(codes) > _MOST_CODES and above <= 4:
        codes = list(dict.fromkeys(path[-min(above, len(path))] for _code, path in places))
        above += 1
    return codes[:_MOST_CODES]


def _polygons(area: str) -> tuple[Polygon, ...]:
    """Boundaries of the stored geometry; villages alone where it is none."""
    try:
        from anlan.cap.shapes import polygons_of  # brings NumPy; only areas pay for it

        return polygons_of(json.loads(area)) if area else ()
    except ValueError:
        return ()
