"""Long lists are stored by columns and short ones row by row: nobody may ever see from the data which way it was."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from itertools import count
from typing import Any, cast
from unittest import mock

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Value
from django.db.models.functions import Upper
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from anlan.dissemination.models import Callout, CalloutSeat, CalloutState, Delivery, DeliveryState, SeatState
from anlan.journal import inserting, services
from anlan.journal.models import Announcement, Entry, Journaled
from anlan.journal.sealer import seal_everything
from anlan.journal.verify import verify
from anlan.kernel import canonical
from anlan.kernel.actor import system
from anlan.places.models import Division

NOW = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)
CHEN = system("test")
MANY = 40
pytestmark = pytest.mark.django_db

#: PostgreSQL keeps no NUL, and neither database a lone surrogate.
TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30)
MOMENTS = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))]),
)
LEAVES = st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(-1e9, 1e9) | TEXTS
BODIES = st.recursive(
    LEAVES, lambda one: st.lists(one, max_size=3) | st.dictionaries(TEXTS, one, max_size=3), max_leaves=6
)


class Colour(Enum):
    RED = "red"


#: What a payload may hold: keys that are no strings, and values that become text.
ODD = st.recursive(
    LEAVES | MOMENTS | st.uuids() | st.dates() | st.decimals(allow_nan=False) | st.just(Colour.RED),
    lambda one: (
        st.lists(one, max_size=4)
        | st.tuples(one, one)
        | st.dictionaries(st.integers(-20, 20), one, max_size=4)
        | st.dictionaries(TEXTS, one, max_size=4)
    ),
    max_leaves=12,
)


def as_it_was_written_before(value: object) -> bytes:
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False,
        default=canonical._plain,
    )  # fmt: skip
    return text.encode()


@settings(max_examples=300, deadline=None)
@given(ODD)
def test_a_payload_has_the_digest_that_it_always_had(value: object) -> None:
    payload = {"set": value}
    entry = services.make_entry(kind="k", subject=("t", "1"), payload=payload, by=CHEN, at=NOW)
    body = as_it_was_written_before(payload)
    assert entry.payload.encode() == body
    again = as_it_was_written_before(json.loads(body))
    assert entry.payload_digest == hashlib.sha256(again).hexdigest()
    assert canonical.settled(value) == json.loads(as_it_was_written_before(value))


def test_keys_that_are_no_strings_are_sorted_as_strings_in_the_digest() -> None:
    payload = {"set": {10: "ten", 9: "nine"}}
    entry = services.make_entry(kind="k", subject=("t", "1"), payload=payload, by=CHEN, at=NOW)
    assert entry.payload_digest == canonical.digest({"set": {"10": "ten", "9": "nine"}})


@contextmanager
def numbered_entries() -> Iterator[None]:
    """Entries get the same ids on both ways, so that their digests can be compared."""
    numbers = count(1)
    with mock.patch.object(services, "uuid7", side_effect=map(uuid.UUID, map("{:032x}".format, numbers))):
        yield


def raw(model: type[models.Model]) -> list[tuple[Any, ...]]:
    """Rows as the database has them, without Django's reading."""
    with connection.cursor() as cursor:
        key = model._meta.pk.column
        cursor.execute(f"SELECT * FROM {model._meta.db_table} ORDER BY {key}")
        return cast("list[tuple[Any, ...]]", cursor.fetchall())


def written(make: Callable[[], Sequence[Journaled]], *, few: int) -> tuple[list[Any], list[Any], list[Any]]:
    """What one way stores; taken back afterwards."""
    rows = make()
    with mock.patch.object(inserting, "FEW", few), numbered_entries(), transaction.atomic():
        before = set(Entry.objects.values_list("pk", flat=True))
        services.record_all(rows, by=CHEN, at=NOW, kind="queued", cause="callout:1")
        stored = raw(type(rows[0]))
        entries = [row for row in raw(Entry) if uuid.UUID(str(row[0])) not in before]
        shown = [(row._state.adding, row._state.db, row.version, row.home_node) for row in rows]
        for entry in Entry.objects.exclude(pk__in=before):
            assert entry.payload_digest == canonical.digest(json.loads(entry.payload))
            assert entry.digest == services.entry_digest(entry)
        transaction.set_rollback(True)
    return stored, entries, shown


def check_both_ways(make: Callable[[], Sequence[Journaled]]) -> None:
    with mock.patch.object(services, "_record_few", side_effect=AssertionError("the short way was used")):
        many = written(make, few=1)
    few = written(make, few=10_000)
    assert many == few
    assert len(many[1]) == len(make())


def a_county() -> Division:
    county = Division(code="999901000000", name="云岭县", level="county", path="999901000000")
    return county.record(by=CHEN, at=NOW)


def a_callout(county: Division, **more: Any) -> Callout:
    fields: dict[str, Any] = {
        "state": CalloutState.OPEN, "subject": "warning:1", "title": "t", "text": "转移", "issuer": "县",
        "division": county, "ladder": {"rungs": []}, "ladder_name": "l", "started_at": NOW,
    }  # fmt: skip
    return Callout(**(fields | more))


class BothWaysStoreTheSame(HypothesisTestCase):
    @settings(max_examples=25, deadline=None)
    @given(st.data())
    def test_of_messages(self, data: st.DataObject) -> None:
        county = a_county()
        callout = a_callout(county).record(by=CHEN, at=NOW)
        drawn = data.draw(
            st.lists(
                st.fixed_dictionaries(
                    {
                        "id": st.uuids(),
                        "text": TEXTS,
                        "callout": st.sampled_from([callout, None]),
                        "exercise_id": st.none() | st.uuids(),
                        "is_uncertain": st.booleans(),
                        "handed_wall": st.none() | st.floats(0, 1e9),
                        "due_at": st.none() | MOMENTS,
                        "rung": st.integers(-1, 9),
                        "state": st.sampled_from([DeliveryState.QUEUED, "sent"]),
                        "home_node": st.sampled_from(["", "elsewhere"]),
                    }
                ),
                min_size=1,
                max_size=12,
                unique_by=lambda one: one["id"],
            )
        )
        check_both_ways(
            lambda: [Delivery(channel="sms", address="100", send_key=str(one["id"]), **one) for one in drawn]
        )

    @settings(max_examples=25, deadline=None)
    @given(
        st.lists(
            st.tuples(st.uuids(), TEXTS, BODIES, BODIES), min_size=1, max_size=8, unique_by=lambda x: x[0]
        )
    )
    def test_of_rows_with_json(self, drawn: list[tuple[uuid.UUID, str, Any, Any]]) -> None:
        county = a_county()
        check_both_ways(
            lambda: [
                a_callout(county, id=key, title=title, ladder={"a": first}, audience={"b": second}, texts={})
                for key, title, first, second in drawn
            ]
        )

    @settings(max_examples=15, deadline=None)
    @given(
        st.lists(
            st.tuples(TEXTS, st.none() | st.floats(-180, 180), st.none() | st.dates()), min_size=1, max_size=8
        )
    )
    def test_of_places_whose_key_is_their_code(self, drawn: list[tuple[str, float | None, Any]]) -> None:
        county = a_county()
        check_both_ways(
            lambda: [
                Division(
                    code=f"9999011{number:05d}", name=name, level="village", parent=county, lon=lon,
                    path=f"{county.path}/9999011{number:05d}", valid_from=day, geometry='{"%s": "%"}',
                )
                for number, (name, lon, day) in enumerate(drawn)
            ]
        )  # fmt: skip


def messages(number: int = MANY, **more: Any) -> list[Delivery]:
    return [
        Delivery(
            **(
                {"state": "queued", "channel": "sms", "address": "100", "text": "走", "send_key": f"k{n}"}
                | more
            )
        )
        for n in range(number)
    ]


def test_a_long_list_takes_two_statements() -> None:
    with mock.patch.object(services, "_record_few", side_effect=AssertionError):
        services.record_all(messages(), by=CHEN, at=NOW)
    assert Delivery.objects.count() == Entry.objects.filter(kind="delivery.recorded").count() == MANY
    seal_everything()
    assert verify().problems == []


def test_entries_of_a_long_list_come_in_the_order_of_its_rows() -> None:
    rows = messages()
    services.record_all(rows, by=CHEN, at=NOW)
    entries = Entry.objects.filter(kind="delivery.recorded").order_by("id")
    assert list(entries.values_list("subject_id", flat=True)) == [str(row.pk) for row in rows]


def test_a_row_that_exists_already_refuses_the_whole_list() -> None:
    services.record_all(messages(1), by=CHEN, at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        services.record_all(messages(), by=CHEN, at=NOW)
    assert Delivery.objects.count() == Entry.objects.filter(kind="delivery.recorded").count() == 1


def test_a_missing_value_is_refused_by_the_database_as_ever() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        services.record_all(messages(address=None), by=CHEN, at=NOW)
    assert not Delivery.objects.exists()


def test_entries_that_cannot_be_written_take_the_rows_with_them() -> None:
    with (
        mock.patch.object(services, "_documents", side_effect=OSError("full")),
        pytest.raises(OSError, match="full"),
        transaction.atomic(),
    ):
        services.record_all(messages(), by=CHEN, at=NOW)
    assert not Delivery.objects.exists()


def test_what_only_the_ordinary_way_can_store_goes_the_ordinary_way() -> None:
    rows = messages()
    rows[3].text = cast("str", Upper(Value("abc")))
    with pytest.raises(inserting.Unusual):
        inserting.insert_columns(Delivery, inserting.columns_of(rows))
    inserting.insert(rows)
    assert Delivery.objects.get(send_key="k3").text == "ABC"


def test_a_related_row_that_changed_its_key_is_left_to_the_ordinary_way() -> None:
    callout = a_callout(a_county())
    rows = messages(callout=callout)
    callout.pk = uuid.uuid4()
    with pytest.raises(inserting.Unusual):
        inserting.columns_of(rows)


def test_rows_of_two_kinds_or_without_keys_or_of_unusual_models_are_left_to_the_ordinary_way() -> None:
    county = a_county()
    mixed = [*messages(), a_callout(county)]
    lost = messages()
    lost[0].pk = None
    for rows in (messages(3), mixed, lost):
        with pytest.raises(inserting.Unusual):
            inserting.columns_of(rows)
    from anlan.journal.models import WorkFailure

    with pytest.raises(inserting.Unusual):  # its key is given by the database
        inserting.columns_of([WorkFailure(name=str(n), error="") for n in range(MANY)])


def test_rows_without_a_journal_are_stored_alike() -> None:
    rows = [Announcement(event="e", reaction=f"r{n}", payload={"n": n}, due_at=NOW) for n in range(MANY)]
    inserting.insert(rows)
    found = {row.pk: row.payload for row in Announcement.objects.all()}
    assert found == {row.pk: row.payload for row in rows}
    assert not any(row._state.adding for row in rows)


def test_a_drill_stays_a_drill_in_every_entry() -> None:
    run = uuid.uuid4()
    county = a_county()
    callout = a_callout(county, exercise_id=run).record(by=CHEN, at=NOW)
    places = [
        Division(code=f"99990110{n:04d}", name="村", level="village", path=f"999901000000/99990110{n:04d}")
        for n in range(MANY)
    ]
    services.record_all(places, by=CHEN, at=NOW)
    seats = [
        CalloutSeat(
            state=SeatState.WAITING, callout=callout, division=one, waiting_since=NOW, exercise_id=run
        )
        for one in places
    ]
    services.record_all(seats, by=CHEN, at=NOW, kind="opened")
    entries = Entry.objects.filter(kind="callout_seat.opened", exercise_id=run)
    assert {entry.division_path for entry in entries} == {one.path for one in places}


def test_a_row_that_is_made_quickly_is_the_same_as_any_other() -> None:
    key, seat = uuid.uuid4(), uuid.uuid4()
    quick = inserting.unsaved(Delivery, id=key, seat_id=seat, text="走")
    usual = Delivery(id=key, seat_id=seat, text="走")
    assert {**quick.__dict__, "_state": None} == {**usual.__dict__, "_state": None}
    first, second = (inserting.unsaved(CalloutSeat, state="waiting") for _ in range(2))
    assert first.pk != second.pk
    assert first.skipped == []
    assert first.skipped is not second.skipped
    with pytest.raises(KeyError):
        inserting.unsaved(Delivery, seet_id=seat)
