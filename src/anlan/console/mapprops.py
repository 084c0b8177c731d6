"""Props of the map island: where its layers come from and its words in the reader's language."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from anlan.incidents.models import Incident


def map_props(callout_id: object = None, incident: Incident | None = None) -> dict[str, Any]:
    """The county's map; with a call-out's villages by state when one is named, else of all open ones; near one incident."""
    callout_url = reverse("console:map_callouts")
    if callout_id is not None:
        callout_url += f"?callout={callout_id}"
    incidents_url = reverse("console:map_incidents")
    if incident is not None:
        incidents_url += f"?incident={incident.pk}"
    return {
        "incidentsUrl": incidents_url,
        "focus": None if incident is None else [incident.lon, incident.lat],
        "divisionsUrl": reverse("console:map_divisions"),
        "riversUrl": reverse("console:map_rivers"),
        "zonesUrl": reverse("console:map_zones"),
        "stationsUrl": reverse("console:map_stations"),
        "vehiclesUrl": reverse("console:map_vehicles"),
        "calloutUrl": callout_url,
        "text": {
            "legend": _("Legend and layers"),
            "list": _("The same as a list"),
            "layers": {
                "divisions": _("Divisions"),
                "rivers": _("Rivers"),
                "zones": _("Danger zones and warned areas"),
                "stations": _("Stations"),
                "vehicles": _("Vehicles"),
                "callout": _("Villages being called"),
                "incidents": _("Open incidents"),
            },
            "seats": {
                "waiting": _("waiting"),
                "answered": _("answered"),
                "acting": _("acting"),
                "done": _("done"),
                "unanswered": _("unanswered"),
                "lost": _("lost contact"),
            },
            "rain": _("rain station"),
            "river": _("river gauge"),
            "silent": _("silent station"),
            "uncertain": _("uncertain: readings are missing"),
            "incidentSigns": {
                "natural": _("natural disaster"),
                "accident": _("accident"),
                "health": _("public-health event"),
                "security": _("social-security event"),
            },
            "warned": _("warned area"),
            "dangerZone": _("danger zone"),
            "noBoundaries": _("No boundaries were imported; lists work without them."),
            "noWebgl": _("This browser cannot draw the map; the list says the same."),
            "failed": _("A layer of the map could not be loaded."),
            "open": _("Open"),
        },
    }
