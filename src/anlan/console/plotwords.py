"""Words of the room map in the reader's language: symbols, states of teams, and the props of its island."""

from __future__ import annotations

import functools
from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from anlan.command.guests import writable_scenes
from anlan.console.mapprops import map_props
from anlan.console.templatetags.anlan import is_chinese
from anlan.incidents.models import Incident
from anlan.kernel.actor import Actor
from anlan.vocab.posts import Right
from anlan.vocab.symbols import SHAPE_LABELS, SYMBOLS


def said(pair: tuple[str, str]) -> str:
    return pair[0] if is_chinese() else pair[1]


def symbol_word(code: str) -> str:
    face = SYMBOLS.get(code)
    return code if face is None else said((face.zh, face.en))


def symbol_picture(code: str) -> str:
    """The address of its drawing; an unknown one is drawn as text."""
    return static(f"console/symbols/{code if code in SYMBOLS else 'text'}.svg")


def palette() -> list[dict[str, Any]]:
    """Every symbol in order: code, word, shape, colour, address of the drawing."""
    return list(_palette(get_language() or ""))


@functools.lru_cache(maxsize=8)
def _palette(language: str) -> tuple[dict[str, Any], ...]:
    """Made once a language."""
    return tuple(
        {
            "code": code,
            "word": said((face.zh, face.en)),
            "shape": face.shape.value,
            "shapeWord": said(SHAPE_LABELS[face.shape]),
            "colour": face.colour,
            "dashed": face.is_dashed,
            "picture": symbol_picture(code),
        }
        for code, face in SYMBOLS.items()
    )


def job_words() -> dict[str, str]:
    """States of a team's job on the map."""
    return {
        "told": pgettext("team job", "told"),
        "left": pgettext("team job", "on the way"),
        "arrived": pgettext("team job", "arrived"),
        "working": pgettext("team job", "working"),
        "done": pgettext("team job", "done"),
        "back": pgettext("team job", "back"),
        "refused": pgettext("team job", "refused"),
        "cancelled": pgettext("team job", "cancelled"),
    }


def scene_words() -> dict[str, str]:
    return {
        "reported": pgettext("scene", "reported"),
        "working": pgettext("scene", "working"),
        "controlled": pgettext("scene", "under control"),
        "closed": pgettext("scene", "closed"),
    }


def room_map_props(actor: Actor, incident: Incident, csrf: str) -> dict[str, Any]:
    """Props of the island `room_map`. Its layers are those of the county's map and the document of `console:plot_json`."""
    base = map_props(incident=incident)
    draws = actor.can(Right.COMMAND, incident.division.path) and not incident.is_restricted
    return {
        **{name: base[name] for name in ("divisionsUrl", "riversUrl", "zonesUrl", "calloutUrl", "incidentsUrl", "focus")},
        "plotUrl": reverse("console:plot_json", args=[incident.pk]),
        "actUrl": reverse("console:plot_act", args=[incident.pk]),
        "csrf": csrf,
        "mayDraw": draws,
        #: Scenes that he may drag; whoever draws may drag every one.
        "ownScenes": [] if draws else sorted(str(key) for key in writable_scenes(actor, incident)),
        "palette": palette(),
        "text": {**base["text"], "layers": _layers(base["text"]["layers"]), **_words()},
    }  # fmt: skip


def _layers(given: dict[str, str]) -> dict[str, str]:
    kept = {name: given[name] for name in ("divisions", "rivers", "zones", "callout", "incidents")}
    return {**kept, "scenes": _("Scenes"), "teams": _("Teams and their tracks"), "marks": _("Marks")}


def _words() -> dict[str, str]:
    return {
        "palette": _("Symbols"),
        "label": _("Words beside it"),
        "place": _("Place at the middle of the map (Enter)"),
        "finish": _("Finish (Enter)"),
        "undo": _("Undo the last corner (Backspace)"),
        "cancel": _("Leave it (Esc)"),
        "move": _("Move"),
        "moveHere": _("Put it here (Enter)"),
        "moveScene": _("Put the scene “%(name)s” here?"),
        "confirm": _("Yes, put it here (Enter)"),
        "relabel": _("Store the words"),
        "remove": pgettext("a mark", "Remove"),
        "hintPoint": _(
            "Click where it is, or move the map under the cross with the arrow keys and press Enter."
        ),
        "hintLine": _("Click corner by corner, or press the space bar at the cross; Enter ends it."),
        "hintMove": _("Drag it, or move the map under the cross with the arrow keys and press Enter."),
        "stored": _("Stored."),
        "nothing": _("Nothing is drawn yet."),
        "position": _("position"),
        "drawn": _("Drawn by %(name)s"),
        "notStored": _("Not stored: the connection failed. Try again."),
    }
