"""Every route of the program as stranger, as neighbour, as somebody without a post and as somebody without the right.

A new route without an entry in `DOORS` fails the first test.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from shapely.geometry import box
from starlette.requests import Request

from anlan.accounts.services import create_account
from anlan.assessment.periods import last_month
from anlan.assessment.services import draft_bulletin
from anlan.attachments.services import keep as keep_file
from anlan.command import services as command
from anlan.console import uploads
from anlan.console.tests import scenes
from anlan.console.tests.aftermath import build_aftermath
from anlan.console.tests.scenes import RAIN
from anlan.datacalls import services as datacalls
from anlan.datacalls.tests import scenes as data_scenes
from anlan.directory import services as directory
from anlan.directory.models import Contact, Shift
from anlan.directory.rostering import plan_shift, record_absence
from anlan.dispatch import services as dispatch
from anlan.dispatch.joblinks import token_of
from anlan.dispatch.links import token_for as order_token
from anlan.dispatch.services import issue_instruction
from anlan.dispatch.tests import forcescenes as scenes_of_forces
from anlan.dissemination.ladders import ladder_named
from anlan.dissemination.models import Callout, Delivery
from anlan.dissemination.queries_outlets import display_token
from anlan.dissemination.services import broadcast
from anlan.dissemination.services.android import pair_device
from anlan.dissemination.services.ladders import plain, propose_assignment, propose_ladder
from anlan.dissemination.services.outlets import OutletDetails, define_outlet
from anlan.documents.paper.shipped import shipped_template
from anlan.drills import services as drills
from anlan.drills.files import keep_file as keep_drill_file
from anlan.drills.script import Script, ScriptLine
from anlan.drivers.jsonmap.examples import example
from anlan.duty.services import raise_alarm
from anlan.duty.services.handovers import carry_note, offer_handover
from anlan.duty.services.links import register_link
from anlan.duty.services.periods import propose_period
from anlan.duty.services.rollcalls import answer_roll_call, call_the_roll, plan_roll_call
from anlan.duty.services.rooms import create_feed, open_room
from anlan.duty.services.swaps import ask_swap
from anlan.incidents import services as incidents
from anlan.incidents.models import Incident
from anlan.incidents.types import IncidentDetails
from anlan.intake import services as intake
from anlan.intake.files import keep_file as keep_intake_file
from anlan.intake.types import IntakeDetails
from anlan.journal.deadlines import note_failure
from anlan.journal.models import Announcement, Entry
from anlan.journal.sealer import seal_everything
from anlan.journal.services import note
from anlan.losses import services as losses
from anlan.losses.tests import scenes as loss_scenes
from anlan.losses.types import HouseDetails, PersonDetails
from anlan.papers import services as papers
from anlan.papers.builders import build_of
from anlan.places.models import Division
from anlan.places.services import load_divisions
from anlan.places.types import DivisionRow
from anlan.plans import services as plans
from anlan.plans.models import PlanFiling
from anlan.plans.tests import scenes as plan_scenes
from anlan.plans.word import write_docx
from anlan.portal import bounded
from anlan.project import rt
from anlan.project.live import Newsroom
from anlan.reporting import services as reporting
from anlan.reporting.models import ReportDelivery, ReportReceiver
from anlan.reporting.types import Draft
from anlan.resources import services as resources
from anlan.resources.types import AssetDetails, ExpertDetails, StockDetails
from anlan.review import services as reviews
from anlan.risk.services import define_zone
from anlan.risk.types import ZoneDetails
from anlan.sensing import services as sensing
from anlan.sensing.models import Camera, EnterpriseAlarm, IngestSource, Station, StationHappening
from anlan.sensing.services import quality
from anlan.sensing.services.connectors import (
    ConnectorDetails,
    ReceiverDetails,
    create_connector,
    create_receiver,
)
from anlan.sensing.services.enterprise import open_from_happening
from anlan.sensing.services.forecasts import Issue, take_forecast
from anlan.sensing.services.readtokens import create_read_token
from anlan.testing import PASSWORD, County
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.hazards import HazardType
from anlan.vocab.posts import PostKind
from anlan.warning import services as warnings
from anlan.warning.models import HazardWarning
from anlan.warning.services.capping import publish_cap
from anlan.warning.tests.strangers import build_incoming

PUBLIC, PLAIN, OBJECT, OWN = "public", "plain", "object", "own"
#: Words that nobody of Stone Bridge reads anywhere: places, people, stations and zones of Willow River.
FOREIGN = ("柳", "青石", "赵春兰", "钱进", "李梅", "周平", "999901101", "1000000008", RAIN)
#: And words that nobody of one enterprise of North Slope reads: its township, its village's people, the enterprise next door.
NEXT_DOOR = ("石桥", "刘强", "吴军", "北坡雨量站", "北坡矿业", "10000000007", "10000000011")
COUNTY_ONLY = ("陈静", "王建国")


@dataclass(frozen=True, slots=True)
class Door:
    """`kind`: open to strangers, about no object, about an object of Upper Willow, or about the reader's own things.

    `refused` names, by method, somebody who sees the object (or belongs to the county) and lacks the right.
    """

    kind: str
    methods: tuple[str, ...] = ("get",)
    refused: dict[str, str] = field(default_factory=dict)
    form: dict[str, str] = field(default_factory=dict)
    #: A person is sent to sign in; a program is told 401.
    for_strangers: int = 302


GET, POST, BOTH = ("get",), ("post",), ("get", "post")
DOORS: dict[str, Door] = {
    "accounts/sign-in/": Door(PUBLIC, BOTH),
    "accounts/sign-out/": Door(PUBLIC, POST),
    "accounts/language/": Door(PUBLIC, POST),
    "accounts/leave-drill/": Door(PUBLIC, POST),
    "accounts/password/": Door(OWN, BOTH),
    "api/android/v1/pull": Door(PUBLIC, POST),
    "api/android/v1/report": Door(PUBLIC, POST),
    "api/phone/v1/events": Door(PUBLIC, POST),
    "api/phone/v1/callback": Door(PUBLIC, POST),
    "api/duty/v1/heartbeat": Door(PUBLIC, POST),
    "api/duty/v1/calendar/<str:token>.ics": Door(PUBLIC),
    "api/display/v1/<str:token>.json": Door(PUBLIC),
    "api/ebd/v1": Door(PUBLIC, POST),
    "display/<str:token>/": Door(PUBLIC),
    "h/<str:token>": Door(PUBLIC, BOTH),
    "h/<str:token>/": Door(PUBLIC, BOTH),
    "t/<str:job_token>/": Door(PUBLIC, BOTH),
    "t/<str:job_token>/positions/": Door(PUBLIC, POST),
    "f/jobs/": Door(PLAIN),
    "f/jobs/<uuid:job_id>/": Door(OBJECT, BOTH, {"post": "Zhao"}, {"verb": "left"}),
    "f/jobs/<uuid:job_id>/positions/": Door(OBJECT, POST, {"post": "Zhao"}),
    "forces/": Door(PLAIN),
    "forces/teams/new/": Door(PLAIN, BOTH, {"get": "Zhao", "post": "Zhao"}, {"name": "不该有"}),
    "forces/teams/<uuid:team_id>/": Door(OBJECT),
    "forces/teams/<uuid:team_id>/edit/": Door(OBJECT, BOTH, {"get": "Zhao", "post": "Zhao"}, {"name": "不该有"}),
    "forces/teams/<uuid:team_id>/act/": Door(OBJECT, POST, {"post": "Zhao"}, {"verb": "retire"}),
    "forces/assets/": Door(PLAIN, BOTH, {"post": "Zhao"}, {"name": "不该有"}),
    "forces/assets/<uuid:asset_id>/": Door(OBJECT, BOTH, {"post": "Zhao"}, {"verb": "retire"}),
    "forces/experts/": Door(PLAIN, BOTH, {"post": "Zhao"}, {"title": "不该有"}),
    "forces/experts/<uuid:expert_id>/": Door(OBJECT, BOTH, {"post": "Zhao"}, {"verb": "retire"}),
    "forces/stock/": Door(PLAIN, BOTH, {"post": "Zhao"}, {"depot": "不该有"}),
    "forces/jobs/": Door(PLAIN),
    "forces/jobs/<uuid:job_id>/": Door(OBJECT),
    "forces/jobs/<uuid:job_id>/act/": Door(OBJECT, POST, {"post": "Zhao"}, {"verb": "left"}),
    "forces/requests/": Door(PLAIN),
    "forces/requests/<uuid:request_id>/": Door(OBJECT),
    "forces/requests/<uuid:request_id>/act/": Door(OBJECT, POST, {"post": "Zhao"}, {"verb": "approve"}),
    "incidents/<uuid:incident_id>/send/": Door(OBJECT, BOTH, {"get": "Zhao", "post": "Zhao"}, {"words": "不该有"}),
    "incidents/<uuid:incident_id>/arrivals/": Door(OBJECT, BOTH, {"get": "Zhao", "post": "Zhao"}, {"words": "不该有"}),
    "incidents/<uuid:incident_id>/requests/new/": Door(OBJECT, BOTH, {"get": "He", "post": "He"}, {"why": "不该有"}),
    "outlets/": Door(PLAIN),
    "outlets/new/": Door(PLAIN, BOTH, {"get": "Zhao", "post": "Zhao"}),
    "outlets/at/<uuid:outlet_id>/": Door(OBJECT, BOTH, {"post": "Zhao"}, {"name": "不该有"}),
    "hand/": Door(PLAIN),
    "hand/<uuid:delivery_id>/": Door(OBJECT, BOTH, {"post": "Zhao"}, {"name": "不该有"}),
    "hand/<uuid:delivery_id>/sheet/": Door(OBJECT),
    "api/forecasts": Door(PUBLIC, POST),
    "api/reporting/v1/reports": Door(PUBLIC, POST),
    "api/warnings/v1/incoming": Door(PUBLIC, POST),
    "api/cot/v1/events": Door(PUBLIC, ()),
    "api/intake/v1/reports": Door(PUBLIC, POST),
    "api/intake/v1/reports/<str:message_id>": Door(PUBLIC, ()),
    "api/intake/v1/ring": Door(PUBLIC, POST),
    "api/partners/v1/shares/<str:share_key>": Door(PUBLIC, ()),
    "api/dispatch/v1/orders": Door(PUBLIC, ()),
    "api/dispatch/v1/orders/<uuid:order_id>": Door(PUBLIC, ()),
    "api/dispatch/v1/orders/<uuid:order_id>/steps": Door(PUBLIC, ()),
    "api/sta/v1.1": Door(PLAIN, for_strangers=401),
    "api/sta/v1.1/": Door(PLAIN, for_strangers=401),
    "api/sta/v1.1/<path:path>": Door(OBJECT, for_strangers=401),
    "a/<str:token>": Door(PUBLIC, BOTH),
    "a/<str:token>/": Door(PUBLIC, BOTH),
    "a/<str:token>/households": Door(PUBLIC, BOTH),
    "a/<str:token>/photo": Door(PUBLIC, POST),
    "a/<str:token>/voice": Door(PUBLIC),
    "f/roll/<str:token>/": Door(PUBLIC, BOTH),
    "f/duty/": Door(PLAIN, BOTH, {"post": "He"}, {"verb": "check_in", "shift": str(uuid.UUID(int=7))}),
    "duty/": Door(PLAIN),
    "duty/check-in/<uuid:shift_id>/": Door(OBJECT, POST, {"post": "He"}, {"words": "不该有"}),
    "duty/rooms/": Door(PLAIN),
    "duty/rooms/open/": Door(PLAIN, POST, {"post": "Zhao"}, {"division": "999901101201"}),
    "duty/rooms/<uuid:room_id>/": Door(OBJECT, POST, {"post": "Zhao"}, {"name": "不该有"}),
    "duty/links/<uuid:link_id>/": Door(OBJECT, POST, {"post": "He"}, {"verb": "works"}),
    "duty/statistics/": Door(PLAIN),
    "duty/roster/": Door(PLAIN),
    "duty/roster/plan/": Door(PLAIN, POST, {"post": "Zhao"}, {"hours": "24"}),
    "duty/roster/copy/": Door(PLAIN, POST, {"post": "Zhao"}, {"week": "2026-07-01"}),
    "duty/roster/<uuid:room_id>/sheet/": Door(OBJECT),
    "duty/swaps/": Door(PLAIN, BOTH),
    "duty/swaps/<uuid:swap_id>/": Door(OBJECT, POST, {"post": "He"}, {"verb": "accept"}),
    "duty/periods/": Door(PLAIN, BOTH, {"post": "Zhao"}, {"title": "不该有"}),
    "duty/periods/<uuid:period_id>/": Door(OBJECT, POST, {"post": "Zhao"}, {"verb": "approve"}),
    "duty/feeds/": Door(PLAIN, BOTH),
    "duty/feeds/<uuid:calendar_id>/revoke/": Door(OBJECT, POST),
    "duty/roll-calls/": Door(PLAIN, BOTH, {"post": "Zhao"}, {"title": "不该有"}),
    "duty/roll-calls/<uuid:roll_call_id>/": Door(OBJECT, BOTH, {"post": "Zhao"}, {"verb": "close"}),
    "duty/roll-calls/seats/<uuid:roll_seat_id>/": Door(OBJECT, POST, {"post": "Zhao"}, {"way": "video"}),
    "duty/handover/": Door(PLAIN, BOTH),
    "duty/handover/<uuid:handover_id>/": Door(OBJECT, BOTH, {"post": "He"}, {"verb": "withdraw"}),
    "duty/notes/": Door(PLAIN, POST),
    "duty/notes/<uuid:note_id>/": Door(OBJECT, POST, {"post": "He"}),
    "duty/log/": Door(PLAIN, BOTH),
    "p/": Door(PUBLIC),
    "p/report/": Door(PUBLIC, BOTH),
    "r/<str:unit_token>/": Door(PUBLIC, BOTH),
    "f/report/": Door(PLAIN, BOTH, {"get": "He", "post": "He"}, {"text": "不该有", "division": "999901101201"}),
    "f/reports/": Door(PLAIN, GET, {"get": "He"}),
    "f/reports/<uuid:intake_id>/": Door(OBJECT, BOTH, {"post": "Zhao"}, {"verb": "sign"}),
    "intake/": Door(PLAIN, GET, {"get": "Zhao"}),
    "intake/new/": Door(PLAIN, BOTH, {"get": "Zhao", "post": "Zhao"}, {"source": "phone", "text": "不该有"}),
    "intake/beside/": Door(PLAIN, POST, {"post": "Zhao"}),
    "intake/places/": Door(PLAIN, GET, {"get": "Zhao"}),
    "intake/rings/": Door(PLAIN, GET, {"get": "Zhao"}),
    "intake/sources/": Door(PLAIN, GET, {"get": "Zhao"}),
    "intake/sources/nil/": Door(PLAIN, POST, {"post": "Zhao"}, {"source": "110"}),
    "intake/senders/": Door(PLAIN, BOTH, {"get": "Zhao", "post": "Li"}, {"name": "不该有", "kind": "token"}),
    "intake/senders/<uuid:intake_sender_id>/unlist/": Door(OBJECT, POST, {"post": "Li"}),
    "intake/take-over/<uuid:alarm_id>/": Door(OBJECT, POST, {"post": "Zhao"}),
    "intake/<uuid:intake_id>/": Door(OBJECT),
    "intake/<uuid:intake_id>/act/": Door(OBJECT, POST, {"post": "Zhao"}, {"verb": "verify"}),
    "intake/<uuid:intake_id>/found/": Door(OBJECT, POST, {}, {"finding": "found_true"}),
    "intake/<uuid:intake_id>/files/": Door(OBJECT, POST, {"post": "Zhao"}),
    "intake/<uuid:intake_id>/files/<uuid:intake_file_id>/": Door(OBJECT),
    "p/large/": Door(PUBLIC),
    "p/warnings/<uuid:public_id>/": Door(PUBLIC),
    "p/large/warnings/<uuid:public_id>/": Door(PUBLIC),
    "p/feeds/warnings.atom": Door(PUBLIC),
    "p/feeds/warnings.rss": Door(PUBLIC),
    "p/cap/<uuid:message_id>.xml": Door(PUBLIC),
    "f/": Door(PLAIN),
    "f/seats/<uuid:seat_id>/": Door(OBJECT, BOTH, {"post": "He"}, {"meaning": "answered", "words": "电台"}),
    "f/readings/": Door(PLAIN, GET, {"get": "He"}),
    "f/readings/<str:code>/": Door(
        OBJECT, BOTH, {"get": "He", "post": "He"}, {"quantity": "rain_5min", "value": "1", "words": "不该有"}
    ),
    "f/data/": Door(PLAIN, BOTH, {"get": "He", "post": "He"}, {"place": "999901101201", "verb": "file"}),
    "f/gateway/<str:gateway_token>/": Door(PUBLIC, BOTH, {}, {"verb": "sent", "message": "x"}),
    "f/review/<uuid:warning_id>": Door(OBJECT, BOTH, {"get": "Li", "post": "Li"}, {"verb": "sign"}),
    "f/review/<uuid:warning_id>/": Door(OBJECT, BOTH, {"get": "Li", "post": "Li"}, {"verb": "sign"}),
    "": Door(PLAIN),
    "banner/": Door(PLAIN),
    "stacks/": Door(PLAIN),
    "strip/": Door(PLAIN),
    "log/": Door(PLAIN),
    "log/note/": Door(PLAIN, POST, {"post": "Zhao"}, {"text": "记一笔"}),
    "alarms/<uuid:alarm_id>/confirm/": Door(OBJECT, POST, {"post": "Zhao"}),
    "theme/": Door(OWN, POST),
    "find/": Door(PLAIN),
    "warnings/": Door(PLAIN),
    "warnings/new/": Door(PLAIN, BOTH, {"get": "Li", "post": "Li"}, {"hazard_type": "flash_flood"}),
    "warnings/check/": Door(PLAIN, POST, {"post": "Li"}, {"hazard_type": "flash_flood", "level": "2"}),
    "warnings/count/": Door(PLAIN, POST, {"post": "Li"}),
    "warnings/areas/<uuid:area_id>/put-away/": Door(OBJECT, POST, {"post": "Li"}),
    "warnings/texts/": Door(PLAIN, BOTH, {"post": "Li"}, {"text": "不该有"}),
    "warnings/texts/<uuid:text_id>/act/": Door(
        OBJECT, POST, {"post": "Li"}, {"verb": "approve", "reason": "不该有"}
    ),
    "warnings/authority/": Door(PLAIN, BOTH, {"post": "Li"}, {"source": "不该有"}),
    "warnings/authority/<uuid:right_id>/act/": Door(
        OBJECT, POST, {"post": "Li"}, {"verb": "approve", "reason": "不该有"}
    ),
    "map/sites.json": Door(PLAIN),
    "warnings/pre-authorisations/": Door(PLAIN, BOTH, {"post": "Chen"}, {"name": "不该有"}),
    "warnings/pre-authorisations/<uuid:permission_id>/revoke/": Door(OBJECT, POST, {"post": "Chen"}),
    "warnings/<uuid:warning_id>/": Door(OBJECT),
    "warnings/<uuid:warning_id>/fragment/": Door(OBJECT),
    "warnings/<uuid:warning_id>/act/": Door(OBJECT, POST, {"post": "Li"}, {"verb": "lift", "reason": "雨停"}),
    "warnings/<uuid:warning_id>/update/": Door(OBJECT, BOTH, {"get": "Li", "post": "Li"}),
    "incoming/": Door(PLAIN),
    "incoming/paste/": Door(PLAIN, BOTH, {"get": "Li", "post": "Li"}, {"text": "不该有", "verb": "keep"}),
    "incoming/sources/": Door(PLAIN, BOTH, {"post": "Chen"}, {"verb": "sender", "kind": "sms", "value": "1", "name": "不该有"}),
    "incoming/senders/<uuid:sender_id>/unlist/": Door(OBJECT, POST, {"post": "Chen"}),
    "incoming/feeds/<uuid:feed_id>/stop/": Door(OBJECT, POST, {"post": "Chen"}),
    "incoming/reports/<uuid:report_id>/": Door(OBJECT),
    "incoming/reports/<uuid:report_id>/told/": Door(OBJECT, POST, {"post": "He"}, {"way": "fax", "to": "不该有"}),
    "incoming/<uuid:incoming_id>/": Door(OBJECT),
    "incoming/<uuid:incoming_id>/act/": Door(OBJECT, POST, {"post": "He"}, {"verb": "ignore", "reason": "不该有"}),
    "callouts/": Door(PLAIN),
    "callouts/replies/": Door(PLAIN, GET, {"get": "Zhao"}),
    "callouts/<uuid:callout_id>/": Door(OBJECT),
    "callouts/<uuid:callout_id>/board/": Door(OBJECT),
    "callouts/<uuid:callout_id>/close/": Door(OBJECT, POST, {"post": "Li"}, {"reason": "不该关"}),
    "seats/<uuid:seat_id>/": Door(OBJECT),
    "files/<uuid:file_id>/": Door(OBJECT),
    "seats/<uuid:seat_id>/act/": Door(OBJECT, POST, {"post": "Zhao"}, {"verb": "note", "text": "不该有"}),
    "seats/<uuid:seat_id>/silence/": Door(OBJECT),
    "seats/<uuid:seat_id>/reassign/": Door(OBJECT, POST, {"post": "Zhao"}, {"reason": "不该有"}),
    "seats/<uuid:seat_id>/task/": Door(OBJECT, POST, {"post": "Zhao"}, {"kind": "video", "words": "不该有"}),
    "seats/<uuid:seat_id>/order/": Door(OBJECT, POST, {"post": "Zhao"}, {"words": "不该有"}),
    "statistics/": Door(PLAIN),
    "statistics/table.csv": Door(PLAIN),
    "contact-tests/": Door(PLAIN),
    "contact-tests/plan/": Door(PLAIN, POST, {"post": "Zhao"}, {"division": "999901101201", "posts": "county_duty"}),
    "contact-tests/<uuid:test_id>/": Door(OBJECT),
    "contact-tests/<uuid:test_id>/cancel/": Door(OBJECT, POST, {"post": "Zhao"}),
    "outages/": Door(PLAIN),
    "outages/report/": Door(PLAIN, POST, {"post": "Zhao"}, {"division": "999901101201", "kind": "power"}),
    "outages/<uuid:outage_id>/end/": Door(OBJECT, POST, {"post": "Zhao"}),
    "warnings/<uuid:warning_id>/judge/": Door(OBJECT, POST, {"post": "Li"}, {"verdict": "hit", "words": "不该有"}),
    "missed/": Door(PLAIN, POST, {"post": "Li"}, {"division": "999901101201", "level": "1", "words": "不该有"}),
    "returns/": Door(PLAIN),
    "returns/<uuid:decision_id>/": Door(OBJECT, POST, {"post": "Li"}, {"verdict": "may_return", "words": "不该有"}),
    "notices/": Door(PLAIN),
    "notices/new/": Door(PLAIN, BOTH, {"get": "Li", "post": "Li"}, {"title": "不该有"}),
    "notices/<uuid:notice_id>/": Door(OBJECT),
    "notices/<uuid:notice_id>/act/": Door(OBJECT, POST, {"post": "Li"}, {"verb": "sign"}),
    "notices/<uuid:notice_id>/paper.docx": Door(OBJECT),
    "notices/<uuid:notice_id>/files/<uuid:attachment_id>/": Door(OBJECT),
    "stations/": Door(PLAIN),
    "stations/rows/": Door(PLAIN),
    "stations/id/<uuid:station_id>/": Door(OBJECT),
    "stations/at/<str:code>/": Door(OBJECT),
    "stations/at/<str:code>/series.json": Door(OBJECT),
    "stations/at/<str:code>/commands/": Door(OBJECT),
    "stations/at/<str:code>/commands/ask/": Door(OBJECT, POST, {"post": "Li"}, {"command": "query_realtime"}),
    "stations/commands/<uuid:command_id>/release/": Door(OBJECT, POST, {"post": "Li"}),
    "stations/commands/<uuid:command_id>/withdraw/": Door(OBJECT, POST, {"post": "Li"}),
    "stations/at/<str:code>/pictures/": Door(OBJECT),
    "stations/at/<str:code>/pictures/<str:picture_id>": Door(OBJECT),
    "quality/": Door(PLAIN),
    "quality/rows/": Door(PLAIN),
    "quality/maintenance/": Door(PLAIN, POST, {"post": "Li"}, {"station": RAIN, "hours": "1", "reason": "不该有"}),
    "quality/maintenance/<uuid:window_id>/": Door(OBJECT, POST, {"post": "Li"}, {"verdict": "grant"}),
    "stations/at/<str:code>/readings/judge/": Door(
        OBJECT, POST, {"post": "Li"}, {"quantity": "rain_5min", "t": "1782900000", "value": "1", "reason": "不该有"}
    ),
    "stations/at/<str:code>/maintenance/": Door(OBJECT, POST, {"post": "Li"}, {"hours": "1", "reason": "不该有"}),
    "stations/at/<str:code>/readings/record/": Door(
        OBJECT, POST, {"post": "He"}, {"quantity": "rain_5min", "value": "1", "reporter": "不该有"}
    ),
    "enterprise/": Door(PLAIN),
    "enterprise/rows/": Door(PLAIN),
    "enterprise/maintenance/": Door(
        PLAIN, POST, {"post": "Li"}, {"station": RAIN, "hours": "1", "reason": "不该有"}
    ),
    "enterprise/alarms/<uuid:enterprise_alarm_id>/": Door(OBJECT),
    "enterprise/alarms/<uuid:enterprise_alarm_id>/act/": Door(
        OBJECT, POST, {"post": "Li"}, {"verb": "close", "reason": "不该有"}
    ),
    "forecasts/": Door(PLAIN),
    "forecasts/new/": Door(PLAIN, BOTH, {"get": "Li", "post": "Li"}, {"target": f"station:{RAIN}"}),
    "forecasts/<uuid:forecast_id>/": Door(OBJECT),
    "history/": Door(PLAIN),
    "history/export/": Door(
        PLAIN, POST, {}, {"station": RAIN, "from": "2026-07-01T07:00", "to": "2026-07-01T08:00"}
    ),
    "history/at/<str:station_code>/": Door(OBJECT),
    "history/at/<str:station_code>/series.json": Door(OBJECT),
    "history/at/<str:station_code>/events/": Door(OBJECT),
    "history/at/<str:station_code>/events.json": Door(OBJECT),
    "history/at/<str:station_code>/export/": Door(
        OBJECT, POST, {}, {"from": "2026-07-01T07:00", "to": "2026-07-01T08:00"}
    ),
    "rain/": Door(PLAIN),
    "rain/export/": Door(PLAIN, POST),
    "channels/": Door(PLAIN, GET, {"get": "Zhao"}),
    "channels/rows/": Door(PLAIN, GET, {"get": "Zhao"}),
    "channels/test/": Door(PLAIN, POST, {"post": "Zhao"}, {"channel": "sms"}),
    "channels/filings/": Door(PLAIN, BOTH, {"get": "Zhao", "post": "Li"}, {"verb": "signature", "text": "不该有", "status": "filed"}),
    "channels/phones/": Door(PLAIN, BOTH, {"get": "Zhao", "post": "Li"}, {"name": "never"}),
    "rules/": Door(PLAIN),
    "rules/shipped/<slug:base>/": Door(PLAIN),
    "rules/shipped/<slug:base>/preview/": Door(PLAIN),
    "rules/shipped/<slug:base>/propose/": Door(
        PLAIN, BOTH, {"get": "Li", "post": "Li"}, {"reason": "不该有"}
    ),
    "rules/<uuid:rule_id>/": Door(OBJECT),
    "rules/<uuid:rule_id>/preview/": Door(OBJECT),
    "rules/<uuid:rule_id>/change/": Door(OBJECT, BOTH, {"get": "Li", "post": "Li"}, {"reason": "不该有"}),
    "rules/<uuid:rule_id>/act/": Door(OBJECT, POST, {"post": "Chen"}, {"verb": "approve"}),
    "ladders/": Door(PLAIN),
    "ladders/named/<slug:ladder_name>/": Door(PLAIN),
    "ladders/named/<slug:ladder_name>/edit/": Door(PLAIN, BOTH, {"get": "Li", "post": "Li"}, {"name": "x"}),
    "ladders/named/<slug:ladder_name>/simulate/": Door(PLAIN),
    "ladders/versions/<uuid:version_id>/": Door(OBJECT),
    "ladders/versions/<uuid:version_id>/act/": Door(OBJECT, POST, {"post": "Chen"}, {"verb": "approve"}),
    "ladders/uses/propose/": Door(PLAIN, POST, {"post": "Li"}, {"ladder": "anlan_default"}),
    "ladders/uses/<uuid:use_id>/act/": Door(OBJECT, POST, {"post": "Chen"}, {"verb": "approve"}),
    "roster/": Door(PLAIN),
    "roster/shifts/": Door(PLAIN, POST, {"post": "Zhao"}, {"from": "2026-07-01T08:00"}),
    "roster/absences/": Door(PLAIN, POST, {"post": "Zhao"}, {"reason": "不该有"}),
    "roster/shifts/<uuid:shift_id>/cancel/": Door(OBJECT, POST, {"post": "Zhao"}),
    "roster/absences/<uuid:absence_id>/cancel/": Door(OBJECT, POST, {"post": "Zhao"}),
    "map/divisions.json": Door(PLAIN),
    "map/rivers.json": Door(PLAIN),
    "map/zones.json": Door(PLAIN),
    "map/stations.json": Door(PLAIN),
    "map/callouts.json": Door(PLAIN),
    "map/incidents.json": Door(PLAIN),
    "reports/": Door(PLAIN),
    "reports/nil/": Door(PLAIN, POST, {"post": "Zhao"}),
    "reports/receivers/": Door(PLAIN, BOTH, {"post": "Chen"}, {"verb": "first"}),
    "reports/receivers/<uuid:receiver_id>/": Door(OBJECT, BOTH, {"post": "Chen"}, {"name": "不该有", "tier": "city"}),
    "reports/nodes/<uuid:node_id>/stop/": Door(OBJECT, POST, {"post": "Chen"}),
    "reports/clocks/<uuid:report_clock_id>/": Door(OBJECT, BOTH, {"post": "He"}, {"words": "不该有", "met_at": "2026-07-01T08:00"}),
    "reports/deliveries/<uuid:report_delivery_id>/act/": Door(OBJECT, POST, {"post": "He"}, {"verb": "handed"}),
    "reports/deliveries/<uuid:report_delivery_id>/letter.eml": Door(OBJECT, GET, {"get": "He"}),
    "reports/findings/<uuid:finding_id>/take-back/": Door(OBJECT, POST, {"post": "Li"}, {"evidence": "不该有"}),
    "reports/<uuid:upward_id>/": Door(OBJECT),
    "reports/<uuid:upward_id>/act/": Door(OBJECT, POST, {"post": "He"}, {"verb": "withdraw", "reason": "不该有"}),
    "reports/<uuid:upward_id>/edit/": Door(OBJECT, BOTH, {"get": "He", "post": "He"}, {"title": "不该有"}),
    "reports/<uuid:upward_id>/text.txt": Door(OBJECT),
    "incidents/<uuid:incident_id>/reports/": Door(OBJECT),
    "incidents/<uuid:incident_id>/reports/new/": Door(OBJECT, BOTH, {"get": "Zhao", "post": "Zhao"}, {"title": "不该有"}),
    "incidents/<uuid:incident_id>/reports/flash/": Door(OBJECT, POST, {"post": "Zhao"}, {"words": "不该有"}),
    "incidents/<uuid:incident_id>/findings/": Door(OBJECT, POST, {"post": "Zhao"}, {"kind": "omitted", "evidence": "不该有"}),
    "f/upward/": Door(PLAIN),
    "f/upward/new/": Door(PLAIN, BOTH, {"get": "Zhao", "post": "Zhao"}, {"title": "不该有"}),
    "f/upward/<uuid:upward_id>/": Door(OBJECT, BOTH, {"post": "He"}, {"verb": "sign"}),
    "incidents/": Door(PLAIN),
    "incidents/export/": Door(PLAIN, POST, {"post": "Zhao"}),
    "incidents/new/": Door(PLAIN, BOTH, {"get": "Zhao", "post": "Zhao"}),
    "incidents/<uuid:incident_id>/": Door(OBJECT),
    "incidents/<uuid:incident_id>/edit/": Door(OBJECT, BOTH, {"get": "Zhao", "post": "Zhao"}),
    "incidents/<uuid:incident_id>/act/": Door(OBJECT, POST, {"post": "Zhao"}, {"verb": "verify"}),
    "incidents/<uuid:incident_id>/plot/": Door(OBJECT, BOTH, {"post": "Zhao"}, {"verb": "place", "symbol": "shelter", "label": "不该有"}),
    "incidents/<uuid:incident_id>/plot/marks/": Door(OBJECT),
    "incidents/<uuid:incident_id>/plot/act/": Door(OBJECT, POST, {"post": "Zhao"}, {"verb": "place"}),
    "incidents/<uuid:incident_id>/plot.json": Door(OBJECT),
    "incidents/<uuid:incident_id>/merge/": Door(OBJECT, GET, {"get": "Zhao"}),
    "incidents/<uuid:incident_id>/room/": Door(OBJECT),
    "incidents/<uuid:incident_id>/room/head/": Door(OBJECT),
    "incidents/<uuid:incident_id>/room/timeline/": Door(OBJECT),
    "incidents/<uuid:incident_id>/room/board/<slug:tab>/": Door(OBJECT),
    "incidents/<uuid:incident_id>/room/act/": Door(OBJECT, POST, {"post": "Zhao"}, {"verb": "make_decision", "words": "不该有"}),
    "incidents/<uuid:incident_id>/replay/": Door(OBJECT),
    "incidents/<uuid:incident_id>/replay/moment/": Door(OBJECT),
    "incidents/<uuid:incident_id>/leader/": Door(OBJECT),
    "incidents/<uuid:incident_id>/leader/sheet/": Door(OBJECT),
    "consultations/<uuid:consultation_id>/": Door(OBJECT, BOTH, {"post": "Zhao"}, {"verb": "open"}),
    "situation/<uuid:situation_id>/": Door(OBJECT, BOTH, {"post": "Zhao"}, {"verb": "final"}),
    "orders/": Door(PLAIN),
    "orders/new/": Door(PLAIN, BOTH, {"get": "Zhao", "post": "Zhao"}, {"title": "不该有", "to": "999901101201"}),
    "orders/packs/": Door(PLAIN, GET, {"get": "Zhao"}),
    "orders/packs/new/": Door(PLAIN, BOTH, {"get": "Li", "post": "Li"}, {"code": "none", "name": "不该有"}),
    "orders/packs/<str:pack_code>/": Door(PLAIN, BOTH, {"get": "Zhao", "post": "Li"}, {"verb": "confirm"}),
    "rooms/<uuid:incident_id>/packs/<str:pack_code>/": Door(OBJECT, BOTH, {"get": "Zhao", "post": "Zhao"}, {"item": "posts"}),
    "orders/<uuid:order_id>/": Door(OBJECT),
    "orders/<uuid:order_id>/act/": Door(OBJECT, POST, {"post": "Zhao"}, {"verb": "withdraw", "words": "不该有"}),
    "rooms/<uuid:incident_id>/orders/": Door(OBJECT),
    "o/<str:order_token>/": Door(PUBLIC, BOTH),
    "f/orders/": Door(PLAIN, BOTH, {}, {"verb": "acknowledge"}),
    "chases/": Door(PLAIN, BOTH, {"post": "Zhao"}),
    "papers/": Door(PLAIN),
    "papers/make/<slug:paper_kind>/": Door(PLAIN, POST, {"post": "Zhao"}),
    "papers/new/<slug:asked_kind>/": Door(
        PLAIN, BOTH, {"get": "Zhao", "post": "Zhao"}, {"topic": "不该有", "decided": "不该有"}
    ),
    "papers/of/<slug:subject_kind>/<slug:subject_about>/<uuid:subject_id>/": Door(OBJECT, POST, {"post": "Zhao"}),
    "papers/brief/": Door(PLAIN, POST, {"post": "Zhao"}),
    "papers/templates/": Door(PLAIN),
    "papers/templates/upload/": Door(PLAIN, POST, {"post": "Zhao"}),
    "papers/templates/<slug:paper_kind>.docx": Door(PLAIN),
    "papers/templates/<uuid:paper_template_id>/act/": Door(OBJECT, POST, {"post": "Chen"}, {"act": "approve"}),
    "papers/templates/<uuid:paper_template_id>/sample/": Door(OBJECT),
    "papers/at/<uuid:paper_id>/": Door(OBJECT),
    "papers/at/<uuid:paper_id>/edit/": Door(OBJECT, BOTH, {"get": "He", "post": "He"}, {"title": "不该有"}),
    "papers/at/<uuid:paper_id>/act/": Door(OBJECT, POST, {"post": "He"}, {"act": "discard", "why": "不该有"}),
    "papers/at/<uuid:paper_id>/file.<slug:paper_form>": Door(OBJECT),
    "plans/": Door(PLAIN),
    "plans/new/": Door(PLAIN, BOTH, {"get": "Zhao", "post": "Zhao"}, {"title": "不该有"}),
    "plans/checklists/": Door(PLAIN),
    "plans/import/": Door(PLAIN, BOTH, {"get": "Zhao", "post": "Zhao"}),
    "plans/import/<str:plan_file>/": Door(OBJECT, GET, {"get": "Zhao"}),
    "plans/import/<str:plan_file>/apply/": Door(OBJECT, POST, {"post": "Zhao"}, {"title": "不该有"}),
    "plans/packs/": Door(PLAIN),
    "plans/packs/<slug:starter_code>/": Door(PLAIN),
    "plans/packs/<slug:starter_code>/pack.docx": Door(PLAIN),
    "plans/versions/<uuid:plan_version_id>/plan.docx": Door(OBJECT),
    "plans/versions/<uuid:plan_version_id>/plan.xlsx": Door(OBJECT),
    "plans/<uuid:plan_id>/": Door(OBJECT),
    "plans/<uuid:plan_id>/act/": Door(OBJECT, POST, {"post": "Zhao"}, {"verb": "draft", "why": "不该有"}),
    "plans/<uuid:plan_id>/face/": Door(OBJECT, BOTH, {"get": "Zhao", "post": "Zhao"}, {"title": "不该有"}),
    "plans/<uuid:plan_id>/checklist/": Door(OBJECT),
    "plans/<uuid:plan_id>/posts/<str:plan_post>/": Door(OBJECT),
    "plans/versions/<uuid:plan_version_id>/": Door(OBJECT),
    "plans/versions/<uuid:plan_version_id>/act/": Door(OBJECT, POST, {"post": "Li"}, {"verb": "approve"}),
    "plans/versions/<uuid:plan_version_id>/<slug:plan_part>/": Door(OBJECT, BOTH, {"get": "Zhao", "post": "Zhao"}),
    "plans/versions/<uuid:plan_version_id>/<slug:plan_part>/<str:plan_row>/": Door(
        OBJECT, BOTH, {"get": "Zhao", "post": "Zhao"}, {"title": "不该有"}
    ),
    "f/plans/cards/": Door(PLAIN),
    "f/plans/card/<uuid:plan_id>/<str:plan_post>/": Door(OBJECT),
    "plans/findings/": Door(PLAIN),
    "plans/progress/": Door(PLAIN),
    "plans/filings/": Door(PLAIN),
    "plans/filings/<uuid:plan_filing_id>/": Door(OBJECT),
    "plans/filings/<uuid:plan_filing_id>/act/": Door(OBJECT, POST, {"post": "Li"}, {"verb": "accept"}),
    "plans/<uuid:plan_id>/findings/": Door(OBJECT),
    "plans/<uuid:plan_id>/findings/act/": Door(OBJECT, POST, {"post": "Zhao"}, {"verb": "check"}),
    "plans/<uuid:plan_id>/studies/": Door(OBJECT),
    "plans/<uuid:plan_id>/studies/act/": Door(OBJECT, POST, {"post": "Zhao"}, {"verb": "add", "title": "不该有"}),
    "chases/<uuid:chase_id>/": Door(OBJECT),
    "chases/<uuid:chase_id>/act/": Door(OBJECT, POST, {"post": "He"}, {"verb": "answer", "answer": "不该有"}),
    "map/vehicles.json": Door(PLAIN),
    "fire/": Door(PLAIN),
    "fire/rows/": Door(PLAIN),
    "vehicles/": Door(PLAIN),
    "vehicles/rows/": Door(PLAIN),
    "map/cameras.json": Door(PLAIN),
    "drills/": Door(PLAIN),
    "drills/new/": Door(PLAIN, BOTH, {"get": "Li", "post": "Li"}, {"title": "不该有", "verb": "plan"}),
    "drills/<uuid:drill_id>/": Door(OBJECT),
    "drills/<uuid:drill_id>/lines/<slug:key>/": Door(
        OBJECT, BOTH, {"get": "Li", "post": "Li"}, {"at_min": "1", "title": "不该有"}
    ),
    "drills/calendar/": Door(PLAIN),
    "drills/library/": Door(PLAIN, GET, {"get": "Li"}),
    "drills/library/<slug:drill_pack>/": Door(PLAIN, GET, {"get": "Li"}),
    "drills/<uuid:drill_id>/script/": Door(
        OBJECT, BOTH, {"get": "Li", "post": "Li"}, {"verb": "library", "library": "flood"}
    ),
    "drills/<uuid:drill_id>/script/<slug:script_form>/": Door(OBJECT),
    "drills/<uuid:drill_id>/files/": Door(OBJECT, POST, {"post": "Li"}),
    "drills/<uuid:drill_id>/files/<uuid:drill_file_id>/": Door(OBJECT),
    "drills/<uuid:drill_id>/lessons/": Door(
        OBJECT, POST, {"post": "He"}, {"words": "不该有", "owner": "999901101201"}
    ),
    "tak/": Door(PLAIN, BOTH, {"get": "He", "post": "He"}, {"name": "not-to-be", "division": "999901101201"}),
    "tak/<uuid:tak_client_id>/revoke/": Door(OBJECT, POST, {"post": "He"}),
    "drills/<uuid:drill_id>/edit/": Door(OBJECT, BOTH, {"get": "Li", "post": "Li"}),
    "drills/<uuid:drill_id>/act/": Door(OBJECT, POST, {"post": "Li"}, {"verb": "start"}),
    "drills/<uuid:drill_id>/enter/": Door(OBJECT, POST, {}, {"verb": "enter"}),
    "drills/<uuid:drill_id>/review/": Door(OBJECT, POST, {"post": "Li"}),
    "cases/": Door(PLAIN),
    "cases/new/": Door(PLAIN, BOTH, {"get": "Zhao", "post": "Zhao"}, {"title": "不该有"}),
    "cases/<uuid:case_id>/": Door(OBJECT),
    "cases/<uuid:case_id>/edit/": Door(OBJECT, BOTH, {"get": "Zhao", "post": "Zhao"}, {"title": "不该有"}),
    "cases/<uuid:case_id>/retire/": Door(OBJECT, POST, {"post": "Zhao"}),
    "incidents/<uuid:incident_id>/case-files/": Door(OBJECT, BOTH, {"get": "Zhao", "post": "Zhao"}),
    "incidents/<uuid:incident_id>/case-files/<uuid:case_file_id>/archive.zip": Door(OBJECT, GET, {"get": "Zhao"}),
    "incidents/<uuid:incident_id>/review/": Door(OBJECT, BOTH, {"post": "Zhao"}),
    "reviews/": Door(PLAIN),
    "reviews/compare/": Door(PLAIN),
    "reviews/lessons/": Door(PLAIN),
    "reviews/lessons/<uuid:lesson_id>/": Door(OBJECT, BOTH, {"post": "He"}, {"verb": "mended", "words": "不该有"}),
    "reviews/<uuid:review_id>/": Door(OBJECT),
    "reviews/<uuid:review_id>/act/": Door(OBJECT, POST, {"post": "Zhao"}, {"verb": "reopen"}),
    "data-calls/": Door(PLAIN),
    "data-calls/new/": Door(PLAIN, BOTH, {"get": "Li", "post": "Li"}, {"title": "不该有"}),
    "data-calls/mine/": Door(PLAIN, BOTH, {"get": "He", "post": "He"}, {"place": "999901101201", "verb": "file"}),
    "data-calls/figures/": Door(PLAIN, GET, {"get": "Li"}),
    "data-calls/figures/<uuid:figure_id>/retire/": Door(OBJECT, POST, {"post": "He"}),
    "data-calls/<uuid:data_call_id>/": Door(OBJECT),
    "data-calls/<uuid:data_call_id>/board/": Door(OBJECT),
    "data-calls/<uuid:data_call_id>/table.xlsx": Door(OBJECT),
    "data-calls/<uuid:data_call_id>/end/": Door(OBJECT, POST, {"post": "He"}, {"verb": "end"}),
    "data-calls/seats/<uuid:data_seat_id>/": Door(OBJECT, BOTH, {"post": "He"}, {"verb": "nil"}),
    "data-calls/seats/<uuid:data_seat_id>/remind/": Door(OBJECT, POST, {"post": "Zhao"}),
    "data-calls/seats/<uuid:data_seat_id>/pass-on/": Door(OBJECT, POST, {"post": "He"}),
    "data-calls/seats/<uuid:data_seat_id>/sign/": Door(OBJECT, POST, {"post": "He"}),
    "f/losses/": Door(PLAIN, GET, {"get": "He"}),
    "f/losses/<uuid:course_id>/<str:code>/": Door(OBJECT, BOTH, {"get": "He", "post": "He"}, {"affected": "1"}),
    "losses/": Door(PLAIN),
    "losses/new/": Door(PLAIN, BOTH, {"get": "Li", "post": "Li"}, {"title": "不该有"}),
    "losses/<uuid:course_id>/": Door(OBJECT),
    "losses/<uuid:course_id>/board/": Door(OBJECT),
    "losses/<uuid:course_id>/act/": Door(OBJECT, POST, {"post": "Li"}, {"verb": "stable", "reason": "不该有"}),
    "losses/<uuid:course_id>/at/<str:code>/": Door(OBJECT, BOTH, {"post": "He"}, {"affected": "1"}),
    "losses/<uuid:course_id>/at/<str:code>/workbook.xlsx": Door(OBJECT),
    "losses/<uuid:course_id>/people/": Door(OBJECT, BOTH, {"post": "He"}, {"state": "dead", "division": "999901101201"}),
    "losses/<uuid:course_id>/houses/": Door(OBJECT, BOTH, {"post": "He"}, {"head": "不该有", "division": "999901101201"}),
    "losses/<uuid:course_id>/draft/": Door(OBJECT, POST, {"post": "Li"}),
    "losses/people/<uuid:lost_person_id>/act/": Door(OBJECT, POST, {"post": "He"}, {"verb": "struck", "reason": "不该有"}),
    "losses/houses/<uuid:damaged_house_id>/act/": Door(OBJECT, POST, {"post": "He"}, {"reason": "不该有"}),
    "losses/township-reports/<uuid:township_report_id>/return/": Door(OBJECT, POST, {"post": "Li"}, {"reason": "不该有"}),
    "losses/reports/<uuid:loss_report_id>/": Door(OBJECT),
    "losses/reports/<uuid:loss_report_id>/act/": Door(OBJECT, POST, {"post": "He"}, {"verb": "save"}),
    "losses/reports/<uuid:loss_report_id>/sheet.xlsx": Door(OBJECT),
    "losses/reports/<uuid:loss_report_id>/text/": Door(OBJECT),
    "boards/": Door(PLAIN),
    "boards/arrival/": Door(PLAIN),
    "boards/coverage/": Door(PLAIN),
    "boards/mandatory/": Door(PLAIN),
    "boards/enterprises/": Door(PLAIN),
    "boards/cameras/": Door(PLAIN),
    "boards/cameras/catalogue/": Door(PLAIN, POST, {"post": "Li"}),
    "boards/cameras/at/<str:code>/": Door(OBJECT),
    "directory/": Door(PLAIN),
    "directory/checks/": Door(PLAIN),
    "directory/at/<str:code>/": Door(OBJECT),
    "directory/at/<str:code>/numbers/": Door(OBJECT),
    "directory/at/<str:code>/appoint/": Door(
        OBJECT, POST, {"post": "Zhao"}, {"kind": "information_officer", "role": "A", "name": "不该有"}
    ),
    "directory/people/<uuid:person_id>/": Door(OBJECT),
    "directory/people/<uuid:person_id>/contact/": Door(
        OBJECT, POST, {"post": "Zhao"}, {"kind": "mobile", "value": "10000000099"}
    ),
    "directory/people/<uuid:person_id>/describe/": Door(OBJECT, POST, {"post": "Zhao"}, {"name": "不该有"}),
    "directory/people/<uuid:person_id>/account/": Door(OBJECT, POST, {"post": "Li"}, {"verb": "reset"}),
    "accounts/": Door(PLAIN, GET, {"get": "Li"}),
    "directory/holdings/<uuid:holding_id>/end/": Door(OBJECT, POST, {"post": "Zhao"}),
    "directory/contacts/<uuid:contact_id>/end/": Door(OBJECT, POST, {"post": "Zhao"}),
    "directory/contacts/<uuid:contact_id>/verify/": Door(OBJECT, POST, {"post": "Zhao"}),
    "imports/": Door(PLAIN, GET, {"get": "Zhao"}),
    "imports/<slug:kind_name>/template.xlsx": Door(PLAIN, GET, {"get": "Zhao"}),
    "imports/<slug:kind_name>/upload/": Door(PLAIN, POST, {"post": "Zhao"}),
    "imports/checked/<slug:token>/": Door(OBJECT),
    "imports/checked/<slug:token>/apply/": Door(OBJECT, POST, {}, {"decision": "all"}),
    "connect/": Door(PLAIN, GET, {"get": "Li"}),
    "connect/rows/": Door(PLAIN, GET, {"get": "Li"}),
    "connect/new/": Door(PLAIN, BOTH, {"get": "Li", "post": "Li"}, {"name": "不该有", "verb": "save"}),
    "connect/tokens/": Door(PLAIN, BOTH, {"get": "Li", "post": "Li"}, {"name": "不该有", "division": "999901101201"}),
    "connect/tokens/<uuid:token_id>/revoke/": Door(OBJECT, POST, {"post": "Li"}),
    "connect/sources/": Door(PLAIN, BOTH, {"get": "Li", "post": "Li"}, {"name": "不该有"}),
    "connect/sources/<uuid:ingest_source_id>/": Door(PLAIN, POST, {"post": "Li"}, {"verb": "revoke"}),
    "connect/at/<slug:connector_name>/": Door(PLAIN, BOTH, {"get": "Li", "post": "Li"}, {"verb": "stop"}),
    "connect/at/<slug:connector_name>/stations/": Door(PLAIN, POST, {"post": "Li"}, {"code": "61519999"}),
    "connect/receivers/new/": Door(PLAIN, BOTH, {"get": "Li", "post": "Li"}, {"name": "不该有", "verb": "save"}),
    "connect/receivers/at/<slug:receiver_name>/": Door(PLAIN, BOTH, {"get": "Li", "post": "Li"}, {"verb": "stop"}),
    "scores/": Door(PLAIN),
    "scores/table.xlsx": Door(PLAIN),
    "scores/places/<slug:scored_place>/": Door(OBJECT),
    "scores/bulletins/draft/": Door(PLAIN, POST, {"post": "Chen"}, {"period": "2026-06"}),
    "scores/bulletins/<uuid:bulletin_id>/": Door(OBJECT),
    "scores/bulletins/<uuid:bulletin_id>/act/": Door(OBJECT, POST, {"post": "Chen"}, {"verb": "publish"}),
    "scores/bulletins/<uuid:bulletin_id>/table.xlsx": Door(OBJECT),
    "responses/": Door(PLAIN),
    "responses/rows/": Door(PLAIN),
    "responses/bodies/": Door(PLAIN, BOTH, {"post": "Li"}, {"name": "不该有"}),
    "responses/bodies/<uuid:body_id>/": Door(OBJECT, BOTH, {"post": "Zhao"}, {"verb": "dissolve"}),
    "responses/joint-duty/": Door(PLAIN, BOTH, {"post": "Zhao"}, {"title": "不该有", "division": "999901101000"}),
    "responses/joint-duty/<uuid:joint_duty_id>/": Door(OBJECT, BOTH, {"post": "Zhao"}, {"verb": "end", "why": "不该有"}),
    "responses/consents/": Door(PLAIN, BOTH, {"post": "Li"}, {"level": "4"}),
    "responses/mode/": Door(PLAIN, BOTH, {"post": "Li"}, {"mode": "emergency", "why": "不该有"}),
    "responses/notices/<uuid:response_notice_id>/": Door(OBJECT, BOTH, {"post": "Zhao"}, {"verb": "sign"}),
    "responses/at/<uuid:activation_id>/": Door(OBJECT),
    "responses/at/<uuid:activation_id>/board/": Door(OBJECT),
    "responses/at/<uuid:activation_id>/decide/": Door(
        OBJECT, BOTH, {"post": "Zhao"}, {"verb": "open", "level": "4", "why": "不该有"}
    ),
    "incidents/<uuid:incident_id>/response/": Door(OBJECT, BOTH, {"post": "Zhao"}, {"verb": "propose", "level": "4"}),
    "incidents/<uuid:incident_id>/share/": Door(OBJECT, POST, {"post": "Zhao"}, {"verb": "share", "partner": "fire"}),
    "journal/": Door(PLAIN, GET, {"get": "Zhao"}),
    "journal/failures/<uuid:announcement_id>/retry/": Door(PLAIN, POST, {"post": "Zhao"}),
}  # fmt: skip


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    """Every route of the URL conf as it is written."""
    for pattern in (resolver or get_resolver()).url_patterns:
        here = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield here
        else:
            yield from routes(pattern, here)


#: Links that are themselves the capability: whoever holds one reads what it is about.
LINKS = ("h/", "o/", "t/", "r/", "display/", "api/display/", "f/roll/", "api/duty/v1/calendar/")
_TOKENS = {
    "h/": "hand_token",
    "o/": "order_token",
    "t/": "job_token",
    "r/": "unit_token",
    "f/roll/": "roll_token",
    "api/duty/": "feed_token",
}


@dataclass(slots=True)
class Scene:
    """Something of Upper Willow behind every route, and what stands there instead when nothing exists."""

    county: County
    keys: dict[str, str]
    token: str

    def address(self, route: str, *, missing: bool = False) -> str:
        def key(found: re.Match[str]) -> str:
            name = found[1]
            if name == "kind_name":
                return "contacts"
            if route.startswith("a/"):
                return "0" * 43 if missing else self.token
            if route.startswith(LINKS):
                return (
                    "0" * 43
                    if missing
                    else self.keys[
                        next(
                            (key for start, key in _TOKENS.items() if route.startswith(start)),
                            "display_token",
                        )
                    ]
                )
            name = (
                f"station_{name}"
                if name == "code" and route.startswith(("stations/", "f/readings/"))
                else name
            )
            name = "camera_code" if name == "code" and route.startswith("boards/cameras/") else name
            return NOWHERE.get(name, str(uuid.UUID(int=7))) if missing else self.keys[name]

        return "/" + re.sub(r"<\w+:(\w+)>", key, route)


NOWHERE = {
    "pack_code": "nothing",
    "path": "Things('nobody')",
    "connector_name": "nothing",
    "receiver_name": "nothing",
    "code": "999901101299",
    "station_code": "0000000000",
    "camera_code": "9" * 20,
    "token": "B" * 32,
    "picture_id": "2026-07-01.9999",
}


@pytest.fixture
def scene(county: County, tmp_path: Path, settings: Any) -> Scene:
    settings.ANLAN_DATA = tmp_path
    by, at, upper = county.by, county.now, county.divisions["Upper Willow"]
    stations = scenes.build_stations(county)
    camera = _enterprises(county)
    zone = ZoneDetails("柳河沟口", HazardType.FLASH_FLOOD, upper, box(102.915, 27.405, 102.925, 27.415))
    define_zone("WQ-001", zone, by=by, at=at)
    scenes.store(tmp_path, RAIN, "rain_5min", scenes.readings(["2.5"] * 12, until=at), raws=[b"\x7e\x7e"])
    scenes.cross(county, stations[RAIN])
    draft = warnings.draft_by_hand(
        hazard_type="flash_flood", level=2, villages=[upper.code], by=county.actor("Chen"), at=at
    )
    warnings.draft_by_hand(
        hazard_type="flash_flood", level=3, villages=[upper.code], by=county.actor("Chen"), at=at
    )
    issued = warnings.sign_off(draft, by=county.actor("Wang"), at=at)
    callout = Callout.objects.get(subject=f"warning:{issued.pk}")
    seat = callout.seats.get()
    relay = _relay(county)
    permission = warnings.sign_pre_authorisation(
        name="柳河镇山洪红橙", hazard_type="flash_flood", worst_level=1, mildest_level=2,
        division=county.divisions["Willow River"], valid_from=at, valid_to=at + timedelta(days=30),
        by=county.actor("Wang"), at=at,
    )  # fmt: skip
    saved_area = warnings.save_area(
        name="柳河沟口以下", geometry="102.915 27.405;102.925 27.405;102.925 27.415;102.915 27.405", division=upper,
        by=county.actor("Chen"), at=at,
    )  # fmt: skip
    text = warnings.propose_text(
        hazard_type="flash_flood", level=2, audience="post", form="plain", text="{because}柳河两岸请准备转移。",
        source="县里决定", division=upper, by=county.actor("Chen"), at=at,
    )  # fmt: skip
    issuing = warnings.propose_issuing_right(
        hazard="11B", level=3, tier="city", source="县里决定", division=upper, by=county.actor("Feng"), at=at
    )
    alarm = raise_alarm(
        "seat_overdue", subject=f"seat:{seat.pk}", text_zh="上柳村无人应答", text_en="上柳村 is silent",
        level=1, division=upper, by=by, at=at,
    )  # fmt: skip
    note(kind="log.noted", subject=("log", ""), payload={"text": "柳河水位上涨", "by": "李梅"}, by=by, at=at,
         path=upper.path)  # fmt: skip
    waiting = Announcement.objects.filter(done_at=None).first()
    if waiting is not None:
        note_failure("reaction", str(waiting.pk), RuntimeError("上柳"))
    upload = scenes.workbook(["区划代码"], [[upper.code]])
    kept = uploads.keep(upload, kind="contacts", owner=county.actor("Chen").ref)
    kept.report = {"created": 0, "changed": 0, "unchanged": 0, "stored": False, "problems": [], "rows": 1}
    uploads.remember(kept)
    command = sensing.ask_command(stations[RAIN], "factory_reset", by=county.actor("Feng"), at=at)
    picture = scenes.keep_picture(tmp_path, RAIN, b"\xff\xd8\xff", at=at)
    window = quality.ask_maintenance(
        stations[RAIN],
        starts_at=at,
        ends_at=at + timedelta(hours=1),
        reason="换电池",
        by=county.actor("Chen"),
        at=at,
    )
    connect = ConnectorDetails("pond", "http_push", "{}", example("tailings_pond"))
    create_connector(connect, by=by, at=at)
    create_receiver(ReceiverDetails("city", "http_json", '{"url": "https://192.0.2.1/"}'), by=by, at=at)
    _, gateway_token = pair_device("duty-room-1", by=by, at=at)
    read_token, _ = create_read_token("qgis", division=upper, by=by, at=at)
    sensing.create_source("water-bureau", by=by, at=at)
    alarm_of_mine = _ask_the_mine(county)
    said = Issue("市气象台", "rain", at, [(at, at + timedelta(hours=3), Decimal(20))])
    forecast = take_forecast(said, station=stations[RAIN], by=by, at=at)[0]
    rule = sensing.propose_rule(
        "R12",
        division=upper,
        reason="柳河沟道缩窄",
        scope={"stations": [RAIN]},
        by=county.actor("Feng"),
        at=at,
    )
    kept_file = keep_file([b"\xff\xd8\xff"], subject=f"seat:{seat.pk}", division=upper, by=by, at=at)
    keep_file([b"ID3 spoken"], subject=f"callout:{callout.pk}", division=upper, by=by, at=at)
    seal_everything()
    keys = {
        "file_id": kept_file.pk,
        "enterprise_alarm_id": alarm_of_mine.pk,
        "forecast_id": forecast.pk,
        "rule_id": rule.pk,
        "base": "R12",
        "seat_id": seat.pk,
        "warning_id": issued.pk,
        "public_id": relay.pk,
        "message_id": relay.cap_messages.get().pk,
        "alarm_id": alarm.pk,
        "permission_id": permission.pk,
        "area_id": saved_area.pk,
        "text_id": text.pk,
        "right_id": issuing.pk,
        "callout_id": callout.pk,
        "station_id": stations[RAIN].pk,
        "command_id": command.pk,
        "window_id": window.pk,
        "picture_id": picture,
        "station_code": RAIN,
        "camera_code": camera.code,
        "code": upper.code,
        "person_id": county.people["Zhao"].pk,
        "holding_id": county.holdings["Zhao"].pk,
        "contact_id": Contact.objects.get(person=county.people["Zhao"]).pk,
        "announcement_id": waiting.pk if waiting is not None else uuid.UUID(int=9),
        "token": kept.token,
        "connector_name": "pond",
        "gateway_token": gateway_token,
        "token_id": read_token.pk,
        "ingest_source_id": IngestSource.objects.get().pk,
        "path": f"Things('{RAIN}')",
        "receiver_name": "city",
        **build_aftermath(county, issued),
        **build_incoming(county),
        **_ladders_and_roster(county),
        **_duty_rooms(county),
        **_outlets(county),
        **_intake(county),
        **_data_call(county),
        **_drill(county),
        **_incidents(county),
        **_review(county),
        **_forces(county),
        **_orders(county),
        **_papers(county),
        **_reporting(county),
        **_losses(county),
        **_scores(county),
        **_responses(county),
        **_plan_filing(county),
        **_plan_draft(county),
        **_plan_file(county),
    }
    link = Delivery.objects.exclude(answer_token="").filter(seat=seat).values_list("answer_token", flat=True)
    return Scene(county, {name: str(key) for name, key in keys.items()}, link[0])


def _orders(county: County) -> dict[str, Any]:
    """An order about the incident of Upper Willow, to Upper Willow."""
    upper = county.divisions["Upper Willow"]
    incident = (
        Incident.objects.filter(division=upper, is_restricted=False).exclude(state="merged").order_by("pk")[0]
    )
    row = issue_instruction(
        incident=incident, title="转移柳边三户", words="", addressee=upper, origin="free", by=county.by,
        by_name="王建国", at=county.now,
    )  # fmt: skip
    token = order_token(incident.pk, upper.pk)
    return {"order_id": row.pk, "order_token": token, "pack_code": "reservoir_guard"}


def _plan_draft(county: County) -> dict[str, Any]:
    """A plan of Upper Willow that Li is writing."""
    upper, li, at = county.divisions["Upper Willow"], county.actor("Li"), county.now
    face: dict[str, Any] = {"kind": "village", "division": upper, "event_types": ["flood"], "hazards": []}
    content = plan_scenes.small(purpose="柳河两岸安全。")
    waiting = plans.open_plan(title="上柳村防汛预案", content=content, by=li, at=at, **face)
    return {"plan_version_id": waiting.pk, "plan_part": "tasks", "plan_row": "t1", "plan_post": "p1"}


def _plan_file(county: County) -> dict[str, Any]:
    """A Word file about Willow River that Wang looks at before it becomes a plan."""
    body = write_docx("柳河镇防汛应急预案", plan_scenes.small(purpose="柳河两岸安全。"))
    given = SimpleUploadedFile("柳河镇.docx", body)
    return {
        "plan_file": uploads.keep(given, kind="plan-docx", owner=county.actor("Wang").ref).token,
        "starter_code": "flood",
    }


def _plan_filing(county: County) -> dict[str, Any]:
    """A plan of Upper Willow in force, with what was found in it and its filing."""
    at, upper = county.now, county.divisions["Upper Willow"]
    version = plans.open_plan(
        title="上柳村防汛预案", kind="village", division=upper, event_types=(), hazards=(),
        content=plan_scenes.small(purpose="柳河来水时转移群众"), by=county.actor("Li"), at=at,
    )  # fmt: skip
    plans.submit_version(version, by=county.actor("Li"), at=at)
    plans.approve_version(version, by=county.actor("Zheng"), by_name="郑国安", at=at)
    plans.check_plan(version.plan, by=county.by, at=at)
    plans.add_study(version.plan, kind="scenario", title="柳河漫溢情景", by=county.actor("Li"), at=at)
    return {"plan_id": version.plan_id, "plan_filing_id": PlanFiling.objects.get(plan=version.plan).pk}


def _responses(county: County) -> dict[str, Any]:
    """A plan of Upper Willow that runs there with its notice, a body and a joint duty of that village."""
    from anlan.response.tests import scenes as response_scenes

    return response_scenes.behind_every_door(county, county.divisions["Upper Willow"])


def _scores(county: County) -> dict[str, Any]:
    """The bulletin of last month, not yet published, and the township that it is about."""
    made = draft_bulletin(
        last_month(county.now), division=county.division, by=county.actor("Feng"), at=county.now
    )
    return {"bulletin_id": made.pk, "scored_place": county.divisions["Willow River"].code}


def _forces(county: County) -> dict[str, Any]:
    """A team, a boat and an expert of Upper Willow; the team is sent there, and the village asks for tents."""
    upper, chen, at = county.divisions["Upper Willow"], county.actor("Chen"), county.now
    incident = scenes_of_forces.flood(county)
    crew = scenes_of_forces.team(county, "上柳抢险队", place="Upper Willow", leader=None, deputy=None)
    job = scenes_of_forces.sent(county, crew, incident)
    boat = resources.register_asset(AssetDetails("柳河冲锋舟", upper, kind="equipment"), by=chen, at=at)
    expert = resources.register_expert(ExpertDetails(county.people["Zhao"], "柳河水利员"), by=chen, at=at)
    details = StockDetails("上柳村部", upper, "tent", Decimal(5), at)
    resources.report_stock(details, by=chen, at=at)
    asked = dispatch.ask_supplies(
        incident=incident, lines=[dispatch.Wanted(Decimal(5), "tent")], division=upper, why="柳河安置点", by=chen,
        by_name="陈静", at=at,
    )  # fmt: skip
    return {
        "team_id": crew.pk,
        "asset_id": boat.pk,
        "expert_id": expert.pk,
        "job_id": job.pk,
        "job_token": token_of(job.pk),
        "request_id": asked.pk,
    }


def _papers(county: County) -> dict[str, Any]:
    """A special report on an incident of Upper Willow that waits for its signature, and a template that Feng proposed."""
    upper, by, at = county.divisions["Upper Willow"], county.actor("Chen"), county.now
    details = IncidentDetails(
        title="柳河沟口塌方", event_type="landslide", division=upper, informant="village", known_at=at
    )
    incident = incidents.open_incident(details, by=by, at=at)
    paper = papers.make_paper(build_of("special", "incident", incident, at=at), by=by, at=at)
    template = papers.propose_template(
        shipped_template(), kind="", name="上柳.docx", division=upper, by=county.actor("Feng"), at=at
    )
    return {
        "paper_id": paper.pk,
        "paper_template_id": template.pk,
        "paper_kind": "rain",
        "asked_kind": "minutes",
        "paper_form": "docx",
        "subject_kind": "flash",
        "subject_about": "incident",
        "subject_id": incident.pk,
    }


def _case(county: County, incident: Incident) -> dict[str, Any]:
    """A case of Upper Willow, and the case file of an incident there with bytes that stand for its archive."""
    from anlan.review.casefile.building import stored
    from anlan.review.casetypes import CaseDetails
    from anlan.review.models import CaseFile
    from anlan.review.services import add_case

    wang, at = county.actor("Wang"), county.now
    details = CaseDetails(
        "柳河旧山洪", "flash_flood", county.divisions["Upper Willow"], summary="柳河陡涨。", source="柳河镇志"
    )
    case = add_case(details, by=wang, by_name="王建国", at=at)
    archive = stored("0" * 64)
    archive.parent.mkdir(parents=True, exist_ok=True)
    archive.write_bytes(b"PK")
    kept = CaseFile(incident=incident, sha256="0" * 64, bytes=2, files=1, made_at=at).record(by=wang, at=at)
    return {"case_id": case.pk, "case_file_id": kept.pk}


def _incidents(county: County) -> dict[str, Any]:
    """An incident of Upper Willow and an order to it."""
    upper, by, at = county.divisions["Upper Willow"], county.actor("Chen"), county.now
    details = IncidentDetails(
        title="柳河沟口滑坡", event_type="landslide", division=upper, informant="village", known_at=at, lon=102.92,
        lat=27.41,
    )  # fmt: skip
    incident = incidents.open_incident(details, by=by, at=at)
    chase = incidents.issue_chase(
        incident=incident, addressee="上柳村", division=upper, task="柳河沟口排查", due_at=at + timedelta(hours=1),
        by=county.actor("Feng"), at=at,
    )  # fmt: skip
    return {
        "incident_id": incident.pk,
        "chase_id": chase.pk,
        **_case(county, incident),
        **_room(county, incident),
    }


def _room(county: County, incident: Incident) -> dict[str, Any]:
    """A consultation and a situation report about an incident of Upper Willow."""
    by, at = county.actor("Chen"), county.now
    consultation = command.plan_consultation(incident, title="柳河沟口会商", starts_at=at, by=by, at=at)
    situation = command.draft_situation(incident, from_at=None, to_at=at, by=by, at=at)
    return {"consultation_id": consultation.pk, "situation_id": situation.pk, "tab": "decisions"}


def _reporting(county: County) -> dict[str, Any]:
    """The county's report about a landslide of Upper Willow, its limits, a delivery and a decision."""
    upper, by, at = county.divisions["Upper Willow"], county.actor("Chen"), county.now
    details = IncidentDetails(
        title="上柳塌方", event_type="landslide", division=upper, informant="village", known_at=at
    )
    incident = incidents.open_incident(details, by=by, at=at)
    clock = reporting.recount(incident, at=at)[0]
    reporting.first_receivers(county.division, by=by, at=at)
    node, _ = reporting.enter_node("柳河节点", division=county.divisions["Willow River"], by=by, at=at)
    city = ReportReceiver.objects.get(tier="city")
    draft = Draft("flash", elements={"course": "柳河塌方"})
    reporting.flash(incident, draft, [city], told_at=at, by=by, at=at)
    waiting = reporting.draft_report(
        incident, Draft("initial", elements={"course": "柳河塌方"}), division=county.division, by=by, at=at
    )
    finding = reporting.decide(
        incident, kind="omitted", division=upper, evidence="柳河村民反映", by=county.actor("Feng"), at=at
    )
    return {
        "upward_id": waiting.pk,
        "report_clock_id": clock.pk,
        "report_delivery_id": ReportDelivery.objects.latest("id").pk,
        "receiver_id": city.pk,
        "node_id": node.pk,
        "finding_id": finding.pk,
    }


def _drill(county: County) -> dict[str, Any]:
    """A drill of Upper Willow with one line in its script."""
    details = drills.DrillDetails(
        title="上柳村桌面推演", kind="tabletop", division=county.divisions["Upper Willow"]
    )
    row = drills.plan_drill(details, by=county.actor("Wang"), by_name="王", at=county.now)
    line = ScriptLine(key="L1", at_min=1, kind="note", title="上柳村停电")
    drills.write_script(row, Script(lines=(line,)), by=county.actor("Wang"), at=county.now)
    photo = keep_drill_file(row, [b"\xff\xd8\xff a photo"], name="x.jpg", by=county.by, at=county.now)
    client, _key = command.add_tak_client(
        "tablet-1", division=county.divisions["Upper Willow"], by=county.by, by_name="", at=county.now
    )
    more = {
        "drill_file_id": photo.pk,
        "tak_client_id": client.pk,
        "script_form": "json",
        "drill_pack": "flood",
    }
    return {"drill_id": row.pk, "key": "L1", **more}


def _review(county: County) -> dict[str, Any]:
    """The review of an incident of Upper Willow, finished, and what that village has to mend."""
    upper, wang, at = county.divisions["Upper Willow"], county.actor("Wang"), county.now
    details = IncidentDetails(
        title="上柳漫水", event_type="flash_flood", division=upper, informant="village", known_at=at
    )
    incident = incidents.open_incident(details, by=county.actor("Chen"), at=at)
    row = reviews.open_review(incident=incident, by=wang, by_name="王", at=at)
    lesson = reviews.add_lesson(row, upper, "柳河沟口加装警示牌", None, by=wang, at=at)
    reviews.finish_review(row, by=wang, at=at)
    return {"review_id": row.pk, "lesson_id": lesson.pk}


def _data_call(county: County) -> dict[str, Any]:
    """The county asks Willow River for a figure, which asks Upper Willow."""
    call = data_scenes.ask(
        county, data_scenes.TRAPPED, targets=(county.divisions["Willow River"].code,), allows_nil=True
    )
    seat = data_scenes.seat_of(call, county.divisions["Willow River"])
    villages = datacalls.pass_on(seat, by=county.actor("Li"), at=county.now)
    upper = next(one for one in villages if one.division_id == county.divisions["Upper Willow"].code)
    return {"data_call_id": call.pk, "data_seat_id": upper.pk, "figure_id": call.figures[0]}


def _losses(county: County) -> dict[str, Any]:
    """A flood of Willow River: its report, the county's draft, a dead person and a damaged house of Upper Willow."""
    upper, li, at = county.divisions["Upper Willow"], county.actor("Li"), county.now
    course = loss_scenes.flood(county, "Willow River", title="柳河洪涝")
    person = losses.list_person(course, upper, "dead", PersonDetails("柳大"), by=li, at=at)
    house = losses.list_house(course, upper, HouseDetails("柳二", rooms_collapsed=1), by=li, at=at)
    loss_scenes.filed(county, course, "Upper Willow", affected=3)
    township = loss_scenes.submitted(county, course, affected=3, deaths=1)
    report = losses.draft_report(course, by=county.actor("Chen"), at=at)
    return {
        "course_id": course.pk,
        "lost_person_id": person.pk,
        "damaged_house_id": house.pk,
        "township_report_id": township.pk,
        "loss_report_id": report.pk,
    }


def _outlets(county: County) -> dict[str, Any]:
    """A gong of Upper Willow with its keeper, and a text that it was asked to give."""
    upper, at = county.divisions["Upper Willow"], county.now
    gong = define_outlet(
        OutletDetails("gong", "上柳村铜锣", upper, "铜锣", county.people["Zhao"].pk),
        by=county.actor("He"),
        at=at,
    )
    row = broadcast(
        subject="warning:1", outlets=[gong], text="请立即转移。", issuer="云岭县", title="山洪", level=2, division=upper, by=county.by, at=at
    )  # fmt: skip
    task = Delivery.objects.get(broadcast=row, channel="gong")
    screen = define_outlet(OutletDetails("display", "村口屏", upper, "村口屏"), by=county.actor("He"), at=at)
    return {
        "outlet_id": gong.pk,
        "delivery_id": task.pk,
        "hand_token": task.answer_token,
        "display_token": display_token(screen),
    }


def _ladders_and_roster(county: County) -> dict[str, Any]:
    """A ladder and its use that Feng proposed for Upper Willow, and a shift and an absence of its people."""
    upper, feng, at = county.divisions["Upper Willow"], county.actor("Feng"), county.now
    body = plain(ladder_named("")) | {"name": "county_own"}
    version = propose_ladder(body, division=upper, reason="汛期", by=feng, at=at)
    use = propose_assignment(division=upper, ladder_name="anlan_default", reason="汛期", by=feng, at=at)
    hours: dict[str, Any] = {"by": county.by, "at": at}
    post = county.posts[PostKind.INFORMATION_OFFICER, "Upper Willow"]
    shift = plan_shift(post, county.people["Zhao"], starts_at=at, ends_at=at + timedelta(hours=8), **hours)
    later = at + timedelta(days=2)
    absence = record_absence(
        county.people["Qian"], away_from=later, away_to=later + timedelta(days=1), reason="病假", **hours
    )
    return {
        "ladder_name": "anlan_default",
        "version_id": version.pk,
        "use_id": use.pk,
        "shift_id": shift.pk,
        "absence_id": absence.pk,
    }


def _intake(county: County) -> dict[str, Any]:
    """A call about Upper Willow, which Zhao is asked to look into, with a photo; a sender of Willow River; the mine's link."""
    upper, chen, he, at = (
        county.divisions["Upper Willow"],
        county.actor("Chen"),
        county.actor("He"),
        county.now,
    )
    details = IntakeDetails("110", "上柳村河边进水", at, division=upper, caller_number="10000000008")
    row, _new = intake.take_intake(details, by=chen, at=at)
    intake.ask_to_verify(row, division=upper, by=chen, at=at)
    photo = keep_intake_file(row, [b"\xff\xd8\xff"], by=chen, at=at)
    sender, _token = intake.list_sender(
        name="柳河镇水务站", kind="mail", value="a@b.example", source="township", division=county.divisions["Willow River"],
        by=he, at=at,
    )  # fmt: skip
    mine = Division.objects.get(name="青石矿业")
    _link, token = intake.list_sender(
        name="青石矿业", kind="link", source="enterprise", division=mine, by=he, at=at
    )
    return {
        "intake_id": row.pk,
        "intake_file_id": photo.pk,
        "intake_sender_id": sender.pk,
        "unit_token": token,
    }


def _duty_rooms(county: County) -> dict[str, Any]:
    """The room of Upper Willow with a link, a roll call that was answered, a sheet, a note, a swap, a period and a calendar."""
    upper, feng, zhao = county.divisions["Upper Willow"], county.actor("Feng"), county.actor("Zhao")
    at, shift = county.now, Shift.objects.select_related("post__division", "person").get()
    room = open_room(upper, phone="10000000099", by=feng, at=at)
    link, _token = register_link(room, name="村部", by=feng, at=at)
    call = call_the_roll(plan_roll_call(upper, [room], starts_at=at, by=feng, at=at), at=at)
    seat = call.seats.select_related("roll_call", "room__division", "person").get()
    answer_roll_call(seat, way="page", by=zhao, at=at)
    period = propose_period(
        upper, kind="flood_season", title="柳河汛期", starts_at=at, ends_at=at + timedelta(days=9), reason="汛期",
        by=feng, at=at,
    )  # fmt: skip
    feed, feed_token = create_feed(room=room, by=feng, at=at)
    sheet = offer_handover(room, shift_from=at - timedelta(hours=8), shift_to=at, by=zhao, at=at)
    return {
        "room_id": room.pk,
        "link_id": link.pk,
        "roll_call_id": call.pk,
        "roll_seat_id": seat.pk,
        "roll_token": seat.token,
        "period_id": period.pk,
        "calendar_id": feed.pk,
        "feed_token": feed_token,
        "handover_id": sheet.pk,
        "note_id": carry_note(room, "看柳河水位", by=zhao, at=at).pk,
        "swap_id": ask_swap(shift, county.people["Qian"], reason="有事", by=zhao, at=at).pk,
    }


def _ask_the_mine(county: County) -> EnterpriseAlarm:
    """The mine of Upper Willow has an alarm to answer, and so has the neighbour of Tang's enterprise."""
    found = []
    for code in ("WKK-2", "WKK-0"):
        row = StationHappening(
            id=uuid.uuid4(), station=Station.objects.get(code=code), kind="seal_lock_opened", received_at=county.now,
            recorded_at=county.now, report_key=code,
        )  # fmt: skip
        found.append(open_from_happening(row.record(by=county.by, at=county.now), at=county.now))
    assert found[-1] is not None
    return found[-1]


def _relay(county: County) -> HazardWarning:
    """A blue rain warning for North Slope that the county passes on: the only thing here that strangers may read."""
    draft = warnings.draft_relay(
        event_code="11B03", level=4, issuer="云岭县气象台", villages=[county.divisions["North Slope"].code],
        by=county.actor("Chen"), at=county.now,
    )  # fmt: skip
    relay = warnings.sign_off(draft, by=county.actor("Wang"), at=county.now)
    publish_cap(relay, at=county.now)
    bounded.kept.forget()  # of an earlier test in this process
    return relay


def _enterprises(county: County) -> Camera:
    """A mine in Upper Willow, and two neighbours in North Slope, one of which Tang answers for. Returns the mine's camera."""
    by, at = county.by, county.now
    upper, north = county.divisions["Upper Willow"].code, county.divisions["North Slope"].code
    level = DivisionLevel.ENTERPRISE
    plan = (("青石矿业", upper, "tailings"), ("北坡化工", north, "chemicals"), ("北坡矿业", north, "mine"))
    rows = [
        DivisionRow(f"{parent}-Q{n}", name, parent, level, lon=102.93, lat=27.42, trade=trade)
        for n, (name, parent, trade) in enumerate(plan)
    ]
    load_divisions(rows, by=by, at=at)
    places = [Division.objects.get(pk=row.code) for row in rows]
    cameras = []
    for n, place in enumerate(places):
        where: Any = {"division": place, "lon": 102.93, "lat": 27.42}
        sensing.register_station(
            code=f"WKK-{n}", name=f"{place.name}尾矿库", kind="tailings_pond", by=by, at=at, **where
        )
        code = f"9999010000131000000{n}"
        cameras.append(sensing.register_camera(code=code, name=f"{place.name}视频", by=by, at=at, **where))
    _safety_manager(county, places[1])
    return cameras[0]


def _safety_manager(county: County, place: Division) -> None:
    by, at, kind = county.by, county.now, PostKind.ENTERPRISE_SAFETY_MANAGER
    tang = directory.create_person("唐山", division=place, by=by, at=at)
    directory.appoint(directory.ensure_post(kind, division=place, by=by, at=at), tang, by=by, at=at)
    county.people["Tang"] = tang
    county.users["Tang"] = create_account(
        tang, username="tang", password=PASSWORD, must_change=False, by=by, at=at
    )


def send(client: Client, method: str, address: str, door: Door) -> HttpResponse:
    answer = client.get(address) if method == "get" else client.post(address, door.form)
    assert isinstance(answer, HttpResponse)
    return answer


def shown(answer: HttpResponse, address: str) -> str:
    """The body without what differs from request to request: form tokens and the address itself."""
    text = answer.content.decode().replace(address, "ADDRESS").replace(address.rstrip("/"), "ADDRESS")
    text = re.sub(r'"X-CSRFToken": "\w+"', "", text)
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)


def test_every_route_is_walked_below() -> None:
    assert sorted(routes()) == sorted(DOORS)


def test_only_named_doors_are_open_to_a_stranger(scene: Scene) -> None:
    before = Entry.objects.count()
    wrong = []
    for route, door in DOORS.items():
        if door.kind == PUBLIC:
            continue
        for method in ("get", "post"):
            answer = send(Client(), method, scene.address(route), door)
            is_sent_away = answer.status_code == door.for_strangers and (
                answer.status_code == 401 or answer["Location"].startswith(reverse("accounts:sign_in"))
            )
            if not is_sent_away and not (answer.status_code == 405 and method not in door.methods):
                wrong.append((route, method, answer.status_code))
    assert wrong == []
    assert Entry.objects.count() == before


def test_the_doors_that_are_open_show_a_stranger_nothing_of_the_county(scene: Scene) -> None:
    found = {}
    for route, door in DOORS.items():
        if door.kind != PUBLIC or route.startswith(("a/", *LINKS)):
            continue
        for method in ("get", "post"):
            answer = send(Client(), method, scene.address(route), door)
            found[route, method] = answer.status_code
            assert not [word for word in (*FOREIGN, *COUNTY_ONLY) if word in answer.content.decode()]
    assert found == {
        ("accounts/sign-in/", "get"): 200,
        ("accounts/sign-in/", "post"): 200,
        ("accounts/sign-out/", "get"): 405,
        ("accounts/sign-out/", "post"): 302,
        ("accounts/language/", "get"): 405,
        ("accounts/language/", "post"): 302,
        ("accounts/leave-drill/", "get"): 405,
        ("accounts/leave-drill/", "post"): 302,
        ("api/android/v1/pull", "get"): 405,
        ("api/android/v1/pull", "post"): 401,
        ("api/android/v1/report", "get"): 405,
        ("api/android/v1/report", "post"): 401,
        ("f/gateway/<str:gateway_token>/", "get"): 200,
        ("f/gateway/<str:gateway_token>/", "post"): 302,
        ("api/phone/v1/events", "get"): 405,
        ("api/phone/v1/events", "post"): 401,
        ("api/phone/v1/callback", "get"): 405,
        ("api/phone/v1/callback", "post"): 401,
        ("api/duty/v1/heartbeat", "get"): 405,
        ("api/duty/v1/heartbeat", "post"): 401,
        ("api/ebd/v1", "get"): 405,
        ("api/ebd/v1", "post"): 404,
        ("api/forecasts", "get"): 405,
        ("api/forecasts", "post"): 401,
        ("api/reporting/v1/reports", "get"): 405,
        ("api/reporting/v1/reports", "post"): 401,
        ("api/warnings/v1/incoming", "get"): 405,
        ("api/warnings/v1/incoming", "post"): 401,
        **{(route, "get"): 200 for route in DOORS if route.startswith("p/")},
        **{(route, "post"): 405 for route in DOORS if route.startswith("p/")},
        ("p/report/", "post"): 422,
        ("api/cot/v1/events", "get"): 401,
        ("api/cot/v1/events", "post"): 401,
        ("api/intake/v1/reports", "get"): 401,
        ("api/intake/v1/reports", "post"): 401,
        ("api/intake/v1/reports/<str:message_id>", "get"): 401,
        ("api/intake/v1/reports/<str:message_id>", "post"): 405,
        ("api/intake/v1/ring", "get"): 405,
        ("api/intake/v1/ring", "post"): 401,
        ("api/dispatch/v1/orders", "get"): 401,
        ("api/dispatch/v1/orders", "post"): 405,
        ("api/dispatch/v1/orders/<uuid:order_id>", "get"): 401,
        ("api/dispatch/v1/orders/<uuid:order_id>", "post"): 405,
        ("api/dispatch/v1/orders/<uuid:order_id>/steps", "get"): 405,
        ("api/dispatch/v1/orders/<uuid:order_id>/steps", "post"): 401,
        ("api/partners/v1/shares/<str:share_key>", "get"): 405,
        ("api/partners/v1/shares/<str:share_key>", "post"): 401,
    }


@pytest.mark.parametrize("route", ["a/<str:token>", "a/<str:token>/"])
def test_an_answer_link_opens_its_own_seat_and_a_guessed_one_opens_nothing(scene: Scene, route: str) -> None:
    assert Client().get(scene.address(route)).status_code == 200
    before = Entry.objects.count()
    for method in ("get", "post"):
        guessed = send(Client(), method, scene.address(route, missing=True), DOORS[route])
        assert guessed.status_code == 404
        assert "柳" not in guessed.content.decode()
    assert Entry.objects.count() == before


@pytest.mark.parametrize("neighbour", ["Liu", "Tang"])
def test_a_neighbouring_township_or_enterprise_cannot_tell_whether_something_of_upper_willow_exists(
    scene: Scene, neighbour: str
) -> None:
    before = Entry.objects.count()
    wrong: list[tuple[str, str, object]] = []
    client = scene.county.client(neighbour)
    for route, door in DOORS.items():
        if door.kind != OBJECT:
            continue
        for method in ("get", "post"):
            answers = []
            for address in (scene.address(route), scene.address(route, missing=True)):
                answer = send(client, method, address, door)
                answers.append((answer.status_code, shown(answer, address)))
            status = answers[0][0]
            is_refused = status == 403 and neighbour == "Tang"  # whatever is asked, without the right
            if status != 404 and not is_refused and not (status in (405, 501) and method not in door.methods):
                wrong.append((route, method, status))
            elif answers[0] != answers[1]:
                wrong.append((route, method, "told from what does not exist"))
    assert wrong == []
    assert Entry.objects.count() == before


@pytest.mark.parametrize("reader", ["Liu", "Wu", "Guo", "Tang"])
def test_no_list_names_anything_of_another_township_or_enterprise(scene: Scene, reader: str) -> None:
    wrong = []
    client = scene.county.client(reader)
    for route, door in DOORS.items():
        if door.kind not in {PLAIN, OWN}:
            continue
        queries = ["?q=柳", "?q=0", "?q=赵", "?q=北坡"] if route == "find/" else [""]
        for query in queries:
            answer = client.get(scene.address(route) + query)
            text = "" if route.endswith((".xlsx", ".docx")) else answer.content.decode()
            hidden = (*FOREIGN, *NEXT_DOOR) if reader == "Tang" else FOREIGN
            found = [word for word in hidden if word in text and not query.endswith(word)]
            if found or answer.status_code not in {200, 302, 403, 404, 405}:
                wrong.append((route + query, answer.status_code, found))
    assert wrong == []


def test_somebody_without_a_post_sees_no_feature_on_the_map(scene: Scene) -> None:
    for layer in ("divisions", "rivers", "zones", "stations", "callouts", "vehicles", "cameras", "incidents"):
        assert scene.county.client("Guo").get(f"/map/{layer}.json").json()["features"] == []


def test_a_fragment_made_for_the_county_is_not_handed_to_a_township(scene: Scene) -> None:
    for route in ("", "stacks/", "strip/", "log/", "banner/", "map/stations.json"):
        assert "柳" in scene.county.client("Chen").get(f"/{route}").content.decode(), route
        assert "柳" not in scene.county.client("Liu").get(f"/{route}").content.decode(), route


def test_nothing_inside_a_shared_fragment_belongs_to_one_reader(scene: Scene) -> None:
    """Two people of the same post get the same bytes, so no form token and no name may stand in them."""
    for route in ("strip/", "log/", "callouts/<uuid:callout_id>/board/"):
        address = scene.address(route)
        first = scene.county.client("Chen").get(address).content.decode()
        assert "csrf" not in first.lower(), route


def test_without_the_right_a_person_who_sees_it_is_refused(scene: Scene) -> None:
    before = Entry.objects.count()
    wrong = []
    for route, door in DOORS.items():
        for method, who in door.refused.items():
            answer = send(scene.county.client(who), method, scene.address(route), door)
            if answer.status_code != 403:
                wrong.append((route, method, who, answer.status_code))
    assert wrong == []
    assert Entry.objects.count() == before


def test_whoever_is_responsible_comes_in_everywhere(scene: Scene) -> None:
    """Else the walks above would also pass with every door bricked up."""
    wrong = []
    client = scene.county.client("Wang")
    chen = scene.county.client("Chen")
    for route, door in DOORS.items():
        if "get" in door.methods and not route.startswith("accounts/sign-in"):
            reader = chen if route.startswith("imports/checked") else client
            reader = (
                scene.county.client("Li")
                if route.startswith(("imports/", "outlets/new", "f/upward/new")) and reader is client
                else reader
            )
            reader = scene.county.client("He") if route.startswith(("connect/", "accounts/")) else reader
            answer = reader.get(scene.address(route), follow=True)
            if answer.status_code != 200:
                wrong.append((route, answer.status_code))
    assert wrong == []


def test_a_form_without_its_token_is_refused_everywhere_but_where_no_cookie_counts(scene: Scene) -> None:
    """The API shows a token of its own, and an answer link is itself the capability."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(scene.county.users["Wang"], backend="django.contrib.auth.backends.ModelBackend")
    before = Entry.objects.count()
    open_ones = []
    for route, door in DOORS.items():
        answer = browser.post(
            scene.address(route), door.form, headers={"Origin": "https://elsewhere.example"}
        )
        if answer.status_code not in (403, 501):  # 501: reads only, whoever asks
            open_ones.append(route)
    assert open_ones == [
        "api/android/v1/pull",
        "api/android/v1/report",
        "api/phone/v1/events",
        "api/phone/v1/callback",
        "api/duty/v1/heartbeat",
        "api/ebd/v1",
        "h/<str:token>",
        "h/<str:token>/",
        "t/<str:job_token>/",
        "t/<str:job_token>/positions/",
        "api/forecasts",
        "api/reporting/v1/reports",
        "api/warnings/v1/incoming",
        "api/intake/v1/reports",
        "api/intake/v1/reports/<str:message_id>",
        "api/intake/v1/ring",
        "api/partners/v1/shares/<str:share_key>",
        "api/dispatch/v1/orders",
        "api/dispatch/v1/orders/<uuid:order_id>",
        "api/dispatch/v1/orders/<uuid:order_id>/steps",
        "a/<str:token>",
        "a/<str:token>/",
        "a/<str:token>/households",
        "a/<str:token>/photo",
        "a/<str:token>/voice",
        "f/roll/<str:token>/",
        "p/report/",
        "r/<str:unit_token>/",
        "o/<str:order_token>/",
    ]
    assert Entry.objects.count() == before


@pytest.mark.parametrize("who", ["", "Guo"])
def test_live_events_are_refused_to_a_stranger_and_to_somebody_without_a_post(
    transactional_db: None, county: County, who: str
) -> None:
    cookie = county.client(who).cookies[settings.SESSION_COOKIE_NAME].value if who else "made-up"
    assert asyncio.run(_status_of_events(cookie)) == 403


def test_live_events_are_open_to_whoever_holds_a_post(transactional_db: None, county: County) -> None:
    cookie = county.client("Liu").cookies[settings.SESSION_COOKIE_NAME].value
    assert asyncio.run(_status_of_events(cookie)) == 200


async def _status_of_events(session: str) -> int:
    header = (b"cookie", f"{settings.SESSION_COOKIE_NAME}={session}".encode())
    scope = {"type": "http", "method": "GET", "path": "/rt/events", "query_string": b"", "headers": [header]}
    return (await rt.events(Newsroom())(Request(scope))).status_code


def test_somebody_of_an_enterprise_sees_all_of_the_own_one(scene: Scene) -> None:
    """Else the walks above would also pass for an account that sees nothing at all."""
    client = scene.county.client("Tang")
    assert "北坡化工尾矿库" in client.get("/stations/").content.decode()
    assert client.get("/stations/at/WKK-1/").status_code == 200
    assert [one["properties"]["code"] for one in client.get("/map/stations.json").json()["features"]] == [
        "WKK-1"
    ]
    for route in ("boards/", "boards/mandatory/", "boards/enterprises/", "boards/cameras/", "directory/"):
        answer = client.get(f"/{route}")
        assert (answer.status_code, "北坡化工" in answer.content.decode() or route == "boards/") == (
            200,
            True,
        ), route
    own = client.get("/directory/at/999901102201-Q1/")
    assert "唐山" in own.content.decode()
    assert client.get("/stations/at/WKK-2/").status_code == 404
    assert client.get("/boards/cameras/at/99990100001310000002/").status_code == 404
