"""Files that people sent."""

from __future__ import annotations

from django.urls import path

from anlan.console.views import files

urlpatterns = [path("files/<uuid:file_id>/", files.attachment, name="file")]
