"""Commands to stations: who may want them, who releases them, and what the gateway's signals make of them."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from anlan.journal.models import Entry
from anlan.journal.refusals import NoSuchTransition
from anlan.kernel.actor import Actor, grants
from anlan.kernel.refusals import NotAllowed
from anlan.sensing import services
from anlan.sensing.catalogue import build, write_catalogue
from anlan.sensing.deadlines import on_command_over
from anlan.sensing.models import StationCommand
from anlan.sensing.refusals import (
    BadCommandArguments,
    BadCommandLife,
    NoSuchCommand,
    RetiredStation,
    SelfRelease,
)
from anlan.sensing.tests.world import T0, FakeHot, World
from anlan.vocab.posts import Right

#: Chen asks, Wang releases; each is a person with an account.
PERSONS = {"chen": uuid.UUID(int=1), "wang": uuid.UUID(int=2)}


def person(world: World, name: str, *, ref: str = "", right: str = Right.COMMAND_STATIONS) -> Actor:
    return Actor(ref or f"user:{name}", name, grants=grants([Right.SEE, right], world.county.path))


def ask(world: World, command: str = "query_realtime", **given: Any) -> StationCommand:
    return services.ask_command(world.rain, command, by=person(world, "chen"), at=T0, **given)


def commands_told() -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = json.loads(json.dumps(build()["commands"]))
    return told


def test_a_question_is_released_at_once_and_told_to_the_gateway(world: World) -> None:
    row = ask(world)
    assert row.state == "released"
    (told,) = commands_told()
    assert (told["id"], told["station"], told["command"]) == (str(row.pk), "00999A0001", "query_realtime")
    assert told["expires_at"] == (T0 + timedelta(hours=24)).isoformat()


def test_what_wipes_a_station_waits_for_a_second_person(world: World) -> None:
    row = ask(world, "factory_reset")
    assert (row.state, row.needs_release) == ("proposed", True)
    assert commands_told() == []
    services.release_command(row, by=person(world, "wang"), at=T0)
    (told,) = commands_told()
    assert (told["asked_by"], told["released_by"]) == ("user:chen", "user:wang")


@pytest.mark.parametrize("command", ["init_storage", "factory_reset"])
def test_whoever_asked_cannot_release_by_any_path(world: World, command: str) -> None:
    row = ask(world, command)
    with pytest.raises(SelfRelease):
        services.release_command(row, by=person(world, "chen"), at=T0)
    for to in ("sent", "answered"):
        with pytest.raises(NoSuchTransition):
            row.advance(to, by=person(world, "chen"), at=T0)
    for released_by in ("", "user:chen"):
        with pytest.raises(IntegrityError), transaction.atomic():
            StationCommand.objects.filter(pk=row.pk).update(state="released", released_by=released_by)
    row.refresh_from_db()
    assert row.state == "proposed"
    assert commands_told() == []


def test_a_second_account_of_the_same_person_is_the_same_person(world: World) -> None:
    row = ask(world, "factory_reset")
    row.asked_by_person_id = PERSONS["chen"]
    twin = Actor(
        "user:chen-2",
        person_id=PERSONS["chen"],
        grants=grants([Right.SEE, Right.COMMAND_STATIONS], world.county.path),
    )
    with pytest.raises(SelfRelease):
        services.release_command(row, by=twin, at=T0)


def test_without_the_right_nothing_is_asked_released_or_withdrawn(world: World) -> None:
    nobody = person(world, "li", right=Right.DRAFT)
    with pytest.raises(NotAllowed):
        services.ask_command(world.rain, "query_realtime", by=nobody, at=T0)
    row = ask(world, "factory_reset")
    for verb in (services.release_command, services.withdraw_command):
        with pytest.raises(NotAllowed):
            verb(row, by=nobody, at=T0)
    assert StationCommand.objects.get().state == "proposed"


@pytest.mark.parametrize(
    ("command", "given", "refusal"),
    [
        ("dance", {}, NoSuchCommand),
        ("query_realtime", {"arguments": {"what": "x"}}, BadCommandArguments),
        ("query_elements", {"arguments": {"elements": "rain"}}, BadCommandArguments),
        ("query_realtime", {"life": timedelta(days=8)}, BadCommandLife),
        ("query_realtime", {"life": timedelta(0)}, BadCommandLife),
    ],
)
def test_what_makes_no_command_is_refused_and_leaves_nothing(
    world: World, command: str, given: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        ask(world, command, **given)
    assert not StationCommand.objects.exists()


def test_a_station_that_was_taken_down_gets_no_command(world: World) -> None:
    services.retire_station(world.rain, by=person(world, "chen"), at=T0)
    with pytest.raises(RetiredStation):
        ask(world)


def take(hot: FakeHot) -> int:
    return services.take_signals(hot, at=T0)


def test_sent_and_answered_are_told_by_the_gateway(world: World, hot: FakeHot) -> None:
    row = ask(world)
    hot.add("command_sent", command=str(row.pk), station="00999A0001", attempt=1)
    take(hot)
    row.refresh_from_db()
    assert (row.state, row.attempts, row.sent_at) == ("sent", 1, T0)
    assert commands_told()[0]["attempts"] == 1
    fields = {"function": "37", "elements": [{"id": "39"}]}
    hot.add("command_answered", command=str(row.pk), station="00999A0001", fields=fields)
    hot.add("command_answered", command=str(row.pk), station="00999A0001", fields={})
    take(hot)
    row.refresh_from_db()
    assert (row.state, row.answer, row.answered_at, row.due_at) == ("answered", fields, T0, None)
    assert commands_told() == []
    assert [e.kind for e in Entry.objects.filter(subject_type="station_command").order_by("id")] == [
        "station_command.released",
        "station_command.sent",
        "station_command.answered",
    ]


def test_an_uncertain_question_is_sent_again_and_counted(world: World, hot: FakeHot) -> None:
    row = ask(world)
    for kind, attempt in (("command_sent", 1), ("command_uncertain", 1), ("command_sent", 2)):
        hot.add(kind, command=str(row.pk), attempt=attempt)
    take(hot)
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("sent", 2)
    hot.add("command_failed", command=str(row.pk), code="no_answer", reason="The station did not answer.")
    take(hot)
    row.refresh_from_db()
    assert (row.state, row.reason_code, row.reason) == ("failed", "no_answer", "The station did not answer.")


def test_signals_about_commands_that_nobody_knows_change_nothing(world: World, hot: FakeHot) -> None:
    hot.add("command_sent", command=str(uuid.uuid4()))
    hot.add("command_sent", command="no id")
    assert take(hot) == 2
    assert not StationCommand.objects.exists()


def test_a_command_whose_time_is_over_is_expired_or_failed(world: World, hot: FakeHot) -> None:
    waiting, sent = ask(world), ask(world)
    hot.add("command_sent", command=str(sent.pk))
    take(hot)
    for row in (waiting, sent):
        row.refresh_from_db()
        on_command_over(row, T0 + timedelta(days=1))
    assert (waiting.state, sent.state) == ("expired", "failed")
    assert sent.reason_code == "never_answered"
    assert commands_told() == []


def test_a_command_is_withdrawn_before_it_left(world: World) -> None:
    row = ask(world)
    services.withdraw_command(row, by=person(world, "wang"), at=T0)
    assert commands_told() == []


@pytest.mark.django_db(transaction=True)
def test_the_file_for_the_gateway_follows(data: Path, world: World) -> None:
    write_catalogue()
    row = ask(world)
    assert [one["id"] for one in json.loads((data / "catalogue.json").read_bytes())["commands"]] == [
        str(row.pk)
    ]
