"""What connectors and receivers say about themselves, in words for people. The gateway tells codes and English sentences."""

from __future__ import annotations

from django.utils.translation import gettext as _


def refusal_word(code: str) -> str:
    """Why a row was refused; a code that nobody described stays as it is."""
    return _refusal_words().get(code, code)


def problem_words(sentence: str) -> str:
    """A problem of a line; one with details of its own stays as the gateway wrote it."""
    return _problem_words().get(sentence, sentence)


def _refusal_words() -> dict[str, str]:
    return {
        "document.malformed": _("not a JSON document"),
        "document.no_rows": _("no rows where the mapping looks"),
        "document.too_many_rows": _("too many rows at once"),
        "document.not_sealed": _("the encrypted field is missing"),
        "document.cannot_open": _("the encrypted text cannot be opened"),
        "document.no_key": _("the key is not set on the gateway"),
        "file.unreadable": _("the file cannot be read"),
        "row.misshapen": _("the row is shaped otherwise"),
        "row.no_rule": _("no rule of the mapping fits"),
        "field.missing": _("a field is missing"),
        "name.unusable": _("the station's name cannot be used"),
        "quantity.unknown": _("unknown quantity"),
        "station.unknown": _("station not registered or not allowed"),
        "time.missing": _("the time is missing"),
        "time.unreadable": _("the time cannot be read"),
        "time.impossible": _("the time cannot be"),
        "time.zone_undecided": _("UTC or Beijing time is not decided yet"),
        "unit.missing": _("the unit is missing"),
        "unit.unknown": _("unknown unit"),
        "unit.unfit": _("the unit does not fit the quantity"),
        "unit.changed": _("the unit changed"),
        "value.not_a_number": _("not a number"),
        "value.too_large": _("the value is too large"),
        "word.unknown": _("a word without a meaning in the mapping"),
    }


def _problem_words() -> dict[str, str]:
    return {
        "connecting": _("connecting"),
        "the broker closed the line": _("The broker closed the line."),
        "not stored; the broker keeps the messages": _("Not stored here; the broker keeps the messages."),
        "Not stored here; it is fetched again.": _("Not stored here; it is fetched again."),
        "An exercise is running; this line waits.": _("An exercise is running; this line waits."),
        "An exercise is running; this receiver waits.": _("An exercise is running; this receiver waits."),
        "Waits: this receiver gets exercises only.": _("Waits: this receiver gets exercises only."),
        "The other side closed the line without an answer.": _(
            "The other side closed the line without an answer."
        ),
        "The answer is not the acknowledgement of the frame.": _(
            "The answer is not the acknowledgement of the frame."
        ),
        "The next page lies on a host that is not allowed.": _(
            "The next page lies on a host that is not allowed."
        ),
        "The round failed for a reason that the log names.": _(
            "The round failed for a reason that the log names."
        ),
    }
