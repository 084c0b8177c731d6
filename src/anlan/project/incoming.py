"""Looks for warnings and reports of others: drop folders, mail accounts, feeds; and tells the warning centre what was passed on.

One thread of the worker: each of these may be slow or away, and none of them may delay a deadline or a message.
"""

from __future__ import annotations

import imaplib
import logging
import poplib
import time
from collections.abc import Callable

import httpx

log = logging.getLogger("anlan.incoming")

#: Pause between two looks, seconds; for mail, which asks a foreign server each time, longer. Engineering choices.
LOOK_S = 2.0
MAIL_S = 30.0
TIMEOUT_S = 10.0


class Lookout:
    """The ways in of one worker. A way that fails is logged, noted where people see it, and tried again."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.mail_at = 0.0
        self._client: httpx.Client | None = None

    def client(self) -> httpx.Client:
        if self._client is None:
            self._client = httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False)
        return self._client

    def look(self) -> int:
        """One round. Returns 0, so that the loop waits before the next one."""
        from anlan.intake import drop as intake_drop
        from anlan.reporting import forwarding
        from anlan.response import forwarding as partners
        from anlan.warning.incoming import centre, drop, polling

        self._try("drop", drop.take_files)
        self._try("intake_drop", intake_drop.take_files)
        self._try("feeds", lambda: polling.poll_due(self.client(), owner=self.owner))
        self._try("reports", lambda: forwarding.forward_due(self.client(), owner=self.owner))
        self._try("partners", lambda: partners.share_due(self.client(), owner=self.owner))
        self._try("back_reports", lambda: centre.tell_due(self.client(), owner=self.owner))
        if time.monotonic() >= self.mail_at:
            self.mail_at = time.monotonic() + MAIL_S
            self._try("mail", self._mail)
            self._try("intake_mail", self._intake_mail)
        return 0

    def _mail(self) -> int:
        from django.conf import settings

        from anlan.warning.incoming import mail

        if not settings.ANLAN_WARNING_MAIL_URL:
            return 0
        box = mail.account(settings.ANLAN_WARNING_MAIL_URL, settings.ANLAN_WARNING_MAIL_PASSWORD)
        return mail.visit(box, mail.take_mail)

    def _intake_mail(self) -> int:
        from django.conf import settings

        from anlan.intake import mail

        if not settings.ANLAN_INTAKE_MAIL_URL:
            return 0
        return mail.visit_account(settings.ANLAN_INTAKE_MAIL_URL, settings.ANLAN_INTAKE_MAIL_PASSWORD)

    def _try(self, name: str, step: Callable[[], object]) -> None:
        """A failing way in stays visible and never stops the others."""
        from anlan.journal.deadlines import note_failure
        from anlan.journal.models import WorkFailure
        from anlan.kernel.refusals import BadSetting

        try:
            step()
        except (OSError, imaplib.IMAP4.error, poplib.error_proto, BadSetting) as error:
            log.warning("way_in_failed", extra={"way": name, "error": type(error).__name__})
            note_failure(f"incoming.{name}", name, error)
        else:
            if name in ("mail", "intake_mail"):
                WorkFailure.objects.filter(name=f"incoming.{name}").delete()
