"""The boards of the incident room, one a tab: rows for the templates, each from a fixed number of queries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from anlan.command import queries
from anlan.command.models import (
    Consultation,
    Decision,
    ExpertCall,
    RoomCall,
    RoomLink,
    Scene,
    SituationReport,
)
from anlan.command.services.asking import ANSWERS_WITHIN
from anlan.console import roomwords as words
from anlan.console.mine import url_of
from anlan.dispatch import boards, orderboard
from anlan.dispatch.jobwords import JOB_STATES, REQUEST_STATES
from anlan.dispatch.orderwords import STATES as ORDER_STATES
from anlan.incidents.models import Incident
from anlan.resources.models import Team

Board = dict[str, Any]

_ORDER_CHIPS = {"finished": "chip--done", "started": "chip--answered", "acknowledged": "chip--answered", "issued": "chip--waiting",
                "could_not": "chip--unanswered"}  # fmt: skip
_JOB_CHIPS = {"told": "chip--waiting", "left": "chip--waiting", "arrived": "chip--answered", "working": "chip--answered",
              "done": "chip--done", "back": "chip--done", "refused": "chip--unanswered"}  # fmt: skip
_REQUEST_CHIPS = {
    "asked": "chip--unanswered",
    "approved": "chip--waiting",
    "sent": "chip--waiting",
    "received": "chip--done",
}
#: Rows of one board; the rest are on the page of their own.
MOST = 200
#: The same of orders, which are late first: whoever wants all of them works on their own board.
ORDERS = 60


def groups(incident: Incident, at: datetime) -> Board:
    sources = words.source_words()
    held = queries.in_command(incident)
    roles = words.role_words()
    return {
        "groups": [(one, sources.get(one.source, one.source)) for one in queries.groups_of(incident)],
        "transfers": [
            (one, roles[one.role], held.get((one.role, one.scene_id)) == one)
            for one in queries.transfers_of(incident)
        ],
    }


def orders(incident: Incident, at: datetime) -> Board:
    rows = orderboard.orders_of(incident, at)
    return {
        "rows": [
            (one, words.said(ORDER_STATES[one.state]), _ORDER_CHIPS.get(one.state, ""), url_of("console:order", one.id))
            for one in rows[:ORDERS]
        ],
        "counts": orderboard.count(rows),
        "more": max(0, len(rows) - ORDERS),
        "url": url_of("console:room_orders", incident.pk) or url_of("console:orders"),
    }  # fmt: skip


def teams(incident: Incident, at: datetime) -> Board:
    rows = boards.teams_of(incident)
    led = dict(Team.objects.filter(pk__in={one.team_id for one in rows}).values_list("pk", "leader__name"))
    return {
        "rows": [
            (
                one, words.said(JOB_STATES[one.state]), _JOB_CHIPS.get(one.state, ""), led.get(one.team_id) or "",
                url_of("console:job", one.job_id),
            )
            for one in rows[:MOST]
        ],
        "url": url_of("console:job_send", incident.pk) or url_of("console:forces"),
    }  # fmt: skip


def requests(incident: Incident, at: datetime) -> Board:
    return {
        "rows": [
            (one, words.said(REQUEST_STATES[one.state]), _REQUEST_CHIPS.get(one.state, ""), url_of("console:supply_request", one.request_id))
            for one in boards.requests_of(incident)[:MOST]
        ],
        "url": url_of("console:supply_request_new", incident.pk) or url_of("console:supply_requests"),
    }  # fmt: skip


def scenes(incident: Incident, at: datetime) -> Board:
    phases, held = words.phase_words(), queries.in_command(incident)
    rows = queries.scenes_of(incident)
    return {
        "rows": [
            {
                "scene": one,
                "phase": phases[one.state],
                "chip": words.PHASE_CHIPS[one.state],
                "commander": held.get(("scene_commander", one.pk)),
                "next": [(to, phases[to]) for to in _next(one) if to != "closed"],
            }
            for one in rows
        ],
        "open": sum(one.state != "closed" for one in rows),
    }


def _next(scene: Scene) -> list[str]:
    order = list(words.phase_words())
    return sorted(scene.transitions[scene.state], key=order.index)


def decisions(incident: Incident, at: datetime) -> Board:
    waiting = queries.open_decisions(incident)
    over = Decision.objects.filter(incident=incident).exclude(pk__in=[one.pk for one in waiting])
    return {
        "waiting": [(one, one.needed_by is not None and one.needed_by <= at) for one in waiting],
        "made": sorted(
            over, key=lambda one: (one.made_at is not None, one.made_at or at, one.pk), reverse=True
        )[:MOST],
    }


def consultations(incident: Incident, at: datetime) -> Board:
    states, parts = words.consultation_words(), words.part_words()
    rows = Consultation.objects.filter(incident=incident).order_by("-starts_at", "-pk")[:MOST]
    return {
        "rows": [(one, states[one.state], words.CONSULTATION_CHIPS[one.state]) for one in rows],
        "versions": [
            (
                one.row,
                [(name, getattr(one.row, part), part in one.changed) for part, name in parts.items() if getattr(one.row, part)],
                number == 0,
            )
            for number, one in enumerate(queries.versions_of(incident)[:20])
        ],
    }  # fmt: skip


def experts(incident: Incident, at: datetime) -> Board:
    states, ways = words.expert_words(), words.way_words()
    rows = ExpertCall.objects.filter(incident=incident).select_related("expert__person")
    listed = sorted(rows, key=lambda one: (one.state != "asked", -one.asked_at.timestamp()))
    return {
        "rows": [
            {
                "call": one,
                "state": states[one.state],
                "chip": words.EXPERT_CHIPS[one.state],
                "way": ways.get(one.via, one.via),
                "due_at": one.asked_at + ANSWERS_WITHIN,
                "is_late": one.state == "asked" and one.asked_at + ANSWERS_WITHIN <= at,
            }
            for one in listed[:MOST]
        ]
    }


def documents(incident: Incident, at: datetime) -> Board:
    states, kinds, outcomes, ways = (
        words.report_words(),
        words.link_words(),
        words.outcome_words(),
        words.way_words(),
    )
    reports = SituationReport.objects.filter(incident=incident).defer("parts").order_by("-number")[:50]
    links = RoomLink.objects.filter(incident=incident, removed_at=None).order_by("-added_at", "-pk")[:MOST]
    calls = RoomCall.objects.filter(incident=incident).order_by("-called_at", "-pk")[:50]
    return {
        "reports": [(one, states[one.state]) for one in reports],
        "links": [(one, kinds.get(one.kind, one.kind)) for one in links],
        "calls": [(one, ways.get(one.way, one.way), outcomes.get(one.outcome, one.outcome)) for one in calls],
    }


def meetings_of(incident: Incident) -> list[RoomLink]:
    """The newest video meetings, for the head of the room."""
    rows = RoomLink.objects.filter(incident=incident, kind="meeting", removed_at=None)
    return list(rows.order_by("-added_at", "-pk")[:2])


BOARDS: dict[str, Callable[[Incident, datetime], Board]] = {
    "groups": groups,
    "orders": orders,
    "teams": teams,
    "requests": requests,
    "scenes": scenes,
    "decisions": decisions,
    "consultations": consultations,
    "experts": experts,
    "documents": documents,
}
