"""Words of incidents in the reader's language: states, classes, types, informants, figures, tags."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from anlan.console.templatetags.anlan import is_chinese
from anlan.incidents.tags import known_tags
from anlan.vocab.figures import FIGURES
from anlan.vocab.incidents import (
    CLASS_LABELS,
    GRADE_LABELS,
    INFORMANT_LABELS,
    KIND_LABELS,
    TYPES,
    EventClass,
    IncidentKind,
    Informant,
)

STATE_CHIPS = {
    "received": "chip--waiting",
    "verified": "chip--answered",
    "closed": "chip--done",
    "not_true": "",
    "merged": "",
}
CHASE_CHIPS = {
    "issued": "chip--unanswered",
    "acknowledged": "chip--waiting",
    "answered": "chip--answered",
    "closed": "chip--done",
}


def said(pair: tuple[str, str]) -> str:
    """A (Chinese, English) pair in the reader's language."""
    return pair[0] if is_chinese() else pair[1]


def state_words() -> dict[str, str]:
    return {
        "received": pgettext("incident", "received"),
        "verified": pgettext("incident", "verified"),
        "closed": pgettext("incident", "closed"),
        "not_true": pgettext("incident", "not true"),
        "merged": pgettext("incident", "merged"),
    }


def chase_words() -> dict[str, str]:
    return {
        "issued": pgettext("chase order", "not yet acknowledged"),
        "acknowledged": pgettext("chase order", "acknowledged"),
        "answered": pgettext("chase order", "answered"),
        "closed": pgettext("chase order", "closed"),
    }


def type_word(code: str) -> str:
    face = TYPES.get(code)
    return code if face is None else said((face.zh, face.en))


def class_word(number: int) -> str:
    return said(CLASS_LABELS[EventClass(number)])


def kind_word(code: str) -> str:
    return said(KIND_LABELS[IncidentKind(code)]) if code in set(IncidentKind) else code


def informant_word(code: str) -> str:
    return said(INFORMANT_LABELS[Informant(code)]) if code in set(Informant) else code


def grade_word(grade: int | None) -> str:
    """ "Ⅱ serious", "no grade"."""
    if grade is None:
        return _("no grade")
    roman, zh, en = GRADE_LABELS[grade]
    return f"{roman}级 {zh}" if is_chinese() else f"{roman} {en}"


def figure_word(code: str) -> str:
    face = FIGURES.get(code)
    return code if face is None else said((face.zh, face.en))


def unit_word(code: str) -> str:
    face = FIGURES.get(code)
    return "" if face is None else said((face.unit_zh, face.unit_en))


def plain(value: Decimal) -> str:
    """Without noughts behind the point, with thousands apart."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def tag_word(code: str) -> str:
    tag = known_tags().get(code)
    return code if tag is None else said((tag.zh, tag.en))


def tag_group_words() -> dict[str, str]:
    return {
        "cause": pgettext("tags", "Cause"),
        "place": pgettext("tags", "Place"),
        "people": pgettext("tags", "People"),
        "handling": pgettext("tags", "Handling"),
    }


def why_words() -> dict[str, str]:
    """Why two incidents may be one."""
    return {
        "place": _("same place"),
        "point": _("near on the map"),
        "type": _("same type"),
        "title": _("similar words"),
    }


def type_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Types in groups by class."""
    return [
        (
            said(CLASS_LABELS[one]),
            [(code, said((face.zh, face.en))) for code, face in TYPES.items() if face.event_class is one],
        )
        for one in EventClass
    ]


def informant_choices() -> list[tuple[str, str]]:
    return [(one.value, said(pair)) for one, pair in INFORMANT_LABELS.items()]


def figure_choices(*, is_restricted: bool) -> list[tuple[str, str]]:
    from anlan.vocab.figures import OF_RESTRICTED

    return [
        (code, f"{said((face.zh, face.en))}（{said((face.unit_zh, face.unit_en))}）")
        if is_chinese()
        else (code, f"{face.en} ({face.unit_en})")
        for code, face in FIGURES.items()
        if not is_restricted or code in OF_RESTRICTED
    ]
