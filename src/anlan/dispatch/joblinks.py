"""The link of a job: a secret made from the node's key whenever a message needs it; only its digest is stored."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from datetime import datetime, timedelta

from django.conf import settings

from anlan.dispatch.jobparameters import team_table
from anlan.dispatch.models import TeamJob

_BYTES = 24
_OVER = ("back", "refused", "cancelled")


def token_of(job_id: uuid.UUID) -> str:
    """32 characters of the URL-safe alphabet."""
    said = f"anlan team job link {job_id}".encode()
    key = hmac.digest(settings.SECRET_KEY.encode(), said, "sha256")[:_BYTES]
    return base64.urlsafe_b64encode(key).decode()


def digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def link_of(job: TeamJob) -> str:
    """The address that goes out in a message."""
    return f"{settings.ANLAN_BASE_URL}/t/{token_of(job.pk)}/"


def job_behind(token: str, *, at: datetime | None = None) -> TeamJob | None:
    """The job that this link opens; None for a guessed one, and for one that ended long ago."""
    rows = TeamJob.objects.filter(token_digest=digest(token)).select_related(
        "incident__division", "team__division", "team__leader", "division"
    )
    job = rows.defer("incident__division__geometry", "team__division__geometry", "division__geometry").first()
    if job is None or at is None or job.state not in _OVER or job.step_at is None:
        return job
    return job if at <= job.step_at + timedelta(hours=team_table().link_hours_after_end) else None
