"""What risk refuses. `field` names the argument that is wrong, so that an import can point at the column."""

from __future__ import annotations

from typing import ClassVar

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class BadField(Refusal):
    """Base: one argument is not usable."""

    field: ClassVar[str] = ""
    status = 422


class NotABoundary(BadField):
    code = "zone.not_a_boundary"
    field = "boundary"
    text = _("“%(part)s” is not a point of a boundary.")
    next_step = _("Write points as “lon lat” separated by semicolons.")


class TooFewPoints(BadField):
    code = "zone.too_few_points"
    field = "boundary"
    text = _("A boundary needs at least three different points; this one has %(count)s.")
    next_step = _("Give the whole outline.")


class BoundaryNotClosed(BadField):
    code = "zone.not_closed"
    field = "boundary"
    text = _("The boundary does not end where it begins.")
    next_step = _("Repeat the first point at the end, or add the points that are missing.")


class BoundaryCrossesItself(BadField):
    code = "zone.crosses_itself"
    field = "boundary"
    text = _("The boundary is not a simple outline: %(why)s.")
    next_step = _("Give the points in order around the area.")


class ZoneCodeTaken(BadField):
    code = "zone.code_taken"
    field = "code"
    text = _("There is already a danger zone with number %(code)s.")
    next_step = _("Change that zone, or correct the number.")


class NoName(BadField):
    code = "zone.no_name"
    field = "name"
    text = _("The danger zone has no name.")
    next_step = _("Give the name that people there use.")


class NoHead(BadField):
    code = "household.no_head"
    field = "head"
    text = _("The household has no name.")
    next_step = _("Give the name of its head.")


class NoMembers(BadField):
    code = "household.no_members"
    field = "members"
    text = _("A household of %(members)s people is not usable.")
    next_step = _("Give a number from 1 to 99.")


class HouseholdTwice(BadField):
    code = "household.twice"
    field = "head"
    text = _("%(head)s with this number is already registered in zone %(zone)s.")
    next_step = _("Change that household.")


class DissolvedZone(Refusal):
    code = "zone.dissolved"
    text = _("Danger zone %(code)s was dissolved.")
    next_step = _("Choose the zone that took its place.")


class SiteCodeTaken(BadField):
    code = "site.code_taken"
    field = "code"
    text = _("Number %(code)s belongs to another place.")
    next_step = _("Give the site a number of its own.")


class NoSiteName(BadField):
    code = "site.no_name"
    field = "name"
    text = _("The site has no name.")
    next_step = _("Give the name that people there use.")


class UnknownSiteKind(BadField):
    code = "site.unknown_kind"
    field = "kind"
    text = _("“%(kind)s” is not a kind of site.")
    next_step = _("Choose from the list.")


class SiteParent(BadField):
    code = "site.wrong_parent"
    field = "parent"
    text = _("A site lies below a township or a village; %(parent)s is neither.")
    next_step = _("Give the code of the village or township.")


class UnknownOutcome(Refusal):
    code = "household.unknown_outcome"
    text = _("“%(outcome)s” is no word on a family.")
    next_step = _("Choose moved, refused or not found.")
    status = 422
