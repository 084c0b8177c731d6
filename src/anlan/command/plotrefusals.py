"""What plotting refuses."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class UnknownSymbol(Refusal):
    code = "plot.unknown_symbol"
    text = _("“%(given)s” is no symbol of this map.")
    next_step = _("Choose one from the palette.")
    status = 400


class NoGeometry(Refusal):
    code = "plot.no_geometry"
    text = _("This is no place on the map.")
    next_step = _("Draw it on the map, or enter longitude and latitude in degrees (WGS84).")
    status = 400


class WrongShape(Refusal):
    code = "plot.wrong_shape"
    text = _("%(symbol)s is drawn as a %(wanted)s, not as this.")
    next_step = _("Choose a symbol of that shape, or draw it again.")
    status = 400


class FarAway(Refusal):
    code = "plot.far_away"
    text = _("This lies far outside the county.")
    next_step = _("Check whether longitude and latitude were exchanged.")
    status = 400


class TooManyCorners(Refusal):
    code = "plot.too_many_corners"
    text = _("This has %(count)s corners; a mark has at most %(most)s.")
    next_step = _("Draw it with fewer corners, or in parts.")
    status = 400


class CrossesItself(Refusal):
    code = "plot.crosses_itself"
    text = _("The edge of this area crosses itself.")
    next_step = _("Draw the corners in order around the area.")
    status = 400


class MarkMoved(Refusal):
    code = "plot.moved_by_another"
    text = _("Somebody else changed this mark while you held it.")
    next_step = _("Look where it is now and decide again.")


class SceneMoved(Refusal):
    code = "plot.scene_moved_by_another"
    text = _("Somebody else changed this scene while you held it.")
    next_step = _("Look where it is now and decide again.")


class MarkGone(Refusal):
    code = "plot.removed"
    text = _("This mark was removed by %(name)s.")
    next_step = _("Draw a new one if it is needed.")


class RoomClosed(Refusal):
    code = "plot.incident_closed"
    text = _("Nothing more is drawn for an incident that is closed, merged or not true.")
    next_step = _("Reopen the incident, or draw in the one it was merged into.")
