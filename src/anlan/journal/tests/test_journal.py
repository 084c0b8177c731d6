from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from anlan.duty.models import Alarm
from anlan.journal import clocks, deadlines, leases
from anlan.journal.models import Announcement, ChainHead, Entry, ExerciseRun, WorkFailure
from anlan.journal.refusals import NoSuchTransition, NotHome, StaleRow
from anlan.journal.sealer import seal, seal_everything
from anlan.journal.services import erase_payload, note
from anlan.journal.verify import verify
from anlan.kernel.actor import system
from anlan.kernel.clock import ManualClock
from anlan.places.models import Division

NOW = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)
CHEN = system("test")
pytestmark = pytest.mark.django_db


def a_county() -> Division:
    county = Division(code="999901000000", name="云岭县", level="county", path="999901000000")
    return county.record(by=CHEN, at=NOW)


def an_alarm(subject: str = "seat:1") -> Alarm:
    alarm = Alarm(state="ringing", kind="test", subject=subject, text_zh="响", text_en="rings", raised_at=NOW)
    return alarm.record(by=CHEN, at=NOW)


def test_a_new_row_and_its_entry_come_together() -> None:
    county = a_county()
    entry = Entry.objects.get(subject_id=county.pk)
    assert (entry.kind, entry.actor, entry.seq) == ("division.recorded", "system:test", None)
    assert json.loads(entry.payload)["set"]["name"] == "云岭县"


def test_a_row_whose_entry_cannot_be_written_is_not_written_either(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Entry.objects, "bulk_create", broken)
    with pytest.raises(OSError, match="disk full"), transaction.atomic():
        a_county()
    assert not Division.objects.exists()


def test_of_two_people_who_move_the_same_state_one_is_told_that_the_other_was_faster() -> None:
    alarm = an_alarm()
    same = Alarm.objects.get(pk=alarm.pk)
    alarm.advance("confirmed", by=CHEN, at=NOW, confirmed_at=NOW)
    with pytest.raises(StaleRow):
        same.advance("cleared", by=CHEN, at=NOW)
    assert Alarm.objects.get(pk=alarm.pk).state == "confirmed"
    assert Entry.objects.filter(kind="alarm.cleared").count() == 0


def test_a_state_moves_only_along_its_table() -> None:
    alarm = an_alarm().advance("confirmed", by=CHEN, at=NOW)
    with pytest.raises(NoSuchTransition):
        alarm.advance("ringing", by=CHEN, at=NOW)


def test_only_the_home_node_moves_a_state() -> None:
    alarm = Alarm(
        state="ringing", kind="x", subject="s", text_zh="", text_en="", raised_at=NOW, home_node="elsewhere"
    ).record(by=CHEN, at=NOW)
    with pytest.raises(NotHome):
        alarm.advance("confirmed", by=CHEN, at=NOW)


def test_the_sealer_numbers_without_gaps_and_chains() -> None:
    a_county()
    an_alarm().advance("confirmed", by=CHEN, at=NOW)
    assert seal(limit=2) == 2
    assert seal_everything() == 1
    assert list(Entry.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3]
    head = ChainHead.objects.get()
    assert (head.seq, head.hash) == (3, Entry.objects.get(seq=3).chain_hash)
    assert verify().ok


def test_two_sealers_never_give_one_number_twice() -> None:
    a_county()
    head, _ = ChainHead.objects.get_or_create(origin=Entry.objects.get().origin)
    ChainHead.objects.filter(pk=head.pk).update(seq=0, hash="")
    assert seal() == 1
    assert seal() == 0
    assert Entry.objects.filter(seq=1).count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("actor", "user:66"), ("payload", '{"set":{"name":"别处"}}'), ("chain_hash", "0" * 64), ("seq", 9)],
)
def test_a_changed_entry_is_found(field: str, value: object) -> None:
    a_county()
    an_alarm()
    seal_everything()
    Entry.objects.filter(seq=1).update(**{field: value})
    assert not verify().ok


def test_a_row_changed_behind_the_journals_back_is_found() -> None:
    county = a_county()
    Division.objects.filter(pk=county.pk).update(name="被改的县")
    assert any("name" in problem for problem in verify().problems)


def test_a_row_deleted_behind_the_journals_back_is_found() -> None:
    county = a_county()
    Division.objects.filter(pk=county.pk).delete()
    assert any("not in the database" in problem for problem in verify().problems)


def test_erased_personal_data_leaves_the_chain_whole() -> None:
    entry = note(kind="personal.look", subject=("person", "1"), payload={"name": "赵"}, by=CHEN, at=NOW)
    seal_everything()
    erase_payload([entry])
    report = verify()
    assert (report.ok, report.erased) == (True, 1)


def test_leased_work_is_held_by_one_worker_and_freed_when_that_worker_died() -> None:
    row = Announcement.objects.create(event="e", reaction="r", payload={}, due_at=NOW)
    first = leases.claim(Announcement.objects.all(), owner="worker-1", wall_now=NOW, limit=10)
    assert [held.pk for held in first] == [row.pk]
    assert not leases.claim(Announcement.objects.all(), owner="worker-2", wall_now=NOW, limit=10)
    assert leases.free_dead_owner("worker-1") == 1
    assert leases.claim(Announcement.objects.all(), owner="worker-2", wall_now=NOW, limit=10)


def test_a_lease_whose_worker_fell_silent_ends_by_itself() -> None:
    Announcement.objects.create(event="e", reaction="r", payload={}, due_at=NOW)
    leases.claim(Announcement.objects.all(), owner="worker-1", wall_now=NOW, limit=10)
    later = NOW + leases.LEASE + timedelta(seconds=1)
    assert leases.claim(Announcement.objects.all(), owner="worker-2", wall_now=later, limit=10)


def test_a_drill_has_its_own_time_and_a_stopped_one_stands_still() -> None:
    former = clocks.set_wall_clock(ManualClock(NOW))
    try:
        run = ExerciseRun.objects.create(
            scenario="storm", clock_start=NOW - timedelta(days=9), wall_start=NOW, speed=60
        )
        clocks._wall.advance(minutes=1)  # type: ignore[attr-defined]  # the manual clock set above
        assert clocks.now(run.pk) == NOW - timedelta(days=9) + timedelta(hours=1)
        assert clocks.now(None) == NOW + timedelta(minutes=1)
        ExerciseRun.objects.filter(pk=run.pk).update(ended_at=NOW)
        assert clocks.now(run.pk) == NOW
    finally:
        clocks.set_wall_clock(former)


def test_a_failing_deadline_is_shown_and_does_not_stop_the_others() -> None:
    met: list[str] = []

    def meet(alarm: Alarm, at: datetime) -> None:
        if alarm.subject == "bad":
            raise ValueError("broken")
        alarm.advance("cleared", by=CHEN, at=at, leader_call_at=None)
        met.append(alarm.subject)

    for subject in ("bad", "good"):
        alarm = an_alarm(subject)
        alarm.change(by=CHEN, at=NOW, kind="set", leader_call_at=NOW)
    item = deadlines.Deadline("test", Alarm, "leader_call_at", meet)
    for alarm in Alarm.objects.order_by("subject"):
        deadlines._meet(item, alarm, NOW)
    assert met == ["good"]
    assert WorkFailure.objects.get().error == "ValueError: broken"


class FoldingEqualsTheRows(HypothesisTestCase):
    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.sampled_from(["confirmed", "cleared", "leader_called", "text", "seal"]), max_size=12))
    def test_after_any_sequence_of_moves_the_journal_tells_the_present_state(self, moves: list[str]) -> None:
        alarm = an_alarm()
        for move in moves:
            if move == "seal":
                seal()
            elif move == "text":
                alarm.change(by=CHEN, at=NOW, kind="reworded", text_en=f"rings {alarm.version}")
            elif move in alarm.transitions[alarm.state]:
                alarm.advance(move, by=CHEN, at=NOW)
        seal_everything()
        assert verify().problems == []


def test_what_may_become_a_red_warning_is_looked_at_before_what_only_informs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[str] = []
    for reaction, priority in (("late", 5), ("orange", 2), ("red", 1)):
        Announcement.objects.create(event="e", reaction=reaction, payload={}, due_at=NOW, priority=priority)

    def react(row: Announcement, _at: datetime) -> int:
        seen.append(row.reaction)
        return 1

    monkeypatch.setattr(deadlines, "_react", react)
    assert deadlines.run_reactions(owner="worker-1") == 3
    assert seen == ["red", "orange", "late"]
