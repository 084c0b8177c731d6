"""A small county that is asked: two townships, three villages, a department, and a call for two figures."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from anlan.accounts.services import create_account
from anlan.datacalls import services
from anlan.datacalls.models import DataCall, DataSeat
from anlan.datacalls.types import CallDetails, FigureDetails
from anlan.directory import services as directory
from anlan.directory.models import ContactKind
from anlan.journal.deadlines import run_deadlines
from anlan.places.models import Division
from anlan.places.services import load_divisions
from anlan.places.types import DivisionRow
from anlan.testing import PASSWORD, County
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import PostKind

WATER = "999901000000-B01"
TRAPPED = FigureDetails("被困人数", "integer", "人")
ROOMS = FigureDetails("倒塌房屋", "integer", "间")
BURNT = FigureDetails("过火面积", "decimal", "公顷")
ROAD = FigureDetails("道路", "choice", "", ("通", "断"))


def add_department(county: County) -> Division:
    """The water bureau, whose duty room Yu holds."""
    by, at = county.by, county.now
    load_divisions(
        [DivisionRow(WATER, "云岭县水利局", county.division.pk, DivisionLevel.DEPARTMENT)], by=by, at=at
    )
    place = Division.objects.get(pk=WATER)
    yu = directory.create_person("于海", division=place, by=by, at=at)
    directory.set_contact(yu, kind=ContactKind.MOBILE, value="10000000088", by=by, at=at)
    post = directory.ensure_post(PostKind.DEPARTMENT_DUTY, division=place, by=by, at=at)
    directory.appoint(post, yu, by=by, at=at)
    county.people["Yu"] = yu
    county.divisions["Water"] = place
    county.users["Yu"] = create_account(yu, username="yu", password=PASSWORD, must_change=False, by=by, at=at)
    return place


def add_leader(county: County) -> None:
    """Gao leads Willow River."""
    by, at, place = county.by, county.now, county.divisions["Willow River"]
    gao = directory.create_person("高山", division=place, by=by, at=at)
    directory.set_contact(gao, kind=ContactKind.MOBILE, value="10000000089", by=by, at=at)
    post = directory.ensure_post(PostKind.TOWNSHIP_LEADER, division=place, by=by, at=at)
    directory.appoint(post, gao, by=by, at=at)
    county.people["Gao"] = gao


def ask(county: County, *figures: FigureDetails | uuid.UUID, **fields: Any) -> DataCall:
    """The county asks both townships, in an hour unless told otherwise."""
    details = CallDetails(
        **{
            "title": "汛情收数",
            "division": county.division,
            "figures": figures or (TRAPPED, ROOMS),
            "targets": (county.divisions["Willow River"].code, county.divisions["Stone Bridge"].code),
            "due_at": county.now + timedelta(hours=1),
            **fields,
        }
    )
    return services.open_call(details, by=county.actor("Chen"), at=county.now)


def seat_of(call: DataCall, place: Division, round_number: int | None = None) -> DataSeat:
    return call.seats.select_related("call__division", "division").get(
        division=place, round=round_number or DataCall.objects.get(pk=call.pk).round
    )


def fill(county: County, seat: DataSeat, *values: object, who: str = "Li", **fields: Any) -> Any:
    """File values in the order of the form; None says nothing."""
    told = {
        uuid.UUID(figure): str(value)
        for figure, value in zip(seat.call.figures, values, strict=False)
        if value is not None
    }
    seat = DataSeat.objects.select_related("call__division", "division").get(pk=seat.pk)
    return services.file_values([seat], told, by=county.actor(who), at=county.now, **fields)


def tick(county: County, rounds: int = 3) -> None:
    """What the worker does when it looks."""
    for _ in range(rounds):
        run_deadlines(owner="test")
