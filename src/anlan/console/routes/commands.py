"""Routes of the desk: commands to stations, and their pictures."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import commands

urlpatterns: list[URLPattern] = [
    path("stations/at/<str:code>/commands/", commands.commands, name="station_commands"),
    path("stations/at/<str:code>/commands/ask/", commands.ask, name="ask_command"),
    path("stations/commands/<uuid:command_id>/release/", commands.release, name="release_command"),
    path("stations/commands/<uuid:command_id>/withdraw/", commands.withdraw, name="withdraw_command"),
    path("stations/at/<str:code>/pictures/", commands.pictures, name="station_pictures"),
    path("stations/at/<str:code>/pictures/<str:picture_id>", commands.picture, name="station_picture"),
]
