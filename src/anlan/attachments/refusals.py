"""What attachments decline to keep."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class TooLarge(Refusal):
    code = "attachment.too_large"
    text = _("The file is larger than %(limit_mb)s MB.")
    next_step = _("Send a smaller picture, or cut the recording.")
    status = 413


class UnknownContent(Refusal):
    code = "attachment.unknown_content"
    text = _("This is no picture, recording or document that can be kept.")
    next_step = _(
        "Send a JPEG, PNG or WebP picture, an AMR, MP3, M4A or WAV recording, an MP4 film, a PDF, or a .docx or .xlsx."
    )
    status = 415


class EmptyFile(Refusal):
    code = "attachment.empty"
    text = _("The file is empty.")
    next_step = _("Take the picture again and send it.")
    status = 422


class HasMacros(Refusal):
    code = "attachment.has_macros"
    text = _("The document may hold programs (macros) and is not kept.")
    next_step = _("Send it as PDF, or save it as .docx or .xlsx without macros.")
    status = 415
