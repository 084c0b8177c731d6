"""Who may decide a level: the right, and one of the posts that the plan names for it, both held at that moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from anlan.directory.models import Holding
from anlan.directory.queries import held_at
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.plans.content import Content, Level
from anlan.response.refusals import NoSuchLevel, NotYourLevel, PersonNeeded
from anlan.response.types import ROMAN
from anlan.vocab.posts import FACES, PostKind, Right

_KINDS = {one.value for one in PostKind}


def level_of(content: Content, level: int) -> Level:
    """What the plan says of a level. Raises `NoSuchLevel`."""
    found = next((one for one in content.levels if one.level == level), None)
    if found is None:
        raise NoSuchLevel(level=ROMAN.get(level, level))
    return found


def posts_for(content: Content, level: int) -> tuple[str, ...]:
    """Kinds of posts whose word is enough: those of the level, and of every graver one. Empty: the right alone is enough."""
    own = level_of(content, level).authority
    if not own:
        return ()
    graver = (kind for one in content.levels if one.level < level for kind in one.authority)
    return tuple(dict.fromkeys((*own, *graver)))


def may_decide(by: Actor, content: Content, level: int, division: Division, *, at: datetime) -> bool:
    """Whether this person may open, change to or end this level of a plan of `division`."""
    if by.person_id is None or not by.can(Right.DECIDE_RESPONSE, division.path):
        return False
    kinds = posts_for(content, level)
    return not kinds or _holds(by, kinds, division, at)


def check_may_decide(by: Actor, content: Content, level: int, division: Division, *, at: datetime) -> None:
    """Raise `PersonNeeded` or `NotYourLevel` with the names of those who may."""
    if by.person_id is None:
        raise PersonNeeded
    if not may_decide(by, content, level, division, at=at):
        raise NotYourLevel(level=ROMAN[level], who=who_may(content, level, division, at=at) or "—")


def who_may(content: Content, level: int, division: Division, *, at: datetime) -> str:
    """Posts and names of those who may decide, in Chinese, as a list for people."""
    kinds = posts_for(content, level) or tuple(
        kind.value for kind, face in FACES.items() if Right.DECIDE_RESPONSE in face.rights
    )
    rows = _holdings(kinds, division, at).values_list("post__kind", "person__name")
    names: dict[str, list[str]] = {}
    for kind, name in rows.order_by("role", "held_from", "id"):
        names.setdefault(kind, []).append(name)
    return "，".join(
        _post_words(kind, names.get(kind, [])) for kind in kinds if kind in names or len(kinds) < 4
    )


def _post_words(kind: str, names: Iterable[str]) -> str:
    listed = "、".join(dict.fromkeys(names))
    label = FACES[PostKind(kind)].zh if kind in _KINDS else kind
    return f"{label}（{listed}）" if listed else label


def _holds(by: Actor, kinds: Iterable[str], division: Division, at: datetime) -> bool:
    held = _holdings(kinds, division, at)
    return by.person_id is not None and held.filter(person_id=by.person_id).exists()


def _holdings(kinds: Iterable[str], division: Division, at: datetime) -> QuerySet[Holding]:
    """Holders of these posts in the place or above it: a county's commander decides for its townships too."""
    return Holding.objects.filter(
        held_at(at), post__kind__in=list(kinds), post__division_id__in=division.path.split("/")
    )
