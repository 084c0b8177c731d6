"""Which places a warning names: townships and villages by name, the whole county, or words that nobody can turn into a list."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from anlan.warning.incoming.gazetteer import Gazetteer, Named
from anlan.warning.incoming.sure import Confidence

Span = tuple[int, int]

_WHOLE = re.compile(r"(?:我县|全县|本县|县域|县境)(?:境内|范围内?|各地|各乡镇|所有乡镇|各乡镇\(?街道\)?)?")
#: Words for a part that no list follows from.
_VAGUE = re.compile(
    r"(?:我县|全县|本县|县境|境内)?(?:的)?(?:(?:东北|西北|东南|西南|东|西|南|北|中)部|大部分?|部分|局部|个别|多数|多个|沿江|沿河|高海拔|山区)+"
    r"(?:乡镇|街道|村组?|地区|区域|地方|地带|河段)?(?:\(街道\))?"
)
_OF_COUNTY = re.compile(r"我县|全县|本县|县境")
_JOINED = re.compile(r"[、,，和及与]\s*$|以及\s*$")
_EXCEPT = re.compile(r"(?:除|除了|不含|不包括)[^。；;\n,，]{1,30}?(?:外|以外|之外)")
_FOREIGN = re.compile(
    r"(?<=[、,，和及与\s:：在])[\u4e00-\u9fff]{1,4}?(?:乡|镇|街道|村|社区)(?=[、,，和及与等。；;\s将有出降的已])"
)
#: Right before a name: another county, whose place of this name it is.
_OF_ANOTHER = re.compile(r"([\u4e00-\u9fff]{1,6}(?:县|市|区))$")
_NOT_ANOTHER = re.compile(r"(?:我|全|本|辖|该|地)(?:县|市|区)$")
_PLACE_OF_ISSUER = re.compile(r"([\u4e00-\u9fff]{1,9}?(?:县|区|旗|市|省|州|盟))")


@dataclass(frozen=True, slots=True)
class Area:
    """`codes` are the places named; `villages` all villages at or below them. `ambiguous` are names with several places."""

    codes: tuple[str, ...]
    villages: tuple[str, ...]
    confidence: Confidence
    spans: tuple[Span, ...] = ()
    ambiguous: tuple[str, ...] = ()
    not_understood: tuple[Span, ...] = ()
    doubts: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


def read_area(
    text: str, start: int, end: int, *, gazetteer: Gazetteer, issuer: str, skip: Iterable[Span]
) -> Area:
    """The places of one warning. `issuer` decides whose county "全县" is; `skip` are spans that belong to the issuer's name."""
    skipped = tuple(skip)
    body = _without(text, skipped)[:end]
    named = [one for one in _found(body, start, gazetteer) if not _is_elsewhere(body, one, gazetteer)]
    left_out = [match.span() for match in _EXCEPT.finditer(body, start, end)]
    excepted = [one for one in named if any(a <= one.start < b for a, b in left_out)]
    named = [one for one in named if one not in excepted]
    places = [one for one in named if len(one.places) == 1]
    ambiguous = [one for one in named if len(one.places) > 1]
    county = _county_named(body, start, end, gazetteer)
    is_ours, is_wider = _whose(issuer, gazetteer)
    doubts: list[str] = []
    marks = _not_understood(body, start, end, [*named, *excepted])
    if excepted:
        doubts.append("area_exception")
    if any(len(one.places) != 1 for one in excepted) or len(left_out) > len(excepted):
        marks += left_out
    if marks:
        doubts.append("area_partly_unknown")
    if ambiguous:
        doubts.append("area_ambiguous")
        marks += [(one.start, one.end) for one in ambiguous]
    spans = [(one.start, one.end) for one in named]
    codes = tuple(dict.fromkeys(one.places[0].code for one in places))
    if codes:
        sure = Confidence.LIKELY if doubts or any(one.is_short for one in places) else Confidence.SURE
        if not is_ours and not is_wider:
            doubts.append("issuer_of_elsewhere")
            sure = Confidence.LIKELY
        return _less(
            _area(codes, sure, spans, ambiguous, marks, doubts, gazetteer, text), excepted, gazetteer
        )
    whole = _whole(body, start, end) if is_ours else county
    if whole is not None and not marks and gazetteer.county is not None:
        sure = Confidence.LIKELY if excepted else Confidence.SURE
        found = _area(
            (gazetteer.county.code,), sure, [*spans, whole], ambiguous, marks, doubts, gazetteer, text
        )
        return _less(found, excepted, gazetteer)
    if is_ours and issuer and not marks and not excepted and gazetteer.county is not None:
        doubts.append("area_assumed_county")
        return _area(
            (gazetteer.county.code,), Confidence.ASSUMED, spans, ambiguous, marks, doubts, gazetteer, text
        )
    doubts.append("area_elsewhere" if issuer and not is_ours and not is_wider else "area_unknown")
    return Area((), (), Confidence.MISSING, tuple(spans), _words(ambiguous), tuple(marks), tuple(doubts))


def _area(
    codes: tuple[str, ...],
    sure: Confidence,
    spans: list[Span],
    ambiguous: list[Named],
    marks: list[Span],
    doubts: list[str],
    gazetteer: Gazetteer,
    text: str,
) -> Area:
    return Area(
        codes,
        tuple(gazetteer.villages_of(codes)),
        sure,
        tuple(spans),
        _words(ambiguous),
        tuple(marks),
        tuple(doubts),
        tuple(text[a:b] for a, b in spans),
    )


def _less(area: Area, excepted: list[Named], gazetteer: Gazetteer) -> Area:
    """Without the villages of the places that the text excepts."""
    if not excepted:
        return area
    gone = set(gazetteer.villages_of(place.code for one in excepted for place in one.places))
    kept = tuple(code for code in area.villages if code not in gone)
    spans = (*area.spans, *((one.start, one.end) for one in excepted))
    return replace(area, codes=kept, villages=kept, spans=spans)


def _found(body: str, start: int, gazetteer: Gazetteer) -> list[Named]:
    """Names also across the line breaks of a fax; the spans are those of the text with its breaks."""
    kept = [at for at, char in enumerate(body) if at >= start and not (char == "\n" or char == " ")]
    found = gazetteer.find("".join(body[at] for at in kept))
    return [replace(one, start=kept[one.start], end=kept[one.end - 1] + 1) for one in found]


def _is_elsewhere(body: str, named: Named, gazetteer: Gazetteer) -> bool:
    """ "石门县柳河镇" is not our 柳河镇."""
    before = body[max(0, named.start - 7) : named.start]
    match = _OF_ANOTHER.search(before)
    if match is None or _NOT_ANOTHER.search(before):
        return False
    return gazetteer.county is None or not before.endswith(gazetteer.county.name)


def _words(named: list[Named]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.words for one in named))


def _without(text: str, spans: Iterable[Span]) -> str:
    """The text with the issuer's name blanked: "柳河镇人民政府" names no area."""
    for start, end in spans:
        text = text[:start] + "\x00" * (end - start) + text[end:]
    return text


def _not_understood(body: str, start: int, end: int, named: list[Named]) -> list[Span]:
    """Parts of an area that nobody can list, exceptions, and names of places that the county does not have."""
    marks: list[Span] = []
    for match in _VAGUE.finditer(body, start, end):
        joined = _JOINED.search(body, max(start, match.start() - 3), match.start())
        if _OF_COUNTY.match(match.group()) or joined or not named:
            if not named and not _says_where(body, match):
                continue
            marks.append(match.span())
    for match in _FOREIGN.finditer(body, start, end):
        if not any(
            one.start < match.end() and match.start() < one.end for one in named
        ) and not _OF_COUNTY.match(match.group()):
            marks.append(match.span())
    return marks


def _says_where(body: str, match: re.Match[str]) -> bool:
    """ "部分乡镇将" tells where; "局部地区伴有冰雹" only how."""
    tells = bool(_OF_COUNTY.match(match.group())) or match.group().endswith(("乡镇", "街道", "村", "部"))
    return tells and not re.compile(r"伴|可能伴").match(body, match.end())


def _whole(body: str, start: int, end: int) -> Span | None:
    match = _WHOLE.search(body, start, end)
    return None if match is None else match.span()


def _county_named(body: str, start: int, end: int, gazetteer: Gazetteer) -> Span | None:
    if gazetteer.county is None:
        return None
    at = body.find(gazetteer.county.name, start, end)
    return None if at < 0 else (at, at + len(gazetteer.county.name))


def _whose(issuer: str, gazetteer: Gazetteer) -> tuple[bool, bool]:
    """Whether the issuer is of our county (or names no place at all), and whether it is of a wider area."""
    tier = tier_of(issuer)
    if gazetteer.county is not None and gazetteer.county.name in issuer:
        return True, False
    if tier == "county":
        return False, False
    return (tier == "" and bool(issuer)), tier in ("city", "province", "nation")


def tier_of(issuer: str) -> str:
    """nation, province, city, county or "" by the place that begins an office's name."""
    if re.match(r"中央|国家|水利部|自然资源部|应急管理部", issuer):
        return "nation"
    match = _PLACE_OF_ISSUER.match(issuer)
    if match is None:
        return ""
    endings = {"省": "province", "市": "city", "州": "city", "盟": "city"}
    places = _PLACE_OF_ISSUER.findall(issuer)
    return endings.get(places[-1][-1], "county")
