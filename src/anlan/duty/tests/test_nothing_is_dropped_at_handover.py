"""交接班 and 值班日志: every open thing is on the next sheet until it is done, two people sign, notes are corrected by newer notes."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.dissemination.models import Delivery, DeliveryState
from anlan.dissemination.services import take_events
from anlan.dissemination.types import PhoneEvent
from anlan.duty import board
from anlan.duty.ical import LINE_MAX
from anlan.duty.models import CarriedNote, Handover, RollCallSeat
from anlan.duty.queries import handover_content, log_lines
from anlan.duty.refusals import HandoverIsOpen, SamePerson
from anlan.duty.services.handovers import (
    carry_note,
    compose,
    finish_note,
    offer_handover,
    return_handover,
    take_handover,
)
from anlan.duty.services.logbook import write_note
from anlan.duty.services.rollcalls import call_the_roll, plan_roll_call
from anlan.duty.services.rooms import create_feed, revoke_feed
from anlan.duty.tests.rooms import Rooms
from anlan.incidents.tests.test_grading_by_the_rules import opened
from anlan.journal import deadlines
from anlan.journal.models import ChainHead, Entry
from anlan.journal.sealer import seal_everything
from anlan.journal.verify import verify
from anlan.kernel import openitems
from anlan.kernel.actor import Actor
from anlan.kernel.openitems import OpenItem, Source
from anlan.kernel.refusals import NotAllowed


def _offer(rooms: Rooms, name: str = "Chen", summary: str = "") -> Handover:
    return offer_handover(
        rooms.room(),
        shift_from=rooms.now - timedelta(hours=24),
        shift_to=rooms.now,
        summary=summary,
        by=rooms.county.actor(name),
        at=rooms.now,
    )


def _keys(handover: Handover) -> set[str]:
    return {item["key"] for item in handover.items}


def test_two_different_people_sign_and_the_head_of_the_journal_stands_on_the_sheet(rooms: Rooms) -> None:
    seal_everything()
    head = ChainHead.objects.get()
    sheet = _offer(rooms, summary="雨势减弱，注意下柳村。")
    assert (sheet.given_seq, sheet.given_hash) == (head.seq, head.hash)
    with pytest.raises(SamePerson):
        take_handover(sheet, by=rooms.county.actor("Chen"), at=rooms.now)
    with pytest.raises(NotAllowed):
        take_handover(sheet, by=rooms.county.actor("Li"), at=rooms.now)
    with pytest.raises(HandoverIsOpen):
        _offer(rooms)
    seal_everything()
    take_handover(sheet, by=rooms.county.actor("Feng"), at=rooms.now)
    content = handover_content(sheet)
    assert (content.given_by, content.taken_by) == ("陈静", "冯涛")
    assert content.chain_seq == head.seq + 1
    assert content.clock_sync in {"synced", "unsynced", "unknown"}
    assert verify().problems == []


def test_what_was_opened_between_the_signatures_is_taken_over_too(rooms: Rooms) -> None:
    chen, feng = rooms.county.actor("Chen"), rooms.county.actor("Feng")
    first = carry_note(rooms.room(), "联系柳河镇核实", by=chen, at=rooms.now)
    sheet = _offer(rooms)
    finish_note(first, by=chen, at=rooms.now)
    second = carry_note(rooms.room(), "催报石桥镇", by=chen, at=rooms.now)
    take_handover(sheet, by=feng, at=rooms.now)
    assert _keys(sheet) == {f"note:{second.pk}"}
    assert [one["key"] for one in sheet.done] == [f"note:{first.pk}"]


def test_a_returned_sheet_leaves_everything_open(rooms: Rooms) -> None:
    note = carry_note(rooms.room(), "联系柳河镇核实", by=rooms.county.actor("Chen"), at=rooms.now)
    return_handover(_offer(rooms), why="少一项", by=rooms.county.actor("Feng"), at=rooms.now)
    again = _offer(rooms)
    assert (_keys(again), again.serial, again.items[0]["is_new"]) == ({f"note:{note.pk}"}, 2, True)


class Stumbling:
    """An owner of open things that can be asked, or not."""

    def __init__(self) -> None:
        self.open: dict[str, datetime] = {}
        self.fails = False

    def provide(self, path: str, at: datetime, exercise_id: uuid.UUID | None) -> Iterator[OpenItem]:
        if self.fails:
            raise RuntimeError("cannot be asked")
        for key, since in self.open.items():
            yield OpenItem(key, "stumbling", key, since, path)


@pytest.fixture
def stumbling(monkeypatch: pytest.MonkeyPatch) -> Stumbling:
    owner = Stumbling()
    every = openitems.sources()
    source = Source("stumbling", "别处事项", "elsewhere", owner.provide)
    monkeypatch.setattr("anlan.duty.services.handovers.sources", lambda: [*every, source])
    return owner


Step = tuple[str, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["open", "close", "note", "finish", "break", "mend", "hand", "return"]),
        st.integers(0, 5),
    ),
    max_size=14,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_every_open_item_is_on_the_next_sheet_until_it_is_closed(
    rooms: Rooms, stumbling: Stumbling, steps: list[Step]
) -> None:
    """Whatever is opened, closed, broken and handed over in whatever order: nothing open is missing, nothing known as closed is on."""
    chen, feng = rooms.county.actor("Chen"), rooms.county.actor("Feng")
    stumbling.open, stumbling.fails = {}, False
    with transaction.atomic():
        last: set[str] = set()
        for verb, n in [*steps, ("hand", 0)]:
            if verb == "open":
                stumbling.open[f"thing:{n}"] = rooms.now
            elif verb == "close":
                stumbling.open.pop(f"thing:{n}", None)
            elif verb == "note":
                carry_note(rooms.room(), f"事项{n}", by=chen, at=rooms.now)
            elif verb == "finish":
                found = CarriedNote.objects.filter(state="open").select_related("room__division").first()
                if found is not None:
                    finish_note(found, by=chen, at=rooms.now)
            elif verb in ("break", "mend"):
                stumbling.fails = verb == "break"
            else:
                sheet = _offer(rooms)
                if verb == "return":
                    return_handover(sheet, why="再核", by=feng, at=rooms.now)
                    continue
                take_handover(sheet, by=feng, at=rooms.now)
                notes = {
                    f"note:{pk}"
                    for pk in CarriedNote.objects.filter(state="open").values_list("pk", flat=True)
                }
                known = (
                    {key for key in last if key.startswith("thing:")}
                    if stumbling.fails
                    else set(stumbling.open)
                )
                assert _keys(sheet) == notes | known
                assert {one["key"] for one in sheet.done} == last - _keys(sheet)
                last = _keys(sheet)
        transaction.set_rollback(True)


def test_open_incidents_alarms_and_chase_orders_are_on_the_sheet_by_themselves(rooms: Rooms) -> None:
    incident = opened(rooms.county)
    sheet = compose(rooms.room(), at=rooms.now)
    assert f"incident:{incident.pk}" in {one["key"] for one in sheet.items}
    assert compose(rooms.room("Stone Bridge"), at=rooms.now).items == []


def test_a_note_is_corrected_by_a_newer_one_and_both_stay(rooms: Rooms) -> None:
    chen = rooms.county.actor("Chen")
    first = write_note(rooms.room(), "水位3.2米", by=chen, at=rooms.now)
    write_note(rooms.room(), "水位2.3米", corrects=first.pk, by=chen, at=rooms.now)
    write_note(rooms.room("Willow River"), "镇里一切正常", by=rooms.county.actor("Li"), at=rooms.now)
    seal_everything()
    span: Any = {"start": rooms.now - timedelta(hours=1), "end": rooms.now + timedelta(hours=1)}
    lines, _more = log_lines(rooms.room(), actor=chen, only_notes=True, **span)
    assert [(line.text, line.corrected_by is not None) for line in lines] == [
        ("水位3.2米", True),
        ("水位2.3米", False),
    ]
    with pytest.raises(NotAllowed):
        write_note(rooms.room(), "不该有", by=rooms.county.actor("Liu"), at=rooms.now)
    every, _more = log_lines(rooms.room(), actor=chen, **span)
    assert "镇里一切正常" in {line.text for line in every}
    assert "duty_room.opened" in {line.kind for line in every}
    own, _more = log_lines(rooms.room("Willow River"), actor=rooms.county.actor("Li"), **span)
    assert "水位2.3米" not in {line.text for line in own}


def test_a_restricted_incident_is_in_nobodys_log_without_the_right(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident = opened(rooms.county)
    seal_everything()
    span: Any = {"start": rooms.now - timedelta(hours=1), "end": rooms.now + timedelta(hours=1)}
    he = rooms.county.actor("He")
    assert _subjects(rooms, he, **span) & {f"incident:{incident.pk}"}
    monkeypatch.setattr("anlan.duty.queries.log.closed_to", lambda actor: frozenset({str(incident.pk)}))
    lines, _more = log_lines(rooms.room(), actor=he, **span)
    assert not [line for line in lines if str(incident.pk) in f"{line.subject} {line.payload}"]


def _subjects(rooms: Rooms, actor: Actor, **span: Any) -> set[str]:
    lines, _more = log_lines(rooms.room(), actor=actor, **span)
    return {line.subject for line in lines}


def test_a_calendar_link_opens_without_signing_in_until_it_is_revoked(rooms: Rooms) -> None:
    shift = rooms.shift("Chen")
    feed, token = create_feed(person=rooms.county.people["Chen"], by=rooms.county.actor("Chen"), at=rooms.now)
    answer = Client().get(f"/api/duty/v1/calendar/{token}.ics")
    body = answer.content.decode()
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert all(len(line) <= LINE_MAX for line in answer.content.split(b"\r\n"))
    unfolded = body.replace("\r\n ", "")
    assert f"DTSTART:{shift.starts_at:%Y%m%dT%H%M%SZ}" in unfolded
    assert f"UID:shift-{shift.pk}@" in unfolded
    assert re.search(r"SUMMARY:云岭县县值班员（A）", unfolded)
    revoke_feed(feed, by=rooms.county.actor("Chen"), at=rooms.now)
    assert Client().get(f"/api/duty/v1/calendar/{token}.ics").status_code == 404
    assert token not in "".join(Entry.objects.values_list("payload", flat=True))


def test_one_sent_by_text_message_answers_the_roll_from_the_moment_it_was_sent(rooms: Rooms) -> None:
    call = plan_roll_call(
        rooms.county.division,
        [rooms.room("Willow River")],
        starts_at=rooms.now,
        by=rooms.county.actor("Feng"),
        at=rooms.now,
    )
    call_the_roll(call, at=rooms.now)
    seat = RollCallSeat.objects.get()
    sms = Delivery.objects.get(subject=f"roll_call_seat:{seat.pk}", channel="sms")
    Delivery.objects.filter(pk=sms.pk).update(state=DeliveryState.SENT)
    sent = rooms.now + timedelta(seconds=40)
    rooms.county.clock.advance(minutes=3)
    reply = PhoneEvent(
        event_id="r1", type="reply", happened_at=sent, client_ref=sms.send_key, sender=sms.address, text="1"
    )
    take_events("phone", [reply], by=rooms.county.by, at=rooms.now)
    deadlines.run_reactions(owner="worker-1")
    seat.refresh_from_db()
    assert (seat.state, seat.answered_s, seat.way) == ("answered", 40, "sms")


moments = st.integers(0, 48).map(
    lambda hours: datetime.fromisoformat("2026-07-01T00:00+00:00") + timedelta(hours=hours)
)
slots = st.lists(st.tuples(st.integers(0, 3), st.booleans(), moments, st.integers(1, 20)), max_size=8)


@given(slots)
def test_gaps_are_exactly_the_hours_in_which_the_rule_is_not_met(
    drawn: list[tuple[int, bool, datetime, int]],
) -> None:
    start = datetime.fromisoformat("2026-07-01T00:00+00:00")
    end = start + timedelta(hours=48)
    planned = [
        board.Slot(
            uuid.uuid4(), uuid.UUID(int=who), str(who), "x", leads, "A", begin, begin + timedelta(hours=hours)
        )
        for who, leads, begin, hours in drawn
    ]
    found = board.gaps(planned, lambda _moment: (1, 2), start, end)
    for hour in range(48):
        moment = start + timedelta(hours=hour, minutes=30)
        on = [one for one in planned if one.starts_at <= moment < one.ends_at]
        met = (
            any(one.is_leader for one in on) and len({one.person_id for one in on if not one.is_leader}) >= 2
        )
        assert met != any(gap.starts_at <= moment < gap.ends_at for gap in found)
