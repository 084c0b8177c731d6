"""What a plan's editor asks for: the fields of each part, with their choices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from anlan.console import incidentwords
from anlan.console import planwords as words
from anlan.console.incidentwords import said
from anlan.dispatch.packs import all_packs
from anlan.kernel.actor import Actor
from anlan.places import queries as places
from anlan.places.models import Division
from anlan.plans.content import Content
from anlan.plans.models import Plan
from anlan.plans.naming import addresses
from anlan.plans.wording import BODIES
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.figures import FIGURES
from anlan.vocab.incidents import GRADE_LABELS
from anlan.vocab.levels import Level
from anlan.vocab.posts import FACES, Right

#: (head of the group or "", [(value, word)])
Choices = list[tuple[str, list[tuple[str, str]]]]
#: Enterprises and sites are meant by "unit where it happened", the plan's own one apart.
_PLACES = (DivisionLevel.COUNTY, DivisionLevel.DEPARTMENT, DivisionLevel.TOWNSHIP, DivisionLevel.VILLAGE)


@dataclass(frozen=True, slots=True)
class Desk:
    """What the fields of one plan's editor choose from."""

    content: Content
    #: Labels of the places that may be addressed, by code, in order; and the codes by label.
    labels: dict[str, str]
    codes: dict[str, str]
    #: Names of every division that the content names.
    names: dict[str, str]
    #: Key of the row being edited, which cannot wait for itself.
    key: str = ""
    row: Any = None


@dataclass(frozen=True, slots=True)
class Field:
    """`kind`: text, area, lines, number, choice, choices, check, address, addresses, triggers. `most` bounds letters or the number."""

    name: str
    kind: str = "text"
    is_needed: bool = False
    most: int = 200
    choices: Callable[[Desk], Choices] | None = None
    nested: tuple[Field, ...] = field(default=())


def desk_of(actor: Actor, plan: Plan, content: Content, *, key: str = "", row: Any = None) -> Desk:
    """Three statements whatever the plan."""
    labels = _labels(plan)
    used = {one.code for one in addresses(content) if one.code}
    names = dict(Division.objects.filter(pk__in=used - labels.keys()).values_list("code", "name"))
    return Desk(
        content, labels, {label: code for code, label in labels.items()}, {**names, **labels}, key, row
    )


def _labels(plan: Plan) -> dict[str, str]:
    """The county, its departments, and what lies below the owner; villages with their township before them."""
    county = places.county()
    rows = Division.objects.filter(valid_to=None)
    below = rows.filter(path__startswith=f"{plan.division.path}/", level__in=_PLACES)
    own = rows.filter(pk=plan.division_id)
    found = below | own
    if county is not None:
        found = found | rows.filter(pk=county.pk) | rows.filter(level=DivisionLevel.DEPARTMENT)
    listed = sorted(
        found.values_list("code", "name", "level", "parent_id"), key=lambda one: _order(one[2], one[0])
    )
    names = {code: name for code, name, _level, _parent in listed}
    return {
        code: f"{names[parent]} {name}" if level == DivisionLevel.VILLAGE and parent in names else name
        for code, name, level, parent in listed
    }


def _order(level: str, code: str) -> tuple[int, str]:
    return (_PLACES.index(DivisionLevel(level)) if level in _PLACES else 9, code)


def _plain(pairs: Any) -> Choices:
    return [("", list(pairs))]


def level_choices(desk: Desk) -> Choices:
    return _plain((str(number), words.level_word(number)) for number in (4, 3, 2, 1))


def from_choices(desk: Desk) -> Choices:
    return _plain((str(number), words.from_level_word(number)) for number in (4, 3, 2, 1))


def post_choices(desk: Desk) -> Choices:
    return _plain((kind.value, said((face.zh, face.en))) for kind, face in FACES.items())


def deciding_choices(desk: Desk) -> Choices:
    """Kinds of posts that have the right to open a response."""
    return _plain(
        (kind.value, said((face.zh, face.en)))
        for kind, face in FACES.items()
        if Right.DECIDE_RESPONSE in face.rights
    )


def address_choices(desk: Desk) -> Choices:
    return _plain(words.address_kind_words().items())


def _rows(name: str, title: str) -> Callable[[Desk], Choices]:
    def found(desk: Desk) -> Choices:
        return _plain(
            (row.key, getattr(row, title)) for row in getattr(desk.content, name) if row.key != desk.key
        )

    return found


def any_post(desk: Desk) -> Choices:
    """Posts of the plan, also the one of the row's own key: keys of posts and tasks are counted apart."""
    return _plain((row.key, row.title) for row in desk.content.posts)


def any_group(desk: Desk) -> Choices:
    return _plain((row.key, row.name) for row in desk.content.groups)


def need_choices(desk: Desk) -> Choices:
    """Needs of the plan, and skills that a task may ask for directly."""
    own = [(row.key, words.need_word(row)) for row in desk.content.needs]
    heads = words.part_words()["needs"], words.field_words()["needs"]
    return [(heads[0], own), (heads[1], list(words.skill_words().items()))]


def pack_choices(desk: Desk) -> Choices:
    """Order packs; a code that dispatch does not know stays choosable."""
    found = [(one.code, one.name) for one in all_packs()]
    known = {code for code, _word in found}
    return _plain(
        [*found, *((one.pack, one.pack) for one in desk.content.tasks if one.pack and one.pack not in known)]
    )


def body_choices(desk: Desk) -> Choices:
    own = {} if not desk.content.body else {desk.content.body: desk.content.body}
    return _plain({**own, **BODIES}.items())


def hazard_choices(desk: Desk) -> Choices:
    return _plain(words.hazard_words().items())


def colour_choices(desk: Desk) -> Choices:
    return _plain((str(int(one)), f"{said((one.face.zh, one.face.en))} {one.face.roman}") for one in Level)


def grade_choices(desk: Desk) -> Choices:
    return _plain((str(grade), incidentwords.grade_word(grade)) for grade in GRADE_LABELS)


def type_choices(desk: Desk) -> Choices:
    return [(head, list(some)) for head, some in incidentwords.type_choices()]


def figure_choices(desk: Desk) -> Choices:
    return _plain((code, said((face.zh, face.en))) for code, face in FIGURES.items())


ADDRESS = (
    Field("kind", "choice", choices=address_choices),
    Field("place", "place"),
    Field("post", "choice", choices=post_choices),
)
TRIGGER = (
    Field("kind", "choice", choices=lambda desk: _plain(words.trigger_kind_words().items())),
    Field("hazard", "choice", choices=hazard_choices),
    Field("level", "choice", choices=colour_choices),
    Field("townships", "number", most=200),
    Field("event_types", "choices", choices=type_choices),
    Field("grade", "choice", choices=grade_choices),
    Field("figure", "choice", choices=figure_choices),
    Field("at_least", "number", most=10**9),
    Field("words", "text", most=300),
    Field("source", "text"),
)
BASICS = (
    Field("purpose", "area", most=4000),
    Field("basis", "lines", most=4000),
    Field("scope", "area", most=4000),
    Field("body", "choice", choices=body_choices),
    Field("body_words", "area", most=4000),
    Field("source", "area", most=1000),
)
FIELDS: dict[str, tuple[Field, ...]] = {
    "levels": (
        Field("level", "choice", is_needed=True, choices=level_choices),
        Field("words", "area", most=1000),
        Field("authority", "choices", choices=deciding_choices),
        Field("triggers", "triggers", nested=TRIGGER),
        Field("notify", "addresses", nested=ADDRESS),
    ),
    "posts": (
        Field("title", is_needed=True, most=80),
        Field("address", "address", is_needed=True, nested=ADDRESS),
        Field("deputy", "address", nested=ADDRESS),
        Field("duties", "lines", most=4000),
    ),
    "groups": (
        Field("name", is_needed=True, most=80),
        Field("lead", "choice", choices=any_post),
        Field("members", "addresses", nested=ADDRESS),
        Field("duties", "area", most=2000),
        Field("from_level", "choice", is_needed=True, choices=from_choices),
    ),
    "tasks": (
        Field("title", is_needed=True, most=120),
        Field("words", "area", most=2000),
        Field("owner", "address", is_needed=True, nested=ADDRESS),
        Field("from_level", "choice", is_needed=True, choices=from_choices),
        Field("group", "choice", choices=any_group),
        Field("post", "choice", choices=any_post),
        Field("ack_min", "number", most=100_000),
        Field("limit_min", "number", most=100_000),
        Field("after", "choices", choices=_rows("tasks", "title")),
        Field("needs", "choices", choices=need_choices),
        Field("needs_proof", "check"),
        Field("pack", "choice", choices=pack_choices),
        Field("source"),
    ),
    "needs": (
        Field("kind", "choice", is_needed=True, choices=lambda desk: _plain(words.need_kind_words().items())),
        Field("name", is_needed=True, most=80),
        Field("code", "choice", choices=lambda desk: words.need_codes()),
        Field("count", "decimal", is_needed=True, most=10**9),
        Field("unit", most=20),
        Field("from_level", "choice", is_needed=True, choices=from_choices),
    ),
    "contacts": (
        Field("name", is_needed=True, most=80),
        Field("address", "address", is_needed=True, nested=ADDRESS),
        Field("above", "choice", choices=_rows("contacts", "name")),
    ),
    "chapters": (Field("title", is_needed=True, most=120), Field("words", "area", most=20_000)),
    "annexes": (Field("title", is_needed=True, most=120), Field("words", "area", most=20_000)),
}
