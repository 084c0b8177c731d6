"""The journal: sealed entries newest first, and above them work that failed and can be tried again."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST

from anlan.accounts.access import require_somewhere, within
from anlan.accounts.models import User
from anlan.console.journal_words import kind_word, subject_word
from anlan.console.moments import parse_moment
from anlan.console.people import names_of
from anlan.console.restricted import hidden
from anlan.console.views.base import DeskRequest, back, desk, shared_text
from anlan.directory.numbers import mask
from anlan.journal.models import Announcement, ChainHead, Entry, WorkFailure
from anlan.journal.retries import retry_announcement
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound
from anlan.vocab.posts import Right

PAGE_ROWS = 50
FILTERS = ("kind", "subject", "person", "from", "to")

#: Fields that hold a number or an address, masked for those who may not see numbers.
_NUMBERS = frozenset({"value", "address", "phone", "from_address"})
#: In place of the fields of what the reader may not read.
_HIDDEN = "restricted"
#: The capability to answer for somebody is a secret wherever it stands.
_ANSWER_LINK = re.compile(r"/a/[A-Za-z0-9_-]{8,}")


@desk
def journal(request: DeskRequest) -> HttpResponse:
    """One page of sealed entries; `before` is a sequence number, so a growing journal never shifts a page."""
    require_somewhere(request.actor, Right.SEE_JOURNAL)
    chosen = {name: request.GET.get(name, "").strip()[:80] for name in FILTERS}
    before = request.GET.get("before", "")
    before = before if before.isdecimal() and len(before) < 16 else ""

    def make() -> str:
        return render_to_string("console/journal/_entries.html", _entries(request, chosen, before))

    page = {
        "chosen": chosen,
        "entries": shared_text(request, f"journal:{before}:{sorted(chosen.items())}", make),
        "head": ChainHead.objects.filter(origin=settings.ANLAN_NODE).first(),
        "unsealed": Entry.objects.filter(seq=None).count(),
        "failures": failures(request.actor),
    }
    return render(request, "console/journal/journal.html", page)


def _entries(request: DeskRequest, chosen: dict[str, str], before: str) -> dict[str, Any]:
    entries = _filtered(visible_entries(request.actor), chosen)
    if before:
        entries = entries.filter(seq__lt=int(before))
    rows = list(entries.order_by("-seq")[: PAGE_ROWS + 1])
    shown = list(_shown(request.actor, rows))
    # Who sent a message that is hidden is part of what is hidden; who of the house handled it is not.
    names = names_of(
        one.actor for one, fields in shown if fields != {_HIDDEN: ""} or one.actor.startswith("user:")
    )
    return {
        "rows": [entry_row(one, names) for one in shown],
        "older": _link(chosen, rows[PAGE_ROWS - 1].seq) if len(rows) > PAGE_ROWS else "",
        "is_paged": bool(before),
        "newest": _link(chosen, None),
    }


def visible_entries(actor: Actor) -> QuerySet[Entry]:
    """Sealed entries of the actor's divisions; those of the whole node for somebody at the top of it."""
    condition = within(actor, "division_path", Right.SEE_JOURNAL)
    if sees_node(actor):
        condition |= Q(division_path="")
    return Entry.objects.filter(condition, seq__isnull=False)


def sees_node(actor: Actor) -> bool:
    """Somebody whose division has none above it."""
    return any("/" not in path for path in actor.where(Right.SEE_JOURNAL))


def _filtered(entries: QuerySet[Entry], chosen: dict[str, str]) -> QuerySet[Entry]:
    if chosen["kind"]:
        entries = entries.filter(kind__startswith=chosen["kind"])
    if chosen["subject"]:
        kind, colon, key = chosen["subject"].partition(":")
        entries = entries.filter(subject_type=kind)
        entries = entries.filter(subject_id=key) if colon else entries
    if chosen["person"]:
        entries = entries.filter(actor__in=_refs_of(chosen["person"]))
    if chosen["from"]:
        entries = entries.filter(at__gte=parse_moment(chosen["from"]))
    if chosen["to"]:
        entries = entries.filter(at__lt=parse_moment(chosen["to"]))
    return entries


def _refs_of(name: str) -> list[str]:
    """Actors by name, account or by the reference itself ("rule:R12")."""
    accounts = User.objects.filter(Q(person__name__icontains=name) | Q(username=name))[:100]
    return [name, *(f"user:{pk}" for pk in accounts.values_list("pk", flat=True))]


def _shown(actor: Actor, entries: list[Entry]) -> Iterable[tuple[Entry, dict[str, Any] | None]]:
    shown = entries[:PAGE_ROWS]
    unread = hidden(actor, shown)
    for entry in shown:
        is_hidden = entry.pk in unread
        payload = json.loads(entry.payload) if entry.payload else None
        if is_hidden:
            yield entry, {_HIDDEN: ""}
            continue
        yield (
            entry,
            None
            if payload is None
            else readable(payload, numbers=actor.can(Right.SEE_NUMBERS, entry.division_path)),
        )


def readable(payload: dict[str, Any], *, numbers: bool) -> dict[str, Any]:
    """The payload as a person may see it: no answer links, and no numbers without the right."""
    fields = payload.get("set", payload)
    return {name: _plain(name, value, numbers=numbers) for name, value in sorted(fields.items())}


def _plain(name: str, value: Any, *, numbers: bool) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if name in _NUMBERS and isinstance(value, str) and not numbers:
        text = mask(value)
    return _ANSWER_LINK.sub("/a/…", text)


def entry_row(shown: tuple[Entry, dict[str, Any] | None], names: dict[str, str]) -> dict[str, Any]:
    entry, fields = shown
    return {
        "entry": entry,
        "kind": kind_word(entry.kind),
        "subject": subject_word(entry.subject_type),
        "fields": fields,
        "is_hidden": fields == {_HIDDEN: ""},
        "actor": names.get(entry.actor, entry.actor),
    }


def _link(chosen: dict[str, str], before: int | None) -> str:
    query = {name: value for name, value in chosen.items() if value}
    return "?" + urlencode({**query, "before": before} if before else query)


def failures(actor: Actor) -> list[dict[str, Any]]:
    """What failed while nobody watched; for those who see the whole node."""
    if not sees_node(actor):
        return []
    rows = list(WorkFailure.objects.order_by("-last_at")[:20])
    waiting = {
        str(pk)
        for pk in Announcement.objects.filter(
            pk__in=[row.subject_id for row in rows if _is_uuid(row.subject_id)], done_at=None
        ).values_list("pk", flat=True)
    }
    return [{"row": row, "can_retry": row.subject_id in waiting} for row in rows]


def _is_uuid(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text) is not None


@desk
@require_POST
def retry(request: DeskRequest, announcement_id: uuid.UUID) -> HttpResponse:
    """Have a failed reaction run again at once."""
    require_somewhere(request.actor, Right.SEE_JOURNAL)
    if not sees_node(request.actor):
        raise NotFound
    with transaction.atomic():
        retry_announcement(announcement_id, by=request.actor, at=request.now)
    return back(request, "console:journal")
