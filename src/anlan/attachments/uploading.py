"""Stop storing a file of a form once it is larger than anything that is kept; the rest of the form is still read.

Django writes what comes to the disk before a view is asked. With `bounded_uploads` a file of 300 MB costs the disk no more than
the limit, and `was_too_large` lets the view say so in a sentence beside what was typed.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from anlan.attachments.refusals import TooLarge
from anlan.attachments.services import MOST_FILM_BYTES

_MARK = "anlan_too_large"
V = TypeVar("V", bound=Callable[..., HttpResponseBase])


class BoundedHandler(FileUploadHandler):
    """First in line: counts what passes, and skips the file that goes on for too long."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self._held = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:  # Any: Django's own arguments
        super().new_file(*args, **kwargs)
        self._held = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self._held += len(raw_data)
        if self._held > MOST_FILM_BYTES:
            setattr(self.request, _MARK, True)
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The next handler keeps the file."""


def bounded_uploads(view: V) -> V:
    """For a view with files. The form's token is checked as ever, but after the bound is in place (Django reads the form for it)."""
    guarded = csrf_protect(view)

    @csrf_exempt
    @functools.wraps(view)
    def bounded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.upload_handlers.insert(0, BoundedHandler(request))
        return guarded(request, *args, **kwargs)

    vars(bounded)["takes_session"] = (
        True  # the exemption above is none: read by whoever asks whose run a request is in
    )
    return cast("V", bounded)  # wraps() keeps the view's type


def check_uploads(request: HttpRequest) -> None:
    """Raise the sentence for a file that was skipped."""
    if getattr(request, _MARK, False):
        raise TooLarge(limit_mb=MOST_FILM_BYTES // 1024 // 1024)
