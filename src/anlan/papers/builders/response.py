"""响应通知: the official notice of the start, change or end of a response."""

from __future__ import annotations

from datetime import datetime

from anlan.documents.paper.content import Content, Para
from anlan.papers.services.making import said
from anlan.papers.types import Draft
from anlan.response.models import ResponseNotice
from anlan.response.services.notices import unit_words


def notice(row: ResponseNotice, *, at: datetime) -> Draft:
    """Signed in its own chain: the paper carries that number and signature. An unsigned one is a draft without a number."""
    unit = unit_words(row.activation)
    signed_at = row.signed_at
    content = Content(
        kind="response",
        head=unit,
        unit=unit,
        dated=said(signed_at or at),
        title=row.title,
        issue=row.number,
        signer=row.signer_name,
        addressee="、".join(one["name"] for one in row.main_to),
        blocks=tuple(Para(line.strip()) for line in row.body.splitlines() if line.strip()),
        ending=(unit, said(signed_at or at)),
        phone=row.phone_text,
    )
    return Draft(
        "response",
        row.title,
        content,
        row.activation.division,
        f"response_notice:{row.pk}",
        row.activation.incident,
        signed_by=row.signer_name,
        signed_at=signed_at,
    )
