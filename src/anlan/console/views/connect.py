"""Connectors and receivers: how each stands, setting one up, and what a pasted sample would give before anything is saved."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from anlan.accounts.access import require_somewhere
from anlan.console.connectwords import problem_words, refusal_word
from anlan.console.templatetags.anlan import is_chinese
from anlan.console.views.base import DeskRequest, desk
from anlan.drivers.jsonmap.examples import NAMES, example
from anlan.drivers.jsonmap.mapping import BadMapping
from anlan.kernel.clock import parse_instant
from anlan.kernel.refusals import Refusal, fill
from anlan.places.access import access_division
from anlan.sensing import services
from anlan.sensing.access import access_connector, access_receiver
from anlan.sensing.connect.settings import CONNECTOR_KINDS, RECEIVER_KINDS
from anlan.sensing.models import Connector, Receiver
from anlan.sensing.queries import connect as queries
from anlan.sensing.services import connectors as verbs
from anlan.vocab.happenings import happening_kind
from anlan.vocab.kinds import StationKind
from anlan.vocab.posts import Right

#: What the form starts with, by kind: the fields that have no default, and those that are changed most.
_STARTS: dict[str, dict[str, Any]] = {
    "http_push": {},
    "mqtt": {"host": "", "port": 8883, "tls": True, "topics": ["$dp"], "share": ""},
    "http_pull": {"url": "https://", "every_s": 300, "paging": {"kind": "none"}},
    "file_drop": {"every_s": 10},
    "sql_pull": {
        "driver": "postgresql",
        "host": "",
        "database": "",
        "user": "",
        "every_s": 300,
        "late_s": 3600,
    },
    "tcp_raw": {"host": "", "port": 6510, "protocol": "sl651", "wait_s": 10},
    "http_json": {"url": "https://"},
    "mqtt_json": {"host": "", "port": 8883, "tls": True, "topic": ""},
    "sensorthings_mqtt": {"host": "", "port": 8883, "tls": True, "prefix": "", "base": ""},
}


def kind_words() -> dict[str, str]:
    return {
        "http_push": _("pushed over HTTP"),
        "mqtt": _("MQTT broker"),
        "http_pull": _("fetched over HTTP"),
        "file_drop": _("dropped files"),
        "sql_pull": _("read from a database"),
        "tcp_raw": _("raw frames over TCP"),
        "http_json": _("readings over HTTP"),
        "mqtt_json": _("readings over MQTT"),
        "sensorthings_mqtt": _("SensorThings observations over MQTT"),
    }


@desk
def connect(request: DeskRequest) -> HttpResponse:
    """Both lists; they refresh themselves."""
    require_somewhere(request.actor, Right.ADMINISTER)
    page = {
        "rows": _rows(request),
        "connector_kinds": _kinds(CONNECTOR_KINDS),
        "receiver_kinds": _kinds(RECEIVER_KINDS),
        "may_tak": request.actor.can_somewhere(Right.COMMAND),
    }
    return render(request, "console/connect/connect.html", page)


@desk
def connect_fragment(request: DeskRequest) -> HttpResponse:
    """Only the lists."""
    require_somewhere(request.actor, Right.ADMINISTER)
    return HttpResponse(_rows(request))


@desk
@require_http_methods(["GET", "POST"])
@transaction.atomic(durable=True)
def new_connector(request: DeskRequest) -> HttpResponse:
    """An empty form, a sample tried, or a connector saved with its token shown once."""
    require_somewhere(request.actor, Right.ADMINISTER)
    kind = _chosen(request, "kind", CONNECTOR_KINDS)
    if request.method == "GET":
        mapping = _chosen(request, "example", NAMES)
        shown = {
            "name": "",
            "kind": kind,
            "settings": _text(_STARTS[kind]),
            "mapping": example(mapping),
            "stations": "*",
        }
        return _connector_form(request, {**shown, "example": mapping})
    shown = _posted(request) | {"kind": kind}
    if request.POST.get("verb") == "try":
        return _connector_form(request, shown, sample=_tried(request, shown))
    try:
        row, token = verbs.create_connector(_details(shown), by=request.actor, at=request.now)
    except Refusal as refused:
        return _connector_form(request, shown, problem=_words(refused))
    if token:
        return _shown_once(request, row, token)
    messages.success(request, _("Saved. The gateway follows within a second."))
    return redirect("console:connector", row.name)


@desk
@require_http_methods(["GET", "POST"])
@transaction.atomic(durable=True)
def connector(request: DeskRequest, connector_name: str) -> HttpResponse:
    """One connector: its state, what was refused and why, its settings and mapping."""
    row = access_connector(request.actor, connector_name)
    verb = request.POST.get("verb", "") if request.method == "POST" else ""
    if verb == "renew":
        token = verbs.renew_connector_token(row, by=request.actor, at=request.now)
        return _shown_once(request, row, token)
    if verb in ("start", "stop"):
        verbs.switch_connector(row, is_active=verb == "start", by=request.actor, at=request.now)
        return redirect("console:connector", row.name)
    if not verb:
        return _connector_form(request, _as_shown(row), row=row)
    shown = _posted(request) | {"name": row.name, "kind": row.kind}
    if verb == "try":
        return _connector_form(request, shown, row=row, sample=_tried(request, shown))
    try:
        verbs.change_connector(row, _details(shown), by=request.actor, at=request.now)
    except Refusal as refused:
        return _connector_form(request, shown, row=row, problem=_words(refused))
    messages.success(request, _("Saved. The gateway follows within a second."))
    return redirect("console:connector", row.name)


@desk
@require_POST
@transaction.atomic(durable=True)
def register_proposal(request: DeskRequest, connector_name: str) -> HttpResponse:
    """Register one station of the other side's list; its place is chosen by a person."""
    row = access_connector(request.actor, connector_name)
    found = {one["code"]: one for one in queries.proposals(row)}.get(request.POST.get("code", ""))
    if found is not None:
        kinds = {
            "PP": StationKind.RAIN,
            "RR": StationKind.RIVER,
            "ZZ": StationKind.RIVER,
            "ZQ": StationKind.RIVER,
        }
        services.register_station(
            code=found["code"],
            name=found.get("STNM", found["code"]),
            kind=kinds.get(found.get("STTP", ""), StationKind.RAIN_RIVER),
            division=access_division(request.actor, request.POST.get("division", "").strip()),
            lon=float(found.get("LGTD", 0)),
            lat=float(found.get("LTTD", 0)),
            owner=found.get("ADMAUTH", ""),
            by=request.actor,
            at=request.now,
        )
        messages.success(request, _("Registered. Its next readings are taken."))
    return redirect("console:connector", row.name)


@desk
@require_http_methods(["GET", "POST"])
@transaction.atomic(durable=True)
def new_receiver(request: DeskRequest) -> HttpResponse:
    """An empty form, or a receiver saved: it gets what comes from now on."""
    require_somewhere(request.actor, Right.ADMINISTER)
    kind = _chosen(request, "kind", RECEIVER_KINDS)
    if request.method == "GET":
        shown = {"name": "", "kind": kind, "settings": _text(_STARTS[kind]), "wanted": "{}"}
        return _receiver_form(request, shown)
    shown = _posted(request) | {"kind": kind}
    try:
        row = verbs.create_receiver(_receiver_details(shown), by=request.actor, at=request.now)
    except Refusal as refused:
        return _receiver_form(request, shown, problem=_words(refused))
    messages.success(request, _("Saved. The gateway follows within a second."))
    return redirect("console:receiver", row.name)


@desk
@require_http_methods(["GET", "POST"])
@transaction.atomic(durable=True)
def receiver(request: DeskRequest, receiver_name: str) -> HttpResponse:
    """One receiver: how far it has come, and its settings."""
    row = access_receiver(request.actor, receiver_name)
    verb = request.POST.get("verb", "") if request.method == "POST" else ""
    if verb in ("start", "stop"):
        verbs.switch_receiver(row, is_active=verb == "start", by=request.actor, at=request.now)
        return redirect("console:receiver", row.name)
    if not verb:
        return _receiver_form(request, _as_shown(row), row=row)
    shown = _posted(request) | {"name": row.name, "kind": row.kind}
    try:
        verbs.change_receiver(row, _receiver_details(shown), by=request.actor, at=request.now)
    except Refusal as refused:
        return _receiver_form(request, shown, row=row, problem=_words(refused))
    messages.success(request, _("Saved. The gateway follows within a second."))
    return redirect("console:receiver", row.name)


# -- what the pages show


def _shown_once(request: DeskRequest, row: Connector, token: str) -> HttpResponse:
    answer = render(request, "console/connect/token.html", {"row": row, "token": token})
    answer["Cache-Control"] = "no-store"
    return answer


def _rows(request: DeskRequest) -> SafeString:
    told = queries.states()
    page = {
        "connectors": [_line(row, told.get("connectors", {})) for row in Connector.objects.all()],
        "receivers": [_line(row, told.get("receivers", {})) for row in Receiver.objects.all()],
        "told_at": queries.told_at(told),
        "read_at": request.now,
    }
    return mark_safe(render_to_string("console/connect/_rows.html", page))  # noqa: S308 - escaped by its template


def _line(row: Connector | Receiver, told: dict[str, Any]) -> dict[str, Any]:
    state = told.get(row.name, {})
    return {
        "row": row,
        "kind": kind_words()[row.kind],
        "state": state,
        "since": _moment(state.get("since")),
        "last": _moment(state.get("last_message")),
        "backlog_since": _moment(state.get("backlog_since")),
        "refused": [(refusal_word(code), n) for code, n in sorted(state.get("refused", {}).items())],
        "newest_refused": [
            {**one, "word": refusal_word(one["code"]), "at": _moment(one["at"])}
            for one in state.get("newest_refused", [])
        ],
        "problem": problem_words(state.get("problem", "")),
        "word": _state_word(row, state),
    }


def _state_word(row: Connector | Receiver, state: dict[str, Any]) -> str:
    if not row.is_active:
        return _("stopped")
    if not state:
        return _("not started yet")
    return _("works") if state.get("is_up") else _("does not work")


def _moment(text: str | None) -> datetime | None:
    return parse_instant(text) if text else None


def _connector_form(
    request: DeskRequest,
    shown: dict[str, Any],
    *,
    row: Connector | None = None,
    problem: str = "",
    sample: dict[str, Any] | None = None,
) -> HttpResponse:
    told = queries.states()
    page = {
        "shown": shown,
        "row": row,
        "line": None if row is None else _line(row, told.get("connectors", {})),
        "kind_word": kind_words()[shown["kind"]],
        "examples": NAMES,
        "problem": problem,
        "sample": sample,
        "proposals": [] if row is None or row.kind != "sql_pull" else queries.proposals(row)[: queries.SHOWN],
        "told_at": queries.told_at(told),
    }
    status = 422 if problem else 200
    return render(request, "console/connect/connector.html", page, status=status)


def _receiver_form(
    request: DeskRequest, shown: dict[str, Any], *, row: Receiver | None = None, problem: str = ""
) -> HttpResponse:
    told = queries.states()
    page = {
        "shown": shown,
        "row": row,
        "line": None if row is None else _line(row, told.get("receivers", {})),
        "kind_word": kind_words()[shown["kind"]],
        "problem": problem,
        "told_at": queries.told_at(told),
    }
    return render(request, "console/connect/receiver.html", page, status=422 if problem else 200)


def _tried(request: DeskRequest, shown: dict[str, Any]) -> dict[str, Any]:
    """What the pasted sample gives with the mapping as it stands in the form; nothing is saved."""
    try:
        found = queries.try_sample(shown["mapping"], shown["sample"], topic=shown["topic"], at=request.now)
    except BadMapping as bad:
        words = _("The mapping cannot be used, line %(line)s: %(why)s") % {
            "line": bad.line,
            "why": bad.sentence,
        }
        return {"problem": words}
    kinds = [(one, happening_kind(one.kind)) for one in found.happenings]
    return {
        "readings": [
            {"row": row, "meaning": row.meaning.zh if is_chinese() else row.meaning.en}
            for row in found.readings
        ],
        "happenings": [{"row": one, "meaning": kind.zh if is_chinese() else kind.en} for one, kind in kinds],
        "refused": [{"row": row, "word": refusal_word(row.code)} for row in found.refused],
    }


# -- what the forms give


def _posted(request: DeskRequest) -> dict[str, Any]:
    names = ("name", "settings", "mapping", "secret_name", "stations", "wanted", "sample", "topic")
    found: dict[str, Any] = {name: request.POST.get(name, "").strip()[:80_000] for name in names}
    return found | {"for_exercises": "for_exercises" in request.POST}


def _details(shown: dict[str, Any]) -> verbs.ConnectorDetails:
    stations = tuple(shown["stations"].replace(",", " ").replace("，", " ").split()) or ("*",)
    return verbs.ConnectorDetails(
        shown["name"], shown["kind"], shown["settings"], shown["mapping"], shown["secret_name"], stations
    )


def _receiver_details(shown: dict[str, Any]) -> verbs.ReceiverDetails:
    return verbs.ReceiverDetails(
        shown["name"],
        shown["kind"],
        shown["settings"],
        shown["wanted"] or "{}",
        shown["secret_name"],
        shown["for_exercises"],
    )


def _as_shown(row: Connector | Receiver) -> dict[str, Any]:
    shown: dict[str, Any] = {"name": row.name, "kind": row.kind, "settings": _text(row.settings)}
    shown["secret_name"] = row.secret_name
    if isinstance(row, Connector):
        return shown | {"mapping": _text(row.mapping), "stations": " ".join(row.stations)}
    return shown | {"wanted": _text(row.wanted), "for_exercises": row.for_exercises}


def _text(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2)


def _words(refused: Refusal) -> str:
    return f"{fill(_(refused.text), refused.data)} {fill(_(refused.next_step), refused.data)}".strip()


def _chosen(request: DeskRequest, name: str, allowed: tuple[str, ...]) -> str:
    given = request.POST.get(name) or request.GET.get(name, "")
    return given if given in allowed else allowed[0]


def _kinds(kinds: tuple[str, ...]) -> list[tuple[str, str]]:
    words = kind_words()
    return [(kind, words[kind]) for kind in kinds]
