"""Routes of the desk: the warning editor, the library of texts, who may issue what."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import authoring, maps, texts

urlpatterns: list[URLPattern] = [
    path("warnings/new/", authoring.new_warning, name="new_warning"),
    path("warnings/check/", authoring.check, name="check_warning"),
    path("warnings/count/", authoring.count, name="count_area"),
    path("warnings/areas/<uuid:area_id>/put-away/", authoring.put_area_away, name="put_area_away"),
    path("warnings/texts/", texts.texts, name="texts"),
    path("warnings/texts/<uuid:text_id>/act/", texts.act_on_text, name="act_on_text"),
    path("warnings/authority/", texts.issuing_rights, name="issuing_rights"),
    path("warnings/authority/<uuid:right_id>/act/", texts.act_on_issuing_right, name="act_on_issuing_right"),
    path("warnings/<uuid:warning_id>/update/", authoring.update_warning, name="update_warning"),
    path("map/sites.json", maps.sites, name="map_sites"),
]
