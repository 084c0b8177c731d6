"""Working in the incident room: one verb a form. A refusal shows the room again with the sentence and the words."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from anlan.command import queries, services
from anlan.command.access import (
    access_consultation,
    access_room,
    access_situation,
    may_write,
    may_write_scene,
    row_of,
    visible_experts,
)
from anlan.command.guests import guest_room
from anlan.command.models import CommandGroup, Consultation, Decision, ExpertCall, RoomCall, RoomLink, Scene
from anlan.console import roomforms as forms
from anlan.console import roomwords as words
from anlan.console.views.base import DeskRequest, desk
from anlan.console.views.room import guest_page, page_of
from anlan.directory.models import Person
from anlan.dispatch.models import TeamJob
from anlan.incidents.models import Incident
from anlan.journal import clocks
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.places.access import access_division
from anlan.places.models import Division
from anlan.resources.models import Team
from anlan.vocab.posts import Right

#: An id that nothing has.
NOBODY = uuid.UUID(int=0)

Verb = Callable[[DeskRequest, Incident, datetime], str]


@desk
@require_POST
def act(request: DeskRequest, incident_id: uuid.UUID) -> HttpResponse:
    """One verb of the room."""
    row, is_guest = _room(request, incident_id)
    verb = request.POST.get("verb", "")
    if verb not in _OF_SCENES and not may_write(request.actor, row):
        raise NotAllowed
    if verb not in _VERBS:
        raise NotFound
    tab = request.POST.get("tab", "") or _TABS.get(verb, "")
    try:
        with transaction.atomic():
            said = _VERBS[verb](request, row, clocks.now(row.exercise_id))
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        if is_guest:
            page = guest_page(request, incident_id, error=refusal, verb=verb)
            return render(request, "console/command/scenes.html", page, status=refusal.status)
        page = page_of(request, access_room(request.actor, incident_id), error=refusal, verb=verb, tab=tab)
        return render(request, "console/command/room.html", page, status=refusal.status)
    messages.success(request, said)
    return redirect(f"{reverse('console:room', args=[row.pk])}?tab={tab}#board")


def _room(request: DeskRequest, incident_id: uuid.UUID) -> tuple[Incident, bool]:
    """The incident, and whether the reader came in by the door of a scene alone."""
    try:
        return access_room(request.actor, incident_id), False
    except NotFound:
        return guest_room(request.actor, incident_id)[0], True


def _place(request: DeskRequest) -> Division | None:
    code = request.POST.get("division", "")
    return access_division(request.actor, code) if code else None


def _open_group(request: DeskRequest, row: Incident, at: datetime) -> str:
    given = request.POST
    services.open_group(
        row, name=given.get("name", ""), duties=given.get("duties", ""), unit=_place(request),
        lead_words=given.get("lead_words", ""), members=forms.names(given, "members"), by=request.actor, at=at,
    )  # fmt: skip
    return _("Group opened.")


def _open_field_groups(request: DeskRequest, row: Incident, at: datetime) -> str:
    level = request.POST.get("level", "")
    made = services.open_field_groups(
        row, level=int(level) if level in {"1", "2", "3", "4"} else 0, by=request.actor, at=at
    )
    return _("%(n)s groups opened from the table.") % {"n": len(made)}


def _edit_group(request: DeskRequest, row: Incident, at: datetime) -> str:
    given = request.POST
    group = row_of(CommandGroup, row, given.get("edit", ""))
    services.edit_group(
        group, name=given.get("name", ""), duties=given.get("duties", ""), lead_words=given.get("lead_words", ""),
        members=forms.names(given, "members"), unit=_place(request), lead=group.lead, by=request.actor, at=at,
    )  # fmt: skip
    return _("Group stored.")


def _close_group(request: DeskRequest, row: Incident, at: datetime) -> str:
    services.close_group(row_of(CommandGroup, row, request.POST.get("group", "")), by=request.actor, at=at)
    return _("Group closed.")


def _transfer(request: DeskRequest, row: Incident, at: datetime) -> str:
    given = request.POST
    services.transfer_command(
        row,
        role=given.get("role", ""),
        name=given.get("name", ""),
        title=given.get("title", ""),
        person=forms.person_of(request, given.get("person", "")),
        scene=row_of(Scene, row, given.get("scene", "")) if given.get("scene") else None,
        why=given.get("why", ""),
        happened_at=forms.moment(given.get("happened_at", "")),
        by=request.actor,
        at=at,
    )
    return _("Command is transferred; the former holder stays in the record.")


def _scene(request: DeskRequest, row: Incident, name: str = "scene") -> Scene:
    """A scene that the actor may write."""
    scene = row_of(Scene, row, request.POST.get(name, ""))
    if not may_write_scene(request.actor, scene):
        raise NotAllowed
    return scene


def _open_scene(request: DeskRequest, row: Incident, at: datetime) -> str:
    given = request.POST
    services.open_scene(
        row, name=given.get("name", ""), division=_place(request), sector=given.get("sector", ""),
        place_words=given.get("place_words", ""), lon=forms.degrees(given.get("lon", "")),
        lat=forms.degrees(given.get("lat", "")), note=given.get("note", ""), by=request.actor, at=at,
    )  # fmt: skip
    return _("Scene entered.")


def _edit_scene(request: DeskRequest, row: Incident, at: datetime) -> str:
    given = request.POST
    services.edit_scene(
        _scene(request, row, "edit"), name=given.get("name", ""), sector=given.get("sector", "").strip()[:40],
        place_words=given.get("place_words", "").strip()[:160], note=given.get("note", "").strip()[:2000],
        lon=forms.degrees(given.get("lon", "")), lat=forms.degrees(given.get("lat", "")), by=request.actor, at=at,
    )  # fmt: skip
    return _("Scene stored.")


def _move_scene(request: DeskRequest, row: Incident, at: datetime) -> str:
    given = request.POST
    services.move_scene(
        _scene(request, row), given.get("to", ""), why=given.get("why", ""), by=request.actor, at=at
    )
    return _("The scene stands in its new phase.")


def _order_scene(request: DeskRequest, row: Incident, at: datetime) -> str:
    services.order_scene(_scene(request, row), up=request.POST.get("to") == "up", by=request.actor, at=at)
    return _("The order of the scenes is changed.")


def _ask_decision(request: DeskRequest, row: Incident, at: datetime) -> str:
    given = request.POST
    services.ask_decision(
        row,
        words=given.get("words", ""),
        needed_by=forms.moment(given.get("needed_by", "")),
        by=request.actor,
        at=at,
    )
    return _("The next decision is on everybody’s page.")


def _make_decision(request: DeskRequest, row: Incident, at: datetime) -> str:
    given = request.POST
    services.make_decision(
        row,
        words=given.get("words", ""),
        why=given.get("why", ""),
        by_name=given.get("by_name", ""),
        by=request.actor,
        at=at,
    )
    return _("Decision recorded.")


def _decide(request: DeskRequest, row: Incident, at: datetime) -> str:
    given = request.POST
    services.decide(
        row_of(Decision, row, given.get("decision", "")), words=given.get("words", ""), why=given.get("why", ""),
        by_name=given.get("by_name", ""), by=request.actor, at=at,
    )  # fmt: skip
    return _("Decision recorded.")


def _drop_decision(request: DeskRequest, row: Incident, at: datetime) -> str:
    decision = row_of(Decision, row, request.POST.get("decision", ""))
    services.drop_decision(decision, why=request.POST.get("why", ""), by=request.actor, at=at)
    return _("It is no longer asked for.")


def _plan_consultation(request: DeskRequest, row: Incident, at: datetime) -> str:
    given = request.POST
    services.plan_consultation(
        row, title=given.get("title", ""), starts_at=forms.moment(given.get("starts_at", "")) or at,
        chair=given.get("chair", ""), attendees=forms.names(given, "attendees"), link=given.get("link", ""),
        by=request.actor, at=at,
    )  # fmt: skip
    return _("Consultation planned.")


def _add_assessment(request: DeskRequest, row: Incident, at: datetime) -> str:
    given = request.POST
    services.add_assessment(
        row, situation=given.get("situation", ""), trend=given.get("trend", ""), risks=given.get("risks", ""),
        advice=given.get("advice", ""), by=request.actor, at=at,
    )  # fmt: skip
    return _("The assessment has a new version; the former ones stay.")


def _ask_expert(request: DeskRequest, row: Incident, at: datetime) -> str:
    given = request.POST
    key = forms.key_of(given.get("expert", "")) or NOBODY
    expert = visible_experts(request.actor).filter(pk=key).first()
    if expert is None:
        raise NotFound
    call = services.ask_expert(
        row, expert, question=given.get("question", ""), via=given.get("via", "sms"), by=request.actor, at=at
    )
    if call.via == "hand":
        return _("Asked; there is no number to send to, so call and write the advice down.")
    return _("Asked; the answer stands here when it comes.")


def _expert_call(request: DeskRequest, row: Incident) -> ExpertCall:
    return row_of(ExpertCall, row, request.POST.get("call", ""))


def _answer_expert(request: DeskRequest, row: Incident, at: datetime) -> str:
    services.answer_expert(
        _expert_call(request, row), advice=request.POST.get("words", ""), by=request.actor, at=at
    )
    return _("Advice recorded.")


def _decline_expert(request: DeskRequest, row: Incident, at: datetime) -> str:
    services.decline_expert(
        _expert_call(request, row), why=request.POST.get("words", ""), by=request.actor, at=at
    )
    return _("Recorded; ask somebody else.")


def _ask_again(request: DeskRequest, row: Incident, at: datetime) -> str:
    services.ask_again(_expert_call(request, row), by=request.actor, at=at)
    return _("Asked again.")


def _add_link(request: DeskRequest, row: Incident, at: datetime) -> str:
    given = request.POST
    services.add_link(
        row, kind=given.get("kind", ""), title=given.get("title", ""), address=given.get("address", ""),
        words=given.get("words", ""), by=request.actor, at=at,
    )  # fmt: skip
    return _("Link added.")


def _remove_link(request: DeskRequest, row: Incident, at: datetime) -> str:
    services.remove_link(row_of(RoomLink, row, request.POST.get("link", "")), by=request.actor, at=at)
    return _("Link removed; the journal keeps it.")


def _draft_situation(request: DeskRequest, row: Incident, at: datetime) -> str:
    given = request.POST
    services.draft_situation(
        row, from_at=forms.moment(given.get("from_at", "")), to_at=forms.moment(given.get("to_at", "")) or at,
        by=request.actor, at=at,
    )  # fmt: skip
    return _("Drafted from the journal; read it before it is final.")


def _call_person(request: DeskRequest, row: Incident, at: datetime) -> str:
    given = request.POST.get("person", "")
    person = _in_the_room(row, given) or forms.person_of(request, given)
    if person is None:
        raise NotFound
    return _called(
        services.call_person(row, person, subject=request.POST.get("subject", ""), by=request.actor, at=at)
    )


def _in_the_room(row: Incident, given: str) -> Person | None:
    """Whoever commands or leads a group here may be called, wherever he is from."""
    key = forms.key_of(given) or NOBODY
    here = {one.person_id for one in queries.in_command(row).values()}
    here |= {one.lead_id for one in queries.groups_of(row) if one.closed_at is None}
    return Person.objects.filter(pk=key).first() if key in here else None


def _call_team(request: DeskRequest, row: Incident, at: datetime) -> str:
    """Only a team that has a job here: its leader is called by whoever commands."""
    key = forms.key_of(request.POST.get("team", "")) or NOBODY
    here = TeamJob.objects.filter(incident=row).values("team")
    team = Team.objects.filter(pk=key, pk__in=here).select_related("leader", "deputy").first()
    if team is None:
        raise NotFound
    return _called(
        services.call_team(row, team, subject=request.POST.get("subject", ""), by=request.actor, at=at)
    )


def _call_scene(request: DeskRequest, row: Incident, at: datetime) -> str:
    scene = _scene(request, row)
    return _called(
        services.call_scene(scene, subject=request.POST.get("subject", ""), by=request.actor, at=at)
    )


def _called(call: RoomCall) -> str:
    if call.way == "hand":
        return _("%(name)s has no number here; call and write the outcome down.") % {"name": call.name}
    return _("%(name)s is being called.") % {"name": call.name}


def _note_call(request: DeskRequest, row: Incident, at: datetime) -> str:
    given = request.POST
    services.note_call(
        row, name=given.get("name", ""), subject=given.get("subject", ""), words=given.get("words", ""),
        outcome=given.get("outcome", ""), by=request.actor, at=at,
    )  # fmt: skip
    return _("Call recorded.")


def _call_outcome(request: DeskRequest, row: Incident, at: datetime) -> str:
    given = request.POST
    services.record_outcome(
        row_of(RoomCall, row, given.get("call", "")), given.get("outcome", ""), words=given.get("words", ""),
        by=request.actor, at=at,
    )  # fmt: skip
    return _("Outcome recorded.")


_VERBS: dict[str, Verb] = {
    "open_group": _open_group,
    "open_field_groups": _open_field_groups,
    "edit_group": _edit_group,
    "close_group": _close_group,
    "transfer": _transfer,
    "open_scene": _open_scene,
    "edit_scene": _edit_scene,
    "move_scene": _move_scene,
    "order_scene": _order_scene,
    "ask_decision": _ask_decision,
    "make_decision": _make_decision,
    "decide": _decide,
    "drop_decision": _drop_decision,
    "plan_consultation": _plan_consultation,
    "add_assessment": _add_assessment,
    "ask_expert": _ask_expert,
    "answer_expert": _answer_expert,
    "decline_expert": _decline_expert,
    "ask_again": _ask_again,
    "add_link": _add_link,
    "remove_link": _remove_link,
    "draft_situation": _draft_situation,
    "call_person": _call_person,
    "call_team": _call_team,
    "call_scene": _call_scene,
    "note_call": _note_call,
    "call_outcome": _call_outcome,
}
#: These ask whether the actor commands that scene; the others whether he commands the incident.
_OF_SCENES = frozenset({"edit_scene", "move_scene", "call_scene"})
_TABS = {
    **dict.fromkeys(("open_group", "open_field_groups", "edit_group", "close_group", "transfer"), "groups"),
    **dict.fromkeys(("open_scene", "edit_scene", "move_scene", "order_scene", "call_scene"), "scenes"),
    **dict.fromkeys(("ask_decision", "make_decision", "decide", "drop_decision"), "decisions"),
    **dict.fromkeys(("plan_consultation", "add_assessment"), "consultations"),
    **dict.fromkeys(("ask_expert", "answer_expert", "decline_expert", "ask_again"), "experts"),
    "call_team": "teams",
    **dict.fromkeys(
        ("add_link", "remove_link", "draft_situation", "call_person", "note_call", "call_outcome"),
        "documents",
    ),
}


@desk
def consultation(request: DeskRequest, consultation_id: uuid.UUID) -> HttpResponse:
    """One consultation: begin it, write its minutes, end it with conclusions."""
    row = access_consultation(request.actor, consultation_id)
    error: Refusal | None = None
    if request.method == "POST":
        row = access_consultation(request.actor, consultation_id, need=Right.COMMAND)
        try:
            with transaction.atomic():
                _consult(request, row, clocks.now(row.exercise_id))
            return redirect("console:consultation", row.pk)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            error = refusal
            row = access_consultation(request.actor, consultation_id)
    page = {
        "incident": row.incident,
        "row": row,
        "state": words.consultation_words()[row.state],
        "chip": words.CONSULTATION_CHIPS[row.state],
        "writes": may_write(request.actor, row.incident) and row.state != "cancelled",
        "typed": request.POST if error is not None else None,
        "error": error,
        "read_at": request.now,
    }
    return render(
        request, "console/command/consultation.html", page, status=200 if error is None else error.status
    )


def _consult(request: DeskRequest, row: Consultation, at: datetime) -> None:
    given, verb, by = request.POST, request.POST.get("verb", ""), request.actor
    if verb == "cancel":
        services.cancel_consultation(row, by=by, at=at)
        return
    if verb == "open":
        services.open_consultation(row, by=by, at=at)
        return
    if verb not in ("minutes", "close"):
        raise NotFound
    services.write_minutes(
        row, minutes=given.get("minutes", ""), conclusions=given.get("conclusions", ""), chair=given.get("chair", ""),
        attendees=forms.names(given, "attendees"), link=given.get("link", ""), by=by, at=at,
    )  # fmt: skip
    if verb == "close":
        services.close_consultation(row, by=by, at=at)


@desk
def situation(request: DeskRequest, situation_id: uuid.UUID) -> HttpResponse:
    """A situation report: read, corrected line by line, final, printed."""
    row = access_situation(request.actor, situation_id)
    error: Refusal | None = None
    if request.method == "POST":
        row = access_situation(request.actor, situation_id, need=Right.COMMAND)
        at = clocks.now(row.exercise_id)
        try:
            with transaction.atomic():
                lines = [request.POST.get(f"part_{n}", "").splitlines() for n in range(len(row.parts))]
                services.edit_situation(row, lines=lines, by=request.actor, at=at)
                if request.POST.get("verb") == "final":
                    services.finish_situation(row, by=request.actor, at=at)
            return redirect("console:situation", row.pk)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            error = refusal
            row = access_situation(request.actor, situation_id)
    page = {
        "incident": row.incident,
        "row": row,
        "state": words.report_words()[row.state],
        "parts": [
            (n, part["heading"], part["lines"], "\n".join(part["lines"])) for n, part in enumerate(row.parts)
        ],
        "writes": may_write(request.actor, row.incident) and row.state == "draft",
        "error": error,
        "read_at": request.now,
    }
    return render(
        request, "console/command/situation.html", page, status=200 if error is None else error.status
    )
