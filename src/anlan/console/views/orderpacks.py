"""Order packs on the desk: the list, giving one, and the county's own wording of it."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from anlan.accounts.access import require, require_somewhere
from anlan.console import orderforms as forms
from anlan.console.incidentwords import said, type_choices, type_word
from anlan.console.views.base import DeskRequest, desk
from anlan.console.views.orderwork import incident_of, open_incidents, say_given
from anlan.dispatch import services
from anlan.dispatch.access import holds_any
from anlan.dispatch.packs import (
    ANY,
    Pack,
    PackItem,
    Targets,
    Whom,
    WhomKind,
    all_packs,
    pack_named,
    packs_for,
)
from anlan.dispatch.refusals import BadPack
from anlan.dispatch.services.orderpacks import Picked
from anlan.incidents.access import access_incident
from anlan.incidents.models import Incident
from anlan.incidents.refusals import Words
from anlan.journal import clocks
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.places.models import Division
from anlan.places.queries import county
from anlan.vocab.incidents import TYPES
from anlan.vocab.posts import FACES, PostKind, Right

#: Empty lines of the form for further orders.
SPARE = 2
WHOM_WORDS: dict[str, tuple[str, str]] = {
    WhomKind.COUNTY: ("县值班室", "county duty room"),
    WhomKind.DEPARTMENT: ("部门", "department"),
    WhomKind.DIVISION: ("指定单位", "a named place"),
    WhomKind.AFFECTED_TOWNSHIPS: ("受影响乡镇", "affected townships"),
    WhomKind.ALL_TOWNSHIPS: ("所有乡镇", "all townships"),
    WhomKind.AFFECTED_VILLAGES: ("受影响村", "affected villages"),
    WhomKind.UNIT: ("事发企业", "enterprise of the incident"),
}


@desk
@require_GET
def packs(request: DeskRequest) -> HttpResponse:
    """Every pack in use; those made for the type of the chosen incident first."""
    require_somewhere(request.actor, Right.COMMAND)
    incident = _incident(request)
    found = all_packs() if incident is None else packs_for(incident.event_type)
    page = {
        "incident": incident,
        "incidents": open_incidents(request),
        "packs": [_face(pack) for pack in found],
        "may_add": (place := county()) is not None and request.actor.can(Right.COMMAND, place.path),
        "read_at": request.now,
    }
    return render(request, "console/orders/packs.html", page)


def _incident(request: DeskRequest) -> Incident | None:
    given = request.GET.get("incident", "")
    return incident_of(request, given) if given else None


def _face(pack: Pack) -> dict[str, Any]:
    return {
        "pack": pack,
        "types": [_("everything") if one == ANY else type_word(one) for one in pack.event_types],
        "authority": posts(pack.authority),
        "items": [_item_face(pack, item) for item in pack.items],
    }


def _item_face(pack: Pack, item: PackItem) -> dict[str, Any]:
    return {
        "item": item,
        "to": "、".join(f"{said(WHOM_WORDS[one.kind])}{one.name or one.code}" for one in item.to),
        "authority": posts(pack.authority_of(item)),
    }


def posts(kinds: tuple[str, ...]) -> str:
    faces = [FACES[PostKind(kind)] for kind in kinds]
    return "、".join(said((face.zh, face.en)) for face in faces) or _("whoever commands")


@desk
def give(request: DeskRequest, incident_id: uuid.UUID, pack_code: str) -> HttpResponse:
    """Tick the orders and whom they go to, then give them: all that were ticked, or none."""
    incident = access_incident(request.actor, incident_id, need=Right.COMMAND)
    pack = pack_named(pack_code)
    at = clocks.now(incident.exercise_id)
    error: Refusal | None = None
    if request.method == "POST":
        try:
            with transaction.atomic():
                picked = _picked(request, pack)
                made = services.give_pack(
                    incident, pack, picked, by=request.actor, by_name=request.actor.name, at=at
                )
            say_given(request, len(made))
            return redirect("console:room_orders", incident.pk)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            error = refusal
    page = {
        **_face(pack),
        "incident": incident,
        "lines": _lines(request, pack, incident, at),
        "choices": forms.choices(request.actor),
        "error": error,
        "read_at": request.now,
    }
    return render(request, "console/orders/give.html", page, status=200 if error is None else error.status)


def _lines(request: DeskRequest, pack: Pack, incident: Incident, at: Any) -> list[dict[str, Any]]:
    targets, typed = Targets.of(incident), request.POST
    is_again = request.method == "POST"
    return [
        {
            **_item_face(pack, item),
            "may": not pack.authority_of(item)
            or holds_any(request.actor, pack.authority_of(item), incident.division, at),
            "is_ticked": item.key in typed.getlist("item") if is_again else True,
            "meant": _meant(typed, item, targets) if is_again else targets.meant(item),
            "words": typed.get(f"words-{item.key}", item.words),
            "limit": typed.get(f"limit-{item.key}", str(item.limit_min or "")),
        }
        for item in pack.items
    ]


def _meant(typed: QueryDict, item: PackItem, targets: Targets) -> list[Division]:
    codes = set(typed.getlist(f"to-{item.key}"))
    everybody = [*targets.departments, *targets.townships, *targets.meant(item)]
    return list({one.code: one for one in everybody if one.code in codes}.values())


def _picked(request: DeskRequest, pack: Pack) -> list[Picked]:
    given = request.POST
    chosen = set(given.getlist("item"))
    return [
        Picked(
            item.key,
            to=tuple(forms.places_ticked(given.getlist(f"to-{item.key}"), request.actor)),
            words=given.get(f"words-{item.key}", item.words)[:2000],
            limit_min=forms.minutes(given.get(f"limit-{item.key}", "")) or 0,
        )
        for item in pack.items
        if item.key in chosen
    ]


@desk
def pack(request: DeskRequest, pack_code: str) -> HttpResponse:
    """The wording of one pack: edit it as the county's own, or confirm it."""
    require_somewhere(request.actor, Right.COMMAND)
    found = pack_named(pack_code)
    error: Refusal | None = None
    if request.method == "POST":
        try:
            _keep(request, found)
            return redirect("console:order_pack", pack_code)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            error = refusal
    place = county()
    page = {
        **_face(found),
        "rows": _form_rows(request, found, is_again=error is not None),
        "kinds": [(kind.value, said((FACES[kind].zh, FACES[kind].en))) for kind in PostKind],
        "whoms": [(kind, said(pair)) for kind, pair in WHOM_WORDS.items()],
        "may_confirm": place is not None and request.actor.can(Right.APPROVE_PLANS, place.path),
        "may_edit": place is not None and request.actor.can(Right.COMMAND, place.path),
        "typed": request.POST if error is not None else {},
        "error": error,
        "read_at": request.now,
    }
    return render(request, "console/orders/pack.html", page, status=200 if error is None else error.status)


@desk
def new_pack(request: DeskRequest) -> HttpResponse:
    """A pack of the county's own under a new code."""
    place = county()
    if place is None:
        raise NotFound
    require(request.actor, Right.COMMAND, place.path)
    found, error = Pack(code="", name="", event_types=(ANY,)), None
    if request.method == "POST":
        try:
            with transaction.atomic():
                typed = _typed_new(request.POST)
                services.add_pack(
                    typed, division=place, by=request.actor, at=clocks.now(clocks.default_exercise_id())
                )
            messages.success(request, _("Kept as the county's own; it must be confirmed."))
            return redirect("console:order_pack", typed.code)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            error = refusal
            found = Pack(code="", name="", authority=tuple(request.POST.getlist("authority")))
    page = {
        "pack": found,
        "is_new": True,
        "event_types": type_choices(),
        "chosen_types": request.POST.getlist("event_types"),
        "rows": _form_rows(request, found, is_again=error is not None),
        "kinds": [(kind.value, said((FACES[kind].zh, FACES[kind].en))) for kind in PostKind],
        "whoms": [(kind, said(pair)) for kind, pair in WHOM_WORDS.items()],
        "may_edit": True,
        "typed": request.POST if error is not None else {},
        "error": error,
        "read_at": request.now,
    }
    return render(request, "console/orders/pack.html", page, status=200 if error is None else error.status)


def _typed_new(given: QueryDict) -> Pack:
    code = given.get("code", "").strip()[:60]
    types = tuple(one for one in given.getlist("event_types") if one in TYPES)
    return _typed_pack(given, Pack(code=code, name="", event_types=types or (ANY,)))


def _keep(request: DeskRequest, found: Pack) -> None:
    place = county()
    if place is None:
        raise NotFound
    at = clocks.now(clocks.default_exercise_id())
    with transaction.atomic():
        if request.POST.get("verb") == "confirm":
            services.confirm_pack(found.code, division=place, by=request.actor, at=at)
            messages.success(request, _("Confirmed for the county."))
            return
        services.edit_pack(_typed_pack(request.POST, found), division=place, by=request.actor, at=at)
        messages.success(request, _("Kept as the county's own; it must be confirmed."))


def _typed_pack(given: QueryDict, former: Pack) -> Pack:
    numbers = range(min(len(former.items) + SPARE, 60))
    kept = [number for number in numbers if given.get(f"title-{number}", "").strip()]
    taken = {item.key for item in former.items}
    items = []
    for number in kept:
        items.append(_typed_item(given, number, former, taken))
        taken.add(items[-1].key)
    return Pack(
        code=former.code,
        name=given.get("name", ""),
        event_types=former.event_types,
        authority=tuple(given.getlist("authority")),
        source=given.get("source", "")[:300],
        items=tuple(items),
    )


def _typed_item(given: QueryDict, number: int, former: Pack, taken: set[str]) -> PackItem:
    old = former.items[number] if number < len(former.items) else None
    code = given.get(f"key-{number}", "").strip()[:60]
    return PackItem(
        key=old.key if old is not None else code or _free_code(taken),
        title=given.get(f"title-{number}", "").strip()[:160],
        words=given.get(f"words-{number}", "").strip()[:2000],
        to=_typed_whom(given.get(f"to-{number}", ""), old),
        post=old.post if old is not None else "",
        ack_min=forms.minutes(given.get(f"ack-{number}", "")) or 0,
        limit_min=forms.minutes(given.get(f"limit-{number}", "")) or 0,
        needs_proof=given.get(f"proof-{number}") == "1",
        authority=old.authority if old is not None else (),
    )


def _free_code(taken: set[str]) -> str:
    """A code for an order to which nobody gave one."""
    return next(code for code in (f"own{number}" for number in range(1_000)) if code not in taken)


def _typed_whom(text: str, old: PackItem | None) -> tuple[Whom, ...]:
    """Lines such as "受影响乡镇、水利局": the words of the list, anything else a part of a department's name."""
    words = {pair[index]: kind for kind, pair in WHOM_WORDS.items() for index in (0, 1)}
    found = []
    for part in text.replace("，", "、").replace(",", "、").split("、"):
        name = part.strip()
        if not name:
            continue
        kind = words.get(name)
        found.append(Whom(WhomKind(kind)) if kind is not None else Whom(WhomKind.DEPARTMENT, name=name[:40]))
    if not found and old is None:
        raise BadPack(why=Words("没有写明发给谁", "it is not said to whom it goes"))
    return tuple(found)


def _form_rows(request: DeskRequest, found: Pack, *, is_again: bool) -> list[dict[str, Any]]:
    given = request.POST
    rows = []
    for number in range(len(found.items) + SPARE):
        item = found.items[number] if number < len(found.items) else PackItem(key="", title="")
        to = "、".join(one.name or said(WHOM_WORDS[one.kind]) for one in item.to)
        rows.append(
            {
                "n": number,
                "key": item.key,
                "typed_key": given.get(f"key-{number}", "") if is_again else "",
                "title": given.get(f"title-{number}", "") if is_again else item.title,
                "words": given.get(f"words-{number}", "") if is_again else item.words,
                "to": given.get(f"to-{number}", "") if is_again else to,
                "ack": given.get(f"ack-{number}", "") if is_again else item.ack_min or "",
                "limit": given.get(f"limit-{number}", "") if is_again else item.limit_min or "",
                "proof": given.get(f"proof-{number}") == "1" if is_again else item.needs_proof,
            }
        )
    return rows
