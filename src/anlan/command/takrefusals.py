"""What is refused about TAK clients."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class NoClientName(Refusal):
    code = "tak.no_name"
    text = _("“%(name)s” is no name of a client.")
    next_step = _("Use small letters, digits and hyphens, at most 40.")
    status = 422


class ClientNameTaken(Refusal):
    code = "tak.name_taken"
    text = _("A client with the name %(name)s or with this certificate is registered.")
    next_step = _("Choose another name, or revoke that client first.")


class NoFingerprint(Refusal):
    code = "tak.no_fingerprint"
    text = _("This is no SHA-256 fingerprint of a certificate.")
    next_step = _("Enter 64 hexadecimal digits; colons and spaces may stand between them.")
    status = 422
