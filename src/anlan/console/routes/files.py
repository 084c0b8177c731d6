"""Files that people sent, and words that belong to nobody."""

from __future__ import annotations

from django.urls import path

from anlan.console.views import files, replies

urlpatterns = [
    path("files/<uuid:file_id>/", files.attachment, name="file"),
    path("callouts/replies/", replies.replies, name="replies"),
]
