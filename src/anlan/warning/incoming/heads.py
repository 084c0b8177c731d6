"""Where in a text a warning is named: hazard with colour or rank, and which mentions are the same warning."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from anlan.warning.incoming.words import Lexicon

COLOURS = {"红": 1, "橙": 2, "黄": 3, "蓝": 4}
_RANKS = {"Ⅰ": 1, "Ⅱ": 2, "Ⅲ": 3, "Ⅳ": 4, "I": 1, "II": 2, "III": 3, "IV": 4}
_RANKS |= {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_WORDINGS = {"特别严重": 1, "特别重大": 1, "严重": 2, "重大": 2, "较重": 3, "较大": 3, "一般": 4}

_RANK = r"(?:Ⅰ|Ⅱ|Ⅲ|Ⅳ|IV|III|II|I|[一二三四1-4])\s*级"
_LEVEL = (
    rf"(?:(?P<colour>[红橙黄蓝])色?|(?P<rank>{_RANK}))"
    rf"(?:\s*(?:预警)?(?:信号)?\s*[(\[/【]?\s*(?:(?P<rank2>{_RANK})|(?P<colour2>[红橙黄蓝])色)?\s*/?\s*"
    r"(?P<wording>特别严重|特别重大|严重|重大|较重|较大|一般)?\s*[)\]】]?)?"
)
#: What may stand between the hazard and its level.
_BETWEEN = r"(?:灾害|天气|气象|风险|事件|等级|级别|预警|信号|信息|为|:|\s|[(\[【])*"
_AFTER_HAZARD = re.compile(_BETWEEN + _LEVEL)
_BEFORE_HAZARD = re.compile(r"(?P<colour>[红橙黄蓝])色(?:预警)?(?:信号)?[:\s]*$")
_WARNS = re.compile(r"[^。；;\n!！]{0,16}?(?:预警|警报)")
_WARNS_BEFORE = re.compile(r"(?:预警|警报)(?:信号|信息)?[:\s]*$")
_NEXT_IN_LIST = re.compile(r"[、,，及和与]")
#: A warning whose hazard has no name that we know.
_UNKNOWN = re.compile(
    rf"(?:发布|解除|升级为|变更为|继续发布|启动)了?(?P<hazard>[\u4e00-\u9fff]{{2,14}}?)(?P<level>[红橙黄蓝]色|{_RANK})\s*(?:[(\[][^)\]]{{0,10}}[)\]])?\s*预警"
)
_SENTENCE_END = "。；;\n!！"
#: Between an old and a new level of one warning.
_BECOMES = re.compile(r"(?:变更|升级|降级|调整|提升|下调|更新|改发|改|升|降)(?:发布)?(?:为|成|至|到)")
_FORMER = re.compile(r"(?:原|此前|前期|先前)(?:发布|的)?[^。；;\n]{0,18}$")
_FORMER_AFTER = re.compile(r"[^。；;\n,，]{0,10}(?:同时|自动|随即|一并)(?:解除|失效|终止)")


@dataclass(frozen=True, slots=True)
class Head:
    """One mention. `level` None was not said; `is_contradicted` when colour and rank do not agree. Spans in the plain text."""

    start: int
    end: int
    hazard: str | None
    hazard_words: str
    hazard_span: tuple[int, int]
    level: int | None
    level_spans: tuple[tuple[int, int], ...] = ()
    is_contradicted: bool = False


@dataclass(slots=True)
class Group:
    """The mentions of one warning; `former` is the level that it had before, where the text says so."""

    heads: list[Head] = field(default_factory=list)
    clause: int = 0
    end: int = 0
    former: int | None = None

    @property
    def first(self) -> Head:
        return next((head for head in self.heads if head.level is not None), self.heads[0])

    @property
    def hazard(self) -> tuple[str | None, str]:
        return self.first.hazard, self.first.hazard_words


def find_heads(text: str, words: Lexicon) -> list[Head]:
    """Every mention of a warning in a plain text, in order."""
    heads: list[Head] = []
    at = 0
    while (match := words.hazard.search(text, at)) is not None:
        head = _head(text, match.start(), match.end(), words)
        if head is not None:
            heads.append(head)
        at = max(match.end(), head.end if head is not None else 0)
    for match in _UNKNOWN.finditer(text):
        span = match.span("hazard")
        if not any(head.start < match.end() and match.start() < head.end for head in heads):
            level = level_of(match["level"])
            heads.append(
                Head(span[0], match.end(), None, match["hazard"], span, level, (match.span("level"),))
            )
    return sorted(heads, key=lambda head: head.start)


def level_of(word: str) -> int | None:
    """The level of "红色", "Ⅱ级", "二级"."""
    if word[:1] in COLOURS:
        return COLOURS[word[:1]]
    return _RANKS.get(word.replace("级", "").strip())


def _head(text: str, start: int, end: int, words: Lexicon) -> Head | None:
    hazard, name = words.hazard_by_name[text[start:end]], text[start:end]
    after = _AFTER_HAZARD.match(text, end, min(len(text), end + 60))
    if after is not None and (_is_warning(text, start, after.end()) or _is_listed(text, after.end(), words)):
        level, spans, wrong = _level(after)
        return Head(start, after.end(), hazard or None, name, (start, end), level, spans, wrong)
    before = _BEFORE_HAZARD.search(text, max(0, start - 12), start)
    if before is not None and (_WARNS.match(text, end) or "预警" in before.group()):
        spans = ((before.start("colour"), before.start("colour") + 2),)
        return Head(before.start(), end, hazard or None, name, (start, end), COLOURS[before["colour"]], spans)
    plain_warning = re.compile(r"(?:灾害|天气|气象|风险)*(?:预警|警报)").match(text, end)
    if plain_warning is not None:
        return Head(start, plain_warning.end(), hazard or None, name, (start, end), None)
    return None


def _is_warning(text: str, start: int, end: int) -> bool:
    """The word for a warning stands inside the mention, right behind or right before it."""
    inside = "预警" in text[start:end] or "警报" in text[start:end]
    return (
        inside or bool(_WARNS.match(text, end)) or bool(_WARNS_BEFORE.search(text, max(0, start - 8), start))
    )


def _is_listed(text: str, end: int, words: Lexicon) -> bool:
    """ "暴雨橙色、雷电黄色预警": the word comes behind the last one of the list."""
    comma = _NEXT_IN_LIST.match(text, end)
    if comma is None:
        return False
    match = words.hazard.match(text, comma.end())
    return match is not None and _head(text, match.start(), match.end(), words) is not None


def _level(match: re.Match[str]) -> tuple[int | None, tuple[tuple[int, int], ...], bool]:
    said = []
    for name, values in (("colour", COLOURS), ("colour2", COLOURS), ("wording", _WORDINGS)):
        if match[name]:
            said.append((values[match[name]], match.span(name)))
    for name in ("rank", "rank2"):
        if match[name]:
            said.append((_RANKS[match[name].replace("级", "").strip()], match.span(name)))
    levels = {level for level, _span in said}
    spans = tuple(
        (start, end + 1 if match.string[end : end + 1] == "色" else end) for _level, (start, end) in said
    )
    return min(levels), spans, len(levels) > 1


def clause_start(text: str, at: int) -> int:
    """Where the sentence that holds this position begins."""
    return max((text.rfind(mark, 0, at) for mark in _SENTENCE_END), default=-1) + 1


def groups(text: str, heads: Sequence[Head]) -> list[Group]:
    """Mentions that are one warning together: the same hazard with the same (or no) level, or an old and a new level."""
    found: list[Group] = []
    for head in heads:
        if found and _joins(text, found, head):
            continue
        found.append(Group([head], clause_start(text, head.start)))
    _bound(text, found)
    return found


def _joins(text: str, found: list[Group], head: Head) -> bool:
    for group in reversed(found):
        if group.first.hazard_words != head.hazard_words and (
            group.first.hazard is None or group.first.hazard != head.hazard
        ):
            continue
        known = group.first.level
        if head.level == known or head.level is None or known is None:
            group.heads.append(head)
            return True
        between = text[group.heads[-1].end : head.start]
        if _BECOMES.search(between) and len(between) < 40:
            group.former = known
            group.heads = [head]  # what it becomes is what counts; the clause stays where it began
            return True
        if _FORMER.search(text, max(0, head.start - 24), head.start) or _FORMER_AFTER.match(text, head.end):
            group.former = head.level
            return True
        if _FORMER.search(text, max(0, group.first.start - 24), group.first.start):
            group.former = known
            group.heads = [head]
            return True
    return False


def _bound(text: str, found: list[Group]) -> None:
    """Each warning reaches to where the next one's sentence begins; those of one sentence share what follows."""
    for number, group in enumerate(found):
        later = [other.clause for other in found[number + 1 :] if other.clause > group.clause]
        group.end = min(later, default=len(text))
