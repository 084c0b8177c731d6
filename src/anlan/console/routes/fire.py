"""Routes of the desk: fire devices by building, vehicles now."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import fire, vehicles

urlpatterns: list[URLPattern] = [
    path("fire/", fire.buildings, name="fire_buildings"),
    path("fire/rows/", fire.buildings_fragment, name="fire_buildings_fragment"),
    path("vehicles/", vehicles.vehicles, name="vehicles"),
    path("vehicles/rows/", vehicles.vehicles_fragment, name="vehicles_fragment"),
    path("map/vehicles.json", vehicles.map_vehicles, name="map_vehicles"),
]
