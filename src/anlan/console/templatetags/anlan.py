"""Template tags of the house: levels, states, times, icons and props of islands."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from anlan.kernel.clock import SHANGHAI
from anlan.kernel.refusals import fill
from anlan.vocab.incidents import GRADE_LABELS
from anlan.vocab.levels import Level
from anlan.vocab.stages import LABELS as STAGES
from anlan.vocab.stages import Stage

register = template.Library()

#: Line icons, 24 × 24, drawn for this project; one path each.
ICONS = {
    "today": "M4 5h16v15H4zM4 9h16M8 3v4M16 3v4",
    "stations": "M12 20V10M8 20h8M6 8a8 8 0 0 1 12 0M9 11a4 4 0 0 1 6 0",
    "boards": "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 17h6M17 14v6",
    "rain": "M7 15a4 4 0 0 1 .5-8 5.5 5.5 0 0 1 10.4 1.8A3.2 3.2 0 0 1 17.5 15M8 18l-1 2M12 17l-1.5 4M16 18l-1 2",
    "warnings": "M12 4l9 16H3zM12 10v4M12 17v.5",
    "channels": "M3 6h18v10H8l-5 4zM8 10h8M8 13h5",
    "callouts": "M5 4h4l2 5-2.5 1.5a11 11 0 0 0 5 5L15 13l5 2v4a1 1 0 0 1-1 1A16 16 0 0 1 4 5a1 1 0 0 1 1-1z",
    "directory": "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20a6.5 6.5 0 0 1 13 0M17 11a3 3 0 1 0-1-5.8M18 14a5 5 0 0 1 3.5 5",
    "journal": "M6 3h12v18H6zM9 8h6M9 12h6M9 16h4",
    "imports": "M12 3v11M8 10l4 4 4-4M4 17v4h16v-4",
    "rules": "M4 6h10M18 6h2M4 12h2M10 12h10M4 18h8M16 18h4M16 4v4M8 10v4M14 16v4",
    "checks": "M4 12l5 5L20 6",
    "intake": "M4 13v6h16v-6h-5a3 3 0 0 1-6 0zM12 3v7M9 7l3 3 3-3",
    "incidents": "M12 3v5M5.5 6l3 3M18.5 6l-3 3M6 20a6 6 0 0 1 12 0zM3 20h18",
    "reports": "M5 3h9l5 5v13H5zM14 3v5h5M12 18v-6M9.5 14.5L12 12l2.5 2.5",
    "duty": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.5 2",
    "papers": "M7 3h10v4H7zM5 7h14v10H5zM8 14h8v7H8z",
    "datacalls": "M4 5h16M4 10h16M4 15h8M15 18l2 2 4-5",
    "losses": "M4 11l8-7 8 7v9H4zM12 9l-2 4h4l-2 5",
    "scores": "M5 20v-7M10 20V8M15 20v-9M20 20V5M3 20h18",
    "plans": "M5 4h10l4 4v12H5zM9 10l1.5 1.5L13 9M9 16l1.5 1.5L13 15M15 11h2M15 17h2",
    "responses": "M13 3L6 13h5l-1 8 8-11h-5z",
    "orders": "M4 8v8M4 10h9l6-4v12l-6-4H4M8 14l1 6h3l-1-6",
    "forces": "M3 16V8h11v8M14 11h4l3 3v2h-2M9 16h6M5 18a2 2 0 1 0 4 0 2 2 0 0 0-4 0M15 18a2 2 0 1 0 4 0 2 2 0 0 0-4 0",
    "drills": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM10 8.5v7l6-3.5z",
    "reviews": "M4 12a8 8 0 1 0 2.5-5.8L4 8.5M4 4v4.5h4.5M12 8v4.5l3 2",
}


def is_chinese() -> bool:
    return (get_language() or "zh").startswith("zh")


@register.filter
def props(value: Any) -> SafeString:
    """Props of an island as a JSON script child; safe inside HTML."""
    text = orjson.dumps(value, default=str).decode()
    escaped = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return mark_safe(f'<script type="application/json">{escaped}</script>')  # noqa: S308 - escaped above


@register.simple_tag
def icon(name: str) -> SafeString:
    return format_html('<svg viewBox="0 0 24 24" aria-hidden="true"><path d="{}"/></svg>', ICONS[name])


@register.simple_tag
def level_chip(level: int | None) -> SafeString | str:
    """Colour, word and numeral together; colour never speaks alone."""
    if level is None:
        return ""
    face = Level(level).face
    word = face.zh if is_chinese() else face.en
    return format_html('<span class="chip level--{}">{} {}</span>', int(level), word, face.roman)


@register.simple_tag
def grade_chip(grade: int | None) -> SafeString | str:
    """The grade of an incident: colour, numeral and word of the law together (R01)."""
    if grade is None:
        return ""
    roman, zh, en = GRADE_LABELS[grade]
    text = f"{roman}级 {zh}" if is_chinese() else f"{roman} {en}"
    return format_html('<span class="chip level--{}">{}</span>', grade, text)


@register.filter
def stage_word(stage: str) -> str:
    """The stage in the reader's language, "" for none."""
    if not stage:
        return ""
    zh, en = STAGES[Stage(stage)]
    return zh if is_chinese() else en


@register.filter
def clock(moment: datetime | None) -> str:
    """hh:mm:ss in Asia/Shanghai."""
    return "" if moment is None else timezone.localtime(moment, SHANGHAI).strftime("%H:%M:%S")


@register.filter
def stamp(moment: datetime | None) -> str:
    """Month-day hh:mm:ss in Asia/Shanghai."""
    return "" if moment is None else timezone.localtime(moment, SHANGHAI).strftime("%m-%d %H:%M:%S")


def _time(moment: datetime | None, mark: str) -> SafeString | str:
    if moment is None:
        return ""
    return format_html(
        '<time {} datetime="{}" title="{}">{}</time>', mark, moment.isoformat(), stamp(moment), stamp(moment)
    )


@register.filter
def instant(moment: datetime | None) -> str:
    """An instant for an address: UTC with Z, for a plus sign would become a space."""
    return "" if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


@register.filter
def age(moment: datetime | None) -> SafeString | str:
    """A time that counts how long ago it was; without scripts the time itself."""
    return _time(moment, "data-age")


@register.filter
def waiting(moment: datetime | None) -> SafeString | str:
    """A time that counts mm:ss since then."""
    return _time(moment, "data-wait")


@register.filter
def deadline(moment: datetime | None) -> SafeString | str:
    """A time that counts down; red once overdue."""
    return _time(moment, "data-deadline")


@register.filter
def in_language(pair: tuple[str, str]) -> str:
    """The (Chinese, English) pair in the reader's language."""
    return pair[0] if is_chinese() else pair[1]


@register.filter
def unlocalised(number: float) -> str:
    """A number for a machine: a point, whatever the language."""
    return f"{number:.2f}"


@register.filter
def lookup(mapping: dict[Any, Any], key: Any) -> Any:
    """A value by a key that the template has in a variable; "" when there is none."""
    return mapping.get(key, "")


@register.filter
def channel_word(code: str) -> str:
    """A channel in the reader's language; a rung that uses two names both ("sms+voice")."""
    from django.utils.translation import gettext as _

    words = {
        "sms": _("SMS"),
        "voice": _("voice call"),
        "smtp": _("e-mail"),
        "email": _("e-mail"),
        "tick": _("tick by hand"),
        "callback": _("rang back"),
    }
    return " + ".join(words.get(part, part) for part in code.split("+"))


@register.filter
def via_word(code: str) -> str:
    """How an answer came, in the reader's language."""
    from django.utils.translation import gettext as _

    words = {
        "reply": _("reply by SMS"),
        "key": _("key pressed in a call"),
        "link": _("link in a message"),
        "page": _("page on the phone"),
        "tick": _("tick by hand"),
    }
    return words.get(code, code)


@register.filter
def fact_word(code: str) -> str:
    """A state of a delivery or the meaning of an answer in the reader's language."""
    from django.utils.translation import gettext as _

    words = {
        "queued": _("queued"),
        "handing": _("being handed over"),
        "sent": _("sent"),
        "delivered": _("delivered"),
        "read": _("read"),
        "refused": _("refused by the channel"),
        "failed": _("not delivered"),
        "cancelled": _("no longer needed"),
        "answered": _("answered"),
        "acting": _("acting"),
        "done": _("done"),
        "note": _("message, not an answer"),
        "rang_back": _("rang back, not an answer"),
        "resolved": _("resolved by a person"),
        "released": _("all-clear given"),
        "lost_contact": _("lost contact"),
        "unanswered": _("unanswered"),
        "no_answer": _("nobody picked up"),
        "busy": _("line busy"),
    }
    return words.get(code, code)


@register.filter
def hazard_word(code: str) -> str:
    """A hazard type in the reader's language."""
    from anlan.vocab.hazards import FACES, HazardType

    face = FACES[HazardType(code)]
    return face.zh if is_chinese() else face.en


@register.filter
def actor_word(ref: str) -> str:
    """Who did something, when it was no person: a rule, the program, a line to others, or a link that names nobody."""
    from django.utils.translation import gettext as _

    kind, _colon, name = ref.partition(":")
    words = {
        "rule": _("rule %(name)s") % {"name": name},
        "system": _("the system"),
        "channel": _("a channel"),
        "order_link": _("by the link of the order"),
        "job_link": _("by the link of the team"),
        "delivery": _("by phone"),
        "person": _("by phone"),
        "sender": _("a reporting line"),
        "room_link": _("a duty room"),
        "roll_call_seat": _("a duty room"),
        "source": name,
        "tak_client": name,
        "read_token": name,
        "nobody": "—",
    }
    return words.get(kind, ref)


@register.filter
def ladder_word(ladder: dict[str, Any]) -> str:
    """The name of a ladder, from the copy that a call-out keeps, in the reader's language."""
    return str(ladder["zh" if is_chinese() else "en"])


@register.filter
def finding_words(finding: Any) -> str:
    """A finding of `warning.checks` (or anything with `text` and `data`) in the reader's language."""
    return fill(gettext(finding.text), finding.data)


@register.simple_tag
def next_step(refusal: Any) -> str:
    """What to do about a refusal, in the reader's language."""
    return fill(gettext(refusal.next_step), refusal.data)
