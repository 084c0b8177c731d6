"""Routes of the desk beside today, warnings and call-outs: stations, map layers, directory, accounts, imports, journal."""

from __future__ import annotations

from django.urls import path

from anlan.console.views import accounts, directory, imports, journal, maps, stations

urlpatterns = [
    path("stations/", stations.stations, name="stations"),
    path("stations/rows/", stations.stations_fragment, name="stations_fragment"),
    path("stations/id/<uuid:station_id>/", stations.station_by_id, name="station_by_id"),
    path("stations/at/<str:code>/", stations.station, name="station"),
    path("stations/at/<str:code>/series.json", stations.series, name="station_series"),
    path("map/divisions.json", maps.divisions, name="map_divisions"),
    path("map/rivers.json", maps.rivers, name="map_rivers"),
    path("map/zones.json", maps.zones, name="map_zones"),
    path("map/stations.json", maps.stations, name="map_stations"),
    path("map/callouts.json", maps.callouts, name="map_callouts"),
    path("directory/", directory.directory, name="directory"),
    path("directory/checks/", directory.checks, name="directory_checks"),
    path("directory/at/<str:code>/", directory.division, name="division"),
    path("directory/at/<str:code>/numbers/", directory.contact_list, name="directory_list"),
    path("directory/at/<str:code>/appoint/", directory.appoint, name="directory_appoint"),
    path("directory/people/<uuid:person_id>/", directory.person, name="directory_person"),
    path("directory/people/<uuid:person_id>/contact/", directory.set_contact, name="directory_set_contact"),
    path("directory/people/<uuid:person_id>/describe/", directory.describe, name="directory_describe"),
    path("directory/people/<uuid:person_id>/account/", accounts.act_on_account, name="act_on_account"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("directory/holdings/<uuid:holding_id>/end/", directory.end_holding, name="directory_end_holding"),
    path("directory/contacts/<uuid:contact_id>/end/", directory.end_contact, name="directory_end_contact"),
    path(
        "directory/contacts/<uuid:contact_id>/verify/",
        directory.verify_contact,
        name="directory_verify_contact",
    ),
    path("imports/", imports.imports, name="imports"),
    path("imports/<slug:kind_name>/template.xlsx", imports.import_template, name="import_template"),
    path("imports/<slug:kind_name>/upload/", imports.upload, name="import_upload"),
    path("imports/checked/<slug:token>/", imports.import_check, name="import_check"),
    path("imports/checked/<slug:token>/apply/", imports.import_apply, name="import_apply"),
    path("journal/", journal.journal, name="journal"),
    path("journal/failures/<uuid:announcement_id>/retry/", journal.retry, name="journal_retry"),
]
