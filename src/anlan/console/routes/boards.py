"""Routes of the desk: boards of stations, cameras and coverage."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import boards, cameras, maps

urlpatterns: list[URLPattern] = [
    path("boards/", boards.boards, name="boards"),
    path("boards/arrival/", boards.arrival, name="board_arrival"),
    path("boards/coverage/", boards.coverage, name="board_coverage"),
    path("boards/mandatory/", boards.mandatory, name="board_mandatory"),
    path("boards/enterprises/", boards.enterprises, name="enterprises"),
    path("boards/cameras/", cameras.cameras, name="cameras"),
    path("boards/cameras/catalogue/", cameras.read_catalogue, name="camera_catalogue"),
    path("boards/cameras/at/<str:code>/", cameras.camera, name="camera"),
    path("map/cameras.json", maps.cameras, name="map_cameras"),
]
