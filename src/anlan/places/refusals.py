"""What places refuse."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class UnknownCounty(Refusal):
    code = "places.unknown_county"
    text = _("There is no county %(code)s in the national list.")
    next_step = _("Check the six digits, or give a list of your own with --divisions FILE.csv.")


class NationalListMissing(Refusal):
    code = "places.national_list_missing"
    text = _("The national list of divisions could not be fetched: %(why)s.")
    next_step = _("Check the network or your npm registry setting, or give a list with --divisions FILE.csv.")


class BadDivisions(Refusal):
    code = "places.bad_divisions"
    text = _("Line %(line)s of the list of divisions cannot be used: %(why)s.")
    next_step = _("Correct the line and run it again; nothing was stored.")
    status = 400


class BadBoundaries(Refusal):
    code = "places.bad_boundaries"
    text = _("This is not a GeoJSON collection of boundaries: %(why)s.")
    next_step = _("Export the boundaries as GeoJSON in WGS84 with a property “code” for each feature.")
    status = 400


class AnotherCounty(Refusal):
    code = "places.another_county"
    text = _("This data folder belongs to %(node)s already.")
    next_step = _("Use another data folder (ANLAN_DATA) for %(code)s.")


class BadRivers(Refusal):
    code = "places.bad_rivers"
    text = _("This is not a GeoJSON collection of rivers: %(why)s.")
    next_step = _("Export the rivers as GeoJSON lines in WGS84.")
    status = 400
