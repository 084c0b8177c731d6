"""Reads warnings as people pass them on: by SMS, e-mail, WeChat or fax.

`read(text, …)` gives one result for each warning in the text. A field says how sure it is and which characters it came from;
what no field and no ordinary word explains is listed in `not_understood`, so that the page can underline it. Nothing is guessed
silently: an assumed value is marked as such, a contradiction is told. It never raises, whatever the text.
Times: `received_at` is aware; results are aware, Beijing time. Positions count characters of the text as it came.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from anlan.warning.incoming.areas import Area, read_area
from anlan.warning.incoming.digits import NUMERALS, number, plain
from anlan.warning.incoming.gazetteer import Gazetteer
from anlan.warning.incoming.heads import Group, Head, find_heads, groups
from anlan.warning.incoming.moments import BEIJING, Moment, moments
from anlan.warning.incoming.sure import Confidence
from anlan.warning.incoming.words import Lexicon, lexicon

T = TypeVar("T")
Span = tuple[int, int]

#: Characters that are read; a longer text keeps its whole raw form and is marked from here on. Engineering choice.
READ_MOST = 20_000
#: Warnings that are read from one text; a bulletin has a handful. Engineering choice.
WARNINGS_MOST = 20

_ACTIONS: tuple[tuple[str, str], ...] = (
    ("lift", r"解除|取消|撤销|终止"),
    ("upgrade", r"升级|提升为|提升至"),
    ("downgrade", r"降级|降为|下调为|下调至|降低为"),
    ("change", r"变更|调整为|更正"),
    ("continue", r"继续发布|继续维持|维持|更新|续发|延续"),
    ("issue", r"发布|启动|签发"),
)
_N = rf"(?:\d{{1,3}}|[{NUMERALS}]{{1,3}})"
_FOR_HOURS = re.compile(
    rf"(?:未来|今后|接下来)\s*(?:的)?\s*(?P<n>{_N})\s*(?:个)?(?P<unit>小时|天|日)|(?P<n2>{_N})\s*(?:个)?(?P<unit2>小时)(?:之)?内|有效(?:期限|期|时间|时长)(?:为|是|:)?\s*(?P<n3>{_N})\s*(?:个)?(?P<unit3>小时|天|日)"
)
_PAST = re.compile(r"(?:过去|前|近|最近)\s*$")
_UNTIL = re.compile(r"(?:至|到|—+|-+|~|截止(?:至|到|时间)?:?|有效期(?:至|到|为)?:?|持续(?:至|到))\s*$")
_LIFTED_BEHIND = re.compile(r"(?:信号|信息)?[^。；;:\n,，发原]{0,28}?(?P<lift>解除|取消|终止)")
_SIGNATURE = re.compile(r"【(?P<name>[^】\n]{2,40})】")
_FORWARD = r"^\s*(?:(?:{marks})\s*[:：]\s*)+"
_DETAIL = re.compile(
    rf"(?:\d+(?:\.\d+)?|{_N})\s*(?:[~—-]\s*\d+(?:\.\d+)?\s*)?(?:毫米|mm|米/秒|m/s|立方米|米|级|度|℃|公里|千米|%|个|条|处|户|人|次|座)?(?:每秒|/秒|/h|/小时)?"
)


@dataclass(frozen=True, slots=True)
class Field(Generic[T]):
    """A value, how sure it is, and the characters that it came from (none for what was assumed)."""

    value: T
    confidence: Confidence
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadWarning:
    """What one warning says. `hazard.value` is (code or None, words). `level` 1 red … 4 blue. `doubts` are codes of what is odd."""

    issuer: Field[str]
    hazard: Field[tuple[str | None, str]]
    level: Field[int | None]
    action: Field[str]
    issued_at: Field[datetime | None]
    expires_at: Field[datetime | None]
    area: Field[Area]
    former_level: int | None = None
    is_drill: bool = False
    start: int = 0
    end: int = 0
    doubts: tuple[str, ...] = ()
    not_understood: tuple[Span, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Result:
    """All warnings of a text and the spans that none of them explains."""

    warnings: tuple[ReadWarning, ...]
    not_understood: tuple[Span, ...]
    is_cut: bool = False


def read(text: str, *, gazetteer: Gazetteer, received_at: datetime, words: Lexicon | None = None) -> Result:
    """Every warning in a text. One without any gives no warnings and says that all of it was not understood."""
    known = words or lexicon()
    whole = plain(text[:READ_MOST])
    heads = find_heads(whole, known)
    found = groups(whole, heads)[:WARNINGS_MOST]
    scene = _Scene(whole, gazetteer, received_at, known, _fixed(whole, heads, gazetteer, known))
    warnings: list[ReadWarning] = []
    for index, group in enumerate(found):
        start = 0 if index == 0 else group.clause
        warnings.append(_one(scene, group, start, before=warnings[-1] if warnings else None))
    rest = () if warnings else _left_over(whole, 0, len(whole), scene.fixed, known)
    cut = ((READ_MOST, len(text)),) if len(text) > READ_MOST else ()
    marks = tuple(sorted({span for one in warnings for span in one.not_understood} | set(rest) | set(cut)))
    return Result(tuple(warnings), marks, bool(cut))


@dataclass(frozen=True, slots=True)
class _Scene:
    """What is the same for every warning of a text; `fixed` are spans understood whichever warning they belong to."""

    text: str
    gazetteer: Gazetteer
    received_at: datetime
    words: Lexicon
    fixed: tuple[Span, ...]


def _fixed(text: str, heads: Sequence[Head], gazetteer: Gazetteer, words: Lexicon) -> tuple[Span, ...]:
    """Mentions, offices and our county's name."""
    spans = [(head.start, head.end) for head in heads] + [span for head in heads for span in head.level_spans]
    spans += [match.span("name") for match in words.office.finditer(text)]
    if gazetteer.county is not None:
        spans += [match.span() for match in re.finditer(re.escape(plain(gazetteer.county.name)), text)]
    return tuple(spans)


def _one(scene: _Scene, group: Group, start: int, *, before: ReadWarning | None) -> ReadWarning:
    text, gazetteer, received_at, words = scene.text, scene.gazetteer, scene.received_at, scene.words
    first, end = group.first, group.end
    since = before.hazard.spans[-1][1] if before is not None and before.hazard.spans else start
    action = _action(text, group, start, end, since=since)
    issuer = _issuer(text, group, start, end, words, before)
    issued = _issued(text, group, start, end, received_at, words, before)
    expires = _expires(text, start, end, issued, received_at)
    area = read_area(text, start, end, gazetteer=gazetteer, issuer=issuer.value, skip=issuer.spans)
    area_field = Field(area, area.confidence, area.spans)
    hazard_sure = Confidence.SURE if first.hazard else Confidence.LIKELY
    level_sure = Confidence.MISSING if first.level is None else Confidence.SURE
    doubts = list(area.doubts)
    if first.is_contradicted:
        level_sure = Confidence.CONFLICT
        doubts.append("level_contradicts")
    if first.hazard is None:
        doubts.append("hazard_unknown")
    drill = words.drill.search(text, start, end)
    understood = [*scene.fixed, *issuer.spans, *issued.spans, *expires.spans, *area.spans, *action.spans]
    if drill is not None:
        understood.append(drill.span())
    return ReadWarning(
        issuer=issuer,
        hazard=Field(group.hazard, hazard_sure, tuple(head.hazard_span for head in group.heads)),
        level=Field(first.level, level_sure, first.level_spans),
        action=action,
        issued_at=issued,
        expires_at=expires,
        area=area_field,
        former_level=group.former,
        is_drill=drill is not None,
        start=start,
        end=end,
        doubts=tuple(doubts),
        not_understood=_merged([*_left_over(text, start, end, understood, words), *area.not_understood]),
    )


def _action(text: str, group: Group, start: int, end: int, *, since: int) -> Field[str]:
    """The verb nearest to where the warning is named: behind the mention before it, else in its sentence."""
    head = group.heads[0]
    window = (max(start, group.clause), head.start)
    if window[0] < since < window[1] and any(
        re.compile(pattern).search(text, since, window[1]) for _code, pattern in _ACTIONS
    ):
        window = (since, window[1])
    behind = (head.end, min(end, head.end + 40))
    if group.former is not None and group.first.level is not None:
        code = "upgrade" if group.first.level < group.former else "downgrade"
        near = re.compile(r"变更|升级|降级|调整|提升|下调|改发|更新").search(text, *window) or re.compile(
            r"变更|升级|降级|调整|提升|下调|改发"
        ).search(text, start, end)
        return Field(code, Confidence.SURE if near else Confidence.LIKELY, (near.span(),) if near else ())
    found: list[tuple[int, str, Span]] = []
    for code, pattern in _ACTIONS:
        for match in re.finditer(pattern, text[window[0] : window[1]]):
            span = (match.start() + window[0], match.end() + window[0])
            found.append((window[1] - span[1], code, span))
    lifted = _LIFTED_BEHIND.match(text, *behind)
    if lifted is not None:
        return Field("lift", Confidence.SURE, (lifted.span("lift"),))
    if not found:
        return Field("issue", Confidence.ASSUMED)
    strong = [one for one in found if one[1] != "issue"]
    _distance, code, span = min(strong or found)
    return Field(code, Confidence.SURE, (span,))


def _issuer(
    text: str, group: Group, start: int, end: int, words: Lexicon, before: ReadWarning | None
) -> Field[str]:
    """The office named before the warning in its sentence, then a signature in 【】, then an office anywhere in it."""
    office = words.office
    head = group.heads[0].start
    sentence = max(start, group.clause)
    for low, high, sure in ((sentence, head, Confidence.SURE), (start, head, Confidence.SURE)):
        found = list(office.finditer(text, low, high))
        joint = _joint(text, found)
        if joint:
            return Field("、".join(text[a:b] for a, b in joint), sure, tuple(joint))
    signed = [m for m in _SIGNATURE.finditer(text, start, end) if office.fullmatch(m["name"].strip())]
    if signed:
        return Field(signed[0]["name"].strip(), Confidence.LIKELY, (signed[0].span("name"),))
    behind = list(office.finditer(text, head, end))
    if behind:
        return Field(behind[-1]["name"], Confidence.LIKELY, (behind[-1].span("name"),))
    if before is not None and before.issuer.value:
        return Field(before.issuer.value, Confidence.LIKELY, before.issuer.spans)
    return Field("", Confidence.MISSING)


_NOT_IN_A_NAME = re.compile(r"^(?:.*(?:转发|关于|根据|根据最新|来源|由|和|与|及|联合|收到|据|通知|请|各))")


def _joint(text: str, found: Sequence[re.Match[str]]) -> list[Span]:
    """The spans of the offices, each without words that only led to it; several when they issue together."""
    spans: list[Span] = []
    for match in found:
        start, end = match.span("name")
        lead = _NOT_IN_A_NAME.match(text[start:end])
        if lead is not None and lead.end() < end - start:
            start += lead.end()
        if end - start >= 2 and (not spans or spans[-1] != (start, end)):
            spans.append((start, end))
    names = {text[a:b] for a, b in spans}
    if len(names) > 1:
        return [
            span
            for n, span in enumerate(spans)
            if text[slice(*span)] not in {text[slice(*s)] for s in spans[:n]}
        ]
    return spans[:1]


def _issued(
    text: str,
    group: Group,
    start: int,
    end: int,
    received_at: datetime,
    words: Lexicon,
    before: ReadWarning | None,
) -> Field[datetime | None]:
    """The last time before the warning is named in its sentence; else one right behind "发布时间" or in the header."""
    head = group.heads[0].start
    sentence = max(start, group.clause)
    lifted = _LIFTED_BEHIND.match(text, group.heads[0].end, min(end, group.heads[0].end + 40))
    windows = [(sentence, head), (start, head)]
    if lifted is not None:
        windows.insert(0, (group.heads[0].end, lifted.end()))
    dates: list[Field[datetime | None]] = []
    for low, high in windows:
        found = [
            one
            for one in moments(text[low:high], reference=received_at)
            if not _is_of_a_range(text, one.start + low, one.end + low)
        ]
        timed = [one for one in found if "hour" not in one.guessed]
        if timed:
            return _as_issued(timed[-1], low)
        dates += [_as_issued(one, low) for one in found]
    signed = [match.end() for match in words.office.finditer(text, head, end)]
    for low in signed[-1:]:
        found = moments(text[low : min(end, low + 30)], reference=received_at)
        if found and found[0].start <= 6:
            dates.insert(0, _as_issued(found[0], low))
    if dates:
        return dates[0]
    label = re.compile(r"(?:发布|签发|制作|发送)时间\s*:?\s*").search(text, start, end)
    if label is not None:
        found = moments(text[label.end() : min(end, label.end() + 30)], reference=received_at)
        if found and found[0].start <= 2 and "hour" not in found[0].guessed:
            return _as_issued(found[0], label.end())
    if (
        before is not None
        and before.issued_at.value is not None
        and before.issued_at.confidence is not Confidence.ASSUMED
    ):
        return Field(before.issued_at.value, Confidence.LIKELY, before.issued_at.spans)
    return Field(None, Confidence.MISSING)


def _is_of_a_range(text: str, start: int, end: int) -> bool:
    """ "1日20时至2日20时" says when it holds, not when it was issued."""
    return bool(_UNTIL.search(text, max(0, start - 6), start)) or text[end : end + 1] in tuple("至到~—")


def _as_issued(moment: Moment, offset: int) -> Field[datetime | None]:
    sure = Confidence.LIKELY if moment.guessed else Confidence.SURE
    return Field(moment.when, sure, ((moment.start + offset, moment.end + offset),))


def _expires(
    text: str, start: int, end: int, issued: Field[datetime | None], received_at: datetime
) -> Field[datetime | None]:
    """ "至7月2日8时", "未来3小时内", "1日20时至2日20时"; a vague time of day ("今天夜间") gives no end.

    A validity that is stated ("有效期6小时") counts before the hours of the forecast ("未来3小时")."""
    base = issued.value or received_at.astimezone(BEIJING)
    sure = Confidence.SURE if issued.value is not None else Confidence.ASSUMED
    taken = issued.spans
    part = text[start:end]
    for moment in moments(part, reference=base, forwards=True):
        span = (moment.start + start, moment.end + start)
        if any(a < span[1] and span[0] < b for a, b in taken) or "hour" in moment.guessed:
            continue
        lead = _UNTIL.search(part, max(0, moment.start - 8), moment.start)
        if lead is not None and moment.when > base:
            certain = sure if moment.guessed <= {"year", "month", "date"} else Confidence.LIKELY
            return Field(moment.when, certain, ((lead.start() + start, span[1]),))
    stated_first = sorted(_FOR_HOURS.finditer(part), key=lambda match: match["n3"] is None)
    for match in stated_first:
        if _PAST.search(part, max(0, match.start() - 3), match.start()):
            continue
        amount = number(match["n"] or match["n2"] or match["n3"])
        unit = match["unit"] or match["unit2"] or match["unit3"]
        if not amount or amount > 720:
            continue
        span_of = timedelta(hours=amount) if unit == "小时" else timedelta(days=amount)
        return Field(base + span_of, sure, ((match.start() + start, match.end() + start),))
    return Field(None, Confidence.MISSING)


def _left_over(
    text: str, start: int, end: int, understood: Iterable[Span], words: Lexicon
) -> tuple[Span, ...]:
    """Runs of at least two characters that no field and no ordinary word explains."""
    is_known = bytearray(end - start)
    for low, high in understood:
        for at in range(max(low, start), min(high, end)):
            is_known[at - start] = 1
    for pattern in (_forward(words), _DETAIL, words.hazard, words.harmless):
        for match in pattern.finditer(text, start, end):
            for at in range(match.start(), match.end()):
                is_known[at - start] = 1
    spans: list[Span] = []
    for at in range(start, end):
        if is_known[at - start] or not text[at].isalnum():
            continue
        if spans and spans[-1][1] == at:
            spans[-1] = (spans[-1][0], at + 1)
        else:
            spans.append((at, at + 1))
    return tuple(span for span in spans if span[1] - span[0] >= 2)


def _forward(words: Lexicon) -> re.Pattern[str]:
    marks = "|".join(
        re.escape(plain(mark)) for mark in sorted(words.words.forward_marks, key=len, reverse=True)
    )
    return re.compile(_FORWARD.format(marks=marks), re.MULTILINE)


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        elif end > start:
            found.append((start, end))
    return tuple(found)
