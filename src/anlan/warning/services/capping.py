"""Publishing a warning as CAP: composed, signed where a key is configured, stored once, never made anew."""

from __future__ import annotations

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction

from anlan.cap.model import Alert
from anlan.cap.write import write
from anlan.kernel.actor import Actor, system
from anlan.warning import capping
from anlan.warning.models import CapMessage, HazardWarning

log = logging.getLogger("anlan.cap")


def publish_cap(warning: HazardWarning, *, at: datetime, by: Actor | None = None) -> CapMessage | None:
    """Write the CAP message that the warning's present state asks for; None where it was published before. Safe to repeat.

    - in force, nothing published: an Alert, or an Update where it replaces warnings that were published
    - in force, with another end than the last message said: an Update of its own
    - lifted: a Cancel that names every message of the chain
    """
    rows = list(warning.cap_messages.order_by("sent_at", "id"))
    last = rows[-1] if rows else None
    if last is not None and last.msg_type == "Cancel":
        return None
    earlier = [*capping.messages_before(warning), *map(capping.reference_to, rows)]
    if warning.state == "lifted" and last is not None:
        name = capping.identifier_for(warning, at=at, part="cancel")
        alert = capping.cancel_of(warning, identifier=name, sent=at, earlier=earlier)
    elif warning.state == "issued" and last is None:
        alert = capping.alert_of(warning, identifier=_first_name(warning, at=at), earlier=earlier)
    elif warning.state == "issued" and last is not None and _end_moved(warning, last):
        name = capping.identifier_for(warning, at=at, part=f"update {len(rows)}")
        alert = capping.alert_of(warning, identifier=name, sent=at, earlier=earlier)
    else:
        return None
    return _store(warning, alert, by=by or system("cap"), at=at)


def _first_name(warning: HazardWarning, *, at: datetime) -> str:
    """The name given at issue, unless another process took it in the same second."""
    name = warning.cap_identifier
    if name and not CapMessage.objects.filter(identifier=name).exists():
        return name
    return capping.identifier_for(warning, at=warning.issued_at or at)


def _end_moved(warning: HazardWarning, last: CapMessage) -> bool:
    said, now = last.expires_at, warning.expires_at
    return now is not None and said is not None and abs((now - said).total_seconds()) >= 1


def _store(warning: HazardWarning, alert: Alert, *, by: Actor, at: datetime) -> CapMessage:
    document, is_signed = _signed(write(alert))
    row = CapMessage(
        warning=warning,
        identifier=alert.identifier,
        sender=alert.sender,
        sent_at=alert.sent,
        msg_type=alert.msg_type,
        scope=alert.scope,
        expires_at=alert.expires,
        document=document.decode(),
        is_signed=is_signed,
        exercise_id=warning.exercise_id,
    )
    with transaction.atomic(savepoint=False):
        return row.record(by=by, at=at, kind="published", cause=f"warning:{warning.pk}")


def _signed(document: bytes) -> tuple[bytes, bool]:
    """With the configured key; a key that cannot be used never keeps a warning from going out."""
    key, certificate = settings.ANLAN_CAP_KEY.encode(), settings.ANLAN_CAP_CERT.encode()
    if not (key and certificate):
        return document, False
    try:
        from anlan.cap.signing import sign  # brings XML and cryptography; only who has a key pays for them

        return sign(document, key_pem=key, certificate_pem=certificate), True
    except (ValueError, TypeError) as error:
        log.error("cap_not_signed", extra={"why": str(error)})
        return document, False
